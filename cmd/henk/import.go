package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/user"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/lead"
	"github.com/callhenk/henk-worker/internal/leadfile"
	"github.com/callhenk/henk-worker/internal/store"
)

const importHelp = `henk import leads donors.csv --business 6f1c... --list "Spring donors"
         henk import dnc do-not-call.txt --list federal

leads: a CSV file whose first line names the columns, as phone, mobile_phone, email, first_name, last_name, source_id,
state, postal_code, timezone, do_not_call or what is usual for them; others with --map "Donor phone=phone". Fields: ` + "%s" + `.
dnc: one number a line in any usual form, AAA,NNNNNNN, or CSV with a column phone. The file replaces the list of that name
at once, when all of it has been read; without --business the list holds for every business.
FILE - is standard input. Lines that cannot be taken are kept in FILE.rejects.csv with their number and the reason.`

// importArgs are what both imports have.
type importArgs struct {
	file, list, source, rejects, expires string
	business                             *uuid.UUID
	columns                              map[string]string
	force, asJSON                        bool
}

func importCommand(ctx context.Context, args []string, out streams) error {
	a := importArgs{columns: map[string]string{}}
	fs := flags("import", "import (leads|dnc) FILE [--business ID] [--list NAME] [--json]", fmt.Sprintf(importHelp, strings.Join(leadfile.FieldNames(), ", ")), out)
	business := fs.String("business", "", "the business whose leads or list they are; leads need it")
	fs.StringVar(&a.list, "list", "", "the list's name; leads need one, numbers go to the list "+leadfile.DefaultList)
	fs.StringVar(&a.source, "source", "", "leads: whose ids source_id holds (default csv); dnc: where the file comes from (default its name)")
	fs.StringVar(&a.rejects, "rejects", "", "where lines that cannot be taken are kept (default FILE.rejects.csv)")
	fs.StringVar(&a.expires, "expires", "", "dnc: the last day of the list, as 2026-12-31 (default: until it is replaced)")
	fs.BoolVar(&a.force, "force", false, "dnc: also if the list shrinks to less than half")
	fs.BoolVar(&a.asJSON, "json", false, "print the report as one JSON document")
	fs.Func("map", "leads: COLUMN=FIELD, or COLUMN=- to leave one out; may be repeated", func(s string) error {
		column, field, ok := strings.Cut(s, "=")
		if !ok {
			return errors.New("write COLUMN=FIELD")
		}
		a.columns[column] = field
		return nil
	})
	words, err := parse(fs, args, 2)
	if err != nil {
		return err
	}
	if len(words) != 2 || (words[0] != "leads" && words[0] != "dnc") {
		return usagef("name what to import, leads or dnc, and the file")
	}
	if *business != "" {
		id, err := uuid.Parse(*business)
		if err != nil {
			return usagef("--business must be the id of a business (businesses.id)")
		}
		a.business = &id
	}
	a.file = words[1]
	if words[0] == "leads" {
		return importLeads(ctx, a, out)
	}
	return importNumbers(ctx, a, out)
}

func importLeads(ctx context.Context, a importArgs, out streams) error {
	if a.business == nil || strings.TrimSpace(a.list) == "" {
		return usagef("leads need --business ID and --list NAME")
	}
	return a.run(ctx, out, "rows", func(db *store.DB, in io.Reader, rejects io.Writer, progress leadfile.Progress) (any, string, []leadfile.Problem, error) {
		r, err := leadfile.ImportLeads(ctx, db, in, leadfile.LeadOptions{BusinessID: *a.business, List: a.list, Source: a.source, Map: a.columns,
			Rejects: rejects, Progress: progress})
		if r == nil {
			return nil, "", nil, err
		}
		var unused []string
		for _, c := range r.Columns {
			if c.Field == "" && c.Name != "" {
				unused = append(unused, c.Name)
			}
		}
		text := fmt.Sprintf("%d rows: %d leads created, %d updated, %d as they were, %d rows joined to another of the same person, %d rejected; %d new on list %q\n",
			r.Rows, r.Created, r.Updated, r.Unchanged, r.Joined, r.Rejected, r.Listed, a.list)
		text += fmt.Sprintf("do not call %d, without a number that can be called %d, texts cut or left out %d\n", r.DoNotCall, r.Undialable, r.Noted)
		if len(unused) > 0 {
			text += "columns not used: " + strings.Join(unused, ", ") + "\n"
		}
		return r, text, r.Problems, err
	})
}

