package jobs_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/storetest"
	"github.com/callhenk/henk-worker/jobs"
)

// until waits for a followed tick.
func (b *bundle) until(tick *jobs.Tick) *jobs.Progress {
	b.t.Helper()
	var p *jobs.Progress
	require.Eventually(b.t, func() bool {
		var err error
		p, err = tick.Progress(b.t.Context(), b.db)
		require.NoError(b.t, err)
		return p.Done
	}, 60*time.Second, 50*time.Millisecond)
	return p
}

func TestATickIsFollowedToTheLastOfItsCalls(t *testing.T) {
	t.Parallel()
	b := setup(t, nil, 5)
	b.config.NoTicks = true
	rt, _ := b.start()
	storetest.NewLead(t, b.db, b.w, f{"do_not_call": true})
	tick, err := jobs.InsertTick(t.Context(), b.db, rt.Client, jobs.CampaignOrchestratorArgs{}, true)
	require.NoError(t, err)
	require.False(t, tick.Duplicate)
	p := b.until(tick)
	require.EqualValues(t, 1, p.Counts["plans"])
	require.EqualValues(t, 5, p.Counts["reserved"])
	require.EqualValues(t, 5, p.Counts["placed"])
	require.EqualValues(t, 5, p.Jobs["dial-lead"]["completed"])
	var placed int
	require.NoError(t, b.db.QueryRow(t.Context(), "select count(*) from call_attempts where state = 'placed'").Scan(&placed))
	require.Equal(t, 5, placed, "done means done")

	conversations, err := jobs.InsertTick(t.Context(), b.db, rt.Client, jobs.ConversationOrchestratorArgs{}, true)
	require.NoError(t, err)
	p = b.until(conversations)
	require.EqualValues(t, 1, p.Jobs["conversation-orchestrator"]["completed"])
}

// A tick that waits is followed by all who ask; who asks while one runs gets the next.
func TestFollowingAPendingTick(t *testing.T) {
	t.Parallel()
	b := setup(t, nil, 2)
	client, err := jobs.NewInserter(b.db, storetest.Log(t))
	require.NoError(t, err)
	plain, err := jobs.InsertTick(t.Context(), b.db, client, jobs.CampaignOrchestratorArgs{}, false)
	require.NoError(t, err)
	first, err := jobs.InsertTick(t.Context(), b.db, client, jobs.CampaignOrchestratorArgs{}, true)
	require.NoError(t, err)
	second, err := jobs.InsertTick(t.Context(), b.db, client, jobs.CampaignOrchestratorArgs{}, true)
	require.NoError(t, err)
	require.True(t, first.Duplicate && second.Duplicate)
	require.Equal(t, []int64{plain.ID, plain.ID}, []int64{first.ID, second.ID})
	p, err := first.Progress(t.Context(), b.db)
	require.NoError(t, err)
	require.False(t, p.Done, "nobody works yet")

	// As if a worker had it in hand: it may have looked before what the caller did.
	b.exec("update river.river_job set state = 'running', attempted_at = now(), attempt = 1 where id = $1", plain.ID)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err = jobs.InsertTick(ctx, b.db, client, jobs.CampaignOrchestratorArgs{}, true)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	b.exec("update river.river_job set state = 'available' where id = $1", plain.ID)

	b.config.NoTicks = true
	b.start()
	for _, tick := range []*jobs.Tick{first, second} {
		p := b.until(tick)
		require.EqualValues(t, 2, p.Counts["placed"])
	}
}
