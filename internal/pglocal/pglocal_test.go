//go:build linux || darwin

package pglocal

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"
)

func started(t *testing.T, o Options) *Server {
	t.Helper()
	s, err := Start(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Stop()) })
	return s
}

func setting(t *testing.T, s *Server, name string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.URL("postgres"))
	require.NoError(t, err)
	defer conn.Close(t.Context())
	var value string
	require.NoError(t, conn.QueryRow(t.Context(), "select current_setting($1)", name).Scan(&value))
	return value
}

func TestStartAndStop(t *testing.T) {
	t.Parallel()
	begun := time.Now()
	s := started(t, Options{Settings: map[string]string{"work_mem": "5MB", "application_name": `it's \ odd`}})
	t.Logf("started after %v", time.Since(begun).Round(time.Millisecond))
	for name, want := range map[string]string{
		"server_encoding": "UTF8", "fsync": "off", "wal_level": "minimal", "max_connections": "200", "work_mem": "5MB",
		"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "jit": "off", "timezone": "UTC",
		"password_encryption": "scram-sha-256",
	} {
		require.Equal(t, want, setting(t, s, name), name)
	}
	r, err := describe(s)
	require.NoError(t, err)
	require.NoError(t, s.Stop())
	requireGone(t, r)
	require.False(t, runs(r.Reaper), "the reaper stays")
	require.NoError(t, s.Stop(), "stopping again")
}

func TestRestartKeepsDataAndAddress(t *testing.T) {
	t.Parallel()
	s := started(t, Options{})
	conn, err := pgx.Connect(t.Context(), s.URL("postgres"))
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), "create table kept as select 7 as n")
	require.NoError(t, err)
	before := s.URL("postgres")
	require.NoError(t, s.Restart(t.Context()))
	require.Error(t, conn.Ping(t.Context()), "connections end")
	require.Equal(t, before, s.URL("postgres"))
	conn, err = pgx.Connect(t.Context(), before)
	require.NoError(t, err)
	var n int
	require.NoError(t, conn.QueryRow(t.Context(), "select n from kept").Scan(&n))
	require.Equal(t, 7, n)
	r, err := describe(s)
	require.NoError(t, err)
	require.NoError(t, s.Stop())
	requireGone(t, r)

	shared := Server{attached: true}
	require.ErrorContains(t, shared.Restart(t.Context()), "shared")
}

func TestSettingIsTakenLiterally(t *testing.T) {
	t.Parallel()
	s := started(t, Options{Settings: map[string]string{"henk.odd": `it's \ odd`}})
	require.Equal(t, `it's \ odd`, setting(t, s, "henk.odd"))
}

func TestDurableKeepsProductionSettings(t *testing.T) {
	t.Parallel()
	s := started(t, Options{Durable: true})
	for name, want := range map[string]string{"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "wal_level": "replica"} {
		require.Equal(t, want, setting(t, s, name), name)
	}
}

func TestNobodyElseGetsIn(t *testing.T) {
	t.Parallel()
	s := started(t, Options{})
	for _, path := range []string{s.dir, s.data()} {
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Zero(t, info.Mode().Perm()&0o067, "%s is open to others: %v", path, info.Mode())
	}
	require.NoFileExists(t, filepath.Join(s.dir, "password"))
	sockets, err := filepath.Glob(filepath.Join(s.dir, "*", ".s.PGSQL*"))
	require.NoError(t, err)
	require.Empty(t, sockets)

	for _, password := range []string{"", "henk", strings.Repeat("0", 64)} {
		stranger := Server{port: s.port, password: password}
		_, err := pgx.Connect(t.Context(), stranger.URL("postgres"))
		var refused *pgconn.PgError
		require.ErrorAs(t, err, &refused)
		require.Contains(t, []string{"28P01", "28000"}, refused.Code)
	}
	require.Len(t, s.password, 64)
	require.NotEqual(t, s.password, started(t, Options{}).password)
}

