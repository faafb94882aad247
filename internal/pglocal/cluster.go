//go:build linux || darwin

package pglocal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// reserved settings are what keeps other users out and lets this package find the server.
var reserved = []string{
	"listen_addresses", "port", "unix_socket_directories", "password_encryption", "hba_file", "data_directory",
	"config_file", "external_pid_file", "logging_collector", "log_destination",
}

var settingName = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$`)

// conf returns the lines that are added to postgresql.conf, of which the last one of a name counts.
func (o Options) conf() (string, error) {
	settings := map[string]string{
		"max_connections": "200",
		"shared_buffers":  "128MB",
		"jit":             "off",
		"autovacuum":      "on",
	}
	if !o.Durable {
		maps.Copy(settings, map[string]string{
			"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
			"wal_level": "minimal", "max_wal_senders": "0", // minimal allows no senders
		})
	}
	for name, value := range o.Settings {
		if !settingName.MatchString(name) || strings.ContainsAny(value, "\n\x00") {
			return "", fmt.Errorf("setting %q: not the name of a PostgreSQL setting, or its value has several lines", name)
		}
		if slices.Contains(reserved, name) {
			return "", fmt.Errorf("setting %q is fixed: it belongs to what keeps the cluster private", name)
		}
		settings[name] = value
	}
	maps.Copy(settings, map[string]string{
		"listen_addresses":        "127.0.0.1",
		"unix_socket_directories": "", // no socket: a path of 107 bytes is too short for some temporary directories
		"password_encryption":     "scram-sha-256",
		"logging_collector":       "off",
		"log_destination":         "stderr",
	})
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		fmt.Fprintf(&b, "%s = '%s'\n", name, strings.NewReplacer(`'`, `''`, `\`, `\\`).Replace(settings[name]))
	}
	return b.String(), nil
}

// initdb makes the data directory, with a superuser who has the password, and configures it.
func (s *Server) initdb(ctx context.Context, conf string) error {
	pwfile := filepath.Join(s.dir, "password")
	if err := os.WriteFile(pwfile, []byte(s.password+"\n"), 0o600); err != nil {
		return fmt.Errorf("writing the password for initdb: %w", err)
	}
	defer os.Remove(pwfile)
	if err := s.account.own(pwfile); err != nil {
		return err
	}
	// macOS and some small systems lack C.UTF-8; C sorts the same and differs in the case of letters beyond ASCII.
	out, err := s.runInitdb(ctx, pwfile, "C.UTF-8")
	if err != nil && bytes.Contains(out, []byte("invalid locale")) {
		out, err = s.runInitdb(ctx, pwfile, "C")
	}
	if err != nil {
		return fmt.Errorf("running initdb: %w: %s", err, tail(string(out)))
	}
	f, err := os.OpenFile(filepath.Join(s.data(), "postgresql.conf"), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return fmt.Errorf("configuring the cluster: %w", err)
	}
	_, err = f.WriteString(conf)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("configuring the cluster: %w", err)
	}
	hba := []byte("host all all 127.0.0.1/32 scram-sha-256\n")
	if err := os.WriteFile(filepath.Join(s.data(), "pg_hba.conf"), hba, 0o600); err != nil {
		return fmt.Errorf("configuring who may connect: %w", err)
	}
	return nil
}

func (s *Server) runInitdb(ctx context.Context, pwfile, locale string) ([]byte, error) {
	cmd := s.account.command(ctx, s.dir, filepath.Join(s.bindir, "initdb"), "-D", s.data(), "-U", superuser, "--pwfile", pwfile,
		"--auth=scram-sha-256", "-E", "UTF8", "--locale="+locale, "--no-sync", "--no-instructions")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s.reaper.tell("pid %d", cmd.Process.Pid)
	err := cmd.Wait()
	s.reaper.tell("gone")
	return out.Bytes(), err
}

var errPortTaken = errors.New("the port was taken by another process")

// launchOnFreePort starts the server, again when somebody takes the port after it was found free.
func (s *Server) launchOnFreePort(ctx context.Context, ports func() (int, error)) error {
	for attempt := 1; ; attempt++ {
		port, err := ports()
		if err != nil {
			return fmt.Errorf("looking for a free port: %w", err)
		}
		s.port = port
		err = s.launch(ctx)
		if err == nil || attempt == 5 || !errors.Is(err, errPortTaken) {
			return err
		}
	}
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// launch starts the server and waits until it answers.
func (s *Server) launch(ctx context.Context) error {
	logPath := filepath.Join(s.dir, "postgres.log")
	logFile, err := os.OpenFile(logPath, os.O_CREATE|os.O_WRONLY|os.O_TRUNC|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("opening the server's log: %w", err)
	}
	defer logFile.Close()
	// Its life is not bound to ctx, which is about the start alone.
	cmd := s.account.command(context.WithoutCancel(ctx), s.dir, filepath.Join(s.bindir, "postgres"), "-D", s.data(), "-p", strconv.Itoa(s.port))
	cmd.Stdout, cmd.Stderr = logFile, logFile
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting the server: %w", err)
	}
	s.reaper.tell("pid %d", cmd.Process.Pid)
	s.process, s.exited = cmd.Process, make(chan struct{})
	go s.waitFor(cmd, s.exited)
	err = s.awaitReady(ctx)
	if err == nil {
		return nil
	}
	text, _ := os.ReadFile(logPath)
	if bytes.Contains(text, []byte("Address already in use")) {
		err = errPortTaken
	}
	return fmt.Errorf("starting the server: %w; its log ends with:\n%s", err, tail(string(text)))
}

func (s *Server) waitFor(cmd *exec.Cmd, exited chan struct{}) {
	_ = cmd.Wait() // why it ended is in its log
	s.reaper.tell("gone")
	close(exited)
}

// awaitReady first waits for the server's own word in its private directory, so that the password is never sent to
// a stranger who has taken the port.
func (s *Server) awaitReady(ctx context.Context) error {
	var lastErr error
	for {
		if s.saysReady() {
			if lastErr = ping(ctx, s.URL("postgres")); lastErr == nil {
				return nil
			}
		}
		select {
		case <-s.exited:
			return errors.New("it ended at once")
		case <-ctx.Done():
			return fmt.Errorf("it does not answer: %w", errors.Join(ctx.Err(), lastErr))
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// saysReady reads the eighth line of postmaster.pid, the state of the server.
func (s *Server) saysReady() bool {
	text, err := os.ReadFile(filepath.Join(s.data(), "postmaster.pid"))
	if err != nil {
		return false
	}
	lines := strings.Split(string(text), "\n")
	return len(lines) > 7 && strings.TrimSpace(lines[7]) == "ready"
}

func ping(ctx context.Context, databaseURL string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return conn.Ping(ctx)
}

// tail returns the last lines of a program's output.
func tail(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-15):], "\n")
}
