package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/callhenk/henk-worker/internal/crm"
)

// WriteBackSalesforceArgs writes to Salesforce what came of a call (conversations.id), together with what else is due of
// its integration; or all that is due of an integration. Exactly one of the ids is given.
type WriteBackSalesforceArgs struct {
	ConversationID uuid.UUID `json:"conversation_id,omitzero" river:"unique"`
	IntegrationID  uuid.UUID `json:"integration_id,omitzero" river:"unique"`
	// Retry takes up what failed too, when a person has mended it.
	Retry bool `json:"retry,omitzero" river:"unique"`
}

// Kind is write-back-salesforce.
func (WriteBackSalesforceArgs) Kind() string { return "write-back-salesforce" }

// InsertOpts: one pending job for a call or an integration.
func (WriteBackSalesforceArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueCRM, UniqueOpts: onePending}
}

func (a WriteBackSalesforceArgs) check() error {
	if (a.ConversationID == uuid.Nil) == (a.IntegrationID == uuid.Nil) {
		return errors.New("exactly one of conversation_id and integration_id is wanted")
	}
	return nil
}

// InsertWriteBackSalesforceTx has a call written back to Salesforce, in the caller's transaction. Calls whose outcome is
// final, corrections and opt-outs are found without it.
func InsertWriteBackSalesforceTx(ctx context.Context, tx pgx.Tx, client *Client, conversationID uuid.UUID) (*rivertype.JobRow, error) {
	return insertTx(ctx, tx, client, WriteBackSalesforceArgs{ConversationID: conversationID}, time.Time{})
}

type writeBackSalesforce struct {
	river.WorkerDefaults[WriteBackSalesforceArgs]
	*Runtime
}

// Timeout is below the lease of what it claims: what this run has in hand nobody else touches.
func (*writeBackSalesforce) Timeout(*river.Job[WriteBackSalesforceArgs]) time.Duration {
	return 4 * time.Minute
}

// Work writes what is due, and comes back when the call's own is due again. What Salesforce refuses is explained in
// henk.write_backs.
func (w *writeBackSalesforce) Work(ctx context.Context, job *river.Job[WriteBackSalesforceArgs]) error {
	if err := job.Args.check(); err != nil {
		return river.JobCancel(err)
	}
	writer := crm.WriteBack{DB: w.DB, Config: w.Salesforce}
	res, err := writer.Run(ctx, crm.WriteBackScope{ConversationID: job.Args.ConversationID, IntegrationID: job.Args.IntegrationID,
		Retry: job.Args.Retry && len(job.AttemptedBy) <= 1}) // once: what fails again stays failed
	if err != nil {
		return err
	}
	if res.Again > 0 {
		return river.JobSnooze(res.Again)
	}
	return river.RecordOutput(ctx, res)
}

// writeBackGather lets calls that end together go to Salesforce in one request. An opt-out does not wait for it.
const writeBackGather = 2 * time.Second

// writeBack notes what is to be written of calls and inserts the jobs, in the conversations' transaction. Businesses
// that have not enabled it get none.
func (r *Runtime) writeBack(ctx context.Context, tx pgx.Tx, conversations []uuid.UUID) error {
	if len(conversations) == 0 {
		return nil
	}
	added, err := crm.AddWriteBacks(ctx, tx, conversations)
	if err != nil || len(added) == 0 {
		return err
	}
	params := make([]river.InsertManyParams, len(added))
	for i, a := range added {
		params[i] = river.InsertManyParams{Args: WriteBackSalesforceArgs{ConversationID: a.ConversationID}}
		if !a.Urgent {
			params[i].InsertOpts = &river.InsertOpts{ScheduledAt: time.Now().Add(writeBackGather)}
		}
	}
	if _, err := r.Client.InsertManyTx(ctx, tx, params); err != nil {
		return fmt.Errorf("inserting jobs for salesforce: %w", err)
	}
	return nil
}

// sweepWriteBacks finds what is due and has no job: opt-outs by other ways, corrections, calls from before write-back was
// enabled, and what a job that is gone left behind.
func (r *Runtime) sweepWriteBacks(ctx context.Context) error {
	return pgx.BeginFunc(ctx, r.DB, func(tx pgx.Tx) error {
		var locked bool
		if err := tx.QueryRow(ctx, "select pg_try_advisory_xact_lock($1)", writeBackLock).Scan(&locked); err != nil || !locked {
			return err
		}
		due, err := crm.WalkWriteBacks(ctx, tx)
		if err != nil {
			return err
		}
		for _, id := range due {
			if _, err := insertTx(ctx, tx, r.Client, WriteBackSalesforceArgs{IntegrationID: id}, time.Time{}); err != nil {
				return err
			}
		}
		return nil
	})
}
