package campaign

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/calltime"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// Outlook is what a plan on paper says of the days after its instant.
type Outlook struct {
	RetryUnderstood string            `json:"retry_understood"` // retry_logic as it was read
	RulePack        string            `json:"rule_pack"`        // version
	Expected        Expected          `json:"expected"`
	CapsHit         map[string]int64  `json:"caps_hit"`         // leads that only a limit holds, by rule
	Callable        []QuarterHour     `json:"callable"`         // leads that become callable, by quarter hour, eight days on
	BecomesCallable []CallableLead    `json:"becomes_callable"` // the first thousand of them
	Later           int64             `json:"callable_later"`   // leads that are due after these days, or have no open hour in them
	Never           []Never           `json:"never"`            // leads that are not called however long one waits
	Unlock          map[string]Unlock `json:"unlock"`           // by column of leads that is empty
	Notice          string            `json:"not_legal_advice"`
}

// Expected is what the calls would take, by the campaign's latest ones; zero where there are none.
type Expected struct {
	Calls   int     `json:"calls"`
	Minutes float64 `json:"minutes"`
	Cost    float64 `json:"cost"`
	BasedOn int64   `json:"based_on_calls"`
}

// QuarterHour counts leads that become callable in a quarter of an hour that begins at At.
type QuarterHour struct {
	At    time.Time `json:"at"`
	Leads int64     `json:"leads"`
}

// CallableLead is when a held lead becomes callable, as far as time alone holds it.
type CallableLead struct {
	LeadID uuid.UUID `json:"lead_id"`
	Rule   string    `json:"rule"` // that holds it now
	At     time.Time `json:"at"`
}

// Never counts leads that a rule holds for one reason.
type Never struct {
	Rule   string `json:"rule"`
	Reason string `json:"reason"`
	Leads  int64  `json:"leads"`
}

// Unlock counts what a datum would change, were it known.
type Unlock struct {
	Callable int64 `json:"makes_callable"` // leads that cannot be placed at all
	Longer   int64 `json:"longer_hours"`   // leads that may be in several places
}

const (
	outlookDays = 8
	listedLeads = 1000
	neverListed = 100
)

const notice = "This is what the program judges by, not legal advice."

// never: rules that time does not mend.
func never(rule string) bool {
	switch rule {
	case RuleLeadStatus, RulePhoneValid, RuleDoNotCall, RuleSuppressed, RuleDuplicatePhone, RuleMaxAttempts, RuleZoneKnown:
		return true
	}
	return false
}

// timely: rules that hold until a time that is known.
func timely(rule string) bool {
	switch rule {
	case RuleCampaignDates, RuleRetryInterval, RuleCallWindow, RuleRollingCap:
		return true
	}
	return false
}

func (p *paper) outlook(calls int, average dbsqlc.CampaignCallsSoFarRow) Outlook {
	o := Outlook{RetryUnderstood: p.c.Retry.String(), RulePack: calltime.CurrentPack().Version, CapsHit: map[string]int64{},
		Callable: []QuarterHour{}, BecomesCallable: []CallableLead{}, Never: []Never{}, Unlock: map[string]Unlock{}, Notice: notice}
	o.Expected = Expected{Calls: calls, BasedOn: average.Calls,
		Minutes: math.Round(float64(calls)*average.Seconds/6) / 10, Cost: math.Round(float64(calls)*average.Cost*100) / 100}
	quarters := map[time.Time]int64{}
	reasons := map[Never]int64{}
	for i := range p.leads {
		l := &p.leads[i]
		p.noteUnlock(&o, l)
		switch {
		case never(l.failing):
			reasons[Never{Rule: l.failing, Reason: l.reason}]++
		case l.failing == RuleRollingCap || l.failing == RuleBudget || l.failing == RuleDailyCap || l.failing == RuleConcurrency:
			o.CapsHit[l.failing]++
		}
		if !l.inTime || !timely(l.failing) {
			continue
		}
		at := p.callableAt(l)
		if at.IsZero() {
			o.Later++
			continue
		}
		quarters[at.Truncate(15*time.Minute)]++
		o.BecomesCallable = append(o.BecomesCallable, CallableLead{l.lead, l.failing, at})
	}
	for at, n := range quarters {
		o.Callable = append(o.Callable, QuarterHour{at, n})
	}
	slices.SortFunc(o.Callable, func(a, b QuarterHour) int { return a.At.Compare(b.At) })
	slices.SortFunc(o.BecomesCallable, func(a, b CallableLead) int {
		return cmp.Or(a.At.Compare(b.At), slices.Compare(a.LeadID[:], b.LeadID[:]))
	})
	o.BecomesCallable = o.BecomesCallable[:min(len(o.BecomesCallable), listedLeads)]
	for n, leads := range reasons {
		n.Leads = leads
		o.Never = append(o.Never, n)
	}
	slices.SortFunc(o.Never, func(a, b Never) int {
		return cmp.Or(cmp.Compare(b.Leads, a.Leads), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Reason, b.Reason))
	})
	o.Never = o.Never[:min(len(o.Never), neverListed)]
	return o
}

func (p *paper) noteUnlock(o *Outlook, l *paperLead) {
	if len(l.unlock) == 0 || (never(l.failing) && l.failing != RuleZoneKnown) {
		return
	}
	for _, column := range l.unlock {
		u := o.Unlock[column]
		if l.failing == RuleZoneKnown {
			u.Callable++
		} else {
			u.Longer++
		}
		o.Unlock[column] = u
	}
}

// callableAt is the first instant of the coming days at which a lead is due, its number free and its window open; zero if
// there is none.
func (p *paper) callableAt(l *paperLead) time.Time {
	from := later(later(p.at, l.due), freeAt(l.rings, l.limits, p.at, 0))
	if p.c.StartDate != nil {
		from = later(from, *p.c.StartDate)
	}
	place := &p.places[l.place]
	if place.spans == nil {
		// An error would mean a place or hours that cannot be judged, which are never open.
		place.spans, _ = calltime.Spans(p.at, p.at.AddDate(0, 0, outlookDays), place.Place, p.c.Rules())
		if place.spans == nil {
			place.spans = []calltime.Span{}
		}
	}
	i, _ := slices.BinarySearchFunc(place.spans, from, func(s calltime.Span, t time.Time) int {
		if s.To.After(t) {
			return 1
		}
		return -1
	})
	if i == len(place.spans) {
		return time.Time{}
	}
	at := later(from, place.spans[i].From)
	if p.c.EndDate != nil && at.After(*p.c.EndDate) {
		return time.Time{}
	}
	return at.UTC()
}
