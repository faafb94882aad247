package calltime

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:embed packs/us.csv
var usPack string

// CurrentPack is the rule pack this program was built with.
var CurrentPack = sync.OnceValue(func() *Pack {
	p, err := ReadPack(usPack)
	if err != nil {
		panic("calltime: packs/us.csv: " + err.Error()) // part of the program: a test reads it too
	}
	return p
})

// Kinds of rows.
const (
	KindHours    = "hours"
	KindClosed   = "closed"
	KindHoliday  = "holiday"
	KindObserved = "observed"
	KindCap      = "cap"
	KindDisclose = "disclose"
)

// Row is one rule of a state as its file has it.
type Row struct {
	ID, State, Kind, Days, Value string
	From, Until                  string // first and last day, "2026-11-23" or "" = open
	Source, Reviewer, Checked    string
	LeftOut                      bool // uncertain: it does not bind
	Note                         string

	days        Weekdays
	hours       Hours
	rule        dateRule
	moves       moves
	cap         Cap
	from, until date
}

// Cap is a limit of calls to one number.
type Cap struct {
	Calls  int
	Within time.Duration
	Row    string // id of the row
}

// Pack is a dated set of rules of states. It is read-only.
type Pack struct {
	Version            string
	Reviewed, ReviewBy time.Time // dates, midnight UTC
	rows               []Row
	byState            map[string][]*Row // in force, in order of the file

	mu       sync.Mutex
	holidays map[holidayYear]map[date]string
}

// Stale says that the pack should have been reviewed by now.
func (p *Pack) Stale(now time.Time) bool { return !now.Before(p.ReviewBy.AddDate(0, 0, 1)) }

// Rows are all of the file, those that are left out among them.
func (p *Pack) Rows() []Row { return slices.Clone(p.rows) }

// Row is the row with an id, nil where there is none.
func (p *Pack) Row(id string) *Row {
	for i := range p.rows {
		if p.rows[i].ID == id {
			return &p.rows[i]
		}
	}
	return nil
}

// Binding returns those of the states that have rules in force in the pack, sorted: the only ones that matter to Judge.
func (p *Pack) Binding(states []string) []string {
	var bound []string
	for _, s := range states {
		if p != nil && slices.ContainsFunc(p.byState[s], func(r *Row) bool { return r.Kind == KindHours || r.Kind == KindClosed }) {
			bound = append(bound, s)
		}
	}
	slices.Sort(bound)
	return slices.Compact(bound)
}

// Caps are the limits of calls to one number that bind in any of the states on the day of now, by UTC.
func (p *Pack) Caps(states []string, now time.Time) []Cap {
	var caps []Cap
	for _, r := range p.inForce(states, KindCap, now) {
		caps = append(caps, r.cap)
	}
	return caps
}

// Disclosures are what must be said in any of the states on the day of now, by UTC: Value names it, Note words it.
func (p *Pack) Disclosures(states []string, now time.Time) []Row {
	return p.inForce(states, KindDisclose, now)
}

func (p *Pack) inForce(states []string, kind string, now time.Time) (rows []Row) {
	today := date(now.Unix() / secondsPerDay)
	for _, s := range states {
		for _, r := range p.byState[s] {
			if r.Kind == kind && r.binds(today) {
				rows = append(rows, *r)
			}
		}
	}
	return rows
}

func (r *Row) binds(d date) bool { return r.from <= d && d <= r.until }

// ReadPack reads a pack from the text of its file (packs/us.csv says how one is written). An error names the row.
func ReadPack(text string) (*Pack, error) {
	p := &Pack{byState: map[string][]*Row{}, holidays: map[holidayYear]map[date]string{}}
	var err error
	if p.Version = headLine(text, "version"); p.Version == "" {
		return nil, fmt.Errorf("its head has no version line")
	}
	if p.Reviewed, err = time.Parse(time.DateOnly, headLine(text, "reviewed")); err != nil {
		return nil, fmt.Errorf("its head has no reviewed line with a date")
	}
	if p.ReviewBy, err = time.Parse(time.DateOnly, headLine(text, "review by")); err != nil || p.ReviewBy.Before(p.Reviewed) {
		return nil, fmt.Errorf("its head has no review by line with a date after reviewed")
	}
	cells, err := readCSV(text, 12)
	if err != nil {
		return nil, err
	}
	ids := map[string]bool{}
	for _, c := range cells {
		row, err := readRow(c)
		if err == nil && ids[row.ID] {
			err = fmt.Errorf("the id stands there twice")
		}
		if err != nil {
			return nil, fmt.Errorf("row %q: %w", clip(c[0]), err)
		}
		ids[row.ID] = true
		p.rows = append(p.rows, row)
	}
	for i := range p.rows {
		if r := &p.rows[i]; !r.LeftOut {
			p.byState[r.State] = append(p.byState[r.State], r)
		}
	}
	return p, nil
}

// headLine finds "# name: value" above the rows.
func headLine(text, name string) string {
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") {
			break
		}
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), "# "+name+":"); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func readRow(c []string) (Row, error) {
	r := Row{ID: c[0], State: c[1], Kind: c[2], Days: c[3], Value: c[4], From: c[5], Until: c[6], Source: c[7], Reviewer: c[8],
		Checked: c[9], LeftOut: c[10] == "left_out", Note: c[11]}
	if r.ID == "" || len(r.State) != 2 || r.Source == "" || r.Reviewer == "" {
		return r, fmt.Errorf("id, state, source and reviewer must be filled")
	}
	if _, err := time.Parse(time.DateOnly, r.Checked); err != nil {
		return r, fmt.Errorf("checked must be a date")
	}
	if c[10] != "in_force" && !r.LeftOut {
		return r, fmt.Errorf("status must be in_force or left_out")
	}
	var err error
	if r.from, err = edgeDate(r.From, -1<<31); err != nil {
		return r, err
	}
	if r.until, err = edgeDate(r.Until, 1<<31-1); err != nil {
		return r, err
	}
	return r, r.readValue()
}

func edgeDate(s string, open date) (date, error) {
	if s == "" {
		return open, nil
	}
	at, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fmt.Errorf("from and until must be dates or empty")
	}
	return dateOf(at.Date()), nil
}

func (r *Row) readValue() (err error) {
	switch r.Kind {
	case KindHours, KindClosed:
		if r.days, err = parseDays(r.Days); err != nil || r.Kind == KindClosed {
			return err
		}
		from, to, _ := strings.Cut(r.Value, "-")
		var opens, closes TimeOfDay
		if opens, err = ParseTimeOfDay(from); err != nil {
			return err
		}
		if closes, err = ParseTimeOfDay(to); err != nil {
			return err
		}
		r.hours = Between(opens, closes)
	case KindHoliday:
		r.rule, err = parseDateRule(r.Days)
	case KindObserved:
		r.moves, err = parseMoves(r.Value)
	case KindCap:
		calls, within, _ := strings.Cut(strings.TrimSuffix(r.Value, "h"), "/")
		n, errCalls := strconv.Atoi(calls)
		h, errHours := strconv.Atoi(within)
		if errCalls != nil || errHours != nil || n < 0 || h < 1 {
			return fmt.Errorf("a cap is written 3/24h")
		}
		r.cap = Cap{Calls: n, Within: time.Duration(h) * time.Hour, Row: r.ID}
	case KindDisclose:
	default:
		return fmt.Errorf("%q is not a kind of row", clip(r.Kind))
	}
	return err
}
