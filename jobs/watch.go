package jobs

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

const (
	beatEvery  = 5 * time.Second
	probeEvery = 2 * time.Second
	sweepEvery = 10 * time.Second
	// deadAfter without a beat a worker's work is handed on. With the sweep's own interval that is within a minute.
	deadAfter = 30 * time.Second
	// sweepLock lets one worker sweep at a time.
	sweepLock = 0x68656e6c
	// writeBackEvery is how soon what nobody announced reaches Salesforce: an opt-out in the app, a correction.
	writeBackEvery = time.Minute
	writeBackLock  = sweepLock + 1
)

// watch beats, probes a provider that is out of order, and sweeps up after workers that died. It does not depend on
// River's leader: whoever is alive sweeps.
//
// Each step has its own clock: a slow probe or sweep must not make the beat late, or a living worker looks dead.
func (r *Runtime) watch(ctx context.Context) {
	defer close(r.watching)
	var steps sync.WaitGroup
	for _, s := range []struct {
		name  string
		every time.Duration
		run   func(context.Context) error
	}{
		{"beat", beatEvery, r.beat},
		{"probe", probeEvery, func(ctx context.Context) error { return r.dialer.Probe(ctx, false) }},
		{"sweep", sweepEvery, r.sweep},
		{"reclaim", sweepEvery, r.reclaim},
		{"write-back", writeBackEvery, r.sweepWriteBacks},
	} {
		steps.Go(func() { r.repeat(ctx, s.name, s.every, s.run) })
	}
	steps.Wait()
}

// repeat runs a step until the context ends, at once and then at the interval.
func (r *Runtime) repeat(ctx context.Context, name string, every time.Duration, run func(context.Context) error) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		stepCtx, cancel := context.WithTimeout(ctx, 8*time.Second)
		if err := run(stepCtx); err != nil && ctx.Err() == nil {
			r.Log.WarnContext(ctx, "Watch step failed; it is tried again", "step", name, "err", err)
		}
		cancel()
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (r *Runtime) beat(ctx context.Context) error {
	err := dbsqlc.New().WorkerBeat(ctx, r.DB, dbsqlc.WorkerBeatParams{ClientID: r.id, Queues: r.served, Version: r.Version})
	if err != nil {
		return fmt.Errorf("writing the worker's beat: %w", err)
	}
	return nil
}

func (r *Runtime) sayGoodbye(ctx context.Context) error {
	if err := dbsqlc.New().WorkerDelete(context.WithoutCancel(ctx), r.DB, r.id); err != nil {
		return fmt.Errorf("signing off the worker: %w", err)
	}
	return nil
}

// sweep hands on the work of dead workers and of jobs that are gone. Each statement is safe to run at any moment: what
// it makes available again is judged by the fence, and what may have rung goes to reconcile-attempt. One that fails
// does not keep the others from their work.
func (r *Runtime) sweep(ctx context.Context) error {
	var errs []error
	for _, step := range []func(context.Context, pgx.Tx) error{r.handOn, r.releaseOrphans, r.reconcileOrphans, r.findAudio} {
		errs = append(errs, pgx.BeginFunc(ctx, r.DB, func(tx pgx.Tx) error {
			// A sweeper that stands still must not keep the lock.
			if err := r.DB.Brief(ctx, tx); err != nil {
				return err
			}
			var locked bool
			if err := tx.QueryRow(ctx, "select pg_try_advisory_xact_lock($1)", sweepLock).Scan(&locked); err != nil || !locked {
				return err
			}
			return step(ctx, tx)
		}))
	}
	return errors.Join(errs...)
}

// handOnSQL makes the running jobs of dead workers available. The interrupted run does not count as an attempt. The
// last element of attempted_by is the client that has the job now.
const handOnSQL = `
update river.river_job j set state = 'available', scheduled_at = now(), attempt = greatest(attempt - 1, 0)
where j.state = 'running'
  and exists (
    select from (select j.attempted_by[array_upper(j.attempted_by, 1)] as client_id) c
    left join henk.workers w on w.client_id = c.client_id
    where c.client_id like 'henk-%'
      and coalesce(w.beat_at, j.attempted_at + interval '30 seconds') < clock_timestamp() - make_interval(secs => $1)
  )
returning j.id, j.kind`

