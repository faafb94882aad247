package dashboard

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/outcome"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
	"github.com/callhenk/henk-worker/web"
)

// conversationsView is what conversations.html shows.
type conversationsView struct {
	Outcomes, Campaigns []choice
	From, To            string
	Rows                []conversationRow
	Pager               pager
	Review              bool
}

type conversationRow struct {
	ID                                      uuid.UUID
	Name, Campaign, Status, Outcome, Length string
	Confidence                              string
	Review, Corrected                       bool
	At                                      time.Time
}

func newConversationRow(r dbsqlc.DashboardConversationsRow) conversationRow {
	row := conversationRow{ID: r.ID, Name: personName(r.FirstName, r.LastName), Campaign: r.Campaign, Status: string(r.Status), Outcome: r.Outcome,
		Review: r.NeedsReview, Corrected: r.Corrected, At: deref(r.StartedAt)}
	if r.DurationSeconds != nil {
		row.Length = minutes(time.Duration(*r.DurationSeconds) * time.Second)
	}
	if r.Confidence > 0 && !r.Corrected {
		row.Confidence = fmt.Sprintf("%.0f%%", 100*r.Confidence)
	}
	return row
}

// toReview is the filter for what a person should look at; no outcome has this name.
const toReview = "review"

// conversationQuery is what is asked for.
type conversationQuery struct {
	Outcome  string
	Campaign uuid.UUID
	From, To string
	since    time.Time
	before   time.Time
	id       uuid.UUID // the last one shown of those at the instant before
}

func conversationQueryOf(r *http.Request) (q conversationQuery, more bool, err error) {
	values := r.URL.Query()
	q = conversationQuery{Outcome: values.Get("outcome"), From: values.Get("from"), To: values.Get("to")}
	if q.Outcome != "" && q.Outcome != toReview && !slices.Contains(outcome.All, outcome.Outcome(q.Outcome)) {
		return q, false, badInput{"There is no outcome of that name."}
	}
	if text := values.Get("campaign"); text != "" {
		if q.Campaign, err = uuid.Parse(text); err != nil {
			return q, false, badInput{"The campaign in the address is not an id."}
		}
	}
	q.since, q.before = time.UnixMicro(minMicro), time.UnixMicro(maxMicro)
	if q.From != "" {
		if q.since, err = date(q.From); err != nil {
			return q, false, err
		}
	}
	if q.To != "" {
		to, err := date(q.To)
		if err != nil {
			return q, false, err
		}
		q.before = to.AddDate(0, 0, 1)
	}
	after, more, err := cursorOf(r)
	if err != nil {
		return q, false, err
	}
	if at := after.at(); more && !at.After(q.before) {
		q.before, q.id = at, after.ID
	}
	return q, more, nil
}

// date reads a day, in UTC.
func date(text string) (time.Time, error) {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil || day.Year() < 1900 || day.Year() > 9000 {
		return day, badInput{"A date must look like 2026-11-23."}
	}
	return day, nil
}

// conversationList lists conversations, latest first.
func (d *Dashboard) conversationList(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), pageWithin)
	defer cancel()
	q, more, err := conversationQueryOf(r)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	rows, err := d.readConversations(ctx, q)
	if err != nil {
		d.fail(w, r, fmt.Errorf("listing conversations: %w", err))
		return
	}
	var next *cursor
	if len(rows) > pageRows {
		rows = rows[:pageRows]
		last := rows[len(rows)-1]
		next = &cursor{At: deref(last.StartedAt).UnixMicro(), ID: last.ID}
	}
	view := conversationsView{From: q.From, To: q.To, Review: q.Outcome == toReview, Pager: pagerOf(r, !more, next)}
	for _, row := range rows {
		view.Rows = append(view.Rows, newConversationRow(row))
	}
	if view.Campaigns, err = d.campaignChoices(ctx, q.Campaign); err != nil {
		d.fail(w, r, err)
		return
	}
	view.Outcomes = append(outcomeChoices(q.Outcome), choice{toReview, "to be reviewed", q.Outcome == toReview})
	d.render(w, r, http.StatusOK, "conversations", web.Page{Title: "Conversations", Here: "/conversations", Body: view})
}

func outcomeChoices(selected string) []choice {
	list := make([]choice, 0, len(outcome.All)+1)
	for _, o := range outcome.All {
		list = append(list, choice{string(o), strings.ReplaceAll(string(o), "_", " "), string(o) == selected})
	}
	return list
}

// readConversations chooses the index to walk. Review and campaign together are not asked for: the list is short.
func (d *Dashboard) readConversations(ctx context.Context, q conversationQuery) ([]dbsqlc.DashboardConversationsRow, error) {
	const limit = pageRows + 1
	switch db := dbsqlc.New(); {
	case q.Outcome == toReview:
		rows, err := db.DashboardConversationsToReview(ctx, d.DB, dbsqlc.DashboardConversationsToReviewParams{Since: q.since, Before: q.before, ID: q.id, MaxRows: limit})
		return convert(rows, func(r dbsqlc.DashboardConversationsToReviewRow) dbsqlc.DashboardConversationsRow {
			return dbsqlc.DashboardConversationsRow(r)
		}), err
	case q.Campaign != uuid.Nil && q.Outcome != "":
		rows, err := db.DashboardConversationsOfCampaignOutcome(ctx, d.DB, dbsqlc.DashboardConversationsOfCampaignOutcomeParams{CampaignID: q.Campaign, Outcome: q.Outcome,
			Since: q.since, Before: q.before, ID: q.id, MaxRows: limit})
		return convert(rows, func(r dbsqlc.DashboardConversationsOfCampaignOutcomeRow) dbsqlc.DashboardConversationsRow {
			return dbsqlc.DashboardConversationsRow(r)
		}), err
	case q.Campaign != uuid.Nil:
		rows, err := db.DashboardConversationsOfCampaign(ctx, d.DB, dbsqlc.DashboardConversationsOfCampaignParams{CampaignID: q.Campaign, Since: q.since,
			Before: q.before, ID: q.id, MaxRows: limit})
		return convert(rows, func(r dbsqlc.DashboardConversationsOfCampaignRow) dbsqlc.DashboardConversationsRow {
			return dbsqlc.DashboardConversationsRow(r)
		}), err
	case q.Outcome != "":
		rows, err := db.DashboardConversationsOfOutcome(ctx, d.DB, dbsqlc.DashboardConversationsOfOutcomeParams{Outcome: q.Outcome, Since: q.since,
			Before: q.before, ID: q.id, MaxRows: limit})
		return convert(rows, func(r dbsqlc.DashboardConversationsOfOutcomeRow) dbsqlc.DashboardConversationsRow {
			return dbsqlc.DashboardConversationsRow(r)
		}), err
	default:
		return db.DashboardConversations(ctx, d.DB, dbsqlc.DashboardConversationsParams{Since: q.since, Before: q.before, ID: q.id, MaxRows: limit})
	}
}

func convert[A, B any](rows []A, to func(A) B) []B {
	out := make([]B, len(rows))
	for i, r := range rows {
		out[i] = to(r)
	}
	return out
}
