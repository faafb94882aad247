package dashboard

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/campaign"
	"github.com/callhenk/henk-worker/internal/phone"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
	"github.com/callhenk/henk-worker/web"
)

// leadView is what lead.html shows.
type leadView struct {
	Notice        *notice
	ID            uuid.UUID
	Name          string
	Business      string
	Facts         []fact
	Flags         []string
	Campaigns     []memberView
	Attempts      []attemptView
	Conversations []conversationRow
	Suppressions  []suppressionView
	Audit         []auditRow
	MayLift       bool
	Reason        string // as typed, where it could not be taken
}

// fact is a line of a description list.
type fact struct{ Name, Text string }

// memberView is the lead's place in a campaign.
type memberView struct {
	ID                            uuid.UUID
	Name, Campaign, Status        string
	Outcome, Verdict, Why, Reason string
	Attempts                      int32
	Next                          time.Time
	Rules                         []ruleView
}

// ruleView is one rule as judged now.
type ruleView struct {
	Rule, Reason string
	OK, First    bool
	Inputs       []fact
}

type attemptView struct {
	ID                                        uuid.UUID
	Number                                    int32
	Campaign, State, Reason, Says, Phone, Job string
	At                                        time.Time
	Conversation                              *uuid.UUID
}

type suppressionView struct {
	Phone, Source, Reason string
	Everybody, Binding    bool
	At                    time.Time
	Conversation          string
}

// leadPage shows a person: why they are called or not, and what has happened.
func (d *Dashboard) leadPage(w http.ResponseWriter, r *http.Request) {
	id, err := pathID(r)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	d.showLead(w, r, http.StatusOK, id, noticeOf(r), "")
}

func (d *Dashboard) showLead(w http.ResponseWriter, r *http.Request, status int, id uuid.UUID, n *notice, reason string) {
	ctx, cancel := context.WithTimeout(r.Context(), pageWithin)
	defer cancel()
	row, err := dbsqlc.New().DashboardLead(ctx, d.DB, id)
	if err != nil {
		d.fail(w, r, fmt.Errorf("reading the lead: %w", err))
		return
	}
	view := leadView{Notice: n, ID: id, Name: personName(row.FirstName, row.LastName), Business: row.BusinessName, Facts: leadFacts(&row), Reason: reason}
	if row.DoNotCall {
		view.Flags = append(view.Flags, "do_not_call")
	}
	if row.Dnc {
		view.Flags = append(view.Flags, "dnc")
	}
	for _, read := range []func(context.Context, *leadView, *dbsqlc.DashboardLeadRow) error{d.readMembers, d.readAttempts, d.readLeadCalls, d.readSuppressions, d.readLeadAudit} {
		if err := read(ctx, &view, &row); err != nil {
			d.fail(w, r, err)
			return
		}
	}
	d.render(w, r, status, "lead", web.Page{Title: view.Name, Here: "/leads", Body: view})
}

func leadFacts(r *dbsqlc.DashboardLeadRow) []fact {
	place := strings.Join(strings.Fields(strings.Join([]string{deref(r.City), deref(r.State), deref(r.PostalCode), deref(r.Country)}, " ")), " ")
	source := r.Source
	if id := deref(r.SourceID); id != "" {
		source += " " + id
	}
	quality := deref(r.QualityRating)
	if r.LeadScore != nil {
		quality = strings.TrimSpace(fmt.Sprintf("%s %d", quality, *r.LeadScore))
	}
	var facts []fact
	for _, f := range []fact{{"Phone", deref(r.Phone)}, {"Mobile", deref(r.MobilePhone)}, {"Email", deref(r.Email)}, {"Place", place},
		{"Time zone", deref(r.Timezone)}, {"Company", deref(r.Company)}, {"Status", strings.ReplaceAll(r.Status, "_", " ")}, {"Quality", quality}, {"Source", source}} {
		if f.Text != "" {
			facts = append(facts, f)
		}
	}
	return facts
}

func (d *Dashboard) readMembers(ctx context.Context, v *leadView, _ *dbsqlc.DashboardLeadRow) error {
	rows, err := dbsqlc.New().DashboardLeadCampaigns(ctx, d.DB, v.ID)
	if err != nil {
		return fmt.Errorf("listing the lead's campaigns: %w", err)
	}
	for _, r := range rows {
		m := memberView{ID: r.CampaignID, Name: r.Name, Campaign: string(r.CampaignStatus), Status: r.Status, Outcome: r.Outcome, Attempts: r.Attempts, Next: deref(r.NextAttemptAt)}
		if err := d.explain(ctx, &m, v.ID); err != nil {
			return err
		}
		v.Campaigns = append(v.Campaigns, m)
	}
	return nil
}

