//go:build linux || darwin

package pglocal

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestKilledOwner(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{syscall.SIGKILL, syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			owner, reports := play(t, "owner", openDir(t), 1)
			require.DirExists(t, reports[0].dir())
			require.NoError(t, owner.Process.Signal(sig))
			_ = owner.Wait()
			requireGone(t, reports[0])
		})
	}
}

// Ctrl-C goes to the whole process group of the terminal.
func TestInterruptReachesNeitherServerNorReaper(t *testing.T) {
	t.Parallel()
	owner, reports := play(t, "stopper", openDir(t), 1)
	require.NoError(t, syscall.Kill(-owner.Process.Pid, syscall.SIGINT))
	require.NoError(t, owner.Wait(), "the server did not answer after the interrupt, or could not be stopped")
	requireGone(t, reports[0])
}

func TestKilledWhileStarting(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	for delay := time.Duration(0); delay < 900*time.Millisecond; delay += 150 * time.Millisecond {
		cmd, _ := play(t, "starting", dir, 1)
		time.Sleep(delay)
		require.NoError(t, cmd.Process.Kill())
		_ = cmd.Wait()
	}
	require.Eventually(t, func() bool {
		entries, err := os.ReadDir(dir)
		return err == nil && len(entries) == 0
	}, time.Minute, 50*time.Millisecond, "a half-made cluster is left")
}

func TestStartRemovesWhatADeadReaperLeft(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	owner, reports := play(t, "owner", dir, 1)
	abandoned := reports[0]
	require.NoError(t, syscall.Kill(abandoned.Reaper, syscall.SIGKILL))
	require.Eventually(t, func() bool { return !runs(abandoned.Reaper) }, 5*time.Second, 5*time.Millisecond)

	alive := started(t, Options{Dir: dir})
	require.NoError(t, ping(t.Context(), abandoned.URL), "a cluster whose owner lives was taken for abandoned")

	require.NoError(t, owner.Process.Kill())
	_ = owner.Wait()
	require.True(t, runs(abandoned.PID), "nobody should have stopped it yet")
	require.NoError(t, ping(t.Context(), abandoned.URL))

	var heard bytes.Buffer
	started(t, Options{Dir: dir, Log: slog.New(slog.NewTextHandler(&heard, nil))})
	requireGone(t, abandoned)
	require.Contains(t, heard.String(), "left behind")
	require.NoError(t, ping(t.Context(), alive.URL("postgres")), "a living cluster was removed")
}

func TestSweepLeavesWhatIsNotItsOwn(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	newborn := filepath.Join(parent, dirPrefix+"newborn")
	require.NoError(t, os.Mkdir(newborn, 0o700))
	unlocked := filepath.Join(parent, dirPrefix+"unlocked")
	require.NoError(t, os.Mkdir(unlocked, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(unlocked, ownerFile), nil, 0o600))
	elsewhere := filepath.Join(parent, "elsewhere")
	require.NoError(t, os.Mkdir(elsewhere, 0o700))
	require.NoError(t, os.Symlink(elsewhere, filepath.Join(parent, dirPrefix+"link")))
	require.NoError(t, os.WriteFile(filepath.Join(elsewhere, ownerFile), []byte("1\n"), 0o600))
	forgotten := filepath.Join(parent, dirPrefix+"forgotten")
	require.NoError(t, os.Mkdir(forgotten, 0o700))
	longAgo := time.Now().Add(-2 * settling)
	require.NoError(t, os.Chtimes(forgotten, longAgo, longAgo))

	// A stale postmaster.pid names a process that has nothing to do with it: this one.
	data := filepath.Join(forgotten, "data")
	require.NoError(t, os.Mkdir(data, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(data, "postmaster.pid"), []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600))
	require.NoError(t, os.Chtimes(forgotten, longAgo, longAgo))

	sweep(parent, slog.New(slog.DiscardHandler))
	require.DirExists(t, newborn)
	require.DirExists(t, unlocked)
	require.DirExists(t, elsewhere)
	require.NoDirExists(t, forgotten)
}

