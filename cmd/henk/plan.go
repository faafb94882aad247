package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/campaign"
)

const planExample = `henk plan --campaign 0b2f... --at 2026-11-24T17:00:00Z
         henk plan --campaign 0b2f... --diff daily_call_cap=200 --diff legal_day=09:00-20:00`

// planDiff is what changed settings would do to a plan.
type planDiff struct {
	Changes  []string               `json:"changes"`
	Added    []uuid.UUID            `json:"would_call_added"`
	Removed  []uuid.UUID            `json:"would_call_removed"`
	Quota    campaign.Quota         `json:"quota"`
	HeldBack map[string]int64       `json:"held_back"`
	Callable []campaign.QuarterHour `json:"callable"`
}

// planCommand says what a tick would do, changing nothing.
func planCommand(ctx context.Context, args []string, out streams) error {
	fs := flags("plan", "plan --campaign ID [--at RFC3339] [--diff KEY=VALUE ...] [--json]", planExample, out)
	id := idFlag(fs, "campaign", "the campaign's id")
	at := fs.String("at", "", "plan for this instant, such as 2026-11-24T17:00:00Z; default now")
	var changes []string
	fs.Func("diff", "compare with a changed column of the campaign or calling setting, key=value; may be repeated", func(s string) error {
		changes = append(changes, s)
		return nil
	})
	asJSON := fs.Bool("json", false, "print one JSON document")
	words, err := parse(fs, args, 64)
	if err != nil {
		return err
	}
	if len(words) > 0 && len(changes) == 0 {
		return usagef("too many arguments: %s", strings.Join(words, " "))
	}
	changes = append(changes, words...) // --diff a=1 b=2
	if *id == uuid.Nil {
		return usagef("name the campaign with --campaign ID")
	}
	for _, c := range changes {
		if key, _, ok := strings.Cut(c, "="); !ok || key == "" {
			return usagef("--diff takes key=value, such as daily_call_cap=200")
		}
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
	limits := campaign.Limits{AccountConcurrent: cfg.ElevenLabsMaxConcurrent}
	p, err := campaign.PlanOnPaper(ctx, db, *id, when, limits, nil)
	if err != nil {
		return unknownID(err)
	}
	var diff *planDiff
	if len(changes) > 0 {
		changed, err := campaign.PlanOnPaper(ctx, db, *id, when, limits, func(c *campaign.Campaign) error {
			for _, change := range changes {
				if err := c.Change(change); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return unknownID(err)
		}
		diff = comparePlans(p, changed, changes)
	}
	if *asJSON {
		return json.NewEncoder(out.stdout).Encode(struct {
			*campaign.Preview
			Diff *planDiff `json:"diff,omitempty"`
		}{p, diff})
	}
	writePlan(out.stdout, p, diff)
	return nil
}

func comparePlans(before, after *campaign.Preview, changes []string) *planDiff {
	d := &planDiff{Changes: changes, Added: []uuid.UUID{}, Removed: []uuid.UUID{}, Quota: after.Quota, HeldBack: after.HeldBack, Callable: after.Callable}
	missing := func(from, in []campaign.PlannedCall) []uuid.UUID {
		have := map[uuid.UUID]bool{}
		for _, c := range in {
			have[c.LeadID] = true
		}
		found := []uuid.UUID{}
		for _, c := range from {
			if !have[c.LeadID] {
				found = append(found, c.LeadID)
			}
		}
		return found
	}
	d.Added, d.Removed = missing(after.WouldCall, before.WouldCall), missing(before.WouldCall, after.WouldCall)
	return d
}

func writePlan(w io.Writer, p *campaign.Preview, diff *planDiff) {
	fmt.Fprintf(w, "At %s the plan would call %d leads (%d of %d calls are left today).\n", p.At.Format(time.RFC3339), len(p.WouldCall), p.Quota.Remaining, max(p.Quota.Cap, 0))
	for _, c := range p.WouldCall[:min(len(p.WouldCall), 20)] {
		fmt.Fprintf(w, "  %4d  %s  window closes %s\n", c.Rank, c.LeadID, c.WindowClosesAt.Format(time.RFC3339))
	}
	if more := len(p.WouldCall) - 20; more > 0 {
		fmt.Fprintf(w, "        and %d more\n", more)
	}
	if p.Expected.BasedOn > 0 {
		fmt.Fprintf(w, "Expected: %.1f minutes and a cost of %.2f, by the latest %d calls.\n", p.Expected.Minutes, p.Expected.Cost, p.Expected.BasedOn)
	}
	fmt.Fprintf(w, "Retry was understood as: %s.\n", p.RetryUnderstood)
	fmt.Fprintln(w, "Held back:")
	writeCounts(w, p.HeldBack)
	if len(p.Callable) > 0 {
		fmt.Fprintln(w, "Become callable, by quarter hour:")
		for _, q := range p.Callable[:min(len(p.Callable), 24)] {
			fmt.Fprintf(w, "  %s  %d\n", q.At.Format(time.RFC3339), q.Leads)
		}
	}
	if len(p.Never) > 0 {
		fmt.Fprintln(w, "Never, however long one waits:")
		for _, n := range p.Never[:min(len(p.Never), 12)] {
			fmt.Fprintf(w, "  %6d  %s: %s\n", n.Leads, n.Rule, n.Reason)
		}
	}
	for _, column := range slices.Sorted(maps.Keys(p.Unlock)) {
		u := p.Unlock[column]
		fmt.Fprintf(w, "With leads.%s: %d leads could be placed, %d could have longer hours.\n", column, u.Callable, u.Longer)
	}
	if diff != nil {
		fmt.Fprintf(w, "With %s: %d leads more, %d fewer. Held back:\n", strings.Join(diff.Changes, ", "), len(diff.Added), len(diff.Removed))
		writeCounts(w, diff.HeldBack)
	}
	fmt.Fprintln(w, p.Notice)
}

func writeCounts(w io.Writer, counts map[string]int64) {
	for _, rule := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(w, "  %6d  %s\n", counts[rule], rule)
	}
}
