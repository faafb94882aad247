//go:build linux || darwin

package pglocal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// shared is this process's connection to the cluster of its run.
var shared struct {
	sync.Mutex
	server *Server
}

// Shared returns the cluster that all test processes of one `go test` run share; the first one starts it. It ends,
// within a second, when the process that started the caller ends: the go tool, or a debugger, an editor or a shell.
// It takes no account of DATABASE_URL. Callers make databases of their own in it.
func Shared(ctx context.Context) (*Server, error) {
	shared.Lock()
	defer shared.Unlock()
	if shared.server != nil {
		return shared.server, nil
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout+startTimeout)
	defer cancel()
	dir, err := privateDir()
	if err != nil {
		return nil, err
	}
	pid := os.Getppid()
	if pid <= 1 { // the parent is gone or is the container's first process, which says nothing about this run
		pid = os.Getpid()
	}
	key := processKey(pid)
	lock, err := lockFile(ctx, filepath.Join(dir, key+".lock"))
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	address := filepath.Join(dir, key+".json")
	s, err := attach(ctx, address)
	if err != nil {
		forgetEnded(dir)
		s, err = startShared(ctx, pid, address, lock.Name())
	}
	if err != nil {
		return nil, err
	}
	shared.server = s
	return s, nil
}

// sharedAddress is what the processes of a run tell each other, in a file that only their user can read.
type sharedAddress struct {
	Port     int    `json:"port"`
	Password string `json:"password"`
}

// attach connects to the cluster that another process of this run has started.
func attach(ctx context.Context, path string) (*Server, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var a sharedAddress
	if err := json.Unmarshal(text, &a); err != nil {
		return nil, fmt.Errorf("reading the address of the shared cluster: %w", err)
	}
	s := &Server{port: a.Port, password: a.Password, attached: true}
	if err := ping(ctx, s.URL("postgres")); err != nil {
		return nil, fmt.Errorf("connecting to the shared cluster: %w", err)
	}
	return s, nil
}

// startShared starts the cluster and leaves it to its reaper, which watches the process pid.
func startShared(ctx context.Context, pid int, address, lock string) (*Server, error) {
	s, err := start(ctx, Options{Settings: map[string]string{"max_connections": "400"}}, freePort, address, lock)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(sharedAddress{Port: s.port, Password: s.password})
	if err == nil {
		err = writeWhole(address, text)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("writing the address of the shared cluster: %w", err), s.Stop())
	}
	s.reaper.tell("keep %d", pid)
	s.attached = true
	return s, nil
}

// writeWhole never leaves half a file.
func writeWhole(path string, text []byte) error {
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// privateDir is where the processes of one user meet. Somebody else may have made a directory of this name.
func privateDir() (string, error) {
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("henk-%d", os.Geteuid()))
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return "", fmt.Errorf("making a private directory: %w", err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", fmt.Errorf("looking at the private directory: %w", err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !ok || int(stat.Uid) != os.Geteuid() || info.Mode().Perm() != 0o700 {
		return "", fmt.Errorf("%s is not a directory that belongs to this user alone (mode 0700); remove it, or set TMPDIR to another place", dir)
	}
	return dir, nil
}

// forgetEnded removes the files of runs that ended without a reaper.
func forgetEnded(dir string) {
	locks, _ := filepath.Glob(filepath.Join(escapeGlob(dir), "*.lock"))
	for _, lock := range locks {
		key := strings.TrimSuffix(filepath.Base(lock), ".lock")
		pid, err := strconv.Atoi(strings.SplitN(key, "-", 2)[0])
		if err != nil || processKey(pid) == key {
			continue
		}
		_ = os.Remove(strings.TrimSuffix(lock, ".lock") + ".json")
		_ = os.Remove(lock)
	}
}
