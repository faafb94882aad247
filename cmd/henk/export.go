package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/leadfile"
)

func exportCommand(ctx context.Context, args []string, out streams) error {
	fs := flags("export", "export (calls|conversations|leads) --campaign ID [--format csv|jsonl] [--out FILE]",
		"henk export conversations --campaign 6f1c... --format jsonl --out spring.jsonl", out)
	campaign := fs.String("campaign", "", "the campaign (campaigns.id)")
	format := fs.String("format", "csv", "csv or jsonl")
	file := fs.String("out", "", "the file to write (default: standard output)")
	words, err := parse(fs, args, 1)
	if err != nil {
		return err
	}
	if len(words) != 1 || (words[0] != "calls" && words[0] != "conversations" && words[0] != "leads") {
		return usagef("name what to export: calls, conversations or leads")
	}
	if *format != "csv" && *format != "jsonl" {
		return usagef("--format must be csv or jsonl")
	}
	id, err := uuid.Parse(*campaign)
	if err != nil {
		return usagef("--campaign must be the id of a campaign (campaigns.id)")
	}
	_, db, _, err := openMigrated(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	bar := newProgressBar(out.stderr, "rows")
	write := func(w io.Writer) (int64, error) {
		return leadfile.Export(ctx, db, w, leadfile.ExportOptions{What: words[0], CampaignID: id, Format: *format,
			Progress: func(done, total int64) { bar.show(done, total, done) }})
	}
	if *file == "" {
		_, err = write(out.stdout)
		bar.clear()
		return err
	}
	n, err := writeWhole(*file, write)
	bar.clear()
	if err != nil {
		return err
	}
	fmt.Fprintf(out.stderr, "%d rows in %s\n", n, *file)
	return nil
}

// writeWhole writes a file that only its owner may read, under its name when it is complete.
func writeWhole(path string, write func(io.Writer) (int64, error)) (n int64, err error) {
	part := path + ".part"
	f, err := os.OpenFile(part, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return 0, fmt.Errorf("opening the file: %w", err)
	}
	if n, err = write(f); err != nil {
		return 0, errors.Join(err, f.Close(), os.Remove(part))
	}
	if err := f.Close(); err != nil {
		return 0, fmt.Errorf("writing the file: %w", err)
	}
	if err := os.Rename(part, path); err != nil {
		return 0, fmt.Errorf("writing the file: %w", err)
	}
	return n, nil
}
