//go:build linux || darwin

package pglocal

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// The tests about the end of a process run this binary again in one of these roles.
const roleVariable = "PGLOCAL_TEST_ROLE"

func TestMain(m *testing.M) {
	roles := map[string]func() error{
		"owner":    ownerRole,
		"stopper":  stopperRole,
		"sharer":   sharerRole,
		"run":      runRole,
		"starting": startingRole,
	}
	if role := roles[os.Getenv(roleVariable)]; role != nil {
		if err := role(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(inOwnTempDir(m.Run))
}

// inOwnTempDir keeps the tests apart from other runs on this machine, and shows whether something is left at the end.
func inOwnTempDir(run func() int) int {
	base := os.TempDir()
	if os.Geteuid() == 0 {
		base = "/tmp" // root's own may be closed to the server's user
	}
	dir, err := os.MkdirTemp(base, "pglocal-test-")
	if err == nil {
		err = errors.Join(os.Chmod(dir, 0o711), os.Setenv("TMPDIR", dir))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	code := run()
	if left, _ := filepath.Glob(filepath.Join(dir, dirPrefix+"*")); len(left) > 0 {
		fmt.Fprintln(os.Stderr, "clusters are left:", left)
		return 1
	}
	return code
}

// report is what a role prints about its cluster.
type report struct {
	URL    string `json:"url"`
	Data   string `json:"data"`
	PID    int    `json:"pid"` // of the server
	Reaper int    `json:"reaper"`
}

// dir is the cluster's directory.
func (r report) dir() string { return filepath.Dir(r.Data) }

func describe(s *Server) (report, error) {
	ctx := context.Background()
	r := report{URL: s.URL("postgres")}
	conn, err := pgx.Connect(ctx, r.URL)
	if err != nil {
		return r, err
	}
	defer conn.Close(ctx)
	var pidFile string
	err = conn.QueryRow(ctx, "select current_setting('data_directory'), pg_read_file('postmaster.pid')").Scan(&r.Data, &pidFile)
	if err != nil {
		return r, err
	}
	if s.reaper != nil {
		r.Reaper = s.reaper.cmd.Process.Pid
	}
	_, err = fmt.Sscan(pidFile, &r.PID)
	return r, err
}

func printReport(s *Server) error {
	r, err := describe(s)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

// ownerRole starts a cluster and waits to be killed.
func ownerRole() error {
	s, err := Start(context.Background(), Options{Dir: os.Getenv("PGLOCAL_TEST_DIR")})
	if err != nil {
		return err
	}
	if err := printReport(s); err != nil {
		return err
	}
	time.Sleep(time.Minute)
	return nil
}

// stopperRole handles the interrupt itself: the server must still answer while it does.
func stopperRole() error {
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	s, err := Start(context.Background(), Options{Dir: os.Getenv("PGLOCAL_TEST_DIR")})
	if err != nil {
		return err
	}
	if err := printReport(s); err != nil {
		return err
	}
	<-interrupted
	time.Sleep(300 * time.Millisecond)
	if err := ping(context.Background(), s.URL("postgres")); err != nil {
		return err
	}
	return s.Stop()
}

// startingRole begins to start a cluster and says so; it is killed at some point on the way.
func startingRole() error {
	fmt.Println("{}")
	_, err := Start(context.Background(), Options{Dir: os.Getenv("PGLOCAL_TEST_DIR")})
	time.Sleep(time.Minute)
	return err
}

// sharerRole is one test process of a run.
func sharerRole() error {
	s, err := Shared(context.Background())
	if err != nil {
		return err
	}
	return printReport(s)
}

// runRole stands for the go tool: it starts several test processes at once, then two more, and ends when its
// standard input does.
func runRole() error {
	for _, n := range []int{6, 2} {
		var cmds []*exec.Cmd
		for range n {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), roleVariable+"=sharer")
			cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
			if err := cmd.Start(); err != nil {
				return err
			}
			cmds = append(cmds, cmd)
		}
		for _, cmd := range cmds {
			if err := cmd.Wait(); err != nil {
				return err
			}
		}
	}
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	return nil
}

// play starts a role in a process group of its own and returns it with its first reports.
func play(t *testing.T, role, dir string, reports int) (*exec.Cmd, []report) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"="+role, "PGLOCAL_TEST_DIR="+dir, "TMPDIR="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	_, got := playCommand(t, cmd, reports)
	return cmd, got
}

func playCommand(t *testing.T, cmd *exec.Cmd, reports int) (*exec.Cmd, []report) {
	t.Helper()
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		stdin.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	decoder := json.NewDecoder(stdout)
	var got []report
	for range reports {
		var r report
		if err := decoder.Decode(&r); err != nil {
			_ = cmd.Wait()
			require.NoError(t, err, "the process ended: %s", stderr.String())
		}
		got = append(got, r)
	}
	return cmd, got
}

// openDir is a directory that the server's user can enter when the tests run as root, which t.TempDir is not.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "open-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o711))
	dir, err = filepath.EvalSymlinks(dir)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return dir
}

// requireGone waits until neither the server nor its directory is there.
func requireGone(t *testing.T, r report) {
	t.Helper()
	require.Eventually(t, func() bool {
		_, err := os.Lstat(r.dir())
		return os.IsNotExist(err) && !runs(r.PID)
	}, 10*time.Second, 20*time.Millisecond, "the server or its directory is still there")
	require.Error(t, ping(context.Background(), r.URL))
}

// runs does not count a process that has ended and is only waiting for its parent to notice.
func runs(pid int) bool {
	if text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil {
		state := string(text[strings.LastIndexByte(string(text), ')')+1:])
		return !strings.HasPrefix(state, " Z") && !strings.HasPrefix(state, " X")
	}
	return syscall.Kill(pid, 0) == nil
}
