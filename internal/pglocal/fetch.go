//go:build linux || darwin

package pglocal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

const (
	fetchVersion = embeddedpostgres.V17
	fetchTimeout = 10 * time.Minute
	// extracted begins the error with which embedded-postgres reports that it has unpacked the server and then failed
	// to run it, which is what fetchInto makes it do.
	extracted = "could not start postgres"
)

// installHint tells how to mend a missing server.
const installHint = "install PostgreSQL (`apt-get install postgresql`, `brew install postgresql@16`), point HENK_PG_BIN to the " +
	"directory that holds initdb and postgres, or set DATABASE_URL to a server that runs already"

// fetchedBinDir is where a downloaded server lies, whether there is one or not.
func fetchedBinDir() string {
	return filepath.Join(cacheDir(), "postgres-"+string(fetchVersion), "bin")
}

// cacheDir keeps downloads. Root's own cache lies in a home that the server's user may not enter.
func cacheDir() string {
	if os.Geteuid() == 0 {
		return "/var/cache/henk"
	}
	if dir, err := os.UserCacheDir(); err == nil {
		return filepath.Join(dir, "henk")
	}
	return filepath.Join(os.TempDir(), fmt.Sprintf("henk-cache-%d", os.Geteuid()))
}

// orFetch returns the directory of the server's programs, downloading them into cache where none are installed.
func (s search) orFetch(ctx context.Context, cache, mirror string, log *slog.Logger) (string, error) {
	bindir, notes, err := s.run()
	for _, note := range notes {
		log.Info("skipped a PostgreSQL server", "reason", note)
	}
	if !errors.Is(err, ErrNoBinaries) {
		return bindir, err
	}
	log.Info("no PostgreSQL server is installed, downloading one", "version", string(fetchVersion), "to", cache)
	bindir, fetchErr := fetch(ctx, cache, mirror)
	if fetchErr != nil {
		return "", fmt.Errorf("%w, and downloading one failed: %w; %s", err, fetchErr, installHint)
	}
	return bindir, nil
}

// fetch downloads the server into cache, once however many processes ask for it, and returns the directory of its
// programs. mirror overrides the address of the repository.
func fetch(ctx context.Context, cache, mirror string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", fmt.Errorf("making the cache directory: %w", err)
	}
	lock, err := lockFile(ctx, filepath.Join(cache, "postgres.lock"))
	if err != nil {
		return "", err
	}
	defer lock.Close()
	target := filepath.Join(cache, "postgres-"+string(fetchVersion))
	bindir := filepath.Join(target, "bin")
	if _, err := serverVersion(bindir); err == nil {
		return bindir, nil // another process was faster
	}
	// The library cannot be cancelled; when the time is over it is left behind and its result not looked at.
	done := make(chan error, 1)
	go func() { done <- fetchInto(cache, target, mirror) }()
	select {
	case err = <-done:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		return "", err
	}
	if _, err := serverVersion(bindir); err != nil {
		return "", fmt.Errorf("the downloaded server is of no use here: %w", err)
	}
	return bindir, nil
}

// fetchInto unpacks the server beside target and moves it there when it is whole. The library does not offer to
// download without running the server, so it is given a data directory that looks initialised and holds nothing:
// it unpacks the programs, and its attempt to start them fails without having done anything.
func fetchInto(cache, target, mirror string) error {
	work, err := os.MkdirTemp(cache, "unpack-")
	if err != nil {
		return fmt.Errorf("making a directory to unpack in: %w", err)
	}
	defer os.RemoveAll(work)
	data := filepath.Join(work, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		return fmt.Errorf("making a directory to unpack in: %w", err)
	}
	major, _, _ := strings.Cut(string(fetchVersion), ".")
	if err := os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte(major+"\n"), 0o600); err != nil {
		return fmt.Errorf("preparing to unpack: %w", err)
	}
	unpacked := filepath.Join(work, "server")
	cfg := embeddedpostgres.DefaultConfig().Version(fetchVersion).Port(0).Logger(io.Discard).CachePath(work).
		RuntimePath(filepath.Join(work, "run")).BinariesPath(unpacked).DataPath(data)
	if mirror != "" {
		cfg = cfg.BinaryRepositoryURL(mirror)
	}
	if err := embeddedpostgres.NewDatabase(cfg).Start(); err == nil || !strings.HasPrefix(err.Error(), extracted) {
		return fmt.Errorf("fetching PostgreSQL %s: %w", fetchVersion, err)
	}
	if err := makeReadable(unpacked); err != nil {
		return err
	}
	if err := os.RemoveAll(target); err != nil {
		return fmt.Errorf("removing an incomplete download: %w", err)
	}
	if err := os.Rename(unpacked, target); err != nil {
		return fmt.Errorf("moving the downloaded server into place: %w", err)
	}
	return nil
}

// makeReadable lets other users run the server: root downloads it, an unprivileged user runs it.
func makeReadable(root string) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Type()&fs.ModeSymlink != 0 {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		mode := info.Mode().Perm() | 0o444
		if mode&0o100 != 0 {
			mode |= 0o111
		}
		return os.Chmod(path, mode)
	})
}
