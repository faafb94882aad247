package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/campaign"
	"github.com/callhenk/henk-worker/internal/clock"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/jobs"
)

const (
	planLeads = 1_000_000
	planPick  = 10_000
	planRuns  = 5
)

// Plan reserves and enqueues 10,000 due leads out of a campaign of a million, a third of them not due, and out of one
// that holds just those 10,000. Numbers have had calls, rolling caps limit them, ten million are on a suppression list,
// the rules of states bind, and every decision is logged.
func Plan(ctx context.Context, o Options) (*Result, error) {
	pick := planPick
	if o.N > 0 {
		pick = o.N
	}
	// Written as it is made, so that a tick's commit does not wait for 19 MB of WAL.
	o.settings = map[string]string{"wal_writer_delay": "10ms"}
	db, remove, err := database(ctx, o)
	if err != nil {
		return nil, err
	}
	defer remove()
	ck := clock.At(noon())
	r := &Result{Name: "plan", N: pick, Unit: "leads/s", Extra: map[string]any{}}

	// One planner serves both sizes, each on a campaign of its own, so that what differs is the size.
	o.step("inserting a campaign of %d leads", planLeads)
	large, err := newCampaign(ctx, db, planLeads, true)
	if err != nil {
		return nil, err
	}
	small := make([]uuid.UUID, planRuns)
	for i := range small {
		// Leads that cannot be picked, by their window or because they are suppressed, come on top of those that are.
		if small[i], err = newCampaign(ctx, db, pick*len(zones)/openZones(ck)*21/20, false); err != nil {
			return nil, err
		}
	}
	o.step("inserting %d suppressed numbers", suppressed)
	if err := suppress(ctx, db); err != nil {
		return nil, err
	}
	r.Extra["suppressed_numbers"] = suppressed
	for _, id := range append(small, large) {
		if err := capNumbers(ctx, db, id); err != nil {
			return nil, err
		}
	}
	o.step("judging the leads")
	if r.Extra["leads_judged_per_second"], err = judgeAll(ctx, db, large, planLeads, ck); err != nil {
		return nil, err
	}
	for _, id := range small {
		if _, err = judgeAll(ctx, db, id, pick, ck); err != nil {
			return nil, err
		}
	}
	if err := settle(ctx, db); err != nil {
		return nil, err
	}
	client, err := jobs.NewInserter(db, o.Log)
	if err != nil {
		return nil, err
	}
	before, err := insertManyRate(ctx, db, pick)
	if err != nil {
		return nil, err
	}
	var fromLarge, fromSmall []float64
	for i := range planRuns {
		o.step("tick %d of %d", i+1, planRuns)
		if err := vacuum(ctx, db, "public.call_attempts", "henk.candidates", store.RiverSchema+".river_job"); err != nil {
			return nil, err
		}
		u, err := startUsage(ctx, db)
		if err != nil {
			return nil, err
		}
		if err := tick(ctx, db, client, large, ck, pick); err != nil {
			return nil, err
		}
		one := &Result{N: pick}
		if err := u.stop(ctx, db, one); err != nil {
			return nil, err
		}
		fromLarge = append(fromLarge, one.Seconds)
		r.CPUSeconds, r.PeakRSSBytes, r.WALBytes = one.CPUSeconds, one.PeakRSSBytes, one.WALBytes
		if i == 0 { // with as many reserved as there ever are
			if r.Extra["explain_ms"], err = explainTime(ctx, db, large, ck); err != nil {
				return nil, err
			}
		}
		began := time.Now()
		if err := tick(ctx, db, client, small[i], ck, pick); err != nil {
			return nil, err
		}
		fromSmall = append(fromSmall, time.Since(began).Seconds())
		if err := makeCalls(ctx, db, large, ck); err != nil {
			return nil, err
		}
	}
	after, err := insertManyRate(ctx, db, pick)
	if err != nil {
		return nil, err
	}
	r.Seconds = median(fromLarge)
	r.Rate = float64(pick) / r.Seconds
	r.Reference = Reference{"river_insert_many", max(before, after), "jobs/s"}
	r.Ratio = r.Rate / r.Reference.Rate
	r.Extra["scale_ratio"] = median(fromLarge) / median(fromSmall)
	r.Extra["seconds_large"], r.Extra["seconds_small"] = fromLarge, fromSmall
	return r, nil
}

