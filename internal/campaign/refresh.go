package campaign

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/calltime"
	"github.com/callhenk/henk-worker/internal/clock"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// refreshBatch leads are judged in one transaction: large enough for set-based SQL to pay, small enough that the app's
// writes to those leads never wait long.
const refreshBatch = 5000

// Refresher judges leads whose facts changed. One serves a process: it remembers the ids of places (zones and states).
type Refresher struct {
	db    *store.DB
	clock clock.Clock

	mu       sync.Mutex
	zoneSets map[string]int32
}

// NewRefresher returns a refresher on db.
func NewRefresher(db *store.DB, c clock.Clock) *Refresher {
	return &Refresher{db: db, clock: c, zoneSets: map[string]int32{}}
}

// Refresh judges what is dirty in the campaign until nothing is or the context ends; done says which. Leads that came
// before the triggers, and all leads after an edit of the campaign's rules, are dirty first.
func (r *Refresher) Refresh(ctx context.Context, c *Campaign) (done bool, err error) {
	q := dbsqlc.New()
	now, err := r.clock.Now(ctx, r.db)
	if err != nil {
		return false, err
	}
	if err := r.markChanged(ctx, c, now); err != nil {
		return false, err
	}
	for ctx.Err() == nil {
		n, err := r.batch(ctx, c)
		if err != nil {
			return false, err
		}
		if n < refreshBatch {
			dirty, err := q.CandidateHasDirty(ctx, r.db, c.ID)
			if err != nil {
				return false, fmt.Errorf("looking for unjudged leads: %w", err)
			}
			// Rows left dirty although a batch found none are locked by somebody who is changing them now: the next plan
			// takes them. Otherwise judging a lead freed another one's number.
			if !dirty || n == 0 {
				return true, nil
			}
		}
	}
	return false, nil
}

func (r *Refresher) markChanged(ctx context.Context, c *Campaign, now time.Time) error {
	q, fingerprint := dbsqlc.New(), c.fingerprint(now)
	return store.InTx(ctx, r.db, func(tx pgx.Tx) error {
		if err := q.CampaignStateEnsure(ctx, tx, c.ID); err != nil {
			return fmt.Errorf("preparing the campaign's state: %w", err)
		}
		if c.SeededAt != nil && c.RulesFingerprint != nil && *c.RulesFingerprint == fingerprint {
			return nil
		}
		if c.SeededAt == nil {
			if err := q.SuppressionFreedFromHere(ctx, tx, dbsqlc.SuppressionFreedFromHereParams{CampaignID: c.ID, Now: now}); err != nil {
				return fmt.Errorf("noting which suppressions were lifted before: %w", err)
			}
			if _, err := q.CandidateSeed(ctx, tx, c.ID); err != nil {
				return fmt.Errorf("taking in the campaign's leads: %w", err)
			}
			if err := q.CampaignStateSetSeeded(ctx, tx, c.ID); err != nil {
				return fmt.Errorf("taking in the campaign's leads: %w", err)
			}
		}
		changed, err := q.CampaignStateSetFingerprint(ctx, tx, dbsqlc.CampaignStateSetFingerprintParams{CampaignID: c.ID, Fingerprint: &fingerprint})
		if err != nil {
			return fmt.Errorf("comparing the campaign's rules: %w", err)
		}
		if !changed {
			return nil
		}
		if err := q.CandidateMarkAllDirty(ctx, tx, c.ID); err != nil {
			return fmt.Errorf("marking the campaign's leads: %w", err)
		}
		return nil
	})
}

// batch judges up to refreshBatch leads and returns how many it took.
func (r *Refresher) batch(ctx context.Context, c *Campaign) (n int, err error) {
	q := dbsqlc.New()
	err = store.InTx(ctx, r.db, func(tx pgx.Tx) error {
		if err := r.db.Brief(ctx, tx); err != nil {
			return err
		}
		now, err := r.clock.Now(ctx, tx)
		if err != nil {
			return err
		}
		rows, err := q.CandidateClaimDirty(ctx, tx, dbsqlc.CandidateClaimDirtyParams{CampaignID: c.ID, Batch: refreshBatch, Now: now, ByOutcome: c.byOutcome()})
		if err != nil {
			return fmt.Errorf("reading leads to judge: %w", err)
		}
		n = len(rows)
		if n == 0 {
			return nil
		}
		verdicts, notes, gone, err := r.judgeAll(ctx, tx, c, rows, now)
		if err != nil {
			return err
		}
		if len(gone) > 0 {
			if err := q.CandidateDelete(ctx, tx, dbsqlc.CandidateDeleteParams{CampaignID: c.ID, LeadIds: gone}); err != nil {
				return fmt.Errorf("forgetting leads that left the campaign: %w", err)
			}
		}
		data, err := json.Marshal(verdicts)
		if err != nil {
			return fmt.Errorf("encoding verdicts: %w", err)
		}
		if err := q.CandidateUpdate(ctx, tx, dbsqlc.CandidateUpdateParams{Verdicts: data, CampaignID: c.ID}); err != nil {
			return fmt.Errorf("writing verdicts: %w", err)
		}
		return c.log(ctx, tx, notes)
	})
	return n, err
}

func (r *Refresher) judgeAll(ctx context.Context, tx pgx.Tx, c *Campaign, rows []dbsqlc.CandidateClaimDirtyRow, now time.Time) (verdicts []verdict, notes []decision, gone []uuid.UUID, err error) {
	present := make([]dbsqlc.CandidateClaimDirtyRow, 0, len(rows))
	for _, row := range rows {
		if row.Present {
			present = append(present, row)
		} else {
			gone = append(gone, row.LeadID)
		}
	}
	leads, subjects, err := c.gather(ctx, tx, present, now)
	if err != nil {
		return nil, nil, nil, err
	}
	verdicts = make([]verdict, len(leads))
	for i := range subjects {
		verdicts[i] = subjects[i].candidate()
	}
	groups, notes, err := c.dedupe(ctx, tx, leads, verdicts, gone, now)
	if err != nil {
		return nil, nil, nil, err
	}
	for i := range verdicts {
		if v := &verdicts[i]; v.State != "held" {
			id, err := r.zoneSet(ctx, v.place)
			if err != nil {
				return nil, nil, nil, err
			}
			v.ZoneSet = &id
		}
		subjects[i].sameNumber = groups[leads[i].tail]
		if d, changed := subjects[i].note(&verdicts[i]); changed {
			notes = append(notes, d)
		}
	}
	return verdicts, notes, gone, nil
}

// zoneSet returns the id of a reduced place: zones and the states whose hours bind. It is written outside the batch's
// transaction, so that two batches that meet a new one at once do not wait for each other.
func (r *Refresher) zoneSet(ctx context.Context, p calltime.Place) (int32, error) {
	key := strings.Join(p.Zones, ",") + " " + strings.Join(p.States, ",")
	r.mu.Lock()
	defer r.mu.Unlock()
	if id, ok := r.zoneSets[key]; ok {
		return id, nil
	}
	id, err := dbsqlc.New().ZoneSetUpsert(ctx, r.db, dbsqlc.ZoneSetUpsertParams{Zones: p.Zones, States: orEmpty(p.States)})
	if err != nil {
		return 0, fmt.Errorf("storing a place: %w", err)
	}
	r.zoneSets[key] = id
	return id, nil
}
