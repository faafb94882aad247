package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/store"
)

// people is what the sample data says may be done, kept apart from the database for the check at the end.
type people struct {
	zones     map[string]string // number -> where it rings
	forbidden map[string]bool   // numbers that must not ring
	caps      map[uuid.UUID]int // campaign -> calls a day
}

type place struct {
	code, zone, name string
}

var places = []place{
	{"212", "America/New_York", "New York"}, {"617", "America/New_York", "Boston"}, {"404", "America/New_York", "Atlanta"},
	{"312", "America/Chicago", "Chicago"}, {"214", "America/Chicago", "Dallas"}, {"612", "America/Chicago", "Minneapolis"},
	{"303", "America/Denver", "Denver"}, {"505", "America/Denver", "Albuquerque"}, {"602", "America/Phoenix", "Phoenix"},
	{"213", "America/Los_Angeles", "Los Angeles"}, {"206", "America/Los_Angeles", "Seattle"}, {"503", "America/Los_Angeles", "Portland"},
	{"808", "Pacific/Honolulu", "Honolulu"}, {"671", "Pacific/Guam", "Hagåtña"},
}

var (
	firstNames = []string{"Ada", "Ben", "Carla", "Dmitri", "Elena", "Femi", "Grace", "Hiro", "Ines", "Jamal", "Kirsten", "Luis", "Maya", "Noor", "Oscar", "Priya", "Quinn", "Rosa", "Sven", "Tara"}
	lastNames  = []string{"Adams", "Brandt", "Castillo", "Dubois", "Evans", "Fischer", "Garcia", "Hughes", "Ito", "Jensen", "Kowalski", "Lindqvist", "Moreau", "Nguyen", "Okafor", "Petrov", "Reyes", "Silva", "Tanaka", "Walker"}
)

// kind is why a person of the sample can or cannot be called.
type kind struct {
	name   string
	share  int // of 100
	mayNot bool
}

var personKinds = []kind{
	{"callable", 66, false}, {"do_not_call", 5, true}, {"dnc", 4, true}, {"suppressed", 4, true}, {"shares_flagged_number", 2, true},
	{"bad_phone", 4, true}, {"no_zone", 3, true}, {"used_up", 4, true}, {"too_soon", 5, true}, {"already_pledged", 3, true},
}

// person is one invented lead.
type person struct {
	id                  uuid.UUID
	first, last, phone  string
	kind, quality, zone string
	score               int
}

type world struct {
	business, agent uuid.UUID
	campaigns       []uuid.UUID
}

