package campaign

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/calltime"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// Preview is what a plan at an instant would do.
type Preview struct {
	CampaignID uuid.UUID        `json:"campaign_id"`
	At         time.Time        `json:"at"`
	Quota      Quota            `json:"quota"`
	WouldCall  []PlannedCall    `json:"would_call"` // in calling order
	HeldBack   map[string]int64 `json:"held_back"`  // leads under the first rule that holds each
	Outlook
}

// Quota is the daily cap.
type Quota struct {
	Cap       int64 `json:"cap"`
	Used      int64 `json:"used"`
	Remaining int64 `json:"remaining"`
}

// PlannedCall is a lead that would be called.
type PlannedCall struct {
	LeadID         uuid.UUID `json:"lead_id"`
	Rank           int       `json:"rank"` // 1 = first
	WindowClosesAt time.Time `json:"window_closes_at"`
}

// previewBatch leads are read at a time.
const previewBatch = 5000

// paperLead is what a plan on paper keeps of a lead.
type paperLead struct {
	member
	tail    string
	failing string // first rule that holds it, "" for none
	reason  string // where the lead is never called
	busy    bool   // another lead is being called at the number
	place   int    // of places; -1 = nowhere
	due     time.Time
	rings   []ring
	limits  []limit
	unlock  []string
	inTime  bool // only time holds it, as far as its own rules go
}

// paper is a plan on paper in the making.
type paper struct {
	c      *Campaign
	m      *moment
	at     time.Time
	leads  []paperLead
	crowds crowds
	places []paperPlace
	byKey  map[string]int
	caps   map[string][]limit // by states
}

// paperPlace is a place, its zones and states, with its window.
type paperPlace struct {
	calltime.Place
	window calltime.Verdict
	spans  []calltime.Span // of the days to come, read when needed
}

// PlanOnPaper says what a plan at an instant would do, without doing it: the same rules over all leads of the campaign,
// in one snapshot that cannot write. It reads every lead: some 20 seconds for a million. change, if any, edits the
// campaign before it is judged (see Change).
func PlanOnPaper(ctx context.Context, db *store.DB, id uuid.UUID, at time.Time, limits Limits, change func(*Campaign) error) (*Preview, error) {
	var p *Preview
	err := snapshot(ctx, db, func(tx pgx.Tx) error {
		c, err := Load(ctx, tx, id)
		if err != nil {
			return err
		}
		if change != nil {
			if err := change(c); err != nil {
				return err
			}
		}
		p, err = c.onPaper(ctx, tx, at.UTC(), limits)
		return err
	})
	return p, err
}

func (c *Campaign) onPaper(ctx context.Context, tx pgx.Tx, at time.Time, limits Limits) (*Preview, error) {
	p := &paper{c: c, at: at, crowds: crowds{}, byKey: map[string]int{}, caps: map[string][]limit{}}
	var err error
	if p.m, err = c.at(ctx, tx, at, limits); err != nil {
		return nil, err
	}
	if err := p.read(ctx, tx); err != nil {
		return nil, err
	}
	p.giveWay()
	room, err := c.freeSlots(ctx, tx, &Plan{Now: at}, limits)
	if err != nil {
		return nil, err
	}
	if c.AgentFaults >= agentFaultsToBlock {
		room = min(room, 1)
	}
	out := &Preview{CampaignID: c.ID, At: at, WouldCall: []PlannedCall{}, HeldBack: map[string]int64{}}
	out.Quota = Quota{Cap: int64(c.DailyCallCap), Used: p.m.used, Remaining: max(int64(c.DailyCallCap)-p.m.used, 0)}
	out.WouldCall = p.pick(out.Quota.Remaining, room)
	for i := range p.leads {
		if rule := p.leads[i].failing; rule != "" {
			out.HeldBack[rule]++
		}
	}
	average, err := dbsqlc.New().CampaignCallsSoFar(ctx, tx, c.ID)
	if err != nil {
		return nil, fmt.Errorf("reading what calls took so far: %w", err)
	}
	out.Outlook = p.outlook(len(out.WouldCall), average)
	return out, nil
}

