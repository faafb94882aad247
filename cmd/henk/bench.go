package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/callhenk/henk-worker/internal/bench"
)

func benchCommand(ctx context.Context, args []string, out streams) error {
	programs := map[string]func(context.Context, bench.Options) (*bench.Result, error){
		"plan": bench.Plan, "dial": bench.Dial, "conversations": bench.Conversations, "salesforce": bench.Salesforce}
	fs := flags("bench", "bench (plan|dial|conversations|salesforce) [--n N] [--json]", "henk bench dial --json", out)
	n := fs.Int("n", 0, "how many to measure; 0 = the benchmark's own default")
	asJSON := fs.Bool("json", false, "print one JSON document")
	words, err := parse(fs, args, 1)
	if err != nil {
		return err
	}
	run := programs[strings.Join(words, "")]
	if run == nil || *n < 0 {
		return usagef("name one of plan, dial, conversations, salesforce (and an --n above 0)")
	}
	r, err := run(ctx, bench.Options{DatabaseURL: os.Getenv("DATABASE_URL"), N: *n,
		Log:      slog.New(slog.NewTextHandler(out.stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
		Progress: func(step string) { fmt.Fprintln(out.stderr, step) }})
	if err != nil {
		return err
	}
	if *asJSON {
		return json.NewEncoder(out.stdout).Encode(r)
	}
	fmt.Fprintf(out.stdout, "%s: %.0f %s (%d in %.2f s); %s in the same run: %.0f %s; ratio %.2f\n",
		r.Name, r.Rate, r.Unit, r.N, r.Seconds, r.Reference.Name, r.Reference.Rate, r.Reference.Unit, r.Ratio)
	fmt.Fprintf(out.stdout, "cpu %.1f s, peak resident %.0f MB, WAL %.0f MB, %v\n", r.CPUSeconds, float64(r.PeakRSSBytes)/1e6, float64(r.WALBytes)/1e6, r.Extra)
	return nil
}
