package jobs_test

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/elevenlabssim"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/storetest"
	"github.com/callhenk/henk-worker/jobs"
)

type (
	f    = storetest.Fields
	ring = elevenlabssim.Ring
)

// bundle is a world, a simulated provider and as many worker processes as a test starts.
type bundle struct {
	t      *testing.T
	db     *store.DB
	w      storetest.World
	sim    *elevenlabssim.Sim
	server *httptest.Server
	config jobs.Config // what the next runtime gets
}

// setup makes a world with leads; a call is over within a second or two.
func setup(t *testing.T, campaign f, leads int) *bundle {
	t.Helper()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, campaign)
	for range leads {
		storetest.NewLead(t, db, w, nil)
	}
	return around(t, db, w)
}

// around puts a simulated provider beside a database.
func around(t *testing.T, db *store.DB, w storetest.World) *bundle {
	t.Helper()
	b := &bundle{t: t, db: db, w: w}
	b.sim = elevenlabssim.New(elevenlabssim.Options{APIKey: "key", Seed: 1, Speed: 100, Clock: time.Now,
		Agents:       []elevenlabssim.Agent{{ID: "agent_1", Name: "Agent"}},
		PhoneNumbers: []elevenlabssim.PhoneNumber{{ID: "phnum_1", Number: "+13125550100", Label: "Line"}}})
	b.server = httptest.NewServer(b.sim)
	t.Cleanup(func() { _ = b.sim.Close(); b.server.Close() })
	b.config = jobs.Config{
		DB: db, Log: storetest.Log(t), Version: "test", ElevenLabs: b.client(2 * time.Second),
		Lookback: 48 * time.Hour, SyncBatch: 50, EventsMax: 50, PollBase: 200 * time.Millisecond, PollJobs: 100 * time.Millisecond,
		CampaignInterval: time.Second, ConversationInterval: time.Second, SoftStop: 10 * time.Second,
	}
	return b
}

func (b *bundle) client(timeout time.Duration) *elevenlabs.Client {
	b.t.Helper()
	client, err := elevenlabs.New(elevenlabs.Config{APIKey: "key", BaseURL: b.server.URL, Timeout: timeout, RetryDelays: []time.Duration{20 * time.Millisecond}})
	require.NoError(b.t, err)
	return client
}

// start runs a worker process until the test ends or stop is called.
func (b *bundle) start() (rt *jobs.Runtime, stop func()) {
	b.t.Helper()
	rt, err := jobs.New(b.config)
	require.NoError(b.t, err)
	require.NoError(b.t, rt.Start(b.t.Context()))
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		require.NoError(b.t, rt.Stop(ctx))
	}
	b.t.Cleanup(stop)
	return rt, stop
}

func (b *bundle) exec(sql string, args ...any) {
	b.t.Helper()
	_, err := b.db.Exec(b.t.Context(), sql, args...)
	require.NoError(b.t, err)
}

func (b *bundle) count(sql string, args ...any) int {
	b.t.Helper()
	var n int
	b.query(&n, sql, args...)
	return n
}

func (b *bundle) strings(sql string, args ...any) []string {
	b.t.Helper()
	var list []string
	b.query(&list, "select coalesce(array_agg(x::text), '{}') from ("+sql+") s (x)", args...)
	return list
}

