package salesforcesim

import (
	"bytes"
	"slices"
)

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
