package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/calltime"
	"github.com/callhenk/henk-worker/internal/campaign"
)

const auditExample = `henk audit --since 2026-01-01
         henk audit --since 2026-01-01 --pack new-rules.csv --json > refused.json

Without --pack the program's own rules judge, with what is known today of zones and suppressions. A pack is written like
internal/calltime/packs/us.csv of the source.`

// auditCommand judges past calls by another rule pack, or by what is known today.
func auditCommand(ctx context.Context, args []string, out streams) error {
	fs := flags("audit", "audit --since DATE [--pack FILE] [--campaign ID] [--json]", auditExample, out)
	since := fs.String("since", "", "the first day, as 2026-01-01 (by UTC), or an instant such as 2026-01-01T00:00:00Z")
	packFile := fs.String("pack", "", "a rule pack to judge by; default the program's own")
	campaignID := idFlag(fs, "campaign", "only calls of this campaign")
	asJSON := fs.Bool("json", false, "print one JSON document")
	if _, err := parse(fs, args, 0); err != nil {
		return err
	}
	o := campaign.AuditOptions{}
	var err error
	if o.Since, err = auditSince(*since); err != nil {
		return err
	}
	if *campaignID != uuid.Nil {
		o.CampaignID = campaignID
	}
	version := calltime.CurrentPack().Version
	if *packFile != "" {
		if o.Pack, err = readPackFile(*packFile); err != nil {
			return err
		}
		version = o.Pack.Version
	}
	_, db, _, err := openMigrated(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	bar := newProgressBar(out.stderr, "calls judged")
	o.Progress = func(done, all int64) { bar.show(done, all, done) }
	w := auditWriter{out: out.stdout, bar: bar, json: *asJSON}
	w.begin(o.Since, version)
	report, err := campaign.Audit(ctx, db, o, w.refused)
	bar.clear()
	if err != nil {
		return err
	}
	return w.end(report, version)
}

func auditSince(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, usagef("say from which day on with --since DATE, such as --since 2026-01-01")
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, usagef("--since must be a day such as 2026-01-01, or an instant such as 2026-01-01T00:00:00Z")
}

func readPackFile(path string) (*calltime.Pack, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("opening the rule pack: %w", err)
	}
	pack, err := calltime.ReadPack(string(data))
	if err != nil {
		return nil, fmt.Errorf("the rule pack %s cannot be used: %w", path, err)
	}
	return pack, nil
}

// auditWriter writes calls as they are found: there may be many.
type auditWriter struct {
	out  io.Writer
	bar  *progressBar
	json bool
	any  bool
	err  error
}

func (w *auditWriter) print(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.out, format, args...)
	}
}

func (w *auditWriter) begin(since time.Time, version string) {
	if w.json {
		w.print(`{"since":%q,"rule_pack":%q,"refused":[`, since.Format(time.RFC3339), version)
	}
}

func (w *auditWriter) refused(r campaign.Refused) error {
	w.bar.clear()
	if !w.json {
		w.print("%s  attempt %s  campaign %s  lead %s\n", r.DialingAt.Format(time.RFC3339), r.AttemptID, r.CampaignID, r.LeadID)
		for _, f := range r.Failing {
			w.print("    %-13s %s\n", f.Rule, f.Reason)
		}
		return w.err
	}
	data, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("printing a call: %w", err)
	}
	if w.any {
		w.print(",")
	}
	w.any = true
	w.print("\n%s", data)
	return w.err
}

func (w *auditWriter) end(report campaign.AuditReport, version string) error {
	if w.json {
		summary, err := json.Marshal(report.ByRule)
		if err != nil {
			return fmt.Errorf("printing the summary: %w", err)
		}
		w.print("],\n\"judged\":%d,\"refused_count\":%d,\"by_rule\":%s}\n", report.Judged, report.Refused, summary)
		return w.err
	}
	var parts []string
	for _, rule := range slices.Sorted(maps.Keys(report.ByRule)) {
		parts = append(parts, fmt.Sprintf("%d %s", report.ByRule[rule], rule))
	}
	w.print("%d calls were judged by the rule pack %s: %d would have been refused", report.Judged, version, report.Refused)
	if parts != nil {
		w.print(" (%s)", strings.Join(parts, ", "))
	}
	w.print(".\nThis is what the program judges by, not legal advice.\n")
	return w.err
}
