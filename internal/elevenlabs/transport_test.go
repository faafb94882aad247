package elevenlabs

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// listen runs handle on every raw connection and counts them.
func listen(t *testing.T, handle func(*net.TCPConn)) (base string, connections *atomic.Int64) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	connections = new(atomic.Int64)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			wg.Go(func() {
				defer conn.Close()
				handle(conn.(*net.TCPConn))
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		wg.Wait()
	})
	return "http://" + listener.Addr().String(), connections
}

// readRequest reads one whole HTTP request.
func readRequest(conn net.Conn) {
	if r, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
		_, _ = io.Copy(io.Discard, r.Body)
	}
}

func reset(conn *net.TCPConn) { _ = conn.SetLinger(0) } // closing then sends RST

func answerRaw(text string) func(*net.TCPConn) {
	return func(conn *net.TCPConn) {
		readRequest(conn)
		_, _ = io.WriteString(conn, text)
	}
}

// TestWhatBecameOfTheCall decides, with real listeners, sent or not sent.
func TestWhatBecameOfTheCall(t *testing.T) {
	t.Parallel()
	const head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	for name, test := range map[string]struct {
		handle func(*net.TCPConn)
		kind   Kind
	}{
		"accepted, closed unread":   {func(*net.TCPConn) { time.Sleep(200 * time.Millisecond) }, KindUnknown},
		"accepted, reset unread":    {func(c *net.TCPConn) { time.Sleep(200 * time.Millisecond); reset(c) }, KindUnknown},
		"read, closed":              {func(c *net.TCPConn) { readRequest(c) }, KindUnknown},
		"read, reset":               {func(c *net.TCPConn) { readRequest(c); reset(c) }, KindUnknown},
		"read, never answered":      {func(c *net.TCPConn) { readRequest(c); _, _ = io.Copy(io.Discard, c) }, KindUnknown},
		"half a header":             {answerRaw("HTTP/1.1 200 OK\r\nContent-Ty"), KindUnknown},
		"not HTTP":                  {answerRaw("220 mail.example ESMTP +14155550123\r\n\r\n"), KindUnknown},
		"half a body":               {answerRaw(head + "Content-Length: 900\r\n\r\n{\"success\":true,\"conv"), KindUnknown},
		"half a refusal in a 200":   {answerRaw(head + "Content-Length: 900\r\n\r\n{\"success\":false}"), KindUnknown},
		"body never ends":           {func(c *net.TCPConn) { answerRaw(head + "\r\n{\"success\":true")(c); _, _ = io.Copy(io.Discard, c) }, KindUnknown},
		"gigantic body":             {gigantic(head), KindUnknown},
		"gigantic header":           {answerRaw(head + "X: " + strings.Repeat("x", 100<<10) + "\r\n\r\n{}"), KindUnknown},
		"429 whose body breaks off": {answerRaw("HTTP/1.1 429 Too Many\r\nContent-Length: 900\r\n\r\n{\"det"), KindRateLimited},
		"redirect to nonsense":      {answerRaw("HTTP/1.1 302 Found\r\nLocation: http://[::1\r\nContent-Length: 0\r\n\r\n"), KindRefused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base, connections := listen(t, test.handle)
			c := newClient(t, base, func(cfg *Config) {
				cfg.Timeout = time.Second
				cfg.RetryDelays = []time.Duration{0, 0}
			})
			_, err := c.PlaceCall(context.Background(), testCall)
			require.Equal(t, test.kind.String(), AsError(err).Kind.String(), "%v", err)
			require.NotContains(t, err.Error(), "4155550123")
			require.EqualValues(t, 1, connections.Load(), "a call is sent once")
		})
	}
}

