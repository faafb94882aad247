package salesforcesim

import (
	"maps"
	"slices"
	"sort"
	"sync/atomic"
)

// table holds one object's records: the generated ones, which nobody stores, and an overlay of those that were created or changed.
// A table that a cursor looks at is not changed any more: writers go on with a copy.
type table struct {
	o      *object
	g      *generator // n is 0 for objects without generated records
	over   []*record  // in the order of (stamp, number)
	byNum  map[uint64]*record
	masked []int // indexes of generated records that the overlay replaces or that are gone, ascending
	hidden []uint64
	next   uint64             // the number of the next new record
	away   map[uint64]*record // records that this user lost sight of
	shared atomic.Bool        // a cursor looks at it
	index  map[int]map[string][]uint64
}

// record is a version of a record in the overlay. It is never changed.
type record struct {
	number  uint64
	stamp   int64
	base    int // the generated record below, -1 without
	deleted bool
	changes []change // in the order of their fields
}

type change struct {
	f int
	v value
}

func newTable(o *object, g *generator) *table {
	return &table{o: o, g: g, byNum: map[uint64]*record{}, away: map[uint64]*record{}, next: uint64(g.n)}
}

func (t *table) clone() *table {
	c := &table{o: t.o, g: t.g, over: slices.Clone(t.over), byNum: maps.Clone(t.byNum), masked: slices.Clone(t.masked),
		hidden: slices.Clone(t.hidden), next: t.next, away: maps.Clone(t.away), index: t.index}
	t.index = nil // an index follows the newest version
	return c
}

func (t *table) isMasked(i int) bool {
	return len(t.hidden) > 0 && t.hidden[i>>6]>>(i&63)&1 != 0
}

func (t *table) mask(i int) {
	if t.hidden == nil {
		t.hidden = make([]uint64, t.g.n>>6+1)
	}
	if t.isMasked(i) {
		return
	}
	t.hidden[i>>6] |= 1 << (i & 63)
	at, _ := slices.BinarySearch(t.masked, i)
	t.masked = slices.Insert(t.masked, at, i)
}

// at is where a record of that key is, or would be, in the overlay.
func (t *table) at(stamp int64, number uint64) int {
	return sort.Search(len(t.over), func(i int) bool {
		r := t.over[i]
		return r.stamp > stamp || r.stamp == stamp && r.number >= number
	})
}

// spot is a record of one table: a generated one or one of the overlay.
type spot struct {
	base int
	rec  *record
}

// find looks a record up, deleted or not; false when there never was one, it is gone, or out of sight.
func (t *table) find(number uint64) (spot, bool) {
	if rec := t.byNum[number]; rec != nil {
		return spot{-1, rec}, true
	}
	if i, ok := t.g.index(number); ok && !t.isMasked(i) {
		return spot{i, nil}, true
	}
	return spot{}, false
}

func (t *table) stampOf(s spot) int64 {
	if s.rec != nil {
		return s.rec.stamp
	}
	return t.g.stamp(s.base)
}

func (t *table) numberOf(s spot) uint64 {
	if s.rec != nil {
		return s.rec.number
	}
	return t.g.number(s.base)
}

func (t *table) deleted(s spot) bool {
	if s.rec != nil {
		return s.rec.deleted
	}
	return t.g.deleted(s.base)
}

// put stores a new version of a record in the place of the one before.
func (t *table) put(rec *record) {
	t.take(rec.number)
	t.over = slices.Insert(t.over, t.at(rec.stamp, rec.number), rec)
	t.byNum[rec.number] = rec
	t.indexed(rec)
}

// take removes a record without a trace.
func (t *table) take(number uint64) {
	if old := t.byNum[number]; old != nil {
		at := t.at(old.stamp, old.number)
		t.over = slices.Delete(t.over, at, at+1)
		delete(t.byNum, number)
	} else if i, ok := t.g.index(number); ok {
		t.mask(i)
	}
}

// revise makes the next version of a record: the same fields with changes laid over.
func (t *table) revise(s spot, stamp int64, changes []change) *record {
	next := &record{number: t.numberOf(s), stamp: stamp, base: s.base, deleted: t.deleted(s)}
	if s.rec != nil {
		next.base, next.changes = s.rec.base, slices.Clone(s.rec.changes)
	}
	for _, c := range changes {
		at, found := slices.BinarySearchFunc(next.changes, c.f, func(a change, f int) int { return a.f - f })
		if found {
			next.changes[at] = c
		} else {
			next.changes = slices.Insert(next.changes, at, c)
		}
	}
	return next
}

// fill sets the fields in m, compound ones too.
func (t *table) fill(s spot, m mask, r *row) {
	r.arena = r.arena[:0]
	m = t.o.whole(m)
	if s.rec == nil {
		t.g.fill(s.base, m, r)
	} else {
		t.fillRecord(s.rec, m, r)
	}
	for _, c := range t.o.compounds {
		if m.has(c.f) {
			r.vals[c.f] = t.o.compose(c.f, r)
		}
	}
}

func (t *table) fillRecord(rec *record, m mask, r *row) {
	if rec.base >= 0 {
		t.g.fill(rec.base, m, r)
	} else {
		for f := range t.o.fields {
			if m.has(f) {
				r.vals[f] = null
			}
		}
	}
	for _, c := range rec.changes {
		if m.has(c.f) {
			r.vals[c.f] = c.v
		}
	}
	if m.has(fID) {
		r.vals[fID] = r.id(t.o.prefix, rec.number)
	}
	r.vals[fStamp], r.vals[fDeleted] = timeOf(rec.stamp), boolean(rec.deleted)
}

// compose makes a compound field of its parts: a name, or an address as an object.
func (o *object) compose(f int, r *row) value {
	if o.fields[f].typ != typeAddress {
		first, last := r.vals[o.byName["firstname"]], r.vals[o.byName["lastname"]]
		if first.k == kindNull {
			return last
		}
		return r.made(func(b []byte) []byte { return append(append(append(b, first.b...), ' '), last.b...) })
	}
	empty := true
	v := r.made(func(b []byte) []byte {
		b = append(b, '{')
		for part := f - 5; part < f; part++ {
			b = append(append(append(b, '"'), addressKeys[part-f+5]...), `":`...)
			b = append(r.vals[part].appendJSON(b, false), ',')
			empty = empty && r.vals[part].k == kindNull
		}
		return append(b, `"geocodeAccuracy":null,"latitude":null,"longitude":null}`...)
	})
	if empty {
		return null
	}
	v.k = kindObject
	return v
}

var addressKeys = [5]string{"street", "city", "state", "postalCode", "country"}
