package calltime

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// schedule is the hours of each date, the same in every zone: which zones there are only decides what its clocks show.
type schedule struct {
	rules           Rules
	campaign, legal []stretch
	both            []stretch // of these two, the hours of a day without anything else
	states          []string
	rows            []*Row // hours and closed days of these states
	margin          time.Duration
}

func (r Rules) prepare(place Place) (*schedule, []zoneClock, error) {
	if len(place.Zones) == 0 {
		return nil, nil, errors.New("no time zone is known")
	}
	s := &schedule{rules: r, margin: max(r.Margin, 0), states: r.binding(place.States)}
	var err error
	if s.campaign, err = r.Campaign.stretches(); err != nil {
		return nil, nil, fmt.Errorf("campaign hours: %w", err)
	}
	if s.legal, err = r.Legal.orDefault().stretches(); err != nil {
		return nil, nil, fmt.Errorf("legal hours: %w", err)
	}
	s.both = overlap(s.campaign, s.legal)
	for _, state := range s.states {
		for _, row := range r.Pack.byState[state] {
			if row.Kind == KindHours || row.Kind == KindClosed {
				s.rows = append(s.rows, row)
			}
		}
	}
	clocks := make([]zoneClock, len(place.Zones))
	for i, zone := range place.Zones {
		loc, err := location(zone)
		if err != nil {
			return nil, nil, err
		}
		clocks[i] = zoneClock{loc: loc}
	}
	return s, clocks, nil
}

func (r Rules) binding(states []string) []string {
	bound := slices.DeleteFunc(r.Pack.Binding(states), func(s string) bool { return slices.Contains(r.Exempt, s) })
	if len(bound) == 0 {
		return nil
	}
	return bound
}

// day returns the stretches of a date in which a call may ring.
func (s *schedule) day(d date) []stretch {
	if s.rules.Days != 0 && !s.rules.Days.has(d.weekday()) {
		return nil
	}
	day := s.both
	for _, row := range s.rows {
		if !s.applies(row, d) {
			continue
		}
		hours, _ := row.stretches()
		day = overlap(day, hours)
	}
	return day
}

func (r *Row) stretches() ([]stretch, error) {
	if r.Kind == KindClosed {
		return nil, nil
	}
	return r.hours.stretches()
}

// applies tells whether a row of hours or of a closed day speaks of a date.
func (s *schedule) applies(r *Row, d date) bool {
	if !r.binds(d) {
		return false
	}
	return r.days.has(d.weekday()) || r.days&holidays != 0 && s.rules.Pack.holiday(r.State, d) != ""
}

func overlap(a, b []stretch) []stretch {
	both := make([]stretch, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			if z := (stretch{max(x.from, y.from), min(x.to, y.to)}); z.from < z.to {
				both = append(both, z)
			}
		}
	}
	return both
}

type holidayYear struct {
	state string
	year  int
}

// holiday names the holiday of a state on a date; "" for none. A holiday that moves counts on both days.
func (p *Pack) holiday(state string, d date) string {
	key := holidayYear{state, d.civil().Year()}
	p.mu.Lock()
	defer p.mu.Unlock()
	days, ok := p.holidays[key]
	if !ok {
		days = p.holidaysOf(key)
		p.holidays[key] = days
	}
	return days[d]
}

// Holiday names the holiday of a state on a calendar date; "" for none.
func (p *Pack) Holiday(state string, year int, month time.Month, day int) string {
	return p.holiday(state, dateOf(year, month, day))
}

func (p *Pack) holidaysOf(key holidayYear) map[date]string {
	var move moves
	for _, r := range p.byState[key.state] {
		if r.Kind == KindObserved {
			move = r.moves
		}
	}
	days := map[date]string{}
	for _, r := range slices.Concat(p.byState["US"], p.byState[key.state]) {
		if r.Kind != KindHoliday {
			continue
		}
		for year := key.year - 1; year <= key.year+1; year++ { // New Year's Day may be observed in December
			on := r.rule.in(year)
			if !r.binds(on) {
				continue
			}
			if other := move.observed(on); other != on {
				days[other] = r.Value + " (observed)"
			}
			days[on] = r.Value
		}
	}
	return days
}
