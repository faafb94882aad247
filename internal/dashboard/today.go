package dashboard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/campaign"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// todayCampaigns bounds the campaigns whose day is added up on the live page.
const todayCampaigns = 50

// totals are a day's calls.
type totals struct {
	Calls, Ended, Answered int64
	Pledged, Donated       float64
	Outcomes               map[string]int64
}

func (t *totals) add(r dbsqlc.DashboardTodayRow) {
	t.Calls += r.Calls
	switch r.Status {
	case dbsqlc.ConversationStatusInitiated, dbsqlc.ConversationStatusInProgress:
		return
	case dbsqlc.ConversationStatusCompleted:
		t.Answered += r.Calls
	}
	t.Ended += r.Calls
	t.Pledged += r.Pledged
	t.Donated += r.Donated
	if r.Outcome != "" {
		if t.Outcomes == nil {
			t.Outcomes = map[string]int64{}
		}
		t.Outcomes[r.Outcome] += r.Calls
	}
}

// todayFigures are what the live page adds up over the active campaigns.
type todayFigures struct {
	Known     bool
	Total     totals
	Campaigns []todayCampaign
	More      bool
	Held      []heldCount
}

type todayCampaign struct {
	ID                     uuid.UUID
	Name, Business, Status string
	Used, Cap              int64
	Hold, Problem          string
	Planned                time.Time // zero = never
	totals
}

// heldCount is how many leads a rule holds. In is the campaigns they are on, where several are counted, in their order.
type heldCount struct {
	Rule  string
	Leads int64
	In    []heldIn
}

// heldIn is how many of them are on one campaign.
type heldIn struct {
	ID    uuid.UUID
	Name  string
	Leads int64
}

func (d *Dashboard) workOutToday(ctx context.Context, _ uuid.UUID) (todayFigures, error) {
	rows, err := dbsqlc.New().DashboardCampaignList(ctx, d.DB, dbsqlc.DashboardCampaignListParams{AfterPlace: -1, MaxRows: todayCampaigns + 1})
	if err != nil {
		return todayFigures{}, fmt.Errorf("listing campaigns: %w", err)
	}
	f := todayFigures{Known: true, More: len(rows) > todayCampaigns}
	rows = rows[:min(len(rows), todayCampaigns)]
	now := d.Clock.Local()
	var days dbsqlc.DashboardQuotaParams
	for _, r := range rows {
		f.Campaigns = append(f.Campaigns, newTodayCampaign(r))
		date, start := dayOf(r.Calling, now)
		days.CampaignIds, days.Days, days.Since = append(days.CampaignIds, r.ID), append(days.Days, date), append(days.Since, start)
	}
	if err := d.addDay(ctx, &f, days); err != nil {
		return f, err
	}
	held, in := map[string]int64{}, map[string][]heldIn{}
	for i := range f.Campaigns {
		c := &f.Campaigns[i]
		if c.Status != string(dbsqlc.CampaignStatusActive) {
			continue
		}
		if c.Hold == "" && c.Used >= c.Cap {
			c.Hold = "The daily cap is reached."
		}
		counts, err := campaign.HeldBack(ctx, d.DB, c.ID, now)
		if errors.Is(err, campaign.ErrNotFound) {
			continue // deleted meanwhile
		}
		if err != nil {
			return f, fmt.Errorf("counting held leads: %w", err)
		}
		for rule, n := range counts {
			held[rule] += n
			in[rule] = append(in[rule], heldIn{c.ID, c.Name, n})
		}
	}
	f.Held = sortedHeld(held)
	for i := range f.Held {
		f.Held[i].In = in[f.Held[i].Rule]
	}
	return f, nil
}

func (d *Dashboard) addDay(ctx context.Context, f *todayFigures, days dbsqlc.DashboardQuotaParams) error {
	place := map[uuid.UUID]int{}
	for i, c := range f.Campaigns {
		place[c.ID] = i
	}
	q := dbsqlc.New()
	quota, err := q.DashboardQuota(ctx, d.DB, days)
	if err != nil {
		return fmt.Errorf("counting today's calls: %w", err)
	}
	for _, r := range quota {
		f.Campaigns[place[r.CampaignID]].Used = r.Used
	}
	rows, err := q.DashboardToday(ctx, d.DB, dbsqlc.DashboardTodayParams{CampaignIds: days.CampaignIds, Since: days.Since})
	if err != nil {
		return fmt.Errorf("adding up today's calls: %w", err)
	}
	for _, r := range rows {
		f.Total.add(r)
		f.Campaigns[place[r.CampaignID]].add(r)
	}
	return nil
}

func newTodayCampaign(r dbsqlc.DashboardCampaignListRow) todayCampaign {
	c := todayCampaign{ID: r.ID, Name: r.Name, Business: r.BusinessName, Status: string(r.Status), Cap: max(int64(r.DailyCallCap), 0)}
	if r.PlannedSecondsAgo >= 0 {
		c.Planned = time.Now().Add(-seconds(r.PlannedSecondsAgo))
	}
	c.Hold = holdOf(r.Status, r.Blocked, r.BlockedReason, r.Plan)
	if h := planHold(r.Plan); r.Status == dbsqlc.CampaignStatusActive && !r.Blocked && h != nil && h.Rule == campaign.RuleAgentReady {
		c.Problem = h.Reason
	}
	return c
}

// holdOf is one sentence on what holds a campaign as a whole; "" when nothing does.
func holdOf(status dbsqlc.CampaignStatus, blocked bool, reason string, plan []byte) string {
	switch h := planHold(plan); {
	case status != dbsqlc.CampaignStatusActive:
		return fmt.Sprintf("The campaign is %s.", status)
	case blocked:
		return "Blocked: " + reason
	case h != nil:
		return h.Reason
	}
	return ""
}

func planHold(plan []byte) *campaign.Hold {
	var p struct {
		Held *campaign.Hold `json:"held"`
	}
	if json.Unmarshal(plan, &p) != nil {
		return nil
	}
	return p.Held
}

// dayOf is the date on which the business's daily cap counts now, and its start. Settings that cannot be read hold the
// campaign, so that UTC, which they then give, has nothing to count.
func dayOf(calling []byte, now time.Time) (date, start time.Time) {
	zone := zoneOf(calling)
	y, m, day := now.In(zone).Date()
	return time.Date(y, m, day, 0, 0, 0, 0, time.UTC), time.Date(y, m, day, 0, 0, 0, 0, zone)
}

func zoneOf(calling []byte) *time.Location {
	settings, _ := campaign.ParseSettings(calling)
	if settings.Timezone == nil {
		return time.UTC
	}
	return settings.Timezone
}

func sortedHeld(counts map[string]int64) []heldCount {
	list := make([]heldCount, 0, len(counts))
	for rule, n := range counts {
		list = append(list, heldCount{Rule: rule, Leads: n})
	}
	sort.Slice(list, func(i, j int) bool {
		return list[i].Leads > list[j].Leads || list[i].Leads == list[j].Leads && list[i].Rule < list[j].Rule
	})
	return list
}
