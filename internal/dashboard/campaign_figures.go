package dashboard

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/campaign"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// campaignFigures are read from all of a campaign's leads and calls.
type campaignFigures struct {
	Known    bool
	Now      time.Time // by the rules' clock
	Leads    int64
	Called   int64
	Reached  int64
	Status   map[string]int64
	Pledged  float64
	Donated  float64
	Spent    float64
	Budget   float64 // NaN = none
	Held     []heldCount
	Outcomes map[string]int64
	Unit     string // of the series: minute, hour or day
	Series   []dbsqlc.DashboardSeriesRow
	Heat     []dbsqlc.DashboardHeatRow
	Zone     string
}

// heatWeeks is how far back the heat map looks.
const heatWeeks = 8

func (d *Dashboard) workOutCampaign(ctx context.Context, id uuid.UUID) (campaignFigures, error) {
	c, err := campaign.Load(ctx, d.DB, id)
	if err != nil {
		return campaignFigures{}, err
	}
	f := campaignFigures{Known: true, Status: map[string]int64{}, Outcomes: map[string]int64{}, Budget: math.NaN(), Zone: zoneOf(c.Calling).String()}
	now := d.Clock.Local()
	f.Now = now
	held, err := campaign.HeldBack(ctx, d.DB, id, now)
	if err != nil {
		return f, fmt.Errorf("counting held leads: %w", err)
	}
	f.Held = sortedHeld(held)
	if budget, err := strconv.ParseFloat(c.Budget, 64); err == nil {
		f.Budget = budget
	}
	for _, read := range []func(context.Context, *campaignFigures, uuid.UUID, time.Time) error{d.readFunnel, d.readSeries, d.readHeat} {
		if err := read(ctx, &f, id, now); err != nil {
			return f, err
		}
	}
	return f, nil
}

func (d *Dashboard) readFunnel(ctx context.Context, f *campaignFigures, id uuid.UUID, _ time.Time) error {
	q := dbsqlc.New()
	rows, err := q.DashboardFunnel(ctx, d.DB, id)
	if err != nil {
		return fmt.Errorf("reading the funnel: %w", err)
	}
	for _, r := range rows {
		f.Leads += r.Leads
		f.Called += r.Called
		f.Pledged += r.Pledged
		f.Donated += r.Donated
		f.Status[r.Status] += r.Leads
	}
	if f.Reached, err = q.DashboardReached(ctx, d.DB, id); err != nil {
		return fmt.Errorf("counting who was reached: %w", err)
	}
	spent, err := q.CampaignSpent(ctx, d.DB, id)
	if err != nil {
		return fmt.Errorf("adding up the cost: %w", err)
	}
	f.Spent, err = strconv.ParseFloat(spent, 64)
	if err != nil {
		return fmt.Errorf("reading the cost: %w", err)
	}
	return nil
}

// readSeries chooses a unit in which the campaign's calls so far make a line.
func (d *Dashboard) readSeries(ctx context.Context, f *campaignFigures, id uuid.UUID, now time.Time) error {
	q := dbsqlc.New()
	first, err := q.DashboardFirstCall(ctx, d.DB, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("looking for the first call: %w", err)
	}
	since := now.Add(-30 * 24 * time.Hour)
	f.Unit = "day"
	switch age := now.Sub(first); {
	case age < 2*time.Hour:
		f.Unit, since = "minute", now.Add(-2*time.Hour)
	case age < 72*time.Hour:
		f.Unit, since = "hour", now.Add(-72*time.Hour)
	}
	if f.Series, err = q.DashboardSeries(ctx, d.DB, dbsqlc.DashboardSeriesParams{CampaignID: id, Unit: f.Unit, Zone: f.Zone, Since: since}); err != nil {
		return fmt.Errorf("reading calls over time: %w", err)
	}
	outcomes, err := q.DashboardOutcomes(ctx, d.DB, dbsqlc.DashboardOutcomesParams{CampaignID: id, Since: since})
	if err != nil {
		return fmt.Errorf("counting outcomes: %w", err)
	}
	for _, o := range outcomes {
		f.Outcomes[o.Outcome] = o.Calls
	}
	return nil
}

func (d *Dashboard) readHeat(ctx context.Context, f *campaignFigures, id uuid.UUID, now time.Time) (err error) {
	f.Heat, err = dbsqlc.New().DashboardHeat(ctx, d.DB, dbsqlc.DashboardHeatParams{CampaignID: id, Zone: f.Zone, Since: now.AddDate(0, 0, -7*heatWeeks)})
	if err != nil {
		return fmt.Errorf("reading the best hours: %w", err)
	}
	return nil
}
