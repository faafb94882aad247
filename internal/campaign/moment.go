package campaign

import (
	"context"
	"fmt"
	"time"

	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// moment is what holds the campaign as a whole at an instant, beside its own row.
type moment struct {
	limits         Limits
	day            time.Time // of the business
	used           int64     // calls counted today
	spent          string    // recorded cost
	overBudget     bool
	active         int64 // calls on a slot of the account
	campaignActive int64
	campaignMax    *int32
	blocked        string // why agent or account keep it from dialing
}

func (m *moment) slotFree() bool {
	return (m.limits.AccountConcurrent <= 0 || m.active < int64(m.limits.AccountConcurrent)) &&
		(m.campaignMax == nil || m.campaignActive < int64(*m.campaignMax))
}

// at reads the moment.
func (c *Campaign) at(ctx context.Context, db dbsqlc.DBTX, now time.Time, limits Limits) (*moment, error) {
	q := dbsqlc.New()
	date, start, end := c.day(now)
	m := &moment{limits: limits, day: date, campaignMax: c.MaxConcurrent}
	var err error
	if m.used, err = q.AttemptCountToday(ctx, db, dbsqlc.AttemptCountTodayParams{CampaignID: c.ID, Day: date, DayStart: start, DayEnd: end}); err != nil {
		return nil, fmt.Errorf("counting today's calls: %w", err)
	}
	if m.spent, m.overBudget, err = c.spent(ctx, db); err != nil {
		return nil, err
	}
	if m.active, err = q.AttemptCountActive(ctx, db, now); err != nil {
		return nil, fmt.Errorf("counting active calls: %w", err)
	}
	if m.campaignActive, err = q.AttemptCountActiveOfCampaign(ctx, db, dbsqlc.AttemptCountActiveOfCampaignParams{CampaignID: c.ID, Now: now}); err != nil {
		return nil, fmt.Errorf("counting the campaign's active calls: %w", err)
	}
	m.blocked, err = c.blockedNow(ctx, db)
	return m, err
}

// blockedNow says what the provider has against dialing; "" for nothing.
func (c *Campaign) blockedNow(ctx context.Context, db dbsqlc.DBTX) (string, error) {
	if reason := c.BlockedBecause(); reason != "" {
		return reason, nil
	}
	provider, err := dbsqlc.New().ProviderStateGet(ctx, db, Provider)
	if err != nil {
		return "", fmt.Errorf("reading the provider's state: %w", err)
	}
	if provider.Breaker == "open" {
		return provider.Reason, nil
	}
	return "", nil
}
