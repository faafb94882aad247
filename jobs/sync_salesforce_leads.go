package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// SyncSalesforceLeadsArgs is the tick that syncs every active Salesforce integration.
type SyncSalesforceLeadsArgs struct{}

// Kind is sync-salesforce-leads.
func (SyncSalesforceLeadsArgs) Kind() string { return "sync-salesforce-leads" }

// InsertOpts: one tick at a time.
func (SyncSalesforceLeadsArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueOrchestrate, UniqueOpts: onePending}
}

// InsertSyncSalesforceLeadsTx asks for a sync of all Salesforce integrations, in the caller's transaction.
func InsertSyncSalesforceLeadsTx(ctx context.Context, tx pgx.Tx, client *Client) (*rivertype.JobRow, error) {
	return insertTx(ctx, tx, client, SyncSalesforceLeadsArgs{}, time.Time{})
}

type syncSalesforceLeads struct {
	river.WorkerDefaults[SyncSalesforceLeadsArgs]
	*Runtime
}

// Work fans out to the integrations; those that are due are compared as a whole too.
func (w *syncSalesforceLeads) Work(ctx context.Context, _ *river.Job[SyncSalesforceLeadsArgs]) error {
	var found, syncs, reconciles int
	err := pgx.BeginFunc(ctx, w.DB, func(tx pgx.Tx) error {
		found, syncs, reconciles = 0, 0, 0
		q := dbsqlc.New()
		active, err := q.IntegrationListSalesforce(ctx, tx)
		if err != nil {
			return fmt.Errorf("listing salesforce integrations: %w", err)
		}
		due, err := q.CrmReconcileDue(ctx, tx, reconcileSince(time.Now()))
		if err != nil {
			return fmt.Errorf("listing integrations to compare: %w", err)
		}
		var params []river.InsertManyParams
		for _, id := range active {
			params = append(params, river.InsertManyParams{Args: SyncSalesforceIntegrationArgs{IntegrationID: id}})
		}
		for _, id := range due {
			params = append(params, river.InsertManyParams{Args: ReconcileSalesforceIntegrationArgs{IntegrationID: id}})
		}
		if found = len(active); len(params) == 0 {
			return nil
		}
		results, err := w.Client.InsertManyTx(ctx, tx, params)
		if err != nil {
			return fmt.Errorf("inserting salesforce syncs: %w", err)
		}
		for i, res := range results {
			switch {
			case res.UniqueSkippedAsDuplicate:
			case i < len(active):
				syncs++
			default:
				reconciles++
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return river.RecordOutput(ctx, map[string]int{"integrations": found, "syncs": syncs, "reconciles": reconciles})
}

// reconcileSince says how long ago an integration must have been compared to be due: once a night of the Americas, and at
// any hour when that was missed.
func reconcileSince(now time.Time) time.Time {
	if h := now.UTC().Hour(); h >= 6 && h < 11 {
		return now.Add(-20 * time.Hour)
	}
	return now.Add(-36 * time.Hour)
}
