package jobs

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"github.com/callhenk/henk-worker/internal/conversation"
)

// SyncConversationArgs asks the provider for a conversation (conversations.id).
type SyncConversationArgs struct {
	ConversationID uuid.UUID `json:"conversation_id" river:"unique"`
	// New marks a call that has just begun: there is nothing to bring back yet.
	New bool `json:"new,omitempty"`
}

// Kind is sync-conversation.
func (SyncConversationArgs) Kind() string { return "sync-conversation" }

// InsertOpts: one pending sync for a conversation. What a webhook has brought already goes first: it may spare the sync.
func (SyncConversationArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueSync, Priority: 2, UniqueOpts: onePending}
}

type syncConversation struct {
	river.WorkerDefaults[SyncConversationArgs]
	*Runtime
}

// Timeout is that of one read, retried, and of writing what it brought.
func (*syncConversation) Timeout(*river.Job[SyncConversationArgs]) time.Duration {
	return 4 * time.Minute
}

// NextRetry grows to two minutes and stays there: until it is known that a call is over it holds a slot, and with
// River's own backoff an hour without the provider would hold it for another.
func (*syncConversation) NextRetry(job *river.Job[SyncConversationArgs]) time.Time {
	wait := min(time.Duration(job.Attempt*job.Attempt)*time.Second, 2*time.Minute)
	return time.Now().Add(wait + rand.N(wait/4+time.Second))
}

// Work brings back what was said so far, and comes back while the call runs.
func (w *syncConversation) Work(ctx context.Context, job *river.Job[SyncConversationArgs]) error {
	if early := orDefault(w.PollBase, 5*time.Second) - time.Since(job.CreatedAt); job.Args.New && early > 0 {
		return snooze(early)
	}
	ask := w.syncer.Sync
	if job.Args.New {
		ask = w.syncer.Poll
	}
	res, err := ask(ctx, job.Args.ConversationID)
	if errors.Is(err, conversation.ErrForeign) {
		return river.JobCancel(err)
	}
	if err != nil {
		return err
	}
	if res.Again > 0 {
		return snooze(res.Again)
	}
	return river.RecordOutput(ctx, map[string]any{"state": res.State, "outcome": res.Outcome, "new_events": res.NewEvents})
}

// riverScheduler is how often River makes jobs available whose time has come. Shorter waits than this it keeps exactly.
const riverScheduler = 5 * time.Second

// snooze keeps a wait of about five seconds from becoming one of up to ten.
func snooze(d time.Duration) error {
	if d >= riverScheduler && d < riverScheduler+time.Second {
		d = riverScheduler - 50*time.Millisecond
	}
	return river.JobSnooze(d)
}
