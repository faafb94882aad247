package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/config"
	"github.com/callhenk/henk-worker/internal/storetest"
)

// On their own address metrics need no login, nothing else is there, and they end with the process.
func TestMetricsOnTheirOwnAddress(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	log := slog.New(slog.NewTextHandler(&logged, nil))
	o := newObserver(storetest.New(t), storetest.Log(t), nil)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	require.NoError(t, o.listen(ctx, &config.Config{}, log))
	require.Empty(t, logged.String(), "not unless asked for")
	require.NoError(t, o.listen(ctx, &config.Config{MetricsAddr: "127.0.0.1:0"}, log))
	m := regexp.MustCompile(`addr=(127\.0\.0\.1:\d+)`).FindStringSubmatch(logged.String())
	require.Len(t, m, 2, logged.String())
	get := func(method, path string) (int, string, error) {
		req, err := http.NewRequestWithContext(t.Context(), method, "http://"+m[1]+path, nil)
		require.NoError(t, err)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return 0, "", err
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		return res.StatusCode, string(body), err
	}
	status, body, err := get("GET", "/metrics")
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, body, "henk_database_up 1")
	for _, c := range [][2]string{{"GET", "/"}, {"GET", "/leads"}, {"GET", "/riverui/"}, {"POST", "/api/v1/jobs"}} {
		status, _, err := get(c[0], c[1])
		require.NoError(t, err)
		require.Equal(t, http.StatusNotFound, status, c[1])
	}
	require.ErrorContains(t, o.listen(ctx, &config.Config{MetricsAddr: m[1]}, log), "HENK_METRICS_ADDR")
	stop()
	require.Eventually(t, func() bool { _, _, err := get("GET", "/metrics"); return err != nil }, 10*time.Second, 20*time.Millisecond)
}

// An observer without traces puts nothing around anything.
func TestNothingIsTracedUnlessAskedFor(t *testing.T) {
	t.Parallel()
	o := newObserver(storetest.New(t), storetest.Log(t), nil)
	require.Nil(t, o.tracing.Queries())
	require.Nil(t, o.tracing.HTTP())
	require.Nil(t, o.tracing.Route())
	o.stop(t.Context(), storetest.Log(t))
}

// The whole program: a request, its job and their queries are counted and traced.
func TestServeIsObserved(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var traces []byte
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		traces = append(traces, body...)
	}))
	t.Cleanup(collector.Close)
	env := append(database(storetest.NewURL(t)), "PORT=0", "HENK_API_TOKEN=token-of-the-test", "HENK_METRICS_ADDR=127.0.0.1:0", "OTEL_EXPORTER_OTLP_ENDPOINT="+collector.URL)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := program(ctx, t, env, "serve")
	var stderr lines
	cmd.Stderr = &stderr
	require.NoError(t, cmd.Start())
	web := stderr.find(t, `Web is listening" addr=(\S+)`)
	metrics := stderr.find(t, `Metrics are listening" addr=(\S+)`)

	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+web+"/api/v1/jobs", strings.NewReader(`{"kind": "housekeeping"}`))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer token-of-the-test")
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Contains(t, []int{http.StatusCreated, http.StatusOK}, res.StatusCode, "its schedule may have asked for it as well")
	route := regexp.MustCompile(`henk_http_request_duration_seconds_count\{code="20[01]",route="POST /api/v1/jobs"\} 1`)
	job := regexp.MustCompile(`henk_job_duration_seconds_count\{kind="housekeeping",result="ok"\} [1-9]`)
	require.Eventually(t, func() bool {
		res, err := http.Get("http://" + metrics + "/metrics")
		if err != nil {
			return false
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		return err == nil && route.Match(body) && job.Match(body)
	}, time.Minute, 200*time.Millisecond)
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	require.NoError(t, cmd.Wait(), stderr.String())
	mu.Lock()
	defer mu.Unlock()
	for _, span := range []string{"POST /api/v1/jobs", "job housekeeping", "postgres ", "service.version"} {
		require.Contains(t, string(traces), span)
	}
	require.NotContains(t, string(traces), "token-of-the-test")
}

// lines is what a process has written so far.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// find waits for a line and returns what the pattern's group matches in it.
func (l *lines) find(t *testing.T, pattern string) string {
	t.Helper()
	var found []string
	require.Eventually(t, func() bool {
		found = regexp.MustCompile(pattern).FindStringSubmatch(l.String())
		return found != nil
	}, time.Minute, 50*time.Millisecond, "no %s", pattern)
	return found[1]
}
