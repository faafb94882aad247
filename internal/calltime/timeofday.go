package calltime

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// TimeOfDay is a reading of a wall clock in seconds after midnight, 0 to 86400 (24:00, the end of the day).
type TimeOfDay int

const endOfDay TimeOfDay = 24 * 60 * 60

// clockText takes what Postgres prints for time and timetz (offset, fraction) and what people write. The offset is
// dropped: only the wall-clock part of a calling hour means anything, it is read in the zone of the callee.
var clockText = regexp.MustCompile(`^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*(?:[zZ]|[+-]\d{2}(?::?\d{2}){0,2})?$`)

// ParseTimeOfDay reads "09:00", "9:00", "09:00:00", "24:00" and the timetz text "09:00:00+00". A fraction of a second
// other than zero is an error, since rounding it could widen a window.
func ParseTimeOfDay(s string) (TimeOfDay, error) {
	parts := clockText.FindStringSubmatch(strings.TrimSpace(s))
	if parts == nil {
		return 0, badTimeOfDay(s)
	}
	hour, _ := strconv.Atoi(parts[1])
	minute, _ := strconv.Atoi(parts[2])
	second, _ := strconv.Atoi(parts[3]) // "" when left out: zero
	t := TimeOfDay(hour*3600 + minute*60 + second)
	if minute > 59 || second > 59 || t > endOfDay || strings.Trim(parts[4], "0") != "" {
		return 0, badTimeOfDay(s)
	}
	return t, nil
}

func badTimeOfDay(s string) error {
	return fmt.Errorf("%q is not a time of day: write HH:MM or HH:MM:SS in whole seconds, 00:00 to 24:00", clip(s))
}

// String gives "09:00", or "09:00:30" where the seconds are not zero.
func (t TimeOfDay) String() string {
	text := fmt.Sprintf("%02d:%02d", t/3600, t/60%60)
	if t%60 != 0 {
		text += fmt.Sprintf(":%02d", t%60)
	}
	return text
}

func (t TimeOfDay) valid() bool { return t >= 0 && t <= endOfDay }

// Hours is a daily window of the wall clock, half-open [From, To). Both nil sets no limit, one nil leaves only the other;
// From equal to To is empty; From after To crosses midnight.
type Hours struct{ From, To *TimeOfDay }

// Between returns the window [from, to).
func Between(from, to TimeOfDay) Hours { return Hours{From: &from, To: &to} }

// DefaultLegalDay returns 08:00-21:00, the hours in which a person may be called at home (47 CFR 64.1200(c)(1), 16 CFR 310.4(c)).
func DefaultLegalDay() Hours { return Between(8*3600, 21*3600) }

// String gives "09:00-17:00", "from 09:00", "until 17:00" or "any time".
func (h Hours) String() string {
	switch {
	case h.From == nil && h.To == nil:
		return "any time"
	case h.To == nil:
		return "from " + h.From.String()
	case h.From == nil:
		return "until " + h.To.String()
	}
	return h.From.String() + "-" + h.To.String()
}

// orDefault fills a missing end from the legal day: a legal limit that was left out is not a licence to call at night.
func (h Hours) orDefault() Hours {
	legal := DefaultLegalDay()
	if h.From == nil {
		h.From = legal.From
	}
	if h.To == nil {
		h.To = legal.To
	}
	return h
}

// stretch is a half-open piece of one day that does not cross midnight.
type stretch struct{ from, to TimeOfDay }

// stretches cuts the window at midnight; an empty window has none.
func (h Hours) stretches() ([]stretch, error) {
	from, to := TimeOfDay(0), endOfDay
	if h.From != nil {
		from = *h.From
	}
	if h.To != nil {
		to = *h.To
	}
	if !from.valid() || !to.valid() {
		return nil, fmt.Errorf("%d-%d s after midnight are not hours of a day: give 0 to %d", int(from), int(to), int(endOfDay))
	}
	if from <= to {
		return []stretch{{from, to}}, nil
	}
	return []stretch{{0, to}, {from, endOfDay}}, nil
}
