package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/calltime"
	"github.com/callhenk/henk-worker/internal/campaign"
	"github.com/callhenk/henk-worker/internal/elevenlabssim"
)

// Violations are counted from what reached the simulator.
type Violations struct {
	DoubleDials   int `json:"double_dials"`
	DNCCalls      int `json:"dnc_calls"`
	OutsideWindow int `json:"outside_window"`
	OverCap       int `json:"over_cap"`
	Lost          int `json:"lost"`
}

// Summary is what the demo did; its JSON is what `henk demo --once --json` prints and others rely on.
type Summary struct {
	OK                     bool             `json:"ok"`
	Database               string           `json:"database"`
	Seed                   int64            `json:"seed"`
	Leads                  int              `json:"leads"`
	LeadsSynced            int              `json:"leads_synced"`
	Campaigns              int              `json:"campaigns"`
	CallsPlaced            int              `json:"calls_placed"`
	CallsAnswered          int              `json:"calls_answered"`
	ConversationsCompleted int              `json:"conversations_completed"`
	ConversationEvents     int              `json:"conversation_events"`
	Outcomes               map[string]int   `json:"outcomes"`
	HeldBack               map[string]int64 `json:"held_back"`
	Violations             Violations       `json:"violations"`
	DurationMS             int64            `json:"duration_ms"`
}

// Progress is the state of a running demo.
type Progress struct {
	Placed, Answered, Active, Ended int
	Open                            int // attempts and calls that are not over
	Jobs                            int // jobs that are not done, ticks and wake-ups aside
	Planned                         bool
	Held                            map[string]int64
}

// Done reports whether every call has its outcome and nobody more may be called now.
func (p *Progress) Done() bool { return p.Planned && p.Open == 0 && p.Jobs == 0 }

const progressSQL = `
select
    (select count(*) from call_attempts where in_progress)
        + (select count(*) from conversations where status in ('initiated', 'in_progress')),
    (select count(*) from river.river_job where state in ('available', 'pending', 'retryable', 'running', 'scheduled')
        and kind in ('plan-campaign', 'dial-lead', 'reconcile-attempt', 'sync-conversation', 'apply-webhook', 'campaign-orchestrator')
        and not coalesce((args ->> 'wake')::boolean, false)),
    not exists (select from campaigns c where not exists (
        select from henk.campaign_state s where s.campaign_id = c.id and s.planned_at is not null)),
    (select count(*) from conversations where status not in ('initiated', 'in_progress')),
    (select count(*) from henk.candidates where state = 'dirty')`

// Progress reads where the demo is.
func (d *Demo) Progress(ctx context.Context) (*Progress, error) {
	p := &Progress{}
	var dirty int
	if err := d.DB.QueryRow(ctx, progressSQL).Scan(&p.Open, &p.Jobs, &p.Planned, &p.Ended, &dirty); err != nil {
		return nil, fmt.Errorf("reading the demo's progress: %w", err)
	}
	now := d.clock.Local()
	for _, r := range d.sim.Rings() {
		p.Placed++
		if r.Answered {
			p.Answered++
		}
		if r.Ended.After(now) {
			p.Active++
		}
	}
	var err error
	p.Held, err = d.heldBack(ctx)
	return p, err
}

func (d *Demo) heldBack(ctx context.Context) (map[string]int64, error) {
	total := map[string]int64{}
	for id := range d.people.caps {
		held, err := campaign.HeldBack(ctx, d.DB, id, d.clock.Local())
		if err != nil {
			return nil, err
		}
		for rule, n := range held {
			total[rule] += n
		}
	}
	return total, nil
}

// Summarize adds everything up and judges it.
func (d *Demo) Summarize(ctx context.Context) (*Summary, error) {
	s := &Summary{Database: "embedded", Seed: d.Seed, Leads: d.Leads, Campaigns: len(d.people.caps), Outcomes: map[string]int{}}
	if d.DatabaseURL != "" {
		s.Database = "DATABASE_URL"
	}
	var err error
	if s.HeldBack, err = d.heldBack(ctx); err != nil {
		return nil, err
	}
	finished, err := d.finishedCalls(ctx, s)
	if err != nil {
		return nil, err
	}
	rings := d.sim.Rings()
	s.CallsPlaced = len(rings)
	for _, r := range rings {
		if r.Answered {
			s.CallsAnswered++
		}
	}
	s.Violations = d.people.judge(rings, finished)
	s.OK = s.Violations == Violations{} && s.CallsPlaced > 0
	s.DurationMS = time.Since(d.began).Milliseconds()
	return s, nil
}

// finishedCalls are the provider's ids of conversations that are over, with an outcome on the books.
func (d *Demo) finishedCalls(ctx context.Context, s *Summary) (map[string]bool, error) {
	rows, err := d.DB.Query(ctx, `select coalesce(v.conversation_id, ''), coalesce(v.outcome, 'unknown'), v.status::text from conversations v
		where v.status not in ('initiated', 'in_progress') and v.ended_at is not null`)
	if err != nil {
		return nil, fmt.Errorf("reading finished conversations: %w", err)
	}
	finished := map[string]bool{}
	var id, outcome, status string
	_, err = pgx.ForEachRow(rows, []any{&id, &outcome, &status}, func() error {
		finished[id] = true
		s.ConversationsCompleted++
		s.Outcomes[outcome]++
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading finished conversations: %w", err)
	}
	if err := d.DB.QueryRow(ctx, "select count(*) from conversation_events").Scan(&s.ConversationEvents); err != nil {
		return nil, fmt.Errorf("counting conversation events: %w", err)
	}
	return finished, nil
}

// judge counts violations among the rings that the simulator heard.
func (p *people) judge(rings []elevenlabssim.Ring, finished map[string]bool) Violations {
	var v Violations
	attempts, numbers, calls := map[string]int{}, map[string]int{}, map[uuid.UUID]int{}
	rules := calltime.DefaultRules(calltime.Hours{})
	for _, r := range rings {
		attempts[r.AttemptID]++
		numbers[r.To]++
		if attempts[r.AttemptID] > 1 || numbers[r.To] > 1 {
			v.DoubleDials++
		}
		if p.forbidden[r.To] || p.zones[r.To] == "" {
			v.DNCCalls++
		}
		if !calltime.Window(r.At, []string{p.zones[r.To]}, rules).Open {
			v.OutsideWindow++
		}
		if id, err := uuid.Parse(r.CampaignID); err != nil {
			v.OverCap++
		} else if calls[id]++; calls[id] > p.caps[id] {
			v.OverCap++
		}
		if !finished[r.ConversationID] {
			v.Lost++
		}
	}
	return v
}
