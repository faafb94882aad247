package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/config"
	"github.com/callhenk/henk-worker/internal/crm"
	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/salesforce"
	"github.com/callhenk/henk-worker/internal/storage"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/webhook"
	"github.com/callhenk/henk-worker/jobs"
)

// openDatabase loads the settings and connects.
func openDatabase(ctx context.Context) (*config.Config, *store.DB, error) {
	return openTraced(ctx, nil)
}

// openTraced is openDatabase with a tracer that sees each query; nil = none.
func openTraced(ctx context.Context, tracer pgx.QueryTracer) (*config.Config, *store.DB, error) {
	cfg, err := config.Load()
	if err != nil {
		return nil, nil, fmt.Errorf("the environment has settings that cannot be used:\n%w", err)
	}
	if cfg.DatabaseURL == "" {
		return nil, nil, errors.New("DATABASE_URL is not set; set it to your Postgres, or run `henk demo`, which brings its own")
	}
	db, err := store.OpenTraced(ctx, cfg.DatabaseURL, 0, tracer)
	if err != nil {
		return nil, nil, err
	}
	return cfg, db, nil
}

// openMigrated refuses a database whose schema is not this binary's.
func openMigrated(ctx context.Context) (*config.Config, *store.DB, *slog.Logger, error) {
	return openMigratedTraced(ctx, nil)
}

func openMigratedTraced(ctx context.Context, tracer pgx.QueryTracer) (*config.Config, *store.DB, *slog.Logger, error) {
	cfg, db, err := openTraced(ctx, tracer)
	if err != nil {
		return nil, nil, nil, err
	}
	log := cfg.Logger()
	if err := store.CheckSchema(ctx, db, log); err != nil {
		db.Close()
		return nil, nil, nil, err
	}
	return cfg, db, log, nil
}

// newRuntime wires a worker process from the settings.
func newRuntime(ctx context.Context, cfg *config.Config, db *store.DB, log *slog.Logger, queues []string, o *observer) (*jobs.Runtime, error) {
	if err := refuseBesideCron(ctx, db); err != nil {
		return nil, err
	}
	var client *elevenlabs.Client
	if cfg.ElevenLabsAPIKey == "" {
		log.Warn("ELEVENLABS_API_KEY is not set: nothing is dialed and no conversation is brought back")
	} else {
		var err error
		client, err = elevenlabs.New(elevenlabs.Config{APIKey: cfg.ElevenLabsAPIKey, BaseURL: cfg.ElevenLabsBaseURL, Observe: o.provider("elevenlabs")})
		if err != nil {
			return nil, err
		}
	}
	media, err := openStorage(cfg, log)
	if err != nil {
		return nil, err
	}
	c := jobs.Config{
		DB: db, ElevenLabs: client, Storage: media, Salesforce: salesforceConfig(cfg), Log: log, Version: version(),
		MaxConcurrent: cfg.ElevenLabsMaxConcurrent, CallsPerSecond: cfg.ElevenLabsCallsPerSecond,
		Lookback: cfg.ConversationLookback, SyncBatch: cfg.ConversationBatchLimit, EventsMax: cfg.ConversationEventsBatch,
		CampaignInterval: cfg.CampaignInterval, ConversationInterval: cfg.ConversationInterval, SalesforceInterval: cfg.SalesforceInterval, Queues: queues,
	}
	o.watchJobs(&c)
	return jobs.New(c)
}

// salesforceConfig is what all Salesforce integrations share.
func salesforceConfig(cfg *config.Config) crm.Config {
	return crm.Config{
		ClientID: cfg.SalesforceClientID, ClientSecret: salesforce.NewSecret(cfg.SalesforceClientSecret), LoginURL: cfg.SalesforceLoginURL,
		APIVersion: cfg.SalesforceAPIVersion, Keys: cfg.Keys, MaxRecords: cfg.MaxRecordsPerSync,
	}
}

// newWebhook wires the webhook's handler. Behind a transaction pooler workers are not told of new jobs and look at their
// queues once a second; there an event is taken in by the process that receives it. rt is its worker, if it has one.
func newWebhook(cfg *config.Config, db *store.DB, log *slog.Logger, client *jobs.Client, rt *jobs.Runtime) (*webhook.ElevenLabs, error) {
	if cfg.ElevenLabsWebhookSecret == "" {
		log.Warn("ELEVENLABS_WEBHOOK_SECRET is not set: webhooks are refused, and conversations come back by polling alone")
	}
	o := webhook.Options{DB: db, Client: client, Log: log, Secret: cfg.ElevenLabsWebhookSecret, MaxBody: cfg.WebhookMaxBody}
	if db.Pooled {
		if rt == nil { // never started: it lends its ways of writing
			media, err := openStorage(cfg, log) // only whether there is one: then a recording that a webhook tells of is fetched
			if err != nil {
				return nil, err
			}
			if rt, err = jobs.New(jobs.Config{DB: db, Storage: media, Log: log, Version: version(), EventsMax: cfg.ConversationEventsBatch}); err != nil {
				return nil, err
			}
		}
		o.Apply = rt.ApplyWebhook
	}
	return webhook.NewElevenLabs(o), nil
}

// openStorage chooses where recordings and speech go: Supabase, else a directory, else nowhere (nil), and then
// recordings stay with the provider and no speech is made. There is no directory by default: in a container it would be
// gone with the next release.
func openStorage(cfg *config.Config, log *slog.Logger) (storage.Store, error) {
	switch {
	case cfg.SupabaseURL != "" && cfg.SupabaseServiceRoleKey != "":
		s, err := storage.NewSupabase(storage.SupabaseConfig{URL: cfg.SupabaseURL, Key: cfg.SupabaseServiceRoleKey})
		if err != nil {
			return nil, err
		}
		return s, nil
	case cfg.MediaDir != "":
		d, err := storage.NewDir(cfg.MediaDir)
		if err != nil {
			return nil, err
		}
		return d, nil
	}
	log.Warn("No storage is set (SUPABASE_URL with SUPABASE_SERVICE_ROLE_KEY, or HENK_MEDIA_DIR): recordings stay with ElevenLabs, and no speech is made")
	return nil, nil
}

// refuseBesideCron: the functions we replace and we would both call the same people.
func refuseBesideCron(ctx context.Context, db *store.DB) error {
	left, err := store.CronLeftovers(ctx, db)
	if err != nil {
		return err
	}
	if len(left) == 0 {
		return nil
	}
	return fmt.Errorf("pg_cron still runs what this worker replaces (%v), and people would be called twice; "+
		"remove each with: select cron.unschedule('NAME')", left)
}
