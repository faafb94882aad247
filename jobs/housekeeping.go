package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"github.com/callhenk/henk-worker/internal/lead"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// HousekeepingArgs asks for the hourly tidying.
type HousekeepingArgs struct{}

// Kind is housekeeping.
func (HousekeepingArgs) Kind() string { return "housekeeping" }

// InsertOpts: one at a time.
func (HousekeepingArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueOrchestrate, UniqueOpts: onePending}
}

type housekeeping struct {
	river.WorkerDefaults[HousekeepingArgs]
	*Runtime
}

// Work closes conversations that never ended, after asking the provider, ends attempts whose call is over, and forgets workers that have been gone for a
// day and webhooks' bodies after a month. It deletes what replaced suppression lists left, and looks after the decision log.
func (w *housekeeping) Work(ctx context.Context, _ *river.Job[HousekeepingArgs]) error {
	var closed int
	if w.ElevenLabs != nil {
		var err error
		if closed, err = w.syncer.CloseStale(ctx, 200); err != nil {
			return fmt.Errorf("closing conversations that never ended: %w", err)
		}
	}
	ended, err := dbsqlc.New().ConversationEndAttempts(ctx, w.DB)
	if err != nil {
		return fmt.Errorf("ending attempts whose call is over: %w", err)
	}
	n, err := dbsqlc.New().WorkerDeleteStale(ctx, w.DB)
	if err != nil {
		return fmt.Errorf("forgetting workers that are gone: %w", err)
	}
	syncs, err := dbsqlc.New().SyncLogCloseStale(ctx, w.DB, nil)
	if err != nil {
		return fmt.Errorf("closing the logs of syncs whose worker died: %w", err)
	}
	webhooks, err := w.forgetWebhooks(ctx)
	if err != nil {
		return err
	}
	done := map[string]any{"conversations_closed": closed, "attempts_ended": ended, "workers_forgotten": n, "syncs_closed": syncs,
		"webhooks_forgotten": webhooks}
	if err := w.keepDecisions(ctx, done); err != nil {
		return err
	}
	if done["suppression_entries_removed"], err = w.removeReplaced(ctx); err != nil {
		return err
	}
	return river.RecordOutput(ctx, done)
}

// removeFor bounds how long one run deletes what replaced suppression lists left; the next goes on.
const removeFor = time.Minute

func (w *housekeeping) removeReplaced(ctx context.Context) (int64, error) {
	limited, cancel := context.WithTimeout(ctx, removeFor)
	defer cancel()
	removed, err := lead.RemoveReplaced(limited, w.DB, nil)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		return removed, nil
	}
	return removed, err
}
