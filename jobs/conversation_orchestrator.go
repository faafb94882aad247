package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
)

// ConversationOrchestratorArgs is the tick that brings back conversations. Zero values mean the configured ones.
type ConversationOrchestratorArgs struct {
	LookbackHours int `json:"lookback_hours,omitempty"`
	BatchLimit    int `json:"batch_limit,omitempty"`
}

// Kind is conversation-orchestrator.
func (ConversationOrchestratorArgs) Kind() string { return "conversation-orchestrator" }

// InsertOpts: one tick of the same arguments at a time.
func (ConversationOrchestratorArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueOrchestrate, UniqueOpts: onePending}
}

type conversationOrchestrator struct {
	river.WorkerDefaults[ConversationOrchestratorArgs]
	*Runtime
}

// Work fans out to every conversation that is not finished, least recently synced first, a batch at a time until
// there are no more, and hands on webhooks that could not be matched before.
func (w *conversationOrchestrator) Work(ctx context.Context, job *river.Job[ConversationOrchestratorArgs]) error {
	lookback, limit := w.Lookback, w.SyncBatch
	if h := job.Args.LookbackHours; h > 0 {
		lookback = time.Duration(h) * time.Hour
	}
	if n := job.Args.BatchLimit; n > 0 {
		limit = n
	}
	var found, inserted int
	var after = w.syncer.Start()
	for {
		ids, next, err := w.syncer.Open(ctx, lookback, after, limit)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			break
		}
		params := make([]river.InsertManyParams, len(ids))
		for i, id := range ids {
			params[i] = river.InsertManyParams{Args: SyncConversationArgs{ConversationID: id}}
		}
		err = pgx.BeginFunc(ctx, w.DB, func(tx pgx.Tx) error {
			results, err := w.Client.InsertManyTx(ctx, tx, params)
			for _, r := range results {
				if !r.UniqueSkippedAsDuplicate {
					inserted++
				}
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("inserting conversation syncs: %w", err)
		}
		found, after = found+len(ids), next
	}
	webhooks, err := w.sweepWebhooks(ctx, lookback)
	if err != nil {
		return err
	}
	return river.RecordOutput(ctx, map[string]int{"open": found, "syncs": inserted, "webhooks": webhooks})
}
