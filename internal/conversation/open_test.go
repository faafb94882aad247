package conversation

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/storetest"
)

func TestOpenWalksTheWholeBacklogOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	var want []uuid.UUID
	lead := storetest.NewLead(t, f.db, f.world, nil)
	add := func(fields storetest.Fields) uuid.UUID {
		base := storetest.Fields{"campaign_id": f.world.Campaign, "agent_id": f.world.Agent, "lead_id": lead, "conversation_id": uuid.NewString(),
			"started_at": time.Now().Add(-time.Hour)}
		for k, v := range fields {
			base[k] = v
		}
		return storetest.Insert(t, f.db, "conversations", base)
	}
	now := time.Now()
	for i := range 23 {
		want = append(want, add(storetest.Fields{"status": "in_progress", "synced_at": now.Add(-time.Duration(23-i%5) * time.Minute)})) // with ties
	}
	for range 4 {
		want = append(want, add(storetest.Fields{"status": "initiated"})) // never asked about: first
	}
	want = append(want, add(storetest.Fields{"status": "completed", "synced_at": now.Add(-time.Minute)}))                        // its words are missing
	want = append(want, add(storetest.Fields{"status": "failed", "attempt_id": uuid.New(), "synced_at": now.Add(-time.Minute)})) // not settled
	add(storetest.Fields{"status": "completed", "transcript": "x"})
	add(storetest.Fields{"status": "failed"})
	add(storetest.Fields{"status": "in_progress", "conversation_id": nil})
	add(storetest.Fields{"status": "in_progress", "started_at": now.Add(-49 * time.Hour)})
	add(storetest.Fields{"status": "failed", "attempt_id": uuid.New(), "settled_at": now})

	var got []uuid.UUID
	after := f.syncer.Start()
	for {
		ids, next, err := f.syncer.Open(t.Context(), 48*time.Hour, after, 3)
		require.NoError(t, err)
		if len(ids) == 0 {
			break
		}
		require.LessOrEqual(t, len(ids), 3)
		if len(got) == 0 {
			require.Subset(t, want[23:27], ids, "never asked about comes first")
		}
		got, after = append(got, ids...), next
		// What was fanned out is synced while the walk goes on, and goes to its end.
		f.exec("update conversations set synced_at = clock_timestamp() where id = any ($1)", ids[:1])
	}
	require.ElementsMatch(t, want, got)

	ids, _, err := f.syncer.Open(t.Context(), 48*time.Hour, f.syncer.Start(), 1000)
	require.NoError(t, err)
	require.Len(t, ids, len(want), "the next walk sees them again")
}

func TestSyncsTogether(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	var list []call
	for i := range 120 {
		c := f.placed(5*time.Minute, nil)
		list = append(list, c)
		f.answer(c.provider, c.body([][]object{pledge, refusal, optOut, wrong}[i%4]...))
	}
	slices.Reverse(list)
	var wg sync.WaitGroup
	for _, c := range append(list, list...) { // each by two workers at once
		wg.Go(func() {
			if _, err := f.syncer.Sync(t.Context(), c.id); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	require.Equal(t, 120, f.count("select count(*) from conversations where status = 'completed' and settled_at is not null"))
	require.Equal(t, 30*(6+5+5+5), f.count("select count(*) from conversation_events"))
	require.Equal(t, 30*(18+13+13+13), f.count("select sum(total_talk_time) from campaign_leads"))
	require.Equal(t, 30, f.count("select count(*) from leads where dnc and do_not_call"))
	require.Len(t, f.followed().WriteBack, 120)
}

// Triggers of the web app's lock the campaign's row and the list's row on each write; two processes and two campaigns
// must not lock them in different orders.
func TestTwoProcessesOnAnAdoptedDatabase(t *testing.T) {
	t.Parallel()
	db := adopted(t)
	f := fixtureOn(t, db, storetest.Adopted)
	second := storetest.Adopted
	second.Campaign = storetest.NewCampaign(t, db, storetest.Adopted, nil)
	var list []call
	for i := range 60 {
		f.world = []storetest.World{storetest.Adopted, second}[i%2]
		c := f.placed(5*time.Minute, nil)
		list = append(list, c)
		f.answer(c.provider, c.body([][]object{pledge, refusal, optOut, wrong}[i%4]...))
	}
	other := New(f.syncer.Options)
	var wg sync.WaitGroup
	for i, c := range list {
		syncer := []*Syncer{f.syncer, other}[i/2%2]
		wg.Go(func() {
			if res, err := syncer.Sync(t.Context(), c.id); err != nil || res.State != StateDone {
				t.Errorf("%v %v", res, err)
			}
		})
	}
	wg.Wait()
	require.Equal(t, 60, f.count("select count(*) from conversations where attempt_id is not null and status = 'completed'"))
	require.Equal(t, 15, f.count("select count(*) from henk.suppressions where source = 'call'"))
	require.Equal(t, 15, f.count("select count(*) from henk.suppressions where source = 'wrong_number'"))
	require.Zero(t, f.count("select deadlocks from pg_stat_database where datname = current_database()"))
}
