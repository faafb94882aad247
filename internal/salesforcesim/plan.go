package salesforcesim

import (
	"bytes"
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

// named finds the candidates of a condition that names records one by one.
func (s *scan) named(terms []expr) (list []spot, ok bool) {
	for _, x := range terms {
		c, is := x.(*comparison)
		if !is || len(c.steps) > 0 || c.op != "=" && c.op != "in" {
			continue
		}
		var numbers []uint64
		found := true
		for i := range c.vals {
			if c.field == fID {
				if n, ok := parseID(string(c.vals[i].b), s.t.o.prefix); ok {
					numbers = append(numbers, n)
				}
				continue
			}
			some, ok := s.t.candidates(c.field, string(c.vals[i].b))
			found = found && ok && c.vals[i].k == kindText
			numbers = append(numbers, some...)
		}
		if !found {
			continue
		}
		slices.Sort(numbers)
		for _, n := range slices.Compact(numbers) {
			if at, ok := s.t.find(n); ok {
				list = append(list, at)
			}
		}
		return list, true
	}
	return nil, false
}

// keep are those of a list that fulfil the conditions.
func (s *scan) keep(list []spot, terms []expr) []spot {
	s.setFilter(terms)
	e := &eval{v: &s.v}
	list = slices.DeleteFunc(list, func(at spot) bool {
		if !s.all && s.t.deleted(at) {
			return true
		}
		s.t.fill(at, s.needs, &e.row)
		return s.filter != nil && !s.filter.holds(e)
	})
	s.filter, s.needs = nil, 0
	return list
}

// gather answers an order that records are not held in: all rows, sorted.
func (s *scan) gather(st *statement) {
	limit := s.limit
	s.limit = -1
	var pos position
	e := &eval{v: &s.v}
	var list []spot
	for {
		at, ok := s.next(&pos, e)
		if !ok {
			break
		}
		list = append(list, at)
	}
	s.listed, s.list, s.limit = true, list, limit
	s.filter, s.needs = nil, 0
	s.finish(st)
}

// finish sorts a list and cuts it at the limit.
func (s *scan) finish(st *statement) {
	type keyed struct {
		at   spot
		keys []value
	}
	rows := make([]keyed, len(s.list))
	e := &eval{v: &s.v}
	var m mask
	for i := range st.order {
		m |= of(st.order[i].root())
	}
	for i, at := range s.list {
		rows[i] = keyed{at: at}
		if len(st.order) == 0 {
			continue
		}
		s.t.fill(at, m, &e.row)
		for j := range st.order {
			v := *e.value(&st.order[j].path)
			v.b = bytes.Clone(v.b)
			rows[i].keys = append(rows[i].keys, v)
		}
	}
	slices.SortStableFunc(rows, func(a, b keyed) int {
		for j := range st.order {
			if order := st.order[j].compare(&a.keys[j], &b.keys[j]); order != 0 {
				return order
			}
		}
		return 0
	})
	for i := range rows {
		s.list[i] = rows[i].at
	}
	if s.limit = -1; st.limit >= 0 && len(s.list) > st.limit {
		s.list = s.list[:st.limit]
	}
}

func (by *ordering) compare(a, b *value) int {
	sign := 1
	if by.desc {
		sign = -1
	}
	switch aNull, bNull := a.k == kindNull, b.k == kindNull; {
	case aNull && bNull:
		return 0
	case aNull || bNull:
		if aNull != by.nullsLast {
			return -1
		}
		return 1
	}
	return sign * compareValues(a, b, by.fld())
}
