package campaign

import (
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/calltime"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// facts are what the rules of a lead's own looked at, as the log keeps them: enough to judge again, and no number, name
// or address. Whereabouts is a digest of the columns that say where the phone is: while the lead still has the same ones,
// number and place can be read again too.
type facts struct {
	Foreign     bool       `json:"foreign,omitempty"` // the lead belongs to another business
	Status      *string    `json:"status,omitempty"`
	Outcome     *string    `json:"outcome,omitempty"`
	LeadStatus  *string    `json:"lead_status,omitempty"`
	InProgress  int32      `json:"in_progress,omitempty"`
	Whereabouts string     `json:"whereabouts"`
	NumberFault string     `json:"number_fault,omitempty"` // why it cannot be dialed
	Zones       []string   `json:"zones,omitempty"`
	States      []string   `json:"states,omitempty"`
	DoNotCall   bool       `json:"do_not_call,omitempty"`
	DNC         bool       `json:"dnc,omitempty"`
	Flagged     bool       `json:"same_number_flagged,omitempty"`
	Suppressed  bool       `json:"suppressed,omitempty"`
	YieldsTo    *uuid.UUID `json:"yields_to,omitempty"` // lead with the same number that goes first
	Attempts    *int32     `json:"attempts,omitempty"`
	Rang        int32      `json:"rang,omitempty"`
	List        *uuid.UUID `json:"lead_list_id,omitempty"`
	LastAttempt *time.Time `json:"last_attempt_at,omitempty"`
	NextAttempt *time.Time `json:"next_attempt_at,omitempty"`
	LastCall    string     `json:"last_call,omitempty"`
	Voided      int32      `json:"voided,omitempty"`
	LastVoided  *time.Time `json:"last_voided_at,omitempty"`
	Rings       []ringFact `json:"rings,omitempty"`

	By string `json:"by,omitempty"` // who else wrote the row: fence, due, another lead. Then there is nothing to judge again
}

// ringFact is a call to the number.
type ringFact struct {
	At      time.Time `json:"at"`
	Pending bool      `json:"pending,omitempty"`
}

// facts are those of a subject.
func (s *subject) facts() *facts {
	l := s.l
	f := &facts{Foreign: l.LeadBusinessID == nil || *l.LeadBusinessID != s.c.BusinessID, Status: l.Status, Outcome: l.Outcome, LeadStatus: l.LeadStatus,
		InProgress: l.InProgress, Whereabouts: l.Inputs, Zones: l.place().Zones, States: l.place().States, DoNotCall: isTrue(l.DoNotCall),
		DNC: isTrue(l.Dnc), Flagged: s.flagged, Suppressed: s.suppressed, Attempts: l.Attempts, Rang: l.Rang, List: l.LeadListID,
		LastAttempt: l.LastAttemptAt, NextAttempt: l.NextAttemptAt, LastCall: l.LastCall, Voided: l.Voided}
	if l.Voided > 0 {
		f.LastVoided = &l.LastVoidedAt
	}
	if l.numberErr != nil {
		f.NumberFault = l.numberErr.Error()
	}
	if other := memberOf(l).yieldsTo(s.sameNumber); other != nil && s.c.DedupeByPhone && l.numberErr == nil {
		f.YieldsTo = &other.lead
	}
	for _, r := range s.rings {
		f.Rings = append(f.Rings, ringFact{At: r.at, Pending: r.pending})
	}
	return f
}

// subject is a lead as the facts had it, to be judged again by c.
func (f *facts) subject(c *Campaign, id uuid.UUID, at time.Time) *subject {
	business := c.BusinessID
	if f.Foreign {
		business = uuid.Nil
	}
	l := &lead{CandidateClaimDirtyRow: dbsqlc.CandidateClaimDirtyRow{LeadID: id, LeadBusinessID: &business, Status: f.Status, Outcome: f.Outcome,
		LeadStatus: f.LeadStatus, InProgress: f.InProgress, DoNotCall: &f.DoNotCall, Dnc: &f.DNC, Attempts: f.Attempts, Rang: f.Rang, LeadListID: f.List,
		LastAttemptAt: f.LastAttempt, NextAttemptAt: f.NextAttempt, LastCall: f.LastCall, Voided: f.Voided}, c: c,
		located: &calltime.Location{Place: calltime.Place{Zones: f.Zones, States: f.States}}}
	if f.LastVoided != nil {
		l.LastVoidedAt = *f.LastVoided
	}
	if f.NumberFault != "" {
		l.numberErr = errors.New(f.NumberFault)
	}
	s := &subject{c: c, l: l, now: at, flagged: f.Flagged, suppressed: f.Suppressed}
	if f.YieldsTo != nil {
		s.sameNumber = &crowd{finals: []member{{lead: *f.YieldsTo}}}
	}
	for _, r := range f.Rings {
		s.rings = append(s.rings, ring{at: r.At, pending: r.Pending})
	}
	return s
}
