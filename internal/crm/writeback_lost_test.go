package crm

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/salesforcesim"
)

// The request was done, and its answer or this process was lost: one Task.
func TestOneTaskWhateverIsLost(t *testing.T) {
	t.Parallel()
	for _, spec := range []string{"drop=first:1", "reset=first:1", "500=first:1", "503=first:1", "503_html=first:2", "half=first:1", "429=first:2", "401=first:1", "drop=40%,reset=20%,500=10%"} {
		t.Run(spec, func(t *testing.T) {
			t.Parallel()
			f := newWriteWorld(t, nil, nil)
			var calls []uuid.UUID
			for i := range 30 {
				calls = append(calls, f.call(f.lead(f.contact(i), nil), "interested", nil))
			}
			f.add(calls...)
			f.faults(spec)
			f.run()
			f.run()
			f.faults("")
			for range 3 {
				f.run()
			}
			for _, call := range calls {
				f.task(call)
				require.Equal(t, "done", f.state(call, "task"))
			}
		})
	}
}

// SIGKILL between the request and our commit: the row stays in sending, with nobody there to settle it.
func TestACrashBetweenTheRequestAndOurCommit(t *testing.T) {
	t.Parallel()
	f := newWriteWorld(t, nil, nil)
	f.writer.Lease = 300 * time.Millisecond
	var calls []uuid.UUID
	for i := range 12 {
		calls = append(calls, f.call(f.lead(f.contact(i), nil), "interested", nil))
	}
	f.add(calls...)
	conn, err := Open(t.Context(), f.db, f.integration, f.writer.Config)
	require.NoError(t, err)
	defer conn.Close()
	settings, err := readWriteBack(conn.Settings.WriteBack)
	require.NoError(t, err)
	s := &session{WriteBack: f.writer, conn: conn, settings: settings}
	rows, err := s.claim(t.Context(), actionTask)
	require.NoError(t, err)
	require.Len(t, rows, 12)
	verdicts := s.send(t.Context(), actionTask, rows[:7]) // five requests never left
	require.Len(t, verdicts, 7)
	require.Equal(t, 12, f.count("select count(*) from henk.write_backs where state = 'sending'"))

	res, err := f.writer.Run(t.Context(), WriteBackScope{ConversationID: calls[0]})
	require.NoError(t, err)
	require.Zero(t, res.Done, "the one who has claimed it may be alive")
	require.Positive(t, res.Again)
	time.Sleep(350 * time.Millisecond)
	queries := f.sim.Stats().Requests["queryall"]
	f.run()
	require.Equal(t, queries+1, f.sim.Stats().Requests["queryall"], "looked up before anything is sent again")
	for _, call := range calls {
		f.task(call)
		require.Equal(t, "done", f.state(call, "task"))
	}
}

func TestTwoWorkersWriteEachCallOnce(t *testing.T) {
	t.Parallel()
	f := newWriteWorld(t, nil, nil)
	var calls []uuid.UUID
	require.NoError(t, f.sim.Each("Contact", func(r salesforcesim.Record) bool {
		if !r.Deleted {
			calls = append(calls, f.call(f.lead(r.ID, nil), "interested", nil))
		}
		return len(calls) < 450
	}))
	f.add(calls...)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			_, err := f.newWriter().Run(context.WithoutCancel(t.Context()), WriteBackScope{IntegrationID: f.integration})
			require.NoError(t, err)
		})
	}
	wg.Wait()
	require.Equal(t, 450, f.count("select count(*) from henk.write_backs where action = 'task' and state = 'done'"))
	require.Len(t, f.sim.Stats().Tasks, 450)
	require.Zero(t, f.sim.Stats().Duplicates)
	require.LessOrEqual(t, f.sim.Stats().Requests["collection_post"], int64(7), "in collections of up to 200")
}
