package dashboard

import (
	"slices"
	"sort"
	"time"

	"github.com/callhenk/henk-worker/internal/outcome"
	"github.com/callhenk/henk-worker/web"
)

// todayView is the figures with what a page needs to draw them.
type todayView struct {
	todayFigures
	At       time.Time
	Age      string // "" = just now
	Outcomes []bar
	HeldBars []bar
}

// bar is a labelled amount; Link opens what is behind it.
type bar struct {
	Label, Link string
	Text        string // in words, "" = the label says it
	Count       int64
	Whole       int64
}

func newTodayView(f todayFigures, at time.Time) todayView {
	v := todayView{todayFigures: f, At: at, Age: ageOf(at)}
	v.Outcomes = outcomeBars(f.Total.Outcomes, "/conversations?outcome=")
	var whole int64
	for _, h := range f.Held {
		whole += h.Leads
	}
	for _, h := range f.Held {
		v.HeldBars = append(v.HeldBars, bar{Label: h.Rule, Text: ruleTexts[h.Rule], Link: h.link(), Count: h.Leads, Whole: whole})
	}
	return v
}

// link opens the leads where one campaign has them all, else the choice of a campaign.
func (h heldCount) link() string {
	switch {
	case len(h.In) == 1:
		return heldLink("/leads?campaign="+h.In[0].ID.String(), h.Rule)
	case h.Rule == "unjudged":
		return ""
	}
	return "/leads?hold=" + h.Rule
}

// outcomeBars lists outcomes in the order in which reports show them, those that nobody knows after them.
func outcomeBars(counts map[string]int64, link string) []bar {
	var whole int64
	names := []string{}
	for name, n := range counts {
		whole += n
		if !slices.Contains(outcome.All, outcome.Outcome(name)) {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	var bars []bar
	for _, o := range outcome.All {
		if n := counts[string(o)]; n > 0 {
			bars = append(bars, bar{Label: string(o), Link: link + string(o), Count: n, Whole: whole})
		}
	}
	for _, name := range names {
		bars = append(bars, bar{Label: name, Count: counts[name], Whole: whole})
	}
	return bars
}

// ageOf says how old figures are where that matters.
func ageOf(at time.Time) string {
	if age := time.Since(at); !at.IsZero() && age >= 10*time.Second {
		return web.Span(age)
	}
	return ""
}
