// Package metrics counts what happens in this process and reads from the database what only that knows, and shows both
// in Prometheus' text form. Labels hold words of a fixed set, never an id, a number or a name.
//
// It may import store and clock; it is given to jobs, the clients and the server by the command, none of which knows it.
package metrics

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/callhenk/henk-worker/internal/clock"
	"github.com/callhenk/henk-worker/internal/store"
)

// maxWords bounds a label whose words come from other packages; the rest counts as "other".
const maxWords = 60

// Options are what Metrics need; all are required.
type Options struct {
	DB      *store.DB
	Clock   clock.Clock // the rules' clock
	Queues  []string    // River's queues that are shown
	Version string
	Log     *slog.Logger
}

// Metrics of one process.
type Metrics struct {
	registry *prometheus.Registry

	calls, refusals            *prometheus.CounterVec
	provider, http, jobs       *prometheus.HistogramVec
	fetchSeconds, fetchedCount *prometheus.HistogramVec
	words                      words
}

// New makes them; nothing runs in the background.
func New(o Options) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
		m.registry.MustRegister(v)
		return v
	}
	seconds := func(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
		v := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
		m.registry.MustRegister(v)
		return v
	}
	short := []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
	long := []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300}
	m.calls = counter("henk_calls_total", "Dial jobs of this process that ended, by the state of the attempt (call_attempts.state).", "result")
	m.refusals = counter("henk_fence_refusals_total", "Reserved attempts that were not dialed, by the reason (call_attempts.reason).", "reason")
	m.provider = seconds("henk_provider_request_duration_seconds", "Requests to providers until the head of the answer.", long, "provider", "operation", "result")
	m.http = seconds("henk_http_request_duration_seconds", "Requests that this process answered.", short, "route", "code")
	m.jobs = seconds("henk_job_duration_seconds", "Runs of jobs in this process.", long, "kind", "result")
	m.fetchSeconds = seconds("henk_river_fetch_duration_seconds", "How long River took to lock jobs for this process.", short, "queue")
	m.fetchedCount = seconds("henk_river_fetched_jobs", "How many jobs River locked at a time.", []float64{0, 1, 2, 5, 10, 25, 50, 100}, "queue")
	for _, state := range []string{"placed", "refused", "released", "skipped", "expired", "unknown"} {
		m.calls.WithLabelValues(state) // shown as 0 from the start, so that the first one is a rise
	}
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "henk_build_info", Help: "What runs; always 1."}, []string{"version"})
	build.WithLabelValues(o.Version).Set(1)
	m.registry.MustRegister(build, newDatabase(o), collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Handler shows them.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 20 * time.Second})
}

// Dialed counts a dial job by the state and reason with which it ended.
func (m *Metrics) Dialed(state, reason string) {
	m.calls.WithLabelValues(m.words.keep("result", state)).Inc()
	if state == "skipped" || state == "expired" || state == "released" {
		m.refusals.WithLabelValues(m.words.keep("reason", reason)).Inc()
	}
}

// HTTP counts an answer by the pattern of its route.
func (m *Metrics) HTTP(pattern string, status int, took time.Duration) {
	code := "none" // the caller left before there was one
	if status > 0 {
		code = strconv.Itoa(status)
	}
	m.http.WithLabelValues(pattern, m.words.keep("code", code)).Observe(took.Seconds())
}

// Provider returns what counts the requests to a provider, as the clients want it.
func (m *Metrics) Provider(name string) func(ctx context.Context, op string, status int, start time.Time, err error) {
	return func(_ context.Context, op string, status int, start time.Time, err error) {
		m.provider.WithLabelValues(name, m.words.keep("operation "+name, op), result(status, err)).Observe(time.Since(start).Seconds())
	}
}

func result(status int, err error) string {
	switch {
	case err != nil || status == 0:
		return "no_answer"
	case status == http.StatusTooManyRequests:
		return "throttled"
	case status >= 500:
		return "server_error"
	case status >= 400:
		return "client_error"
	}
	return "ok"
}

// words keeps labels few, whatever other packages come to say.
type words struct {
	mu   sync.Mutex
	seen map[string]map[string]bool
}

func (w *words) keep(label, word string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.seen == nil {
		w.seen = map[string]map[string]bool{}
	}
	if w.seen[label] == nil {
		w.seen[label] = map[string]bool{}
	}
	known := w.seen[label]
	switch {
	case word == "":
		return "none"
	case !known[word] && len(known) >= maxWords:
		return "other"
	}
	known[word] = true
	return word
}
