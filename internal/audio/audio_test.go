package audio

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/elevenlabssim"
	"github.com/callhenk/henk-worker/internal/storage"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
	"github.com/callhenk/henk-worker/internal/storetest"
)

// fixture is a database, a simulated provider and a directory.
type fixture struct {
	*testing.T
	db    *store.DB
	sim   *elevenlabssim.Sim
	maker *Maker
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	return fixtureOn(t, storetest.New(t))
}

func fixtureOn(t *testing.T, db *store.DB) *fixture {
	t.Helper()
	sim := elevenlabssim.New(elevenlabssim.Options{APIKey: "key", Seed: 1})
	server := httptest.NewServer(sim)
	t.Cleanup(func() { _ = sim.Close(); server.Close() })
	client, err := elevenlabs.New(elevenlabs.Config{APIKey: "key", BaseURL: server.URL, RetryDelays: []time.Duration{}})
	require.NoError(t, err)
	dir, err := storage.NewDir(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { _ = dir.Close() })
	return &fixture{T: t, db: db, sim: sim, maker: &Maker{DB: db, Client: client, Storage: dir}}
}

func (f *fixture) row(fields storetest.Fields) uuid.UUID {
	f.Helper()
	all := storetest.Fields{"text_content": "Thank you for your gift.", "voice_id": "voice_sim_henk"}
	for k, v := range fields {
		all[k] = v
	}
	return storetest.Insert(f, f.db, "audio_generations", all)
}

func (f *fixture) make(id uuid.UUID) Result {
	f.Helper()
	res, err := f.maker.Make(f.Context(), id, false)
	require.NoError(f, err)
	return res
}

// stored is what the row says.
type stored struct {
	Status, URL, Code, Message, Key string
	Bytes, Took, Retries            int64
	Seconds                         float64
	Hit                             bool
	Request                         string
}

func (f *fixture) stored(id uuid.UUID) (s stored) {
	f.Helper()
	require.NoError(f, f.db.QueryRow(f.Context(), `select status::text, coalesce(audio_url, ''), coalesce(error_code, ''), coalesce(error_message, ''), coalesce(cache_key, ''),
		coalesce(file_size_bytes, 0), coalesce(generation_time_ms, 0), coalesce(retry_count, 0), coalesce(duration_seconds, 0)::float8, cache_hit, coalesce(elevenlabs_request_id, '')
		from audio_generations where id = $1`, id).
		Scan(&s.Status, &s.URL, &s.Code, &s.Message, &s.Key, &s.Bytes, &s.Took, &s.Retries, &s.Seconds, &s.Hit, &s.Request))
	return s
}

func (f *fixture) requests() int64 {
	return f.sim.Stats().Requests["POST /v1/text-to-speech/{id}"]
}

func (f *fixture) faults(spec string) {
	f.Helper()
	faults, err := elevenlabssim.ParseFaults(spec)
	require.NoError(f, err)
	f.sim.SetFaults(faults)
}

func TestARowBecomesSpeech(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	id := f.row(storetest.Fields{"error_message": "from before"})
	res := f.make(id)
	require.Equal(t, StateMade, res.State)
	require.Positive(t, res.Took)
	s := f.stored(id)
	require.Equal(t, "completed", s.Status)
	require.Equal(t, res.Bytes, s.Bytes)
	require.InDelta(t, 2, s.Seconds, 0.1, "24 characters at 15 a second, begun")
	require.NotEmpty(t, s.Request)
	require.NotEmpty(t, s.Key)
	require.False(t, s.Hit)
	require.Empty(t, s.Message)
	key, ok := f.maker.Storage.Key(s.URL)
	require.True(t, ok)
	require.Equal(t, Key(id), key)
	r, size, err := f.maker.Storage.Open(t.Context(), key)
	require.NoError(t, err)
	data, err := io.ReadAll(r)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	require.EqualValues(t, len(data), size)
	require.Equal(t, s.Bytes, size)
	require.True(t, strings.HasPrefix(string(data), "ID3"))

	require.Equal(t, StateKept, f.make(id).State, "a second run changes nothing")
	require.Equal(t, s, f.stored(id))
	require.EqualValues(t, 1, f.requests())
	require.Equal(t, StateGone, f.make(uuid.New()).State)
}

