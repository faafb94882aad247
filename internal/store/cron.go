package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// CronLeftovers names the active pg_cron jobs that still trigger the edge functions which this worker replaces.
func CronLeftovers(ctx context.Context, db *DB) ([]string, error) {
	ok, err := tableExists(ctx, db, "cron", "job")
	if err != nil || !ok {
		return nil, err
	}
	rows, err := db.Query(ctx, `
		select coalesce(jobname::text, jobid::text) from cron.job
		where active and command ~ '/functions/v1/(campaign-orchestrator|conversation-orchestrator|sync-salesforce-leads)'
		order by 1`)
	if err != nil {
		return nil, fmt.Errorf("looking for scheduled jobs of the old functions: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("looking for scheduled jobs of the old functions: %w", err)
	}
	return names, nil
}
