package jobs

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"github.com/callhenk/henk-worker/internal/crm"
)

// ReconcileSalesforceIntegrationArgs compares all records of one Salesforce org (integrations.id) with what is here.
type ReconcileSalesforceIntegrationArgs struct {
	IntegrationID uuid.UUID `json:"integration_id"`
}

// Kind is reconcile-salesforce-integration.
func (ReconcileSalesforceIntegrationArgs) Kind() string { return "reconcile-salesforce-integration" }

// InsertOpts: one pending comparison for an integration, behind what is more urgent.
func (ReconcileSalesforceIntegrationArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueCRM, Priority: 3, UniqueOpts: onePending}
}

type reconcileSalesforceIntegration struct {
	river.WorkerDefaults[ReconcileSalesforceIntegrationArgs]
	*Runtime
}

// Timeout is longer than a run.
func (*reconcileSalesforceIntegration) Timeout(*river.Job[ReconcileSalesforceIntegrationArgs]) time.Duration {
	return crmTimeout
}

// NextRetry is that of a sync.
func (*reconcileSalesforceIntegration) NextRetry(job *river.Job[ReconcileSalesforceIntegrationArgs]) time.Time {
	return crmRetry(job.Attempt)
}

// Work finds hard deletes and lost visibility. It goes on where an earlier one was broken off.
func (w *reconcileSalesforceIntegration) Work(ctx context.Context, job *river.Job[ReconcileSalesforceIntegrationArgs]) error {
	res, err := crm.Reconcile(ctx, w.DB, w.Salesforce, crm.Request{IntegrationID: job.Args.IntegrationID, Until: time.Now().Add(crmRun),
		Follow: w.afterCRM(job.ID, job.Args)})
	return crmOutcome(ctx, res, err)
}
