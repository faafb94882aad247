package jobs

import (
	"context"
	"fmt"

	"github.com/riverqueue/river"

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

// Work forgets workers that have been gone for a day.
func (w *housekeeping) Work(ctx context.Context, _ *river.Job[HousekeepingArgs]) error {
	n, err := dbsqlc.New().WorkerDeleteStale(ctx, w.DB)
	if err != nil {
		return fmt.Errorf("forgetting workers that are gone: %w", err)
	}
	return river.RecordOutput(ctx, map[string]int64{"workers_forgotten": n})
}
