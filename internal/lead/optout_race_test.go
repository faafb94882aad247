package lead_test

import (
	"context"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/call"
	"github.com/callhenk/henk-worker/internal/campaign"
	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/elevenlabssim"
	"github.com/callhenk/henk-worker/internal/lead"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/storetest"
)

// While a number's leads are being dialed one after the other, one of them opts out. Nothing that comes to the fence
// after the commit gets through, although its reservation was made in the same moment and was not withdrawn. How long
// after the commit the last dial began is measured.
func TestOptOutReachesTheFenceAtOnce(t *testing.T) {
	t.Parallel()
	const numbers, leadsEach = 12, 12
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, nil)
	_, err := db.Exec(t.Context(), `update businesses set settings = jsonb_set(settings, '{calling,max_per_number_24h}', '1000')`)
	require.NoError(t, err)
	sim := elevenlabssim.New(elevenlabssim.Options{APIKey: "key", Seed: 1, Speed: 1, Clock: time.Now, Agents: []elevenlabssim.Agent{{ID: "agent_1", Name: "A"}},
		PhoneNumbers: []elevenlabssim.PhoneNumber{{ID: "phnum_1", Number: "+13125550100", Label: "Line"}}})
	server := httptest.NewServer(sim)
	t.Cleanup(func() { server.Close(); _ = sim.Close() })
	client, err := elevenlabs.New(elevenlabs.Config{APIKey: "key", BaseURL: server.URL})
	require.NoError(t, err)
	dialer := call.New(call.Options{DB: db, Client: client, Log: storetest.Log(t), WorkerID: "henk-test", FinalStatuses: campaign.FinalStatuses,
		FollowUp: func(context.Context, pgx.Tx, call.FollowUp) error { return nil }})

	var wg sync.WaitGroup
	var mu sync.Mutex
	var placed, refused int
	var longest time.Duration
	for range numbers {
		number := storetest.Number()
		leads := make([]uuid.UUID, leadsEach)
		for i := range leads {
			leads[i] = storetest.NewLead(t, db, w, storetest.Fields{"phone": number})
		}
		optedOut := make(chan time.Time, 1)
		started := make(chan struct{})
		wg.Go(func() {
			<-started
			stop := lead.Stop{BusinessID: w.Business, LeadID: leads[leadsEach-1], Phone: number, Reason: "Asked.", At: time.Now()}
			if err := store.InTx(t.Context(), db, func(tx pgx.Tx) error { _, err := lead.OptOut(t.Context(), tx, stop); return err }); err != nil {
				t.Error(err)
			}
			optedOut <- time.Now()
		})
		wg.Go(func() {
			var at time.Time
			var began []time.Time
			for i, id := range leads {
				attempt := storetest.NewAttempt(t, db, w, id, nil)
				if i == 2 {
					close(started)
				}
				if i == leadsEach-3 && at.IsZero() {
					at = <-optedOut // some are dialed after it in any case
				}
				select {
				case at = <-optedOut:
				default:
				}
				out, err := dialer.Dial(t.Context(), attempt)
				var dialing *time.Time
				if err == nil {
					err = db.QueryRow(t.Context(), "select dialing_at from call_attempts where id = $1", attempt).Scan(&dialing)
				}
				if err != nil {
					t.Error(err)
					return
				}
				if !at.IsZero() && (dialing != nil || (out.Reason != "do_not_call" && out.Reason != "suppressed")) {
					t.Errorf("dialed after an opt-out that was committed before: %+v", out)
				}
				if dialing != nil {
					began = append(began, *dialing)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			placed, refused = placed+len(began), refused+leadsEach-len(began)
			for _, b := range began {
				longest = max(longest, b.Sub(at))
			}
		})
	}
	wg.Wait()
	require.Positive(t, placed, "some must come before")
	require.EqualValues(t, placed, sim.RingCount())
	require.GreaterOrEqual(t, refused, 3*numbers)
	require.Less(t, longest, time.Second)
	t.Logf("%d dialed before, %d refused after; the last dial began %v after the commit was known", placed, refused, longest)
}
