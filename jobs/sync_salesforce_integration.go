package jobs

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/callhenk/henk-worker/internal/crm"
	"github.com/callhenk/henk-worker/internal/salesforce"
	"github.com/callhenk/henk-worker/internal/store"
)

// Modes of SyncSalesforceIntegrationArgs.
const (
	SyncIncremental = ""       // what changed since the last sync; the first one takes everything
	SyncManual      = "manual" // the same, because a person asked for it
	SyncFull        = "full"   // everything anew
)

// SyncSalesforceIntegrationArgs takes in what changed in one Salesforce org (integrations.id).
type SyncSalesforceIntegrationArgs struct {
	IntegrationID uuid.UUID `json:"integration_id"`
	Mode          string    `json:"mode,omitempty"`
}

// Kind is sync-salesforce-integration.
func (SyncSalesforceIntegrationArgs) Kind() string { return "sync-salesforce-integration" }

// InsertOpts: one pending sync of a kind for an integration. Two that run at once take turns by the integration's lease.
func (SyncSalesforceIntegrationArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueCRM, Priority: 2, UniqueOpts: onePending}
}

func (a SyncSalesforceIntegrationArgs) check() error {
	if !slices.Contains([]string{SyncIncremental, "incremental", SyncManual, SyncFull}, a.Mode) {
		return errors.New(`mode is "incremental" (or left out), "manual" or "full"`)
	}
	return nil
}

// InsertSyncSalesforceIntegrationTx asks for a sync of one integration, in the caller's transaction.
func InsertSyncSalesforceIntegrationTx(ctx context.Context, tx pgx.Tx, client *Client, integrationID uuid.UUID, mode string) (*rivertype.JobRow, error) {
	args := SyncSalesforceIntegrationArgs{IntegrationID: integrationID, Mode: mode}
	if err := args.check(); err != nil {
		return nil, err
	}
	return insertTx(ctx, tx, client, args, time.Time{})
}

type syncSalesforceIntegration struct {
	river.WorkerDefaults[SyncSalesforceIntegrationArgs]
	*Runtime
}

const (
	// crmRun is how long one run goes on before it leaves the rest to the next; crmTimeout lets its last page end.
	crmRun     = 10 * time.Minute
	crmTimeout = 15 * time.Minute
	crmBusy    = 15 * time.Second
)

// Timeout is longer than a run.
func (*syncSalesforceIntegration) Timeout(*river.Job[SyncSalesforceIntegrationArgs]) time.Duration {
	return crmTimeout
}

// NextRetry stays below the tick's interval: a pending retry keeps the tick from inserting another sync.
func (*syncSalesforceIntegration) NextRetry(job *river.Job[SyncSalesforceIntegrationArgs]) time.Time {
	return crmRetry(job.Attempt)
}

func crmRetry(attempt int) time.Time {
	wait := min(time.Duration(attempt*attempt)*5*time.Second, 5*time.Minute)
	return time.Now().Add(wait + rand.N(wait/4+time.Second))
}

// Work runs one sync. What is left is the next job's, inserted with the end of this one.
func (w *syncSalesforceIntegration) Work(ctx context.Context, job *river.Job[SyncSalesforceIntegrationArgs]) error {
	if err := job.Args.check(); err != nil {
		return river.JobCancel(err)
	}
	req := crm.Request{IntegrationID: job.Args.IntegrationID, Manual: job.Args.Mode == SyncManual, Until: time.Now().Add(crmRun),
		Follow: w.afterCRM(job.ID, SyncSalesforceIntegrationArgs{IntegrationID: job.Args.IntegrationID})}
	if job.Args.Mode == SyncFull {
		req.Full = fmt.Sprintf("job %d", job.ID)
	}
	res, err := crm.Sync(ctx, w.DB, w.Salesforce, req)
	return crmOutcome(ctx, res, err)
}

// afterCRM inserts what follows from a page or a run, in its transaction: plans of the campaigns that lost a reservation,
// and the next run.
func (r *Runtime) afterCRM(jobID int64, next river.JobArgs) func(context.Context, pgx.Tx, crm.FollowUp) error {
	return func(ctx context.Context, tx pgx.Tx, f crm.FollowUp) error {
		if err := r.refill(ctx, tx, f.Plan, time.Time{}); err != nil || !f.More {
			return err
		}
		// This job still runs, and must not count as the pending one.
		_, err := tx.Exec(ctx, "update "+store.RiverSchema+".river_job set unique_key = null where id = $1 and unique_key is not null", jobID)
		if err != nil {
			return fmt.Errorf("letting the next run in: %w", err)
		}
		_, err = insertTx(ctx, tx, r.Client, next, time.Time{})
		return err
	}
}

// crmOutcome says what becomes of the job. What only a person can mend is on the integration, and repeating it is no use.
func crmOutcome(ctx context.Context, res crm.Result, err error) error {
	switch {
	case err == nil:
		return river.RecordOutput(ctx, res)
	case errors.Is(err, crm.ErrNotFound), errors.Is(err, crm.ErrInactive), crm.IsTakenOver(err):
		return river.RecordOutput(ctx, map[string]string{"held": err.Error()})
	case errors.Is(err, crm.ErrBusy):
		return snooze(crmBusy)
	case crm.NeedsPerson(err):
		return river.JobCancel(err)
	case salesforce.KindOf(err) == salesforce.KindQuota:
		return snooze(max(orDefault(salesforce.AsError(err).RetryAfter, 10*time.Minute), time.Minute))
	}
	return err
}
