package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/campaign"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

const (
	maxCampaigns = 100
	maxWorkers   = 50
	// silentAfter is when a worker that has not beaten is taken for dead; it beats every 5 s.
	silentAfter = 30 * time.Second
)

// overview is what home.html shows.
type overview struct {
	Now       time.Time // by the rules' clock
	Problems  []string
	Totals    []stateCount
	Campaigns []campaignRow
	More      bool // there are more campaigns than are shown
	Workers   []workerRow
}

// stateCount is a number of calls in one state of the dial protocol.
type stateCount struct {
	state, Label, Hint string
	Count              int64
}

// states are those that count against the daily cap, in the order in which a call goes through them.
func states() []stateCount {
	return []stateCount{
		{state: "reserved", Label: "Reserved", Hint: "about to be dialed"},
		{state: "dialing", Label: "Dialing", Hint: "asked the provider"},
		{state: "placed", Label: "Placed", Hint: "the provider took the call"},
		{state: "unknown", Label: "Unclear", Hint: "no answer, being checked"},
	}
}

type campaignRow struct {
	id                           uuid.UUID
	Name, Business, Status, Tone string
	Today                        []stateCount
	Cap                          int64
	Hold, Planned                string
}

type workerRow struct{ ID, State, Tone, Beat, Queues, Version string }

// overview reads four small sets: campaigns, their calls of the day, the provider, the workers.
func (s *Server) overview(ctx context.Context) (*overview, error) {
	now, err := s.opts.Clock.Now(ctx, s.opts.DB)
	if err != nil {
		return nil, err
	}
	v := &overview{Now: now, Totals: states()}
	for _, read := range []func(context.Context, *overview) error{s.readProvider, s.readWorkers, s.readCampaigns} {
		if err := read(ctx, v); err != nil {
			return nil, err
		}
	}
	return v, nil
}

func (s *Server) readProvider(ctx context.Context, v *overview) error {
	p, err := dbsqlc.New().ProviderStateGet(ctx, s.opts.DB, campaign.Provider)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the provider's state: %w", err)
	}
	switch {
	case p.Breaker == "open":
		v.Problems = append(v.Problems, "No calls are placed: the ElevenLabs account refuses them. "+p.Reason)
	case p.Breaker == "half_open":
		v.Problems = append(v.Problems, "The ElevenLabs account answers again; one call tries before the rest follow.")
	case p.PausedUntil != nil && p.PausedUntil.After(p.Now):
		v.Problems = append(v.Problems, fmt.Sprintf("Dialing pauses for %s, as ElevenLabs asked or because it keeps failing. %s", span(p.PausedUntil.Sub(p.Now)), p.Reason))
	}
	return nil
}

func (s *Server) readWorkers(ctx context.Context, v *overview) error {
	rows, err := dbsqlc.New().OverviewWorkerList(ctx, s.opts.DB, maxWorkers)
	if err != nil {
		return fmt.Errorf("listing workers: %w", err)
	}
	alive := 0
	for _, r := range rows {
		since := seconds(r.BeatSecondsAgo)
		w := workerRow{ID: r.ClientID, State: "alive", Tone: "ok", Beat: span(since) + " ago", Queues: strings.Join(r.Queues, ", "), Version: r.Version}
		if since > silentAfter {
			w.State, w.Tone = "silent", "bad"
		} else {
			alive++
		}
		v.Workers = append(v.Workers, w)
	}
	if alive == 0 {
		v.Problems = append(v.Problems, "No worker is running: nothing is planned, dialed or synced. Start one with `henk worker` or `henk serve`.")
	}
	return nil
}

func (s *Server) readCampaigns(ctx context.Context, v *overview) error {
	q := dbsqlc.New()
	rows, err := q.OverviewCampaignList(ctx, s.opts.DB, maxCampaigns+1)
	if err != nil {
		return fmt.Errorf("listing campaigns: %w", err)
	}
	if v.More = len(rows) > maxCampaigns; v.More {
		rows = rows[:maxCampaigns]
	}
	var days dbsqlc.OverviewAttemptCountParams
	for _, r := range rows {
		c := newCampaignRow(r)
		if c.Status == "active" && r.Blocked {
			v.Problems = append(v.Problems, fmt.Sprintf("Campaign %s is blocked by its %s. %s", r.Name, r.BlockedBy, r.BlockedReason))
		}
		v.Campaigns = append(v.Campaigns, c)
		days.CampaignIds = append(days.CampaignIds, r.ID)
		days.Days = append(days.Days, today(r.Calling, v.Now))
	}
	counts, err := q.OverviewAttemptCount(ctx, s.opts.DB, days)
	if err != nil {
		return fmt.Errorf("counting today's calls: %w", err)
	}
	v.add(counts)
	return nil
}

func newCampaignRow(r dbsqlc.OverviewCampaignListRow) campaignRow {
	c := campaignRow{id: r.ID, Name: r.Name, Business: r.BusinessName, Status: string(r.Status), Today: states(), Cap: int64(r.DailyCallCap)}
	if r.PlannedSecondsAgo >= 0 {
		c.Planned = span(seconds(r.PlannedSecondsAgo)) + " ago"
	}
	switch r.Status {
	case dbsqlc.CampaignStatusActive:
		c.Tone = "ok"
	case dbsqlc.CampaignStatusPaused:
		c.Tone = "warn"
	}
	var plan struct {
		Held *campaign.Hold `json:"held"`
	}
	switch {
	case r.Status != dbsqlc.CampaignStatusActive:
		c.Hold = "The campaign is " + c.Status + "."
	case r.Blocked:
		c.Hold, c.Tone = "Blocked: "+r.BlockedReason, "bad"
	case json.Unmarshal(r.Plan, &plan) == nil && plan.Held != nil:
		c.Hold = plan.Held.Reason
	}
	return c
}

// today is the date on which the business's daily cap counts now. Settings that cannot be read hold the campaign, so
// that UTC, which they then give, has nothing to count.
func today(calling []byte, now time.Time) time.Time {
	settings, _ := campaign.ParseSettings(calling)
	y, m, d := now.In(settings.Timezone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

func (v *overview) add(counts []dbsqlc.OverviewAttemptCountRow) {
	byID := map[uuid.UUID]*campaignRow{}
	for i := range v.Campaigns {
		byID[v.Campaigns[i].id] = &v.Campaigns[i]
	}
	for _, n := range counts {
		for i := range v.Totals {
			if v.Totals[i].state == n.State {
				v.Totals[i].Count += n.Attempts
				byID[n.CampaignID].Today[i].Count = n.Attempts
			}
		}
	}
	for i, c := range v.Campaigns {
		var used int64
		for _, n := range c.Today {
			used += n.Count
		}
		if c.Hold == "" && used >= c.Cap {
			v.Campaigns[i].Hold = "The daily cap is reached."
		}
	}
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }

// span is a duration in one unit, rounded down.
func span(d time.Duration) string {
	switch {
	case d < time.Second:
		return "a moment"
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return fmt.Sprintf("%d days", d/(24*time.Hour))
}
