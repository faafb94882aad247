package storetest

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Queryer is a pool or a transaction.
type Queryer interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// Fields name the columns that a test cares about; the rest gets defaults under which a call would be placed.
type Fields map[string]any

// World is a business with an active agent and an active campaign that may call at any hour.
type World struct {
	Business, Agent, Campaign uuid.UUID
}

// NewWorld inserts a World. fields are those of the campaign.
func NewWorld(t testing.TB, db Queryer, fields Fields) World {
	t.Helper()
	var w World
	account := Insert(t, db, "accounts", Fields{"name": "Account"})
	w.Business = Insert(t, db, "businesses", Fields{"name": "Charity", "account_id": account,
		"settings": `{"calling": {"legal_day": {"from": "00:00", "to": "24:00"}, "legal_day_override": true, "window_margin_seconds": 0, "state_pack_exempt": ["IL"]}}`})
	w.Agent = Insert(t, db, "agents", Fields{"name": "Agent", "business_id": w.Business, "elevenlabs_agent_id": "agent_1", "caller_id": "phnum_1"})
	w.Campaign = NewCampaign(t, db, w, fields)
	return w
}

// NewCampaign inserts another active campaign of the same business and agent.
func NewCampaign(t testing.TB, db Queryer, w World, fields Fields) uuid.UUID {
	t.Helper()
	return Insert(t, db, "campaigns", merge(Fields{"name": "Campaign", "status": "active", "script": "Hello", "business_id": w.Business,
		"agent_id": w.Agent, "daily_call_cap": 1_000_000}, fields))
}

var numbers atomic.Int64

// Number returns a valid North American number that no other call of this process returns.
func Number() string {
	n := numbers.Add(1)
	return fmt.Sprintf("+1312%03d%04d", 200+n/10_000%700, n%10_000)
}

// NewLead inserts a lead in Chicago and adds it to the campaign; it returns leads.id. Fields of campaign_leads are
// prefixed with "cl.".
func NewLead(t testing.TB, db Queryer, w World, fields Fields) uuid.UUID {
	t.Helper()
	lead, member := Fields{"business_id": w.Business, "first_name": "Ada", "last_name": "Lovelace", "phone": Number(),
		"timezone": "America/Chicago"}, Fields{"campaign_id": w.Campaign}
	for k, v := range fields {
		if name, ok := strings.CutPrefix(k, "cl."); ok {
			member[name] = v
		} else {
			lead[k] = v
		}
	}
	member["lead_id"] = Insert(t, db, "leads", lead)
	Insert(t, db, "campaign_leads", member)
	return member["lead_id"].(uuid.UUID)
}

// NewAttempt inserts an attempt in a state, as the planner would have reserved it: its window is open now.
func NewAttempt(t testing.TB, db Queryer, w World, lead uuid.UUID, fields Fields) uuid.UUID {
	t.Helper()
	var phone, inputs string
	err := db.QueryRow(t.Context(), `
		select coalesce(l.phone, ''), henk.campaign_inputs(c.call_window_start, c.call_window_end, b.settings -> 'calling')
			|| henk.lead_inputs(l.phone, l.mobile_phone, l.timezone, l.postal_code, l.state, l.country)
		from leads l, campaigns c join businesses b on b.id = c.business_id where l.id = $1 and c.id = $2`, lead, w.Campaign).Scan(&phone, &inputs)
	if err != nil {
		t.Fatalf("reading the lead of an attempt: %v", err)
	}
	now := time.Now()
	return Insert(t, db, "call_attempts", merge(Fields{"campaign_id": w.Campaign, "lead_id": lead, "attempt_number": 1, "scheduled_at": now,
		"phone_number": phone, "state": "reserved", "business_day": now.UTC(), "dial_after": now.Add(-time.Hour),
		"dial_before": now.Add(time.Hour), "window_inputs": inputs, "cap_at_reservation": 1_000_000}, fields))
}

// Insert inserts a row into a table of schema public and returns its id.
func Insert(t testing.TB, db Queryer, table string, fields Fields) uuid.UUID {
	t.Helper()
	var cols, marks []string
	var args []any
	for k, v := range fields {
		args = append(args, v)
		cols = append(cols, k)
		marks = append(marks, fmt.Sprintf("$%d", len(args)))
	}
	var id uuid.UUID
	sql := fmt.Sprintf("insert into public.%s (%s) values (%s) returning id", table, strings.Join(cols, ", "), strings.Join(marks, ", "))
	if err := db.QueryRow(t.Context(), sql, args...).Scan(&id); err != nil {
		t.Fatalf("inserting into %s: %v", table, err)
	}
	return id
}

func merge(base, over Fields) Fields {
	for k, v := range over {
		base[k] = v
	}
	return base
}
