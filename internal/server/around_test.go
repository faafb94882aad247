package server

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// lines returns the access log's lines.
func (b *bundle) lines() []map[string]any {
	b.t.Helper()
	var out []map[string]any
	for line := range strings.Lines(b.log.String()) {
		m := map[string]any{}
		require.NoError(b.t, json.Unmarshal([]byte(line), &m))
		if m["msg"] == "Request" {
			out = append(out, m)
		}
	}
	return out
}

func TestOneAccessLineWithoutPersonalData(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rec := b.do("GET", "/leads?phone=%2B13125550100", nil, asHTML, header{"X-Request-Id": "given-by-the-proxy", "X-Forwarded-For": "198.51.100.77"})
	require.Equal(t, "given-by-the-proxy", rec.Header().Get("X-Request-Id"))
	lines := b.lines()
	require.Len(t, lines, 1)
	require.Equal(t, "GET", lines[0]["method"])
	require.Equal(t, "/leads", lines[0]["path"])
	require.EqualValues(t, http.StatusSeeOther, lines[0]["status"])
	require.Equal(t, "given-by-the-proxy", lines[0]["request_id"])
	require.Equal(t, "INFO", lines[0]["level"])
	for _, secret := range []string{"3125550100", "203.0.113", "198.51.100"} {
		require.NotContains(t, b.log.String(), secret)
	}

	rec = b.do("GET", "/healthz", nil, header{"X-Request-Id": "forged\" level=ERROR"})
	require.Regexp(t, `^[A-Z2-7]{26}$`, rec.Header().Get("X-Request-Id"))
	lines = b.lines()
	require.Len(t, lines, 2)
	require.Equal(t, "DEBUG", lines[1]["level"], "probes do not fill the log")
	require.EqualValues(t, 3, lines[1]["bytes"])

	b.do("GET", "/"+strings.Repeat("é", 300), nil)
	require.Less(t, len(b.lines()[2]["path"].(string)), 250)
}

func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	b := setup(t)
	cookie := b.cookie()
	for _, target := range []string{"/", "/login", "/nothing", "/healthz", "/riverui/", "/riverui/api/queues", "/static/x"} {
		h := b.do("GET", target, nil, cookie, asHTML).Header()
		require.Equal(t, "nosniff", h.Get("X-Content-Type-Options"), target)
		require.Equal(t, "DENY", h.Get("X-Frame-Options"), target)
		require.Equal(t, "same-origin", h.Get("Referrer-Policy"), target)
		require.Equal(t, "no-store", h.Get("Cache-Control"), target)
		csp := h.Get("Content-Security-Policy")
		require.Contains(t, csp, "default-src 'none'", target)
		require.Contains(t, csp, "script-src 'self';", target)
		require.Contains(t, csp, "frame-ancestors 'none'", target)
		require.Equal(t, strings.HasPrefix(target, "/riverui"), strings.Contains(csp, "unsafe-inline"), target)
	}
}

func TestPanicsAreAnsweredAndLogged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.handler = b.around(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/late" {
			_, _ = io.WriteString(w, strings.Repeat("half an answer ", 1000))
		}
		panic("the cause")
	}))
	rec := b.do("GET", "/early", nil)
	require.Equal(t, http.StatusInternalServerError, rec.Code)
	require.Contains(t, rec.Body.String(), rec.Header().Get("X-Request-Id"))
	require.NotContains(t, rec.Body.String(), "cause")
	require.Contains(t, b.log.String(), "the cause")
	require.Contains(t, b.log.String(), "around_test.go", "the stack says where")
	lines := b.lines()
	require.Len(t, lines, 1)
	require.EqualValues(t, http.StatusInternalServerError, lines[0]["status"])
	require.Equal(t, "WARN", lines[0]["level"])

	// An answer that has begun must not look whole.
	ts := httptest.NewServer(b.handler)
	defer ts.Close()
	res, err := http.Get(ts.URL + "/late")
	if err == nil {
		_, err = io.Copy(io.Discard, res.Body)
		require.NoError(t, res.Body.Close())
	}
	require.Error(t, err)
}

func TestCompression(t *testing.T) {
	t.Parallel()
	b := setup(t)
	cookie := b.cookie()
	plain := b.do("GET", "/riverui/api/features", nil, cookie)
	require.Empty(t, plain.Header().Get("Content-Encoding"))

	var compressed, whole int
	for _, target := range riverUIFiles(t, b, cookie) {
		want := b.do("GET", target, nil, cookie)
		got := b.do("GET", target, nil, cookie, header{"Accept-Encoding": "br, gzip"})
		require.Equal(t, http.StatusOK, got.Code, target)
		require.Equal(t, "gzip", got.Header().Get("Content-Encoding"), target)
		require.Empty(t, got.Header().Get("Content-Length"))
		compressed += got.Body.Len()
		zr, err := gzip.NewReader(got.Body)
		require.NoError(t, err)
		data, err := io.ReadAll(zr)
		require.NoError(t, err)
		require.Equal(t, want.Body.Bytes(), data, target)
		whole += len(data)
		require.Contains(t, got.Header().Values("Vary"), "Accept-Encoding")

		part := b.do("GET", target, nil, cookie, header{"Accept-Encoding": "gzip", "Range": "bytes=0-9"})
		require.Equal(t, http.StatusPartialContent, part.Code)
		require.Empty(t, part.Header().Get("Content-Encoding"), "a part of a file is not a part of its compressed form")
		require.Equal(t, 10, part.Body.Len())

		head := b.do("HEAD", target, nil, cookie, header{"Accept-Encoding": "gzip"})
		require.Equal(t, http.StatusOK, head.Code)
		require.Zero(t, head.Body.Len())
	}
	require.Less(t, compressed*2, whole)
}

