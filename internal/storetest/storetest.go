// Package storetest gives each test a migrated database of its own. Only tests import it; it may import store and
// pglocal.
//
// One cluster serves a whole `go test ./...` run (pglocal.Shared), or the server in DATABASE_URL where that is set. The
// schema is migrated once into a template; a test's database is a copy of that, tens of milliseconds.
package storetest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/pglocal"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/migrations"
)

// New returns a pool on a fresh, migrated database that is dropped when the test ends.
func New(t testing.TB) *store.DB {
	t.Helper()
	return Open(t, NewURL(t))
}

// NewURL creates a fresh, migrated database and returns its URL.
func NewURL(t testing.TB) string {
	t.Helper()
	template, err := migratedTemplate()
	if err != nil {
		t.Fatalf("preparing the template database: %v", err)
	}
	return create(t, template)
}

// NewEmptyURL creates an empty database and returns its URL.
func NewEmptyURL(t testing.TB) string {
	t.Helper()
	return create(t, "template0")
}

// Open connects to a database and closes the pool when the test ends.
func Open(t testing.TB, databaseURL string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), databaseURL, 0)
	if err != nil {
		t.Fatalf("opening the test database: %v", err)
	}
	t.Cleanup(db.Close)
	return db
}

// Log writes to the test's log, at warnings and above.
func Log(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

type testWriter struct{ t testing.TB }

// Write drops what comes after the test's end, from goroutines that are still stopping.
func (w testWriter) Write(p []byte) (int, error) {
	if w.t.Context().Err() == nil {
		w.t.Log(strings.TrimRight(string(p), "\n"))
	}
	return len(p), nil
}

func create(t testing.TB, template string) string {
	t.Helper()
	ctx := t.Context()
	admin, err := adminURL(ctx)
	if err != nil {
		t.Fatalf("finding a Postgres server for tests: %v", err)
	}
	name := "henk_test_" + strings.ToLower(rand.Text())
	if err := exec(ctx, admin, fmt.Sprintf("create database %s template %s", name, template)); err != nil {
		t.Fatalf("creating a test database: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := exec(ctx, admin, "drop database if exists "+name+" with (force)"); err != nil {
			t.Logf("dropping the test database: %v", err)
		}
	})
	return withDatabase(admin, name)
}

// adminURL is a server on which databases may be created.
func adminURL(ctx context.Context) (string, error) {
	if u := os.Getenv("DATABASE_URL"); u != "" {
		return u, nil
	}
	server, err := pglocal.Shared(ctx)
	if err != nil {
		return "", err
	}
	return server.URL("postgres"), nil
}

var migratedTemplate = sync.OnceValues(func() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	admin, err := adminURL(ctx)
	if err != nil {
		return "", err
	}
	name := "henk_template_" + migrationsHash()
	conn, err := pgx.Connect(ctx, admin)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	// Test binaries of several packages start at once; the first makes the template.
	if _, err := conn.Exec(ctx, "select pg_advisory_lock(hashtext($1))", name); err != nil {
		return "", err
	}
	var exists bool
	if err := conn.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", name).Scan(&exists); err != nil || exists {
		return name, err
	}
	building := name + "_building"
	if _, err := conn.Exec(ctx, "drop database if exists "+building+" with (force)"); err != nil {
		return "", err
	}
	if _, err := conn.Exec(ctx, "create database "+building+" template template0"); err != nil {
		return "", err
	}
	if err := migrate(ctx, withDatabase(admin, building)); err != nil {
		return "", err
	}
	_, err = conn.Exec(ctx, fmt.Sprintf("alter database %s rename to %s", building, name))
	return name, err
})

func migrate(ctx context.Context, databaseURL string) error {
	db, err := store.Open(ctx, databaseURL, 4)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = store.Migrate(ctx, db, slog.New(slog.DiscardHandler))
	return err
}

func migrationsHash() string {
	h := sha256.New()
	h.Write([]byte(migrations.SharedTypes + migrations.SharedTables))
	_ = fs.WalkDir(migrations.Files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(migrations.Files, path)
		h.Write([]byte(path))
		h.Write(data)
		return err
	})
	return hex.EncodeToString(h.Sum(nil)[:8])
}

func exec(ctx context.Context, databaseURL, sql string) error {
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql)
	return err
}

func withDatabase(databaseURL, name string) string {
	u, err := url.Parse(databaseURL)
	if err != nil {
		panic(err) // checked by the connection made before
	}
	u.Path = "/" + name
	return u.String()
}