func (d *Dashboard) readAttempts(ctx context.Context, v *leadView, _ *dbsqlc.DashboardLeadRow) error {
	names := map[uuid.UUID]string{}
	var ids []uuid.UUID
	for _, m := range v.Campaigns {
		ids = append(ids, m.ID)
		names[m.ID] = m.Name
	}
	rows, err := dbsqlc.New().DashboardLeadAttempts(ctx, d.DB, dbsqlc.DashboardLeadAttemptsParams{CampaignIds: ids, LeadID: v.ID})
	if err != nil {
		return fmt.Errorf("listing the lead's attempts: %w", err)
	}
	for _, r := range rows {
		a := attemptView{ID: r.ID, Number: r.AttemptNumber, Campaign: names[r.CampaignID], State: r.State, Reason: r.Reason, Says: r.ErrorMessage,
			Phone: r.PhoneNumber, At: r.ScheduledAt, Conversation: r.ConversationID}
		if r.DialingAt != nil {
			a.At = *r.DialingAt
		}
		v.Attempts = append(v.Attempts, a)
	}
	return d.linkAttempts(ctx, v.Attempts)
}

func (d *Dashboard) readLeadCalls(ctx context.Context, v *leadView, _ *dbsqlc.DashboardLeadRow) error {
	rows, err := dbsqlc.New().DashboardConversationsOfLead(ctx, d.DB, v.ID)
	if err != nil {
		return fmt.Errorf("listing the lead's conversations: %w", err)
	}
	for _, r := range rows {
		v.Conversations = append(v.Conversations, newConversationRow(dbsqlc.DashboardConversationsRow(r)))
	}
	return nil
}

func (d *Dashboard) readSuppressions(ctx context.Context, v *leadView, r *dbsqlc.DashboardLeadRow) error {
	numbers := numbersOf(r.Calling, r.Phone, r.MobilePhone)
	rows, err := dbsqlc.New().DashboardSuppressions(ctx, d.DB, dbsqlc.DashboardSuppressionsParams{Phones: numbers, BusinessID: r.BusinessID, Now: d.Clock.Local()})
	if err != nil {
		return fmt.Errorf("looking for suppressions: %w", err)
	}
	v.MayLift = len(v.Flags) > 0
	for _, s := range rows {
		v.Suppressions = append(v.Suppressions, suppressionView{Phone: s.Phone, Source: s.Source, Reason: s.Reason, Everybody: s.BusinessID == nil,
			Binding: s.Binding, At: s.CreatedAt, Conversation: idOrNothing(s.ConversationID)})
		v.MayLift = v.MayLift || s.Binding && s.BusinessID != nil
	}
	return nil
}

// idOrNothing keeps what is not an id out of a link.
func idOrNothing(text string) string {
	if _, err := uuid.Parse(text); err != nil {
		return ""
	}
	return text
}

func (d *Dashboard) readLeadAudit(ctx context.Context, v *leadView, _ *dbsqlc.DashboardLeadRow) error {
	rows, err := dbsqlc.New().AuditListOfLead(ctx, d.DB, v.ID)
	if err != nil {
		return fmt.Errorf("reading the lead's audit: %w", err)
	}
	for _, a := range rows {
		v.Audit = append(v.Audit, newAuditRow(a.At, a.Actor, a.Action, a.Detail))
	}
	return nil
}

// numbersOf are the lead's numbers as the suppression list has them: those that may be dialed, and those that could
// not be but are whole.
func numbersOf(calling []byte, raw ...*string) []string {
	settings, _ := campaign.ParseSettings(calling)
	numbers := []string{}
	for _, text := range raw {
		if n, err := phone.Parse(deref(text), settings.Countries); err == nil {
			numbers = append(numbers, n.E164)
		} else if digits := strings.TrimPrefix(deref(text), "+"); digits != deref(text) && len(digits) >= 7 && len(digits) <= 15 && strings.Trim(digits, "0123456789") == "" {
			numbers = append(numbers, deref(text))
		}
	}
	return numbers
}
