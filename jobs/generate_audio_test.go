package jobs_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/audio"
	"github.com/callhenk/henk-worker/internal/storetest"
	"github.com/callhenk/henk-worker/jobs"
)

func (b *bundle) audioRow(fields f) uuid.UUID {
	b.t.Helper()
	all := f{"text_content": "Thank you for your gift.", "voice_id": "voice_sim_henk"}
	for k, v := range fields {
		all[k] = v
	}
	return storetest.Insert(b.t, b.db, "audio_generations", all)
}

func (b *bundle) audioStatus(id uuid.UUID) (status string) {
	b.t.Helper()
	b.query(&status, "select status::text from audio_generations where id = $1", id)
	return status
}

// The app inserts rows and calls nobody.
func TestPendingRowsBecomeSpeech(t *testing.T) {
	t.Parallel()
	b := setup(t, nil, 0)
	dir := b.withStorage()
	rt, _ := b.start()
	same := []uuid.UUID{b.audioRow(nil), b.audioRow(nil), b.audioRow(nil)}
	other := b.audioRow(f{"text_content": "Good bye."})
	left := b.audioRow(f{"text_content": "Left behind.", "status": "generating"})
	done := b.audioRow(f{"status": "completed", "audio_url": "https://elsewhere/1.mp3"})
	require.NoError(t, rt.Sweep(t.Context()))
	require.NoError(t, rt.Sweep(t.Context()))
	b.eventually(30*time.Second, "all rows have audio", func() bool {
		return b.count("select count(*) from audio_generations where status in ('completed', 'cached') and audio_url is not null") == 6
	})
	require.Equal(t, 2, b.count("select count(*) from audio_generations where status = 'cached'"))
	require.Equal(t, "completed", b.audioStatus(other))
	require.Equal(t, "completed", b.audioStatus(left))
	require.EqualValues(t, 3, b.sim.Stats().Requests["POST /v1/text-to-speech/{id}"])
	_, err := dir.Stat(t.Context(), audio.Key(other))
	require.NoError(t, err)
	require.Len(t, same, 3)
	require.Zero(t, b.count("select count(*) from river.river_job where args ->> 'audio_generation_id' = $1::text", done))
	require.Equal(t, 5, b.count("select count(*) from river.river_job where kind = 'generate-audio'"), "one job a row, however often it is swept")
}

func TestFailedSpeechIsTriedAgainAndExplained(t *testing.T) {
	t.Parallel()
	b := setup(t, nil, 0)
	b.withStorage()
	b.faults("audio_503=first:1,audio_cut=first:2")
	b.start()
	id := b.audioRow(nil)
	client := b.inserter()
	b.inTx(func(ctx context.Context, tx pgx.Tx) error {
		_, err := jobs.InsertGenerateAudioTx(ctx, tx, client, id)
		return err
	})
	b.eventually(30*time.Second, "it is spoken at the third try", func() bool {
		b.exec("update river.river_job set scheduled_at = now(), state = 'available' where kind = 'generate-audio' and state = 'retryable'")
		return b.audioStatus(id) == "completed"
	})
	require.Equal(t, 2, b.count("select retry_count from audio_generations where id = $1", id))
	require.EqualValues(t, 3, b.sim.Stats().Requests["POST /v1/text-to-speech/{id}"], "one request a try")

	nobody := b.audioRow(f{"voice_id": "nobody"})
	b.eventually(20*time.Second, "it has failed", func() bool { return b.audioStatus(nobody) == "failed" })
	b.eventually(5*time.Second, "its job is cancelled", func() bool {
		return b.count("select count(*) from river.river_job where kind = 'generate-audio' and state = 'cancelled' and args ->> 'audio_generation_id' = $1::text", nobody) == 1
	})
	require.Equal(t, 1, b.count("select count(*) from audio_generations where id = $1 and error_code = 'voice_not_found' and error_message <> ''", nobody))
}

// After the last try the row says so, and stays so until somebody sets it to pending.
func TestSpeechThatNeverWorks(t *testing.T) {
	t.Parallel()
	b := setup(t, nil, 0)
	b.withStorage()
	b.faults("audio_503=100%")
	rt, _ := b.start()
	id := b.audioRow(nil)
	b.eventually(60*time.Second, "it has failed", func() bool {
		b.exec("update river.river_job set scheduled_at = now(), state = 'available' where kind = 'generate-audio' and state = 'retryable'")
		return b.audioStatus(id) == "failed"
	})
	b.eventually(5*time.Second, "its job is over", func() bool {
		return b.count("select count(*) from river.river_job where kind = 'generate-audio' and state = 'discarded'") == 1
	})
	require.NoError(t, rt.Sweep(t.Context()))
	require.Equal(t, 1, b.count("select count(*) from river.river_job where kind = 'generate-audio'"))
	b.faults("")
	b.exec("update audio_generations set status = 'pending'")
	b.eventually(20*time.Second, "it works now", func() bool { return b.audioStatus(id) == "completed" })
}
