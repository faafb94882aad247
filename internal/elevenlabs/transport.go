package elevenlabs

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// newTransport is tuned for hundreds of parallel calls to one host. HTTP/1.1
// only: on one shared HTTP/2 connection a single reset would leave every call
// in flight with an unknown result.
func newTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
		Protocols:           protocols,
		TLSHandshakeTimeout: 10 * time.Second,
		// As many as there are workers by default, twice over. More connections than that do not place more calls: a provider
		// that answers at once needs few, and each costs three goroutines and their stacks.
		MaxConnsPerHost:     128,
		MaxIdleConns:        128,
		MaxIdleConnsPerHost: 128,
		// Shorter than the idle timeout of usual load balancers (60 s and up):
		// a connection that they close under our request is an unknown result.
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// sendTrace watches whether any part of a request may have left. Its hooks run
// on the transport's goroutines.
//
// For HTTP/1.1, net/http reports each header as it goes into a 4 KiB buffer,
// before that buffer is flushed to the socket, and returns an error only after
// the connection is closed and its writer has stopped. So when no header was reported by the time RoundTrip
// returned, none can have left and none will. HTTP/2 reports headers only after
// it wrote them, and a foreign RoundTripper when it likes: there a connection
// counts as a request sent.
type sendTrace struct {
	transport http.RoundTripper
	asked     atomic.Bool // the transport looked for a connection, so it reports to us
	wrote     atomic.Bool // part of the request was written, or about to be
}

func (t *sendTrace) attach(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { t.asked.Store(true) },
		GotConn: func(info httptrace.GotConnInfo) {
			if !t.reportsBeforeWriting(info.Conn) {
				t.wrote.Store(true)
			}
		},
		WroteHeaderField: func(string, []string) { t.wrote.Store(true) },
		WroteHeaders:     func() { t.wrote.Store(true) },
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			if info.Err == nil {
				t.wrote.Store(true)
			}
		},
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

// neverLeft is true only where it is certain. A RoundTripper that reports
// nothing may have sent everything; *http.Transport itself always reports.
func (t *sendTrace) neverLeft() bool {
	_, std := t.transport.(*http.Transport)
	return !t.wrote.Load() && (std || t.asked.Load())
}
