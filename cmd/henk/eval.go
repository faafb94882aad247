package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/callhenk/henk-worker/internal/outcome"
)

const evalHelp = `henk eval outcomes --file calls.jsonl

CASES.jsonl holds one call a line; label and amount (in dollars) may be left out:
  {"id":"1","messages":[{"role":"agent","content":"Could you give twenty dollars?"},{"role":"user","content":"Sure."}],"label":"pledged","amount":20}
label is an outcome (pledged, donated, interested, not_interested, callback_requested, voicemail_left, wrong_number,
do_not_call, unknown) or, where no more is known, commitment, refusal or no_decision. docs/outcomes.md explains the figures.`

// evalCommand runs the outcome rules over labelled, or unlabelled, calls. It needs no database and no settings.
func evalCommand(ctx context.Context, args []string, out streams) error {
	fs := flags("eval", "eval outcomes --file CASES.jsonl [--json]", evalHelp, out)
	file := fs.String("file", "", "the calls, one JSON object a line; - reads standard input")
	asJSON := fs.Bool("json", false, "print one JSON document")
	words, err := parse(fs, args, 1)
	if err != nil {
		return err
	}
	if len(words) != 1 || words[0] != "outcomes" {
		return usagef("name what to evaluate: outcomes")
	}
	if *file == "" {
		return usagef("name the calls with --file CASES.jsonl, or --file - for standard input")
	}
	cases, err := readCases(*file)
	if err != nil {
		return err
	}
	start := time.Now()
	progress := evalProgress(out.stderr, len(cases))
	report := outcome.EvaluateEach(cases, func(done int) error {
		progress(done)
		return ctx.Err()
	})
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("stopped after %d of %d calls: %w", len(report.Cases), len(cases), err)
	}
	took := time.Since(start)
	if *asJSON {
		if err := json.NewEncoder(out.stdout).Encode(report); err != nil {
			return fmt.Errorf("printing the report: %w", err)
		}
		return nil
	}
	if err := report.WriteText(out.stdout); err != nil {
		return err
	}
	fmt.Fprintf(out.stdout, "\n%d calls read in %s, %.0f a second\n", len(cases), took.Round(time.Millisecond), float64(len(cases))/took.Seconds())
	return nil
}

func readCases(file string) ([]outcome.Case, error) {
	in := io.Reader(os.Stdin)
	if file == "-" {
		file = "standard input"
	} else {
		f, err := os.Open(file)
		if err != nil {
			return nil, fmt.Errorf("opening the calls: %w", err)
		}
		defer func() { _ = f.Close() }()
		in = f
	}
	cases, err := outcome.ReadCases(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(cases) == 0 {
		return nil, fmt.Errorf(`%s holds no calls: write one JSON object a line, {"id":"1","messages":[{"role":"user","content":".."}]}`, file)
	}
	return cases, nil
}

// evalProgress draws a bar on a terminal, and only when the reading takes a second or more.
func evalProgress(w io.Writer, total int) func(done int) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return func(int) {}
	}
	start, last := time.Now(), time.Now()
	drawn := false
	return func(done int) {
		now := time.Now()
		switch {
		case done == total && drawn:
			fmt.Fprintf(w, "\r\033[K")
		case now.Sub(start) > time.Second && now.Sub(last) > 100*time.Millisecond:
			last, drawn = now, true
			fmt.Fprintf(w, "\r%d of %d calls (%d%%)", done, total, done*100/total)
		}
	}
}
