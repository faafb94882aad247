package campaign

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// member is what the leads of a campaign with one number need to know of each other.
type member struct {
	lead, campaignLead uuid.UUID
	rank               int64
	last, added        time.Time // zero = never
	attempted, final   bool
}

func memberOf(l *lead) member {
	m := member{lead: l.LeadID, campaignLead: l.CampaignLeadID, rank: rank(l), attempted: l.made() > 0 || l.InProgress > 0,
		final: final(l.Status) || final(l.Outcome) || final(l.LeadStatus)}
	if l.LastAttemptAt != nil {
		m.last = *l.LastAttemptAt
	}
	if l.AddedAt != nil {
		m.added = *l.AddedAt
	}
	return m
}

// inOrder compares two leads by the calling order.
func inOrder(a, b member) int {
	return cmp.Or(cmp.Compare(a.rank, b.rank), a.last.Compare(b.last), a.added.Compare(b.added),
		bytes.Compare(a.campaignLead[:], b.campaignLead[:]))
}

// crowd is the leads of a campaign with one number, as far as they decide who of them goes first.
type crowd struct {
	finals []member  // two at most: one that is not the lead asking
	first  [2]member // in the calling order, of those not called yet and of those called; no lead = none
}

func (c *crowd) add(m member) {
	if m.final && len(c.finals) < 2 && !slices.ContainsFunc(c.finals, func(f member) bool { return f.lead == m.lead }) {
		c.finals = append(c.finals, m)
	}
	if first := &c.first[m.class()]; first.lead == uuid.Nil || inOrder(m, *first) < 0 {
		*first = m
	}
}

func (x member) class() int {
	if x.attempted {
		return 1
	}
	return 0
}

// yieldsTo is another lead that x leaves the number to: one that is final, or was called where x was not; else the order
// decides. nil for none.
func (x member) yieldsTo(c *crowd) *member {
	if c == nil {
		return nil
	}
	for i := range c.finals {
		if c.finals[i].lead != x.lead {
			return &c.finals[i]
		}
	}
	if called := &c.first[1]; !x.attempted && called.lead != uuid.Nil {
		return called
	}
	if first := &c.first[x.class()]; first.lead != uuid.Nil && first.lead != x.lead && inOrder(*first, x) < 0 {
		return first
	}
	return nil
}

// crowds are the leads of a campaign by number.
type crowds map[string]*crowd

func (c crowds) add(tail string, m member) {
	if c[tail] == nil {
		c[tail] = &crowd{}
	}
	c[tail].add(m)
}

// judgeDuplicate: duplicate_phone.
func (s *subject) judgeDuplicate() (bool, why) {
	var first *member
	busy := false
	if s.c.DedupeByPhone && s.l.numberErr == nil {
		first = memberOf(s.l).yieldsTo(s.sameNumber)
		busy = busyForOthers(s.rings, s.l.LeadID)
	}
	return first == nil && !busy, func() (string, map[string]any) {
		inputs := map[string]any{"dedupe_by_phone": s.c.DedupeByPhone}
		switch {
		case !s.c.DedupeByPhone:
			return "The campaign does not look for equal numbers.", inputs
		case first == nil && busy:
			return "The business is calling another lead at this number.", inputs
		case first == nil:
			return "No other lead of the campaign with this number goes first.", inputs
		}
		inputs["other_lead_id"] = first.lead
		switch {
		case first.final:
			return "Another lead of the campaign with this number is final.", inputs
		case first.attempted && !memberOf(s.l).attempted:
			return "Another lead of the campaign with this number was called already.", inputs
		}
		return "Another lead of the campaign with this number comes first.", inputs
	}
}

// dedupe lets the leads of a batch, and those judged before, give way to each other where the campaign asks for it.
// verdicts are changed in place; gone have left the campaign. It returns the leads by number, and what is to be logged of
// those that were judged before and give way now.
func (c *Campaign) dedupe(ctx context.Context, db dbsqlc.DBTX, leads []lead, verdicts []verdict, gone []uuid.UUID, now time.Time) (crowds, []decision, error) {
	if !c.DedupeByPhone {
		return nil, nil, nil
	}
	q := dbsqlc.New()
	ids := slices.Clone(gone)
	var tails []string
	groups := crowds{}
	for i := range leads {
		ids = append(ids, leads[i].LeadID)
		if l := &leads[i]; l.numberErr == nil {
			tails = append(tails, l.tail)
			groups.add(l.tail, memberOf(l))
		}
	}
	old, err := q.CandidateOldTails(ctx, db, dbsqlc.CandidateOldTailsParams{CampaignID: c.ID, LeadIds: ids})
	if err != nil {
		return nil, nil, fmt.Errorf("looking up former numbers: %w", err)
	}
	others, err := q.CandidateGroup(ctx, db, dbsqlc.CandidateGroupParams{CampaignID: c.ID, Tails: append(tails, old...)})
	if err != nil {
		return nil, nil, fmt.Errorf("looking up leads with the same number: %w", err)
	}
	known := make([]member, len(others))
	for i, o := range others {
		known[i] = member{o.LeadID, o.CampaignLeadID, o.Rank, o.LastAt, o.AddedAt, o.Attempted, o.Final}
		groups.add(o.Tail, known[i])
	}
	for i := range leads {
		v := &verdicts[i]
		if leads[i].numberErr == nil && v.rivals() && memberOf(&leads[i]).yieldsTo(groups[leads[i].tail]) != nil {
			v.hold(RuleDuplicatePhone)
		}
	}
	var yield, again []uuid.UUID
	var notes []decision
	for i, o := range others {
		switch to := known[i].yieldsTo(groups[o.Tail]); {
		case to != nil && o.Rivals:
			yield = append(yield, o.LeadID)
			notes = append(notes, decision{at: now, lead: &o.LeadID, first: RuleDuplicatePhone, failing: []string{RuleDuplicatePhone},
				inputs: map[string]any{"by": "another lead", "yields_to": to.lead}})
		case to == nil && o.Yields:
			again = append(again, o.LeadID)
		}
	}
	if err := q.CandidateYield(ctx, db, dbsqlc.CandidateYieldParams{CampaignID: c.ID, LeadIds: yield}); err != nil {
		return nil, nil, fmt.Errorf("holding leads whose number another has: %w", err)
	}
	if err := q.CandidateMarkDirty(ctx, db, dbsqlc.CandidateMarkDirtyParams{CampaignID: c.ID, LeadIds: again}); err != nil {
		return nil, nil, fmt.Errorf("marking leads whose number is free: %w", err)
	}
	return groups, notes, nil
}
