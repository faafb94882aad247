package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/campaign"
	"github.com/callhenk/henk-worker/internal/clock"
	"github.com/callhenk/henk-worker/internal/store"
)

// explainCommand says what every rule makes of a lead.
func explainCommand(ctx context.Context, args []string, out streams) error {
	fs := flags("explain", "explain --campaign ID --lead ID [--at RFC3339] [--json]",
		"henk explain --campaign 0b2f... --lead 4c1d... --at 2026-11-23T18:00:00Z", out)
	campaignID := idFlag(fs, "campaign", "the campaign's id")
	leadID := idFlag(fs, "lead", "the lead's id (leads.id)")
	at := fs.String("at", "", "judge at this instant, such as 2026-11-23T18:00:00Z; default now")
	asJSON := fs.Bool("json", false, "print one JSON document")
	if _, err := parse(fs, args, 0); err != nil {
		return err
	}
	switch uuid.Nil {
	case *campaignID:
		return usagef("name the campaign with --campaign ID")
	case *leadID:
		return usagef("name the lead with --lead ID")
	}
	when, err := instant(*at)
	if err != nil {
		return err
	}
	cfg, db, _, err := openMigrated(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	if when, err = orNow(ctx, db, when); err != nil {
		return err
	}
	e, err := campaign.Explain(ctx, db, *campaignID, *leadID, when, campaign.Limits{AccountConcurrent: cfg.ElevenLabsMaxConcurrent})
	if err != nil {
		return unknownID(err)
	}
	if *asJSON {
		return json.NewEncoder(out.stdout).Encode(e)
	}
	fmt.Fprintf(out.stdout, "%s at %s", e.Verdict, e.At.Format(time.RFC3339))
	if e.FirstFailing != nil {
		fmt.Fprintf(out.stdout, ", because of %s", *e.FirstFailing)
	}
	fmt.Fprintln(out.stdout)
	for _, v := range e.Rules {
		mark := "ok  "
		if !v.OK {
			mark = "HOLD"
		}
		fmt.Fprintf(out.stdout, "  %s %-16s %s\n", mark, v.Rule, v.Reason)
	}
	writeLog(out.stdout, e)
	fmt.Fprintln(out.stdout, "\nThis is what the program judges by, not legal advice. --json shows the inputs.")
	return nil
}

// writeLog prints what the decision log says of the lead.
func writeLog(w io.Writer, e *campaign.Explanation) {
	fmt.Fprintln(w, "\nDecision log, the latest first:")
	if len(e.Log.Decisions) == 0 {
		fmt.Fprintln(w, "  nothing so far: no rule of the lead's own has held it, and it was not called")
	}
	for _, d := range e.Log.Decisions {
		says := d.Verdict
		if d.FirstFailing != nil {
			says += " " + *d.FirstFailing
		}
		fmt.Fprintf(w, "  %s  %-8s  %s\n", d.At.Format(time.RFC3339), d.About, says)
	}
	mark := ""
	if e.Log.Agrees != nil && !*e.Log.Agrees {
		mark = "DISAGREES: "
	}
	fmt.Fprintf(w, "  %s%s\n", mark, e.Log.Note)
}

// unknownID says what to do about an id that is not there.
func unknownID(err error) error {
	switch {
	case errors.Is(err, campaign.ErrNotFound):
		return errors.New("there is no campaign with this id; look it up in public.campaigns")
	case errors.Is(err, campaign.ErrNotInCampaign):
		return errors.New("the lead is not in this campaign; public.campaign_leads lists those that are, by lead_id")
	}
	return err
}

// idFlag is a flag that holds a UUID.
func idFlag(fs *flag.FlagSet, name, usage string) *uuid.UUID {
	id := new(uuid.UUID)
	fs.Func(name, usage, func(s string) error {
		parsed, err := uuid.Parse(s)
		if err != nil {
			return errors.New("must be a UUID such as 6f9619ff-8b86-4011-b42d-00cf4fc964ff")
		}
		*id = parsed
		return nil
	})
	return id
}

// instant reads --at; zero when it is empty.
func instant(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, usagef("--at must be a time with its zone, such as 2026-11-23T18:00:00Z or 2026-11-23T12:00:00-06:00")
	}
	return t.UTC(), nil
}

// orNow is t, or what the database's clock shows.
func orNow(ctx context.Context, db *store.DB, t time.Time) (time.Time, error) {
	if !t.IsZero() {
		return t, nil
	}
	return clock.Clock{}.Now(ctx, db)
}
