// Package conversation takes in what was said on a call and draws the consequences.
//
// Sync asks the provider about one conversation; a webhook brings the same body unasked. Either way Apply's path is
// taken: new and corrected transcript items become conversation_events (events.go), and when the call is over its
// status (status.go), times, outcome with its evidence (read.go) and everything that follows for the lead, the number
// and the campaign (write.go, consequences.go) are committed in one transaction together with the follow-up jobs.
// Deliveries may come twice, in any order, before our own record of the call and long after it: what is written depends
// on the provider's record and on what was written before, never on the order. What a person entered stays.
//
// Only what the provider said is written. When it cannot be reached, nothing is.
//
// Recorder brings a call's recording to our storage (recording.go).
//
// It may import store, clock, lead, elevenlabs, storage, outcome, phone and calltime. It does not know River: follow-up
// jobs go through Options.FollowUp.
package conversation

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/clock"
	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/store"
)

// ErrForeign means that a body does not belong to the conversation it came for: another id, agent, campaign or attempt.
// Nothing was written, and trying again does not help.
var ErrForeign = errors.New("the provider's conversation is not the one of this call")

// ErrUnknown means that no conversation of ours answers to a provider's id (yet): the call may not be recorded so far.
var ErrUnknown = errors.New("no conversation with this provider id is known yet")

// States of a Result.
const (
	StateRunning = "running" // ask again after Result.Again
	StateDone    = "done"    // over, and everything is written
	StateMissing = "missing" // closed although the provider had no last word: see henk.conversation_outcomes.closed_because
	StateGone    = "gone"    // our row does not exist (any more), or has no provider's id to ask by
)

const (
	defaultPoll   = 5 * time.Second
	defaultEvents = 50
	defaultStale  = 6 * time.Hour // no phone call lasts longer

	groupMax = 100 // conversations in one transaction
	lanes    = 2   // transactions at once
)

// Options are what a Syncer needs.
type Options struct {
	DB     *store.DB
	Client *elevenlabs.Client
	Clock  clock.Clock
	// FollowUp inserts the jobs that follow, in the transaction that they follow from; nil inserts none.
	FollowUp    func(ctx context.Context, tx pgx.Tx, f FollowUp) error
	EventsBatch int           // events per insert at most, default 50
	PollBase    time.Duration // pace of polling, default 5 s; other waits keep their proportion to it
	StaleAfter  time.Duration // a call that is still open after this is closed, default 6 h
}

// FollowUp is the work that follows from what was taken in.
type FollowUp struct {
	Plan      []uuid.UUID // campaigns that have a slot to fill or lost a reservation
	Archive   []uuid.UUID // conversations whose recording can be fetched
	WriteBack []uuid.UUID // conversations whose outcome is final and new
}

func (f FollowUp) empty() bool {
	return len(f.Plan) == 0 && len(f.Archive) == 0 && len(f.WriteBack) == 0
}

// Result is where a conversation stands.
type Result struct {
	State     string        // see StateRunning and its like
	Again     time.Duration // poll again after this; 0 unless running
	NewEvents int           // transcript events that were not there before
	Outcome   string        // one of outcome.All, or what a person entered; "" while running
}

// Syncer takes in conversations. Safe for concurrent use; one serves a process.
type Syncer struct {
	Options
	commits *store.Group[sighting, applied]
}

// New returns a syncer.
func New(o Options) *Syncer {
	if o.EventsBatch <= 0 {
		o.EventsBatch = defaultEvents
	}
	if o.PollBase <= 0 {
		o.PollBase = defaultPoll
	}
	if o.StaleAfter <= 0 {
		o.StaleAfter = defaultStale
	}
	s := &Syncer{Options: o}
	s.commits = store.NewGroup(groupMax, lanes, s.commit)
	return s
}

// Apply takes in a body that a webhook delivered, within tx. A body that leaves the transcript out is only a hint: the
// Result then says running, and the conversation should be synced. Errors: ErrForeign, ErrUnknown when the row does
// not exist, else the database's.
func (s *Syncer) Apply(ctx context.Context, tx pgx.Tx, id uuid.UUID, body *elevenlabs.Conversation) (Result, error) {
	return s.applyOne(ctx, tx, sighting{id: id, body: body})
}

// Failure is the content of a call_initiation_failure webhook.
type Failure struct {
	ConversationID string    // the provider's
	CallSID        string    // "" when not told
	Reason         string    // busy, no-answer, or anything else
	At             time.Time // the event's own time; zero when not told
}

// ApplyFailure takes in that a call could not be set up, within tx. ErrUnknown: no row of ours is known by either id.
func (s *Syncer) ApplyFailure(ctx context.Context, tx pgx.Tx, f Failure) (Result, error) {
	id, err := Find(ctx, tx, f.ConversationID, f.CallSID)
	if err != nil {
		return Result{}, err
	}
	return s.applyOne(ctx, tx, sighting{id: id, failure: failureReason(f.Reason), at: f.At})
}

func (s *Syncer) applyOne(ctx context.Context, tx pgx.Tx, g sighting) (Result, error) {
	out, err := s.apply(ctx, tx, []sighting{g})
	if err != nil {
		return Result{}, err
	}
	if out[0].err == nil && out[0].result.State == StateGone {
		return out[0].result, ErrUnknown
	}
	return out[0].result, out[0].err
}
