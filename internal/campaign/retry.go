package campaign

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	defaultRetry = 24 * time.Hour
	maxRetry     = 366 * 24 * time.Hour
)

// Retry is campaigns.retry_logic as it was understood.
type Retry struct {
	Interval time.Duration            // after any call that By does not name
	Named    bool                     // Interval stands in the text
	By       map[string]time.Duration // by how the last call went: busy, no_answer, voicemail, failed
}

var (
	retryAfter = regexp.MustCompile(`\b(\d+)\s*-?\s*(minute|min|hour|hr|day)s?\b`)
	fraction   = regexp.MustCompile(`\b(\d{1,4}\.\d+)\s*-?\s*(minute|min|hour|hr|day)s?\b`)
	clauseEnd  = regexp.MustCompile(`[;.,\n]|\bthen\b|\bbut\b|\band\b|\botherwise\b|\belse\b`)
	lastCall   = map[string]*regexp.Regexp{
		"busy":      regexp.MustCompile(`\bbusy\b|\bengaged\b`),
		"no_answer": regexp.MustCompile(`\bno[- _]?answers?\b|\bunanswered\b|\bnot answer(ed|ing)?\b|\bdoes ?n.t answer\b|\bno one answers\b`),
		"voicemail": regexp.MustCompile(`\bvoice ?-?mails?\b|\banswering machines?\b|\bmachine\b`),
		"failed":    regexp.MustCompile(`\bfail(s|ed|ure|ures)?\b`),
	}
)

// ParseRetry reads campaigns.retry_logic, free text such as "Wait 24 hours before retry": the first "N minutes / hours /
// days" with N above zero, else 24 hours. A clause that names how the last call went ("busy: 30 minutes, voicemail after
// 2 days, otherwise 24 hours") sets the interval for that alone, where another clause leaves an interval for the rest.
func ParseRetry(text string) Retry {
	r := Retry{Interval: defaultRetry, By: map[string]time.Duration{}}
	text = fraction.ReplaceAllStringFunc(strings.ToLower(text), inMinutes)
	if first, ok := firstInterval(text); ok {
		r.Interval, r.Named = first, true
	}
	plain, named := time.Duration(0), map[string]time.Duration{}
	var pending []string // outcomes of a clause without an interval: "busy and no answer: 30 minutes"
	for _, clause := range clauseEnd.Split(text, -1) {
		var outcomes []string
		for outcome, words := range lastCall {
			if words.MatchString(clause) {
				outcomes = append(outcomes, outcome)
			}
		}
		interval, ok := firstInterval(clause)
		switch {
		case !ok:
			pending = append(pending, outcomes...)
			continue
		case len(outcomes)+len(pending) == 0 && plain == 0:
			plain = interval
		}
		for _, outcome := range append(outcomes, pending...) {
			if _, again := named[outcome]; !again {
				named[outcome] = interval
			}
		}
		pending = nil
	}
	if len(named) > 0 {
		r.By = named
		if plain > 0 {
			r.Interval = plain
		}
	}
	return r
}

// firstInterval finds the first "N minutes / hours / days" with N above zero.
func firstInterval(text string) (time.Duration, bool) {
	for _, m := range retryAfter.FindAllStringSubmatch(text, -1) {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			return maxRetry, true // more digits than a number holds
		}
		if n == 0 {
			continue
		}
		unit := unitOf(m[2])
		if n > int(maxRetry/unit) {
			return maxRetry, true
		}
		return time.Duration(n) * unit, true
	}
	return 0, false
}

// inMinutes writes "1.5 hours" as "90 minutes", because a point otherwise ends a clause.
func inMinutes(text string) string {
	m := fraction.FindStringSubmatch(text)
	n, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		return text
	}
	return fmt.Sprintf("%d minutes", int(math.Ceil(n*unitOf(m[2]).Minutes())))
}

func unitOf(name string) time.Duration {
	switch name {
	case "hour", "hr":
		return time.Hour
	case "day":
		return 24 * time.Hour
	}
	return time.Minute
}

// After is the pause after a call that went so ("" = not known).
func (r Retry) After(lastCall string) time.Duration {
	if d, ok := r.By[lastCall]; ok {
		return d
	}
	return r.Interval
}

// String says how the text was understood.
func (r Retry) String() string {
	var parts []string
	for _, outcome := range slices.Sorted(maps.Keys(r.By)) {
		parts = append(parts, spell(r.By[outcome])+" after "+strings.ReplaceAll(outcome, "_", " "))
	}
	rest := spell(r.Interval)
	if !r.Named {
		rest += " (the default: the text names no interval)"
	}
	if len(parts) == 0 {
		return rest
	}
	return strings.Join(parts, ", ") + ", else " + rest
}

// spell writes a duration of whole minutes in the largest unit that fits.
func spell(d time.Duration) string {
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		if n := d / u.unit; n > 0 && d%u.unit == 0 {
			if n == 1 {
				return "1 " + u.name
			}
			return fmt.Sprintf("%d %ss", n, u.name)
		}
	}
	return d.String()
}
