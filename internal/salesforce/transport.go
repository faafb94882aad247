package salesforce

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"
)

// newTransport is HTTP/1.1 only: a page of records that is read slowly must not hold up the other requests of one
// shared connection, and what was sent can be told from what was not.
func newTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		Protocols:              protocols,
		TLSHandshakeTimeout:    10 * time.Second,
		MaxIdleConns:           128,
		MaxIdleConnsPerHost:    32,
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		ReadBufferSize:         32 << 10,
	}
}

// onWire is one request on the wire.
func (c *Client) onWire(req *http.Request, op string) (*http.Response, error) {
	start := time.Now()
	resp, err := c.transport.RoundTrip(req)
	if c.cfg.Observe != nil {
		status := 0
		if resp != nil {
			status = resp.StatusCode
		}
		c.cfg.Observe(req.Context(), op, status, start, err)
	}
	return resp, err
}

// isLocal is true for names of this machine and for bare names, as containers have.
func isLocal(host string) bool {
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback() || ip.IsPrivate()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || (host != "" && !strings.Contains(host, "."))
}

// sendTrace watches whether any part of a request may have left.
//
// For HTTP/1.1, net/http reports each header as it goes into a 4 KiB buffer, before that buffer is flushed to the
// socket. So when no header was reported by the time RoundTrip returned an error, none can have left. HTTP/2 reports
// headers only after it wrote them, and a foreign RoundTripper when it likes: there a connection counts as sent.
type sendTrace struct {
	transport http.RoundTripper
	wrote     atomic.Bool
}

func (t *sendTrace) attach(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			if !t.reportsBeforeWriting(info.Conn) {
				t.wrote.Store(true)
			}
		},
		WroteHeaderField: func(string, []string) { t.wrote.Store(true) },
		WroteHeaders:     func() { t.wrote.Store(true) },
	})
}

func (t *sendTrace) reportsBeforeWriting(conn net.Conn) bool {
	std, ok := t.transport.(*http.Transport)
	if !ok || (std.Protocols != nil && std.Protocols.UnencryptedHTTP2()) {
		return false
	}
	secure, ok := conn.(*tls.Conn)
	return !ok || secure.ConnectionState().NegotiatedProtocol != "h2"
}

// neverLeft is true only where it is certain.
func (t *sendTrace) neverLeft() bool {
	_, std := t.transport.(*http.Transport)
	return std && !t.wrote.Load()
}
