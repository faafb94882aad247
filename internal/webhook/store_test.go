package webhook

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/storetest"
	"github.com/callhenk/henk-worker/jobs"
)

func onDatabase(t *testing.T, db *store.DB) *ElevenLabs {
	t.Helper()
	client, err := jobs.NewInserter(db, storetest.Log(t))
	require.NoError(t, err)
	return NewElevenLabs(Options{DB: db, Client: client, Log: storetest.Log(t), Secret: secret, Now: func() time.Time { return now }})
}

func send(t *testing.T, h http.Handler, body string) *httptest.ResponseRecorder {
	t.Helper()
	rec := post(h, strings.NewReader(body), sign(body, now))
	require.Equal(t, 200, rec.Code, rec.Body)
	return rec
}

func count(t *testing.T, db *store.DB, sql string, args ...any) (n int) {
	t.Helper()
	require.NoError(t, db.QueryRow(t.Context(), sql, args...).Scan(&n))
	return n
}

const allJobs = "select count(*) from river.river_job where kind = 'apply-webhook'"

type row struct {
	Type, State, Conversation, CallSID, Attempt string
	At                                          *time.Time
	Body                                        []byte
}

func rows(t *testing.T, db *store.DB) []row {
	t.Helper()
	list, err := db.Query(t.Context(), `select type, state, coalesce(provider_conversation_id, ''), coalesce(call_sid, ''), coalesce(attempt_id::text, ''), event_at, body
		from henk.webhook_inbox order by received_at`)
	require.NoError(t, err)
	out, err := pgx.CollectRows(list, pgx.RowToStructByPos[row])
	require.NoError(t, err)
	return out
}

func TestStoredAsItCame(t *testing.T) {
	t.Parallel()
	for name, adopted := range map[string]bool{"fresh": false, "adopted": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var db *store.DB
			if adopted {
				db = storetest.Open(t, storetest.NewAdoptedURL(t))
				_, err := store.Migrate(t.Context(), db, storetest.Log(t))
				require.NoError(t, err)
			} else {
				db = storetest.New(t)
			}
			h := onDatabase(t, db)
			bodies := []string{
				`{"type":"post_call_transcription","event_timestamp":1739537297,"data":{"conversation_id":"conv_1","agent_id":"a","transcript":[{"message":"\u0000"}],
					"conversation_initiation_client_data":{"dynamic_variables":{"attempt_id":"6a0f7b0e-5c8e-4c1b-9d57-5a7c3d1f0001"}}}}`,
				"{\"type\":\"post_call_transcription\",\"data\":{\"conversation_id\":\"conv_2\",\"transcript\":\"\xff\xfe\"}}",
				`{"type":"call_initiation_failure","data":{"conversation_id":"conv_3","failure_reason":"busy","metadata":{"body":{"CallSid":"CA3"}}}}`,
				`{"type":"answering_machine_detection","data":{"conversation_id":"conv_4","text":"\u0000"}}`,
			}
			for _, body := range bodies {
				send(t, h, body)
			}
			got := rows(t, db)
			require.Len(t, got, 4)
			for i := range bodies {
				require.Equal(t, bodies[i], string(got[i].Body), "byte for byte")
				got[i].Body = nil
			}
			at := now.UTC()
			got[0].At = ptr(got[0].At.UTC())
			require.Equal(t, []row{
				{Type: "post_call_transcription", State: "pending", Conversation: "conv_1", Attempt: "6a0f7b0e-5c8e-4c1b-9d57-5a7c3d1f0001", At: &at},
				{Type: "post_call_transcription", State: "pending", Conversation: "conv_2"},
				{Type: "call_initiation_failure", State: "pending", Conversation: "conv_3", CallSID: "CA3"},
				{Type: "answering_machine_detection", State: "ignored", Conversation: "conv_4"},
			}, got)
			require.Equal(t, 3, count(t, db, allJobs), "a job for each that something follows from")
			require.Equal(t, 3, count(t, db, allJobs+" and args in (select jsonb_build_object('webhook_event_id', id) from henk.webhook_inbox where state = 'pending')"))
		})
	}
}

