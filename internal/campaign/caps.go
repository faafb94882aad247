package campaign

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// limit is how many calls may go to one number within a time.
type limit struct {
	Calls  int           `json:"calls"`
	Within time.Duration `json:"-"`
	From   string        `json:"from"` // the setting or the row of the rule pack
}

const day24 = 24 * time.Hour

// limits are the caps of a number that may be in these states: the business's own and those of the rule pack, the
// strictest for each time, shortest time first.
func (c *Campaign) limits(states []string, now time.Time) []limit {
	all := []limit{{c.Settings.MaxPerNumber24h, day24, "max_per_number_24h"}}
	if n := c.Settings.MaxPerNumber30d; n != nil {
		all = append(all, limit{*n, 30 * day24, "max_per_number_30d"})
	}
	for _, s := range states {
		if slices.Contains(c.Settings.StatePackExempt, s) {
			continue
		}
		for _, row := range c.rulePack().Caps([]string{s}, now) {
			all = append(all, limit{row.Calls, row.Within, row.Row})
		}
	}
	slices.SortStableFunc(all, func(a, b limit) int {
		if a.Within != b.Within {
			return int(a.Within/time.Second) - int(b.Within/time.Second)
		}
		return a.Calls - b.Calls
	})
	return slices.CompactFunc(all, func(a, b limit) bool { return a.Within == b.Within })
}

// packed is what the database keeps of limits: seconds, calls, seconds, calls.
func packed(limits []limit) []int32 {
	var out []int32
	for _, l := range limits {
		out = append(out, int32(l.Within/time.Second), int32(l.Calls))
	}
	return out
}

// ring is an attempt to a number that rang or may have, or may yet.
type ring struct {
	lead    uuid.UUID
	at      time.Time
	busy    bool // the attempt, or its call, is not over
	pending bool // not rung yet, or not known when: it counts as if it rang now
}

// noEnd is after every call that can be planned.
var noEnd = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// freeAt is the instant from which the limits allow another call; ahead more are reserved before it at the same time.
// Its twin in SQL is henk.number_free_at.
func freeAt(rings []ring, limits []limit, now time.Time, ahead int) time.Time {
	var times []time.Time
	for _, r := range rings {
		switch {
		case r.pending:
			times = append(times, now)
		case !r.at.After(now):
			times = append(times, r.at)
		}
	}
	slices.SortFunc(times, func(a, b time.Time) int { return b.Compare(a) })
	var free time.Time
	for _, l := range limits {
		switch nth := l.Calls - ahead; {
		case l.Calls <= 0:
			return noEnd
		case nth <= 0:
			free = later(free, now.Add(l.Within))
		case nth <= len(times):
			free = later(free, times[nth-1].Add(l.Within))
		}
	}
	return free
}

// used counts the rings that a limit counts at now.
func (l limit) used(rings []ring, now time.Time) (n int) {
	for _, r := range rings {
		if r.pending || (!r.at.After(now) && r.at.After(now.Add(-l.Within))) {
			n++
		}
	}
	return n
}

func (l limit) String() string {
	return fmt.Sprintf("%d in %s (%s)", l.Calls, spell(l.Within), l.From)
}

// judgeCap: rolling_cap.
func (s *subject) judgeCap() (bool, why) {
	limits := s.c.limits(s.l.place().States, s.now)
	free := freeAt(s.rings, limits, s.now, s.ahead)
	ok := !free.After(s.now)
	return ok, func() (string, map[string]any) {
		inputs := map[string]any{}
		var caps []map[string]any
		var full []string
		for _, l := range limits {
			used := l.used(s.rings, s.now)
			caps = append(caps, map[string]any{"calls": l.Calls, "within": spell(l.Within), "used": used, "from": l.From})
			if used >= l.Calls {
				full = append(full, l.String())
			}
		}
		inputs["caps"] = caps
		if ok {
			return "The number may be called again.", inputs
		}
		if free.Before(noEnd) {
			inputs["free_at"] = free.UTC().Format(time.RFC3339)
		}
		return "The number has had as many calls as are allowed: " + strings.Join(full, ", ") + ".", inputs
	}
}

// busyForOthers: another lead is being called at the number.
func busyForOthers(rings []ring, lead uuid.UUID) bool {
	return slices.ContainsFunc(rings, func(r ring) bool { return r.busy && r.lead != lead })
}