func importNumbers(ctx context.Context, a importArgs, out streams) error {
	o := leadfile.SuppressionOptions{BusinessID: a.business, List: a.list, Source: a.source, By: whoAmI(), Force: a.force}
	if a.expires != "" {
		at, err := leadfile.ParseExpiry(a.expires)
		if err != nil {
			return usageError{"--expires: " + err.Error()}
		}
		if !at.After(time.Now()) {
			return usagef("--expires %s is over already: the list would hold nobody back", a.expires)
		}
		o.ExpiresAt = &at
	}
	if len(a.columns) > 0 {
		return usagef("--map is for leads; name the column of numbers phone")
	}
	if o.Source == "" {
		o.Source = sourceName(a.file)
	}
	return a.run(ctx, out, "lines", func(db *store.DB, in io.Reader, rejects io.Writer, progress leadfile.Progress) (any, string, []leadfile.Problem, error) {
		o.Rejects, o.Progress = rejects, progress
		began := time.Now()
		r, err := leadfile.ImportSuppressions(ctx, db, in, o)
		if r == nil || err != nil {
			if errors.Is(err, context.Canceled) {
				err = fmt.Errorf("the list stays as it was: %w", err)
			}
			var problems []leadfile.Problem
			if r != nil {
				problems = r.Problems
			}
			return nil, "", problems, err
		}
		took := time.Since(began)
		text := fmt.Sprintf("%d lines in %.1f s (%.0f a second): list %q version %d is in force with %d numbers; %d repeated, %d rejected\n",
			r.Lines, took.Seconds(), float64(r.Lines)/max(took.Seconds(), 0.001), r.List, r.Version, r.Numbers, r.Repeated, r.Rejected)
		bar := newProgressBar(out.stderr, "taking away the numbers that were replaced")
		_, err = lead.RemoveReplaced(ctx, db, func(done float64) { bar.show(int64(done*100), 100, -1) })
		bar.clear()
		if err != nil {
			err = fmt.Errorf("the list is in force, but numbers of the version before are left in the table until the next import: %w", err)
		}
		return r, text, r.Problems, err
	})
}

// importFunc imports and returns the report, its text and the first problems.
type importFunc func(db *store.DB, in io.Reader, rejects io.Writer, progress leadfile.Progress) (any, string, []leadfile.Problem, error)

func (a importArgs) run(ctx context.Context, out streams, what string, do importFunc) error {
	f, err := openSteady(ctx, a.file)
	if err != nil {
		return err
	}
	defer f.Close()
	_, db, _, err := openMigrated(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	if a.rejects, err = rejectsPath(a.rejects, f); err != nil {
		return err
	}
	rejects := &lateFile{path: a.rejects}
	bar := newProgressBar(out.stderr, what)
	report, text, problems, err := do(db, f, rejects, func(bytes, lines int64) { bar.show(bytes, f.size(), lines) })
	bar.clear()
	err = errors.Join(err, rejects.close())
	if len(problems) > 0 {
		for _, p := range problems {
			fmt.Fprintf(out.stderr, "line %d: %s\n", p.Line, p.Reason)
		}
		if rejects.f != nil {
			fmt.Fprintf(out.stderr, "All rejected lines are in %s\n", a.rejects)
		}
	}
	if report != nil && a.asJSON {
		if err := json.NewEncoder(out.stdout).Encode(report); err != nil {
			return fmt.Errorf("printing the report: %w", err)
		}
	} else if report != nil {
		fmt.Fprint(out.stdout, text)
	}
	return err
}

// whoAmI names the person at the keyboard, for the list's record.
func whoAmI() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "command line"
}
