package jobs_test

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/conversation"
	"github.com/callhenk/henk-worker/internal/storage"
	"github.com/callhenk/henk-worker/internal/storetest"
	"github.com/callhenk/henk-worker/jobs"
)

// withStorage gives the next runtime a directory for audio.
func (b *bundle) withStorage() *storage.Dir {
	b.t.Helper()
	dir, err := storage.NewDir(b.t.TempDir())
	require.NoError(b.t, err)
	b.t.Cleanup(func() { _ = dir.Close() })
	b.config.Storage = dir
	return dir
}

// inserter is a client of app code.
func (b *bundle) inserter() *jobs.Client {
	b.t.Helper()
	client, err := jobs.NewInserter(b.db, storetest.Log(b.t))
	require.NoError(b.t, err)
	return client
}

func (b *bundle) inTx(do func(ctx context.Context, tx pgx.Tx) error) {
	b.t.Helper()
	require.NoError(b.t, pgx.BeginFunc(b.t.Context(), b.db, func(tx pgx.Tx) error { return do(b.t.Context(), tx) }))
}

// Every call with audio ends up with its recording: whole, in storage, and named by its row.
func TestRecordingsAreArchived(t *testing.T) {
	t.Parallel()
	b := setup(t, nil, 12)
	dir := b.withStorage()
	b.faults("audio_404=first:2,audio_503=first:4,audio_cut=first:6")
	b.start()
	b.called(12, 30*time.Second)
	b.eventually(40*time.Second, "all recordings are archived", func() bool {
		// River waits seconds before it tries again, and longer for what is not ready yet.
		b.exec("update river.river_job set scheduled_at = now(), state = 'available' where kind = 'archive-recording' and state in ('retryable', 'scheduled')")
		return b.count("select count(*) from conversations where status = 'completed' and recording_url is null") == 0 &&
			b.count("select count(*) from river.river_job where kind = 'archive-recording' and finalized_at is null") == 0
	})
	recorded := b.strings("select id from conversations where recording_url is not null")
	require.Greater(t, len(recorded), 3)
	require.Equal(t, len(recorded), b.count("select count(*) from henk.conversation_outcomes where recording = 'archived' and recording_bytes > 10000"))
	for _, id := range recorded {
		r, size, err := dir.Open(t.Context(), conversation.RecordingKey(uuid.MustParse(id)))
		require.NoError(t, err)
		data, err := io.ReadAll(r)
		require.NoError(t, err)
		require.NoError(t, r.Close())
		require.EqualValues(t, b.count("select recording_bytes from henk.conversation_outcomes where conversation_id = $1", id), size)
		require.EqualValues(t, size, len(data))
	}
	require.Zero(t, b.count(`select count(*) from river.river_job j join conversations c on c.id::text = j.args ->> 'conversation_id'
		where j.kind = 'archive-recording' and c.status in ('busy', 'no_answer', 'failed')`), "what nobody answered has no audio")
	require.Equal(t, map[string]int64{"audio_404": 2, "audio_503": 2, "audio_cut": 2}, b.sim.Stats().Faults)
	b.sound()
}

