package campaign

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// gather parses leads and looks up, in few queries, what is known of their numbers. The leads stay where they are:
// subjects point to them.
func (c *Campaign) gather(ctx context.Context, db dbsqlc.DBTX, rows []dbsqlc.CandidateClaimDirtyRow, now time.Time) (leads []lead, subjects []subject, err error) {
	leads = make([]lead, len(rows))
	var tails, phones []string
	for i, row := range rows {
		leads[i] = c.parseLead(row)
		if l := &leads[i]; l.numberErr == nil {
			tails, phones = append(tails, l.tail), append(phones, l.number.E164)
		}
	}
	q := dbsqlc.New()
	flagged, err := asSet(q.CandidateFlaggedNumbers(ctx, db, dbsqlc.CandidateFlaggedNumbersParams{
		Tails: tails, BusinessID: c.BusinessID, LiftImported: c.liftsImportedFlag()}))
	if err != nil {
		return nil, nil, fmt.Errorf("looking up do-not-call flags: %w", err)
	}
	suppressed, err := asSet(q.CandidateSuppressedNumbers(ctx, db, dbsqlc.CandidateSuppressedNumbersParams{
		Phones: phones, BusinessID: &c.BusinessID, Now: now}))
	if err != nil {
		return nil, nil, fmt.Errorf("looking up suppressed numbers: %w", err)
	}
	rings, err := c.rings(ctx, db, tails, now)
	if err != nil {
		return nil, nil, err
	}
	subjects = make([]subject, len(leads))
	for i := range leads {
		l := &leads[i]
		subjects[i] = subject{c: c, l: l, now: now}
		if l.numberErr == nil {
			subjects[i].flagged, subjects[i].suppressed, subjects[i].rings = flagged[l.tail], suppressed[l.number.E164], rings[l.tail]
		}
	}
	return leads, subjects, nil
}

// rings are the calls of a month to numbers, by all campaigns of the business.
func (c *Campaign) rings(ctx context.Context, db dbsqlc.DBTX, tails []string, now time.Time) (map[string][]ring, error) {
	rows, err := dbsqlc.New().CandidateRings(ctx, db, dbsqlc.CandidateRingsParams{BusinessID: &c.BusinessID, Tails: tails, Now: now})
	if err != nil {
		return nil, fmt.Errorf("looking up calls to the numbers: %w", err)
	}
	rings := map[string][]ring{}
	for _, r := range rows {
		rings[r.Tail] = append(rings[r.Tail], ring{lead: r.LeadID, at: r.RangAt, busy: r.Busy, pending: r.Pending})
	}
	return rings, nil
}

// byOutcome says whether the retry interval depends on how the last call went, which is read only then.
func (c *Campaign) byOutcome() bool { return len(c.Retry.By) > 0 }

// facts reads the facts of some leads of the campaign; leads that are not in it are left out.
func (c *Campaign) facts(ctx context.Context, db dbsqlc.DBTX, ids []uuid.UUID, now time.Time) ([]dbsqlc.CandidateClaimDirtyRow, error) {
	rows, err := dbsqlc.New().CandidateFactsOf(ctx, db, dbsqlc.CandidateFactsOfParams{CampaignID: c.ID, LeadIds: ids, Now: now, ByOutcome: c.byOutcome()})
	if err != nil {
		return nil, fmt.Errorf("reading leads: %w", err)
	}
	out := make([]dbsqlc.CandidateClaimDirtyRow, len(rows))
	for i, r := range rows {
		out[i] = dbsqlc.CandidateClaimDirtyRow(r)
	}
	return out, nil
}

func asSet(items []string, err error) (map[string]bool, error) {
	if err != nil {
		return nil, err
	}
	set := make(map[string]bool, len(items))
	for _, i := range items {
		set[i] = true
	}
	return set, nil
}
