package elevenlabs

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestCallThatNeverLeft: certain that nothing rings.
func TestCallThatNeverLeft(t *testing.T) {
	t.Parallel()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	closedURL := "http://" + closed.Addr().String()
	closed.Close()
	var served atomic.Int64
	untrusted := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served.Add(1) }))
	t.Cleanup(untrusted.Close)
	silent, _ := listen(t, func(c *net.TCPConn) { _, _ = io.Copy(io.Discard, c) })
	dropping, _ := listen(t, func(c *net.TCPConn) { reset(c) })
	https := func(base string) string { return strings.Replace(base, "http:", "https:", 1) }

	for name, base := range map[string]string{
		"closed port":            closedURL,
		"no such host":           "http://nonexistent.invalid",
		"certificate":            untrusted.URL,
		"TLS handshake hangs":    https(silent),
		"TLS handshake is reset": https(dropping),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, base, func(cfg *Config) { cfg.Timeout = time.Second })
			_, err := c.PlaceCall(context.Background(), testCall)
			require.Equal(t, KindNotSent.String(), AsError(err).Kind.String(), "%v", err)
		})
	}
	t.Run("cancelled before", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, err := newClient(t, silent).PlaceCall(ctx, testCall)
		require.Equal(t, KindNotSent, AsError(err).Kind)
		require.ErrorIs(t, err, context.Canceled)
	})
	require.Zero(t, served.Load())
}

// TestCancelWhileConnecting: the dial hangs, ctx ends, nothing was written.
func TestCancelWhileConnecting(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	transport := newTransport()
	transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
		cancel()
		<-ctx.Done()
		return nil, ctx.Err()
	}
	c := newClient(t, "http://example.invalid", func(cfg *Config) { cfg.Transport = transport })
	_, err := c.PlaceCall(ctx, testCall)
	require.Equal(t, KindNotSent, AsError(err).Kind, "%v", err)
}
