package calltime

import (
	"slices"
	"time"
)

const (
	// lookAhead is how far Judge searches for the next opening.
	lookAhead = 8 * 24 * time.Hour
	// lookBack reaches the start of any span that ends: on the day a daylight-saving gap swallows the closed hours, one
	// span runs for almost two days.
	lookBack = 3 * 24 * time.Hour
	// DefaultMargin is the time before a close in which no call is begun any more, since it could ring after the close.
	DefaultMargin = 60 * time.Second
)

// Rules are the hours a call must respect, all of them at once.
type Rules struct {
	Campaign Hours         // the campaign's own window; the zero value sets no limit
	Days     Weekdays      // the campaign's days, by the date on which it would ring; the zero value sets no limit
	Legal    Hours         // the legal day; an end left nil is that of DefaultLegalDay
	Margin   time.Duration // taken as it is: 0 is no margin, less counts as 0
	Pack     *Pack         // rules of states; nil for none
	Exempt   []string      // states whose rows of the pack do not bind (setting state_pack_exempt)
}

// DefaultRules returns the campaign's window inside the default legal day, with the default margin, without a pack.
func DefaultRules(campaign Hours) Rules {
	return Rules{Campaign: campaign, Legal: DefaultLegalDay(), Margin: DefaultMargin}
}

// Place is everywhere a phone may be.
type Place struct {
	Zones  []string // IANA region names, or UTC
	States []string // postal codes
}

// Verdict says whether a call may be begun at the instant asked about.
type Verdict struct {
	Open bool
	// Opens and Closes (UTC) bound the instants at which a call may begin, half-open; Closes already has the margin taken
	// off. If Open, they are the span around now: Opens no earlier than three days back, Closes eight days ahead where the
	// hours never end. Otherwise the next span that begins within eight days, or zero when there is none.
	Opens, Closes time.Time
	Reason        string // one sentence
	Clocks        []Clock
	Pack          string // version of the pack, "" without one
}

// Clock is what one zone's wall clock showed at the instant, and what closed it there.
type Clock struct {
	Zone   string   `json:"zone"`
	Local  string   `json:"local"` // "Mon 2026-11-23 20:30"
	Closed []string `json:"closed,omitempty"`
}

// Window judges now by the wall clock of every zone, without the rules of any state. See Judge.
func Window(now time.Time, zones []string, rules Rules) Verdict {
	return Judge(now, Place{Zones: zones}, rules)
}

// Judge judges now by the wall clock of every zone the callee may be in: open is when all of them are inside all of the
// hours, those of every state among them, and stay so for longer than the margin. The date in each zone decides the day
// of the week and the holidays; a campaign window that crosses midnight belongs to the date on which it rings. No zone, a
// zone that is not known, and hours that are none are never open.
func Judge(now time.Time, place Place, rules Rules) Verdict {
	s, clocks, err := rules.prepare(place)
	if err != nil {
		return Verdict{Reason: err.Error()}
	}
	v := search(now, clocks, s)
	v.Clocks, v.Reason = s.explain(now, place.Zones, clocks, v)
	if rules.Pack != nil {
		v.Pack = rules.Pack.Version
	}
	return v
}

// Span is a time in which calls may begin, half-open, UTC; the margin is taken off.
type Span struct{ From, To time.Time }

// Spans lists the times between from and to, at most a year apart, in which Judge says open. It is nil where Judge never
// is; an error says why nothing can be judged.
func Spans(from, to time.Time, place Place, rules Rules) ([]Span, error) {
	s, clocks, err := rules.prepare(place)
	if err != nil {
		return nil, err
	}
	if longest := from.AddDate(1, 0, 0); to.After(longest) {
		to = longest
	}
	var spans []Span
	for at := from; at.Before(to); {
		v := search(at, clocks, s)
		if v.Opens.IsZero() {
			at = at.Add(lookAhead)
			continue
		}
		span := Span{v.Opens, v.Closes}
		if span.From.Before(at) {
			span.From = at.UTC()
		}
		if span.To.After(to) {
			span.To = to.UTC()
		}
		if !span.From.Before(to) {
			break
		}
		if n := len(spans); n > 0 && spans[n-1].To.Equal(span.From) {
			spans[n-1].To = span.To
		} else {
			spans = append(spans, span)
		}
		at = v.Closes
	}
	return spans, nil
}

// Reduce returns the smallest place that Judge and Spans answer alike for: one zone of each clock, and only states with
// hours of their own in the pack, both sorted. Leads with equal ones can be judged together.
func (r Rules) Reduce(p Place) Place {
	zones := slices.Clone(p.Zones)
	slices.Sort(zones)
	return Place{Zones: oneOfEachClock(zones), States: r.binding(p.States)}
}
