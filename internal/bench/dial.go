package bench

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/campaign"
	"github.com/callhenk/henk-worker/internal/clock"
	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/elevenlabssim"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/jobs"
)

const (
	dialCalls     = 50_000
	dialWorkers   = 1500
	fetchCooldown = 20 * time.Millisecond // as the worker's own
)

// Dial places calls through a simulator without latency and without limits: how many a second are fenced, requested
// and on the books.
func Dial(ctx context.Context, o Options) (*Result, error) {
	n := dialCalls
	if o.N > 0 {
		n = o.N
	}
	db, remove, err := database(ctx, o)
	if err != nil {
		return nil, err
	}
	defer remove()
	// All hours are legal here: it is the dialing that is measured.
	ck := clock.At(noon())
	o.step("reserving %d calls", n)
	if err := reserveAll(ctx, db, o, ck, n); err != nil {
		return nil, err
	}
	if err := settle(ctx, db); err != nil {
		return nil, err
	}
	o.step("reference: %d jobs that do nothing", n)
	before, err := noopRate(ctx, db, n, dialWorkers)
	if err != nil {
		return nil, err
	}
	client, rings, stop, err := instantProvider()
	if err != nil {
		return nil, err
	}
	defer stop()
	r := &Result{Name: "dial", N: n, Unit: "dials/s", Extra: map[string]any{}}
	o.step("dialing")
	if err := dialAll(ctx, db, o, ck, client, rings, r); err != nil {
		return nil, err
	}
	if got := rings(); got != int64(n) {
		return nil, fmt.Errorf("%d phones rang for %d calls", got, n)
	}
	o.step("reference again")
	after, err := noopRate(ctx, db, n, dialWorkers)
	if err != nil {
		return nil, err
	}
	r.Reference = Reference{"river_noop", max(before, after), "jobs/s"}
	r.Ratio = r.Rate / r.Reference.Rate
	return r, nil
}

// reserveAll plans a campaign in ticks until n calls are reserved and queued.
func reserveAll(ctx context.Context, db *store.DB, o Options, ck clock.Clock, n int) error {
	id, _, err := prepare(ctx, db, 2*n*len(zones)/openZones(ck)+len(zones), ck, false) // states close some of what the zones leave open
	if err != nil {
		return err
	}
	client, err := jobs.NewInserter(db, o.Log)
	if err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		p, err := campaign.Reserve(ctx, tx, id, ck, campaign.Limits{MaxReserve: n})
		if err != nil {
			return err
		}
		if len(p.Reserved) < n {
			return fmt.Errorf("only %d of %d calls were reserved (held: %v)", len(p.Reserved), n, p.Held)
		}
		return jobs.InsertDialsTx(ctx, tx, client, p.Reserved)
	})
}

func instantProvider() (client *elevenlabs.Client, rings func() int64, stop func(), err error) {
	sim := elevenlabssim.New(elevenlabssim.Options{APIKey: "bench", Instant: true, AcceptAnyAgent: true, Clock: time.Now})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, nil, fmt.Errorf("listening for the simulator: %w", err)
	}
	srv := &http.Server{Handler: sim, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = srv.Serve(listener) }()
	client, err = elevenlabs.New(elevenlabs.Config{APIKey: "bench", BaseURL: "http://" + listener.Addr().String()})
	return client, sim.RingCount, func() { _ = srv.Close(); _ = sim.Close() }, err
}

func dialAll(ctx context.Context, db *store.DB, o Options, ck clock.Clock, client *elevenlabs.Client, rings func() int64, r *Result) error {
	rt, err := jobs.New(jobs.Config{DB: db, ElevenLabs: client, Clock: ck, Log: o.Log, Queues: []string{jobs.QueueDial}, DialWorkers: dialWorkers, NoTicks: true})
	if err != nil {
		return err
	}
	u, err := startUsage(ctx, db)
	if err != nil {
		return err
	}
	if err := rt.Start(ctx); err != nil {
		return err
	}
	var placed int
	for placed < r.N {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
		if rings() < int64(r.N) {
			continue // counting rows all the time would be part of what is measured
		}
		if err := db.QueryRow(ctx, "select count(*) from conversations").Scan(&placed); err != nil {
			return fmt.Errorf("counting placed calls: %w", err)
		}
	}
	if err := u.stop(ctx, db, r); err != nil {
		return err
	}
	return rt.Stop(ctx)
}
