package calltime

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// date is a day of the calendar, in days since 1 January 1970, without a zone.
type date int

const secondsPerDay = int64(endOfDay)

func dateOf(year int, month time.Month, day int) date {
	return date(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay)
}

func (d date) civil() time.Time { return time.Unix(int64(d)*secondsPerDay, 0).UTC() }

// weekday: 1 January 1970 was a Thursday.
func (d date) weekday() time.Weekday { return time.Weekday(((int(d)+int(time.Thursday))%7 + 7) % 7) }

// dateRule says on which date of each year a holiday falls: a date, the nth weekday of a month (-1 = the last), or so
// many days from Easter Sunday, each moved by some days.
type dateRule struct {
	month   time.Month
	day     int // of the month, when nth is 0
	nth     int
	weekday time.Weekday
	easter  bool
	plus    int
}

var (
	fixedDate  = regexp.MustCompile(`^([a-z]{3}) (\d{1,2})$`)
	nthWeekday = regexp.MustCompile(`^(1st|2nd|3rd|4th|last) ([a-z]{3}) ([a-z]{3})([+-]\d{1,2})?$`)
	fromEaster = regexp.MustCompile(`^easter([+-]\d{1,3})?$`)
)

// parseDateRule reads "jan 1", "3rd mon feb", "last mon may", "4th thu nov+1", "easter-47".
func parseDateRule(s string) (dateRule, error) {
	var r dateRule
	if m := fixedDate.FindStringSubmatch(s); m != nil {
		month, ok := monthNames[m[1]]
		r.month, r.day = month, atoi(m[2])
		// A leap year has every date that any year has.
		if ok && dateOf(2000, r.month, r.day).civil().Month() == r.month && r.day > 0 {
			return r, nil
		}
	}
	if m := nthWeekday.FindStringSubmatch(s); m != nil {
		weekday, ok := weekdayNames[m[2]]
		month, known := monthNames[m[3]]
		r = dateRule{month: month, weekday: weekday, nth: map[string]int{"1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "last": -1}[m[1]], plus: atoi(m[4])}
		if ok && known {
			return r, nil
		}
	}
	if m := fromEaster.FindStringSubmatch(s); m != nil {
		return dateRule{easter: true, plus: atoi(m[1])}, nil
	}
	return dateRule{}, fmt.Errorf("%q is not a date rule: write jan 1, 3rd mon feb, last mon may, 4th thu nov+1 or easter-47", clip(s))
}

func atoi(s string) int {
	n, _ := strconv.Atoi(s) // digits with a sign, or "" for none
	return n
}

// in returns the date in a year.
func (r dateRule) in(year int) date {
	switch {
	case r.easter:
		return easter(year) + date(r.plus)
	case r.nth == 0:
		return dateOf(year, r.month, r.day)
	case r.nth < 0:
		last := dateOf(year, r.month+1, 0)
		return last - date((int(last.weekday())-int(r.weekday)+7)%7) + date(r.plus)
	}
	first := dateOf(year, r.month, 1)
	return first + date((int(r.weekday)-int(first.weekday())+7)%7+7*(r.nth-1)+r.plus)
}

// easter is Easter Sunday of the Gregorian calendar (the algorithm of Meeus, Jones and Butcher).
func easter(year int) date {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	f := (b + 8) / 25
	g := (b - f + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return dateOf(year, time.Month(n/31), n%31+1)
}

// moves says where a holiday on a weekend is observed, in days; the date itself stays a holiday.
type moves struct{ saturday, sunday int }

// parseMoves reads "sat>fri sun>mon".
func parseMoves(s string) (moves, error) {
	var m moves
	for _, word := range strings.Fields(s) {
		switch word {
		case "sat>fri":
			m.saturday = -1
		case "sun>mon":
			m.sunday = 1
		default:
			return m, fmt.Errorf("%q is not a move: write sat>fri or sun>mon", clip(word))
		}
	}
	return m, nil
}

// observed is the other day on which a holiday counts; the same one where it does not move.
func (m moves) observed(d date) date {
	switch d.weekday() {
	case time.Saturday:
		return d + date(m.saturday)
	case time.Sunday:
		return d + date(m.sunday)
	}
	return d
}

var monthNames, weekdayNames = func() (months map[string]time.Month, weekdays map[string]time.Weekday) {
	months, weekdays = map[string]time.Month{}, map[string]time.Weekday{}
	for m := time.January; m <= time.December; m++ {
		months[strings.ToLower(m.String()[:3])] = m
	}
	for d := time.Sunday; d <= time.Saturday; d++ {
		weekdays[strings.ToLower(d.String()[:3])] = d
	}
	return months, weekdays
}()

// Weekdays is a set of days of the week, and "holiday" where a rule has days apart from them.
type Weekdays uint8

const (
	everyDay Weekdays = 1<<7 - 1
	holidays Weekdays = 1 << 7
)

// WeekdaySet returns the set of the given days. The empty set as a campaign's days sets no limit.
func WeekdaySet(days ...time.Weekday) Weekdays {
	var set Weekdays
	for _, d := range days {
		set |= 1 << d
	}
	return set & everyDay
}

func (w Weekdays) has(d time.Weekday) bool { return w&(1<<d) != 0 }

// parseDays reads "mon-fri", "sat", "all", "sun+holidays".
func parseDays(s string) (Weekdays, error) {
	var set Weekdays
	for _, part := range strings.Split(s, "+") {
		from, to, isRange := strings.Cut(part, "-")
		first, ok := weekdayNames[from]
		last := first
		if isRange {
			var known bool
			last, known = weekdayNames[to]
			ok = ok && known
		}
		switch {
		case part == "all":
			set |= everyDay
		case part == "holidays":
			set |= holidays
		case !ok:
			return 0, fmt.Errorf("%q are not days: write mon-fri, sat, all or holidays, joined by +", clip(s))
		default:
			for d := first; ; d = (d + 1) % 7 {
				set |= 1 << d
				if d == last {
					break
				}
			}
		}
	}
	return set, nil
}
