package dashboard

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/campaign"
	"github.com/callhenk/henk-worker/internal/phone"
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

// last is above every text in collation "C".
const last = "\U0010FFFF"

// leadLists chooses the indexes to walk.
func (d *Dashboard) leadLists(ctx context.Context, q leadQuery) ([]list, error) {
	text := strings.ToLower(q.Text)
	switch {
	case text != "":
		return d.searchLists(text), nil
	case q.Flagged:
		return []list{d.flaggedLeads}, nil
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

func (d *Dashboard) searchLists(text string) []list {
	if len([]rune(text)) < 2 {
		return nil // a tenth of all people begins with the same letter
	}
	if strings.Contains(text, "@") {
		return []list{d.byEmail(text)}
	}
	if digits, ok := phonePrefix(text); ok {
		return []list{d.byPhone(digits), d.byMobile(digits)}
	}
	words := strings.Fields(text)
	if len(words) == 1 {
		return []list{d.byLastName(text, text+last, ""), d.byFirstName(text, text+last, "", text, "")}
	}
	first, rest := words[0], strings.Join(words[1:], " ")
	return []list{ // "ada love", then "love, ada", then one part with a space in it
		d.byLastName(rest, rest+last, first),
		d.byLastName(words[0], words[0]+last, rest),
		d.byFirstName(text, text+last, "", "", ""),
	}
}

// phonePrefix reads what may be the beginning of a number: its last ten digits are what is compared, so that a country
// code in front of a North American number falls away.
func phonePrefix(text string) (digits string, ok bool) {
	for _, c := range text {
		switch {
		case c >= '0' && c <= '9':
			digits += string(c)
		case !strings.ContainsRune("+-(). /", c):
			return "", false
		}
	}
	if strings.HasPrefix(text, "+1") || len(digits) == 11 && digits[0] == '1' {
		digits = digits[1:]
	}
	if tail := phone.Tail(digits); tail != "" {
		digits = tail
	}
	return digits, digits != ""
}

func (d *Dashboard) byLastName(low, high, other string) list {
	if high == "" {
		high = last
	}
	return func(ctx context.Context, after cursor, limit int32) ([]leadRow, error) {
		rows, err := dbsqlc.New().DashboardLeadsByLastName(ctx, d.DB, dbsqlc.DashboardLeadsByLastNameParams{Low: low, High: high, Key1: after.Key1,
			Key2: after.Key2, ID: after.ID, Other: other, MaxRows: limit})
		return leadRows(rows, func(r dbsqlc.DashboardLeadsByLastNameRow) dbsqlc.DashboardLeadsByLastNameRow { return r }), err
	}
}

// byFirstName leaves out those that byLastName(shownLast, .., shownFirst) has found; both empty leaves out nobody.
func (d *Dashboard) byFirstName(low, high, other, shownLast, shownFirst string) list {
	if shownLast == "" && shownFirst == "" {
		shownLast = last // nobody's
	}
	return func(ctx context.Context, after cursor, limit int32) ([]leadRow, error) {
		rows, err := dbsqlc.New().DashboardLeadsByFirstName(ctx, d.DB, dbsqlc.DashboardLeadsByFirstNameParams{Low: low, High: high, Key1: after.Key1,
			Key2: after.Key2, ID: after.ID, Other: other, ShownLast: shownLast, ShownFirst: shownFirst, MaxRows: limit})
		return leadRows(rows, func(r dbsqlc.DashboardLeadsByFirstNameRow) dbsqlc.DashboardLeadsByLastNameRow {
			return dbsqlc.DashboardLeadsByLastNameRow(r)
		}), err
	}
}

func (d *Dashboard) byEmail(text string) list {
	return func(ctx context.Context, after cursor, limit int32) ([]leadRow, error) {
		rows, err := dbsqlc.New().DashboardLeadsByEmail(ctx, d.DB, dbsqlc.DashboardLeadsByEmailParams{Low: text, High: text + last, Key1: after.Key1, ID: after.ID, MaxRows: limit})
		return leadRows(rows, func(r dbsqlc.DashboardLeadsByEmailRow) dbsqlc.DashboardLeadsByLastNameRow {
			return dbsqlc.DashboardLeadsByLastNameRow(r)
		}), err
	}
}

func (d *Dashboard) byPhone(digits string) list {
	return func(ctx context.Context, after cursor, limit int32) ([]leadRow, error) {
		rows, err := dbsqlc.New().DashboardLeadsByPhone(ctx, d.DB, dbsqlc.DashboardLeadsByPhoneParams{Low: digits, High: digits + last, Key1: after.Key1, ID: after.ID, MaxRows: limit})
		return leadRows(rows, func(r dbsqlc.DashboardLeadsByPhoneRow) dbsqlc.DashboardLeadsByLastNameRow {
			return dbsqlc.DashboardLeadsByLastNameRow(r)
		}), err
	}
}

func (d *Dashboard) byMobile(digits string) list {
	return func(ctx context.Context, after cursor, limit int32) ([]leadRow, error) {
		rows, err := dbsqlc.New().DashboardLeadsByMobile(ctx, d.DB, dbsqlc.DashboardLeadsByMobileParams{Low: digits, High: digits + last, Key1: after.Key1, ID: after.ID, MaxRows: limit})
		return leadRows(rows, func(r dbsqlc.DashboardLeadsByMobileRow) dbsqlc.DashboardLeadsByLastNameRow {
			return dbsqlc.DashboardLeadsByLastNameRow(r)
		}), err
	}
}

func (d *Dashboard) flaggedLeads(ctx context.Context, after cursor, limit int32) ([]leadRow, error) {
	rows, err := dbsqlc.New().DashboardLeadsFlagged(ctx, d.DB, dbsqlc.DashboardLeadsFlaggedParams{Key1: after.Key1, Key2: after.Key2, ID: after.ID, MaxRows: limit})
	return leadRows(rows, func(r dbsqlc.DashboardLeadsFlaggedRow) dbsqlc.DashboardLeadsByLastNameRow {
		return dbsqlc.DashboardLeadsByLastNameRow(r)
	}), err
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
