package jobs

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
)

// DialLeadArgs asks for the call of one reserved attempt (call_attempts.id).
type DialLeadArgs struct {
	AttemptID uuid.UUID `json:"attempt_id"`
}

// Kind is dial-lead.
func (DialLeadArgs) Kind() string { return "dial-lead" }

// InsertOpts names the queue. There is no uniqueness for River to check: the fence lets one job of an attempt through,
// whatever is inserted.
func (DialLeadArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueDial}
}

type dialLead struct {
	river.WorkerDefaults[DialLeadArgs]
	*Runtime
}

// Timeout leaves room for the request and for recording its result through a restart of the database.
func (*dialLead) Timeout(*river.Job[DialLeadArgs]) time.Duration { return 15 * time.Minute }

// Work runs the dial protocol. However often it runs, the attempt's request is sent once at most.
func (w *dialLead) Work(ctx context.Context, job *river.Job[DialLeadArgs]) error {
	out, err := w.dialer.Dial(ctx, job.Args.AttemptID)
	if err != nil {
		return err
	}
	if out.Again > 0 {
		return river.JobSnooze(out.Again)
	}
	if w.Dialed != nil {
		w.Dialed(out.State, out.Reason)
	}
	if out.State == "placed" {
		return nil // the attempt says so; a note on each job would double the queue's own cost
	}
	return river.RecordOutput(ctx, dialOutput{out.State, out.Reason})
}

type dialOutput struct {
	State  string `json:"state"`
	Reason string `json:"reason,omitempty"`
}
