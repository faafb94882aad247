package bench

import (
	"context"
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
	planRuns  = 3
)

// Plan reserves and enqueues 10,000 due leads out of a campaign of a million, a third of them not due, and out of one
// that holds just those 10,000.
func Plan(ctx context.Context, o Options) (*Result, error) {
	pick := planPick
	if o.N > 0 {
		pick = o.N
	}
	db, remove, err := database(ctx, o)
	if err != nil {
		return nil, err
	}
	defer remove()
	ck := clock.At(noon())
	r := &Result{Name: "plan", N: pick, Unit: "leads/s", Extra: map[string]any{}}

	// One planner serves both sizes, each on a campaign of its own, so that what differs is the size.
	o.step("inserting a campaign of %d leads", planLeads)
	large, judged, err := prepare(ctx, db, planLeads, ck, true)
	if err != nil {
		return nil, err
	}
	r.Extra["leads_judged_per_second"] = judged
	small := make([]uuid.UUID, planRuns)
	for i := range small {
		// Leads whose window is closed cannot be picked: the small campaign holds as many as it takes to find pick.
		if small[i], _, err = prepare(ctx, db, pick*len(zones)/openZones(ck), ck, false); err != nil {
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
		u, err := startUsage(ctx, db)
		if err != nil {
			return nil, err
		}
		if err := tick(ctx, db, client, large, ck, i*pick, pick); err != nil {
			return nil, err
		}
		one := &Result{N: pick}
		if err := u.stop(ctx, db, one); err != nil {
			return nil, err
		}
		fromLarge = append(fromLarge, one.Seconds)
		r.CPUSeconds, r.PeakRSSBytes, r.WALBytes = one.CPUSeconds, one.PeakRSSBytes, one.WALBytes
		began := time.Now()
		if err := tick(ctx, db, client, small[i], ck, 0, pick); err != nil {
			return nil, err
		}
		fromSmall = append(fromSmall, time.Since(began).Seconds())
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
	c, err := campaign.Load(ctx, db, id)
	if err != nil {
		return id, 0, err
	}
	began := time.Now()
	if _, err := campaign.NewRefresher(db, ck).Refresh(ctx, c); err != nil {
		return id, 0, err
	}
	return id, float64(n) / time.Since(began).Seconds(), nil
}

// tick is what plan-campaign does after judging: reserve, and insert the dial jobs in the same transaction. The campaign
// has reserved as many already.
func tick(ctx context.Context, db *store.DB, client *jobs.Client, id uuid.UUID, ck clock.Clock, already, want int) error {
	return pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		p, err := campaign.Reserve(ctx, tx, id, ck, campaign.Limits{MaxReserve: already + want})
		if err != nil {
			return err
		}
		if len(p.Reserved) < want {
			return fmt.Errorf("only %d of %d leads were reserved (held: %v)", len(p.Reserved), want, p.Held)
		}
		return jobs.InsertDialsTx(ctx, tx, client, p.Reserved)
	})
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
