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

	"github.com/callhenk/henk-worker/internal/clock"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// refreshBatch leads are judged in one transaction: large enough for set-based SQL to pay, small enough that the app's
// writes to those leads never wait long.
const refreshBatch = 5000

// Refresher judges leads whose facts changed. One serves a process: it remembers the ids of zone sets.
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
	if err := r.markChanged(ctx, c); err != nil {
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
			// Rows left dirty although a batch was not full are locked by somebody who is changing them now: the next
			// plan takes them.
			return !dirty || n == 0, nil
		}
	}
	return false, nil
}

func (r *Refresher) markChanged(ctx context.Context, c *Campaign) error {
	q := dbsqlc.New()
	return store.InTx(ctx, r.db, func(tx pgx.Tx) error {
		if err := q.CampaignStateEnsure(ctx, tx, c.ID); err != nil {
			return fmt.Errorf("preparing the campaign's state: %w", err)
		}
		fingerprint := c.fingerprint()
		if c.SeededAt != nil && c.RulesFingerprint != nil && *c.RulesFingerprint == fingerprint {
			return nil
		}
		if c.SeededAt == nil {
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
		if err := r.db.WithoutJIT(ctx, tx); err != nil {
			return err
		}
		now, err := r.clock.Now(ctx, tx)
		if err != nil {
			return err
		}
		rows, err := q.CandidateClaimDirty(ctx, tx, dbsqlc.CandidateClaimDirtyParams{CampaignID: c.ID, Batch: refreshBatch, Now: now})
		if err != nil {
			return fmt.Errorf("reading leads to judge: %w", err)
		}
		n = len(rows)
		if n == 0 {
			return nil
		}
		verdicts, gone, err := r.judgeAll(ctx, tx, c, rows, now)
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
		return nil
	})
	return n, err
}

func (r *Refresher) judgeAll(ctx context.Context, tx pgx.Tx, c *Campaign, rows []dbsqlc.CandidateClaimDirtyRow, now time.Time) (verdicts []verdict, gone []uuid.UUID, err error) {
	leads := make([]lead, 0, len(rows))
	var tails, phones []string
	for _, row := range rows {
		if !row.Present {
			gone = append(gone, row.LeadID)
			continue
		}
		l := c.parseLead(row)
		leads = append(leads, l)
		if l.numberErr == nil {
			tails, phones = append(tails, l.tail), append(phones, l.number.E164)
		}
	}
	flagged, err := asSet(dbsqlc.New().CandidateFlaggedNumbers(ctx, tx, dbsqlc.CandidateFlaggedNumbersParams{
		Tails: tails, BusinessID: c.BusinessID, LiftImported: c.liftsImportedFlag()}))
	if err != nil {
		return nil, nil, fmt.Errorf("looking up do-not-call flags: %w", err)
	}
	suppressed, err := asSet(dbsqlc.New().CandidateSuppressedNumbers(ctx, tx, dbsqlc.CandidateSuppressedNumbersParams{
		Phones: phones, BusinessID: &c.BusinessID, Now: now}))
	if err != nil {
		return nil, nil, fmt.Errorf("looking up suppressed numbers: %w", err)
	}
	verdicts = make([]verdict, 0, len(leads))
	for _, l := range leads {
		v := c.judge(l, flagged, suppressed, now)
		if v.zones != nil {
			id, err := r.zoneSet(ctx, v.zones)
			if err != nil {
				return nil, nil, err
			}
			v.ZoneSet = &id
		}
		verdicts = append(verdicts, v)
	}
	return verdicts, gone, nil
}

// zoneSet returns the id of a set of zones, sorted by name. It is written outside the batch's transaction, so that
// two batches that meet a new set at once do not wait for each other.
func (r *Refresher) zoneSet(ctx context.Context, zones []string) (int32, error) {
	key := strings.Join(zones, ",")
	r.mu.Lock()
	defer r.mu.Unlock()
	if id, ok := r.zoneSets[key]; ok {
		return id, nil
	}
	id, err := dbsqlc.New().ZoneSetUpsert(ctx, r.db, zones)
	if err != nil {
		return 0, fmt.Errorf("storing a set of zones: %w", err)
	}
	r.zoneSets[key] = id
	return id, nil
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