// Spoken once: the same text by the same voice with the same settings and model, in whatever order they are written.
func TestSameSpeechIsMadeOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	settings := `{"stability": 0.5, "speed": 1}`
	first := f.row(storetest.Fields{"voice_settings": settings})
	f.make(first)
	again := f.row(storetest.Fields{"voice_settings": `{"speed": 1.0, "stability": 0.50, "note": "warm"}`})
	require.Equal(t, StateCached, f.make(again).State)
	a, b := f.stored(first), f.stored(again)
	require.Equal(t, "cached", b.Status)
	require.True(t, b.Hit)
	require.Equal(t, []any{a.URL, a.Bytes, a.Seconds, a.Key}, []any{b.URL, b.Bytes, b.Seconds, b.Key})
	require.EqualValues(t, 1, f.requests())

	for name, other := range map[string]storetest.Fields{
		"text":     {"voice_settings": settings, "text_content": "Thank you for your gift!"},
		"voice":    {"voice_settings": settings, "voice_id": "voice_sim_sam"},
		"settings": {"voice_settings": `{"stability": 0.5}`},
		"model":    {"voice_settings": settings, "model_id": "eleven_flash_v2_5"},
	} {
		require.Equal(t, StateMade, f.make(f.row(other)).State, name)
	}
	require.EqualValues(t, 5, f.requests())
}

// A cached row is only as good as its file.
func TestAudioThatIsGoneIsMadeAnew(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(f *fixture, id uuid.UUID){
		"cut": func(f *fixture, id uuid.UUID) {
			_, err := f.maker.Storage.Put(f.Context(), Key(id), "audio/mpeg", strings.NewReader("ID3"))
			require.NoError(f, err)
		},
		"lost": func(f *fixture, id uuid.UUID) {
			dir, err := storage.NewDir(f.TempDir())
			require.NoError(f, err)
			f.Cleanup(func() { _ = dir.Close() })
			f.maker.Storage = dir
		},
		"elsewhere": func(f *fixture, id uuid.UUID) {
			_, err := f.db.Exec(f.Context(), "update audio_generations set audio_url = 'https://cdn.example.org/a.mp3' where id = $1", id)
			require.NoError(f, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			first := f.row(nil)
			f.make(first)
			spoil(f, first)
			again := f.row(nil)
			require.Equal(t, StateMade, f.make(again).State)
			require.EqualValues(t, 2, f.requests())
		})
	}
}

// Rows of one text that are worked on at once are spoken once; the others wait and find it.
func TestManyRowsAtOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	var wg sync.WaitGroup
	for range 8 {
		id := f.row(nil)
		wg.Go(func() {
			for {
				res, err := f.maker.Make(t.Context(), id, false)
				if err != nil || res.State != StateBusy {
					require.NoError(t, err)
					return
				}
				require.Equal(t, busyPause, res.Again)
				time.Sleep(10 * time.Millisecond)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 1, f.requests())
	var made, cached int
	require.NoError(t, f.db.QueryRow(t.Context(), "select count(*) filter (where status = 'completed'), count(*) filter (where status = 'cached') from audio_generations").Scan(&made, &cached))
	require.Equal(t, []int{1, 7}, []int{made, cached})
}

// A worker that died in the middle holds nobody up: its own row goes on at once, others after a while.
func TestClaimsOfTheDead(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	dead := f.row(nil)
	c, err := f.maker.claim(t.Context(), dead)
	require.NoError(t, err)
	require.Empty(t, c.result.State)
	require.Equal(t, "generating", f.stored(dead).Status)
	waits := f.row(nil)
	require.Equal(t, StateBusy, f.make(waits).State)
	require.Equal(t, "pending", f.stored(waits).Status)
	// updated_at is set by a trigger in an adopted database, hence around it.
	_, err = f.db.Exec(t.Context(), "update audio_generations set updated_at = clock_timestamp() - interval '4 minutes' where id = $1", dead)
	require.NoError(t, err)
	require.Equal(t, StateMade, f.make(waits).State)
	require.Equal(t, StateCached, f.make(dead).State)
}

func TestWhatPassesIsTriedAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ faults, code, says string }{
		"too many":     {"audio_429=first:1", "too_many_concurrent_requests", "rate limited"},
		"server error": {"audio_503=first:1", "result unknown", "http 503"},
		"cut":          {"audio_cut=first:1", "result unknown", "broke off"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.faults(c.faults)
			id := f.row(nil)
			_, err := f.maker.Make(t.Context(), id, false)
			require.Error(t, err)
			require.NotErrorIs(t, err, ErrRefused)
			s := f.stored(id)
			require.Equal(t, "pending", s.Status)
			require.Equal(t, c.code, s.Code)
			require.Contains(t, s.Message, c.says)
			require.EqualValues(t, 1, s.Retries)
			require.Empty(t, s.URL)
			_, err = f.maker.Storage.Stat(t.Context(), Key(id))
			require.ErrorIs(t, err, storage.ErrNotFound, "half of it is nothing")

			require.Equal(t, StateMade, f.make(id).State)
			s = f.stored(id)
			require.Equal(t, []any{"completed", "", ""}, []any{s.Status, s.Code, s.Message})
		})
	}
}

