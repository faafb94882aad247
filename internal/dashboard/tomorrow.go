package dashboard

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/campaign"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
	"github.com/callhenk/henk-worker/web"
)

// tomorrowFigures are a plan on paper for the first instant of the business's next day, and what calls took so far.
type tomorrowFigures struct {
	Name    string
	Zone    *time.Location
	Plan    *campaign.Preview
	Average dbsqlc.CampaignCallsSoFarRow
}

// workOutTomorrow reads every lead of the campaign: in the background only, and for those who ask for it.
func (d *Dashboard) workOutTomorrow(ctx context.Context, id uuid.UUID) (tomorrowFigures, error) {
	c, err := campaign.Load(ctx, d.DB, id)
	if err != nil {
		return tomorrowFigures{}, err
	}
	f := tomorrowFigures{Name: c.Name, Zone: zoneOf(c.Calling)}
	y, m, day := d.Clock.Local().In(f.Zone).Date()
	at := time.Date(y, m, day+1, 0, 0, 0, 0, f.Zone)
	if f.Plan, err = campaign.PlanOnPaper(ctx, d.DB, id, at, campaign.Limits{AccountConcurrent: d.AccountConcurrent}, nil); err != nil {
		return f, err
	}
	if f.Average, err = dbsqlc.New().CampaignCallsSoFar(ctx, d.DB, id); err != nil {
		return f, fmt.Errorf("reading what calls took so far: %w", err)
	}
	return f, nil
}

// tomorrowView is what tomorrow.html shows.
type tomorrowView struct {
	ID       uuid.UUID
	Name     string
	Known    bool
	Age      string
	Day      string
	Zone     string
	Cap      int64
	Callable int64
	Calls    int64
	Minutes  float64
	Cost     float64
	BasedOn  int64
	Hours    []bar
	Held     []bar
	Retry    string
	Later    int64
}

// tomorrow shows what the campaign would do on the next day, as things are now.
func (d *Dashboard) tomorrow(w http.ResponseWriter, r *http.Request) {
	id, err := pathID(r)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), pageWithin)
	defer cancel()
	c, err := campaign.Load(ctx, d.DB, id)
	if errors.Is(err, campaign.ErrNotFound) {
		err = errGone
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	f, at := d.tomorrows.get(ctx, id, d.patience)
	view := tomorrowView{ID: id, Name: c.Name}
	if !at.IsZero() {
		view = newTomorrowView(id, f, at)
	}
	d.render(w, r, http.StatusOK, "tomorrow", web.Page{Title: c.Name + ", tomorrow", Here: "/campaigns", Body: view})
}

func newTomorrowView(id uuid.UUID, f tomorrowFigures, at time.Time) tomorrowView {
	p := f.Plan
	start := p.At.In(f.Zone)
	end := start.AddDate(0, 0, 1)
	v := tomorrowView{ID: id, Name: f.Name, Known: true, Age: ageOf(at), Day: start.Format("Monday 2 January"), Zone: f.Zone.String(), Cap: p.Quota.Cap,
		Later: p.Later, Retry: p.RetryUnderstood, BasedOn: f.Average.Calls}
	// Who is callable at once, and who only waits behind others.
	hours := map[int64]int64{start.Unix(): int64(len(p.WouldCall)) + p.CapsHit[campaign.RuleDailyCap] + p.CapsHit[campaign.RuleConcurrency]}
	for _, q := range p.Callable {
		if local := q.At.In(f.Zone); local.Before(end) {
			hours[local.Add(-time.Duration(local.Minute())*time.Minute).Unix()] += q.Leads
		} else {
			v.Later += q.Leads
		}
	}
	for h := start; h.Before(end); h = h.Add(time.Hour) {
		if n := hours[h.Unix()]; n > 0 {
			v.Callable += n
			v.Hours = append(v.Hours, bar{Label: h.Format("15:04"), Count: n})
		}
	}
	for i := range v.Hours {
		v.Hours[i].Whole = v.Callable
	}
	v.Calls = min(v.Callable, p.Quota.Remaining)
	v.Minutes, v.Cost = math.Round(float64(v.Calls)*f.Average.Seconds/60), float64(v.Calls)*f.Average.Cost
	var whole int64
	for _, n := range p.HeldBack {
		whole += n
	}
	for _, h := range sortedHeld(p.HeldBack) {
		if timed := h.Rule == campaign.RuleCallWindow || h.Rule == campaign.RuleRetryInterval || h.Rule == campaign.RuleDailyCap || h.Rule == campaign.RuleConcurrency; !timed {
			v.Held = append(v.Held, bar{Label: h.Rule, Text: ruleTexts[h.Rule], Count: h.Leads, Whole: whole + int64(len(p.WouldCall))})
		}
	}
	return v
}
