package dashboard

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/campaign"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
	"github.com/callhenk/henk-worker/web"
)

// campaignView is what campaign.html shows.
type campaignView struct {
	Notice   *notice
	Status   campaignStatusView
	Progress campaignProgress
	Form     campaignForm
	Audit    []auditRow
}

// campaignStatusView is what changes by the second.
type campaignStatusView struct {
	ID                                   uuid.UUID
	Name, Business, Agent, Status, About string
	Hold                                 string
	Used, Cap, Live, Dialing, Reserved   int64
	Unknown                              int64
	Planned, PlanSays                    string
	Wake, LastDial, Starts, Ends         time.Time
	Stopped                              *stopView
	CanPause, CanResume                  bool
	Window, Concurrency                  string
	MaxAttempts                          int32
	Retry                                string
}

// stopView is the proof that a stop has held.
type stopView struct {
	At    time.Time
	By    string
	Proof string
}

// campaignPage shows a campaign.
func (d *Dashboard) campaignPage(w http.ResponseWriter, r *http.Request) {
	id, err := pathID(r)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	d.showCampaign(w, r, http.StatusOK, id, noticeOf(r), nil)
}

// showCampaign renders the page; form is what a person has entered and could not be saved, nil = the stored values.
func (d *Dashboard) showCampaign(w http.ResponseWriter, r *http.Request, status int, id uuid.UUID, n *notice, form *campaignForm) {
	ctx, cancel := context.WithTimeout(r.Context(), pageWithin)
	defer cancel()
	row, audit, err := d.readCampaign(ctx, id)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	f, at := d.campaigns.get(ctx, id, d.patience)
	view := campaignView{Notice: n, Status: d.campaignStatusOf(row, audit), Progress: newCampaignProgress(id, f, at), Form: formOf(row)}
	if form != nil {
		form.Version, form.Current = row.Version, view.Form.Values
		view.Form = *form
	}
	for _, a := range audit {
		view.Audit = append(view.Audit, newAuditRow(a.At, a.Actor, a.Action, a.Detail))
	}
	d.render(w, r, status, "campaign", web.Page{Title: row.Name, Here: "/campaigns", Charts: true, Body: view})
}

// campaignFragments are read once a second for all who watch the campaign.
func (d *Dashboard) campaignFragments(ctx context.Context, id uuid.UUID) (map[string][]byte, error) {
	row, audit, err := d.readCampaign(ctx, id)
	if err != nil {
		return nil, err
	}
	f, at := d.campaigns.get(ctx, id, 0)
	progress := newCampaignProgress(id, f, at)
	out := map[string][]byte{}
	for part, body := range map[string]any{"status": d.campaignStatusOf(row, audit), "progress": progress, "charts": progress} {
		if out[part], err = web.Fragment("campaign", part, body); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// readCampaign reads a campaign and its history. The campaign's day decides what is counted, so it is asked for first;
// both come from one round trip while nobody edits the business, whose settings hardly ever change.
func (d *Dashboard) readCampaign(ctx context.Context, id uuid.UUID) (*dbsqlc.DashboardCampaignRow, []dbsqlc.AuditListOfCampaignRow, error) {
	q, now := dbsqlc.New(), d.Clock.Local()
	calling, err := q.DashboardCampaignDay(ctx, d.DB, id)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the campaign: %w", err)
	}
	date, start := dayOf(calling, now)
	row, err := q.DashboardCampaign(ctx, d.DB, dbsqlc.DashboardCampaignParams{ID: id, Now: now, Day: date, DayStart: start})
	if err != nil {
		return nil, nil, fmt.Errorf("reading the campaign: %w", err)
	}
	audit, err := q.AuditListOfCampaign(ctx, d.DB, id)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the campaign's audit: %w", err)
	}
	return &row, audit, nil
}

func (d *Dashboard) campaignStatusOf(r *dbsqlc.DashboardCampaignRow, audit []dbsqlc.AuditListOfCampaignRow) campaignStatusView {
	v := campaignStatusView{
		ID: r.ID, Name: r.Name, Business: r.BusinessName, Agent: r.AgentName, Status: string(r.Status), About: r.Description,
		Hold: holdOf(r.Status, r.Blocked, r.BlockedReason, r.Plan), Used: r.Used, Cap: max(int64(r.DailyCallCap), 0), Live: r.Live, Dialing: r.Dialing,
		Reserved: r.Reserved, Unknown: r.Unknown, Planned: agoOf(r.PlannedSecondsAgo), LastDial: r.LastDial,
		Starts: deref(r.StartDate), Ends: deref(r.EndDate), MaxAttempts: r.MaxAttempts, Retry: r.RetryLogic,
		CanPause: r.Status == dbsqlc.CampaignStatusActive, CanResume: r.Status == dbsqlc.CampaignStatusPaused,
		Window: windowText(r.WindowStart, r.WindowEnd), Concurrency: "as many as the account allows",
	}
	if r.MaxConcurrent != nil {
		v.Concurrency = fmt.Sprintf("at most %d at once", *r.MaxConcurrent)
	}
	if v.Hold == "" && v.Used >= v.Cap {
		v.Hold = "The daily cap is reached."
	}
	var plan campaign.Plan
	if json.Unmarshal(r.Plan, &plan) == nil {
		v.Wake = plan.Wake
		if plan.Held == nil && r.PlannedSecondsAgo >= 0 {
			v.PlanSays = fmt.Sprintf("It reserved %s with %d of %d used.", count(int64(plan.Count), "call", "calls"), plan.Used, plan.Cap)
		}
	}
	if v.CanResume {
		v.Stopped = stopOf(audit, r.LastDial)
	}
	return v
}

// stopOf finds the stop in force and says when the last dial was, seen from there.
func stopOf(audit []dbsqlc.AuditListOfCampaignRow, lastDial time.Time) *stopView {
	for _, a := range audit {
		switch a.Action {
		case "campaign.paused", "campaign.stopped":
		case "campaign.resumed":
			return nil
		default:
			continue
		}
		var detail struct {
			At time.Time `json:"at"` // by the rules' clock, as the dials are
		}
		if json.Unmarshal(a.Detail, &detail) != nil || detail.At.IsZero() {
			return nil
		}
		s := &stopView{At: a.At, By: a.Actor}
		switch gap := lastDial.Sub(detail.At); {
		case lastDial.Unix() <= 0:
			s.Proof = "No call was dialed yesterday or today."
		case gap > 0:
			s.Proof = fmt.Sprintf("The last dial was %d ms after it: it had passed its fence.", gap.Milliseconds())
		case -gap < 2*time.Minute:
			s.Proof = fmt.Sprintf("The last dial was %.1f s before it, and none since.", (-gap).Seconds())
		default:
			s.Proof = "The last dial was " + web.Span(-gap) + " before it, and none since."
		}
		return s
	}
	return nil
}

func windowText(start, end string) string {
	switch {
	case start == "" && end == "":
		return "the legal day, at the callee"
	case start == "":
		return "until " + end + ", at the callee"
	case end == "":
		return "from " + start + ", at the callee"
	}
	return start + " to " + end + ", at the callee"
}
