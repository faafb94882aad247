package conversation

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/storage"
	"github.com/callhenk/henk-worker/internal/storetest"
)

// archiver is a fixture with storage and a provider of recordings.
type archiver struct {
	*fixture
	rec    Recorder
	answer atomic.Pointer[http.HandlerFunc]
	asked  atomic.Int64
}

func newArchiver(t *testing.T, f *fixture, answer http.HandlerFunc) *archiver {
	t.Helper()
	a := &archiver{fixture: f}
	a.answer.Store(&answer)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.asked.Add(1)
		if !strings.HasSuffix(r.URL.Path, "/audio") {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		(*a.answer.Load())(w, r)
	}))
	t.Cleanup(server.Close)
	client, err := elevenlabs.New(elevenlabs.Config{APIKey: "key", BaseURL: server.URL, RetryDelays: []time.Duration{}})
	require.NoError(t, err)
	dir, err := storage.NewDir(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { _ = dir.Close() })
	a.rec = Recorder{DB: f.db, Client: client, Storage: dir}
	return a
}

// audio answers with a recording of so many bytes; a cut one ends halfway.
func audio(size int, announced, cut bool) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "audio/mpeg")
		if announced {
			w.Header().Set("Content-Length", strconv.Itoa(size))
		}
		if cut {
			_, _ = w.Write(bytes.Repeat([]byte("a"), size/2))
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
		_, _ = w.Write(bytes.Repeat([]byte("a"), size))
	}
}

func noAudio(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusNotFound)
	_, _ = w.Write([]byte(`{"detail":{"status":"audio_not_found","message":"No audio"}}`))
}

func (a *archiver) archive(c call) Recording {
	a.Helper()
	res, err := a.rec.Archive(a.Context(), c.id)
	require.NoError(a, err)
	return res
}

// noted is conversations.recording_url, and what the outcome's row says.
func (a *archiver) noted(c call) (url, state string, bytes int) {
	a.Helper()
	a.scan(&url, "select coalesce(recording_url, '') from conversations where id = $1", c.id)
	if a.count("select count(*) from henk.conversation_outcomes where conversation_id = $1", c.id) > 0 {
		require.NoError(a, a.db.QueryRow(a.Context(), "select coalesce(recording, ''), coalesce(recording_bytes, 0) from henk.conversation_outcomes where conversation_id = $1",
			c.id).Scan(&state, &bytes))
	}
	return url, state, bytes
}

// over is a call that has ended and was taken in.
func (f *fixture) over(ago time.Duration) call {
	f.Helper()
	c := f.placed(ago, nil)
	f.answer(c.provider, c.body(pledge...))
	f.sync(c)
	return c
}

func TestARecordingIsArchived(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, announced := range []bool{true, false} {
		a := newArchiver(t, f, audio(300_000, announced, false))
		c := f.over(time.Hour)
		require.Contains(t, f.followed().Archive, c.id, "a call with audio is to be archived")
		require.Equal(t, Recording{State: RecordingArchived, Bytes: 300_000}, a.archive(c))
		url, state, size := a.noted(c)
		require.Equal(t, []any{RecordingArchived, 300_000}, []any{state, size})
		key, ok := a.rec.Storage.Key(url)
		require.True(t, ok)
		require.Equal(t, RecordingKey(c.id), key)
		r, n, err := a.rec.Storage.Open(t.Context(), key)
		require.NoError(t, err)
		data, err := io.ReadAll(r)
		require.NoError(t, err)
		require.NoError(t, r.Close())
		require.Len(t, data, 300_000)
		require.EqualValues(t, 300_000, n)

		require.Equal(t, RecordingKept, a.archive(c).State, "a second run asks nobody")
		require.EqualValues(t, 1, a.asked.Load())
		f.answer(c.provider, c.body(pledge...).with("analysis.transcript_summary", "Another."))
		f.sync(c)
		require.Empty(t, f.followed().Archive, "it is archived already")
	}
}

func TestARecordingThatBreaksOffIsNotARecording(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for name, announced := range map[string]bool{"announced": true, "in chunks": false} {
		a := newArchiver(t, f, audio(300_000, announced, true))
		c := f.over(time.Hour)
		_, err := a.rec.Archive(t.Context(), c.id)
		require.NotNil(t, elevenlabs.AsError(err), "%s: %v", name, err)
		url, state, _ := a.noted(c)
		require.Empty(t, url+state, name)
		_, err = a.rec.Storage.Stat(t.Context(), RecordingKey(c.id))
		require.ErrorIs(t, err, storage.ErrNotFound, name)

		whole := audio(300_000, announced, false)
		a.answer.Store(&whole)
		require.EqualValues(t, 300_000, a.archive(c).Bytes, "the next run starts anew")
	}
}

