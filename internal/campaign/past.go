package campaign

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// pastNumbers are what the audit knows of the numbers of a page of attempts.
type pastNumbers struct {
	rings    map[pastNumber][]dbsqlc.AuditRingsRow
	bindings map[pastNumber][]dbsqlc.AuditSuppressedRow
}

// pastNumber is a number as a business has it: its last ten digits, or all of it.
type pastNumber struct {
	business uuid.UUID
	digits   string
}

// longestCap: a rule pack may limit the calls of a year at most as far as the audit looks back.
const longestCap = 366 * 24 * time.Hour

// lookUp reads the calls and suppressions of a page's numbers, a query of each for each business.
func (a *auditor) lookUp(ctx context.Context, page []dbsqlc.AuditPageRow) (*pastNumbers, error) {
	known := &pastNumbers{map[pastNumber][]dbsqlc.AuditRingsRow{}, map[pastNumber][]dbsqlc.AuditSuppressedRow{}}
	if len(page) == 0 {
		return known, nil
	}
	type numbers struct{ tails, phones []string }
	by := map[uuid.UUID]*numbers{}
	seen := map[pastNumber]bool{}
	for i := range page {
		row := &page[i]
		if by[row.BusinessID] == nil {
			by[row.BusinessID] = &numbers{}
		}
		n := by[row.BusinessID]
		if key := (pastNumber{row.BusinessID, row.PhoneNumber}); !seen[key] {
			seen[key] = true
			n.tails, n.phones = append(n.tails, row.Tail), append(n.phones, row.PhoneNumber)
		}
	}
	q := dbsqlc.New()
	first, last := page[0].DialingAt, page[0].DialingAt
	for i := range page {
		first, last = earlier(first, page[i].DialingAt), later(last, page[i].DialingAt)
	}
	for business, n := range by {
		rings, err := q.AuditRings(ctx, a.db, dbsqlc.AuditRingsParams{BusinessID: &business, Tails: n.tails, Since: first.Add(-longestCap), Until: last})
		if err != nil {
			return nil, fmt.Errorf("reading calls to the numbers: %w", err)
		}
		for _, r := range rings {
			key := pastNumber{business, r.Tail}
			known.rings[key] = append(known.rings[key], r)
		}
		bindings, err := q.AuditSuppressed(ctx, a.db, dbsqlc.AuditSuppressedParams{Phones: n.phones, BusinessID: &business})
		if err != nil {
			return nil, fmt.Errorf("looking up suppressions: %w", err)
		}
		for _, b := range bindings {
			key := pastNumber{business, b.Phone}
			known.bindings[key] = append(known.bindings[key], b)
		}
	}
	return known, nil
}

// before are the calls to the number before an attempt; of two at the same instant the smaller id came first.
func (n *pastNumbers) before(row *dbsqlc.AuditPageRow) (rings []ring) {
	for _, r := range n.rings[pastNumber{row.BusinessID, row.Tail}] {
		if r.RangAt.Before(row.DialingAt) || r.RangAt.Equal(row.DialingAt) && r.ID.String() < row.ID.String() {
			rings = append(rings, ring{at: r.RangAt})
		}
	}
	return rings
}

// suppressed says which suppression bound the number when it was dialed; "" for none.
func (n *pastNumbers) suppressed(row *dbsqlc.AuditPageRow) string {
	for _, b := range n.bindings[pastNumber{row.BusinessID, row.PhoneNumber}] {
		switch {
		case b.BindsFrom.After(row.DialingAt) || !b.BindsUntil.After(row.DialingAt):
		case b.List != "":
			return fmt.Sprintf("The number is on the list %q as it is in force today.", b.List)
		default:
			return "The number was suppressed."
		}
	}
	return ""
}
