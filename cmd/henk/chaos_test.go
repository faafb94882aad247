package main

import (
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/elevenlabssim"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/storetest"
)

// What the provider does to callers while workers are killed, in turns: half the time it says how long to hold back.
var chaosFaults = []string{
	"429=5%,401=1%,503=2%,503_ring=4%,hang=5%,drop=6%,reset_before=2%,half_response=4%,success_false=3%,422=2%,get_503=6%,get_reset=4%,slow=250ms,hang_for=1s,index_lag=2s",
	"429=5%,429_busy=5%,retry_after=1,quota_exceeded=2%,drop=6%,hang_before=1%,500=2%,400=2%,get_401=3%,get_429=6%,slow=400ms:50%,hang_for=1s,index_lag=1s",
}

const (
	chaosConcurrent = 30
	chaosPerSecond  = 12
)

// chaos is a campaign, a provider that misbehaves, and three worker processes that are killed at random.
type chaos struct {
	t       *testing.T
	db      *store.DB
	sim     *elevenlabssim.Sim
	env     []string
	workers []*worker
	callCap int
	kills   int
	logs    []string
}

// Three worker processes are killed with SIGKILL at random, against a provider that injects every fault. In all: at most
// one ring an attempt, no limit exceeded, nothing lost, everything explained. HENK_CHAOS=60s makes it longer.
func TestChaos(t *testing.T) {
	t.Parallel()
	length := 20 * time.Second
	if text := os.Getenv("HENK_CHAOS"); text != "" {
		var err error
		length, err = time.ParseDuration(text)
		require.NoError(t, err, "HENK_CHAOS is a duration such as 60s")
	}
	leads := 8 * int(length.Seconds())
	callCap := leads - leads/10
	c := newChaos(t, leads, callCap)
	c.run(length)
	c.drain(3 * time.Minute)
	c.stop()
	c.check()
}

func newChaos(t *testing.T, leads, callCap int) *chaos {
	databaseURL := storetest.NewURL(t)
	c := &chaos{t: t, db: storetest.Open(t, databaseURL), callCap: callCap}
	w := storetest.NewWorld(t, c.db, storetest.Fields{"daily_call_cap": callCap})
	for range leads {
		storetest.NewLead(t, c.db, w, nil)
	}
	c.sim = elevenlabssim.New(elevenlabssim.Options{APIKey: "key", Seed: 1, Speed: 60, Clock: time.Now, Agents: []elevenlabssim.Agent{{ID: "agent_1", Name: "A"}},
		PhoneNumbers: []elevenlabssim.PhoneNumber{{ID: "phnum_1", Number: "+13125550100", Label: "Line"}}})
	server := httptest.NewServer(c.sim)
	t.Cleanup(func() { _ = c.sim.Close(); server.Close() })
	c.env = append(database(databaseURL), "ELEVENLABS_API_KEY=key", "ELEVENLABS_BASE_URL="+server.URL, "HENK_CAMPAIGN_INTERVAL=2s", "HENK_LOG_LEVEL=warn",
		"HENK_CONVERSATION_INTERVAL=2s", fmt.Sprintf("ELEVENLABS_CALLS_PER_SECOND=%d", chaosPerSecond), fmt.Sprintf("ELEVENLABS_MAX_CONCURRENT_CALLS=%d", chaosConcurrent))
	return c
}

func (c *chaos) run(length time.Duration) {
	for range 3 {
		c.workers = append(c.workers, startWorker(c.t, c.env))
	}
	end, round := time.Now().Add(length), 0
	for ; time.Now().Before(end); round++ {
		c.misbehave(round)
		time.Sleep(time.Second + rand.N(2*time.Second))
		i := rand.N(len(c.workers))
		c.logs = append(c.logs, c.workers[i].kill())
		c.kills++
		c.workers[i] = startWorker(c.t, c.env)
	}
	// What the dead had taken is handed on after half a minute: the provider has a go at that too.
	for ; time.Now().Before(end.Add(time.Minute)) && int(c.sim.RingCount()) < c.callCap*3/4; round++ {
		c.misbehave(round)
		time.Sleep(time.Second)
	}
	c.sim.SetFaults(elevenlabssim.Faults{})
}

func (c *chaos) misbehave(round int) {
	faults, err := elevenlabssim.ParseFaults(chaosFaults[round%len(chaosFaults)])
	require.NoError(c.t, err)
	c.sim.SetFaults(faults)
}

const (
	chaosOpen = `select (select count(*) from call_attempts where state in ('reserved', 'dialing'))
		+ (select count(*) from conversations where status in ('initiated', 'in_progress'))`
	chaosCounted = `select count(*) from call_attempts where state in ('reserved', 'dialing', 'placed', 'unknown')`
	// An unknown call is looked for again ten minutes and an hour after it; a job that waits for that explains it.
	chaosUnexplained = `select a.id || ' ' || a.state || ' ' || coalesce(a.reason, '') from call_attempts a where not case a.state
		when 'placed' then a.ended_at is not null and a.conversation_id is not null and a.call_log_id is not null
		when 'unknown' then a.reason is not null and exists (select from river.river_job j where j.kind = 'reconcile-attempt' and j.finalized_at is null
			and j.args ->> 'attempt_id' = a.id::text)
		else a.state in ('refused', 'released', 'expired', 'skipped') and a.reason is not null and a.ended_at is not null end`
)

