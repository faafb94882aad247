package campaign

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// ErrNotInCampaign means that the lead is not among the campaign's.
var ErrNotInCampaign = errors.New("the lead is not in this campaign")

// Explanation is what every rule says of a lead at an instant.
type Explanation struct {
	CampaignID   uuid.UUID `json:"campaign_id"`
	LeadID       uuid.UUID `json:"lead_id"`
	At           time.Time `json:"at"`
	Verdict      string    `json:"verdict"`       // call or hold
	FirstFailing *string   `json:"first_failing"` // nil on a call
	Rules        []Verdict `json:"rules"`         // all of them, in the order in which they are judged
	Log          Logged    `json:"log"`           // what was decided about the lead up to then
}

// fewRowsSQL tells the planner, for this transaction, that all it looks for is a handful of rows, each by an index. Where
// a table has just been filled it cannot know, and reads all of it.
const fewRowsSQL = `select set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
	set_config('enable_mergejoin', 'off', true), set_config('enable_bitmapscan', 'off', true),
	set_config('max_parallel_workers_per_gather', '0', true)`

// Explain judges a lead at an instant. It reads only, in one snapshot.
func Explain(ctx context.Context, db *store.DB, campaignID, leadID uuid.UUID, at time.Time, limits Limits) (*Explanation, error) {
	var e *Explanation
	err := snapshot(ctx, db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, fewRowsSQL); err != nil {
			return fmt.Errorf("preparing to judge: %w", err)
		}
		c, err := Load(ctx, tx, campaignID)
		if err != nil {
			return err
		}
		all, err := c.Judge(ctx, tx, []uuid.UUID{leadID}, at, limits)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return ErrNotInCampaign
		}
		e = &Explanation{CampaignID: campaignID, LeadID: leadID, At: at.UTC(), Verdict: "call", Rules: all[leadID]}
		if first := FirstFailing(e.Rules); first != "" {
			e.Verdict, e.FirstFailing = "hold", &first
		}
		e.Log, err = c.logged(ctx, tx, e)
		return err
	})
	return e, err
}

// FirstFailing is the first rule that holds; "" for none.
func FirstFailing(verdicts []Verdict) string {
	if i := slices.IndexFunc(verdicts, func(v Verdict) bool { return !v.OK }); i >= 0 {
		return verdicts[i].Rule
	}
	return ""
}

// Judge gives every rule's verdict on leads of the campaign at an instant, by lead, from the facts as they are now. Leads
// that are not in the campaign are left out. Its queries are a fixed number, however many leads.
func (c *Campaign) Judge(ctx context.Context, db dbsqlc.DBTX, leadIDs []uuid.UUID, at time.Time, limits Limits) (map[uuid.UUID][]Verdict, error) {
	rows, err := c.facts(ctx, db, leadIDs, at)
	if err != nil {
		return nil, err
	}
	m, err := c.at(ctx, db, at, limits)
	if err != nil {
		return nil, err
	}
	leads, subjects, err := c.gather(ctx, db, rows, at)
	if err != nil {
		return nil, err
	}
	groups, err := c.sameNumbers(ctx, db, leads, at)
	if err != nil {
		return nil, err
	}
	out := make(map[uuid.UUID][]Verdict, len(subjects))
	for i := range subjects {
		s := &subjects[i]
		s.m, s.sameNumber = m, groups[s.l.tail]
		out[s.l.LeadID] = s.verdicts()
	}
	return out, nil
}

// sameNumbers finds the leads of the campaign with the numbers of these, by number, where the campaign asks for it.
func (c *Campaign) sameNumbers(ctx context.Context, db dbsqlc.DBTX, leads []lead, at time.Time) (crowds, error) {
	groups := crowds{}
	var tails []string
	for i := range leads {
		if leads[i].numberErr == nil {
			tails = append(tails, leads[i].tail)
		}
	}
	if !c.DedupeByPhone || len(tails) == 0 {
		return groups, nil
	}
	ids, err := dbsqlc.New().CandidateSameNumber(ctx, db, dbsqlc.CandidateSameNumberParams{
		CampaignID: c.ID, BusinessID: c.BusinessID, Tails: tails})
	if err != nil {
		return nil, fmt.Errorf("looking for leads with the same number: %w", err)
	}
	rows, err := c.facts(ctx, db, ids, at)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		if l := c.parseLead(row); l.numberErr == nil {
			groups.add(l.tail, memberOf(&l))
		}
	}
	return groups, nil
}

// snapshot runs fn in a transaction that cannot write and sees one moment of the database.
func snapshot(ctx context.Context, db *store.DB, fn func(pgx.Tx) error) error {
	err := pgx.BeginTxFunc(ctx, db, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if err := db.Brief(ctx, tx); err != nil {
			return err
		}
		return fn(tx)
	})
	if err != nil {
		return fmt.Errorf("judging: %w", err)
	}
	return nil
}
