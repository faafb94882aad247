package dashboard

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/campaign"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
	"github.com/callhenk/henk-worker/web"
)

// leadsView is what leads.html shows.
type leadsView struct {
	Query     string
	Flagged   bool
	Campaign  uuid.UUID
	Hold      string
	HoldText  string
	Campaigns []choice
	Rules     []choice
	Rows      []leadRow
	Pager     pager
	Hint      string
	Choose    bool // a reason without a campaign: In is the campaigns to choose from
	In        []bar
	Known     bool // In has been counted
}

// choice is an entry of a select.
type choice struct {
	Value, Name string
	Selected    bool
}

type leadRow struct {
	ID                         uuid.UUID
	Name, Phone, Email, Status string
	Flagged                    bool

	key1, key2 string
}

// leadQuery is what is asked for. At most one of Text, Flagged and Campaign counts, the first in this order.
type leadQuery struct {
	Text     string
	Flagged  bool
	Campaign uuid.UUID
	Hold     string
}

// choose is true for a reason without a campaign: leads are judged by campaign.
func (q leadQuery) choose() bool {
	return q.Hold != "" && q.Campaign == uuid.Nil && q.Text == "" && !q.Flagged
}

// maxQuery is longer than any name or address that is searched for.
const maxQuery = 100

func leadQueryOf(r *http.Request) (q leadQuery, err error) {
	values := r.URL.Query()
	q = leadQuery{Text: strings.TrimSpace(values.Get("q")), Flagged: values.Get("flagged") != "", Hold: values.Get("hold")}
	if len(q.Text) > maxQuery || !storable(q.Text) {
		return q, badInput{"Search for fewer characters: the beginning of a name, an email address or a phone number."}
	}
	if text := values.Get("campaign"); text != "" {
		if q.Campaign, err = uuid.Parse(text); err != nil {
			return q, badInput{"The campaign in the address is not an id."}
		}
	}
	if q.Hold != "" && ruleTexts[q.Hold] == "" {
		return q, badInput{"There is no rule of that name."}
	}
	return q, nil
}

// leadList searches and filters leads.
func (d *Dashboard) leadList(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), pageWithin)
	defer cancel()
	q, err := leadQueryOf(r)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	after, more, err := cursorOf(r)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	lists, err := d.leadLists(ctx, q)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	rows, next, err := walk(ctx, lists, after)
	if err != nil {
		d.fail(w, r, fmt.Errorf("listing leads: %w", err))
		return
	}
	view := leadsView{Query: q.Text, Flagged: q.Flagged, Campaign: q.Campaign, Hold: q.Hold, HoldText: ruleTexts[q.Hold], Rows: rows, Pager: pagerOf(r, !more, next)}
	if q.Text != "" && len(lists) == 0 {
		view.Hint = "Type at least two characters."
	}
	if q.choose() {
		view.Choose = true
		view.In, view.Known = d.heldIn(ctx, q.Hold)
	}
	if view.Campaigns, err = d.campaignChoices(ctx, q.Campaign); err != nil {
		d.fail(w, r, err)
		return
	}
	for _, rule := range ruleOrder {
		view.Rules = append(view.Rules, choice{rule, strings.ReplaceAll(rule, "_", " "), rule == q.Hold})
	}
	d.render(w, r, http.StatusOK, "leads", web.Page{Title: "Leads", Here: "/leads", Body: view})
}

// ruleOrder is the order in which rules are judged.
var ruleOrder = []string{campaign.RuleCampaignActive, campaign.RuleCampaignDates, campaign.RuleAgentReady, campaign.RuleLeadStatus, campaign.RulePhoneValid,
	campaign.RuleDoNotCall, campaign.RuleSuppressed, campaign.RuleDuplicatePhone, campaign.RuleMaxAttempts, campaign.RuleRetryInterval, campaign.RuleZoneKnown,
	campaign.RuleCallWindow, campaign.RuleRollingCap, campaign.RuleBudget, campaign.RuleDailyCap, campaign.RuleConcurrency}

func (d *Dashboard) campaignChoices(ctx context.Context, selected uuid.UUID) ([]choice, error) {
	rows, err := dbsqlc.New().DashboardCampaignNames(ctx, d.DB)
	if err != nil {
		return nil, fmt.Errorf("listing campaigns: %w", err)
	}
	list := make([]choice, len(rows))
	for i, r := range rows {
		list[i] = choice{r.ID.String(), r.Name, r.ID == selected}
	}
	return list, nil
}

// list reads one part of what is asked for, continued after a key.
type list func(ctx context.Context, after cursor, limit int32) ([]leadRow, error)

// walk reads a page out of lists that follow each other.
func walk(ctx context.Context, lists []list, after cursor) (rows []leadRow, next *cursor, err error) {
	for phase := after.Phase; phase < len(lists); phase++ {
		found, err := lists[phase](ctx, after, int32(pageRows+1-len(rows)))
		if err != nil {
			return nil, nil, err
		}
		for _, row := range found {
			if len(rows) == pageRows {
				return rows, next, nil
			}
			rows = append(rows, row)
			next = &cursor{Phase: phase, Key1: row.key1, Key2: row.key2, ID: row.ID}
		}
		after = cursor{Phase: phase + 1}
	}
	return rows, nil, nil
}

// leadLists chooses the indexes to walk.
func (d *Dashboard) leadLists(ctx context.Context, q leadQuery) ([]list, error) {
	text := strings.ToLower(q.Text)
	switch {
	case text != "":
		return d.searchLists(text), nil
	case q.Flagged:
		return []list{d.flaggedLeads}, nil
	case q.choose():
		return nil, nil
	case q.Campaign != uuid.Nil && q.Hold != "":
		return d.heldLists(ctx, q.Campaign, q.Hold)
	case q.Campaign != uuid.Nil:
		return []list{func(ctx context.Context, after cursor, limit int32) ([]leadRow, error) {
			rows, err := dbsqlc.New().DashboardLeadsOfCampaign(ctx, d.DB, dbsqlc.DashboardLeadsOfCampaignParams{CampaignID: q.Campaign, ID: after.ID, MaxRows: limit})
			return leadRows(rows, func(r dbsqlc.DashboardLeadsOfCampaignRow) dbsqlc.DashboardLeadsByLastNameRow {
				return dbsqlc.DashboardLeadsByLastNameRow(r)
			}), err
		}}, nil
	}
	return []list{d.byLastName("", "", "")}, nil
}

// leadRows converts what the lists return; their rows have the same columns.
func leadRows[R any](rows []R, same func(R) dbsqlc.DashboardLeadsByLastNameRow) []leadRow {
	list := make([]leadRow, len(rows))
	for i, row := range rows {
		r := same(row)
		number := deref(r.Phone)
		if number == "" {
			number = deref(r.MobilePhone)
		}
		list[i] = leadRow{ID: r.ID, Name: personName(r.FirstName, r.LastName), Phone: number, Email: deref(r.Email), Status: r.Status, Flagged: r.Flagged, key1: r.Key1, key2: r.Key2}
	}
	return slices.Clip(list)
}
