package server

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/callhenk/henk-worker/internal/store"
)

const (
	readyWithin = 2 * time.Second
	// readyFor and schemaFor are how long an answer holds, so that anybody who asks often does not load the database.
	readyFor  = time.Second
	schemaFor = 30 * time.Second
)

// healthz says that the process is up, and nothing about what it depends on: a platform restarts on a failure here,
// which mends no database.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok") }

// readyz says whether requests can be served now.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	if reason := s.ready.check(r.Context()); reason != "" {
		plain(w, http.StatusServiceUnavailable, reason)
		return
	}
	plain(w, http.StatusOK, "ready")
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n")
}

// readiness remembers the last answer; one caller at a time asks the database.
type readiness struct {
	db  *store.DB
	log *slog.Logger

	mu        sync.Mutex
	asked     time.Time
	reason    string
	schemaFit time.Time // when the schema was last found to fit
}

// check returns one line why the process is not ready, "" when it is. The line is shown to anybody: it says nothing of
// the server's address or of the error's text.
func (c *readiness) check(ctx context.Context) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.asked.IsZero() && time.Since(c.asked) < readyFor {
		return c.reason
	}
	// A caller that hangs up must not make the others' answer.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyWithin)
	defer cancel()
	reason, err := c.ask(ctx)
	if err != nil && reason != c.reason {
		c.log.WarnContext(ctx, "Not ready", "reason", reason, "err", err)
	}
	c.asked, c.reason = time.Now(), reason
	return reason
}

func (c *readiness) ask(ctx context.Context) (string, error) {
	if err := c.db.Ping(ctx); err != nil {
		return "the database does not answer", err
	}
	if time.Since(c.schemaFit) < schemaFor {
		return "", nil
	}
	err := store.CheckSchema(ctx, c.db, c.log)
	switch {
	case errors.Is(err, store.ErrOldSchema):
		return err.Error(), err
	case err != nil:
		return "the database's schema cannot be read", err
	}
	c.schemaFit = time.Now()
	return "", nil
}