func TestStartErrorShowsTheServersLog(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	_, err := Start(t.Context(), Options{Dir: dir, Settings: map[string]string{"shared_buffers": "nonsense"}})
	require.ErrorContains(t, err, `invalid value for parameter "shared_buffers"`)
	requireEmpty(t, dir)
}

func TestSettingsThatWouldOpenTheCluster(t *testing.T) {
	t.Parallel()
	for _, settings := range []map[string]string{
		{"listen_addresses": "*"}, {"unix_socket_directories": "/tmp"}, {"port": "5432"}, {"hba_file": "/dev/null"},
		{"work_mem": "1MB'\nlisten_addresses = '*"}, {"a = 'b'\nlisten_addresses": "*"}, {"": "x"},
	} {
		_, err := Start(t.Context(), Options{Settings: settings})
		require.ErrorContains(t, err, "setting", "%q", settings)
	}
}

func TestCancelledStartLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	for _, patience := range []time.Duration{time.Millisecond, 60 * time.Millisecond, 250 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		_, err := Start(ctx, Options{Dir: dir})
		cancel()
		require.Error(t, err)
	}
	requireEmpty(t, dir)
}

func TestPortTakenAfterTheProbe(t *testing.T) {
	t.Parallel()
	thief, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer thief.Close()
	taken := thief.Addr().(*net.TCPAddr).Port
	visitors := make(chan struct{}, 10)
	go func() {
		for {
			conn, err := thief.Accept()
			if err != nil {
				return
			}
			conn.Close()
			visitors <- struct{}{}
		}
	}()
	calls := 0
	ports := func() (int, error) {
		if calls++; calls == 1 {
			return taken, nil
		}
		return freePort()
	}
	s, err := start(t.Context(), Options{}, ports)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Stop()) })
	require.Equal(t, 2, calls)
	require.NotContains(t, s.URL("x"), ":"+strconv.Itoa(taken)+"/")
	require.Empty(t, visitors, "somebody else's server was spoken to")

	calls = 0
	_, err = start(t.Context(), Options{}, func() (int, error) { calls++; return taken, nil })
	require.ErrorIs(t, err, errPortTaken)
	require.Equal(t, 5, calls)
}

func TestURL(t *testing.T) {
	t.Parallel()
	s := &Server{port: 54321, password: "secret"}
	require.Equal(t, "postgres://henk:secret@127.0.0.1:54321/a%20b?sslmode=disable", s.URL("a b"))
}

func TestDirThatTheServersUserCannotEnter(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("an ordinary user runs the server itself")
	}
	missing := filepath.Join(openDir(t), "not", "there")
	require.Contains(t, started(t, Options{Dir: missing}).dir, missing)

	closed := filepath.Join(openDir(t), "closed")
	require.NoError(t, os.Mkdir(closed, 0o700))
	_, err := Start(t.Context(), Options{Dir: closed})
	require.ErrorContains(t, err, "choose a directory that this user may enter")

	var heard bytes.Buffer
	t.Setenv("TMPDIR", closed)
	s := started(t, Options{Log: slog.New(slog.NewTextHandler(&heard, nil))})
	require.NotContains(t, s.dir, closed)
	require.Contains(t, heard.String(), "using another")
}

func TestProgramsThatTheServersUserCannotRun(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("an ordinary user runs the server itself")
	}
	closed := filepath.Join(openDir(t), "closed")
	t.Setenv("HENK_PG_BIN", fakeServer(t, closed, "16.1"))
	require.NoError(t, os.Chmod(closed, 0o700))
	_, err := Start(t.Context(), Options{})
	require.ErrorContains(t, err, "because PostgreSQL refuses root")
	require.ErrorContains(t, err, closed)
}

func requireEmpty(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, entries)
}

func TestServerOutlivesItsOwnDeathNotice(t *testing.T) {
	t.Parallel()
	// A server that is killed from outside must not make Stop fail or leave its directory.
	s := started(t, Options{})
	require.NoError(t, s.process.Signal(syscall.SIGKILL))
	<-s.exited
	require.NoError(t, s.Stop())
	require.NoDirExists(t, s.dir)
}
