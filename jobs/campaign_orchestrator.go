package jobs

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// CampaignOrchestratorArgs is the tick: every active campaign gets a plan.
type CampaignOrchestratorArgs struct{}

// Kind is campaign-orchestrator.
func (CampaignOrchestratorArgs) Kind() string { return "campaign-orchestrator" }

// InsertOpts: one tick at a time.
func (CampaignOrchestratorArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueOrchestrate, UniqueOpts: onePending}
}

type campaignOrchestrator struct {
	river.WorkerDefaults[CampaignOrchestratorArgs]
	*Runtime
}

// Work probes a provider whose breaker is open, and fans out to all active campaigns in one transaction.
func (w *campaignOrchestrator) Work(ctx context.Context, _ *river.Job[CampaignOrchestratorArgs]) error {
	if err := w.dialer.Probe(ctx, true); err != nil {
		return err
	}
	var inserted int
	err := pgx.BeginFunc(ctx, w.DB, func(tx pgx.Tx) error {
		ids, err := dbsqlc.New().CampaignListActive(ctx, tx)
		if err != nil {
			return fmt.Errorf("listing active campaigns: %w", err)
		}
		inserted, err = w.insertPlans(ctx, tx, ids)
		return err
	})
	if err != nil {
		return err
	}
	return river.RecordOutput(ctx, map[string]int{"plans": inserted})
}

// insertPlans inserts a plan for each campaign that has none pending and says how many that were.
func (r *Runtime) insertPlans(ctx context.Context, tx pgx.Tx, campaigns []uuid.UUID) (int, error) {
	if len(campaigns) == 0 {
		return 0, nil
	}
	// The same unique job twice in one statement is an error in SQL, not a duplicate.
	campaigns = slices.Compact(slices.SortedFunc(slices.Values(campaigns), func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }))
	params := make([]river.InsertManyParams, len(campaigns))
	for i, id := range campaigns {
		params[i] = river.InsertManyParams{Args: PlanCampaignArgs{CampaignID: id}}
	}
	results, err := r.Client.InsertManyTx(ctx, tx, params)
	if err != nil {
		return 0, fmt.Errorf("inserting plans: %w", err)
	}
	var n int
	for _, res := range results {
		if !res.UniqueSkippedAsDuplicate {
			n++
		}
	}
	return n, nil
}
