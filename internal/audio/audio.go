// Package audio turns rows of audio_generations into speech: claimed in one short transaction, spoken and stored outside
// of any, noted in another. The same text by the same voice with the same settings and model is spoken once: rows after
// the first point to its audio.
//
// It may import store, clock, elevenlabs and storage. It does not know River.
package audio

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/storage"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// ErrRefused means that this row will not become speech, however often it is tried: its text, voice, settings or model
// will not do. It is written to the row; the error wraps the reason.
var ErrRefused = errors.New("this text cannot be spoken as asked")

// States of a Result.
const (
	StateMade   = "made"   // spoken, stored and noted
	StateCached = "cached" // speech that was there already was noted
	StateKept   = "kept"   // the row was completed before
	StateBusy   = "busy"   // another row of the same speech is being made: come back after Again
	StateGone   = "gone"   // the row does not exist (any more), or somebody settled it while it was spoken
)

const (
	busyPause = 3 * time.Second
	// busyFresh is longer than making speech takes; a claim older than this was left behind.
	busyFresh = 3 * time.Minute
)

// Result is where a row stands.
type Result struct {
	State string
	Bytes int64         // of the audio, when made or cached
	Took  time.Duration // from the request to the stored audio
	Again time.Duration // with StateBusy
}

// Maker makes speech. Safe for concurrent use.
type Maker struct {
	DB      *store.DB
	Client  *elevenlabs.Client
	Storage storage.Store
}

// Key is where the speech of a row (audio_generations.id) is stored. It is not the cache key: two rows that are spoken
// at once must not overwrite each other.
func Key(id uuid.UUID) string { return "speech/" + id.String() + ".mp3" }

// Make makes the speech of a row. last says that there will be no other try after a failure. A failure is written to the
// row: status pending while it is tried again, failed when it is not. Errors: ErrRefused, *elevenlabs.Error,
// *storage.Error, the database's.
func (m *Maker) Make(ctx context.Context, id uuid.UUID, last bool) (Result, error) {
	began := time.Now()
	res, err := m.make(ctx, id)
	if err == nil {
		res.Took = time.Since(began)
		return res, nil
	}
	// What went wrong may be that ctx is over.
	noteCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return Result{}, errors.Join(err, m.noteFailure(noteCtx, id, err, last || errors.Is(err, ErrRefused)))
}

func (m *Maker) make(ctx context.Context, id uuid.UUID) (Result, error) {
	c, err := m.claim(ctx, id)
	if err != nil || c.result.State != "" {
		return c.result, err
	}
	if c.found != nil {
		res, err := m.reuse(ctx, id, c)
		if err != nil || res.State != "" {
			return res, err
		}
	}
	return m.speak(ctx, id, c)
}

// claimed is a row that is ours to make; result.State is set when it is not.
type claimed struct {
	result Result
	speech elevenlabs.Speech
	key    string               // of the cache
	found  *dbsqlc.AudioMadeRow // speech of the same key
}

// claim marks a row as being made, unless another row of the same cache key is.
func (m *Maker) claim(ctx context.Context, id uuid.UUID) (c claimed, err error) {
	err = store.InTx(ctx, m.DB, func(tx pgx.Tx) error {
		c = claimed{}
		q := dbsqlc.New()
		row, err := q.AudioClaim(ctx, tx, id)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			c.result.State = StateGone
			return nil
		case err != nil:
			return fmt.Errorf("reading the row: %w", err)
		case row.Status == dbsqlc.AudioGenerationStatusCompleted, row.Status == dbsqlc.AudioGenerationStatusCached:
			c.result.State = StateKept
			return nil
		}
		if c.speech, c.key, err = speechOf(row); err != nil {
			return err
		}
		if err := q.AudioLockKey(ctx, tx, c.key); err != nil {
			return fmt.Errorf("locking the cache key: %w", err)
		}
		made, err := q.AudioMade(ctx, tx, dbsqlc.AudioMadeParams{CacheKey: c.key, ID: id, Fresh: busyFresh})
		if err != nil {
			return fmt.Errorf("looking for the same speech: %w", err)
		}
		if len(made) > 0 && made[0].Status == dbsqlc.AudioGenerationStatusCompleted {
			c.found = &made[0]
		} else if len(made) > 0 {
			c.result = Result{State: StateBusy, Again: busyPause}
			return nil
		}
		if err := q.AudioClaimed(ctx, tx, dbsqlc.AudioClaimedParams{ID: id, CacheKey: c.key}); err != nil {
			return fmt.Errorf("claiming the row: %w", err)
		}
		return nil
	})
	return c, err
}

// reuse notes the audio that was found, if it is still where it was, whole. The empty state means that it is not.
func (m *Maker) reuse(ctx context.Context, id uuid.UUID, c claimed) (Result, error) {
	key, ours := m.Storage.Key(c.found.AudioUrl)
	if !ours {
		return Result{}, nil // stored elsewhere, or by other settings
	}
	object, err := m.Storage.Stat(ctx, key)
	if errors.Is(err, storage.ErrNotFound) || err == nil && object.Bytes != c.found.Bytes {
		return Result{}, nil
	}
	if err != nil {
		return Result{}, fmt.Errorf("looking for the audio: %w", err)
	}
	return m.note(ctx, Result{State: StateCached, Bytes: object.Bytes}, dbsqlc.AudioDoneParams{
		ID: id, Status: dbsqlc.AudioGenerationStatusCached, AudioUrl: object.URL, Bytes: object.Bytes, Seconds: orNil(c.found.Seconds),
		CacheHit: true, CacheKey: c.key,
	})
}

// speak asks for the speech and streams it into storage.
func (m *Maker) speak(ctx context.Context, id uuid.UUID, c claimed) (Result, error) {
	began := time.Now()
	stream, err := m.Client.Speak(ctx, c.speech)
	if e := elevenlabs.AsError(err); e != nil && e.Kind == elevenlabs.KindRefused {
		return Result{}, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if err != nil {
		return Result{}, fmt.Errorf("asking for speech: %w", err)
	}
	defer stream.Close()
	object, err := m.Storage.Put(ctx, Key(id), "audio/mpeg", stream)
	if e := storage.AsError(err); e != nil && e.Kind == storage.Permanent {
		return Result{}, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if err != nil {
		return Result{}, fmt.Errorf("storing the speech: %w", err)
	}
	if object.Bytes == 0 {
		return Result{}, errors.New("asking for speech: ElevenLabs answered without any audio")
	}
	if stream.Length >= 0 && stream.Length != object.Bytes {
		return Result{}, fmt.Errorf("storing the speech: ElevenLabs announced %d bytes and %d are stored", stream.Length, object.Bytes)
	}
	return m.note(ctx, Result{State: StateMade, Bytes: object.Bytes}, dbsqlc.AudioDoneParams{
		ID: id, Status: dbsqlc.AudioGenerationStatusCompleted, AudioUrl: object.URL, Bytes: object.Bytes,
		Seconds: orNil(float64(object.Bytes) / elevenlabs.SpeechBytesPerSecond), RequestID: orNil(stream.RequestID),
		Milliseconds: int32(time.Since(began).Milliseconds()), CacheKey: c.key,
	})
}

func (m *Maker) note(ctx context.Context, res Result, row dbsqlc.AudioDoneParams) (Result, error) {
	n, err := dbsqlc.New().AudioDone(ctx, m.DB, row)
	if err != nil {
		return Result{}, fmt.Errorf("noting the audio: %w", err)
	}
	if n == 0 {
		return Result{State: StateGone}, nil
	}
	return res, nil
}

func orNil[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
