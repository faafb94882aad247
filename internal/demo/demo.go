// Package demo runs the whole of henk on one machine with invented people: a private Postgres, the simulators of
// ElevenLabs and Salesforce, worker and web side. The people stand in the simulated org; a sync brings them, the lists
// that it fills are called, and what came of the calls is written back. What it reports is counted from what reached the
// simulators, against what the sample data says may be called, not from what the worker believes.
//
// It may import everything below cmd.
package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/callhenk/henk-worker/internal/clock"
	"github.com/callhenk/henk-worker/internal/config"
	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/elevenlabssim"
	"github.com/callhenk/henk-worker/internal/pglocal"
	"github.com/callhenk/henk-worker/internal/storage"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/webhook"
	"github.com/callhenk/henk-worker/jobs"
)

// Options are the demo's settings.
type Options struct {
	DatabaseURL string // "" = a private cluster
	Leads       int
	Seed        int64
	Log         *slog.Logger
	Version     string
	// Speed is how many seconds of a call pass in one.
	Speed float64
	// Concurrent is the account's limit of calls at once.
	Concurrent int
}

// Demo is a running demo.
type Demo struct {
	Options
	DB        *store.DB
	Runtime   *jobs.Runtime
	Webhook   *webhook.ElevenLabs // takes what the simulator sends
	sim       *elevenlabssim.Sim
	org       *org
	config    config.Config
	clock     clock.Clock
	began     time.Time
	people    *people
	enrolment enrolment
	closers   []func() error
}

const (
	apiKey        = "demo-key-of-the-simulator"
	webhookSecret = "wsec_demo_of_the_simulator"
)

// syncEvery is short, so that a demo that stays up shows syncs.
const syncEvery = time.Minute

// Start brings everything up and starts the worker, whose first tick syncs the org. Once that is over its leads are put
// on the campaigns, which Progress shows. Close takes it down again.
func Start(ctx context.Context, o Options) (d *Demo, err error) {
	d = &Demo{Options: o, began: time.Now(), clock: clock.At(weekdayNoon(time.Now())), people: invent(o.Leads, o.Seed)}
	d.org = newOrg(o.Seed, d.clock)
	defer func() {
		if err != nil {
			err = errors.Join(err, d.Close())
		}
	}()
	if err := d.openDatabase(ctx); err != nil {
		return d, err
	}
	if err := d.org.fill(d.people); err != nil {
		return d, fmt.Errorf("filling the sample org: %w", err)
	}
	if err := d.people.insertWorld(ctx, d.DB); err != nil {
		return d, err
	}
	if err := d.startWorker(ctx); err != nil {
		return d, err
	}
	d.startEnrolment(ctx)
	return d, nil
}

// startWorker starts the simulators and the worker between them.
func (d *Demo) startWorker(ctx context.Context) error {
	orgURL, err := d.serve(d.org.sim, "the Salesforce simulator")
	if err != nil {
		return err
	}
	d.config = config.Config{ElevenLabsAPIKey: apiKey, ElevenLabsWebhookSecret: webhookSecret, ElevenLabsMaxConcurrent: d.Concurrent,
		SalesforceClientID: orgClient, SalesforceClientSecret: orgSecret, SalesforceLoginURL: orgURL, SalesforceInterval: syncEvery}
	client, err := d.startSimulator()
	if err != nil {
		return err
	}
	media, err := d.openMedia()
	if err != nil {
		return err
	}
	d.Runtime, err = jobs.New(jobs.Config{
		DB: d.DB, ElevenLabs: client, Storage: media, Salesforce: d.org.config(orgURL), Clock: d.clock, Log: d.Log, Version: d.Version,
		MaxConcurrent: d.Concurrent, Lookback: 48 * time.Hour, SyncBatch: 50, EventsMax: 50, SalesforceInterval: syncEvery,
		PollBase: 300 * time.Millisecond, PollJobs: 150 * time.Millisecond, SoftStop: 10 * time.Second,
	})
	if err != nil {
		return err
	}
	if err := d.Runtime.Start(ctx); err != nil {
		return err
	}
	d.closers = append(d.closers, func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		return d.Runtime.Stop(ctx)
	})
	return nil
}

// serve listens on a free port of this machine until Close, and returns the address.
func (d *Demo) serve(handler http.Handler, what string) (address string, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("listening for %s: %w", what, err)
	}
	srv := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = srv.Serve(listener) }()
	d.closers = append(d.closers, srv.Close)
	return "http://" + listener.Addr().String(), nil
}

