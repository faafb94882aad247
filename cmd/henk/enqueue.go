package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/callhenk/henk-worker/jobs"
)

func enqueueCommand(ctx context.Context, args []string, out streams) error {
	fs := flags("enqueue", "enqueue KIND [--args JSON] [--json]", `henk enqueue plan-campaign --args '{"campaign_id": "..."}'`, out)
	raw := fs.String("args", "{}", "the job's arguments, a JSON object")
	asJSON := fs.Bool("json", false, "print one JSON document")
	words, err := parse(fs, args, 1)
	if err != nil {
		return err
	}
	if len(words) != 1 {
		return usagef("name the kind of job, one of %s", strings.Join(jobs.Kinds(), ", "))
	}
	jobArgs, err := jobs.ParseArgs(words[0], []byte(*raw))
	if err != nil {
		return usageError{err.Error()}
	}
	_, db, log, err := openMigrated(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	client, err := jobs.NewInserter(db, log)
	if err != nil {
		return err
	}
	res, err := client.Insert(ctx, jobArgs, nil)
	if err != nil {
		return fmt.Errorf("inserting %s: %w", words[0], err)
	}
	if *asJSON {
		return json.NewEncoder(out.stdout).Encode(map[string]any{"id": res.Job.ID, "kind": res.Job.Kind, "duplicate": res.UniqueSkippedAsDuplicate})
	}
	if res.UniqueSkippedAsDuplicate {
		fmt.Fprintf(out.stderr, "an equal job is pending already\n")
	}
	fmt.Fprintln(out.stdout, res.Job.ID)
	return nil
}
