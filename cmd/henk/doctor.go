package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/google/uuid"
	"golang.org/x/term"

	"github.com/callhenk/henk-worker/internal/config"
	"github.com/callhenk/henk-worker/internal/crm"
	"github.com/callhenk/henk-worker/internal/dashboard"
	"github.com/callhenk/henk-worker/internal/doctor"
	"github.com/callhenk/henk-worker/internal/salesforce"
	"github.com/callhenk/henk-worker/internal/storage"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/jobs"
)

// connectWithin bounds the wait for the database, as each check is bounded.
const connectWithin = 5 * time.Second

// doctorCommand looks at everything that calls depend on, and says how to mend what is wrong.
func doctorCommand(ctx context.Context, args []string, out streams) error {
	fs := flags("doctor", "doctor [--json]", "DATABASE_URL=postgres://... ELEVENLABS_API_KEY=... henk doctor", out)
	asJSON := fs.Bool("json", false, "print one JSON document")
	if _, err := parse(fs, args, 0); err != nil {
		return err
	}
	o := doctor.Options{Queues: jobs.Queues()}
	o.Config, o.ConfigErr = config.Load()
	if o.Config.DatabaseURL != "" {
		ctx, cancel := context.WithTimeout(ctx, connectWithin)
		o.DB, o.DBErr = store.Open(ctx, o.Config.DatabaseURL, 4)
		cancel()
	}
	if o.DB != nil {
		defer o.DB.Close()
	}
	o.Storage, o.StorageErr = openStorage(o.Config, slog.New(slog.DiscardHandler))
	checks := doctor.Run(ctx, o)
	for _, s := range strangeSettings(os.Environ()) {
		checks = slices.Insert(checks, 1, doctor.Check{Name: "config", Status: doctor.Warn, Message: s, Mend: "Correct its name, or take it away."})
	}
	failed := doctor.Failed(checks)
	if *asJSON {
		if err := json.NewEncoder(out.stdout).Encode(map[string]any{"ok": !failed, "checks": checks}); err != nil {
			return fmt.Errorf("printing the checks: %w", err)
		}
	} else if err := printChecks(out.stdout, checks, inColour(out.stdout)); err != nil {
		return fmt.Errorf("printing the checks: %w", err)
	}
	if failed {
		return errors.New("not everything is well; the mend stands below each line that says fail")
	}
	return nil
}

// doctorPage runs the same checks for the web side's page, with what this process has at hand.
func doctorPage(cfg *config.Config, db *store.DB, media storage.Store, webOnly bool) func(context.Context) []dashboard.Check {
	return doctorPageOf(doctor.Options{Config: cfg, DB: db, Storage: media, Queues: jobs.Queues(), WebOnly: webOnly})
}

func doctorPageOf(o doctor.Options) func(context.Context) []dashboard.Check {
	return func(ctx context.Context) []dashboard.Check {
		var checks []dashboard.Check
		for _, c := range doctor.Run(ctx, o) {
			checks = append(checks, dashboard.Check{Name: c.Name, Status: c.Status, Message: c.Message, Mend: c.Mend})
		}
		return checks
	}
}

// salesforceQuota asks an integration's org how many requests it has left today.
func salesforceQuota(cfg *config.Config, db *store.DB) func(context.Context, uuid.UUID) (dashboard.Quota, error) {
	return func(ctx context.Context, id uuid.UUID) (dashboard.Quota, error) {
		c, err := crm.Open(ctx, db, id, salesforceConfig(cfg))
		if err != nil {
			return dashboard.Quota{}, err
		}
		defer c.Close()
		limits, err := c.Client.Limits(ctx)
		if err != nil {
			return dashboard.Quota{}, err
		}
		daily := limits[salesforce.LimitDailyAPIRequests]
		return dashboard.Quota{Used: int64(daily.Max - daily.Remaining), Allowed: int64(daily.Max)}, nil
	}
}

// inColour is true on a terminal whose user has not asked for none (no-color.org).
func inColour(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

func printChecks(w io.Writer, checks []doctor.Check, colour bool) error {
	for _, c := range checks {
		status := fmt.Sprintf("%-4s", c.Status)
		if colour {
			status = map[string]string{doctor.OK: "\x1b[32m", doctor.Warn: "\x1b[33m", doctor.Fail: "\x1b[31m"}[c.Status] + status + "\x1b[0m"
		}
		if _, err := fmt.Fprintf(w, "%s  %-11s  %s\n", status, c.Name, c.Message); err != nil {
			return err
		}
		if c.Mend != "" {
			if _, err := fmt.Fprintf(w, "                   -> %s\n", c.Mend); err != nil {
				return err
			}
		}
	}
	return nil
}
