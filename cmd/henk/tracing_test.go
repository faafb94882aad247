package main_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/rivertype"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/storetest"
	"github.com/callhenk/henk-worker/internal/tracing"
	"github.com/callhenk/henk-worker/jobs"
)

// span is what a receiver reads of one.
type span struct{ name, trace, id, parent, linkedTrace string }

// receiver takes OTLP over HTTP, as a collector does.
type receiver struct {
	*httptest.Server
	mu       sync.Mutex
	spans    []span
	bodies   []byte
	requests int
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if req.Header.Get("Content-Encoding") == "gzip" {
		if zip, zipErr := gzip.NewReader(bytes.NewReader(body)); zipErr == nil {
			body, err = io.ReadAll(zip)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests++
	if err != nil || req.URL.Path != "/v1/traces" || req.Header.Get("Content-Type") != "application/x-protobuf" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.bodies = append(r.bodies, body...)
	for _, resourceSpans := range fields(body)[1] {
		for _, scopeSpans := range fields(resourceSpans)[2] {
			for _, s := range fields(scopeSpans)[2] {
				r.spans = append(r.spans, read(s))
			}
		}
	}
}

// read takes apart a Span of opentelemetry/proto/trace/v1/trace.proto.
func read(data []byte) span {
	f := fields(data)
	first := func(n int) []byte {
		if len(f[n]) == 0 {
			return nil
		}
		return f[n][0]
	}
	s := span{name: string(first(5)), trace: hex.EncodeToString(first(1)), id: hex.EncodeToString(first(2)), parent: hex.EncodeToString(first(4))}
	if link := fields(first(13)); len(link[1]) > 0 {
		s.linkedTrace = hex.EncodeToString(link[1][0])
	}
	return s
}

// fields reads a protobuf message's fields that have a length, by number.
func fields(data []byte) map[int][][]byte {
	out := map[int][][]byte{}
	for len(data) > 0 {
		tag, n := binary.Uvarint(data)
		if n <= 0 {
			return out
		}
		data = data[n:]
		switch tag & 7 {
		case 0:
			_, n := binary.Uvarint(data)
			data = data[max(n, 1):]
		case 1:
			data = data[8:]
		case 5:
			data = data[4:]
		default:
			size, n := binary.Uvarint(data)
			out[int(tag>>3)] = append(out[int(tag>>3)], data[n:n+int(size)])
			data = data[n+int(size):]
		}
	}
	return out
}

func (r *receiver) find(prefix string) []span {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found []span
	for _, s := range r.spans {
		if strings.HasPrefix(s.name, prefix) {
			found = append(found, s)
		}
	}
	return found
}

// work serves a request that asks the database and inserts a job, waits for the job, and asks a provider.
func work(t *testing.T, tr *tracing.Tracing) {
	t.Helper()
	db, err := store.OpenTraced(t.Context(), storetest.NewURL(t), 4, tr.Queries())
	require.NoError(t, err)
	t.Cleanup(db.Close)
	c := jobs.Config{DB: db, Log: storetest.Log(t), NoTicks: true, PollJobs: 50 * time.Millisecond}
	if middleware := tr.Jobs(); middleware != nil {
		c.Middleware = []rivertype.Middleware{middleware}
	}
	rt, err := jobs.New(c)
	require.NoError(t, err)
	require.NoError(t, rt.Start(t.Context()))
	t.Cleanup(func() { _ = rt.Stop(context.WithoutCancel(t.Context())) })

	var job int64
	var handler http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if name := tr.Route(); name != nil {
			name(r.Context(), "POST /api/v1/jobs/{id}")
		}
		if r.URL.Path == "/healthz" {
			return
		}
		err := store.InTx(r.Context(), db, func(tx pgx.Tx) error {
			if _, err := tx.Exec(r.Context(), "select count(*) from public.leads where phone = $1", "+13125550199"); err != nil {
				return err
			}
			batch := &pgx.Batch{}
			batch.Queue("select 1")
			batch.Queue("select $1::text", "+13125550199")
			if err := tx.SendBatch(r.Context(), batch).Close(); err != nil {
				return err
			}
			if _, err := tx.Exec(r.Context(), "create temp table copied (phone text) on commit drop"); err != nil {
				return err
			}
			if _, err := tx.CopyFrom(r.Context(), pgx.Identifier{"copied"}, []string{"phone"}, pgx.CopyFromRows([][]any{{"+13125550199"}})); err != nil {
				return err
			}
			res, err := rt.Client.InsertTx(r.Context(), tx, jobs.HousekeepingArgs{}, nil)
			if err == nil {
				job = res.Job.ID
			}
			return err
		})
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	if around := tr.HTTP(); around != nil {
		handler = around(handler)
	}
	for _, path := range []string{"/healthz", "/api/v1/jobs/6a0f7b0e-5c8e-4c1b-9d57-5a7c3d1f0001?phone=%2B13125550199"} {
		req := httptest.NewRequestWithContext(t.Context(), "POST", path, nil)
		req.Header.Set("User-Agent", "secret-agent")
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, req)
		require.Equal(t, http.StatusOK, rec.Code)
	}
	require.Eventually(t, func() bool {
		var done bool
		err := db.QueryRow(t.Context(), "select state = 'completed' from river.river_job where id = $1", job).Scan(&done)
		return err == nil && done
	}, 60*time.Second, 50*time.Millisecond)
	if observe := tr.Provider("elevenlabs"); observe != nil {
		observe(t.Context(), "place call", 200, time.Now().Add(-time.Second), nil)
	}
	stop, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	require.NoError(t, rt.Stop(stop))
	require.NoError(t, tr.Stop(stop))
}

func TestSpansArrive(t *testing.T) {
	r := newReceiver(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", r.URL)
	tr, err := tracing.Start(t.Context(), "v1.2.3")
	require.NoError(t, err)
	require.NotNil(t, tr)
	work(t, tr)

	request := r.find("POST /api/v1/jobs/{id}")
	require.Len(t, request, 1)
	require.Empty(t, r.find("POST /healthz"), "probes are left out")
	var queries []span
	for _, q := range r.find("postgres ") {
		if q.trace == request[0].trace {
			require.Equal(t, request[0].id, q.parent, q.name)
			queries = append(queries, q)
		}
	}
	var names []string
	for _, q := range queries {
		names = append(names, q.name)
	}
	require.Subset(t, names, []string{"postgres begin", "postgres select", "postgres batch", "postgres copy copied", "postgres JobInsertFastMany", "postgres commit"})
	job := r.find("job housekeeping")
	require.NotEmpty(t, job)
	linked := false
	for _, j := range job {
		require.Empty(t, j.parent, "a job is a trace of its own")
		linked = linked || j.linkedTrace == request[0].trace
	}
	require.True(t, linked, "the job is linked to the request that inserted it: %v", job)
	inJob := 0
	for _, q := range r.find("postgres ") {
		if q.trace == job[0].trace {
			inJob++
		}
	}
	require.Positive(t, inJob, "the job's queries are in its trace")
	require.Len(t, r.find("elevenlabs place call"), 1)

	text := string(r.bodies)
	require.Contains(t, text, "henk")
	require.Contains(t, text, "http.route")
	require.Contains(t, text, "v1.2.3")
	for _, private := range []string{"3125550199", "where phone", "6a0f7b0e", "192.0.2.1", "secret-agent"} {
		require.NotContains(t, text, private)
	}
}

func TestNothingIsSentUnlessAskedFor(t *testing.T) {
	r := newReceiver(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "")
	t.Setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "")
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "to="+r.URL) // other variables alone switch nothing on
	require.False(t, tracing.On())
	tr, err := tracing.Start(t.Context(), "v1.2.3")
	require.NoError(t, err)
	require.Nil(t, tr)
	require.Nil(t, tr.HTTP())
	require.Nil(t, tr.Route())
	require.Nil(t, tr.Jobs())
	require.Nil(t, tr.Queries())
	require.Nil(t, tr.Provider("elevenlabs"))
	work(t, tr)
	require.Zero(t, r.requests)
}
