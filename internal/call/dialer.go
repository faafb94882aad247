// Package call places one call: fence, provider, record, and reconcile where the provider's answer was lost.
//
// The order is the safety. The fence (fence.go) judges every rule again and commits "dialing" before the request
// leaves; an attempt passes it once, ever. The request (dial.go) is sent at most once. What came of it is recorded
// with everything that follows from it in one transaction (record.go). Where that is not known, reconcile.go asks the
// provider; nothing is dialed again on a guess.
//
// It may import store, clock, calltime and elevenlabs. It does not know River: follow-up jobs go through Options.FollowUp.
package call

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/clock"
	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/store"
)

// provider is the row of henk.provider_state that all dialing obeys.
const provider = "elevenlabs"

// groupMax bounds a group commit; more than this at once waits for the next.
const groupMax = 400

// Options are what a Dialer needs.
type Options struct {
	DB             *store.DB
	Client         *elevenlabs.Client
	Clock          clock.Clock
	Log            *slog.Logger
	WorkerID       string
	MaxConcurrent  int      // calls at once over all workers; 0 = no limit
	CallsPerSecond float64  // over all workers; 0 = no pacing
	FinalStatuses  []string // after which nobody is called again
	// FollowUp inserts the jobs that follow from a state change, in its transaction.
	FollowUp func(ctx context.Context, tx pgx.Tx, f FollowUp) error
	// Kill is called by tests at the named steps of the protocol; nil in production.
	Kill func(step string, attemptID uuid.UUID)
}

// FollowUp is the work that follows from what was recorded.
type FollowUp struct {
	Conversations []uuid.UUID // new rows to sync, their calls have just begun; no job can name them yet
	Known         []uuid.UUID // rows to sync that were there before
	Reconcile     []uuid.UUID // attempts whose call is unknown
	Plan          []uuid.UUID // campaigns with a slot to fill
	PlanAt        time.Time   // not before; zero = now
}

func (f FollowUp) empty() bool {
	return len(f.Conversations) == 0 && len(f.Known) == 0 && len(f.Reconcile) == 0 && len(f.Plan) == 0
}

// Dialer places calls. Safe for concurrent use; one serves a process.
type Dialer struct {
	Options
	fences  *store.Group[uuid.UUID, fenced]
	records *store.Group[result, struct{}]
	// underWay are the attempts that Dial works on in this process.
	underWay sync.Map
}

// New returns a dialer.
func New(o Options) *Dialer {
	d := &Dialer{Options: o}
	d.fences = store.NewGroup(groupMax, 1, d.fenceGroup)
	d.records = store.NewGroup(groupMax, 2, d.recordGroup)
	return d
}

func (d *Dialer) kill(step string, id uuid.UUID) {
	if d.Kill != nil {
		d.Kill(step, id)
	}
}

// Outcome is what became of a job's attempt.
type Outcome struct {
	State  string        // of the attempt: placed, refused, unknown, released, expired, skipped; reserved with Again
	Reason string        // the rule or fault that ended it without a call
	Again  time.Duration // work the job again after this; 0 = done
}