// seed inserts a business, an agent, two campaigns and n people; the same seed gives the same people.
func seed(ctx context.Context, db *store.DB, n int, seed int64, now time.Time) (*people, error) {
	rng := rand.New(rand.NewPCG(uint64(seed), 0x68656e6b))
	p := &people{zones: map[string]string{}, forbidden: map[string]bool{}, caps: map[uuid.UUID]int{}}
	err := pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		w, err := p.insertWorld(ctx, tx, rng, n)
		if err != nil {
			return err
		}
		for i := range n {
			if err := p.insertPerson(ctx, tx, w, p.invent(rng, i), i, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("inserting sample data: %w", err)
	}
	return p, nil
}

func newID(rng *rand.Rand) uuid.UUID {
	var id uuid.UUID
	for i := range id {
		id[i] = byte(rng.Uint32())
	}
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return id
}

func (p *people) insertWorld(ctx context.Context, tx pgx.Tx, rng *rand.Rand, n int) (world, error) {
	w := world{business: newID(rng), agent: newID(rng), campaigns: []uuid.UUID{newID(rng), newID(rng)}}
	account := newID(rng)
	// The second campaign is small, so that its cap holds somebody back.
	p.caps[w.campaigns[0]], p.caps[w.campaigns[1]] = max(n, 1), max(n/12, 1)
	batch := &pgx.Batch{}
	batch.Queue("insert into accounts (id, name) values ($1, 'Demo account')", account)
	batch.Queue(`insert into businesses (id, name, account_id, settings) values ($1, 'Clean Rivers Trust (demo)', $2, '{"calling": {"timezone": "America/Chicago"}}')`, w.business, account)
	batch.Queue(`insert into agents (id, name, business_id, elevenlabs_agent_id, caller_id) values ($1, 'Ingrid', $2, 'agent_sim_ingrid', 'phnum_sim_twilio')`, w.agent, w.business)
	names := []string{"Spring appeal", "Monthly givers"}
	for i, id := range w.campaigns {
		batch.Queue(`insert into campaigns (id, name, status, agent_id, business_id, script, daily_call_cap, goal_metric, disclosure_line)
			values ($1, $2, 'active', $3, $4, 'Thank the donor, ask for a gift.', $5, 'pledges', 'This call is made by an AI assistant and may be recorded.')`,
			id, names[i], w.agent, w.business, p.caps[id])
	}
	return w, tx.SendBatch(ctx, batch).Close()
}

// invent makes the i-th person. Numbers are of the range kept for fiction while it lasts (555-0100 to 0199).
func (p *people) invent(rng *rand.Rand, i int) person {
	where := places[rng.IntN(len(places))]
	exchange, line := 555, 100+i/len(places)%100
	if round := i / (100 * len(places)); round > 0 {
		exchange, line = 200+round%300, i%10_000
	}
	who := person{
		id: newID(rng), first: firstNames[rng.IntN(len(firstNames))], last: lastNames[rng.IntN(len(lastNames))], zone: where.zone,
		phone: fmt.Sprintf("+1%s%03d%04d", where.code, exchange, line), kind: pickKind(rng),
		quality: []string{"hot", "warm", "cold", "unrated"}[rng.IntN(4)], score: rng.IntN(100),
	}
	for p.zones[who.phone] != "" { // taken: the next of the same place
		line++
		who.phone = fmt.Sprintf("+1%s%03d%04d", where.code, exchange, line%10_000)
	}
	switch who.kind {
	case "no_zone":
		who.phone = fmt.Sprintf("+1800555%04d", i%10_000)
	case "bad_phone":
		who.phone = "ask at the office"
	}
	p.zones[who.phone] = who.zone
	return who
}

func pickKind(rng *rand.Rand) string {
	n := rng.IntN(100)
	for _, k := range personKinds {
		if n -= k.share; n < 0 {
			return k.name
		}
	}
	return personKinds[0].name
}

func (p *people) insertPerson(ctx context.Context, tx pgx.Tx, w world, who person, i int, now time.Time) error {
	campaign := w.campaigns[0]
	if i%5 == 4 {
		campaign = w.campaigns[1]
	}
	status, attempts, last := "new", 0, (*time.Time)(nil)
	switch who.kind {
	case "used_up":
		before := now.Add(-72 * time.Hour)
		attempts, last = 3, &before
	case "too_soon":
		before := now.Add(-5 * time.Hour)
		status, attempts, last = "contacted", 1, &before
	case "already_pledged":
		status = "pledged"
	}
	for _, k := range personKinds {
		if k.name == who.kind && k.mayNot {
			p.forbidden[who.phone] = true
		}
	}
	batch := &pgx.Batch{}
	batch.Queue(`insert into leads (id, business_id, first_name, last_name, phone, do_not_call, dnc, quality_rating, lead_score)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, who.id, w.business, who.first, who.last, who.phone,
		who.kind == "do_not_call", who.kind == "dnc", who.quality, who.score)
	batch.Queue(`insert into campaign_leads (campaign_id, lead_id, status, attempts, last_attempt_at) values ($1, $2, $3, $4, $5)`,
		campaign, who.id, status, attempts, last)
	switch who.kind {
	case "suppressed":
		batch.Queue("insert into henk.suppressions (business_id, phone, source, reason) values ($1, $2, 'demo', 'asked by letter')", w.business, who.phone)
	case "shares_flagged_number":
		// Somebody of the same household, on no campaign, has opted out.
		batch.Queue("insert into leads (business_id, first_name, phone, dnc) values ($1, $2, $3, true)", w.business, who.first, who.phone)
	}
	return tx.SendBatch(ctx, batch).Close()
}
