package leadfile

import (
	"slices"
	"strings"
)

// batch gathers rows until they are written. Rows that are the same person are joined, because a set of rows can find
// in the database only what was there before it.
type batch struct {
	rows []row
	seen map[string][]int // by what a person can be found by
}

func newBatch(n int) *batch {
	return &batch{rows: make([]row, 0, n), seen: make(map[string][]int, 3*n)}
}

func (b *batch) reset() {
	b.rows = b.rows[:0]
	clear(b.seen)
}

// add reports whether the row was joined to one that is in the batch.
func (b *batch) add(r row) (joined bool) {
	keys := r.keys()
	for _, key := range keys {
		for _, i := range b.seen[key] {
			if same(&b.rows[i], &r) {
				b.rows[i].join(&r)
				for _, key := range keys {
					b.remember(key, i)
				}
				return true
			}
		}
	}
	r.N = len(b.rows)
	b.rows = append(b.rows, r)
	for _, key := range keys {
		b.remember(key, r.N)
	}
	return false
}

func (b *batch) remember(key string, i int) {
	if !slices.Contains(b.seen[key], i) {
		b.seen[key] = append(b.seen[key], i)
	}
}

func (r *row) keys() []string {
	keys := make([]string, 0, 4)
	for _, k := range [][2]string{{"id:", r.SourceID}, {"p:", r.Tail}, {"p:", r.MobileTail}, {"e:", r.EmailKey}} {
		if key := k[0] + k[1]; k[1] != "" && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// same is what LeadImportMatch does between a row and a lead: the source's ids decide where both have one, else names
// must not speak against it.
func same(a, b *row) bool {
	if a.SourceID != "" && b.SourceID != "" {
		return a.SourceID == b.SourceID
	}
	return agree(a.FirstName, b.FirstName) && agree(a.LastName, b.LastName)
}

func agree(a, b string) bool { return a == "" || b == "" || strings.EqualFold(a, b) }

// join takes over what b says: its words where it has the same id (the later row counts), else what is empty here.
func (r *row) join(b *row) {
	own := r.SourceID != "" && r.SourceID == b.SourceID
	for _, f := range fields {
		switch f.name {
		case "name", "email", "tags", "do_not_call", "do_not_email", "email_opt_out", "lead_score", "quality_rating":
		default:
			if to, from := r.text(f.name), *b.text(f.name); from != "" && (own || *to == "") {
				*to = from
			}
		}
	}
	if b.Email != "" && (own || r.Email == "") {
		r.Email, r.EmailKey = b.Email, b.EmailKey
	}
	if len(b.Tags) > 0 && (own || len(r.Tags) == 0) {
		r.Tags = b.Tags
	}
	if b.LeadScore != nil && (own || r.LeadScore == nil) {
		r.LeadScore = b.LeadScore
	}
	if b.QualityRating != "" && (own || r.QualityRating == "") {
		r.QualityRating = b.QualityRating
	}
	r.Tail, r.MobileTail = tails(r)
	r.DoNotCall, r.DoNotEmail, r.EmailOptOut = r.DoNotCall || b.DoNotCall, r.DoNotEmail || b.DoNotEmail, r.EmailOptOut || b.EmailOptOut
}