func (r *Runtime) handOn(ctx context.Context, tx pgx.Tx) error {
	return r.makeAvailable(ctx, tx, "Job of a dead worker handed on", handOnSQL, deadAfter.Seconds())
}

// reclaimSQL makes available what this process has taken, by the database's account, and does not work on: when the
// connection breaks at the wrong moment a fetch can commit without an answer, and a job can end without being marked.
// Up to 37 s River itself tries to mark it.
const reclaimSQL = `
update river.river_job j set state = 'available', scheduled_at = now(), attempt = greatest(attempt - 1, 0)
where j.state = 'running' and j.attempted_by[array_upper(j.attempted_by, 1)] = $1
  and j.attempted_at < clock_timestamp() - interval '40 seconds' and j.id <> all ($2)
returning j.id, j.kind`

func (r *Runtime) reclaim(ctx context.Context) error {
	working := []int64{}
	r.working.Range(func(id, _ any) bool {
		working = append(working, id.(int64))
		return true
	})
	return pgx.BeginFunc(ctx, r.DB, func(tx pgx.Tx) error {
		if err := r.DB.Brief(ctx, tx); err != nil {
			return err
		}
		return r.makeAvailable(ctx, tx, "Job that this worker lost sight of handed on", reclaimSQL, r.id, working)
	})
}

func (r *Runtime) makeAvailable(ctx context.Context, tx pgx.Tx, message, sql string, args ...any) error {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return fmt.Errorf("handing on jobs: %w", err)
	}
	var id int64
	var kind string
	_, err = pgx.ForEachRow(rows, []any{&id, &kind}, func() error {
		r.Log.WarnContext(ctx, message, "job_id", id, "kind", kind)
		return nil
	})
	if err != nil {
		return fmt.Errorf("handing on jobs: %w", err)
	}
	return nil
}

// releaseOrphansSQL releases reservations that no job will dial: it was cancelled, discarded or deleted.
const releaseOrphansSQL = `
update public.call_attempts a set state = 'released', reason = 'job_gone', ended_at = $1
where a.in_progress and a.state = 'reserved' and a.created_at < clock_timestamp() - interval '1 minute'
  and not exists (
    select from river.river_job j
    where j.kind = 'dial-lead' and j.state in ('available', 'pending', 'retryable', 'running', 'scheduled')
      and j.args ->> 'attempt_id' = a.id::text)
returning a.campaign_id`

func (r *Runtime) releaseOrphans(ctx context.Context, tx pgx.Tx) error {
	now, err := r.Clock.Now(ctx, tx)
	if err != nil {
		return err
	}
	campaigns, err := collectIDs(tx.Query(ctx, releaseOrphansSQL, now))
	if err != nil {
		return fmt.Errorf("releasing reservations without a job: %w", err)
	}
	return r.refill(ctx, tx, campaigns, time.Time{})
}

// reconcileOrphansSQL finds calls that may have rung and that no job will settle.
const reconcileOrphansSQL = `
select a.id from public.call_attempts a
where a.in_progress and a.state in ('dialing', 'unknown') and a.dialing_at < $1::timestamptz - interval '1 minute'
  and not exists (
    select from river.river_job j
    where j.kind in ('dial-lead', 'reconcile-attempt') and j.state in ('available', 'pending', 'retryable', 'running', 'scheduled')
      and j.args ->> 'attempt_id' = a.id::text)
limit 1000`

func (r *Runtime) reconcileOrphans(ctx context.Context, tx pgx.Tx) error {
	now, err := r.Clock.Now(ctx, tx)
	if err != nil {
		return err
	}
	ids, err := collectIDs(tx.Query(ctx, reconcileOrphansSQL, now))
	if err != nil {
		return fmt.Errorf("looking for calls without a job: %w", err)
	}
	for _, id := range ids {
		if _, err := insertTx(ctx, tx, r.Client, ReconcileAttemptArgs{AttemptID: id}, time.Time{}); err != nil {
			return err
		}
	}
	return nil
}

func collectIDs(rows pgx.Rows, err error) ([]uuid.UUID, error) {
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
}
