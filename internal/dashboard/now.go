package dashboard

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/campaign"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
	"github.com/callhenk/henk-worker/web"
)

// pageWithin bounds the reading of a page.
const pageWithin = 5 * time.Second

// nowView is what now.html shows. Live changes by the second, Today as the figures do.
type nowView struct {
	Live  liveView
	Today todayView
}

// now shows what is going on.
func (d *Dashboard) now(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), pageWithin)
	defer cancel()
	today, at := d.today.get(ctx, uuid.Nil, d.patience)
	live, err := d.readLive(ctx, today)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	d.render(w, r, http.StatusOK, "now", web.Page{Title: "Now", Here: "/", Body: nowView{live, newTodayView(today, at)}})
}

func (d *Dashboard) nowFragments(ctx context.Context) (map[string][]byte, error) {
	today, at := d.today.get(ctx, uuid.Nil, 0)
	live, err := d.readLive(ctx, today)
	if err != nil {
		return nil, err
	}
	out := map[string][]byte{}
	if out["live"], err = web.Fragment("now", "live", live); err != nil {
		return nil, err
	}
	out["today"], err = web.Fragment("now", "today", newTodayView(today, at))
	return out, err
}

// liveRow is what query DashboardLive returns.
type liveRow struct {
	Calls []struct {
		ID        uuid.UUID `json:"id"`
		Status    string    `json:"status"`
		StartedAt time.Time `json:"started_at"`
		Campaign  string    `json:"campaign"`
		Lead      string    `json:"lead"`
		LeadID    uuid.UUID `json:"lead_id"`
	} `json:"calls"`
	Live           int64            `json:"live"`
	LastMinute     int64            `json:"last_minute"`
	Attempts       map[string]int64 `json:"attempts"`
	OverdueUnknown int64            `json:"overdue_unknown"`
	Provider       *struct {
		Breaker      string   `json:"breaker"`
		Reason       string   `json:"reason"`
		PauseSeconds *float64 `json:"pause_seconds"`
	} `json:"provider"`
	Workers []struct {
		ClientID       string   `json:"client_id"`
		Queues         []string `json:"queues"`
		Version        string   `json:"version"`
		BeatSecondsAgo float64  `json:"beat_seconds_ago"`
	} `json:"workers"`
	Blocked []struct {
		ID     uuid.UUID `json:"id"`
		Name   string    `json:"name"`
		By     string    `json:"blocked_by"`
		Reason string    `json:"blocked_reason"`
	} `json:"blocked"`
	Integrations []struct {
		ID       uuid.UUID `json:"id"`
		Business string    `json:"business"`
		Error    string    `json:"error"`
	} `json:"integrations"`
	WebhookSecondsAgo *float64 `json:"webhook_seconds_ago"`
	EndedLately       int64    `json:"ended_lately"`
}

// liveView is the part of the page that changes by the second.
type liveView struct {
	Now        time.Time
	Live       int64
	LastMinute int64
	Reserved   int64
	Dialing    int64
	Calls      []liveCall
	More       int64
	Problems   []problem
	Workers    []workerRow
	Day        totals // of today, from the figures
	DayKnown   bool
}

type liveCall struct {
	ID, LeadID                  uuid.UUID
	Lead, Campaign, Status, Age string
	Share                       float64 // of ten minutes, for its bar
}

type workerRow struct{ ID, State, Beat, Queues, Version string }

// problem needs a person.
type problem struct{ Tone, Text, Link, LinkText string }

func (d *Dashboard) readLive(ctx context.Context, today todayFigures) (liveView, error) {
	now := d.Clock.Local()
	data, err := dbsqlc.New().DashboardLive(ctx, d.DB, dbsqlc.DashboardLiveParams{Now: now, Provider: campaign.Provider})
	if err != nil {
		return liveView{}, fmt.Errorf("reading the live view: %w", err)
	}
	var row liveRow
	if err := json.Unmarshal(data, &row); err != nil {
		return liveView{}, fmt.Errorf("reading the live view: %w", err)
	}
	v := liveView{Now: now.Truncate(time.Second), Live: row.Live, LastMinute: row.LastMinute, Reserved: row.Attempts["reserved"],
		Dialing: row.Attempts["dialing"], Day: today.Total, DayKnown: today.Known}
	for _, c := range row.Calls {
		age := max(now.Sub(c.StartedAt), 0)
		call := liveCall{ID: c.ID, LeadID: c.LeadID, Lead: c.Lead, Campaign: c.Campaign, Status: c.Status, Age: minutes(age),
			Share: min(100, 100*age.Minutes()/10)}
		if strings.TrimSpace(call.Lead) == "" {
			call.Lead = "(no name)"
		}
		v.Calls = append(v.Calls, call)
	}
	v.More = row.Live - int64(len(v.Calls))
	for _, r := range row.Workers {
		since := seconds(r.BeatSecondsAgo)
		w := workerRow{ID: r.ClientID, State: "alive", Beat: web.Span(since) + " ago", Queues: strings.Join(r.Queues, ", "), Version: r.Version}
		if since > silentAfter {
			w.State = "silent"
		}
		v.Workers = append(v.Workers, w)
	}
	v.Problems = problemsOf(&row, v.Workers, today)
	return v, nil
}

// minutes is a call's age as a clock shows it.
func minutes(d time.Duration) string {
	d = d.Truncate(time.Second)
	if d >= time.Hour {
		return fmt.Sprintf("%d:%02d:%02d", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d:%02d", int(d.Minutes()), int(d.Seconds())%60)
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }

func secondsOf(n int) time.Duration { return time.Duration(n) * time.Second }
