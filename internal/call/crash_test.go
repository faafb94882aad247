package call_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/call"
)

// A worker dies at each step of the protocol, under each answer of the provider; another worker takes over. The phone
// rings once at most, and the attempt ends explained.
func TestAWorkerDiesAtEachStep(t *testing.T) {
	t.Parallel()
	steps := []string{"before_fence", "after_fence", "before_request", "after_request", "before_record", "after_record"}
	answers := []string{"", "drop=1", "503=1", "429=1", "success_false=1", "401=1"}
	for _, step := range steps {
		for _, answer := range answers {
			t.Run(step+" "+answer, func(t *testing.T) {
				t.Parallel()
				b := setup(t, nil)
				b.faults(answer)
				id := b.attempt(nil, nil)
				dieAt(t, b, step, id)
				takeOver(t, b, id)
				require.LessOrEqual(t, b.sim.RingCount(), int64(1))
				end := b.row(id)
				require.True(t, end.Ended, "%+v", end)
				require.Contains(t, []string{"placed", "refused", "released", "unknown"}, end.State)
				if b.sim.RingCount() == 1 {
					require.Equal(t, "placed", end.State, "a call that rang is on the books")
				}
				if step == "before_fence" && answer == "" {
					require.EqualValues(t, 1, b.sim.RingCount(), "nothing was lost")
				}
			})
		}
	}
}

// dieAt runs the job until the step and then never lets it go on, as a killed process would not.
func dieAt(t *testing.T, b *bundle, step string, id uuid.UUID) {
	t.Helper()
	options := b.options
	options.WorkerID = "henk-dies"
	options.Kill = func(at string, _ uuid.UUID) {
		if at == step {
			runtime.Goexit()
		}
	}
	d := call.New(options)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = d.Dial(t.Context(), id)
	}()
	<-done
}

// takeOver is what the sweeper and the jobs of a second worker do, with the waits cut short.
func takeOver(t *testing.T, b *bundle, id uuid.UUID) {
	t.Helper()
	b.faults("")
	b.exec("update henk.provider_state set breaker = 'closed', paused_until = null")
	d := b.dialer()
	work := func(run func() (call.Outcome, error)) {
		for range 20 {
			out, err := run()
			require.NoError(t, err)
			if out.Again == 0 {
				return
			}
			// Time passes: a dial under way counts as lost after a minute, an unlisted call after an hour.
			b.exec("update call_attempts set dialing_at = dialing_at - interval '2 minutes' where state = 'dialing'")
			if b.sim.RingCount() == 0 {
				b.exec("update call_attempts set dialing_at = dialing_at - interval '40 minutes' where state = 'unknown'")
			}
		}
		t.Fatal("the job never ends")
	}
	work(func() (call.Outcome, error) { return d.Dial(t.Context(), id) })
	work(func() (call.Outcome, error) { return d.Reconcile(t.Context(), id) })
}

// A process that was stopped between fence and request (a frozen machine) does not call when it wakes up too late.
func TestALateWorkerAndItsSuccessorRingOnce(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	id := b.attempt(nil, nil)
	resume, frozen := make(chan struct{}), make(chan struct{})
	options := b.options
	options.Kill = func(at string, _ uuid.UUID) {
		if at == "before_request" {
			close(frozen)
			<-resume
		}
	}
	done := make(chan error)
	go func() {
		_, err := call.New(options).Dial(t.Context(), id)
		done <- err
	}()
	<-frozen
	takeOver(t, b, id)
	require.Equal(t, "unknown", b.row(id).State)
	close(resume)
	select {
	case err := <-done:
		require.NoError(t, err)
	case <-time.After(10 * time.Second):
		t.Fatal("the late worker hangs")
	}
	require.LessOrEqual(t, b.sim.RingCount(), int64(1))
	end := b.row(id)
	require.Equal(t, "placed", end.State, "what rang late is on the books")
	require.Equal(t, 1, end.Attempts, "and counts once")
}
