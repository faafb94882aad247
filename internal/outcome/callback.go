package outcome

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/olebedev/when"
	"github.com/olebedev/when/rules"
	"github.com/olebedev/when/rules/en"
)

// Calling hours of a call-back, local time: it is never set outside them.
const (
	firstHour = 9
	lastHour  = 20
)

// dates reads weekdays, "tomorrow", "in two hours", "december 3rd" and clock
// times. Its options are set here because the parser would otherwise set them on
// first use, which is a race. Parts of the day are our own (partHours): the
// library's evening and night lie outside of calling hours.
var dates = func() *when.Parser {
	p := when.New(&rules.Options{Distance: 8, MatchByOrder: true})
	p.Add(en.Weekday(rules.Override), en.CasualDate(rules.Override), en.Hour(rules.Override),
		en.HourMinute(rules.Override), en.Deadline(rules.Override), en.ExactMonthDate(rules.Override))
	return p
}()

// partHours is the hour that a part of the day stands for.
var partHours = []struct {
	word *regexp.Regexp
	hour int
}{
	{regexp.MustCompile(`\b(?:after work|evening|tonight|night|supper|dinner)s?\b`), 18},
	{regexp.MustCompile(`\bafternoons?\b`), 14},
	{regexp.MustCompile(`\b(?:noon|midday|lunch(?:time)?)\b`), 12},
	{regexp.MustCompile(`\b(?:morning|breakfast)s?\b`), 10},
}

var (
	clock      = regexp.MustCompile(`\b(at|after|around|about|by|until|past|before|maybe|like|say|to|is|mornings?|afternoons?|evenings?|tomorrow|tonight|today|day|noon)\s+(\d{1,2})(?::?\s?(\d{2}))?\s*(am|pm|a\.m\.?|p\.m\.?|o ?clock)?(?:\s|$|[.,;!?])`)
	bareClock  = regexp.MustCompile(`\b(\d{1,2})(?::(\d{2})|\s*o ?clock|\s*(am|pm)\b)`)
	inUnits    = regexp.MustCompile(`\b(?:in|give me)\s+(?:about |like |maybe |another )?(a couple(?: of)?|a few|an?|half an?|\d{1,3})\s+(minute|min|hour|day|week|month)s?\b`)
	nextUnit   = regexp.MustCompile(`\b(?:next|following)\s+(week|month|year|spring|summer|fall|autumn|winter)\b`)
	dayOfMonth = regexp.MustCompile(`\b(?:on |after )?the (\d{1,2})(?:st|nd|rd|th)\b`)
	holiday    = regexp.MustCompile(`\b(?:after|until|past)\s+(?:the\s+)?(holidays|christmas|new years?|thanksgiving|easter)\b`)
	vagueLater = regexp.MustCompile(`\blater (?:today|on today|this (?:morning|afternoon|evening))\b`)
	before     = regexp.MustCompile(`\b(?:don't|dont|do not|not|never)\s+(?:\w+\s+){0,3}(?:now|today|tonight|tomorrow|before\s+\w+|at work|on \w+|this \w+)`)
)

// callbackTime reads when a person asked to be called, counted from ended, on
// the clock of zone. It is nil when nothing was named, the zone is unknown, or
// what was named is not in the future: better none than a wrong one.
func callbackTime(text string, ended time.Time, zone string) *time.Time {
	if strings.TrimSpace(text) == "" || ended.IsZero() || zone == "" {
		return nil
	}
	loc, err := time.LoadLocation(zone)
	if err != nil || zone == "Local" {
		return nil
	}
	now := ended.In(loc)
	s := plainTimes(text)
	s = before.ReplaceAllString(s, " ") // "don't call me tomorrow" names no time to call
	day, named, exact := readDay(s, now)
	if exact {
		return within(day, now)
	}
	hour, minute, clocked := readClock(s)
	switch {
	case !clocked:
		part, ok := partHour(s)
		if !ok && (!named || sameDay(day, now)) {
			return nil // nothing named, or "today" at no time
		}
		if hour = 10; ok {
			hour = part
		}
	}
	at := time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, 0, loc)
	if !named && !at.After(now) {
		at = time.Date(day.Year(), day.Month(), day.Day()+1, hour, minute, 0, 0, loc) // "at five", said at six
	}
	return within(at, now)
}

// within keeps a time that lies in the future and moves it into calling hours: a
// little early or late becomes the edge, the middle of the night is unclear.
func within(at, now time.Time) *time.Time {
	if !at.After(now) || at.After(now.AddDate(1, 1, 0)) {
		return nil
	}
	open := time.Date(at.Year(), at.Month(), at.Day(), firstHour, 0, 0, 0, at.Location())
	shut := time.Date(at.Year(), at.Month(), at.Day(), lastHour, 0, 0, 0, at.Location())
	switch {
	case at.Before(open) && at.Hour() >= 6:
		at = open
	case at.After(shut) && at.Hour() <= 22:
		at = shut
	case at.Before(open):
		return nil
	case at.After(shut):
		at = open.AddDate(0, 0, 1) // "in an hour", said near midnight
	}
	if !at.After(now) {
		return nil
	}
	return &at
}