// prepare inserts a campaign and judges its leads; it returns at what rate it judged.
func prepare(ctx context.Context, db *store.DB, n int, ck clock.Clock, notDue bool) (uuid.UUID, float64, error) {
	id, err := newCampaign(ctx, db, n, notDue)
	if err != nil {
		return id, 0, err
	}
	judged, err := judgeAll(ctx, db, id, n, ck)
	return id, judged, err
}

// judgeAll judges the n leads of a campaign; it returns at what rate.
func judgeAll(ctx context.Context, db *store.DB, id uuid.UUID, n int, ck clock.Clock) (float64, error) {
	c, err := campaign.Load(ctx, db, id)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	if _, err := campaign.NewRefresher(db, ck).Refresh(ctx, c); err != nil {
		return 0, err
	}
	return float64(n) / time.Since(began).Seconds(), nil
}

// explainTime is the median, in milliseconds, of explaining leads out of all of the campaign.
func explainTime(ctx context.Context, db *store.DB, id uuid.UUID, ck clock.Clock) (float64, error) {
	rows, err := db.Query(ctx, "select lead_id from campaign_leads tablesample system (0.1) where campaign_id = $1 limit 31", id)
	if err != nil {
		return 0, fmt.Errorf("picking leads to explain: %w", err)
	}
	leads, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err == nil && len(leads) == 0 {
		err = errors.New("none was found")
	}
	if err != nil {
		return 0, fmt.Errorf("picking leads to explain: %w", err)
	}
	took := make([]float64, len(leads))
	for i, lead := range leads {
		began := time.Now()
		if _, err := campaign.Explain(ctx, db, id, lead, ck.Local(), campaign.Limits{}); err != nil {
			return 0, err
		}
		took[i] = float64(time.Since(began).Microseconds()) / 1000
	}
	return median(took), nil
}

// tick is what plan-campaign does after judging: reserve, and insert the dial jobs in the same transaction.
func tick(ctx context.Context, db *store.DB, client *jobs.Client, id uuid.UUID, ck clock.Clock, want int) error {
	return pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		p, err := campaign.Reserve(ctx, tx, id, ck, campaign.Limits{MaxReserve: want})
		if err != nil {
			return err
		}
		if len(p.Reserved) < want {
			return fmt.Errorf("only %d of %d leads were reserved (held: %v)", len(p.Reserved), want, p.Held)
		}
		return jobs.InsertDialsTx(ctx, tx, client, p.Reserved)
	})
}

// makeCalls makes the calls that are reserved, as the dialer would before the next tick, and has their leads judged again.
func makeCalls(ctx context.Context, db *store.DB, id uuid.UUID, ck clock.Clock) error {
	now := ck.Local()
	for _, sql := range []string{
		`update call_attempts set state = 'dialing', dialing_at = $2, attempted_at = $2 where campaign_id = $1 and in_progress and state = 'reserved'`,
		`update campaign_leads l set attempts = l.attempts + 1, last_attempt_at = $2, status = 'contacted' from call_attempts a
			where a.campaign_id = $1 and a.in_progress and l.campaign_id = a.campaign_id and l.lead_id = a.lead_id and $2::timestamptz is not null`,
		`update call_attempts set state = 'placed', in_progress = null, ended_at = $2 where campaign_id = $1 and in_progress`,
	} {
		if _, err := db.Exec(ctx, sql, id, now); err != nil {
			return fmt.Errorf("making the reserved calls: %w", err)
		}
	}
	_, err := judgeAll(ctx, db, id, 0, ck)
	return err
}

// openZones counts the benchmark's zones whose legal day is on.
func openZones(ck clock.Clock) int {
	var n int
	for _, z := range zones {
		if loc, err := time.LoadLocation(z); err == nil {
			if h := ck.Local().In(loc).Hour(); h >= 8 && h < 21 {
				n++
			}
		}
	}
	return n
}

func noon() time.Time {
	t := time.Now().UTC()
	return time.Date(t.Year(), t.Month(), t.Day(), 18, 0, 0, 0, time.UTC)
}

func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	return s[len(s)/2]
}
