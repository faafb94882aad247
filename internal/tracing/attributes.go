package tracing

import (
	"context"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// allowed are the attributes that leave this process. The HTTP library notes addresses of callers and paths as they were
// typed as well.
var allowed = []attribute.Key{"http.request.method", "http.response.status_code", "http.route", "url.scheme",
	"job.kind", "job.id", "job.queue", "job.attempt", "db.system", "db.rows"}

// discreet exports spans without what is not allowed, and without the texts of errors and events.
type discreet struct{ sdktrace.SpanExporter }

func (d discreet) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	kept := make([]sdktrace.ReadOnlySpan, len(spans))
	for i, s := range spans {
		kept[i] = discreetSpan{s}
	}
	return d.SpanExporter.ExportSpans(ctx, kept)
}

type discreetSpan struct{ sdktrace.ReadOnlySpan }

func (s discreetSpan) Attributes() []attribute.KeyValue {
	return slices.DeleteFunc(slices.Clone(s.ReadOnlySpan.Attributes()), func(kv attribute.KeyValue) bool { return !slices.Contains(allowed, kv.Key) })
}

func (s discreetSpan) Events() []sdktrace.Event { return nil }

func (s discreetSpan) Status() sdktrace.Status {
	status := s.ReadOnlySpan.Status()
	if status.Code == codes.Error {
		status.Description = ""
	}
	return status
}