// readDay finds the day. exact is set when an instant was named ("in two hours").
func readDay(s string, now time.Time) (day time.Time, named, exact bool) {
	if m := inUnits.FindStringSubmatch(s); m != nil {
		return addUnits(now, m[1], m[2])
	}
	noon := time.Date(now.Year(), now.Month(), now.Day(), 12, 0, 0, 0, now.Location())
	if m := holiday.FindStringSubmatch(s); m != nil {
		return afterHoliday(m[1], noon), true, false
	}
	if m := nextUnit.FindStringSubmatch(s); m != nil {
		if d, ok := startOfNext(m[1], noon); ok {
			if !weekdayNamed.MatchString(s) {
				return d, true, false
			}
		}
	}
	if strings.Contains(s, "day after tomorrow") {
		return noon.AddDate(0, 0, 2), true, false
	}
	if m := dayOfMonth.FindStringSubmatch(s); m != nil && !monthNamed.MatchString(s) {
		n, _ := strconv.Atoi(m[1])
		d := time.Date(noon.Year(), noon.Month(), n, 12, 0, 0, 0, noon.Location())
		if !d.After(noon) {
			d = time.Date(noon.Year(), noon.Month()+1, n, 12, 0, 0, 0, noon.Location())
		}
		return d, n >= 1 && n <= 28, false
	}
	if m := monthNamed.FindString(s); m != "" && !monthDay.MatchString(s) {
		return firstOf(m, noon), true, false
	}
	if d, ok := libraryDay(s, noon); ok {
		return d, true, false
	}
	if vagueLater.MatchString(s) || todayNamed.MatchString(s) {
		return noon, true, false
	}
	return noon, false, false
}

var (
	weekdayNamed = regexp.MustCompile(`\b(?:mon|tues?|wednes|wed|thurs?|fri|satur|sat|sun)(?:day)?s?\b`)
	monthNamed   = regexp.MustCompile(`\b(?:january|february|march|april|june|july|august|september|october|november|december)\b`)
	monthDay     = regexp.MustCompile(monthNamed.String() + `\s+(?:the )?\d|\d\w*\s+(?:of )?` + monthNamed.String())
	todayNamed   = regexp.MustCompile(`\b(?:today|tonight|this (?:morning|afternoon|evening))\b`)
	pluralDays   = regexp.MustCompile(`\b((?:mon|tues|wednes|thurs|fri|satur|sun)day)s\b`)
	clockWords   = regexp.MustCompile(`\b\d{1,2}:\d{2}\b|\b\d{1,2}\s*(?:am|pm)\b|\bat \d{1,2}\b`)
)

// libraryDay asks the date library, with the clock times taken out: they are
// read apart, because a bare "five" on the phone means the afternoon.
func libraryDay(s string, noon time.Time) (time.Time, bool) {
	s = clockWords.ReplaceAllString(pluralDays.ReplaceAllString(s, "$1"), " ")
	if len(s) > 1500 {
		s = s[len(s)-1500:]
	}
	r, err := dates.Parse(s, noon)
	if err != nil || r == nil {
		return time.Time{}, false
	}
	d := r.Time
	if monthNamed.MatchString(r.Text) && d.Before(noon) {
		d = d.AddDate(1, 0, 0) // "january 5", said in november
	}
	if weekdayNamed.MatchString(r.Text) && !d.After(noon) {
		d = d.AddDate(0, 0, 7)
	}
	return d, !d.Before(noon)
}

func addUnits(now time.Time, count, unit string) (time.Time, bool, bool) {
	n := 1
	switch {
	case strings.HasPrefix(count, "a couple"):
		n = 2
	case strings.HasPrefix(count, "a few"):
		n = 3
	case strings.HasPrefix(count, "half"):
		if unit == "hour" {
			return now.Add(30 * time.Minute), true, true
		}
		return now, false, false
	default:
		if v, err := strconv.Atoi(count); err == nil {
			n = v
		}
	}
	switch unit {
	case "minute", "min":
		return now.Add(time.Duration(n) * time.Minute), true, true
	case "hour":
		return now.Add(time.Duration(n) * time.Hour), true, true
	case "day":
		return now.AddDate(0, 0, n), true, false
	case "week":
		return now.AddDate(0, 0, 7*n), true, false
	}
	return now.AddDate(0, n, 0), true, false
}

// readClock finds the hour. Without am or pm, 1 to 7 is the afternoon, and so are
// 8 and 9 beside "evening" or "tonight": nobody asks for a call at five at night.
func readClock(s string) (hour, minute int, ok bool) {
	var h, m, half string
	if x := clock.FindStringSubmatch(s); x != nil {
		h, m, half = x[2], x[3], x[4]
	} else if x := bareClock.FindStringSubmatch(s); x != nil {
		h, m, half = x[1], x[2], x[3]
	} else {
		return 0, 0, false
	}
	hour, _ = strconv.Atoi(h)
	minute, _ = strconv.Atoi(m)
	if hour > 23 || hour == 0 || minute > 59 {
		return 0, 0, false
	}
	pm := strings.HasPrefix(half, "p")
	am := strings.HasPrefix(half, "a") || strings.Contains(s, "morning")
	late := strings.Contains(s, "evening") || strings.Contains(s, "tonight") || strings.Contains(s, " night")
	switch {
	case hour == 12 && strings.HasPrefix(half, "a"):
		hour = 0
	case hour < 12 && (pm || late || hour <= 7 && !am):
		hour += 12
	}
	return hour, minute, true
}

func partHour(s string) (int, bool) {
	for _, p := range partHours {
		if p.word.MatchString(s) {
			return p.hour, true
		}
	}
	return 0, false
}

func sameDay(a, b time.Time) bool {
	return a.Year() == b.Year() && a.YearDay() == b.YearDay()
}
