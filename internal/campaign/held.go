package campaign

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/calltime"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// HeldBack counts the leads of a campaign under the first rule that holds each at now. Leads that no rule of their own
// holds count under what limits the campaign (cap or slots); leads not judged yet, under "unjudged". It reads a row for
// every lead of the campaign.
func HeldBack(ctx context.Context, db dbsqlc.DBTX, id uuid.UUID, now time.Time) (map[string]int64, error) {
	q := dbsqlc.New()
	c, err := Load(ctx, db, id)
	if err != nil {
		return nil, err
	}
	counts, err := q.CandidateCountHeld(ctx, db, dbsqlc.CandidateCountHeldParams{CampaignID: id, Now: now})
	if err != nil {
		return nil, fmt.Errorf("counting held leads: %w", err)
	}
	held := map[string]int64{}
	hold := c.Held(now)
	sets, err := zoneSets(ctx, db)
	if err != nil {
		return nil, err
	}
	limit, err := c.limitReached(ctx, db, now)
	if err != nil {
		return nil, err
	}
	for _, row := range counts {
		rule := row.Hold
		switch {
		case hold != nil:
			rule = hold.Rule
		case rule == "" && !calltime.Judge(now, sets[row.ZoneSet], c.Rules()).Open:
			rule = RuleCallWindow
		case rule == "" && row.Capped:
			rule = RuleRollingCap
		case rule == "":
			rule = limit
		}
		held[rule] += row.Leads
	}
	return held, nil
}

// limitReached is the rule that holds leads which nothing else holds.
func (c *Campaign) limitReached(ctx context.Context, db dbsqlc.DBTX, now time.Time) (string, error) {
	if over, err := c.OverBudget(ctx, db); err != nil || over {
		return RuleBudget, err
	}
	day, start, end := c.day(now)
	used, err := dbsqlc.New().AttemptCountToday(ctx, db, dbsqlc.AttemptCountTodayParams{CampaignID: c.ID, Day: day, DayStart: start, DayEnd: end})
	if err != nil {
		return "", fmt.Errorf("counting today's calls: %w", err)
	}
	if used >= int64(c.DailyCallCap) {
		return RuleDailyCap, nil
	}
	return RuleConcurrency, nil
}

func zoneSets(ctx context.Context, db dbsqlc.DBTX) (map[int32]calltime.Place, error) {
	rows, err := dbsqlc.New().ZoneSetList(ctx, db)
	if err != nil {
		return nil, fmt.Errorf("listing places: %w", err)
	}
	sets := make(map[int32]calltime.Place, len(rows))
	for _, r := range rows {
		sets[r.ID] = calltime.Place{Zones: r.Zones, States: r.States}
	}
	return sets, nil
}
