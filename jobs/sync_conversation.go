package jobs

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
)

// SyncConversationArgs asks the provider for a conversation (conversations.id).
type SyncConversationArgs struct {
	ConversationID uuid.UUID `json:"conversation_id"`
}

// Kind is sync-conversation.
func (SyncConversationArgs) Kind() string { return "sync-conversation" }

// InsertOpts: one pending sync for a conversation.
func (SyncConversationArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueSync, UniqueOpts: onePending}
}

type syncConversation struct {
	river.WorkerDefaults[SyncConversationArgs]
	*Runtime
}

// Timeout is that of one read, retried, and of writing what it brought.
func (*syncConversation) Timeout(*river.Job[SyncConversationArgs]) time.Duration {
	return 4 * time.Minute
}

// Work brings back what was said so far, and comes back while the call runs.
func (w *syncConversation) Work(ctx context.Context, job *river.Job[SyncConversationArgs]) error {
	res, err := w.syncer.Sync(ctx, job.Args.ConversationID)
	if err != nil {
		return err
	}
	if res.Again > 0 {
		return river.JobSnooze(res.Again)
	}
	return river.RecordOutput(ctx, map[string]any{"state": res.State, "outcome": res.Outcome, "new_events": res.NewEvents})
}
