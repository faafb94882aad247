package dashboard

import (
	"fmt"
	"math"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/campaign"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// campaignProgress is the figures as campaign.html draws them.
type campaignProgress struct {
	ID               uuid.UUID
	Known            bool
	Age              string
	Funnel           []bar
	Held             []bar
	Outcomes         []bar
	Pledged, Donated float64
	Spent, Budget    float64
	HasBudget        bool
	SpentCents       int64
	BudgetCents      int64
	Unit             string
	Series           []point
	Heat             *heatMap
	Zone             string
}

// point is one step of the chart. At is what the table shows, Unix what the script draws.
type point struct {
	At                                  string
	Unix                                int64
	Calls, Answered, Committed, OptOuts int64
}

// heatMap has a row a weekday and a column an hour.
type heatMap struct {
	Hours []int
	Rows  []heatRow
	Best  string
}

type heatRow struct {
	Day   string
	Cells []heatCell
}

// heatCell is one hour of a weekday; Level is 0 (no calls) to 5.
type heatCell struct {
	Hour            string
	Calls, Answered int64
	Level           int
}

func newCampaignProgress(id uuid.UUID, f campaignFigures, at time.Time) campaignProgress {
	p := campaignProgress{ID: id, Known: f.Known, Age: ageOf(at), Pledged: f.Pledged, Donated: f.Donated, Spent: f.Spent, Unit: f.Unit, Zone: f.Zone}
	if !f.Known {
		return p
	}
	interested := f.Status["interested"] + f.Status["pledged"] + f.Status["donated"] + f.Status["converted"]
	pledged := f.Status["pledged"] + f.Status["donated"] + f.Status["converted"]
	list, calls := "/leads?campaign="+id.String(), "/conversations?campaign="+id.String()
	for _, step := range []bar{
		{Label: "Leads", Link: list, Count: f.Leads}, {Label: "Called", Link: calls, Count: f.Called}, {Label: "Reached", Count: f.Reached},
		{Label: "Interested", Link: calls + "&outcome=interested", Count: interested}, {Label: "Pledged", Link: calls + "&outcome=pledged", Count: pledged},
		{Label: "Donated", Link: calls + "&outcome=donated", Count: f.Status["donated"]},
	} {
		step.Whole = f.Leads
		p.Funnel = append(p.Funnel, step)
	}
	for _, h := range f.Held {
		p.Held = append(p.Held, bar{Label: h.Rule, Text: ruleTexts[h.Rule], Link: heldLink(list, h.Rule), Count: h.Leads, Whole: f.Leads})
	}
	p.Outcomes = outcomeBars(f.Outcomes, calls+"&outcome=")
	if p.HasBudget = !math.IsNaN(f.Budget); p.HasBudget {
		p.Budget, p.BudgetCents = f.Budget, int64(f.Budget*100)
	}
	p.SpentCents = int64(f.Spent * 100)
	zone, err := time.LoadLocation(f.Zone)
	if err != nil {
		zone = time.UTC
	}
	p.Series, p.Heat = seriesOf(f, zone), heatOf(f)
	return p
}

// heldLink opens the leads behind a reason; those that are being judged have no list.
func heldLink(list, rule string) string {
	if rule == "unjudged" {
		return ""
	}
	return list + "&hold=" + rule
}

// minPoints is how many steps a chart has at least, and maxPoints at most.
const (
	minPoints = 12
	maxPoints = 400
)

// seriesOf fills the gaps up to now: a minute without calls is a zero, not a missing point.
func seriesOf(f campaignFigures, zone *time.Location) []point {
	step, format := time.Minute, "15:04"
	switch f.Unit {
	case "hour":
		step, format = time.Hour, "Mon 15:04"
	case "day":
		step, format = 24*time.Hour, "Mon 2 Jan"
	}
	found := map[int64]dbsqlc.DashboardSeriesRow{}
	for _, r := range f.Series {
		found[r.Bucket.Unix()] = r
	}
	if len(found) == 0 {
		return nil
	}
	next := func(t time.Time, n int) time.Time {
		if f.Unit == "day" { // not always 24 hours
			return t.In(zone).AddDate(0, 0, n)
		}
		return t.Add(time.Duration(n) * step)
	}
	at := f.Series[0].Bucket
	if early := next(f.Series[len(f.Series)-1].Bucket, 1-minPoints); early.Before(at) {
		at = early
	}
	var list []point
	for ; !at.After(f.Now) && len(list) < maxPoints; at = next(at, 1) {
		r := found[at.Unix()]
		list = append(list, point{At: at.In(zone).Format(format), Unix: at.Unix(), Calls: r.Calls, Answered: r.Answered, Committed: r.Committed, OptOuts: r.OptedOut})
	}
	return list
}

var weekdays = []string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}

// bestFrom is how many calls an hour needs before its rate says anything.
const bestFrom = 5

func heatOf(f campaignFigures) *heatMap {
	if len(f.Heat) == 0 {
		return nil
	}
	from, to := 8, 20
	cells := map[[2]int]heatCell{}
	top := 0.0
	m := &heatMap{}
	for _, r := range f.Heat {
		hour := int(r.Hour)
		from, to = min(from, hour), max(to, hour)
		cells[[2]int{int(r.Weekday), hour}] = heatCell{Calls: r.Calls, Answered: r.Answered}
		if rate := float64(r.Answered) / float64(max(r.Calls, 1)); r.Calls >= bestFrom && rate > top {
			top = rate
			m.Best = fmt.Sprintf("%s %02d:00, %.0f%% of %d calls answered", weekdays[(r.Weekday+6)%7], hour, 100*rate, r.Calls)
		}
	}
	for hour := from; hour <= to; hour++ {
		m.Hours = append(m.Hours, hour)
	}
	for day, name := range weekdays {
		row := heatRow{Day: name}
		for _, hour := range m.Hours {
			c := cells[[2]int{day + 1, hour}]
			c.Hour = fmt.Sprintf("%02d", hour)
			if c.Calls > 0 {
				c.Level = 1 + min(4, int(5*c.Answered/c.Calls))
			}
			row.Cells = append(row.Cells, c)
		}
		m.Rows = append(m.Rows, row)
	}
	return m
}

// ruleTexts says each rule in words, for people who have not read the rules.
var ruleTexts = map[string]string{
	campaign.RuleCampaignActive: "The campaign or its business is not active.",
	campaign.RuleCampaignDates:  "Before the campaign's start or after its end.",
	campaign.RuleAgentReady:     "The agent is missing something, or is blocked.",
	campaign.RuleLeadStatus:     "Settled already, or on a call now.",
	campaign.RulePhoneValid:     "No number that may be dialed.",
	campaign.RuleDoNotCall:      "Flagged as do not call, or the same number is.",
	campaign.RuleSuppressed:     "The number is on a suppression list.",
	campaign.RuleDuplicatePhone: "Another lead with the same number goes first.",
	campaign.RuleMaxAttempts:    "All attempts are used up.",
	campaign.RuleRetryInterval:  "Not due yet.",
	campaign.RuleZoneKnown:      "Nothing says in which time zone the phone is.",
	campaign.RuleCallWindow:     "Outside the calling hours where the phone is.",
	campaign.RuleRollingCap:     "Called too often in the last day or month.",
	campaign.RuleBudget:         "The budget is used up.",
	campaign.RuleDailyCap:       "The daily cap is reached.",
	campaign.RuleConcurrency:    "Callable: waits for a free line.",
	"unjudged":                  "Just changed; being judged.",
}
