package store

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/migrations"
)

// IncompatibleError lists, in plain words, what an existing Henk database lacks.
type IncompatibleError struct{ Problems []string }

func (e *IncompatibleError) Error() string {
	return "this database cannot be adopted as it is; nothing was changed:\n  - " + strings.Join(e.Problems, "\n  - ") +
		"\nbring the web app's own migrations up to date and run `henk migrate` again"
}

// refuseIncompatible checks the shared types and tables that are there, before anything is changed.
func refuseIncompatible(ctx context.Context, db *DB) error {
	have, err := readSchema(ctx, db)
	if err != nil {
		return err
	}
	if problems := parseShared(migrations.SharedTypes, migrations.SharedTables).missingFrom(have); len(problems) > 0 {
		return &IncompatibleError{Problems: problems}
	}
	return nil
}

// createShared creates the shared types and tables that are missing.
func createShared(ctx context.Context, db *DB, res *MigrateResult) error {
	have, err := readSchema(ctx, db)
	if err != nil {
		return err
	}
	want := parseShared(migrations.SharedTypes, migrations.SharedTables)
	ours, err := tableExists(ctx, db, "henk", "campaign_state")
	if err != nil {
		return err
	}
	res.Adopted = have.tables["campaigns"] != nil && !ours
	return pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		for _, s := range want.statements {
			exists := have.enums[s.name] != nil
			if s.kind != "type" {
				exists = have.tables[s.name] != nil
			}
			if exists {
				continue
			}
			if _, err := tx.Exec(ctx, s.sql); err != nil {
				return fmt.Errorf("creating %s public.%s: %w", s.kind, s.name, err)
			}
			if s.kind != "table" {
				continue
			}
			// PostgREST would serve a table of schema public to anybody; the worker, its owner, is not bound by it.
			if _, err := tx.Exec(ctx, "alter table public."+s.name+" enable row level security"); err != nil {
				return fmt.Errorf("enabling row level security on public.%s: %w", s.name, err)
			}
			res.CreatedTables = append(res.CreatedTables, s.name)
		}
		return nil
	})
}

// sharedSchema is a set of enum types with their labels and of tables with their columns' types.
type sharedSchema struct {
	enums      map[string][]string
	tables     map[string]map[string]string
	statements []sharedStatement
}

type sharedStatement struct{ kind, name, sql string }

var (
	createType  = regexp.MustCompile(`(?s)^create type public\.(\w+) as enum \((.*)\)$`)
	createTable = regexp.MustCompile(`(?s)^create table if not exists public\.(\w+) \((.*)\)(?: with \(\w+ = \w+\))?$`)
	createIndex = regexp.MustCompile(`(?s)^create unique index if not exists \w+ on public\.(\w+) `)
	columnLine  = regexp.MustCompile(`^    (\w+) ([\w.]+(?: with time zone)?)`)
	sqlComment  = regexp.MustCompile(`(?m)^--.*$`)
)

// parseShared reads the embedded files, whose form is plain: one statement a block, one column a line.
func parseShared(types, tables string) *sharedSchema {
	s := &sharedSchema{enums: map[string][]string{}, tables: map[string]map[string]string{}}
	for stmt := range strings.SplitSeq(sqlComment.ReplaceAllString(types+"\n"+tables, ""), ";\n") {
		stmt = strings.TrimSpace(stmt)
		switch {
		case stmt == "":
		case createType.MatchString(stmt):
			m := createType.FindStringSubmatch(stmt)
			for label := range strings.SplitSeq(m[2], ", ") {
				s.enums[m[1]] = append(s.enums[m[1]], strings.Trim(label, "'"))
			}
			s.statements = append(s.statements, sharedStatement{"type", m[1], stmt})
		case createTable.MatchString(stmt):
			m := createTable.FindStringSubmatch(stmt)
			s.tables[m[1]] = parseColumns(m[2])
			s.statements = append(s.statements, sharedStatement{"table", m[1], stmt})
		case createIndex.MatchString(stmt):
			s.statements = append(s.statements, sharedStatement{"index on", createIndex.FindStringSubmatch(stmt)[1], stmt})
		default:
			panic("unreadable statement in migrations/shared: " + stmt)
		}
	}
	return s
}

func parseColumns(body string) map[string]string {
	cols := map[string]string{}
	for line := range strings.SplitSeq(body, "\n") {
		m := columnLine.FindStringSubmatch(line)
		if m == nil || slices.Contains([]string{"unique", "foreign", "constraint", "primary"}, m[1]) {
			continue
		}
		cols[m[1]] = typeFamily(strings.TrimPrefix(m[2], "public."))
	}
	return cols
}

// typeFamily maps a type's spellings to one name. Text of any length is one family: a wider column does no harm.
func typeFamily(t string) string {
	switch t {
	case "varchar", "text", "bpchar":
		return "text"
	case "integer", "int4", "int8", "bigint", "int2", "smallint":
		return "integer"
	case "boolean", "bool":
		return "boolean"
	case "timestamptz":
		return "timestamptz"
	case "time with time zone", "timetz":
		return "timetz"
	}
	return t
}

// untouchedTables belong to the web app alone: created on an empty database so that it is whole, never judged.
var untouchedTables = []string{"campaign_executions", "campaign_queue", "performance_metrics", "status_updates"}

// missingFrom says what have lacks. A missing table or type is no problem, it will be created.
func (s *sharedSchema) missingFrom(have *sharedSchema) []string {
	var problems []string
	for name, labels := range s.enums {
		if have.enums[name] == nil {
			continue
		}
		for _, l := range labels {
			if !slices.Contains(have.enums[name], l) {
				problems = append(problems, fmt.Sprintf("enum type public.%s lacks the value %q", name, l))
			}
		}
	}
	for table, cols := range s.tables {
		if have.tables[table] == nil || slices.Contains(untouchedTables, table) {
			continue
		}
		for col, want := range cols {
			switch got := have.tables[table][col]; {
			case got == "":
				problems = append(problems, fmt.Sprintf("column public.%s.%s (%s) is missing", table, col, want))
			case got != want:
				problems = append(problems, fmt.Sprintf("column public.%s.%s is of type %s, needed is %s", table, col, got, want))
			}
		}
	}
	slices.Sort(problems)
	return problems
}

// readSchema reads schema public as it is.
func readSchema(ctx context.Context, db *DB) (*sharedSchema, error) {
	s := &sharedSchema{enums: map[string][]string{}, tables: map[string]map[string]string{}}
	rows, err := db.Query(ctx, `
		select t.typname::text, e.enumlabel::text, '' from pg_type t join pg_enum e on e.enumtypid = t.oid
		where t.typnamespace = 'public'::regnamespace
		union all
		select c.relname || '.', a.attname, y.typname from pg_class c
		join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
		join pg_type y on y.oid = a.atttypid
		where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')`)
	if err != nil {
		return nil, fmt.Errorf("reading the schema of the database: %w", err)
	}
	var name, item, typ string
	_, err = pgx.ForEachRow(rows, []any{&name, &item, &typ}, func() error {
		table, isColumn := strings.CutSuffix(name, ".")
		if !isColumn {
			s.enums[name] = append(s.enums[name], item)
			return nil
		}
		if s.tables[table] == nil {
			s.tables[table] = map[string]string{}
		}
		s.tables[table][item] = typeFamily(typ)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the schema of the database: %w", err)
	}
	return s, nil
}
