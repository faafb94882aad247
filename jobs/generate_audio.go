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

	"github.com/callhenk/henk-worker/internal/audio"
)

// GenerateAudioArgs turns a row of audio_generations into speech.
type GenerateAudioArgs struct {
	AudioGenerationID uuid.UUID `json:"audio_generation_id" river:"unique"`
}

// Kind is generate-audio.
func (GenerateAudioArgs) Kind() string { return "generate-audio" }

// audioTries take about four hours by River's backoff. After that the row says failed; setting it to pending starts anew.
const audioTries = 10

// InsertOpts: one pending job for a row.
func (GenerateAudioArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueMedia, MaxAttempts: audioTries, UniqueOpts: onePending}
}

// InsertGenerateAudioTx has a row of audio_generations turned into speech, in the caller's transaction. Rows with status
// pending are found without it, some seconds later.
func InsertGenerateAudioTx(ctx context.Context, tx pgx.Tx, client *Client, audioGenerationID uuid.UUID) (*rivertype.JobRow, error) {
	return insertTx(ctx, tx, client, GenerateAudioArgs{AudioGenerationID: audioGenerationID}, time.Time{})
}

type generateAudio struct {
	river.WorkerDefaults[GenerateAudioArgs]
	*Runtime
}

// Timeout is that of the request, 60 s, and of storing and noting what it brought.
func (*generateAudio) Timeout(*river.Job[GenerateAudioArgs]) time.Duration { return 2 * time.Minute }

// Work makes the speech of one row; what goes wrong is on the row as well as on the job.
func (w *generateAudio) Work(ctx context.Context, job *river.Job[GenerateAudioArgs]) error {
	if w.Storage == nil {
		return river.JobCancel(errNoStorage)
	}
	maker := audio.Maker{DB: w.DB, Client: w.ElevenLabs, Storage: w.Storage}
	res, err := maker.Make(ctx, job.Args.AudioGenerationID, job.Attempt >= job.MaxAttempts)
	switch {
	case errors.Is(err, audio.ErrRefused):
		return river.JobCancel(err)
	case err != nil:
		return err
	case res.Again > 0:
		return river.JobSnooze(res.Again)
	}
	return river.RecordOutput(ctx, map[string]any{"state": res.State, "bytes": res.Bytes, "took_ms": res.Took.Milliseconds()})
}

// findAudioSQL finds rows that nobody works on: inserted by the app, or left behind by a job that is gone.
const findAudioSQL = `
select a.id from public.audio_generations a
where a.status in ('pending', 'generating')
  and not exists (
    select from river.river_job j
    where j.kind = 'generate-audio' and j.state in ('available', 'pending', 'retryable', 'running', 'scheduled')
      and j.args ->> 'audio_generation_id' = a.id::text)
order by a.created_at, a.id
limit 500`

// findAudio is a step of the sweep. Without a provider and storage the rows wait.
func (r *Runtime) findAudio(ctx context.Context, tx pgx.Tx) error {
	if r.ElevenLabs == nil || r.Storage == nil {
		return nil
	}
	ids, err := collectIDs(tx.Query(ctx, findAudioSQL))
	if err != nil {
		return fmt.Errorf("looking for speech to make: %w", err)
	}
	if len(ids) == 0 {
		return nil
	}
	params := make([]river.InsertManyParams, len(ids))
	for i, id := range ids {
		params[i] = river.InsertManyParams{Args: GenerateAudioArgs{AudioGenerationID: id}}
	}
	if _, err := r.Client.InsertManyTx(ctx, tx, params); err != nil {
		return fmt.Errorf("inserting jobs for speech: %w", err)
	}
	return nil
}