// What streams must reach the client before the handler is done, compressed or not.
func TestFlushReachesTheClient(t *testing.T) {
	t.Parallel()
	b := setup(t)
	release := make(chan struct{})
	ts := httptest.NewServer(b.around(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", r.URL.Query().Get("type"))
		_, _ = io.WriteString(w, "first\n")
		ctl := http.NewResponseController(w)
		if err := ctl.Flush(); err != nil {
			panic(err)
		}
		if err := ctl.SetWriteDeadline(time.Time{}); err != nil {
			panic(err)
		}
		<-release
	})))
	defer ts.Close()
	defer close(release)
	for _, kind := range []string{"text/event-stream", "text/html"} {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		req, err := http.NewRequestWithContext(ctx, "GET", ts.URL+"/?type="+kind, nil)
		require.NoError(t, err)
		res, err := http.DefaultClient.Do(req) // asks for gzip and unpacks it
		require.NoError(t, err)
		line, err := bufio.NewReader(res.Body).ReadString('\n')
		require.NoError(t, err, kind)
		require.Equal(t, "first\n", line)
		require.Equal(t, kind == "text/html", res.Uncompressed)
		cancel()
		_ = res.Body.Close()
	}
}

// start serves on a free port; the returned function stops and returns Serve's error.
func (b *bundle) start() (addr string, stop func() error) {
	b.t.Helper()
	ctx, cancel := context.WithCancel(b.t.Context())
	ln, err := b.Listen(ctx, "127.0.0.1:0")
	require.NoError(b.t, err)
	done := make(chan error, 1)
	go func() { done <- b.Serve(ctx, ln) }()
	return ln.Addr().String(), func() error { cancel(); return <-done }
}

func TestSlowHeadersAreCutOff(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.readHeaderTimeout = 200 * time.Millisecond })
	addr, stop := b.start()
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(10*time.Second)))
	_, err = fmt.Fprintf(conn, "GET /healthz HTTP/1.1\r\nHost: henk\r\nX-Slow: ")
	require.NoError(t, err)
	answer, err := io.ReadAll(conn)
	require.NoError(t, err, "the server closed the connection, not our deadline")
	require.NotContains(t, string(answer), " 200 ")
	require.NoError(t, stop())
}

func TestServerLimits(t *testing.T) {
	t.Parallel()
	h := setup(t).newHTTPServer(t.Context())
	for name, d := range map[string]time.Duration{"header": h.ReadHeaderTimeout, "read": h.ReadTimeout, "write": h.WriteTimeout, "idle": h.IdleTimeout} {
		require.Positive(t, d, name)
		require.LessOrEqual(t, d, 2*time.Minute, name)
	}
	require.Positive(t, h.MaxHeaderBytes)
}

func TestStopLetsRequestsFinish(t *testing.T) {
	t.Parallel()
	b := setup(t)
	entered, release := make(chan struct{}), make(chan struct{})
	b.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-release
		if r.Context().Err() != nil {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	addr, stop := b.start()
	status := make(chan int, 1)
	go func() {
		res, err := http.Get("http://" + addr + "/")
		if err != nil {
			status <- 0
			return
		}
		_ = res.Body.Close()
		status <- res.StatusCode
	}()
	<-entered
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	}, 5*time.Second, 10*time.Millisecond, "nobody new is let in")
	select {
	case <-stopped:
		t.Fatal("stopped before the request was answered")
	default:
	}
	close(release)
	require.NoError(t, <-stopped)
	require.Equal(t, http.StatusOK, <-status)
}

func TestCheckPublic(t *testing.T) {
	t.Parallel()
	for addr, public := range map[string]bool{
		"127.0.0.1:8080": false, "127.9.9.9:1": false, "[::1]:8080": false, "localhost:8080": false, "[::ffff:127.0.0.1]:1": false,
		":8080": true, "0.0.0.0:8080": true, "[::]:8080": true, "192.168.1.2:80": true, "203.0.113.1:80": true, "henk.example:80": true,
		"127.0.0.1.evil.test:80": true, "localhost.evil.test:80": true,
	} {
		for _, login := range [][2]string{{"", ""}, {"u", ""}, {"", "p"}} {
			err := CheckPublic(addr, login[0], login[1])
			require.Equal(t, public, err != nil, "%s %v", addr, login)
			if public {
				require.ErrorContains(t, err, "HENK_WEB_USERNAME and HENK_WEB_PASSWORD")
			}
		}
		require.NoError(t, CheckPublic(addr, "u", "p"), addr)
	}
	require.ErrorContains(t, CheckPublic("8080", "u", "p"), "should look like")
	b := setup(t, func(o *Options) { o.Username, o.Password = "", "" })
	require.ErrorContains(t, b.ListenAndServe(t.Context(), ":0"), "HENK_WEB_PASSWORD")
}

func TestAddressInUse(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer ln.Close()
	require.ErrorContains(t, b.ListenAndServe(t.Context(), ln.Addr().String()), "PORT")
}
