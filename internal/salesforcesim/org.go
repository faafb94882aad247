package salesforcesim

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Record is a record as it is in the org, for tests that compare a mirror with it.
type Record struct {
	Object, ID string
	Stamp      time.Time // SystemModstamp
	Deleted    bool
	Fields     map[string]any // by name: nil, string, bool, float64 or time.Time; dates are strings
}

func (e *apiError) asError() error {
	if e == nil {
		return nil
	}
	return errors.New("salesforcesim: " + e.code + ": " + e.message)
}

func knownObject(name string) (*object, error) {
	if o := objectNamed(name); o != nil {
		return o, nil
	}
	return nil, fmt.Errorf("salesforcesim: there is no object %q", name)
}

// RecordID is the id of the i-th generated record of an object, in the order of their stamps.
func (s *Sim) RecordID(object string, i int) string {
	o := objectNamed(object)
	s.mu.Lock()
	defer s.mu.Unlock()
	return makeID(o.prefix, s.now.of(o).g.number(i))
}

func (t *table) record(at spot, r *row) Record {
	var m mask
	for f := range t.o.fields {
		m |= of(f)
	}
	t.fill(at, m, r)
	rec := Record{Object: t.o.name, ID: string(r.vals[fID].b), Stamp: time.Unix(t.stampOf(at), 0).UTC(), Deleted: t.deleted(at), Fields: make(map[string]any, len(t.o.fields))}
	for f := range t.o.fields {
		rec.Fields[t.o.fields[f].name] = r.vals[f].plain()
	}
	return rec
}

// Get reads a record by its id, deleted or not; false when there is none that the user sees.
func (s *Sim) Get(id string) (Record, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, at, ok := s.now.resolve(id)
	if !ok {
		return Record{}, false
	}
	return t.record(at, &row{}), true
}

// Each calls fn with every record of an object that the user sees, deleted ones too, in the order of (SystemModstamp, Id), until it
// returns false. fn may call the simulator.
func (s *Sim) Each(object string, fn func(Record) bool) error {
	o, err := knownObject(object)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.share()
	sc := &scan{v: s.now, t: s.now.of(o), all: true, limit: -1}
	s.mu.Unlock()
	b := unbounded()
	sc.bound(&b)
	var pos position
	e := &eval{v: &sc.v}
	for {
		at, ok := sc.next(&pos, e)
		if !ok || !fn(sc.t.record(at, &e.row)) {
			return nil
		}
	}
}

// Count is how many records of an object the user sees, and how many of them are deleted.
func (s *Sim) Count(object string) (all, deleted int, err error) {
	o, err := knownObject(object)
	if err != nil {
		return 0, 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	sc := &scan{v: s.now, t: s.now.of(o), limit: -1}
	b := unbounded()
	sc.bound(&b)
	alive := sc.count()
	sc.all = true
	all = sc.count()
	return all, all - alive, nil
}

// numbered finds the object and number of an id.
func numbered(id string) (*object, uint64, error) {
	for _, o := range objects {
		if strings.HasPrefix(id, o.prefix) {
			number, refused := locate(o, id)
			return o, number, refused.asError()
		}
	}
	return nil, 0, fmt.Errorf("salesforcesim: %q is no record id", id)
}
