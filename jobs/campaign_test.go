package jobs_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/campaign"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/storetest"
)

// A campaign runs to its end on one tick: what a call frees is refilled, in the order of the leads' worth, up to the cap.
func TestCampaignRunsToItsEnd(t *testing.T) {
	t.Parallel()
	b := setup(t, f{"daily_call_cap": 20}, 0)
	for i := range 30 {
		storetest.NewLead(t, b.db, b.w, f{"quality_rating": []string{"cold", "hot", "unrated"}[i%3], "lead_score": i})
	}
	b.config.MaxConcurrent, b.config.CampaignInterval = 5, time.Hour
	b.start()
	b.called(20, 40*time.Second)
	b.sound()
	require.LessOrEqual(t, b.sim.Stats().PeakConcurrent, 5)

	order := b.strings(`select l.quality_rating || ' ' || lpad(l.lead_score::text, 2, '0') from river.river_job j
		join call_attempts a on a.id = (j.args ->> 'attempt_id')::uuid join leads l on l.id = a.lead_id where j.kind = 'dial-lead' order by j.id`)
	var want []string
	for i := 28; i >= 0; i -= 3 {
		want = append(want, fmt.Sprintf("hot %02d", i))
	}
	for i := 27; i >= 0; i -= 3 {
		want = append(want, fmt.Sprintf("cold %02d", i))
	}
	require.Equal(t, want, order)

	held, err := campaign.HeldBack(t.Context(), b.db, b.w.Campaign, time.Now())
	require.NoError(t, err)
	require.EqualValues(t, 10, held[campaign.RuleDailyCap], "%v", held)
	require.Equal(t, 20, b.count("select count(*) from conversations where ended_at is not null"))
	require.Positive(t, b.count("select count(*) from conversation_events"))
	require.Equal(t, 20, b.count("select count(*) from conversations v join call_logs g on g.conversation_id = v.id"))
}

// Several processes share the work and keep to one account's limits together.
func TestWorkersShareTheWorkAndTheLimits(t *testing.T) {
	t.Parallel()
	for _, processes := range []int{2, 3} {
		t.Run(fmt.Sprint(processes), func(t *testing.T) {
			t.Parallel()
			const perSecond, concurrent, callCap = 8, 12, 30
			b := setup(t, f{"daily_call_cap": callCap}, callCap+10)
			b.config.MaxConcurrent, b.config.CallsPerSecond = concurrent, perSecond
			b.config.DialWorkers = 3 // or the first to look takes all
			for range processes {
				b.start()
			}
			b.called(callCap, time.Minute)
			b.sound()
			stats := b.sim.Stats()
			require.LessOrEqual(t, stats.PeakConcurrent, concurrent)
			require.LessOrEqual(t, mostFencedInASecond(b), perSecond)
			require.LessOrEqual(t, stats.PeakPerSecond, perSecond+1, "a request may take longer on its way than the next")
			require.Len(t, b.strings("select distinct worker_id from call_attempts where state = 'placed'"), processes)
		})
	}
}

// mostFencedInASecond is by the database's clock, undisturbed by how long requests take.
func mostFencedInASecond(b *bundle) int {
	return b.count(`select coalesce(max(n), 0) from (
		select count(*) over (order by dialing_at range between interval '999 milliseconds' preceding and current row) as n
		from call_attempts where dialing_at is not null) s`)
}

// What the owner of a campaign does while it runs takes effect at the commit: nothing that had not passed the fence by
// then is dialed.
func TestCampaignIsEditedWhileItRuns(t *testing.T) {
	t.Parallel()
	chicago, err := time.LoadLocation("America/Chicago")
	require.NoError(t, err)
	closed := "00:00"
	if time.Now().In(chicago).Hour() < 12 {
		closed = "18:00"
	}
	for name, edit := range map[string]struct{ sql, held string }{
		"paused":          {"update campaigns set status = 'paused'", campaign.RuleCampaignActive},
		"window narrowed": {"update campaigns set call_window_start = '" + closed + "', call_window_end = '" + closed + "'::time + interval '1 hour'", campaign.RuleCallWindow},
		"cap lowered":     {"update campaigns set daily_call_cap = 3", campaign.RuleDailyCap},
		"agent paused":    {"update agents set status = 'agent_paused'", campaign.RuleAgentReady},
		"business closed": {"update businesses set status = 'suspended'", campaign.RuleCampaignActive},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, nil, 40)
			b.config.MaxConcurrent = 6
			b.start()
			b.eventually(20*time.Second, "calls are under way", func() bool { return b.sim.RingCount() >= 6 })
			b.exec(edit.sql)
			committed := time.Now()
			b.eventually(30*time.Second, "all calls are over", func() bool { return b.count("select "+unsettled) == 0 })
			time.Sleep(1500 * time.Millisecond) // a tick more
			b.sound()
			require.Less(t, b.sim.RingCount(), int64(40))
			require.Zero(t, b.count("select count(*) from call_attempts where dialing_at > $1", committed), "passed the fence after the commit")
			last := slices.MaxFunc(b.sim.Rings(), func(x, y ring) int { return x.At.Compare(y.At) })
			require.WithinRange(t, last.At, committed.Add(-time.Minute), committed.Add(time.Second))
			held, err := campaign.HeldBack(t.Context(), b.db, b.w.Campaign, time.Now())
			require.NoError(t, err)
			require.Positive(t, held[edit.held], "%v", held)
		})
	}
}

func TestCampaignIsPausedAndGoesOn(t *testing.T) {
	t.Parallel()
	b := setup(t, nil, 15)
	b.config.MaxConcurrent = 4
	b.start()
	b.eventually(20*time.Second, "calls are under way", func() bool { return b.sim.RingCount() >= 4 })
	b.exec("update campaigns set status = 'paused'")
	b.eventually(20*time.Second, "all calls are over", func() bool { return b.count("select "+unsettled) == 0 })
	b.exec("update campaigns set status = 'active'")
	b.called(15, 40*time.Second)
	b.sound()
}

func TestCampaignIsDeletedWhileItRuns(t *testing.T) {
	t.Parallel()
	b := setup(t, nil, 30)
	b.config.MaxConcurrent = 6
	b.start()
	b.eventually(20*time.Second, "calls are under way", func() bool { return b.sim.RingCount() >= 6 })
	// It meets transactions that hold rows of the campaign and need the campaign: one of the two loses and starts over.
	require.NoError(t, store.InTx(t.Context(), b.db, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), "delete from campaigns")
		return err
	}))
	deleted := time.Now()
	b.eventually(30*time.Second, "no job is left", func() bool {
		return b.count(`select count(*) from river.river_job where finalized_at is null and kind not like '%-orchestrator'`) == 0
	})
	for _, r := range b.sim.Rings() {
		require.True(t, r.At.Before(deleted.Add(time.Second)), "a phone rang for a campaign that is gone")
	}
	for id, n := range b.sim.RingsPerAttempt() {
		require.Equal(t, 1, n, id)
	}
	require.Zero(t, b.count("select count(*) from river.river_job where state in ('discarded', 'cancelled')"))
}
