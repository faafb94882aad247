package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/callhenk/henk-worker/internal/config"
	"github.com/callhenk/henk-worker/internal/crm"
	"github.com/callhenk/henk-worker/internal/secret"
)

// secretsCommand changes the key that integrations' credentials are sealed with, in place and beside running workers.
func secretsCommand(ctx context.Context, args []string, out streams) error {
	fs := flags("secrets", "secrets rotate [--dry-run] [--json]",
		secret.Variable+"=new "+secret.PreviousVariable+"=old henk secrets rotate --dry-run", out)
	dryRun := fs.Bool("dry-run", false, "show what would be done, and change nothing")
	asJSON := fs.Bool("json", false, "print one JSON document")
	words, err := parse(fs, args, 1)
	if err != nil {
		return err
	}
	if len(words) == 0 || words[0] != "rotate" {
		return usagef("say what to do with them: henk secrets rotate")
	}
	cfg, err := config.Load()
	if err != nil {
		return fmt.Errorf("the environment has settings that cannot be used:\n%w", err)
	}
	if cfg.Keys == nil { // before anything is connected to
		return fmt.Errorf("%s is not set; make a key with: %s", secret.Variable, secret.Generate)
	}
	_, db, _, err := openMigrated(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	results, err := crm.RotateCredentials(ctx, db, cfg.Keys, *dryRun)
	if err != nil {
		return err
	}
	failed := 0
	for _, r := range results {
		if r.State == crm.SecretFailed {
			failed++
		}
	}
	if *asJSON {
		doc := map[string]any{"ok": failed == 0, "dry_run": *dryRun, "key": cfg.Keys.Current(), "integrations": results}
		if err := json.NewEncoder(out.stdout).Encode(doc); err != nil {
			return fmt.Errorf("printing the result: %w", err)
		}
	} else if err := printSecrets(out.stdout, results, cfg.Keys.Current(), *dryRun); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("the credentials of %d integration(s) could not be opened and were left as they are", failed)
	}
	return nil
}

func printSecrets(to io.Writer, results []crm.SecretResult, key string, dryRun bool) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	for _, r := range results {
		from := r.From
		if from == "" {
			from = "-"
		}
		fmt.Fprintf(w, "%s\t%s\tkey %s\t%s\n", r.IntegrationID, r.State, from, r.Problem)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("printing the result: %w", err)
	}
	verb := "are"
	if dryRun {
		verb = "would be"
	}
	fmt.Fprintf(to, "The credentials of Salesforce integrations %s sealed with key %s.\n", verb, key)
	return nil
}
