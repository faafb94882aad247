// Package dashboard is the operator's pages: what happens now, campaigns, leads and conversations, with the few changes
// that a person makes on them. Pages work as plain links and forms; events only bring them up to date.
//
// Lists are read by keyset, never counted. What has to read a campaign as a whole (funnel, reasons, charts) is worked out
// in the background, shared by all viewers, and shown with its age (figures.go). What changes by the second is read once
// a second while somebody watches (hub.go). Every change is one transaction with its audit row (audit.go).
//
// It may import web, jobs, storage, the domain packages, store and clock. It talks to no provider.
package dashboard

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/clock"
	"github.com/callhenk/henk-worker/internal/storage"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/jobs"
)

// Options are what the pages need. DB, Client and Log are required.
type Options struct {
	DB      *store.DB
	Client  *jobs.Client
	Clock   clock.Clock // the rules' clock, which decides what "today" is
	Log     *slog.Logger
	Version string
	Storage storage.Store // where recordings are; nil = nowhere

	// AccountConcurrent is how many calls the account may have at once, for what the rules say of it; 0 = no limit.
	AccountConcurrent int

	// Actor names the person behind a request, for the audit. nil = "operator".
	Actor func(*http.Request) string

	patience time.Duration // how long a page waits for figures that nobody has worked out yet; 0 = 60 ms
	every    time.Duration // between two looks of the live view; 0 = 1 s
}

// Dashboard serves the pages. Close ends what runs in the background.
type Dashboard struct {
	Options
	hub       *hub
	today     *figures[todayFigures]    // under uuid.Nil
	campaigns *figures[campaignFigures] // by campaign
	stop      context.CancelFunc
}

// Route is one route of the pages; every one needs a session.
type Route struct {
	Pattern string
	Handler http.HandlerFunc
}

// New builds the pages. Nothing runs in the background until somebody looks.
func New(o Options) *Dashboard {
	if o.Actor == nil {
		o.Actor = func(*http.Request) string { return "operator" }
	}
	if o.patience == 0 {
		o.patience = 60 * time.Millisecond
	}
	if o.every == 0 {
		o.every = time.Second
	}
	ctx, cancel := context.WithCancel(context.Background())
	d := &Dashboard{Options: o, stop: cancel}
	d.today = newFigures(ctx, o.Log, d.workOutToday)
	d.campaigns = newFigures(ctx, o.Log, d.workOutCampaign)
	d.hub = newHub(ctx, o.Log, o.every, d.load)
	return d
}

// Close ends the event streams and the background work. A closed dashboard serves pages without them.
func (d *Dashboard) Close() { d.stop() }

// Routes lists what is served.
func (d *Dashboard) Routes() []Route {
	return []Route{
		{"GET /{$}", d.now},
		{"GET /events", d.events},
		{"GET /campaigns", d.campaignList},
		{"GET /campaigns/{id}", d.campaignPage},
		{"POST /campaigns/{id}/status", d.campaignStatus},
		{"POST /campaigns/{id}/edit", d.campaignEdit},
		{"GET /leads", d.leadList},
		{"GET /leads/{id}", d.leadPage},
		{"POST /leads/{id}/do-not-call", d.leadDoNotCall},
		{"GET /conversations", d.conversationList},
		{"GET /conversations/corrections.jsonl", d.corrections},
		{"GET /conversations/{id}", d.conversationPage},
		{"GET /conversations/{id}/recording", d.recording},
		{"POST /conversations/{id}/correct", d.correct},
	}
}

// load works out the fragments of a topic; a hub asks for it once a second while somebody watches.
func (d *Dashboard) load(ctx context.Context, t topic) (map[string][]byte, error) {
	if t == topicNow {
		return d.nowFragments(ctx)
	}
	return d.campaignFragments(ctx, uuid.UUID(t))
}
