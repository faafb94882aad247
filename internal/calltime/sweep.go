package calltime

import (
	"math"
	"time"
)

// search sweeps over the spans from some days before now, and returns the first in which a call can still be begun.
func search(now time.Time, clocks []zoneClock, s *schedule) Verdict {
	second := now.Unix() // the edges are whole seconds, so whether now is past one does not depend on its fraction
	horizon := second + int64(lookAhead/time.Second)
	opens, inside := int64(0), false
	for t := second - int64(lookBack/time.Second); ; {
		open, next := step(clocks, s, t)
		switch {
		case open && !inside:
			opens, inside = t, true
		case !open && inside:
			inside = false
			closes := time.Unix(t, 0).Add(-s.margin)
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

// step tells whether every clock is inside the hours of its date at t, and until when that cannot change.
func step(clocks []zoneClock, s *schedule, t int64) (open bool, next int64) {
	open, next = true, t+int64(endOfDay)
	for i := range clocks {
		inside, edge := clocks[i].inside(s, t)
		open = open && inside
		next = min(next, edge)
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

	today     date // the date whose hours are kept
	hours     []stretch
	keepsDate bool
}

// inside tells whether the clock shows a time within the hours of its date at t, and until when that cannot change.
func (c *zoneClock) inside(s *schedule, t int64) (inside bool, until int64) {
	today, reading := c.read(t)
	if !c.keepsDate || today != c.today {
		c.today, c.hours, c.keepsDate = today, s.day(today), true
	}
	edge := endOfDay
	for _, h := range c.hours {
		switch {
		case reading < h.from:
			edge = min(edge, h.from)
		case reading < h.to:
			inside, edge = true, min(edge, h.to)
		}
	}
	return inside, min(t+int64(edge-reading), c.until)
}

func (c *zoneClock) read(t int64) (date, TimeOfDay) {
	if !c.initialised || t < c.since || t >= c.until {
		c.lookUp(t)
	}
	local := t + c.offset
	day := local / secondsPerDay
	if local%secondsPerDay < 0 {
		day--
	}
	return date(day), TimeOfDay(local - day*secondsPerDay)
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
