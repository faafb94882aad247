package calltime

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func inSpans(spans []Span, at time.Time) bool {
	return slices.ContainsFunc(spans, func(s Span) bool { return !at.Before(s.From) && at.Before(s.To) })
}

// Around every change of every zone's clock in two years, a quarter hour is in the spans just when the plain evaluator
// finds it open.
func TestEveryZonesChangesOfClock(t *testing.T) {
	t.Parallel()
	changes := 0
	for _, name := range allZones() {
		loc, err := location(name)
		require.NoError(t, err)
		for i, at := range changesOf(loc) {
			changes++
			r := Rules{Campaign: []Hours{{}, hours(t, "01:15-03:30"), hours(t, "22:00-02:30")}[i%3], Legal: Between(0, endOfDay)}
			if i%2 == 0 {
				r.Legal = DefaultLegalDay()
			}
			from, to := at.Add(-24*time.Hour), at.Add(24*time.Hour)
			spans, err := Spans(from, to, Place{Zones: []string{name}}, r)
			require.NoError(t, err)
			for at := from; at.Before(to); at = at.Add(15 * time.Minute) {
				require.Equal(t, bruteOpen(at, []*time.Location{loc}, nil, r), inSpans(spans, at), "%s in %s, %v", at, name, r.Campaign)
			}
		}
	}
	require.Greater(t, changes, 400)
}

var allZones = sync.OnceValue(func() (all []string) {
	for name, r := range regions {
		if name == r.canonical {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
})

func changesOf(loc *time.Location) (changes []time.Time) {
	for at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); ; {
		_, end := at.In(loc).ZoneBounds()
		if end.IsZero() || end.Year() > 2027 {
			return changes
		}
		changes = append(changes, end)
		at = end
	}
}

func TestSpansAgreeWithJudge(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(5, 6))
	open := 0
	for range 300 {
		from, place, r := randomCase(rng, 60)
		to := from.Add(time.Duration(1+rng.IntN(10*24)) * time.Hour)
		spans, err := Spans(from, to, place, r)
		require.NoError(t, err)
		for i, s := range spans {
			require.True(t, s.From.Before(s.To) && !s.From.Before(from) && !s.To.After(to))
			require.True(t, i == 0 || spans[i-1].To.Before(s.From))
		}
		for range 40 {
			at := from.Add(time.Duration(rng.Int64N(int64(to.Sub(from)))))
			is := Judge(at, place, r).Open
			require.Equal(t, is, inSpans(spans, at), "%s %v %v", at, place, r)
			if is {
				open++
			}
		}
	}
	require.Greater(t, open, 1000)
}

// Whatever is made narrower: no instant opens by it.
func TestShrinkingNeverOpens(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 8))
	narrower := 0
	for range 600 {
		now, place, r := randomCase(rng, 60)
		tight, where := r, place
		switch rng.IntN(6) {
		case 0:
			tight.Campaign = shrink(rng, r.Campaign)
		case 1:
			tight.Legal = shrink(rng, r.Legal)
		case 2:
			tight.Margin += time.Duration(rng.IntN(7200)) * time.Second
		case 3:
			where.Zones = append(slices.Clone(place.Zones), awkwardZones[rng.IntN(len(awkwardZones))])
		case 4:
			tight.Pack, tight.Exempt = CurrentPack(), nil
			where.States = append(slices.Clone(place.States), packStates[rng.IntN(len(packStates))])
		case 5:
			if tight.Days = Weekdays(1 + rng.IntN(127)); r.Days != 0 {
				tight.Days &= r.Days
			}
			if tight.Days == 0 {
				continue
			}
		}
		to := now.Add(9 * 24 * time.Hour)
		wide, err := Spans(now, to, place, r)
		require.NoError(t, err)
		small, err := Spans(now, to, where, tight)
		require.NoError(t, err)
		for _, s := range small {
			inside := slices.ContainsFunc(wide, func(w Span) bool { return !s.From.Before(w.From) && !s.To.After(w.To) })
			require.True(t, inside, "%v opens at %s: %v %v, was %v %v", s, now, where, tight, place, r)
		}
		if !slices.Equal(wide, small) {
			narrower++
		}
	}
	require.Greater(t, narrower, 150)
}

