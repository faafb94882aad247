package dashboard

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strconv"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
	"github.com/callhenk/henk-worker/jobs"
)

// campaignForm is what can be edited, as typed.
type campaignForm struct {
	Values  formValues
	Current formValues // what is stored, where it is not what was typed
	Version string
	Problem string
}

type formValues struct{ Cap, From, To, Concurrency string }

func formOf(r *dbsqlc.DashboardCampaignRow) campaignForm {
	v := formValues{Cap: strconv.Itoa(int(r.DailyCallCap)), From: r.WindowStart, To: r.WindowEnd}
	if r.MaxConcurrent != nil {
		v.Concurrency = strconv.Itoa(int(*r.MaxConcurrent))
	}
	return campaignForm{Values: v, Version: r.Version}
}

// campaignStatus pauses, stops or resumes. Each takes effect on the next fence, because the fence asks for the status;
// a stop also withdraws what is reserved.
func (d *Dashboard) campaignStatus(w http.ResponseWriter, r *http.Request) {
	id, err := pathID(r)
	if err == nil {
		err = parseForm(r)
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), pageWithin)
	defer cancel()
	action, done := r.PostFormValue("action"), "same"
	err = store.InTx(ctx, d.DB, func(tx pgx.Tx) error {
		done, err = d.setStatus(ctx, tx, w, r, id, action)
		return err
	})
	if err != nil {
		d.fail(w, r, err)
		return
	}
	d.campaigns.stale(id)
	d.today.stale(uuid.Nil)
	back(w, r, "/campaigns/"+id.String(), done)
}

func (d *Dashboard) setStatus(ctx context.Context, tx pgx.Tx, w http.ResponseWriter, r *http.Request, id uuid.UUID, action string) (done string, err error) {
	q := dbsqlc.New()
	row, err := q.DashboardCampaignLock(ctx, tx, id)
	if err != nil {
		return "", fmt.Errorf("reading the campaign: %w", err)
	}
	from, to := dbsqlc.CampaignStatusActive, dbsqlc.CampaignStatusPaused
	c := change{Campaign: &id}
	switch action {
	case "pause":
		c.Action, done = "campaign.paused", "paused"
	case "stop":
		c.Action, done = "campaign.stopped", "stopped"
	case "resume":
		c.Action, done = "campaign.resumed", "resumed"
		from, to = to, from
	default:
		return "", badInput{"There is pause, stop and resume."}
	}
	if row.Status != from {
		return "same", nil // somebody else was faster, or the page was old
	}
	if err := q.DashboardCampaignSetStatus(ctx, tx, dbsqlc.DashboardCampaignSetStatusParams{ID: id, Status: to}); err != nil {
		return "", fmt.Errorf("setting the campaign's status: %w", err)
	}
	now, err := d.Clock.Now(ctx, tx)
	if err != nil {
		return "", err
	}
	c.Detail = map[string]any{}
	switch action {
	case "stop":
		n, err := q.DashboardCampaignWithdraw(ctx, tx, dbsqlc.DashboardCampaignWithdrawParams{CampaignID: id, Now: now})
		if err != nil {
			return "", fmt.Errorf("withdrawing reserved attempts: %w", err)
		}
		c.Detail["withdrawn"] = n
	case "resume":
		if _, err := jobs.InsertPlanTx(ctx, tx, d.Client, id); err != nil {
			return "", err
		}
	}
	// By the rules' clock, as the dials are: see stopOf.
	if now, err = d.Clock.Now(ctx, tx); err != nil {
		return "", err
	}
	c.Detail["at"] = now
	return done, d.record(ctx, tx, w, r, c)
}

