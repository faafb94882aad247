package calltime

import (
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Zones whose clocks have shown the same since 2015, and will until 2038, are one clock: several names can mean it
// (America/New_York, America/Detroit, America/Indiana/Indianapolis), and a CRM rarely knows more than the largest.
var (
	clocksSince = time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC)
	clocksUntil = time.Date(2038, 1, 1, 0, 0, 0, 0, time.UTC)
)

// clockOf digests the clock of a zone; "" for a zone that is not known.
func clockOf(zone string) string {
	r, ok := regions[zone]
	if !ok {
		return ""
	}
	return r.clock()
}

func digestClock(load func() (*time.Location, error)) func() string {
	return sync.OnceValue(func() string {
		loc, err := load()
		if err != nil {
			return ""
		}
		at := clocksSince.In(loc)
		_, shown := at.Zone()
		digest := strconv.Itoa(shown)
		for {
			_, end := at.ZoneBounds()
			if end.IsZero() || end.After(clocksUntil) {
				return digest
			}
			// A change of the zone's abbreviation alone is none of the clock.
			if _, offset := end.Zone(); offset != shown {
				digest += fmt.Sprintf(" %d %d", end.Unix(), offset)
				shown = offset
			}
			at = end
		}
	})
}

// sameClock tells whether two zones always show the same time.
func sameClock(a, b string) bool { return a == b || (clockOf(a) != "" && clockOf(a) == clockOf(b)) }

// hasClock tells whether one of the zones shows the same time as zone.
func hasClock(zones []string, zone string) bool {
	return slices.ContainsFunc(zones, func(z string) bool { return sameClock(z, zone) })
}

// withClockOf returns those zones that show the time of one of others; nil when none does.
func withClockOf(zones, others []string) []string {
	var both []string
	for _, zone := range zones {
		if hasClock(others, zone) {
			both = append(both, zone)
		}
	}
	return both
}

// union returns the names of both, sorted, each once. Where one says it all it is returned itself: do not change it.
func union(a, b []string) []string {
	switch {
	case len(a) == 0 || slices.Equal(a, b):
		return b
	case len(b) == 0:
		return a
	}
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// oneOfEachClock keeps the first name of each clock.
func oneOfEachClock(zones []string) []string {
	var kept []string
	for _, zone := range zones {
		if !hasClock(kept, zone) {
			kept = append(kept, zone)
		}
	}
	return kept
}
