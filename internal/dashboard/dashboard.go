// Package dashboard is the operator's pages: what happens now, campaigns, leads and conversations, with the few changes
// that a person makes on them. Pages work as plain links and forms; events only bring them up to date.
//
// Lists are read by keyset, never counted. What has to read a campaign as a whole (funnel, reasons, charts) is worked out
// in the background, shared by all viewers, and shown with its age (figures.go). What changes by the second is read once
// a second while somebody watches (hub.go). Every change is one transaction with its audit row (audit.go).
//
// It may import web, jobs, storage, the domain packages, store and clock. It talks to no provider; what only a provider
// knows it asks through functions among its options.
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

	// Doctor runs the checks of `henk doctor`; nil = the page says how to run them.
	Doctor func(context.Context) []Check
	// SalesforceQuota asks an integration's org what it allows; nil = the page does not say. It is asked in the background
	// and at most once in quotaFresh.
	SalesforceQuota func(context.Context, uuid.UUID) (Quota, error)
	// UploadDir is where files that are imported lie while they are, as large as maxUpload; "" = the system's place.
	UploadDir string

	patience time.Duration // how long a page waits for figures that nobody has worked out yet; 0 = 60 ms
	every    time.Duration // between two looks of the live view; 0 = 1 s
}

// Dashboard serves the pages. Close ends what runs in the background.
type Dashboard struct {
	Options
	hub       *hub
	today     *figures[todayFigures]    // under uuid.Nil
	campaigns *figures[campaignFigures] // by campaign
	tomorrows *figures[tomorrowFigures] // by campaign
	checks    *figures[[]Check]         // under uuid.Nil
	quotas    *figures[Quota]           // by integration
	imports   *imports
	exports   chan struct{}
	stop      context.CancelFunc
}

// Route is one route of the pages; every one needs a session.
type Route struct {
	Pattern string
	Handler http.HandlerFunc
	OwnBody bool // it bounds the request's body itself, and takes larger ones than other routes
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
	d.today = newFigures(ctx, o.Log, "scope", d.workOutToday)
	d.campaigns = newFigures(ctx, o.Log, "campaign_id", d.workOutCampaign)
	d.tomorrows = newFigures(ctx, o.Log, "campaign_id", d.workOutTomorrow)
	d.tomorrows.slots = make(chan struct{}, 1) // each holds a campaign's leads in memory
	d.checks = newFigures(ctx, o.Log, "scope", d.runChecks)
	d.quotas = newFigures(ctx, o.Log, "integration_id", newQuotaKeeper(o.SalesforceQuota).ask)
	d.imports = newImports(ctx, d)
	d.exports = make(chan struct{}, exportsAtOnce)
	d.hub = newHub(ctx, o.Log, o.every, d.load)
	return d
}

// Close ends the event streams and the background work. A closed dashboard serves pages without them.
func (d *Dashboard) Close() { d.stop() }

// Routes lists what is served.
func (d *Dashboard) Routes() []Route {
	return []Route{
		{Pattern: "GET /{$}", Handler: d.now},
		{Pattern: "GET /events", Handler: d.events},
		{Pattern: "GET /campaigns", Handler: d.campaignList},
		{Pattern: "GET /campaigns/{id}", Handler: d.campaignPage},
		{Pattern: "GET /campaigns/{id}/tomorrow", Handler: d.tomorrow},
		{Pattern: "GET /campaigns/{id}/export", Handler: d.export},
		{Pattern: "POST /campaigns/{id}/status", Handler: d.campaignStatus},
		{Pattern: "POST /campaigns/{id}/edit", Handler: d.campaignEdit},
		{Pattern: "GET /leads", Handler: d.leadList},
		{Pattern: "GET /leads/{id}", Handler: d.leadPage},
		{Pattern: "POST /leads/{id}/do-not-call", Handler: d.leadDoNotCall},
		{Pattern: "GET /conversations", Handler: d.conversationList},
		{Pattern: "GET /conversations/corrections.jsonl", Handler: d.corrections},
		{Pattern: "GET /conversations/{id}", Handler: d.conversationPage},
		{Pattern: "GET /conversations/{id}/recording", Handler: d.recording},
		{Pattern: "POST /conversations/{id}/correct", Handler: d.correct},
		{Pattern: "GET /salesforce", Handler: d.salesforceList},
		{Pattern: "GET /salesforce/{id}", Handler: d.salesforcePage},
		{Pattern: "POST /salesforce/{id}/action", Handler: d.salesforceAction},
		{Pattern: "GET /import", Handler: d.importForm},
		{Pattern: "POST /import", Handler: d.importUpload, OwnBody: true},
		{Pattern: "GET /import/{id}", Handler: d.importPage},
		{Pattern: "POST /import/{id}", Handler: d.importAction},
		{Pattern: "GET /import/{id}/rejects.csv", Handler: d.importRejects},
		{Pattern: "GET /doctor", Handler: d.doctor},
		{Pattern: "POST /doctor", Handler: d.doctorAgain},
	}
}

// load works out the fragments of a topic; a hub asks for it once a second while somebody watches.
func (d *Dashboard) load(ctx context.Context, t topic) (map[string][]byte, error) {
	switch t.kind {
	case kindCampaign:
		return d.campaignFragments(ctx, t.id)
	case kindSalesforce:
		return d.salesforceFragments(ctx, t.id)
	case kindImport:
		return d.importFragments(t.id)
	}
	return d.nowFragments(ctx)
}
