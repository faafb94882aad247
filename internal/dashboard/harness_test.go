package dashboard

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/storage"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/storetest"
	"github.com/callhenk/henk-worker/jobs"
)

// bundle is the pages on a database of their own.
type bundle struct {
	*Dashboard
	t     *testing.T
	db    *store.DB
	media *storage.Dir
	mux   *http.ServeMux
}

func setup(t *testing.T) *bundle {
	t.Helper()
	db := storetest.New(t)
	client, err := jobs.NewInserter(db, storetest.Log(t))
	require.NoError(t, err)
	media, err := storage.NewDir(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { _ = media.Close() })
	d := New(Options{DB: db, Client: client, Log: storetest.Log(t), Version: "v1.2.3", Storage: media, patience: 20 * time.Second, every: 20 * time.Millisecond,
		Actor: func(*http.Request) string { return "olga" }})
	t.Cleanup(d.Close)
	b := &bundle{Dashboard: d, t: t, db: db, media: media, mux: http.NewServeMux()}
	for _, r := range d.Routes() {
		b.mux.HandleFunc(r.Pattern, func(w http.ResponseWriter, req *http.Request) {
			w.Header().Set("X-Request-Id", "request-1")
			r.Handler(w, req)
		})
	}
	return b
}

func (b *bundle) do(method, target string, body io.Reader, header ...string) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequestWithContext(b.t.Context(), method, target, body)
	r.Header.Set("Accept", "text/html")
	if body != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	b.mux.ServeHTTP(rec, r)
	return rec
}

func (b *bundle) post(target string, pairs ...string) *httptest.ResponseRecorder {
	b.t.Helper()
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return b.do("POST", target, strings.NewReader(v.Encode()))
}

// get returns a page that must be there.
func (b *bundle) get(target string) string {
	b.t.Helper()
	rec := b.do("GET", target, nil)
	require.Equal(b.t, http.StatusOK, rec.Code, "%s: %s", target, text(rec.Body.String()))
	return rec.Body.String()
}

// text is a page without its markup, with single spaces.
func text(html string) string {
	bare := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(html, " ")
	return strings.Join(strings.Fields(bare), " ")
}

func (b *bundle) exec(sql string, args ...any) {
	b.t.Helper()
	_, err := b.db.Exec(b.t.Context(), sql, args...)
	require.NoError(b.t, err)
}

// value is the one value of a query's one row.
func value[T any](b *bundle, sql string, args ...any) T {
	b.t.Helper()
	rows, err := b.db.Query(context.WithoutCancel(b.t.Context()), sql, args...)
	require.NoError(b.t, err)
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
	require.NoError(b.t, err)
	return v
}

// talk inserts a conversation that is over, with what was said.
func (b *bundle) talk(w storetest.World, lead uuid.UUID, fields storetest.Fields, words ...string) uuid.UUID {
	b.t.Helper()
	f := storetest.Fields{"campaign_id": w.Campaign, "agent_id": w.Agent, "lead_id": lead, "status": "completed", "outcome": "pledged",
		"started_at": time.Now().Add(-time.Minute), "duration_seconds": 75}
	for k, v := range fields {
		f[k] = v
	}
	id := storetest.Insert(b.t, b.db, "conversations", f)
	for i, text := range words {
		column, kind := "agent_text", "response_processed"
		if i%2 == 1 {
			column, kind = "user_response", "speech_detected"
		}
		b.exec(`insert into conversation_events (conversation_id, sequence_number, event_type, source, metadata, `+column+`)
			values ($1, $2, $3::conversation_event_type, 'elevenlabs', jsonb_build_object('time_in_call_secs', $2::int), $4)`, id, i+1, kind, text)
	}
	return id
}

// org inserts a Salesforce integration that has been synced, with HTML in every text.
func (b *bundle) org(w storetest.World, lead, talk uuid.UUID) uuid.UUID {
	b.t.Helper()
	config, err := json.Marshal(map[string]any{"env": evil, "instanceUrl": "https://" + evil, "doNotCallPolicy": evil,
		"syncHealth": map[string]any{"error": "e" + evil, "mend": "m" + evil, "warnings": []string{"w" + evil}}})
	require.NoError(b.t, err)
	id := storetest.Insert(b.t, b.db, "integrations", storetest.Fields{"name": "Salesforce", "type": "crm", "status": "active", "business_id": w.Business, "config": string(config)})
	b.exec("insert into henk.crm_cursors (integration_id, object, fingerprint, watermark) values ($1, 'Contact', 'f', now()), ($1, $2, 'f', null)", id, evil)
	b.exec("insert into henk.crm_syncs (integration_id, reconciled_at) values ($1, now())", id)
	storetest.Insert(b.t, b.db, "sync_logs", storetest.Fields{"integration_id": id, "business_id": w.Business, "sync_type": "full", "sync_status": "partial", "started_at": time.Now(),
		"completed_at": time.Now(), "records_processed": 7, "error_message": evil, "metadata": `{"kind": "<script>", "run": "<script>"}`})
	b.exec("insert into henk.crm_rejects (integration_id, object, source_id, reason) values ($1, $2, $2, $2)", id, evil)
	b.exec("insert into henk.write_backs (integration_id, lead_id, conversation_id, action, state, error, mend) values ($1, $2, $3, 'task', 'failed', $4, $4)", id, lead, talk, evil)
	b.exec("insert into henk.audit (actor, action, detail) values ($1, 'salesforce.sync', jsonb_build_object('integration', $2::text, $1::text, $1::text))", evil, id.String())
	return id
}

// form is a multipart form with a file, and its content type.
func form(t *testing.T, name, content string, pairs ...string) (io.Reader, string) {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i < len(pairs); i += 2 {
		require.NoError(t, w.WriteField(pairs[i], pairs[i+1]))
	}
	part, err := w.CreateFormFile("file", name)
	require.NoError(t, err)
	_, err = io.WriteString(part, content)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return &body, w.FormDataContentType()
}

// send uploads a file of leads unless the pairs say otherwise.
func (b *bundle) send(w storetest.World, name, content string, pairs ...string) *httptest.ResponseRecorder {
	b.t.Helper()
	all := []string{"kind", "leads", "business", w.Business.String()}
	body, kind := form(b.t, name, content, append(all, pairs...)...)
	return b.do("POST", "/import", body, "Content-Type", kind)
}

// upload returns the id of an upload that must be taken.
func (b *bundle) upload(w storetest.World, name, content string, pairs ...string) uuid.UUID {
	b.t.Helper()
	rec := b.send(w, name, content, pairs...)
	require.Equal(b.t, http.StatusSeeOther, rec.Code, text(rec.Body.String()))
	id, err := uuid.Parse(strings.TrimPrefix(rec.Header().Get("Location"), "/import/"))
	require.NoError(b.t, err)
	return id
}

// read notes what the machine made of a conversation.
func (b *bundle) read(id uuid.UUID, outcome, evidence string) {
	b.t.Helper()
	b.exec(`insert into henk.conversation_outcomes (conversation_id, outcome, confidence, source, version, evidence, written_outcome, lead_status, amount_cents, pledged, read_at)
		values ($1, $2, 0.75, 'rules', 'v7', $3::jsonb, $2, $2, 5000, 50, now())`, id, outcome, evidence)
}