func (d *Demo) openDatabase(ctx context.Context) error {
	databaseURL := d.DatabaseURL
	if databaseURL == "" {
		cluster, err := pglocal.Start(ctx, pglocal.Options{Log: d.Log})
		if err != nil {
			return fmt.Errorf("starting a private Postgres: %w", err)
		}
		d.closers = append(d.closers, cluster.Stop)
		databaseURL = cluster.URL("postgres")
	}
	db, err := store.Open(ctx, databaseURL, 0)
	if err != nil {
		return err
	}
	d.DB = db
	d.closers = append(d.closers, func() error { db.Close(); return nil })
	if d.DatabaseURL != "" {
		if err := refuseRealData(ctx, db); err != nil {
			return err
		}
	}
	if _, err := store.Migrate(ctx, db, d.Log); err != nil {
		return fmt.Errorf("migrating the demo database: %w", err)
	}
	return nil
}

// openMedia is a private directory for recordings, gone when the demo ends.
func (d *Demo) openMedia() (*storage.Dir, error) {
	path, err := os.MkdirTemp("", "henk-demo-media-")
	if err != nil {
		return nil, fmt.Errorf("making a directory for recordings: %w", err)
	}
	d.closers = append(d.closers, func() error { return os.RemoveAll(path) })
	media, err := storage.NewDir(path)
	if err != nil {
		return nil, err
	}
	d.closers = append(d.closers, media.Close)
	return media, nil
}

// refuseRealData keeps invented people out of a database that holds real ones.
func refuseRealData(ctx context.Context, db *store.DB) error {
	var exists, holds bool
	if err := db.QueryRow(ctx, "select to_regclass('public.leads') is not null").Scan(&exists); err != nil {
		return fmt.Errorf("looking at the database: %w", err)
	}
	if !exists {
		return nil
	}
	if err := db.QueryRow(ctx, "select exists (select from public.leads)").Scan(&holds); err != nil {
		return fmt.Errorf("looking at the database: %w", err)
	}
	if holds {
		return errors.New("the database in DATABASE_URL holds leads already; the demo puts invented people only into an empty one (unset DATABASE_URL and it brings its own)")
	}
	return nil
}

// startWebhook serves the simulator's webhooks apart from the dashboard, which a demo that runs once does not have.
func (d *Demo) startWebhook() (address string, err error) {
	client, err := jobs.NewInserter(d.DB, d.Log)
	if err != nil {
		return "", err
	}
	d.Webhook = webhook.NewElevenLabs(webhook.Options{DB: d.DB, Client: client, Log: d.Log, Secret: webhookSecret, Now: d.clock.Local})
	return d.serve(d.Webhook, "webhooks")
}

func (d *Demo) startSimulator() (*elevenlabs.Client, error) {
	webhookURL, err := d.startWebhook()
	if err != nil {
		return nil, err
	}
	d.sim = elevenlabssim.New(elevenlabssim.Options{APIKey: apiKey, Seed: d.Seed, Speed: d.Speed, Clock: d.clock.Local, Log: d.Log,
		MaxConcurrent: d.Concurrent, WebhookURL: webhookURL, WebhookSecret: webhookSecret})
	d.closers = append(d.closers, d.sim.Close)
	address, err := d.serve(d.sim, "the ElevenLabs simulator")
	if err != nil {
		return nil, err
	}
	d.config.ElevenLabsBaseURL = address
	return elevenlabs.New(elevenlabs.Config{APIKey: apiKey, BaseURL: address})
}

// Config is the settings of an installation that has the simulators as its providers, for what is made from settings. It
// says nothing of the database, the media, or the web side.
func (d *Demo) Config() *config.Config { c := d.config; return &c }

// Clock is the demo's own time.
func (d *Demo) Clock() clock.Clock { return d.clock }

// Close stops everything in the opposite order of its start.
func (d *Demo) Close() error {
	var errs []error
	for i := len(d.closers) - 1; i >= 0; i-- {
		errs = append(errs, d.closers[i]())
	}
	d.closers = nil
	return errors.Join(errs...)
}

// weekdayNoon is noon in Chicago on the day of t, or on the Monday after a weekend.
func weekdayNoon(t time.Time) time.Time {
	chicago, err := time.LoadLocation("America/Chicago")
	if err != nil {
		panic(err) // the zones are in the binary
	}
	t = t.In(chicago)
	noon := time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, chicago)
	for noon.Weekday() == time.Saturday || noon.Weekday() == time.Sunday {
		noon = noon.AddDate(0, 0, 1)
	}
	return noon
}
