package tracing_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/tracing"
)

// What is traced around the server, the jobs and the pool is tested where they are put together, in cmd/henk.

// A collector that is away costs nobody anything but the traces.
func TestReceiverAway(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
	tr, err := tracing.Start(t.Context(), "v1.2.3")
	require.NoError(t, err)
	var logged bytes.Buffer
	tr.Report(slog.New(slog.NewTextHandler(&logged, nil)))
	rec := httptest.NewRecorder()
	tr.HTTP()(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })).
		ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), "GET", "/leads", nil))
	require.Equal(t, http.StatusTeapot, rec.Code)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_ = tr.Stop(ctx) // by the context, or because nothing could be sent
	require.Contains(t, logged.String(), "Traces not sent")
}
