package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/riverqueue/river/rivertype"

	"github.com/callhenk/henk-worker/internal/clock"
	"github.com/callhenk/henk-worker/internal/config"
	"github.com/callhenk/henk-worker/internal/metrics"
	"github.com/callhenk/henk-worker/internal/server"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/tracing"
	"github.com/callhenk/henk-worker/jobs"
)

// observer is told by a process of what it does.
type observer struct {
	metrics *metrics.Metrics
	tracing *tracing.Tracing // nil = off
}

func newObserver(db *store.DB, log *slog.Logger, tr *tracing.Tracing) *observer {
	return &observer{metrics: metrics.New(metrics.Options{DB: db, Clock: clock.Clock{}, Queues: jobs.Queues(), Version: version(), Log: log}), tracing: tr}
}

// provider is told of requests to a provider.
func (o *observer) provider(name string) func(ctx context.Context, op string, status int, start time.Time, err error) {
	count, trace := o.metrics.Provider(name), o.tracing.Provider(name)
	if trace == nil {
		return count
	}
	return func(ctx context.Context, op string, status int, start time.Time, err error) {
		count(ctx, op, status, start, err)
		trace(ctx, op, status, start, err)
	}
}

// watchJobs puts the observer around a worker's jobs and clients.
func (o *observer) watchJobs(c *jobs.Config) {
	c.Dialed = o.metrics.Dialed
	c.Hooks = []rivertype.Hook{o.metrics.Hook()}
	c.Middleware = []rivertype.Middleware{o.metrics.Middleware()}
	if o.tracing != nil {
		c.Middleware = append(c.Middleware, o.tracing.Jobs())
	}
	c.Salesforce.Client.Observe = o.provider("salesforce")
}

// watchServer puts it around the web side.
func (o *observer) watchServer(options *server.Options) {
	options.Metrics, options.Observe = o.metrics.Handler(), o.metrics.HTTP
	options.Trace, options.Route = o.tracing.HTTP(), o.tracing.Route()
}

// listen serves the metrics on an address of their own, without a login, until ctx ends. "" = not at all.
func (o *observer) listen(ctx context.Context, cfg *config.Config, log *slog.Logger) error {
	if cfg.MetricsAddr == "" {
		return nil
	}
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", cfg.MetricsAddr)
	if err != nil {
		return fmt.Errorf("listening for metrics (HENK_METRICS_ADDR): %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", o.metrics.Handler())
	srv := &http.Server{Handler: mux, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
	context.AfterFunc(ctx, func() { _ = srv.Close() })
	go func() {
		if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			log.ErrorContext(ctx, "Metrics are not served any more", "err", err)
		}
	}()
	log.InfoContext(ctx, "Metrics are listening", "addr", ln.Addr().String())
	return nil
}

// stop sends the last traces.
func (o *observer) stop(ctx context.Context, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := o.tracing.Stop(ctx); err != nil {
		log.WarnContext(ctx, "Traces not sent", "err", err)
	}
}