// shrink cuts pieces off either end of a window, or empties it.
func shrink(rng *rand.Rand, h Hours) Hours {
	from, to := TimeOfDay(0), endOfDay
	if h.From != nil {
		from = *h.From
	}
	if h.To != nil {
		to = *h.To
	}
	length := to - from
	if length < 0 {
		length += endOfDay
	}
	if length == 0 {
		return h
	}
	cut := TimeOfDay(rng.IntN(int(length)))
	keep := TimeOfDay(rng.IntN(int(length - cut)))
	from += cut
	end := from + keep
	if from >= endOfDay {
		from -= endOfDay
	}
	if end > endOfDay {
		end -= endOfDay
	}
	return Between(from, end)
}

func TestReduceChangesNoAnswer(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(9, 10))
	for range 300 {
		now, place, r := randomCase(rng, 60)
		small := r.Reduce(place)
		require.LessOrEqual(t, len(small.Zones), len(place.Zones))
		a, b := Judge(now, place, r), Judge(now, small, r)
		require.Equal(t, []any{a.Open, a.Opens, a.Closes}, []any{b.Open, b.Opens, b.Closes}, "%v %v", place, small)
		require.Equal(t, small, r.Reduce(small))
	}
	pack := Rules{Pack: CurrentPack(), Exempt: []string{"FL"}}
	require.Equal(t, Place{[]string{"America/Chicago", "America/Detroit"}, []string{"AL", "LA"}},
		pack.Reduce(Place{[]string{"America/New_York", "America/Detroit", "America/Chicago", "America/Menominee"}, []string{"TX", "LA", "FL", "AL", "ME"}}))
	require.Equal(t, Place{Zones: []string{"America/Gotham"}}, Rules{}.Reduce(Place{[]string{"America/Gotham"}, []string{"AL"}}), "what is not known stays, to be refused")
}

func TestSpansEnds(t *testing.T) {
	t.Parallel()
	from := instant(t, "2026-11-20T00:00:00Z")
	at := func(days int) time.Time { return from.AddDate(0, 0, days) }
	always := Rules{Legal: Between(0, endOfDay)}
	spans, err := Spans(from, at(20), Place{Zones: []string{"America/New_York"}}, always)
	require.NoError(t, err)
	require.Equal(t, []Span{{from, at(20)}}, spans, "what never closes is one span")
	spans, err = Spans(from, at(3000), Place{Zones: []string{"UTC"}}, always)
	require.NoError(t, err)
	require.Equal(t, []Span{{from, at(365)}}, spans, "a year at most")
	spans, err = Spans(from, at(30), Place{Zones: []string{"America/New_York"}}, DefaultRules(Between(9*3600, 9*3600)))
	require.NoError(t, err)
	require.Empty(t, spans)
	spans, err = Spans(from, from, Place{Zones: []string{"UTC"}}, always)
	require.NoError(t, err)
	require.Empty(t, spans)
	mondays := DefaultRules(Hours{})
	mondays.Days = WeekdaySet(time.Monday)
	spans, err = Spans(from, at(21), Place{Zones: []string{"UTC"}}, mondays)
	require.NoError(t, err)
	require.Len(t, spans, 3)
	require.Equal(t, Span{instant(t, "2026-11-23T08:00:00Z"), instant(t, "2026-11-23T20:59:00Z")}, spans[0])
	_, err = Spans(from, at(1), Place{}, always)
	require.Error(t, err)
	_, err = Spans(from, at(1), Place{Zones: []string{"America/Gotham"}}, always)
	require.Error(t, err)
}

func BenchmarkWithAPack(b *testing.B) {
	place := Place{[]string{"America/New_York", "America/Chicago"}, []string{"AL", "FL"}}
	rules := DefaultRules(Between(9*3600, 20*3600))
	rules.Pack = CurrentPack()
	for name, now := range map[string]time.Time{
		"open":   time.Date(2026, 11, 20, 17, 0, 0, 0, time.UTC),
		"closed": time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Judge(now, place, rules)
			}
		})
	}
	b.Run("a week of spans", func(b *testing.B) {
		now := time.Date(2026, 11, 20, 17, 0, 0, 0, time.UTC)
		for b.Loop() {
			if _, err := Spans(now, now.AddDate(0, 0, 7), place, rules); err != nil {
				b.Fatal(err)
			}
		}
	})
}
