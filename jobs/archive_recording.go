package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/callhenk/henk-worker/internal/conversation"
	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/storage"
)

// ArchiveRecordingArgs brings the recording of a conversation (conversations.id) to our storage.
type ArchiveRecordingArgs struct {
	ConversationID uuid.UUID `json:"conversation_id" river:"unique"`
}

// Kind is archive-recording.
func (ArchiveRecordingArgs) Kind() string { return "archive-recording" }

// InsertOpts: one pending job for a conversation.
func (ArchiveRecordingArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueMedia, UniqueOpts: onePending}
}

// InsertArchiveRecordingTx has the recording of a conversation archived, in the caller's transaction. A conversation that
// has a recording_url is left as it is.
func InsertArchiveRecordingTx(ctx context.Context, tx pgx.Tx, client *Client, conversationID uuid.UUID) (*rivertype.JobRow, error) {
	return insertTx(ctx, tx, client, ArchiveRecordingArgs{ConversationID: conversationID}, time.Time{})
}

// errNoStorage is the reason of jobs that are cancelled because there is nowhere to put audio.
var errNoStorage = errors.New("there is no storage for audio: set SUPABASE_URL and SUPABASE_SERVICE_ROLE_KEY, or HENK_MEDIA_DIR, on the workers, then retry this job")

type archiveRecording struct {
	river.WorkerDefaults[ArchiveRecordingArgs]
	*Runtime
}

// Timeout is that of the longest recording on a slow line.
func (*archiveRecording) Timeout(*river.Job[ArchiveRecordingArgs]) time.Duration {
	return 15 * time.Minute
}

// Work streams one recording, or comes back for one that is not ready.
func (w *archiveRecording) Work(ctx context.Context, job *river.Job[ArchiveRecordingArgs]) error {
	if w.Storage == nil {
		return river.JobCancel(errNoStorage)
	}
	rec := conversation.Recorder{DB: w.DB, Client: w.ElevenLabs, Storage: w.Storage, Clock: w.Clock}
	res, err := rec.Archive(ctx, job.Args.ConversationID)
	if err != nil {
		return cancelIfFutile(err)
	}
	if res.Again > 0 {
		return river.JobSnooze(res.Again)
	}
	return river.RecordOutput(ctx, map[string]any{"state": res.State, "bytes": res.Bytes, "reason": res.Reason})
}

// cancelIfFutile makes an error final where trying again cannot help.
func cancelIfFutile(err error) error {
	provider, store := elevenlabs.AsError(err), storage.AsError(err)
	if provider != nil && provider.Kind == elevenlabs.KindRefused || store != nil && store.Kind == storage.Permanent {
		return river.JobCancel(err)
	}
	return err
}

// archive inserts the jobs that fetch recordings. A process without storage inserts none: the recordings stay with the
// provider, and every job would be cancelled.
func (r *Runtime) archive(ctx context.Context, tx pgx.Tx, conversations []uuid.UUID) error {
	if r.Storage == nil || len(conversations) == 0 {
		return nil
	}
	params := make([]river.InsertManyParams, len(conversations))
	for i, id := range conversations {
		params[i] = river.InsertManyParams{Args: ArchiveRecordingArgs{ConversationID: id}}
	}
	if _, err := r.Client.InsertManyTx(ctx, tx, params); err != nil {
		return fmt.Errorf("inserting jobs for recordings: %w", err)
	}
	return nil
}
