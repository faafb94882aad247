package campaign

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/calltime"
	"github.com/callhenk/henk-worker/internal/clock"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// Limits bound a plan from outside the campaign.
type Limits struct {
	AccountConcurrent int // calls at once over all campaigns; 0 = no limit
	MaxReserve        int // reservations of one campaign that may wait for a dial, where nothing else limits them
}

// DefaultMaxReserve keeps the queue of a campaign without a concurrency limit bounded.
const DefaultMaxReserve = 10_000

// Provider is the row of henk.provider_state that all dialing obeys.
const Provider = "elevenlabs"

// agentFaultsToBlock refusals in a row that are the agent's fault block a campaign (see CampaignStateFaulted).
const agentFaultsToBlock = 3

// Plan is what one plan did, and what holds the campaign back.
type Plan struct {
	Busy     bool        `json:"-"` // another plan of this campaign is running
	Now      time.Time   `json:"now"`
	Held     *Hold       `json:"held,omitempty"` // a rule that holds the whole campaign
	Cap      int64       `json:"cap"`
	Used     int64       `json:"used"`   // calls counted today, before this plan
	Active   int64       `json:"active"` // calls on a slot of the narrower limit
	Reserved []uuid.UUID `json:"-"`      // new attempts, in the order in which to call
	Count    int         `json:"reserved"`
	Again    bool        `json:"-"`             // leads were found to be held only now: planning again may find others
	Wake     time.Time   `json:"wake,omitzero"` // when planning again could find more, zero = at the next tick

	limit   string   // the limit that is reached after the plan, "" = none
	windows []window // of the places of ready leads; nil where they were not looked at
}

// Reserve picks the leads to call now and reserves an attempt for each, all within tx. Refresh must have run before:
// a lead that is not judged is not picked.
func Reserve(ctx context.Context, tx pgx.Tx, id uuid.UUID, ck clock.Clock, limits Limits) (*Plan, error) {
	q := dbsqlc.New()
	locked, err := q.CampaignTryLock(ctx, tx, id)
	if err != nil {
		return nil, fmt.Errorf("locking the campaign: %w", err)
	}
	if !locked {
		return &Plan{Busy: true}, nil
	}
	c, err := Load(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	now, err := ck.Now(ctx, tx)
	if err != nil {
		return nil, err
	}
	p := &Plan{Now: now}
	if p.Held, err = c.heldNow(ctx, tx, now); err != nil {
		return nil, err
	}
	if p.Held == nil {
		if err := c.reserve(ctx, tx, p, limits); err != nil {
			return nil, err
		}
	}
	p.Count = len(p.Reserved)
	summary, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("encoding the plan: %w", err)
	}
	if err := c.noteTick(ctx, tx, p); err != nil {
		return nil, err
	}
	if err := q.CampaignStateSetPlanned(ctx, tx, dbsqlc.CampaignStateSetPlannedParams{CampaignID: id, Plan: summary}); err != nil {
		return nil, fmt.Errorf("noting the plan: %w", err)
	}
	return p, nil
}

// heldNow adds to the rules what only a plan looks at: a block by a provider's fault, caps that allow no call at all, and
// the budget.
func (c *Campaign) heldNow(ctx context.Context, tx pgx.Tx, now time.Time) (*Hold, error) {
	if h := c.Held(now); h != nil {
		return h, nil
	}
	blocked, err := c.blockedNow(ctx, tx)
	if err != nil {
		return nil, err
	}
	if blocked != "" {
		return &Hold{RuleAgentReady, "Blocked: " + blocked}, nil
	}
	for _, l := range c.limits(nil, now) {
		if l.Calls == 0 {
			return &Hold{RuleRollingCap, "The business allows no call to any number: " + l.String() + "."}, nil
		}
	}
	over, err := c.OverBudget(ctx, tx)
	if err != nil || !over {
		return nil, err
	}
	return &Hold{RuleBudget, "The campaign's recorded cost has reached its budget."}, nil
}