func TestARecordingThatIsNotThere(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	empty := func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", "audio/mpeg") }
	for name, answer := range map[string]http.HandlerFunc{"404": noAudio, "empty": empty} {
		a := newArchiver(t, f, answer)
		young := f.over(time.Minute)
		res := a.archive(young)
		require.Equal(t, []any{RecordingWaiting, recordingPause}, []any{res.State, res.Again}, name)
		url, state, _ := a.noted(young)
		require.Empty(t, url+state, "nothing is known yet")

		old := f.over(time.Hour)
		res = a.archive(old)
		require.Equal(t, RecordingMissing, res.State, name)
		require.Contains(t, res.Reason, "no recording")
		url, state, _ = a.noted(old)
		require.Equal(t, []string{"", RecordingMissing}, []string{url, state}, name)

		late := audio(10, true, false)
		a.answer.Store(&late)
		require.Equal(t, RecordingArchived, a.archive(old).State, "asked once more, by hand")
		_, state, _ = a.noted(old)
		require.Equal(t, RecordingArchived, state)
	}
}

// Stored, not noted, and then deleted by the provider: what is stored is whole, so it counts.
func TestARecordingStoredByARunThatDied(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a := newArchiver(t, f, noAudio)
	c := f.over(time.Hour)
	_, err := a.rec.Storage.Put(t.Context(), RecordingKey(c.id), "audio/mpeg", strings.NewReader("0123456789"))
	require.NoError(t, err)
	require.Equal(t, Recording{State: RecordingArchived, Bytes: 10}, a.archive(c))
	url, _, _ := a.noted(c)
	require.NotEmpty(t, url)
}

func TestRecordingsThatAreNotOurs(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a := newArchiver(t, f, audio(10, true, false))
	c := f.over(time.Hour)
	f.exec("update conversations set recording_url = 'https://api.twilio.com/1.mp3' where id = $1", c.id)
	require.Equal(t, RecordingKept, a.archive(c).State)
	res, err := a.rec.Archive(t.Context(), uuid.New())
	require.NoError(t, err)
	require.Equal(t, RecordingGone, res.State)
	f.exec("update conversations set conversation_id = null, recording_url = null where id = $1", c.id)
	require.Equal(t, RecordingGone, a.archive(c).State)
	require.Zero(t, a.asked.Load())
}

// A recording_url that comes while the stream runs stays.
func TestARecordingURLThatComesMeanwhileStays(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	var c call
	a := newArchiver(t, f, func(w http.ResponseWriter, r *http.Request) {
		_, err := f.db.Exec(r.Context(), "update conversations set recording_url = 'https://elsewhere/1.mp3' where id = $1", c.id)
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		audio(10, true, false)(w, r)
	})
	c = f.over(time.Hour)
	a.archive(c)
	url, _, _ := a.noted(c)
	require.Equal(t, "https://elsewhere/1.mp3", url)
}

func TestArchivingAtOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a := newArchiver(t, f, audio(100_000, false, false))
	c := f.over(time.Hour)
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			res, err := a.rec.Archive(t.Context(), c.id)
			require.NoError(t, err)
			require.Contains(t, []string{RecordingArchived, RecordingKept}, res.State)
		})
	}
	wg.Wait()
	_, state, size := a.noted(c)
	require.Equal(t, []any{RecordingArchived, 100_000}, []any{state, size})
}

// An adopted conversation that was never read has no row of outcomes, and gets none: that would say that it was.
func TestArchivingInAnAdoptedDatabase(t *testing.T) {
	t.Parallel()
	db := adopted(t)
	f := fixtureOn(t, db, storetest.Adopted)
	a := newArchiver(t, f, audio(1000, true, false))
	c := f.placed(time.Hour, nil)
	require.Equal(t, RecordingArchived, a.archive(c).State)
	url, _, _ := a.noted(c)
	require.NotEmpty(t, url)
	require.Zero(t, f.count("select count(*) from henk.conversation_outcomes"))
	f.answer(c.provider, c.body(pledge...))
	f.sync(c)
	require.Empty(t, f.followed().Archive)
}

func TestProviderErrorsAreReturned(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.over(time.Hour)
	for status, kind := range map[int]elevenlabs.Kind{401: elevenlabs.KindAccount, 422: elevenlabs.KindRefused, 503: elevenlabs.KindUnknown, 429: elevenlabs.KindRateLimited} {
		a := newArchiver(t, f, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = fmt.Fprint(w, `{"detail":"no"}`)
		})
		_, err := a.rec.Archive(t.Context(), c.id)
		require.NotNil(t, elevenlabs.AsError(err), status)
		require.Equal(t, kind, elevenlabs.AsError(err).Kind, status)
		url, state, _ := a.noted(c)
		require.Empty(t, url+state, "an error is written nowhere but on the job")
	}
}
