package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/callhenk/henk-worker/migrations"
)

const versionTable = "henk.schema_migrations"

// MigrateResult says what a migration did.
type MigrateResult struct {
	Adopted       bool     // an existing Henk database was found, for the first time
	CreatedTables []string // shared tables that were missing
	Applied       []string // our migrations, River's as river/NNN
}

// Migrate brings an empty or an adopted database to the schema of this binary. It creates nothing twice, drops and
// renames nothing of the web app's, and may be run again at any time. Where a shared table lacks what the worker
// needs it changes nothing and returns an *IncompatibleError that lists everything found.
func Migrate(ctx context.Context, db *DB, log *slog.Logger) (*MigrateResult, error) {
	res := &MigrateResult{}
	err := oneAtATime(ctx, db, func() error {
		if err := createShared(ctx, db, res); err != nil {
			return err
		}
		if err := migrateOurs(ctx, db, res); err != nil {
			return err
		}
		if err := migrateRiver(ctx, db, log, res); err != nil {
			return err
		}
		return grantServiceRole(ctx, db)
	})
	if err != nil {
		return nil, err
	}
	return res, nil
}

// oneAtATime lets one migration run. The lock is a lease in a table: a session's advisory lock does not work through a
// transaction pooler, and a transaction that holds one would keep the concurrent index builds waiting for ever.
func oneAtATime(ctx context.Context, db *DB, fn func() error) error {
	if err := refuseIncompatible(ctx, db); err != nil {
		return err
	}
	if err := createSchema(ctx, db, "henk"); err != nil {
		return err
	}
	locker, err := lock.NewPostgresTableLocker(lock.WithTableName("henk.migration_lock"), lock.WithTableLockTimeout(time.Second, 600))
	if err != nil {
		return fmt.Errorf("preparing the migration lock: %w", err)
	}
	sqlDB := stdlib.OpenDBFromPool(db.Pool)
	defer sqlDB.Close()
	if err := locker.Lock(ctx, sqlDB); err != nil {
		return fmt.Errorf("waiting for another migration to finish: %w", err)
	}
	err = fn()
	if unlockErr := locker.Unlock(context.WithoutCancel(ctx), sqlDB); unlockErr != nil && err == nil {
		err = fmt.Errorf("releasing the migration lock: %w", unlockErr)
	}
	return err
}

// createSchema tolerates another process that creates it at the same moment: "if not exists" does not.
func createSchema(ctx context.Context, db *DB, name string) error {
	var err error
	for range 3 {
		if _, err = db.Exec(ctx, "create schema if not exists "+name); err == nil {
			return nil
		}
	}
	return fmt.Errorf("creating schema %s (the role in DATABASE_URL must own the database or be allowed to create schemas): %w", name, err)
}

func migrateOurs(ctx context.Context, db *DB, res *MigrateResult) error {
	provider, closeDB, err := gooseProvider(db)
	if err != nil {
		return err
	}
	defer closeDB()
	results, err := provider.Up(ctx)
	if err != nil {
		return fmt.Errorf("applying henk's migrations: %w", err)
	}
	for _, r := range results {
		res.Applied = append(res.Applied, r.Source.Path)
	}
	return nil
}

func gooseProvider(db *DB) (*goose.Provider, func(), error) {
	sqlDB := stdlib.OpenDBFromPool(db.Pool)
	provider, err := goose.NewProvider(goose.DialectPostgres, sqlDB, migrations.Files,
		goose.WithTableName(versionTable), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		_ = sqlDB.Close()
		return nil, nil, fmt.Errorf("reading the embedded migrations: %w", err)
	}
	return provider, func() { _ = sqlDB.Close() }, nil
}

func migrateRiver(ctx context.Context, db *DB, log *slog.Logger, res *MigrateResult) error {
	if err := createSchema(ctx, db, RiverSchema); err != nil {
		return err
	}
	migrator, err := riverMigrator(db, log)
	if err != nil {
		return err
	}
	done, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	if err != nil {
		return fmt.Errorf("applying River's migrations: %w", err)
	}
	for _, v := range done.Versions {
		res.Applied = append(res.Applied, fmt.Sprintf("river/%03d_%s", v.Version, v.Name))
	}
	return nil
}