// campaignEdit saves cap, window and concurrency, unless somebody else has changed one of them since the form was made.
func (d *Dashboard) campaignEdit(w http.ResponseWriter, r *http.Request) {
	id, err := pathID(r)
	if err == nil {
		err = parseForm(r)
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	form := campaignForm{Values: formValues{r.PostFormValue("cap"), r.PostFormValue("from"), r.PostFormValue("to"), r.PostFormValue("concurrency")},
		Version: r.PostFormValue("version")}
	limits, problem := form.Values.parse()
	if problem != "" {
		form.Problem = problem
		d.showCampaign(w, r, http.StatusUnprocessableEntity, id, &notice{"bad", "Not saved: " + problem}, &form)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), pageWithin)
	defer cancel()
	done := ""
	err = store.InTx(ctx, d.DB, func(tx pgx.Tx) error {
		done, err = d.saveLimits(ctx, tx, w, r, id, form.Version, limits)
		return err
	})
	switch {
	case err != nil:
		d.fail(w, r, err)
	case done == "conflict":
		form.Problem = "Somebody else saved these limits after you had opened the page. Beside each field stands what is in force now; save again to replace it."
		d.showCampaign(w, r, http.StatusConflict, id, &notice{"bad", "Not saved: " + form.Problem}, &form)
	default:
		d.campaigns.stale(id)
		d.today.stale(uuid.Nil)
		back(w, r, "/campaigns/"+id.String(), done)
	}
}

// limits are the form's values, read.
type limits struct {
	cap         int32
	from, to    string
	concurrency *int32
}

var timeOfDay = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)

func (v formValues) parse() (l limits, problem string) {
	n, err := strconv.ParseInt(v.Cap, 10, 32)
	if err != nil || n < 0 || n > 1_000_000 {
		return l, "the daily cap must be a whole number from 0 to 1,000,000."
	}
	l.cap = int32(n)
	for _, edge := range []string{v.From, v.To} {
		if edge != "" && !timeOfDay.MatchString(edge) {
			return l, "a side of the calling window must be a time of day such as 09:30, or empty."
		}
	}
	if l.from, l.to = v.From, v.To; l.from != "" && l.from == l.to {
		return l, "the calling window is empty: it opens and closes at the same time. Leave both sides empty for no limit."
	}
	if v.Concurrency == "" {
		return l, ""
	}
	m, err := strconv.ParseInt(v.Concurrency, 10, 32)
	if err != nil || m < 1 || m > 10_000 {
		return l, "calls at once must be a whole number from 1 to 10,000, or empty for no limit of its own."
	}
	concurrency := int32(m)
	l.concurrency = &concurrency
	return l, ""
}

func (d *Dashboard) saveLimits(ctx context.Context, tx pgx.Tx, w http.ResponseWriter, r *http.Request, id uuid.UUID, version string, l limits) (string, error) {
	q := dbsqlc.New()
	row, err := q.DashboardCampaignLock(ctx, tx, id)
	if err != nil {
		return "", fmt.Errorf("reading the campaign: %w", err)
	}
	if row.Version != version {
		return "conflict", nil
	}
	changed := map[string]any{}
	note := func(name string, before, after any) {
		if before != after {
			changed[name] = []any{before, after}
		}
	}
	note("daily_cap", row.DailyCallCap, l.cap)
	note("window_from", row.WindowStart, l.from)
	note("window_to", row.WindowEnd, l.to)
	note("calls_at_once", optional(row.MaxConcurrent), optional(l.concurrency))
	if len(changed) == 0 {
		return "same", nil
	}
	err = q.DashboardCampaignEdit(ctx, tx, dbsqlc.DashboardCampaignEditParams{ID: id, DailyCallCap: l.cap, WindowStart: l.from, WindowEnd: l.to})
	if err != nil {
		return "", fmt.Errorf("saving the campaign's limits: %w", err)
	}
	if err := q.DashboardCampaignSetConcurrency(ctx, tx, dbsqlc.DashboardCampaignSetConcurrencyParams{CampaignID: id, MaxConcurrent: l.concurrency}); err != nil {
		return "", fmt.Errorf("saving the campaign's calls at once: %w", err)
	}
	if _, err := jobs.InsertPlanTx(ctx, tx, d.Client, id); err != nil {
		return "", err
	}
	return "saved", d.record(ctx, tx, w, r, change{Action: "campaign.edited", Campaign: &id, Detail: changed})
}

func optional(n *int32) any {
	if n == nil {
		return nil
	}
	return *n
}
