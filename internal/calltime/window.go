package calltime

import (
	"fmt"
	"math"
	"strings"
	"time"
)

const (
	// lookAhead is how far Window searches for the next opening.
	lookAhead = 8 * 24 * time.Hour
	// lookBack reaches the start of any span that ends: on the day a daylight-saving gap swallows the closed hours, one
	// span runs for almost two days.
	lookBack = 3 * 24 * time.Hour
	// DefaultMargin is the time before a close in which no call is begun any more, since it could ring after the close.
	DefaultMargin = 60 * time.Second
)

// Rules are the daily hours a call must respect, all of them at once.
type Rules struct {
	Campaign Hours         // the campaign's own window; the zero value sets no limit
	Legal    Hours         // the legal day; an end left nil is that of DefaultLegalDay
	Margin   time.Duration // taken as it is: 0 is no margin, less counts as 0
}

// DefaultRules returns the campaign's window inside the default legal day, with the default margin.
func DefaultRules(campaign Hours) Rules {
	return Rules{Campaign: campaign, Legal: DefaultLegalDay(), Margin: DefaultMargin}
}

// Verdict says whether a call may be begun at the instant asked about.
type Verdict struct {
	Open bool
	// Opens and Closes (UTC) bound the instants at which a call may begin, half-open; Closes already has the margin taken
	// off. If Open, they are the span around now: Opens no earlier than three days back, Closes eight days ahead where the
	// hours never end. Otherwise the next span that begins within eight days, or zero when there is none.
	Opens, Closes time.Time
	Reason        string // one sentence
}

// Window judges now by the wall clock of every zone the callee may be in: open is when all of them are inside all of the
// hours, and stay so for longer than the margin. Zones are IANA region names, or UTC. No zone, a zone that is not known,
// and hours that are none are never open.
func Window(now time.Time, zones []string, rules Rules) Verdict {
	if len(zones) == 0 {
		return Verdict{Reason: "no time zone is known"}
	}
	day, err := rules.day()
	if err != nil {
		return Verdict{Reason: err.Error()}
	}
	clocks := make([]zoneClock, len(zones))
	for i, zone := range zones {
		loc, err := location(zone)
		if err != nil {
			return Verdict{Reason: err.Error()}
		}
		clocks[i] = zoneClock{loc: loc}
	}
	margin := max(rules.Margin, 0)
	v := search(now, clocks, day, margin)
	v.Reason = reason(now, zones, clocks, day, v, margin)
	return v
}

// search sweeps over the spans from some days before now, and returns the first in which a call can still be begun.
func search(now time.Time, clocks []zoneClock, day []stretch, margin time.Duration) Verdict {
	second := now.Unix() // the edges are whole seconds, so whether now is past one does not depend on its fraction
	horizon := second + int64(lookAhead/time.Second)
	opens, inside := int64(0), false
	for t := second - int64(lookBack/time.Second); ; {
		open, next := step(clocks, day, t)
		switch {
		case open && !inside:
			opens, inside = t, true
		case !open && inside:
			inside = false
			closes := time.Unix(t, 0).Add(-margin)
			if closes.After(now) && closes.After(time.Unix(opens, 0)) {
				return Verdict{Open: opens <= second, Opens: time.Unix(opens, 0).UTC(), Closes: closes.UTC()}
			}
		}
		switch {
		case t >= horizon && !inside:
			return Verdict{}
		case t >= horizon && opens <= second:
			return Verdict{Open: true, Opens: time.Unix(opens, 0).UTC(), Closes: time.Unix(horizon, 0).UTC()}
		}
		t = next
	}
}

// step tells whether every clock is inside the day's stretches at t, and until when that cannot change.
func step(clocks []zoneClock, day []stretch, t int64) (open bool, next int64) {
	open, next = true, t+int64(endOfDay)
	for i := range clocks {
		c := &clocks[i]
		reading := c.read(t)
		inside, edge := false, endOfDay
		for _, s := range day {
			switch {
			case reading < s.from:
				edge = min(edge, s.from)
			case reading < s.to:
				inside, edge = true, min(edge, s.to)
			}
		}
		open = open && inside
		next = min(next, t+int64(edge-reading), c.until)
	}
	return open, next
}

// zoneClock reads the wall clock of one zone. Within one period of constant offset that is an addition; at each
// transition the offset is looked up anew, so that an hour that is skipped or repeated is judged as the clock shows it.
type zoneClock struct {
	loc         *time.Location
	offset      int64 // seconds east of UTC, valid in [since, until)
	since       int64
	until       int64
	initialised bool
}

func (c *zoneClock) read(t int64) TimeOfDay {
	if !c.initialised || t < c.since || t >= c.until {
		c.lookUp(t)
	}
	const secondsPerDay = int64(endOfDay)
	return TimeOfDay(((t+c.offset)%secondsPerDay + secondsPerDay) % secondsPerDay)
}

func (c *zoneClock) lookUp(t int64) {
	at := time.Unix(t, 0).In(c.loc)
	_, offset := at.Zone()
	since, until := at.ZoneBounds()
	c.offset, c.since, c.until, c.initialised = int64(offset), math.MinInt64, math.MaxInt64, true
	if !since.IsZero() {
		c.since = since.Unix()
	}
	if !until.IsZero() {
		c.until = until.Unix()
	}
}

// day intersects all of the hours into stretches of one day, in no particular order.
func (r Rules) day() ([]stretch, error) {
	campaign, err := r.Campaign.stretches()
	if err != nil {
		return nil, fmt.Errorf("campaign hours: %w", err)
	}
	legal, err := r.Legal.orDefault().stretches()
	if err != nil {
		return nil, fmt.Errorf("legal hours: %w", err)
	}
	day := make([]stretch, 0, len(campaign)*len(legal))
	for _, c := range campaign {
		for _, l := range legal {
			if both := (stretch{max(c.from, l.from), min(c.to, l.to)}); both.from < both.to {
				day = append(day, both)
			}
		}
	}
	return day, nil
}

// reason words the verdict; where it is closed, it names the zones that are and what their clocks show.
func reason(now time.Time, zones []string, clocks []zoneClock, day []stretch, v Verdict, margin time.Duration) string {
	switch {
	case v.Open:
		return "inside the calling hours of every zone: " + named(zones)
	case len(day) == 0:
		return "the campaign and legal hours have no time of day in common"
	}
	var closed []string
	for i := range clocks {
		if open, _ := step(clocks[i:i+1], day, now.Unix()); !open {
			closed = append(closed, clocks[i].read(now.Unix()).String()+" in "+zones[i])
		}
	}
	why := "outside the calling hours, it is " + named(closed)
	if len(closed) == 0 {
		why = fmt.Sprintf("the calling hours end in no more than the margin of %s, zones %s", margin, named(zones))
	}
	if v.Opens.IsZero() {
		why += "; no hour of the next 8 days is open in every zone"
	}
	return why
}

// named joins a few names, and counts the rest.
func named(names []string) string {
	const most = 4
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
