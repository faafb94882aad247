// Package server is the HTTP side of henk: the routes, the login in front of them, River UI, health and readiness.
//
// Every route needs a session unless routes.go says otherwise, also one that does not exist. It may import web, jobs,
// storage, store, clock, config and the packages whose pages it mounts.
package server

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"riverqueue.com/riverui"

	"github.com/callhenk/henk-worker/internal/clock"
	"github.com/callhenk/henk-worker/internal/dashboard"
	"github.com/callhenk/henk-worker/internal/storage"
	"github.com/callhenk/henk-worker/internal/store"
)

// Options are what a Server needs. Client, DB and Log are required.
type Options struct {
	Client  *river.Client[pgx.Tx] // River UI works through it; it need not be started
	DB      *store.DB
	Clock   clock.Clock // the rules' clock, which decides what "today" is
	Log     *slog.Logger
	Version string

	// Webhook answers POST /webhooks/elevenlabs; it judges and bounds requests itself. nil = 503.
	Webhook http.Handler

	// AccountConcurrent is how many calls the account may have at once; 0 = no limit. The pages explain by it.
	AccountConcurrent int
	// APITokens let programs in (HENK_API_TOKEN, the service-role key); empty ones let nobody in.
	APITokens []string
	// JWTSecret checks the tokens of the web app's users (SUPABASE_JWT_SECRET). "" = none is let in.
	JWTSecret string
	// BasePath is the path under which a proxy shows everything, such as "/henk"; "" = the root.
	BasePath string
	// Metrics answers GET /metrics, behind the login or a token. nil = 404.
	Metrics http.Handler
	// Observe is told how each route answered; the status is 0 where nothing was written. nil = nobody asks.
	Observe func(pattern string, status int, took time.Duration)
	// Trace goes around everything. nil = nothing does.
	Trace func(http.Handler) http.Handler
	// Route is told, with a request's context, which pattern serves it. nil = nobody asks.
	Route func(ctx context.Context, pattern string)

	// Doctor runs the checks of `henk doctor` for its page; nil = the page says how to run them.
	Doctor func(context.Context) []dashboard.Check
	// SalesforceQuota asks an integration's org what it allows; nil = the page does not say.
	SalesforceQuota func(context.Context, uuid.UUID) (dashboard.Quota, error)

	// Storage is where recordings are, to be listened to. nil = they cannot be.
	Storage storage.Store

	// Username and Password open the pages; both empty = nobody can log in with them. Password is plain or a hash, bcrypt or Argon2id.
	Username, Password string
	// LoginToken, where set, logs in whoever follows /login?token=..., as long as the process runs. For the demo.
	LoginToken string
	// SessionKey signs session cookies, at least 32 bytes. nil = random: sessions end with the process and hold in this
	// process only (SessionKeyFor gives one that lasts).
	SessionKey []byte
	// ClientIPHeader names the header in which the platform's proxy puts the caller's address ("Fly-Client-IP" on Fly).
	// Empty = the last entry of X-Forwarded-For. Either counts only where the connection comes from a private network.
	ClientIPHeader string

	readHeaderTimeout time.Duration // shorter in tests; 0 = the default
}

// Server answers HTTP requests. Handler may be used at once; River UI shows counts only after Start.
type Server struct {
	opts     Options
	creds    credentials
	sessions *sessions
	limit    *attemptLimiter
	ready    *readiness
	riverUI  *riverui.Handler
	pages    *dashboard.Dashboard
	handler  http.Handler
	stop     context.CancelFunc

	stopping context.Context // ends when the server stops: callers who wait get what there is
	endWaits context.CancelFunc
	waiting  atomic.Int32
	plans    chan struct{}
}

// New builds a server; the error says which option is wrong and how to mend it.
func New(opts Options) (*Server, error) {
	if opts.Client == nil || opts.DB == nil || opts.Log == nil {
		return nil, errors.New("the server needs a job client, a database and a logger")
	}
	creds, err := newCredentials(opts.Username, opts.Password)
	if err != nil {
		return nil, err
	}
	if opts.SessionKey == nil {
		opts.SessionKey = make([]byte, 32)
		_, _ = rand.Read(opts.SessionKey) // never fails
	}
	if len(opts.SessionKey) < 32 {
		return nil, fmt.Errorf("the session key has %d bytes; it needs at least 32", len(opts.SessionKey))
	}
	s := &Server{
		opts: opts, creds: creds,
		sessions: newSessions(opts.SessionKey, cmp.Or(opts.BasePath, "/"), time.Now),
		limit:    newAttemptLimiter(time.Now),
		ready:    &readiness{db: opts.DB, log: opts.Log},
	}
	s.plans = make(chan struct{}, maxPlans)
	s.stopping, s.endWaits = context.WithCancel(context.Background())
	if s.riverUI, err = newRiverUI(opts.Client, opts.Log, opts.BasePath+riverUIPrefix); err != nil {
		return nil, err
	}
	s.pages = dashboard.New(dashboard.Options{DB: opts.DB, Client: opts.Client, Clock: opts.Clock, Log: opts.Log, Version: opts.Version,
		Storage: opts.Storage, AccountConcurrent: opts.AccountConcurrent, Actor: s.actor, Doctor: opts.Doctor, SalesforceQuota: opts.SalesforceQuota})
	s.handler = s.around(s.mux())
	return s, nil
}

// actor names who is behind a request, for the audit: there is one login.
func (s *Server) actor(*http.Request) string { return cmp.Or(s.opts.Username, "operator") }

// Handler serves all routes.
func (s *Server) Handler() http.Handler { return s.handler }

// Start starts what River UI runs in the background; Stop or the end of ctx stops it.
func (s *Server) Start(ctx context.Context) error {
	ctx, s.stop = context.WithCancel(ctx)
	if err := s.riverUI.Start(ctx); err != nil {
		s.stop()
		return fmt.Errorf("starting River UI: %w", err)
	}
	return nil
}

// Stop undoes Start and ends the live views.
func (s *Server) Stop() {
	s.endWaits()
	s.pages.Close()
	if s.stop != nil {
		s.stop()
	}
}
