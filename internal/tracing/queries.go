package tracing

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// Queries makes a span of each query that is part of a request or of a job. nil when off.
func (t *Tracing) Queries() pgx.QueryTracer {
	if t == nil {
		return nil
	}
	return &queries{t: t}
}

type queries struct{ t *Tracing }

type spanKey struct{}

// TraceQueryStart is pgx's.
func (q *queries) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	return q.start(ctx, queryName(data.SQL))
}

// TraceQueryEnd is pgx's.
func (q *queries) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryEndData) {
	end(ctx, data.Err, data.CommandTag.RowsAffected())
}

// TraceBatchStart is pgx's: one span for all queries that go out together.
func (q *queries) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return q.start(ctx, "batch")
}

// TraceBatchQuery is pgx's.
func (q *queries) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd is pgx's.
func (q *queries) TraceBatchEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchEndData) {
	end(ctx, data.Err, 0)
}

// TraceCopyFromStart is pgx's.
func (q *queries) TraceCopyFromStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceCopyFromStartData) context.Context {
	return q.start(ctx, "copy "+strings.Join(data.TableName, "."))
}

// TraceCopyFromEnd is pgx's.
func (q *queries) TraceCopyFromEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceCopyFromEndData) {
	end(ctx, data.Err, data.CommandTag.RowsAffected())
}

// start begins a span. What nobody's span surrounds (River's own polling) is left out.
func (q *queries) start(ctx context.Context, name string) context.Context {
	if !trace.SpanContextFromContext(ctx).IsValid() {
		return ctx
	}
	_, span := q.t.tracer.Start(ctx, "postgres "+name, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attribute.String("db.system", "postgresql")))
	return context.WithValue(ctx, spanKey{}, span)
}

func end(ctx context.Context, err error, rows int64) {
	span, _ := ctx.Value(spanKey{}).(trace.Span)
	if span == nil {
		return
	}
	if err != nil {
		span.SetStatus(codes.Error, "") // the text may hold values
	}
	span.SetAttributes(attribute.Int64("db.rows", rows))
	span.End()
}

// queryName is the name that sqlc's and River's queries carry in their first line, or the statement's first word.
func queryName(sql string) string {
	if rest, ok := strings.CutPrefix(strings.TrimSpace(sql), "-- name: "); ok {
		name, _, _ := strings.Cut(rest, " ")
		return name
	}
	if words := strings.Fields(sql); len(words) > 0 && len(words[0]) <= 20 {
		return strings.ToLower(words[0])
	}
	return "query"
}
