// Command enqueue is how an app in another Go module asks henk for work: in the transaction of its own change, so that
// either both are there afterwards or neither.
//
//	DATABASE_URL=postgres://... go run . CAMPAIGN_ID
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/callhenk/henk-worker/jobs"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := run(ctx, os.Getenv("DATABASE_URL"), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "enqueue:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, databaseURL string, args []string) error {
	if databaseURL == "" || len(args) != 1 {
		return errors.New("set DATABASE_URL and name one campaign by its id")
	}
	campaign, err := uuid.Parse(args[0])
	if err != nil {
		return fmt.Errorf("the campaign's id: %w", err)
	}
	pool, err := pgxpool.New(ctx, databaseURL)
	if err != nil {
		return fmt.Errorf("connecting: %w", err)
	}
	defer pool.Close()
	// One client for the whole program. It only inserts: it has no queues and is never started. henk's jobs are in schema
	// river.
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{Schema: "river"})
	if err != nil {
		return fmt.Errorf("making the job client: %w", err)
	}
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error { return resume(ctx, tx, client, campaign) })
}

// resume sets a campaign active and asks for its plan. Workers are told at the commit.
func resume(ctx context.Context, tx pgx.Tx, client *jobs.Client, campaign uuid.UUID) error {
	tag, err := tx.Exec(ctx, "update campaigns set status = 'active', updated_at = now() where id = $1", campaign)
	if err != nil {
		return fmt.Errorf("resuming the campaign: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return errors.New("there is no such campaign")
	}
	job, err := jobs.InsertPlanTx(ctx, tx, client, campaign)
	if err != nil {
		return fmt.Errorf("asking for the plan: %w", err)
	}
	if job == nil { // a plan of this campaign is pending, and will see the change
		fmt.Println("pending already")
		return nil
	}
	fmt.Println("job", job.ID)
	return nil
}