func riverMigrator(db *DB, log *slog.Logger) (*rivermigrate.Migrator[pgx.Tx], error) {
	m, err := rivermigrate.New(riverpgxv5.New(db.Pool), &rivermigrate.Config{Schema: RiverSchema, Logger: Quiet(log)})
	if err != nil {
		return nil, fmt.Errorf("reading River's migrations: %w", err)
	}
	return m, nil
}

// grantServiceRole lets Supabase's service_role use our schemas, since the worker may connect as it. Browsers' roles
// get nothing.
func grantServiceRole(ctx context.Context, db *DB) error {
	var exists bool
	if err := db.QueryRow(ctx, "select exists (select from pg_roles where rolname = 'service_role')").Scan(&exists); err != nil {
		return fmt.Errorf("looking for role service_role: %w", err)
	}
	if !exists {
		return nil
	}
	for _, schema := range []string{"henk", RiverSchema} {
		for _, stmt := range []string{
			"grant usage on schema " + schema + " to service_role",
			"grant select, insert, update, delete on all tables in schema " + schema + " to service_role",
			"grant usage, select, update on all sequences in schema " + schema + " to service_role",
			"grant execute on all functions in schema " + schema + " to service_role",
		} {
			if _, err := db.Exec(ctx, stmt); err != nil {
				return fmt.Errorf("granting service_role the use of schema %s: %w", schema, err)
			}
		}
	}
	return nil
}

// Status lists what has been applied and what is pending.
type Status struct {
	Applied []string `json:"applied"`
	Pending []string `json:"pending"`
}

// MigrationStatus reads the state of our migrations and River's and changes nothing.
func MigrationStatus(ctx context.Context, db *DB, log *slog.Logger) (*Status, error) {
	st := &Status{Applied: []string{}, Pending: []string{}}
	if err := ourStatus(ctx, db, st); err != nil {
		return nil, err
	}
	migrator, err := riverMigrator(db, log)
	if err != nil {
		return nil, err
	}
	applied := map[int]bool{}
	if ok, err := tableExists(ctx, db, RiverSchema, "river_migration"); err != nil {
		return nil, err
	} else if ok {
		existing, err := migrator.ExistingVersions(ctx)
		if err != nil {
			return nil, fmt.Errorf("reading River's migration status: %w", err)
		}
		for _, v := range existing {
			applied[v.Version] = true
		}
	}
	for _, v := range migrator.AllVersions() {
		st.add(applied[v.Version], fmt.Sprintf("river/%03d_%s", v.Version, v.Name))
	}
	return st, nil
}

func ourStatus(ctx context.Context, db *DB, st *Status) error {
	// goose would create its table by looking; a status must not.
	versions := map[int64]bool{}
	ok, err := tableExists(ctx, db, "henk", "schema_migrations")
	if err != nil {
		return err
	}
	if ok {
		rows, err := db.Query(ctx, "select version_id from henk.schema_migrations where is_applied")
		if err != nil {
			return fmt.Errorf("reading henk's migration status: %w", err)
		}
		applied, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			return fmt.Errorf("reading henk's migration status: %w", err)
		}
		for _, v := range applied {
			versions[v] = true
		}
	}
	provider, closeDB, err := gooseProvider(db)
	if err != nil {
		return err
	}
	defer closeDB()
	for _, s := range provider.ListSources() {
		st.add(versions[s.Version], s.Path)
	}
	return nil
}

func (s *Status) add(applied bool, name string) {
	if applied {
		s.Applied = append(s.Applied, name)
	} else {
		s.Pending = append(s.Pending, name)
	}
}

func tableExists(ctx context.Context, db *DB, schema, table string) (bool, error) {
	var ok bool
	if err := db.QueryRow(ctx, "select to_regclass($1::text) is not null", schema+"."+table).Scan(&ok); err != nil {
		return false, fmt.Errorf("looking for table %s.%s: %w", schema, table, err)
	}
	return ok, nil
}

// ErrOldSchema is wrapped by CheckSchema when migrations are pending.
var ErrOldSchema = errors.New("the database schema is older than this binary; run `henk migrate`")

// CheckSchema refuses a database that `henk migrate` has not brought to this binary's schema.
func CheckSchema(ctx context.Context, db *DB, log *slog.Logger) error {
	st, err := MigrationStatus(ctx, db, log)
	if err != nil {
		return err
	}
	if len(st.Pending) > 0 {
		return fmt.Errorf("%w (%d pending, first %s)", ErrOldSchema, len(st.Pending), st.Pending[0])
	}
	return nil
}
