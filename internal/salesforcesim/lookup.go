package salesforcesim

import (
	"slices"
	"strings"
)

// An index answers "which records have this value" for fields that clients look records up by: ids of parents, external ids, our
// call's id on a Task. It is built when first asked for and holds overlay records only; candidates are checked again by the caller.

func (t *table) indexed(rec *record) {
	for f, byValue := range t.index {
		for _, c := range rec.changes {
			if c.f == f && c.v.k == kindText {
				key := strings.ToLower(string(c.v.b))
				if !slices.Contains(byValue[key], rec.number) {
					byValue[key] = append(byValue[key], rec.number)
				}
			}
		}
	}
}

// candidates are the numbers of all records that may hold the value; false when only a scan can tell.
func (t *table) candidates(f int, v string) ([]uint64, bool) {
	fld := &t.o.fields[f]
	if !fld.indexed || t.g.n > 0 && !fld.external {
		return nil, false // generated records have no external ids, but may have anything else
	}
	if t.index == nil {
		t.index = map[int]map[string][]uint64{}
	}
	if t.index[f] == nil {
		t.index[f] = map[string][]uint64{}
		for _, rec := range t.over {
			for _, c := range rec.changes {
				if c.f == f && c.v.k == kindText {
					key := strings.ToLower(string(c.v.b))
					t.index[f][key] = append(t.index[f][key], rec.number)
				}
			}
		}
	}
	return t.index[f][strings.ToLower(v)], true
}
