//go:build linux || darwin

package pglocal

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	dirPrefix = "henk-pg-"
	ownerFile = "owner"
	// settling is how long a directory may be without an owner: its maker has yet to lock it.
	settling = 10 * time.Minute
)

// sweep removes the clusters in parent whose owner and reaper both died.
func sweep(parent string, log *slog.Logger) {
	dirs, _ := filepath.Glob(filepath.Join(escapeGlob(parent), dirPrefix+"*"))
	for _, dir := range dirs {
		if !isOurs(dir) {
			continue
		}
		lock, err := tryLock(filepath.Join(dir, ownerFile), 0)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			continue // alive, or not for us to judge
		}
		if !abandoned(dir, lock) {
			closeFile(lock)
			continue
		}
		if err := reapNow(dir, lock); err != nil {
			log.Warn("an abandoned cluster could not be removed", "dir", dir, "error", err)
		} else {
			log.Info("removed a cluster that a killed process had left behind", "dir", dir)
		}
		closeFile(lock)
	}
}

// abandoned tells a dead owner from one that is just being born: who has locked the file writes into it at once.
func abandoned(dir string, lock *os.File) bool {
	if lock != nil {
		if info, err := lock.Stat(); err == nil && info.Size() > 0 {
			return true
		}
	}
	info, err := os.Stat(dir)
	return err == nil && time.Since(info.ModTime()) > settling
}

// reapNow lets a reaper do its work at once.
func reapNow(dir string, lock *os.File) error {
	r, err := startReaper(dir, lock)
	if err != nil {
		return err
	}
	r.release()
	if _, err := os.Lstat(dir); !errors.Is(err, os.ErrNotExist) {
		return errors.New("it is still there")
	}
	return nil
}

// isOurs keeps out what another user has put there to be found: a temporary directory is open to everybody.
func isOurs(dir string) bool {
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}

func closeFile(f *os.File) {
	if f != nil {
		f.Close()
	}
}

func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}
