package jobs

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
)

// ReconcileAttemptArgs asks the provider what became of an attempt whose answer was lost.
type ReconcileAttemptArgs struct {
	AttemptID uuid.UUID `json:"attempt_id"`
}

// Kind is reconcile-attempt.
func (ReconcileAttemptArgs) Kind() string { return "reconcile-attempt" }

// InsertOpts: retried until the provider answers, however long that takes.
func (ReconcileAttemptArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueDial, UniqueOpts: onePending, MaxAttempts: 10_000}
}

type reconcileAttempt struct {
	river.WorkerDefaults[ReconcileAttemptArgs]
	*Runtime
}

// Timeout is that of several reads, each retried.
func (*reconcileAttempt) Timeout(*river.Job[ReconcileAttemptArgs]) time.Duration {
	return 15 * time.Minute
}

// NextRetry grows to five minutes and stays there.
func (*reconcileAttempt) NextRetry(job *river.Job[ReconcileAttemptArgs]) time.Time {
	wait := min(time.Duration(job.Attempt)*5*time.Second, 5*time.Minute)
	return time.Now().Add(wait + rand.N(wait/4+time.Second))
}

// Work settles the attempt, or looks again later.
func (w *reconcileAttempt) Work(ctx context.Context, job *river.Job[ReconcileAttemptArgs]) error {
	out, err := w.dialer.Reconcile(ctx, job.Args.AttemptID)
	if err != nil {
		return err
	}
	if out.Again > 0 {
		return river.JobSnooze(out.Again)
	}
	return river.RecordOutput(ctx, dialOutput{out.State, out.Reason})
}