// read judges all leads, a batch at a time. What depends on other leads comes after it.
func (p *paper) read(ctx context.Context, tx pgx.Tx) error {
	q, after := dbsqlc.New(), uuid.Nil
	for {
		found, err := q.CandidateFacts(ctx, tx, dbsqlc.CandidateFactsParams{CampaignID: p.c.ID, After: after, Batch: previewBatch, Now: p.at, ByOutcome: p.c.byOutcome()})
		if err != nil {
			return fmt.Errorf("reading leads: %w", err)
		}
		rows := make([]dbsqlc.CandidateClaimDirtyRow, len(found))
		for i, r := range found {
			rows[i] = dbsqlc.CandidateClaimDirtyRow(r)
		}
		_, subjects, err := p.c.gather(ctx, tx, rows, p.at)
		if err != nil {
			return err
		}
		for i := range subjects {
			p.take(&subjects[i])
		}
		if len(found) < previewBatch {
			return nil
		}
		after = found[len(found)-1].LeadID
	}
}

// take judges one lead by all rules but those that depend on other leads.
func (p *paper) take(s *subject) {
	l := s.l
	s.m = p.m
	loc := l.place()
	entry := paperLead{member: memberOf(l), tail: l.tail, place: -1, due: p.c.dueAt(l), rings: s.rings, unlock: loc.Unlock}
	if len(loc.Zones) > 0 {
		entry.place = p.placeOf(loc.Place)
		s.window = &p.places[entry.place].window
	}
	entry.limits = p.limitsOf(loc.States)
	entry.failing = s.firstFailing(RuleDuplicatePhone, RuleDailyCap, RuleConcurrency)
	entry.inTime = timely(entry.failing) && s.firstFailing(RuleCampaignDates, RuleDuplicatePhone, RuleRetryInterval, RuleCallWindow,
		RuleRollingCap, RuleDailyCap, RuleConcurrency) == ""
	if never(entry.failing) {
		for _, r := range rules {
			if r.name == entry.failing {
				_, say := r.judge(s)
				entry.reason, _ = say()
			}
		}
	}
	if p.c.DedupeByPhone && l.numberErr == nil {
		entry.busy = busyForOthers(s.rings, l.LeadID)
		p.crowds.add(l.tail, entry.member)
	}
	p.leads = append(p.leads, entry)
}

// placeOf judges the window once for each place that differs.
func (p *paper) placeOf(place calltime.Place) int {
	reduced := p.c.Rules().Reduce(place)
	key := fmt.Sprint(reduced.Zones, reduced.States)
	i, ok := p.byKey[key]
	if !ok {
		i = len(p.places)
		p.byKey[key] = i
		p.places = append(p.places, paperPlace{Place: reduced, window: calltime.Judge(p.at, reduced, p.c.Rules())})
	}
	return i
}

func (p *paper) limitsOf(states []string) []limit {
	key := strings.Join(states, ",")
	limits, ok := p.caps[key]
	if !ok {
		limits = p.c.limits(states, p.at)
		p.caps[key] = limits
	}
	return limits
}

// giveWay lets leads with one number give way to each other, where the campaign asks for it.
func (p *paper) giveWay() {
	if !p.c.DedupeByPhone {
		return
	}
	for i := range p.leads {
		l := &p.leads[i]
		if l.tail == "" || (l.failing != "" && position(l.failing) < position(RuleDuplicatePhone)) {
			continue
		}
		if l.busy || l.yieldsTo(p.crowds[l.tail]) != nil {
			l.failing, l.reason = RuleDuplicatePhone, "Another lead with this number goes first."
		}
	}
}

// position of a rule in the order in which they are judged.
func position(name string) int {
	return slices.IndexFunc(rules, func(r rule) bool { return r.name == name })
}

// pick takes the first leads in order, as many as the daily cap and the slots allow. The others are held by these.
func (p *paper) pick(left, room int64) []PlannedCall {
	var due []*paperLead
	for i := range p.leads {
		if p.leads[i].failing == "" {
			due = append(due, &p.leads[i])
		}
	}
	slices.SortFunc(due, func(a, b *paperLead) int { return inOrder(a.member, b.member) })
	calls := []PlannedCall{}
	ahead := map[string]int{}
	for _, l := range due {
		n := ahead[l.tail]
		switch taken := int64(len(calls)); {
		case freeAt(l.rings, l.limits, p.at, n).After(p.at):
			l.failing = RuleRollingCap
			continue
		case taken >= left:
			l.failing = RuleDailyCap
			continue
		case taken >= room:
			l.failing = RuleConcurrency
			continue
		}
		ahead[l.tail] = n + 1
		calls = append(calls, PlannedCall{LeadID: l.lead, Rank: len(calls) + 1, WindowClosesAt: p.places[l.place].window.Closes})
	}
	return calls
}
