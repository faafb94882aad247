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

// InsertOpts: an attempt is dialed by one job.
func (DialLeadArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueDial, UniqueOpts: river.UniqueOpts{ByArgs: true}}
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
	return river.RecordOutput(ctx, dialOutput{out.State, out.Reason})
}

type dialOutput struct {
	State  string `json:"state"`
	Reason string `json:"reason,omitempty"`
}
