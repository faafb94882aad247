package main

import (
	"bufio"
	"bytes"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/storetest"
)

// The first Ctrl-C stops in order; who does not want to wait for that presses it again. SIGTERM may come several times.
func TestSecondInterruptEndsAtOnce(t *testing.T) {
	t.Parallel()
	cmd := program(t.Context(), t, []string{asHenk + "=stuck"})
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(stdout)
	require.True(t, lines.Scan())
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.True(t, lines.Scan())
	require.Equal(t, "asked", lines.Text())
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		t.Fatalf("a second SIGTERM ended it: %v", err)
	case <-time.After(200 * time.Millisecond):
	}
	require.Eventually(t, func() bool {
		_ = cmd.Process.Signal(os.Interrupt)
		select {
		case err := <-ended:
			require.ErrorContains(t, err, "interrupt")
			return true
		default:
			return false
		}
	}, 30*time.Second, 50*time.Millisecond)
}

// Nobody types, and Ctrl-C is heard all the same.
func TestInterruptWhileStandardInputIsAwaited(t *testing.T) {
	t.Parallel()
	databaseURL := storetest.NewURL(t)
	db := storetest.Open(t, databaseURL)
	cmd := program(t.Context(), t, []string{"DATABASE_URL=" + databaseURL, "PGAPPNAME=import"}, "import", "dnc", "-")
	cmd.Dir = t.TempDir()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	_, err = stdin.Write([]byte("3125550100\n"))
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		var up bool
		require.NoError(t, db.QueryRow(t.Context(), `select exists (select from pg_stat_activity
			where datname = current_database() and application_name = 'import' and state = 'idle')`).Scan(&up))
		return up
	}, 30*time.Second, 50*time.Millisecond)
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.Error(t, cmd.Wait())
	require.Equal(t, 1, cmd.ProcessState.ExitCode(), stderr.String())
	require.Contains(t, stderr.String(), "henk import: interrupted: ")
	var inForce int
	require.NoError(t, db.QueryRow(t.Context(), "select count(*) from henk.suppression_versions where state = 'in_force'").Scan(&inForce))
	require.Zero(t, inForce)
}
