package jobs_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/storetest"
)

// Through a transaction pooler, with fewer connections to the server than there are to the pooler: migrations, queue
// and dialer do without anything that belongs to a session.
func TestThroughATransactionPooler(t *testing.T) {
	t.Parallel()
	const serverConns = 6
	direct := storetest.NewEmptyURL(t)
	pooled := startPgbouncer(t, direct, "transaction", serverConns)
	db := storetest.Open(t, pooled)
	require.True(t, db.Pooled)
	for range 2 {
		_, err := store.Migrate(t.Context(), db, storetest.Log(t))
		require.NoError(t, err)
	}
	require.NoError(t, store.CheckSchema(t.Context(), db, storetest.Log(t)))

	w := storetest.NewWorld(t, db, nil)
	for range 20 {
		storetest.NewLead(t, db, w, nil)
	}
	b := around(t, db, w)
	b.config.MaxConcurrent = 8
	b.start()
	b.config.DB = storetest.Open(t, pooled) // a process has a pool of its own
	b.start()
	b.called(20, 60*time.Second)
	b.sound()
	require.LessOrEqual(t, b.sim.Stats().PeakConcurrent, 8)

	// Each transaction that is open has a connection to the server for itself: what earlier ones left there shows.
	servers := map[int]bool{}
	for range serverConns - 2 {
		tx, err := db.Begin(t.Context())
		require.NoError(t, err)
		defer func() { _ = tx.Rollback(context.Background()) }()
		var pid, statements, channels int
		require.NoError(t, tx.QueryRow(t.Context(), `select pg_backend_pid(), (select count(*) from pg_prepared_statements where name <> ''),
			(select count(*) from pg_listening_channels())`).Scan(&pid, &statements, &channels))
		require.Zero(t, statements, "named prepared statements")
		require.Zero(t, channels, "LISTEN")
		servers[pid] = true
	}
	require.Len(t, servers, serverConns-2)
}

func TestThroughASessionPooler(t *testing.T) {
	t.Parallel()
	direct := storetest.NewURL(t)
	db := storetest.Open(t, startPgbouncer(t, direct, "session", 40))
	require.True(t, db.Pooled, "something stands in between; what kind of pooler it is does not show")
	w := storetest.NewWorld(t, db, nil)
	for range 8 {
		storetest.NewLead(t, db, w, nil)
	}
	b := around(t, db, w)
	b.start()
	b.called(8, 60*time.Second)
	b.sound()

	require.False(t, storetest.Open(t, direct).Pooled)
}

// startPgbouncer runs a pooler in front of the server of databaseURL and returns the database's address through it. It
// ends with the test, and with the test process however that ends.
func startPgbouncer(t *testing.T, databaseURL, mode string, size int) string {
	t.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		if program = "/usr/sbin/pgbouncer"; !executable(program) {
			if os.Getenv("HENK_REQUIRE_POOLER") != "" {
				t.Fatal("pgbouncer is not installed, and .ci/run should have installed it")
			}
			t.Skip("pgbouncer is not installed (Debian: apt-get install pgbouncer)")
		}
	}
	u, err := url.Parse(databaseURL)
	require.NoError(t, err)
	password, _ := u.User.Password()
	port := freePort(t)
	dir, err := os.MkdirTemp("", "henk-pgbouncer-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	users := write("users", fmt.Sprintf("%q %q\n", u.User.Username(), password))
	conf := write("pgbouncer.ini", fmt.Sprintf(`[databases]
* = host=%s port=%s
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = scram-sha-256
auth_file = %s
pool_mode = %s
default_pool_size = %d
max_client_conn = 300
%s`, u.Hostname(), u.Port(), port, users, mode, size, withoutStatementSupport(t, program)))

	// The shell ends the pooler when this process lets go of its standard input.
	cmd := exec.Command("sh", "-c", `"$0" "$1" & read -r _; kill -INT $!; wait`, program, conf)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	dropRoot(t, cmd, dir, users, conf)
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("pgbouncer: %.4000s", log.String())
		}
	})
	u.Host = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	awaitConnection(t, u.String())
	return u.String()
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&0o111 != 0
}

// withoutStatementSupport keeps newer poolers from repairing what older ones, and Supabase's, cannot: prepared
// statements across transactions.
func withoutStatementSupport(t *testing.T, program string) string {
	t.Helper()
	out, err := exec.Command(program, "--version").Output()
	require.NoError(t, err)
	var major, minor int
	if _, err := fmt.Sscanf(string(out), "PgBouncer %d.%d", &major, &minor); err != nil || major == 1 && minor < 21 {
		return ""
	}
	return "max_prepared_statements = 0\n"
}

// dropRoot: pgbouncer refuses to run as root.
func dropRoot(t *testing.T, cmd *exec.Cmd, paths ...string) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	nobody, err := user.Lookup("nobody")
	require.NoError(t, err)
	uid, err := strconv.ParseInt(nobody.Uid, 10, 64)
	require.NoError(t, err)
	gid, err := strconv.ParseInt(nobody.Gid, 10, 64)
	require.NoError(t, err)
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	for _, path := range paths {
		require.NoError(t, os.Chown(path, int(uid), int(gid)))
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func awaitConnection(t *testing.T, databaseURL string) {
	t.Helper()
	var err error
	for range 100 {
		var conn *pgx.Conn
		if conn, err = pgx.Connect(t.Context(), databaseURL); err == nil {
			require.NoError(t, conn.Close(t.Context()))
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("the pooler does not answer: %v", err)
}
