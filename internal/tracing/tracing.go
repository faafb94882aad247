// Package tracing sends OpenTelemetry traces where OTEL_EXPORTER_OTLP_ENDPOINT is set: of requests, jobs, queries and
// requests to providers. Spans hold ids, names of routes, queries and operations, never arguments, bodies or numbers.
//
// It imports nothing of ours; the command puts it around the server, the jobs, the pool and the clients, and where it is
// off there is nothing around them.
package tracing

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Tracing makes spans and sends them. A nil one is off: its parts are nil too.
type Tracing struct {
	provider   *sdktrace.TracerProvider
	tracer     trace.Tracer
	propagator propagation.TextMapPropagator
}

// On says whether the environment asks for traces.
func On() bool {
	return os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != "" || os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") != ""
}

// Start begins to send traces as OpenTelemetry's own variables say (OTEL_EXPORTER_OTLP_ENDPOINT, _HEADERS, OTEL_SERVICE_NAME,
// OTEL_TRACES_SAMPLER and so on); nil where they ask for none. It sends nothing yet, so a receiver that is away is no error.
func Start(ctx context.Context, version string) (*Tracing, error) {
	if !On() {
		return nil, nil
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("starting traces (OTEL_EXPORTER_OTLP_ENDPOINT): %w", err)
	}
	res, err := resource.New(ctx, resource.WithAttributes(attribute.String("service.name", "henk"), attribute.String("service.version", version)),
		resource.WithTelemetrySDK(), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("starting traces (OTEL_RESOURCE_ATTRIBUTES): %w", err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(discreet{exporter}), sdktrace.WithResource(res))
	return &Tracing{provider: provider, tracer: provider.Tracer("henk"), propagator: propagation.TraceContext{}}, nil
}

// reportEvery keeps a receiver that is away from filling the log: it is tried every few seconds.
const reportEvery = 5 * time.Minute

// Report logs traces that could not be sent, once in a while; else the library writes to standard error by itself.
func (t *Tracing) Report(log *slog.Logger) {
	if t == nil {
		return
	}
	var mu sync.Mutex
	var last time.Time
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		mu.Lock()
		defer mu.Unlock()
		if last.IsZero() || time.Since(last) >= reportEvery {
			last = time.Now()
			log.Warn("Traces not sent", "err", err)
		}
	}))
}

// Stop sends what is left.
func (t *Tracing) Stop(ctx context.Context) error {
	if t == nil {
		return nil
	}
	if err := t.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("sending the last traces: %w", err)
	}
	return nil
}

// HTTP goes around the server; probes are left out. nil when off.
func (t *Tracing) HTTP() func(http.Handler) http.Handler {
	if t == nil {
		return nil
	}
	return func(next http.Handler) http.Handler {
		return otelhttp.NewHandler(next, "http", otelhttp.WithTracerProvider(t.provider), otelhttp.WithPropagators(t.propagator),
			// What somebody else's page or program sends as its trace is linked to and not joined.
			otelhttp.WithPublicEndpointFn(func(*http.Request) bool { return true }),
			otelhttp.WithFilter(func(r *http.Request) bool { return r.URL.Path != "/healthz" && r.URL.Path != "/readyz" }),
			otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string { return r.Method + " " + place(r.URL.Path) }))
	}
}

// Route returns what names a request's span by the pattern that serves it. nil when off.
func (t *Tracing) Route() func(ctx context.Context, pattern string) {
	if t == nil {
		return nil
	}
	return func(ctx context.Context, pattern string) {
		span := trace.SpanFromContext(ctx)
		span.SetName(pattern)
		span.SetAttributes(attribute.String("http.route", pattern))
	}
}

// place is the first word of a path: ids are in what follows.
func place(path string) string {
	word, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if len(word) > 40 {
		word = "other"
	}
	return "/" + word
}

// Provider returns what makes spans of requests to a provider, as the clients want it. nil when off.
func (t *Tracing) Provider(name string) func(ctx context.Context, op string, status int, start time.Time, err error) {
	if t == nil {
		return nil
	}
	return func(ctx context.Context, op string, status int, start time.Time, err error) {
		_, span := t.tracer.Start(ctx, name+" "+op, trace.WithTimestamp(start), trace.WithSpanKind(trace.SpanKindClient))
		if status > 0 {
			span.SetAttributes(attribute.Int("http.response.status_code", status))
		}
		if err != nil || status >= http.StatusInternalServerError {
			span.SetStatus(codes.Error, "") // the text may hold an address
		}
		span.End()
	}
}