// drain waits until everybody who may be called was, and all that was begun has ended.
func (c *chaos) drain(within time.Duration) {
	began := time.Now()
	for c.count(chaosCounted) < c.callCap || c.count(chaosOpen) > 0 || len(c.list(chaosUnexplained)) > 0 || !c.booked() {
		if time.Since(began) > within {
			c.t.Fatalf("not drained within %v: %d rings, attempts %v, jobs %v, provider %v, campaign %v, unexplained %v\n%s", within, c.sim.RingCount(),
				c.list("select concat_ws(' ', state, reason, count(*)) from call_attempts group by state, reason"),
				c.list("select concat_ws(' ', kind, state, count(*)) from river.river_job where finalized_at is null group by kind, state"),
				c.list("select to_jsonb(p) from henk.provider_state p"), c.list("select to_jsonb(s) from henk.campaign_state s"),
				c.list(chaosUnexplained), strings.Join(c.logs, "\n"))
		}
		time.Sleep(250 * time.Millisecond)
	}
	c.t.Logf("%d kills; drained in %v; attempts %v; faults %v", c.kills, time.Since(began).Round(time.Second),
		c.list("select concat_ws(' ', state, reason, count(*)) from call_attempts group by state, reason"), c.sim.Stats().Faults)
}

// booked reports whether every ring is on the books. One whose answer was lost gets there when the provider lists it.
func (c *chaos) booked() bool {
	return c.count("select count(*) from conversations where attempt_id is not null and ended_at is not null") >= int(c.sim.RingCount())
}

func (c *chaos) stop() {
	for _, w := range c.workers {
		w.interrupt(c.t)
		c.logs = append(c.logs, w.stderr.String())
	}
	for _, log := range c.logs {
		require.NotContains(c.t, log, "DATA RACE")
		require.NotContains(c.t, log, "panic")
	}
}

// check compares what the provider saw with what the books say.
func (c *chaos) check() {
	t, rings := c.t, c.sim.Rings()
	states, books := map[string]string{}, map[string]bool{}
	for _, s := range c.list("select id || ' ' || state from call_attempts") {
		id, state, _ := strings.Cut(s, " ")
		states[id] = state
	}
	for _, id := range c.list("select conversation_id from conversations where ended_at is not null and attempt_id is not null") {
		books[id] = true
	}
	attempts, numbers := map[string]int{}, map[string]int{}
	for _, r := range rings {
		attempts[r.AttemptID]++
		numbers[r.To]++
		require.Equal(t, 1, attempts[r.AttemptID], "an attempt rang twice")
		require.Equal(t, 1, numbers[r.To], "somebody was called twice")
		require.True(t, books[r.ConversationID], "a ring is not on the books: %+v", r)
		require.Equal(t, "placed", states[r.AttemptID], "an attempt that rang")
	}
	require.Len(t, books, len(rings), "a conversation that nobody had")
	require.Empty(t, c.list(chaosUnexplained))

	stats := c.sim.Stats()
	require.LessOrEqual(t, len(rings), c.callCap)
	require.LessOrEqual(t, c.count(chaosCounted), c.callCap)
	require.LessOrEqual(t, stats.PeakConcurrent, chaosConcurrent)
	require.LessOrEqual(t, c.count(`select coalesce(max(n), 0) from (select count(*) over (order by dialing_at range between interval '999 milliseconds' preceding and current row) as n
		from call_attempts where dialing_at is not null) s`), chaosPerSecond)
	require.Positive(t, c.kills)
	require.Greater(t, len(rings), c.callCap*3/4, "the campaign has hardly run")

	// No lead is lost: each was called, or may have been, or is held by the cap and by nothing else.
	require.Equal(t, c.callCap, c.count(`select count(*) from campaign_leads cl where exists (
		select from call_attempts a where a.campaign_id = cl.campaign_id and a.lead_id = cl.lead_id and a.state in ('placed', 'unknown'))`))
	require.Empty(t, c.list(`select cl.lead_id || ' ' || coalesce(cl.attempts::text, 'null') from campaign_leads cl where cl.attempts is distinct from (
		select count(*) from call_attempts a where a.campaign_id = cl.campaign_id and a.lead_id = cl.lead_id and (a.state = 'placed' or a.fault = 'lead'))`))
}

func (c *chaos) count(sql string) int {
	c.t.Helper()
	var n int
	require.NoError(c.t, c.db.QueryRow(c.t.Context(), sql).Scan(&n))
	return n
}

func (c *chaos) list(sql string) []string {
	c.t.Helper()
	var list []string
	require.NoError(c.t, c.db.QueryRow(c.t.Context(), "select coalesce(array_agg(x::text), '{}') from ("+sql+") s (x)").Scan(&list))
	return list
}
