package web

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
	"time"
)

// functions are what templates may call besides the built-in ones.
var functions = template.FuncMap{"asset": AssetURL, "num": num, "money": money, "words": words, "percent": percent, "when": when, "tone": tone, "span": Span, "share": share}

// num writes a whole number with its thousands apart.
func num(n any) string {
	text := fmt.Sprint(n)
	digits, sign := strings.TrimPrefix(text, "-"), ""
	if len(digits) < len(text) {
		sign = "-"
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// money writes dollars, with cents where there are any.
func money(dollars float64) string {
	if math.IsNaN(dollars) || math.IsInf(dollars, 0) {
		return "$?"
	}
	cents := int64(math.Round(dollars * 100))
	sign := ""
	if cents < 0 {
		sign, cents = "-", -cents
	}
	if cents%100 == 0 {
		return sign + "$" + num(cents/100)
	}
	return fmt.Sprintf("%s$%s.%02d", sign, num(cents/100), cents%100)
}

// words makes a name of the database readable: "do_not_call" is "do not call".
func words(name any) string { return strings.ReplaceAll(fmt.Sprint(name), "_", " ") }

// percent writes part of whole, "–" where there is no whole.
func percent(part, whole int64) string {
	if whole <= 0 {
		return "–"
	}
	p := 100 * float64(part) / float64(whole)
	if p > 0 && p < 10 {
		return strconv.FormatFloat(p, 'f', 1, 64) + "%"
	}
	return strconv.FormatFloat(p, 'f', 0, 64) + "%"
}

// share is part of whole for the width of a bar, 0 to 100; what is not nothing can be seen.
func share(part, whole int64) float64 {
	if whole <= 0 || part <= 0 {
		return 0
	}
	return math.Max(1, math.Min(100, math.Round(1000*float64(part)/float64(whole))/10))
}

// when writes an instant in UTC; the script shows it in the reader's own zone. A zero or absent instant is a dash.
func when(at any) template.HTML {
	var t time.Time
	switch v := at.(type) {
	case time.Time:
		t = v
	case *time.Time:
		if v != nil {
			t = *v
		}
	}
	if t.IsZero() || t.Unix() == 0 {
		return "–"
	}
	t = t.UTC()
	return template.HTML(`<time datetime="` + t.Format(time.RFC3339) + `">` + t.Format("2 Jan 2006 15:04") + " UTC</time>")
}

// Span is a duration in one unit, rounded down.
func Span(d time.Duration) string {
	switch {
	case d < time.Second:
		return "a moment"
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return fmt.Sprintf("%d days", d/(24*time.Hour))
}

// tone is the colour of a status, an outcome or a state; "" is the quiet one.
func tone(name any) string {
	switch fmt.Sprint(name) {
	case "active", "pledged", "donated", "alive", "converted", "placed", "archived", "ok", "success", "done":
		return "ok"
	case "interested", "callback_requested", "in_progress", "dialing", "ready", "completed", "reserved", "running", "reading", "comparing":
		return "info"
	case "paused", "wrong_number", "unknown", "busy", "expired", "initiated", "waiting", "warn", "partial", "interrupted", "unfinished", "stopped", "switched off":
		return "warn"
	case "do_not_call", "failed", "blocked", "refused", "silent", "cancelled", "held", "suppressed", "fail", "broken":
		return "bad"
	}
	return ""
}