// query reads one value; it waits for a database that is away.
func (b *bundle) query(to any, sql string, args ...any) {
	b.t.Helper()
	var err error
	for range 100 {
		if err = b.db.QueryRow(b.t.Context(), sql, args...).Scan(to); !store.Unavailable(err) {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	require.NoError(b.t, err, sql)
}

func (b *bundle) faults(spec string) {
	b.t.Helper()
	faults, err := elevenlabssim.ParseFaults(spec)
	require.NoError(b.t, err)
	b.sim.SetFaults(faults)
}

// eventually waits for what is true after a while; it shows the state of the attempts when it is not.
func (b *bundle) eventually(within time.Duration, what string, cond func() bool) {
	b.t.Helper()
	deadline := time.Now().Add(within)
	for !cond() {
		if time.Now().After(deadline) {
			b.t.Fatalf("not within %v: %s\nrings %d\nattempts %v\ncandidates %v\njobs %v\nprovider %v", within, what, b.sim.RingCount(),
				b.strings("select concat_ws(' ', state, reason, error_message, count(*)) from call_attempts group by state, reason, error_message"),
				b.strings("select concat_ws(' ', state, hold, count(*)) from henk.candidates group by state, hold"),
				b.strings("select concat_ws(' ', kind, state, errors[array_upper(errors, 1)] ->> 'error', count(*)) from river.river_job group by kind, state, errors[array_upper(errors, 1)] ->> 'error'"),
				b.strings("select to_jsonb(p) from henk.provider_state p"))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

const unsettled = `
	(select count(*) from call_attempts where in_progress and state in ('reserved', 'dialing'))
	+ (select count(*) from conversations where status in ('initiated', 'in_progress') and attempt_id is not null)`

// called waits until n phones have rung and nothing is under way any more.
func (b *bundle) called(n int, within time.Duration) {
	b.t.Helper()
	b.eventually(within, "all calls are over", func() bool {
		return int(b.sim.RingCount()) >= n && b.count("select "+unsettled) == 0
	})
	require.EqualValues(b.t, n, b.sim.RingCount())
}

// sound checks what must hold at every end: one ring an attempt and a number, every ring on the books, every attempt
// explained.
func (b *bundle) sound() {
	b.t.Helper()
	books := map[string]bool{}
	for _, id := range b.strings("select conversation_id from conversations where status not in ('initiated', 'in_progress')") {
		books[id] = true
	}
	attempts, numbers := map[string]int{}, map[string]int{}
	for _, r := range b.sim.Rings() {
		attempts[r.AttemptID]++
		numbers[r.To]++
		require.Equal(b.t, 1, attempts[r.AttemptID], "an attempt rang twice")
		require.Equal(b.t, 1, numbers[r.To], "a number was called twice")
		require.True(b.t, books[r.ConversationID], "a call is not on the books: %+v", r)
	}
	require.Zero(b.t, b.count("select "+unsettled))
	require.Empty(b.t, b.strings(`select concat_ws(' ', a.id, a.state, a.reason) from call_attempts a where a.state is not null and not case a.state
		when 'placed' then a.ended_at is not null and a.conversation_id is not null and a.call_log_id is not null
		when 'unknown' then a.ended_at is not null or exists (select from river.river_job j where j.kind = 'reconcile-attempt'
			and j.args ->> 'attempt_id' = a.id::text and j.state in ('available', 'scheduled', 'retryable', 'running'))
		else a.ended_at is not null and a.reason is not null end`), "attempts that nobody explains")
	require.Empty(b.t, b.strings(`select concat_ws(' ', cl.lead_id, cl.status, cl.attempts) from campaign_leads cl
		where cl.attempts is distinct from (select count(*) from call_attempts a
			where a.campaign_id = cl.campaign_id and a.lead_id = cl.lead_id and (a.state = 'placed' or a.fault = 'lead'))`), "attempts are counted wrongly")
}

// inState counts attempts.
func (b *bundle) inState(state string) int {
	b.t.Helper()
	return b.count("select count(*) from call_attempts where state = $1", state)
}

// reserved is an attempt of a new lead and its dial job, as a plan leaves them.
func (b *bundle) reserved(fields f) (attempt uuid.UUID) {
	b.t.Helper()
	attempt = storetest.NewAttempt(b.t, b.db, b.w, storetest.NewLead(b.t, b.db, b.w, nil), fields)
	b.insertDial(attempt)
	return attempt
}

func (b *bundle) insertDial(attempt uuid.UUID) {
	b.t.Helper()
	client, err := jobs.NewInserter(b.db, storetest.Log(b.t))
	require.NoError(b.t, err)
	_, err = client.Insert(b.t.Context(), jobs.DialLeadArgs{AttemptID: attempt}, nil)
	require.NoError(b.t, err)
}

func (b *bundle) state(attempt uuid.UUID) string {
	b.t.Helper()
	var state string
	require.NoError(b.t, b.db.QueryRow(b.t.Context(), "select concat_ws(' ', state, reason) from call_attempts where id = $1", attempt).Scan(&state))
	return state
}