func TestTheLastTryFails(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.faults("audio_503=first:1")
	id := f.row(nil)
	_, err := f.maker.Make(t.Context(), id, true)
	require.Error(t, err)
	require.Equal(t, "failed", f.stored(id).Status)
	require.Equal(t, StateMade, f.make(id).State, "somebody asked for it once more")
}

func TestRowsThatWillNotDo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fields     storetest.Fields
		code, says string
	}{
		"voice":            {storetest.Fields{"voice_id": "nobody"}, "voice_not_found", "voice_id was not found"},
		"no voice":         {storetest.Fields{"voice_id": ""}, "refused", "voice id is empty"},
		"no text":          {storetest.Fields{"text_content": " "}, "refused", "the text is empty"},
		"too long":         {storetest.Fields{"text_content": strings.Repeat("a", 50_000)}, "refused", "split it"},
		"settings":         {storetest.Fields{"voice_settings": `{"stability": "high"}`}, "invalid_row", "stability is a string"},
		"settings no dict": {storetest.Fields{"voice_settings": `[1]`}, "invalid_row", "must be a JSON object"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			id := f.row(c.fields)
			_, err := f.maker.Make(t.Context(), id, false)
			require.ErrorIs(t, err, ErrRefused)
			s := f.stored(id)
			require.Equal(t, "failed", s.Status)
			require.Equal(t, c.code, s.Code)
			require.Contains(t, s.Message, c.says)
		})
	}
}

// The request is paid for, so a job that is stopped must not leave the row as if it were still being made.
func TestAStopIsNoted(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.faults("audio_hang=100%,hang_for=20s")
	id := f.row(nil)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(200*time.Millisecond, cancel)
	_, err := f.maker.Make(ctx, id, false)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, "pending", f.stored(id).Status)
}

// Who settles a row while it is spoken has the last word.
func TestARowThatIsSettledMeanwhile(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	id := f.row(nil)
	c, err := f.maker.claim(t.Context(), id)
	require.NoError(t, err)
	_, err = f.db.Exec(t.Context(), "update audio_generations set status = 'failed', error_message = 'not wanted any more'")
	require.NoError(t, err)
	res, err := f.maker.speak(t.Context(), id, c)
	require.NoError(t, err)
	require.Equal(t, StateGone, res.State)
	require.Equal(t, "not wanted any more", f.stored(id).Message)
}

// full is a store that takes nothing.
type full struct {
	storage.Store
	kind storage.Kind
}

func (s full) Put(context.Context, string, string, io.Reader) (storage.Object, error) {
	return storage.Object{}, &storage.Error{Op: "put", Kind: s.kind, Message: "no room"}
}

func TestStorageThatRefuses(t *testing.T) {
	t.Parallel()
	for kind, want := range map[storage.Kind]string{storage.Temporary: "pending", storage.Setup: "pending", storage.Permanent: "failed"} {
		f := newFixture(t)
		f.maker.Storage = full{f.maker.Storage, kind}
		id := f.row(nil)
		_, err := f.maker.Make(t.Context(), id, false)
		require.Equal(t, kind == storage.Permanent, errors.Is(err, ErrRefused))
		require.Equal(t, want, f.stored(id).Status)
		require.Contains(t, f.stored(id).Message, "no room")
	}
}

func TestAdoptedDatabase(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.NewAdoptedURL(t))
	_, err := store.Migrate(t.Context(), db, storetest.Log(t))
	require.NoError(t, err)
	f := fixtureOn(t, db)
	id := f.row(storetest.Fields{"cache_key": "the app's own", "voice_settings": nil})
	require.Equal(t, StateMade, f.make(id).State)
	require.Equal(t, StateCached, f.make(f.row(nil)).State)
}

func FuzzCacheKey(f *testing.F) {
	f.Add("Hello", "voice", "model", `{"stability":1}`)
	f.Fuzz(func(t *testing.T, text, voice, model, settings string) {
		if !json.Valid([]byte(settings)) {
			return
		}
		s, key, err := speechOf(dbsqlc.AudioClaimRow{TextContent: text, VoiceID: voice, ModelID: model, VoiceSettings: settings})
		if err != nil {
			require.ErrorIs(t, err, ErrRefused)
			return
		}
		require.LessOrEqual(t, len(key), 255)
		s.Text += "."
		other, err := cacheKey(s)
		require.NoError(t, err)
		require.NotEqual(t, key, other)
	})
}