func ptr[T any](v T) *T { return &v }

func TestAudioDoesNotFillTheDatabase(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	send(t, onDatabase(t, db), `{"type":"post_call_audio","data":{"conversation_id":"c","full_audio":"`+strings.Repeat("QUJD", 1<<20)+`"}}`)
	require.JSONEq(t, `{"type":"post_call_audio","data":{"conversation_id":"c","full_audio_base64_bytes":4194304}}`, string(rows(t, db)[0].Body))
}

func TestRepeats(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	h := onDatabase(t, db)
	later := strings.Replace(good, "1739537297", "1739537399", 1)
	require.NotContains(t, send(t, h, good).Body.String(), "repeat")
	require.JSONEq(t, `{"ok":true,"repeat":true}`, send(t, h, good).Body.String())
	require.JSONEq(t, `{"ok":true,"repeat":true}`, send(t, h, later).Body.String(), "sent again with a new time")
	require.Len(t, rows(t, db), 1)
	for _, other := range []string{
		strings.Replace(good, "conv_1", "conv_2", 1),
		strings.Replace(good, `"conv_1"`, `"conv_1","status":"done"`, 1), // says something new
		strings.Replace(good, "post_call_transcription", "call_initiation_failure", 1),
		`{"type":"ping","event_timestamp":1}`, `{"type":"ping","event_timestamp":2}`,
	} {
		require.NotContains(t, send(t, h, other).Body.String(), "repeat")
	}
	require.Len(t, rows(t, db), 6)
	require.Equal(t, 4, count(t, db, allJobs))
}

func TestEqualRequestsRace(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	h := onDatabase(t, db)
	var wg sync.WaitGroup
	var mu sync.Mutex
	answers := map[string]int{}
	for range 12 {
		wg.Go(func() {
			rec := post(h, strings.NewReader(good), sign(good, now))
			mu.Lock()
			defer mu.Unlock()
			if rec.Code == 200 && strings.Contains(rec.Body.String(), `"id"`) {
				answers["new"]++
			} else if rec.Code == 200 {
				answers["repeat"]++
			}
		})
	}
	wg.Wait()
	require.Equal(t, map[string]int{"new": 1, "repeat": 11}, answers)
	require.Len(t, rows(t, db), 1)
	require.Equal(t, 1, count(t, db, allJobs))
}

func TestNothingIsHalfStored(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	h := onDatabase(t, db)
	_, err := db.Exec(t.Context(), "alter table river.river_job rename to away")
	require.NoError(t, err)
	rec := post(h, strings.NewReader(good), sign(good, now))
	require.Equal(t, 503, rec.Code, "no job, so no event either")
	require.Empty(t, rows(t, db))
	_, err = db.Exec(t.Context(), "alter table river.away rename to river_job")
	require.NoError(t, err)
	require.NotContains(t, send(t, h, good).Body.String(), "repeat", "the provider's next try counts")
	require.Equal(t, 1, count(t, db, allJobs))
}

func TestDatabaseAway(t *testing.T) {
	t.Parallel()
	db, err := store.Open(t.Context(), storetest.NewURL(t), 0)
	require.NoError(t, err)
	h := onDatabase(t, db)
	db.Close()
	rec := post(h, strings.NewReader(good), sign(good, now))
	require.Equal(t, 503, rec.Code)
	require.Equal(t, "30", rec.Header().Get("Retry-After"))
	require.Equal(t, 401, post(h, strings.NewReader(good)).Code, "strangers are told nothing about it")
}

func TestThousandsOfItems(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	item := `{"role":"martian","time_in_call_secs":1,"message":"` + strings.Repeat("é", 200) + `"},`
	body := `{"type":"post_call_transcription","data":{"conversation_id":"c","transcript":[` + strings.TrimSuffix(strings.Repeat(item, 5000), ",") + `]}}`
	send(t, onDatabase(t, db), body)
	w, err := elevenlabs.DecodeWebhook(rows(t, db)[0].Body)
	require.NoError(t, err)
	require.Equal(t, body, string(w.Kept))
}
