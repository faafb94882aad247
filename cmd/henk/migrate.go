package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/callhenk/henk-worker/internal/store"
)

func migrateCommand(ctx context.Context, args []string, out streams) error {
	fs := flags("migrate", "migrate [up|status] [--json]", "DATABASE_URL=postgres://... henk migrate", out)
	asJSON := fs.Bool("json", false, "print one JSON document")
	words, err := parse(fs, args, 1)
	if err != nil {
		return err
	}
	action := strings.Join(words, "")
	if action != "" && action != "up" && action != "status" {
		return usagef("%q is neither up nor status", action)
	}
	cfg, db, err := openDatabase(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	if action == "status" {
		st, err := store.MigrationStatus(ctx, db, cfg.Logger())
		if err != nil {
			return err
		}
		if *asJSON {
			return json.NewEncoder(out.stdout).Encode(st)
		}
		for _, name := range st.Applied {
			fmt.Fprintln(out.stdout, "applied ", name)
		}
		for _, name := range st.Pending {
			fmt.Fprintln(out.stdout, "pending ", name)
		}
		return nil
	}
	res, err := store.Migrate(ctx, db, cfg.Logger())
	if err != nil {
		return err
	}
	if *asJSON {
		return json.NewEncoder(out.stdout).Encode(map[string]any{"adopted": res.Adopted,
			"created_tables": append([]string{}, res.CreatedTables...), "applied": append([]string{}, res.Applied...)})
	}
	if res.Adopted {
		fmt.Fprintln(out.stdout, "found an existing Henk database; only additions were made")
	}
	for _, t := range res.CreatedTables {
		fmt.Fprintln(out.stdout, "created  public."+t)
	}
	for _, name := range res.Applied {
		fmt.Fprintln(out.stdout, "applied ", name)
	}
	if len(res.Applied) == 0 {
		fmt.Fprintln(out.stdout, "nothing to do: the schema is current")
	}
	return nil
}
