package campaign

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// freeSuppressed has leads judged again whose number is not suppressed any more, where anything may have freed one since
// the campaign looked last.
func (c *Campaign) freeSuppressed(ctx context.Context, tx pgx.Tx, now time.Time) error {
	q := dbsqlc.New()
	freed, err := q.SuppressionFreed(ctx, tx, dbsqlc.SuppressionFreedParams{CampaignID: c.ID, Now: now})
	if err != nil {
		return fmt.Errorf("asking whether suppressions were lifted: %w", err)
	}
	if !freed.Due {
		return nil
	}
	if err := q.CandidateMarkUnsuppressed(ctx, tx, dbsqlc.CandidateMarkUnsuppressedParams{CampaignID: c.ID, BusinessID: c.BusinessID, Now: now}); err != nil {
		return fmt.Errorf("looking for lifted suppressions: %w", err)
	}
	if err := q.SuppressionFreedSeen(ctx, tx, dbsqlc.SuppressionFreedSeenParams{CampaignID: c.ID, Changes: freed.Changes, Now: now}); err != nil {
		return fmt.Errorf("noting that lifted suppressions were looked for: %w", err)
	}
	return nil
}

// promote lets leads that have become due join the ready ones.
func (c *Campaign) promote(ctx context.Context, tx pgx.Tx, now time.Time, settings string) error {
	_, err := dbsqlc.New().CandidatePromote(ctx, tx, dbsqlc.CandidatePromoteParams{CampaignID: c.ID, Now: now, Settings: settings, RulePack: c.rulePack().Version})
	if err != nil {
		return fmt.Errorf("promoting leads that became due: %w", err)
	}
	return nil
}