func (c *Campaign) reserve(ctx context.Context, tx pgx.Tx, p *Plan, limits Limits) error {
	q := dbsqlc.New()
	day, dayStart, dayEnd := c.day(p.Now)
	used, err := q.AttemptCountToday(ctx, tx, dbsqlc.AttemptCountTodayParams{CampaignID: c.ID, Day: day, DayStart: dayStart, DayEnd: dayEnd})
	if err != nil {
		return fmt.Errorf("counting today's calls: %w", err)
	}
	p.Cap, p.Used = int64(c.DailyCallCap), used
	slots, err := c.freeSlots(ctx, tx, p, limits)
	if err != nil {
		return err
	}
	n := min(p.Cap-used, slots)
	if c.AgentFaults >= agentFaultsToBlock {
		n = min(n, 1) // its block has just ended: one call tries
	}
	if err := c.freeSuppressed(ctx, tx, p.Now); err != nil {
		return err
	}
	settings, err := c.keepSettings(ctx, tx)
	if err != nil {
		return err
	}
	if err := c.promote(ctx, tx, p.Now, settings); err != nil {
		return err
	}
	open, nextOpen, err := c.openWindows(ctx, tx, p, dayStart, dayEnd)
	if err != nil {
		return err
	}
	if n > 0 && len(open) > 0 {
		if err := q.CampaignLockBusiness(ctx, tx, c.BusinessID); err != nil {
			return fmt.Errorf("taking turns with the business's other plans: %w", err)
		}
		if p.Reserved, p.Again, err = c.pick(ctx, tx, p.Now, day, open, n, settings); err != nil {
			return err
		}
	}
	switch taken := int64(len(p.Reserved)); {
	case used+taken >= p.Cap:
		p.limit = RuleDailyCap
	case taken >= slots:
		p.limit = RuleConcurrency
	}
	return c.setWake(ctx, tx, p, nextOpen, dayEnd, used)
}

// freeSlots says how many attempts may be reserved now: the free slots of the narrower limit and a small buffer, less
// those that wait already, so that the queue stays shallow and an edit of the campaign takes effect at once.
func (c *Campaign) freeSlots(ctx context.Context, tx pgx.Tx, p *Plan, limits Limits) (int64, error) {
	q := dbsqlc.New()
	reserved, err := q.AttemptCountReserved(ctx, tx, c.ID)
	if err != nil {
		return 0, fmt.Errorf("counting reserved attempts: %w", err)
	}
	room := int64(limits.MaxReserve)
	if room <= 0 {
		room = DefaultMaxReserve
	}
	if limits.AccountConcurrent > 0 {
		active, err := q.AttemptCountActive(ctx, tx, p.Now)
		if err != nil {
			return 0, fmt.Errorf("counting active calls: %w", err)
		}
		p.Active = active
		room = min(room, withBuffer(int64(limits.AccountConcurrent), active))
	}
	if c.MaxConcurrent != nil {
		active, err := q.AttemptCountActiveOfCampaign(ctx, tx, dbsqlc.AttemptCountActiveOfCampaignParams{CampaignID: c.ID, Now: p.Now})
		if err != nil {
			return 0, fmt.Errorf("counting the campaign's active calls: %w", err)
		}
		if r := withBuffer(int64(*c.MaxConcurrent), active); r < room {
			p.Active, room = active, r
		}
	}
	return room - reserved, nil
}

// withBuffer is the free slots and a fifth of the limit, so that a slot that frees finds its next call waiting.
func withBuffer(limit, active int64) int64 {
	return max(limit-active, 0) + max(limit/5, 2)
}

// span is a place whose calling window is open, and for how long a reservation made in it is good.
type span struct {
	set           int32
	opens, closes time.Time
}

// openWindows judges the calling window once for each place among the ready leads, its zones and the states that bind. A
// reservation does not outlive the business's day, because it counts against that day's cap.
func (c *Campaign) openWindows(ctx context.Context, tx pgx.Tx, p *Plan, dayStart, dayEnd time.Time) (open []span, next time.Time, err error) {
	sets, err := dbsqlc.New().CandidateReadyZoneSets(ctx, tx, c.ID)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("listing the places of ready leads: %w", err)
	}
	rules := c.Rules()
	p.windows = []window{}
	for _, set := range sets {
		v := calltime.Judge(p.Now, calltime.Place{Zones: set.Zones, States: set.States}, rules)
		p.windows = append(p.windows, window{Set: set.ID, Open: v.Open, Zones: set.Zones, States: set.States, Opens: v.Opens, Closes: v.Closes})
		if !v.Open {
			next = earlier(next, v.Opens)
			continue
		}
		open = append(open, span{set.ID, later(v.Opens, dayStart), earlier(v.Closes, dayEnd)})
	}
	return open, next, nil
}

// wakeHorizon: what is further away than this is left to the ticks.
const wakeHorizon = 10 * time.Minute

// setWake notes when planning again could find more, if that is soon.
func (c *Campaign) setWake(ctx context.Context, tx pgx.Tx, p *Plan, nextOpen, dayEnd time.Time, used int64) error {
	wake := nextOpen
	if used+int64(len(p.Reserved)) >= p.Cap {
		wake = dayEnd
	} else {
		due, err := dbsqlc.New().CandidateNextDue(ctx, tx, c.ID)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("looking for the next lead to become due: %w", err)
		}
		if due != nil {
			wake = earlier(wake, *due)
		}
	}
	if !wake.IsZero() && wake.Sub(p.Now) <= wakeHorizon {
		p.Wake = wake
	}
	return nil
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
