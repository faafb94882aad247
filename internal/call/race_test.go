package call_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/call"
)

// A campaign's own limit holds without one of the account's.
func TestManyWorkersRaceForACampaignsOneSlot(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	var ids []uuid.UUID
	for range 40 {
		ids = append(ids, b.attempt(nil, nil))
	}
	b.exec("insert into henk.campaign_state (campaign_id, max_concurrent) values ($1, 1)", b.w.Campaign)
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Add(1)
		go func() {
			defer wg.Done()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, _ = b.dialer().Dial(ctx, id) // a dialer each, as in a process each
		}()
	}
	wg.Wait()
	require.EqualValues(t, 1, b.sim.RingCount())
}

// Two jobs of one attempt in one process: the second leaves the attempt to the first, whatever happens to its own
// fence.
func TestSecondJobOfAnAttemptUnderWayWaits(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	id := b.attempt(nil, nil)
	fenced, goOn := make(chan struct{}), make(chan struct{})
	b.options.Kill = func(at string, _ uuid.UUID) {
		if at == "before_request" {
			close(fenced)
			<-goOn
		}
	}
	d := b.dialer()
	first := make(chan error)
	go func() {
		_, err := d.Dial(context.Background(), id)
		first <- err
	}()
	<-fenced
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	out, err := d.Dial(gone, id)
	require.NoError(t, err)
	require.Equal(t, "dialing", out.State)
	require.Positive(t, out.Again)
	require.Equal(t, "dialing", b.row(id).State)
	close(goOn)
	require.NoError(t, <-first)
	require.Equal(t, "placed", b.row(id).State)
	out, err = d.Dial(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, call.Outcome{State: "placed"}, out)
}

// The answers of requests that were under way together are one sign of overload, not many: the pause stays short.
func TestRefusalsOfOneMomentPauseOnce(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	b.faults("429=1")
	once, cancel := context.WithCancel(t.Context())
	cancel() // a dial that is told to wait gives up instead of trying again after the pause
	var wg sync.WaitGroup
	for range 8 {
		id, d := b.attempt(nil, nil), b.dialer()
		wg.Add(1)
		go func() {
			defer wg.Done()
			_, _ = d.Dial(once, id)
		}()
	}
	wg.Wait()
	var seconds float64
	require.NoError(t, b.db.QueryRow(t.Context(), "select extract(epoch from paused_until - clock_timestamp()) from henk.provider_state").Scan(&seconds))
	require.Less(t, seconds, 3.0)
}