// TestClosedAtOnce: the hang-up races with our first byte. Either verdict may be
// true, but "not sent" only where the server got nothing.
func TestClosedAtOnce(t *testing.T) {
	t.Parallel()
	var received atomic.Int64
	base, _ := listen(t, func(c *net.TCPConn) {
		_ = c.CloseWrite() // the client sees EOF; what it sends still arrives
		n, _ := io.Copy(io.Discard, c)
		received.Store(n)
	})
	for range 200 {
		received.Store(-1)
		c := newClient(t, base)
		_, err := c.PlaceCall(context.Background(), testCall)
		e := AsError(err)
		require.NotNil(t, e)
		require.Contains(t, []Kind{KindNotSent, KindUnknown}, e.Kind)
		require.Eventually(t, func() bool { return received.Load() >= 0 }, 5*time.Second, time.Millisecond)
		if e.Kind == KindNotSent {
			require.Zero(t, received.Load(), "bytes left although the verdict is not sent")
		}
	}
}

// gigantic writes until the client hangs up.
func gigantic(head string) func(*net.TCPConn) {
	return func(conn *net.TCPConn) {
		readRequest(conn)
		_, err := io.WriteString(conn, head+"\r\n{\"success\":true,\"message\":\"")
		for chunk := strings.Repeat("x", 64<<10); err == nil; {
			_, err = io.WriteString(conn, chunk)
		}
	}
}

// TestCancelAfterSend: the request is out, so giving up proves nothing.
func TestCancelAfterSend(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	base, _ := listen(t, func(c *net.TCPConn) {
		readRequest(c)
		cancel()
		_, _ = io.Copy(io.Discard, c)
	})
	_, err := newClient(t, base).PlaceCall(ctx, testCall)
	require.Equal(t, KindUnknown, AsError(err).Kind)
	require.ErrorIs(t, err, context.Canceled)
}

// TestStaleConnectionIsNotReplayed: the server takes a second request on a kept
// connection and drops it. net/http would resend a request that has GetBody.
func TestStaleConnectionIsNotReplayed(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	base, _ := listen(t, func(c *net.TCPConn) {
		reader := bufio.NewReader(c)
		for {
			r, err := http.ReadRequest(reader)
			if err != nil {
				return
			}
			_, _ = io.Copy(io.Discard, r.Body)
			if requests.Add(1) > 1 {
				reset(c)
				return
			}
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{\"success\":true}")
		}
	})
	c := newClient(t, base)
	_, err := c.PlaceCall(context.Background(), testCall)
	require.NoError(t, err)
	_, err = c.PlaceCall(context.Background(), testCall)
	require.Equal(t, KindUnknown, AsError(err).Kind, "%v", err)
	require.EqualValues(t, 2, requests.Load(), "two calls, two requests")
}

type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestForeignTransportIsNotTrusted: one that reports nothing may have sent all.
func TestForeignTransportIsNotTrusted(t *testing.T) {
	t.Parallel()
	c := newClient(t, "http://example.invalid", func(cfg *Config) {
		cfg.Transport = roundTripFunc(func(r *http.Request) (*http.Response, error) {
			require.Nil(t, r.GetBody)
			return nil, errors.New("connection refused")
		})
	})
	_, err := c.PlaceCall(context.Background(), testCall)
	require.Equal(t, KindUnknown, AsError(err).Kind)
}

// TestHTTP2CountsConnectionAsSent: HTTP/2 reports headers after writing them.
func TestHTTP2CountsConnectionAsSent(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(release) })
	c := newClient(t, server.URL, func(cfg *Config) {
		cfg.Transport, cfg.Timeout = server.Client().Transport, 300*time.Millisecond
	})
	_, err := c.PlaceCall(context.Background(), testCall)
	require.Equal(t, KindUnknown, AsError(err).Kind, "%v", err)
}

func TestParallelCallsReuseConnections(t *testing.T) {
	t.Parallel()
	const parallel, rounds = 100, 5
	var opened atomic.Int64
	server := httptest.NewUnstartedServer(respond(200, `{"success":true}`))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	c := newClient(t, server.URL)
	for range rounds {
		var wg sync.WaitGroup
		for range parallel {
			wg.Go(func() {
				_, err := c.PlaceCall(context.Background(), testCall)
				require.NoError(t, err)
			})
		}
		wg.Wait()
	}
	require.LessOrEqual(t, opened.Load(), int64(parallel+parallel/2))
}
