package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/callhenk/henk-worker/internal/store"
)

// noopArgs is a job that does nothing: the queue alone.
type noopArgs struct {
	ID string `json:"attempt_id"`
}

// Kind is bench-noop.
func (noopArgs) Kind() string { return "bench-noop" }

type noopWorker struct {
	river.WorkerDefaults[noopArgs]
}

// Work does nothing.
func (*noopWorker) Work(context.Context, *river.Job[noopArgs]) error { return nil }

func noopParams(n int) []river.InsertManyParams {
	params := make([]river.InsertManyParams, n)
	for i := range params {
		params[i] = river.InsertManyParams{Args: noopArgs{ID: fmt.Sprintf("00000000-0000-0000-0000-%012d", i)}, InsertOpts: &river.InsertOpts{Queue: "bench"}}
	}
	return params
}

// insertManyRate is the rate at which River inserts n jobs in one transaction.
func insertManyRate(ctx context.Context, db *store.DB, n int) (float64, error) {
	client, err := river.NewClient(riverpgxv5.New(db.Pool), &river.Config{Schema: store.RiverSchema})
	if err != nil {
		return 0, fmt.Errorf("building the reference client: %w", err)
	}
	began := time.Now()
	err = pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		_, err := client.InsertManyFastTx(ctx, tx, noopParams(n))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("inserting reference jobs: %w", err)
	}
	rate := float64(n) / time.Since(began).Seconds()
	_, err = db.Exec(ctx, "delete from river.river_job where kind = 'bench-noop'")
	return rate, err
}

// noopRate is the rate at which River works n jobs that do nothing, with the same number of workers as the dials.
func noopRate(ctx context.Context, db *store.DB, n, maxWorkers int) (float64, error) {
	workers := river.NewWorkers()
	if err := river.AddWorkerSafely(workers, &noopWorker{}); err != nil {
		return 0, fmt.Errorf("registering the reference worker: %w", err)
	}
	client, err := river.NewClient(riverpgxv5.New(db.Pool), &river.Config{Schema: store.RiverSchema, Workers: workers,
		Queues: map[string]river.QueueConfig{"bench": {MaxWorkers: maxWorkers}}, FetchCooldown: fetchCooldown})
	if err != nil {
		return 0, fmt.Errorf("building the reference client: %w", err)
	}
	if _, err := client.InsertManyFast(ctx, noopParams(n)); err != nil {
		return 0, fmt.Errorf("inserting reference jobs: %w", err)
	}
	// As River's own benchmark does: a job counts when the database has it as completed.
	completed, unsubscribe := client.SubscribeConfig(&river.SubscribeConfig{ChanSize: n, Kinds: []river.EventKind{river.EventKindJobCompleted}})
	defer unsubscribe()
	began := time.Now()
	if err := client.Start(ctx); err != nil {
		return 0, fmt.Errorf("starting the reference client: %w", err)
	}
	for range n {
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-completed:
		}
	}
	rate := float64(n) / time.Since(began).Seconds()
	if err := client.Stop(ctx); err != nil {
		return 0, fmt.Errorf("stopping the reference client: %w", err)
	}
	_, err = db.Exec(ctx, "delete from river.river_job where kind = 'bench-noop'")
	return rate, err
}
