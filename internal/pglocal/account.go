//go:build linux || darwin

package pglocal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// account is the system user that runs initdb and postgres: the caller's own (zero value), or for root, whom
// PostgreSQL refuses, an unprivileged one.
type account struct {
	name string
	cred *syscall.Credential
}

func serverAccount() (account, error) {
	if os.Geteuid() != 0 {
		return account{}, nil
	}
	for _, name := range []string{"postgres", "_postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseInt(u.Uid, 10, 64)
		gid, errGID := strconv.ParseInt(u.Gid, 10, 64)
		if errUID != nil || errGID != nil || uid == 0 {
			continue
		}
		// Setting the groups drops root's; macOS writes nobody as -2, hence the conversion.
		cred := &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid), Groups: []uint32{uint32(gid)}}
		return account{name: name, cred: cred}, nil
	}
	return account{}, errors.New("PostgreSQL refuses to run as root, and there is no user postgres or nobody to run it as; " +
		"run this as an ordinary user or set DATABASE_URL")
}

// command prepares a program that runs as the account, with dir as its working directory, in a session of its own so
// that Ctrl-C in the terminal does not reach it.
func (a account) command(ctx context.Context, dir, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	cmd.WaitDelay = 5 * time.Second // a killed initdb may leave a child that holds its output open for a moment
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: a.cred}
	// The caller's PGDATA, PGPORT, locale and zone must not change what comes out. Messages are to be in English,
	// because one of them is looked for, and a given zone saves initdb a search through all of them.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "LC_ALL=C", "TZ=UTC"}
	for _, kept := range []string{"LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"} {
		if v := os.Getenv(kept); v != "" {
			cmd.Env = append(cmd.Env, kept+"="+v)
		}
	}
	return cmd
}

// own gives path to the account.
func (a account) own(path string) error {
	if a.cred == nil {
		return nil
	}
	if err := os.Chown(path, int(a.cred.Uid), int(a.cred.Gid)); err != nil {
		return fmt.Errorf("giving %s to user %s: %w", path, a.name, err)
	}
	return nil
}

// canWorkIn tries whether the account can enter dir, by running the server's program there.
func (a account) canWorkIn(ctx context.Context, bindir, dir string) error {
	out, err := a.command(ctx, dir, filepath.Join(bindir, "postgres"), "--version").CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

// parentDir chooses where the cluster's directory is made. The account must be able to reach it, which is not so
// when root's TMPDIR is private to root.
func (a account) parentDir(ctx context.Context, bindir, wanted string, log *slog.Logger) (string, error) {
	choose := func() (string, error) { return a.tempDir(ctx, bindir, log) }
	if wanted != "" {
		choose = func() (string, error) { return a.wantedDir(ctx, bindir, wanted) }
	}
	dir, err := choose()
	if err == nil || a.cred == nil {
		return dir, err
	}
	// The programs may be as closed to the account as the directory: then no directory would do.
	if progErr := a.canWorkIn(ctx, bindir, "/"); progErr != nil {
		err = fmt.Errorf("running the PostgreSQL server in %s as user %s, because PostgreSQL refuses root: %w; "+
			"run this as an ordinary user or set DATABASE_URL", bindir, a.name, progErr)
	}
	return "", err
}

func (a account) tempDir(ctx context.Context, bindir string, log *slog.Logger) (string, error) {
	candidates := []string{os.TempDir(), "/tmp", "/var/tmp"}
	var firstErr error
	for _, dir := range candidates {
		err := a.canWorkIn(ctx, bindir, dir)
		if err == nil {
			if firstErr != nil {
				log.Info("the temporary directory cannot be used by the server's user, using another", "unusable", candidates[0], "using", dir)
			}
			return filepath.EvalSymlinks(dir)
		}
		if firstErr == nil {
			firstErr = err
		}
	}
	return "", fmt.Errorf("no temporary directory can be used by the server's user (%s: %w); set TMPDIR to one that can", candidates[0], firstErr)
}

func (a account) wantedDir(ctx context.Context, bindir, wanted string) (string, error) {
	dir, err := filepath.Abs(wanted)
	if err != nil {
		return "", fmt.Errorf("resolving the cluster's parent directory: %w", err)
	}
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		mode := os.FileMode(0o700)
		if a.cred != nil {
			mode = 0o711
		}
		if err := os.MkdirAll(dir, mode); err != nil {
			return "", fmt.Errorf("making the cluster's parent directory: %w", err)
		}
	}
	if err := a.canWorkIn(ctx, bindir, dir); err != nil && a.cred == nil {
		return "", fmt.Errorf("running the server in %s: %w", dir, err)
	} else if err != nil {
		return "", fmt.Errorf("%s cannot be used by the server's user %s: %w; choose a directory that this user may enter", dir, a.name, err)
	}
	return filepath.EvalSymlinks(dir)
}
