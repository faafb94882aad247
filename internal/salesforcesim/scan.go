package salesforcesim

import (
	"cmp"
	"slices"
	"strings"
)

// view is the org at one moment: its tables by the code of their object.
type view [12]*table

func (v *view) of(o *object) *table { return v[o.code] }

// resolve finds the record of an id, whatever its object.
func (v *view) resolve(id string) (*table, spot, bool) {
	if len(id) < 15 {
		return nil, spot{}, false
	}
	for _, o := range objects {
		if o.prefix == id[:3] {
			number, ok := parseID(id, o.prefix)
			if !ok {
				return nil, spot{}, false
			}
			s, ok := v.of(o).find(number)
			return v.of(o), s, ok
		}
	}
	return nil, spot{}, false
}

// scan is the rows of a query, in their order: the generated records of a range merged with those of the overlay, or a list.
type scan struct {
	v      view
	t      *table
	filter expr // what the range does not say
	needs  mask // fields that filter looks at
	all    bool // deleted ones too
	byID   bool // in the order of Id, not of (SystemModstamp, Id)
	desc   bool
	lo, hi int // generated records by their place in the order
	over   []*record
	list   []spot // when listed
	listed bool
	limit  int // -1 without
}

// position is how far a scan got.
type position struct{ base, over, rows int }

// index is the generated record at a place of the order.
func (s *scan) index(place int) int {
	if s.byID {
		i, _ := s.t.g.index(uint64(place))
		return i
	}
	return place
}

// next moves to the next row. The row holds the fields that the filter needed, and no others.
func (s *scan) next(pos *position, e *eval) (spot, bool) {
	if s.limit >= 0 && pos.rows >= s.limit {
		return spot{}, false
	}
	for {
		at, ok := s.step(pos)
		if !ok {
			return spot{}, false
		}
		if !s.all && s.t.deleted(at) {
			continue
		}
		if s.filter != nil {
			s.t.fill(at, s.needs, &e.row)
			if !s.filter.holds(e) {
				continue
			}
		}
		pos.rows++
		return at, true
	}
}

// step takes the smaller of the next generated record and the next one of the overlay.
func (s *scan) step(pos *position) (spot, bool) {
	if s.listed {
		if pos.base >= len(s.list) {
			return spot{}, false
		}
		pos.base++
		return s.list[pos.base-1], true
	}
	base := -1
	for n := s.hi - s.lo; pos.base < n; pos.base++ {
		place := s.lo + pos.base
		if s.desc {
			place = s.hi - 1 - pos.base
		}
		if base = s.index(place); !s.t.isMasked(base) {
			break
		}
		base = -1
	}
	if pos.over < len(s.over) {
		rec := s.over[pos.over]
		if s.desc {
			rec = s.over[len(s.over)-1-pos.over]
		}
		if base < 0 || s.before(rec, base) {
			pos.over++
			return spot{-1, rec}, true
		}
	}
	if base < 0 {
		return spot{}, false
	}
	pos.base++
	return spot{base, nil}, true
}

func (s *scan) before(rec *record, base int) bool {
	order := cmp.Compare(rec.number, s.t.g.number(base))
	if !s.byID {
		order = cmp.Or(cmp.Compare(rec.stamp, s.t.g.stamp(base)), order)
	}
	return (order < 0) != s.desc
}

// count is how many rows the scan has. Without a filter it costs what the overlay holds, not the org.
func (s *scan) count() int {
	n := 0
	switch {
	case s.listed:
		n = len(s.list)
	case s.filter != nil:
		var pos position
		e := &eval{v: &s.v}
		for {
			if _, ok := s.next(&pos, e); !ok {
				return pos.rows
			}
		}
	default:
		for _, r := range s.ranges() {
			n += s.countBase(r[0], r[1])
		}
		for _, rec := range s.over {
			if s.all || !rec.deleted {
				n++
			}
		}
	}
	if s.limit >= 0 {
		n = min(n, s.limit)
	}
	return n
}

// ranges are the generated records of the scan by index.
func (s *scan) ranges() [][2]int {
	if s.lo >= s.hi {
		return nil
	}
	wrap := s.t.g.n - s.t.g.half // ids from here on belong to the first records
	if !s.byID {
		return [][2]int{{s.lo, s.hi}}
	}
	var list [][2]int
	if s.lo < wrap {
		list = append(list, [2]int{s.lo + s.t.g.half, min(s.hi, wrap) + s.t.g.half})
	}
	if s.hi > wrap {
		list = append(list, [2]int{max(s.lo, wrap) - wrap, s.hi - wrap})
	}
	return list
}

func (s *scan) countBase(lo, hi int) int {
	n := hi - lo
	if !s.all {
		n -= s.t.g.deletedIn(lo, hi)
	}
	from, _ := slices.BinarySearch(s.t.masked, lo)
	for _, i := range s.t.masked[from:] {
		if i >= hi {
			break
		}
		if s.all || !s.t.g.deleted(i) {
			n--
		}
	}
	return n
}

// seek is the position after some rows, from a position at or before it.
func (s *scan) seek(from position, rows int) position {
	e := &eval{v: &s.v}
	for from.rows < rows {
		if _, ok := s.next(&from, e); !ok {
			break
		}
	}
	return from
}

// eval gives conditions the values of one row and of its parents.
type eval struct {
	v      *view
	row    row
	parent row
}

func (e *eval) value(p *path) *value {
	r := &e.row
	for depth, f := range p.steps {
		id := r.vals[f]
		if id.k != kindText {
			return &null
		}
		t, at, ok := e.v.resolve(string(id.b))
		if !ok {
			return &null
		}
		want := p.field
		if depth+1 < len(p.steps) {
			want = p.steps[depth+1]
		}
		if t.o != p.owners[depth+1] { // the reference may point to several objects
			other, ok := t.o.byName[strings.ToLower(p.owners[depth+1].fields[want].name)]
			if !ok {
				return &null
			}
			want = other
		}
		t.fill(at, of(want), &e.parent)
		r = &e.parent
	}
	return &r.vals[p.field]
}

// root is the field of the row itself that a path starts from.
func (p *path) root() int {
	if len(p.steps) > 0 {
		return p.steps[0]
	}
	return p.field
}
