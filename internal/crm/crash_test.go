package crm

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/salesforcesim"
)

var errKilled = errors.New("killed")

// points are where a run can break off.
var points = []string{"staged", "cursor", "merged", "inherited", "before commit", "committed"}

// killed is a config whose run is as good as killed at the n-th time that it comes to a point: it does not even say that it
// ends.
func (b *bundle) killed(point string, n int) Config {
	var mu sync.Mutex
	seen, dead := 0, false
	cfg := b.cfg
	cfg.fault = func(at string) error {
		mu.Lock()
		defer mu.Unlock()
		if at == point {
			seen++
			dead = dead || seen == n
		}
		if dead {
			return errKilled
		}
		return nil
	}
	return cfg
}

// forget lets the lease of a run that was killed run out.
func (b *bundle) forget() {
	b.t.Helper()
	b.exec("update henk.crm_syncs set lease_until = clock_timestamp() - interval '1 second' where run_id is not null")
}

func TestKilledAnywhereOnAnyPage(t *testing.T) {
	t.Parallel()
	for name, threshold := range map[string]int{"REST": 100_000, "Bulk": 100} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, salesforcesim.Options{Contacts: 1400, Leads: 700, Rotate: true})
			b.cfg.MaxRecords, b.cfg.Client.BatchSize, b.cfg.BulkThreshold, b.cfg.BulkPage = 900, 200, threshold, 150
			kills := 0
			for n := 1; n <= 3; n++ {
				for _, point := range points {
					_, err := Sync(t.Context(), b.db, b.killed(point, n), Request{IntegrationID: b.integration})
					if err == nil {
						continue // it came to an end before
					}
					require.ErrorIs(t, err, errKilled)
					kills++
					require.Equal(t, kills, b.count("select count(*) from sync_logs where sync_status = 'running'"))
					_, err = Sync(t.Context(), b.db, b.cfg, Request{IntegrationID: b.integration})
					require.ErrorIs(t, err, ErrBusy, "its lease has not run out")
					b.forget()
					b.listsAreRight()
				}
			}
			require.Greater(t, kills, 12)
			b.sync()
			b.equal()
			require.Zero(t, b.count("select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'"))
		})
	}
}

// A run that is killed after each page has stored each page: none is lost and none is read twice.
func TestKilledAfterEachPage(t *testing.T) {
	t.Parallel()
	b := setup(t, salesforcesim.Options{Contacts: 1000})
	b.cfg.Client.BatchSize, b.cfg.MaxRecords = 200, 10_000
	all := func() int {
		return b.count("select count(*) from leads") + b.count("select count(*) from henk.crm_rejects")
	}
	for page := 1; page <= 4; page++ {
		_, err := Sync(t.Context(), b.db, b.killed("committed", 1), Request{IntegrationID: b.integration})
		require.ErrorIs(t, err, errKilled)
		b.forget()
		require.GreaterOrEqual(t, 200*page, all())
		require.LessOrEqual(t, 200*page-gone(b), all())
	}
	res, err := Sync(t.Context(), b.db, b.cfg, Request{IntegrationID: b.integration})
	require.NoError(t, err)
	require.Equal(t, 200, res.Processed)
	b.equal()
}

func TestManyWorkersAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t, salesforcesim.Options{Contacts: 800, Leads: 400, Rotate: true})
	b.cfg.MaxRecords, b.cfg.Client.BatchSize = 300, 200
	var workers sync.WaitGroup
	errs := make(chan error, 1000)
	for worker := range 4 {
		workers.Go(func() {
			dice := rand.New(rand.NewPCG(7, uint64(worker)))
			for range 12 {
				cfg := b.cfg
				if dice.IntN(2) == 0 {
					cfg = b.killed(points[dice.IntN(len(points))], 1+dice.IntN(3))
				}
				_, err := Sync(context.WithoutCancel(t.Context()), b.db, cfg, Request{IntegrationID: b.integration})
				if errors.Is(err, errKilled) {
					// Its lease runs out in the midst of the others' work.
					_, err = b.db.Exec(context.WithoutCancel(t.Context()), "update henk.crm_syncs set lease_until = clock_timestamp() - interval '1 second'")
				}
				if err != nil && !errors.Is(err, ErrBusy) && !IsTakenOver(err) {
					errs <- fmt.Errorf("worker %d: %w", worker, err)
				}
			}
		})
	}
	workers.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
	b.forget()
	b.sync()
	b.equal()
	require.Zero(t, b.sim.Stats().Requests["reused_refresh_token"])
}

// A page that loses against another transaction is stored at the next try, the last one too; one that always loses ends the
// run.
func TestPageThatLosesADeadlock(t *testing.T) {
	t.Parallel()
	b := setup(t, salesforcesim.Options{Contacts: 900})
	b.cfg.Client.BatchSize, b.cfg.MaxRecords = 200, 10_000
	deadlock := &pgconn.PgError{Code: "40P01", Message: "deadlock detected"}
	always, page, lost := true, 0, 0
	b.cfg.fault = func(point string) error {
		if point == "before commit" {
			if page++; always || page%2 == 1 {
				lost++
				return deadlock
			}
		}
		return nil
	}
	err := b.fails()
	require.ErrorIs(t, err, deadlock)
	require.Equal(t, pageTries+1, lost)
	require.Zero(t, b.count("select count(*) from leads"))
	always, lost = false, 0
	b.sync()
	require.GreaterOrEqual(t, lost, 5)
	require.Equal(t, 3, b.count("select count(*) from sync_logs"), "one went on with it, and one looked for what changed since")
	b.equal()
}
