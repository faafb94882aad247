package conversation

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/clock"
	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/storage"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// States of a Recording; the first and the third are in henk.conversation_outcomes.recording too.
const (
	RecordingArchived = "archived" // stored now, and conversations.recording_url set
	RecordingKept     = "kept"     // there was a recording_url before, ours or not
	RecordingMissing  = "missing"  // the provider has none
	RecordingWaiting  = "waiting"  // the provider has none yet; ask again after Again
	RecordingGone     = "gone"     // our row does not exist (any more), or has no provider's id to ask by
)

// A recording is finished some time after its call. What is not there by then is not coming.
const (
	recordingGrace = 15 * time.Minute
	recordingPause = 20 * time.Second
)

// Recording is what became of a call's recording.
type Recording struct {
	State  string
	Bytes  int64         // of what is stored; 0 unless archived
	Again  time.Duration // ask again after this; 0 unless waiting
	Reason string        // in words, where there is none
}

// Recorder brings recordings from the provider to our storage. Safe for concurrent use.
type Recorder struct {
	DB      *store.DB
	Client  *elevenlabs.Client
	Storage storage.Store
	Clock   clock.Clock
}

// RecordingKey is where the recording of a conversation (conversations.id) is stored.
func RecordingKey(id uuid.UUID) string { return "recordings/" + id.String() + ".mp3" }

// Archive streams a conversation's recording into storage and notes where it is. It may run any number of times, also
// at once: the object has one key and appears whole, and the first recording_url stays. A stream that breaks off is
// started anew by the next run, since the API knows no ranges. Errors: *elevenlabs.Error, *storage.Error, the database's.
func (r *Recorder) Archive(ctx context.Context, id uuid.UUID) (Recording, error) {
	facts, err := dbsqlc.New().RecordingFacts(ctx, r.DB, id)
	switch {
	case errors.Is(err, pgx.ErrNoRows) || err == nil && facts.ProviderID == "":
		return Recording{State: RecordingGone, Reason: "the conversation does not exist any more, or has no id at ElevenLabs"}, nil
	case err != nil:
		return Recording{}, fmt.Errorf("reading the conversation: %w", err)
	case facts.RecordingUrl != "":
		return Recording{State: RecordingKept}, nil
	}
	object, err := r.fetch(ctx, id, facts.ProviderID)
	if errors.Is(err, errNoRecording) {
		if facts.Now.Add(r.Clock.Shift).Sub(facts.EndedAt) < recordingGrace {
			return Recording{State: RecordingWaiting, Again: recordingPause, Reason: "ElevenLabs has no recording of this call yet"}, nil
		}
		return r.missing(ctx, id)
	}
	if err != nil {
		return Recording{}, err
	}
	return r.note(ctx, id, object)
}

// errNoRecording: the provider has no recording, and neither have we.
var errNoRecording = errors.New("there is no recording")

// fetch brings the recording over. One that an earlier run stored without noting it is taken as it is when the provider
// has deleted its own meanwhile.
func (r *Recorder) fetch(ctx context.Context, id uuid.UUID, providerID string) (storage.Object, error) {
	audio, err := r.Client.ConversationAudio(ctx, providerID)
	if e := elevenlabs.AsError(err); e != nil && e.Kind == elevenlabs.KindNotFound {
		return r.stored(ctx, id)
	}
	if err != nil {
		return storage.Object{}, fmt.Errorf("asking for the recording: %w", err)
	}
	defer audio.Close()
	stream := bufio.NewReader(audio)
	if _, err := stream.Peek(1); errors.Is(err, io.EOF) {
		return r.stored(ctx, id) // an answer without any audio in it
	}
	object, err := r.Storage.Put(ctx, RecordingKey(id), "audio/mpeg", stream)
	if err != nil {
		return storage.Object{}, fmt.Errorf("storing the recording: %w", err)
	}
	if audio.Length >= 0 && audio.Length != object.Bytes {
		return storage.Object{}, fmt.Errorf("storing the recording: ElevenLabs announced %d bytes and %d are stored", audio.Length, object.Bytes)
	}
	return object, nil
}

func (r *Recorder) stored(ctx context.Context, id uuid.UUID) (storage.Object, error) {
	object, err := r.Storage.Stat(ctx, RecordingKey(id))
	if errors.Is(err, storage.ErrNotFound) || err == nil && object.Bytes == 0 {
		return storage.Object{}, errNoRecording
	}
	if err != nil {
		return storage.Object{}, fmt.Errorf("looking for the recording: %w", err)
	}
	return object, nil
}

// note commits where the recording is. The conversation's row comes last: in an adopted database a trigger then locks
// the campaign's row to the commit.
func (r *Recorder) note(ctx context.Context, id uuid.UUID, object storage.Object) (Recording, error) {
	res := Recording{State: RecordingArchived, Bytes: object.Bytes}
	err := store.InTx(ctx, r.DB, func(tx pgx.Tx) error {
		q := dbsqlc.New()
		if _, err := q.ConversationLock(ctx, tx, []uuid.UUID{id}); err != nil {
			return err
		}
		if err := q.RecordingNote(ctx, tx, dbsqlc.RecordingNoteParams{ID: id, Recording: res.State, Bytes: &res.Bytes}); err != nil {
			return err
		}
		_, err := q.RecordingWrite(ctx, tx, dbsqlc.RecordingWriteParams{ID: id, Url: object.URL})
		return err
	})
	if err != nil {
		return Recording{}, fmt.Errorf("noting the recording: %w", err)
	}
	return res, nil
}

func (r *Recorder) missing(ctx context.Context, id uuid.UUID) (Recording, error) {
	err := dbsqlc.New().RecordingNote(ctx, r.DB, dbsqlc.RecordingNoteParams{ID: id, Recording: RecordingMissing})
	if err != nil {
		return Recording{}, fmt.Errorf("noting that there is no recording: %w", err)
	}
	return Recording{State: RecordingMissing, Reason: "ElevenLabs has no recording of this call"}, nil
}
