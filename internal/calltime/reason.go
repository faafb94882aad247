package calltime

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// explain words the verdict; where it is closed, it names the zones that are, what their clocks show and what closed them.
func (s *schedule) explain(now time.Time, zones []string, clocks []zoneClock, v Verdict) ([]Clock, string) {
	readings := make([]Clock, len(clocks))
	var closed, rules []string
	for i := range clocks {
		day, reading := clocks[i].read(now.Unix())
		readings[i] = Clock{Zone: zones[i], Local: day.civil().Format("Mon 2006-01-02") + " " + reading.String()}
		readings[i].Closed = s.closedBy(day, reading)
		if readings[i].Closed == nil {
			continue
		}
		closed = append(closed, reading.String()+" in "+zones[i])
		for _, rule := range readings[i].Closed {
			if !slices.Contains(rules, rule) {
				rules = append(rules, rule)
			}
		}
	}
	switch {
	case v.Open:
		return readings, "inside the calling hours of every zone: " + named(zones)
	case len(s.both) == 0:
		return readings, "the campaign and legal hours have no time of day in common"
	}
	why := "outside the calling hours, it is " + named(closed) + " (" + strings.Join(rules, "; ") + ")"
	if len(closed) == 0 {
		why = fmt.Sprintf("the calling hours end in no more than the margin of %s, zones %s", s.margin, named(zones))
	}
	if v.Opens.IsZero() {
		why += "; no hour of the next 8 days is open in every zone"
	}
	return readings, why
}

// closedBy lists what closes a time of a date; nil where nothing does.
func (s *schedule) closedBy(d date, at TimeOfDay) (rules []string) {
	if s.rules.Days != 0 && !s.rules.Days.has(d.weekday()) {
		rules = append(rules, "the campaign does not call on "+d.weekday().String())
	}
	if !within(s.campaign, at) {
		rules = append(rules, "campaign hours "+s.rules.Campaign.String())
	}
	if !within(s.legal, at) {
		rules = append(rules, "legal day "+s.rules.Legal.orDefault().String())
	}
	for _, row := range s.rows {
		if hours, _ := row.stretches(); s.applies(row, d) && !within(hours, at) {
			rules = append(rules, s.word(row, d))
		}
	}
	return rules
}

// word says what a row of the pack asks of a date: "AL: no calls on Thanksgiving Day (al-holidays)".
func (s *schedule) word(r *Row, d date) string {
	day := d.weekday().String()
	if r.days&holidays != 0 {
		if name := s.rules.Pack.holiday(r.State, d); name != "" {
			day = name
		}
	}
	if r.Kind == KindClosed {
		return fmt.Sprintf("%s: no calls on %s (%s)", r.State, day, r.ID)
	}
	return fmt.Sprintf("%s: %s on %s (%s)", r.State, r.hours, day, r.ID)
}

func within(hours []stretch, at TimeOfDay) bool {
	return slices.ContainsFunc(hours, func(h stretch) bool { return h.from <= at && at < h.to })
}

// named joins a few names, and counts the rest.
func named(names []string) string {
	const most = 4
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