// When the tests run as root, this one covers the ordinary user; otherwise all the others do.
func TestOrdinaryUser(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("the other tests run as an ordinary user")
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Skip("there is no user nobody")
	}
	uid, err := strconv.ParseInt(nobody.Uid, 10, 64)
	require.NoError(t, err)
	gid, err := strconv.ParseInt(nobody.Gid, 10, 64)
	require.NoError(t, err)
	program := copyOfThisProgram(t)
	home := openDir(t)
	require.NoError(t, os.Chown(home, int(uid), int(gid)))
	for _, role := range []string{"owner", "sharer"} {
		cmd := exec.Command(program)
		cmd.Dir = "/"
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + home, roleVariable + "=" + role, "PGLOCAL_TEST_DIR=" + home}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
		_, reports := playCommand(t, cmd, 1)
		info, err := os.Stat(reports[0].dir())
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
		if role == "owner" {
			require.NoError(t, cmd.Process.Kill())
			_ = cmd.Wait()
			requireGone(t, reports[0])
			continue
		}
		// The sharer's run is this process, which goes on, so the cluster does too: end it by hand.
		require.NoError(t, cmd.Wait())
		require.NoError(t, ping(t.Context(), reports[0].URL))
		require.NoError(t, syscall.Kill(reports[0].Reaper, syscall.SIGKILL))
		require.NoError(t, syscall.Kill(reports[0].PID, syscall.SIGQUIT))
		require.Eventually(t, func() bool { return !runs(reports[0].PID) }, 10*time.Second, 20*time.Millisecond)
	}
}

func copyOfThisProgram(t *testing.T) string {
	t.Helper()
	path := filepath.Join(openDir(t), "program")
	from, err := os.Open(os.Args[0])
	require.NoError(t, err)
	defer from.Close()
	to, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o755)
	require.NoError(t, err)
	_, err = io.Copy(to, from)
	require.NoError(t, err)
	require.NoError(t, to.Close())
	return path
}

func TestShared(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	run, reports := play(t, "run", dir, 8)
	for _, r := range reports {
		require.Equal(t, reports[0].URL, r.URL)
		require.Equal(t, reports[0].PID, r.PID)
	}
	conf, err := filepath.Glob(filepath.Join(dir, "henk-*", "*.json"))
	require.NoError(t, err)
	require.Len(t, conf, 1)
	info, err := os.Stat(conf[0])
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	time.Sleep(700 * time.Millisecond) // longer than the reaper's glance at the run
	require.NoError(t, ping(t.Context(), reports[0].URL), "the cluster ended before the run did")
	require.NoError(t, run.Process.Kill())
	_ = run.Wait()
	requireGone(t, reports[0])
	require.Eventually(t, func() bool {
		left, err := filepath.Glob(filepath.Join(dir, "henk-*", "*"))
		return err == nil && len(left) == 0
	}, 5*time.Second, 20*time.Millisecond, "files of the run are left")
}

func TestSharedStartsAnewWhenTheClusterIsDead(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	_, first := play(t, "sharer", dir, 1) // its run is this process
	_, second := play(t, "sharer", dir, 1)
	require.Equal(t, first[0].PID, second[0].PID)
	require.NoError(t, syscall.Kill(first[0].PID, syscall.SIGKILL))
	require.Eventually(t, func() bool { return ping(context.Background(), first[0].URL) != nil }, 10*time.Second, 20*time.Millisecond)
	_, third := play(t, "sharer", dir, 1)
	require.NotEqual(t, first[0].URL, third[0].URL)
	require.NoError(t, ping(t.Context(), third[0].URL))
	for _, r := range []report{first[0], third[0]} {
		if r.Reaper != 0 {
			_ = syscall.Kill(r.Reaper, syscall.SIGKILL)
		}
		_ = syscall.Kill(r.PID, syscall.SIGQUIT)
	}
	require.Eventually(t, func() bool { return !runs(third[0].PID) }, 10*time.Second, 20*time.Millisecond)
}

func TestPrivateDirOfSomebodyElse(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	private, err := privateDir()
	require.NoError(t, err)
	require.NoError(t, os.Chmod(private, 0o755))
	_, err = privateDir()
	require.ErrorContains(t, err, "0700")
	require.NoError(t, os.Remove(private))
	require.NoError(t, os.Symlink(dir, private))
	_, err = privateDir()
	require.ErrorContains(t, err, "0700")
}

func TestForgetEnded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, key := range []string{processKey(os.Getpid()), "999999999-5", strconv.Itoa(os.Getpid()) + "-5"} {
		text, err := json.Marshal(sharedAddress{Port: 1})
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, key+".lock"), nil, 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(dir, key+".json"), text, 0o600))
	}
	forgetEnded(dir)
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	require.Equal(t, []string{
		filepath.Join(dir, processKey(os.Getpid())+".json"), filepath.Join(dir, processKey(os.Getpid())+".lock"),
	}, left)
}
