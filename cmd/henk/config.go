package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"text/tabwriter"

	"github.com/callhenk/henk-worker/internal/config"
)

func configCommand(_ context.Context, args []string, out streams) error {
	fs := flags("config", "config [--json]", "henk config", out)
	asJSON := fs.Bool("json", false, "print one JSON document")
	if _, err := parse(fs, args, 0); err != nil {
		return err
	}
	settings := config.Show()
	_, problems := config.Load()
	strange := strangeSettings(os.Environ())
	if *asJSON {
		doc := map[string]any{"settings": settings, "ok": problems == nil, "unknown": strange}
		if problems != nil {
			doc["problems"] = problems.Error()
		}
		if err := json.NewEncoder(out.stdout).Encode(doc); err != nil {
			return fmt.Errorf("printing the settings: %w", err)
		}
		return problems
	}
	w := tabwriter.NewWriter(out.stdout, 0, 0, 2, ' ', 0)
	for _, s := range settings {
		value := s.Value
		if value == "" {
			value = "-"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", s.Name, value, s.Source)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("printing the settings: %w", err)
	}
	for _, s := range strange {
		fmt.Fprintf(out.stderr, "warning: %s\n", s)
	}
	return problems
}
