//go:build linux || darwin

package pglocal

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"
)

const (
	superuser    = "henk"
	startTimeout = time.Minute
)

// Server is a running cluster.
type Server struct {
	dir      string // holds the lock of the owner, the server's log and data
	bindir   string
	account  account
	password string
	port     int

	owner   *os.File
	reaper  *reaper
	process *os.Process
	exited  chan struct{} // closed when process has ended

	attached bool // another process, or nobody but the reaper, is responsible for its end
	stopOnce sync.Once
	stopErr  error
}

// Start makes a new cluster and returns when it answers, usually within a second. The caller has to Stop it; should
// the process die before, a reaper stops the server and removes its directory within a few seconds. Where no server
// is installed one is downloaded, which takes longer.
func Start(ctx context.Context, o Options) (*Server, error) {
	return start(ctx, o, freePort)
}

// start takes the source of port numbers, and files that shall be removed with the cluster.
func start(ctx context.Context, o Options, ports func() (int, error), files ...string) (*Server, error) {
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	conf, err := o.conf()
	if err != nil {
		return nil, err
	}
	bindir, err := usualSearch().orFetch(ctx, cacheDir(), "", log)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	acc, err := serverAccount()
	if err != nil {
		return nil, err
	}
	parent, err := acc.parentDir(ctx, bindir, o.Dir, log)
	if err != nil {
		return nil, err
	}
	sweep(parent, log)
	s := &Server{bindir: bindir, account: acc}
	if err := s.makeDir(parent, files); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	if err := s.initdb(ctx, conf); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	if err := s.launchOnFreePort(ctx, ports); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

// makeDir makes the private directory, marks it as owned by this process and sets the reaper on it.
func (s *Server) makeDir(parent string, files []string) error {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	s.password = hex.EncodeToString(secret)
	var err error
	if s.dir, err = os.MkdirTemp(parent, dirPrefix); err != nil {
		return fmt.Errorf("making the cluster's directory: %w", err)
	}
	if s.owner, err = tryLock(filepath.Join(s.dir, ownerFile), os.O_CREATE); err != nil {
		return fmt.Errorf("locking the cluster's directory: %w", err)
	}
	if _, err = fmt.Fprintln(s.owner, os.Getpid()); err != nil {
		return fmt.Errorf("marking the cluster's directory: %w", err)
	}
	if s.reaper, err = startReaper(s.dir, s.owner, files...); err != nil {
		return err
	}
	if err = os.Mkdir(s.data(), 0o700); err != nil {
		return fmt.Errorf("making the data directory: %w", err)
	}
	if s.account.cred == nil {
		return nil
	}
	// The server's user passes through this directory to its own and can neither list nor change it.
	if err = os.Chown(s.dir, os.Geteuid(), int(s.account.cred.Gid)); err != nil {
		return fmt.Errorf("opening the cluster's directory to user %s: %w", s.account.name, err)
	}
	if err = os.Chmod(s.dir, 0o710); err != nil {
		return fmt.Errorf("opening the cluster's directory to user %s: %w", s.account.name, err)
	}
	return s.account.own(s.data())
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// URL returns the address of a database of the cluster, for its superuser. It contains the password.
func (s *Server) URL(database string) string {
	u := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(superuser, s.password),
		Host:     "127.0.0.1:" + strconv.Itoa(s.port),
		Path:     "/" + database,
		RawQuery: "sslmode=disable",
	}
	return u.String()
}

// Stop shuts the server down, breaking off what its clients do, and removes the cluster. Calling it again does
// nothing. A server from Shared goes on: it ends with the run that it belongs to.
func (s *Server) Stop() error {
	if s.attached {
		return nil
	}
	s.stopOnce.Do(func() { s.stopErr = s.stop() })
	return s.stopErr
}

func (s *Server) stop() error {
	err := s.stopProcess()
	if s.dir != "" {
		if rmErr := os.RemoveAll(s.dir); rmErr != nil {
			err = errors.Join(err, fmt.Errorf("removing the cluster's directory: %w", rmErr))
		}
	}
	if s.reaper != nil {
		s.reaper.release()
	}
	closeFile(s.owner)
	return err
}

// Restart shuts the server down, breaking off what its clients do, and starts it again on the same port with the same
// data. It must not run beside Stop. A server from Shared belongs to others too and is not restarted.
func (s *Server) Restart(ctx context.Context) error {
	if s.attached {
		return errors.New("the shared cluster is not this process's to restart")
	}
	if err := s.stopProcess(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	return s.launch(ctx)
}

// stopProcess asks ever less politely: fast shutdown, immediate shutdown, kill.
func (s *Server) stopProcess() error {
	if s.process == nil {
		return nil
	}
	for _, step := range []struct {
		signal   os.Signal
		patience time.Duration
	}{{syscall.SIGINT, 10 * time.Second}, {syscall.SIGQUIT, 5 * time.Second}, {syscall.SIGKILL, 5 * time.Second}} {
		if err := s.process.Signal(step.signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("stopping the server: %w", err)
		}
		select {
		case <-s.exited:
			return nil
		case <-time.After(step.patience):
		}
	}
	return errors.New("stopping the server: it does not end, even when killed")
}
