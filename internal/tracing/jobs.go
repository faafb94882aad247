package tracing

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// Jobs is River's middleware: a span for each run of a job, linked to what inserted it. nil when off.
func (t *Tracing) Jobs() rivertype.Middleware {
	if t == nil {
		return nil
	}
	return &jobs{t: t}
}

type jobs struct {
	river.MiddlewareDefaults
	t *Tracing
}

// InsertMany notes in each job what inserted it.
func (j *jobs) InsertMany(ctx context.Context, params []*rivertype.JobInsertParams, insert func(context.Context) ([]*rivertype.JobInsertResult, error)) ([]*rivertype.JobInsertResult, error) {
	carrier := propagation.MapCarrier{}
	j.t.propagator.Inject(ctx, carrier)
	if parent := carrier["traceparent"]; parent != "" {
		for _, p := range params {
			metadata := map[string]any{}
			if len(p.Metadata) > 0 && json.Unmarshal(p.Metadata, &metadata) != nil {
				continue
			}
			metadata["traceparent"] = parent
			if data, err := json.Marshal(metadata); err == nil {
				p.Metadata = data
			}
		}
	}
	return insert(ctx)
}

// Work is one run.
func (j *jobs) Work(ctx context.Context, job *rivertype.JobRow, work func(context.Context) error) error {
	options := []trace.SpanStartOption{trace.WithNewRoot(), trace.WithSpanKind(trace.SpanKindConsumer), trace.WithAttributes(
		attribute.String("job.kind", job.Kind), attribute.Int64("job.id", job.ID), attribute.String("job.queue", job.Queue), attribute.Int("job.attempt", job.Attempt))}
	var metadata struct {
		Parent string `json:"traceparent"`
	}
	if json.Unmarshal(job.Metadata, &metadata) == nil && metadata.Parent != "" {
		from := j.t.propagator.Extract(context.Background(), propagation.MapCarrier{"traceparent": metadata.Parent})
		options = append(options, trace.WithLinks(trace.LinkFromContext(from)))
	}
	ctx, span := j.t.tracer.Start(ctx, "job "+job.Kind, options...)
	defer span.End()
	err := work(ctx)
	var snooze *river.JobSnoozeError
	if err != nil && !errors.As(err, &snooze) {
		span.SetStatus(codes.Error, "") // the text is in River's row
	}
	return err
}
