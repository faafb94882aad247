package salesforcesim

import (
	"math"
	"slices"
)

// bounds is what a query's conditions say about the order it is answered in: the first key at or after low, and all before high.
type bounds struct {
	lowStamp, highStamp   int64
	lowNumber, highNumber uint64 // at those stamps
	idLow, idHigh         uint64 // of conditions on Id alone
	stamped, named        bool   // there are conditions on SystemModstamp; on Id
}

func unbounded() bounds {
	return bounds{lowStamp: math.MinInt64, highStamp: math.MaxInt64, idHigh: math.MaxUint64}
}

// plan chooses how a statement is answered. Conditions on SystemModstamp and Id become a range; records named by id or by an indexed
// field are fetched alone; the rest is scanned.
func plan(v view, st *statement, all bool) *scan {
	s := &scan{v: v, t: v.of(st.from), all: all, limit: st.limit}
	var terms []expr
	switch w := st.where.(type) {
	case nil:
	case *both:
		terms = w.list
	default:
		terms = []expr{w}
	}
	if list, ok := s.named(terms); ok {
		s.listed, s.list, s.limit = true, s.keep(list, terms), -1
		s.finish(st)
		return s
	}
	b, rest := unbounded(), []expr(nil)
	var ids []expr
	for _, x := range terms {
		switch b.take(x, st.from) {
		case tookNothing:
			rest = append(rest, x)
		case tookID:
			ids = append(ids, x)
		}
	}
	order, plain := plainOrder(st.order)
	s.desc = plain && len(st.order) > 0 && st.order[0].desc
	single := b.highStamp == b.lowStamp+1 && b.lowNumber == 0 && b.highNumber == 0
	switch {
	case single && b.named: // one stamp: Id alone is the order
		b.lowNumber, b.highStamp, b.highNumber = b.idLow, b.lowStamp, b.idHigh
	case plain && order == fID || b.named && !b.stamped && len(st.order) == 0:
		if !single {
			s.byID = true
			for _, x := range terms {
				if !slices.Contains(ids, x) && !slices.Contains(rest, x) {
					rest = append(rest, x)
				}
			}
		}
	default:
		rest = append(rest, ids...)
	}
	s.bound(&b)
	s.setFilter(rest)
	if !plain {
		s.gather(st)
	}
	return s
}

// plainOrder tells whether the order is one that records are held in, and which.
func plainOrder(order []ordering) (first int, ok bool) {
	for i, by := range order {
		if len(by.steps) > 0 || by.desc != order[0].desc || i > 1 {
			return 0, false
		}
	}
	switch {
	case len(order) == 0:
		return fStamp, true
	case order[0].field == fID:
		return fID, true
	case order[0].field == fStamp:
		return fStamp, len(order) == 1 || order[1].field == fID
	}
	return 0, false
}

func (s *scan) setFilter(terms []expr) {
	if len(terms) == 0 {
		return
	}
	s.filter = &both{terms}
	for _, x := range terms {
		s.needs |= needed(x)
	}
}

// needed are the row's own fields that a condition looks at.
func needed(x expr) (m mask) {
	switch x := x.(type) {
	case *both:
		for _, y := range x.list {
			m |= needed(y)
		}
	case *either:
		for _, y := range x.list {
			m |= needed(y)
		}
	case *not:
		return needed(x.of)
	case *comparison:
		return of(x.root())
	}
	return m
}

// bound turns bounds into places of the order.
func (s *scan) bound(b *bounds) {
	g := s.t.g
	if s.byID {
		s.lo, s.hi = int(min(b.idLow, uint64(g.n))), int(min(b.idHigh, uint64(g.n)))
		for _, rec := range s.t.over {
			if rec.number >= b.idLow && rec.number < b.idHigh {
				s.over = append(s.over, rec)
			}
		}
		slices.SortFunc(s.over, func(a, b *record) int { return compareNumbers(a.number, b.number) })
		s.hi = max(s.hi, s.lo)
		return
	}
	s.lo, s.hi = g.place(b.lowStamp, b.lowNumber), g.place(b.highStamp, b.highNumber)
	s.hi = max(s.hi, s.lo)
	from, to := s.t.at(b.lowStamp, b.lowNumber), s.t.at(b.highStamp, b.highNumber)
	s.over = s.t.over[from:max(from, to)]
}

func compareNumbers(a, b uint64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// place is the index of the first generated record at or after a key.
func (g *generator) place(stamp int64, number uint64) int {
	from := g.firstAt(stamp)
	if number == 0 || from == g.n || g.stamp(from) > stamp {
		return from
	}
	to := g.firstAt(stamp + 1)
	// Within a stamp the numbers are consecutive.
	if first := g.number(from); number > first {
		from += int(min(number-first, uint64(to-from)))
	}
	return from
}
