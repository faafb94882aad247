package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/calltime"
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
	WrittenBack            WrittenBack      `json:"written_back"`
	Violations             Violations       `json:"violations"`
	Problems               []string         `json:"problems,omitempty"` // why it is not ok, in words
	DurationMS             int64            `json:"duration_ms"`
}

// Summarize adds everything up and judges it.
func (d *Demo) Summarize(ctx context.Context) (*Summary, error) {
	s := &Summary{Database: "embedded", Seed: d.Seed, Leads: d.Leads, Campaigns: len(d.people.campaigns), Outcomes: map[string]int{}}
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
	if s.LeadsSynced, err = d.synced(ctx); err != nil {
		return nil, err
	}
	if s.WrittenBack, err = d.writtenBack(ctx, rings); err != nil {
		return nil, err
	}
	s.Problems = s.problems(d.people.live())
	s.OK = len(s.Problems) == 0
	s.DurationMS = time.Since(d.began).Milliseconds()
	return s, nil
}

// problems says what keeps the summary from being ok.
func (s *Summary) problems(live int) (list []string) {
	note := func(bad bool, format string, args ...any) {
		if bad {
			list = append(list, fmt.Sprintf(format, args...))
		}
	}
	note(s.Violations != Violations{}, "an invariant was violated")
	note(s.CallsPlaced == 0, "nobody was called")
	note(s.LeadsSynced != live || live == 0, "%d of the %d records in Salesforce are leads here", s.LeadsSynced, live)
	note(s.WrittenBack.Missing > 0, "%d calls or opt-outs are missing in Salesforce", s.WrittenBack.Missing)
	note(s.WrittenBack.Duplicates > 0, "%d calls are in Salesforce more than once", s.WrittenBack.Duplicates)
	note(s.WrittenBack.Failed > 0, "Salesforce refused %d writes; henk.write_backs says why", s.WrittenBack.Failed)
	return list
}

// finishedCalls are the provider's ids of conversations that are over, with an outcome on the books.
func (d *Demo) finishedCalls(ctx context.Context, s *Summary) (map[string]bool, error) {
	rows, err := d.DB.Query(ctx, `select coalesce(v.conversation_id, ''), coalesce(v.outcome, 'unknown') from conversations v
		where v.status not in ('initiated', 'in_progress') and v.ended_at is not null`)
	if err != nil {
		return nil, fmt.Errorf("reading finished conversations: %w", err)
	}
	finished := map[string]bool{}
	var id, outcome string
	_, err = pgx.ForEachRow(rows, []any{&id, &outcome}, func() error {
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
	attempts, numbers, calls, caps := map[string]int{}, map[string]int{}, map[uuid.UUID]int{}, map[uuid.UUID]int{}
	for _, c := range p.campaigns {
		caps[c.id] = c.cap
	}
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
		} else if calls[id]++; calls[id] > caps[id] {
			v.OverCap++
		}
		if !finished[r.ConversationID] {
			v.Lost++
		}
	}
	return v
}