// The job is inserted in the transaction that ends the conversation: where it cannot be, the conversation has not ended.
func TestArchivingCommitsWithTheConversation(t *testing.T) {
	t.Parallel()
	b := setup(t, nil, 0)
	b.withStorage()
	b.exec(`create function refuse() returns trigger language plpgsql as $$ begin raise 'no room for this job'; end $$`)
	b.exec(`create trigger refuse before insert on river.river_job for each row when (new.kind = 'archive-recording') execute function refuse()`)
	for range 6 {
		b.reserved(nil)
	}
	b.start()
	b.eventually(30*time.Second, "a conversation with audio cannot end", func() bool {
		return b.count("select count(*) from river.river_job where kind = 'sync-conversation' and errors[1] ->> 'error' like '%no room for this job%'") > 0
	})
	stuck := b.strings("select args ->> 'conversation_id' from river.river_job where kind = 'sync-conversation' and errors[1] ->> 'error' like '%no room%'")
	require.Zero(t, b.count("select count(*) from conversations where id = any ($1::uuid[]) and (status not in ('initiated', 'in_progress') or ended_at is not null)", stuck))
	require.Zero(t, b.count("select count(*) from henk.conversation_outcomes where conversation_id = any ($1::uuid[]) and outcome is not null", stuck))
	b.exec("drop trigger refuse on river.river_job")
	b.called(6, 60*time.Second)
	b.eventually(30*time.Second, "they have ended, and their recordings are archived", func() bool {
		return b.count("select count(*) from conversations where id = any ($1::uuid[]) and recording_url is not null", stuck) == len(stuck)
	})
	b.sound()
}

func TestInsertArchiveRecording(t *testing.T) {
	t.Parallel()
	b := setup(t, nil, 0)
	client, id := b.inserter(), uuid.New()
	err := pgx.BeginFunc(t.Context(), b.db, func(tx pgx.Tx) error {
		job, err := jobs.InsertArchiveRecordingTx(t.Context(), tx, client, id)
		require.NoError(t, err)
		require.NotNil(t, job)
		again, err := jobs.InsertArchiveRecordingTx(t.Context(), tx, client, id)
		require.NoError(t, err)
		require.Nil(t, again, "one is enough")
		return context.Canceled
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, b.count("select count(*) from river.river_job"))
}

// A process without storage leaves recordings with the provider; a job that reaches it all the same says what is missing.
func TestWithoutStorage(t *testing.T) {
	t.Parallel()
	b := setup(t, nil, 4)
	b.start()
	b.called(4, 30*time.Second)
	require.Zero(t, b.count("select count(*) from river.river_job where kind = 'archive-recording'"))
	audio := storetest.Insert(t, b.db, "audio_generations", f{"text_content": "Thank you.", "voice_id": "voice_sim_henk"})
	id := uuid.MustParse(b.strings("select id from conversations limit 1")[0])
	client := b.inserter()
	b.inTx(func(ctx context.Context, tx pgx.Tx) error {
		if _, err := jobs.InsertArchiveRecordingTx(ctx, tx, client, id); err != nil {
			return err
		}
		_, err := jobs.InsertGenerateAudioTx(ctx, tx, client, audio)
		return err
	})
	b.eventually(10*time.Second, "both are cancelled", func() bool {
		return b.count("select count(*) from river.river_job where queue = 'media' and state = 'cancelled' and errors[1] ->> 'error' like '%HENK_MEDIA_DIR%'") == 2
	})
	require.Equal(t, 1, b.count("select count(*) from audio_generations where status = 'pending'"), "it waits for storage")
}

// What the provider says does not exist ends, quietly and explained.
func TestRecordingThatDoesNotExist(t *testing.T) {
	t.Parallel()
	b := setup(t, nil, 0)
	b.withStorage()
	b.start()
	old := storetest.Insert(t, b.db, "conversations", f{"campaign_id": b.w.Campaign, "agent_id": b.w.Agent, "lead_id": storetest.NewLead(t, b.db, b.w, nil),
		"status": "completed", "conversation_id": "conv_unknown", "ended_at": time.Now().Add(-time.Hour), "settled_at": time.Now()})
	client := b.inserter()
	b.inTx(func(ctx context.Context, tx pgx.Tx) error {
		_, err := jobs.InsertArchiveRecordingTx(ctx, tx, client, old)
		return err
	})
	b.eventually(10*time.Second, "the job has ended", func() bool {
		return b.count(`select count(*) from river.river_job where kind = 'archive-recording' and state = 'completed' and errors is null
			and metadata -> 'output' ->> 'state' = 'missing' and metadata -> 'output' ->> 'reason' like '%no recording%'`) == 1
	})
}
