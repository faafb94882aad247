package elevenlabs

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// maxRetryWait bounds what a provider's Retry-After can make one GET wait.
const maxRetryWait = 30 * time.Second

// answer is one HTTP answer, read whole within a bound.
type answer struct {
	status  int
	header  http.Header
	body    []byte
	readErr error // the body broke off or exceeded the bound; body holds what came
	tooBig  bool
}

// roundTrip sends a request once and reads the answer. Without an answer the
// *Error is KindNotSent or KindUnknown; any status is an answer.
func (c *Client) roundTrip(ctx context.Context, op, method, path string, query url.Values, body []byte, limit int64) (*answer, *Error) {
	if err := ctx.Err(); err != nil {
		return nil, c.failed(op, KindNotSent, "given up before it was sent", err)
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	trace := &sendTrace{transport: c.transport}
	req, err := c.newRequest(trace.attach(ctx), method, path, query, body)
	if err != nil {
		return nil, c.failed(op, KindNotSent, "the request could not be made", err)
	}
	// RoundTrip and not http.Client.Do: redirects must not be followed, a call
	// because it would be sent twice, a GET because Go would carry xi-api-key
	// over to the other host.
	resp, err := c.send(req, op)
	if err != nil {
		if trace.neverLeft() {
			return nil, c.failed(op, KindNotSent, "the request never left", err)
		}
		return nil, c.failed(op, KindUnknown, "no answer after the request was sent", err)
	}
	defer resp.Body.Close()
	return readAnswer(resp, limit), nil
}

// send is one request on the wire.
func (c *Client) send(req *http.Request, op string) (*http.Response, error) {
	start := time.Now()
	resp, err := c.transport.RoundTrip(req)
	if c.observe != nil {
		status := 0
		if resp != nil {
			status = resp.StatusCode
		}
		c.observe(req.Context(), op, status, start, err)
	}
	return resp, err
}

// newRequest takes a path whose variable parts are escaped already.
func (c *Client) newRequest(ctx context.Context, method, path string, query url.Values, body []byte) (*http.Request, error) {
	target, err := url.Parse(c.base.String() + path)
	if err != nil {
		return nil, err
	}
	target.RawQuery = query.Encode()
	var reader io.Reader
	if body != nil {
		reader = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, target.String(), reader)
	if err != nil {
		return nil, err
	}
	// Without GetBody net/http cannot send a body a second time by itself on a
	// stale connection. For the same reason no Idempotency-Key header: Go takes
	// it as leave to replay a POST, and the provider knows no such key.
	req.GetBody = nil
	req.Header.Set("xi-api-key", c.key())
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "henk-worker")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

func readAnswer(resp *http.Response, limit int64) *answer {
	a := &answer{status: resp.StatusCode, header: resp.Header}
	if a.status/100 != 2 {
		limit = limitControl
	}
	a.body, a.readErr = io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if int64(len(a.body)) > limit {
		a.body, a.tooBig = a.body[:limit], true
		a.readErr = fmt.Errorf("the answer is larger than %d MiB", limit>>20)
	}
	return a
}

// failed makes the *Error of a request without a usable answer.
func (c *Client) failed(op string, kind Kind, what string, err error) *Error {
	return &Error{
		Op: op, Kind: kind, transient: true,
		Message: clean(what+": "+describe(err), c.key(), maxMessageBytes),
		cause:   c.cleaned(err),
	}
}

func (c *Client) cleaned(err error) error {
	return &cleanCause{text: clean(describe(err), c.key(), maxMessageBytes), err: err}
}

// get reads one JSON document, trying again after what may pass: network errors,
// 408, 429 and 5xx. decode gets a whole 2xx body.
func (c *Client) get(ctx context.Context, op, path string, query url.Values, limit int64, decode func([]byte) error) error {
	for try := 0; ; try++ {
		failure := c.getOnce(ctx, op, path, query, limit, decode)
		switch {
		case failure == nil:
			return nil
		case !failure.transient || try >= len(c.retryDelays) || ctx.Err() != nil:
			return failure
		}
		wait := c.retryDelays[try]
		if failure.RetryAfter > 0 {
			wait = min(failure.RetryAfter, maxRetryWait)
		}
		if err := sleep(ctx, wait); err != nil {
			failure.Message = clean(failure.Message+"; not tried again: "+err.Error(), c.key(), maxMessageBytes)
			failure.cause = joined(err, failure.cause)
			return failure
		}
	}
}

func (c *Client) getOnce(ctx context.Context, op, path string, query url.Values, limit int64, decode func([]byte) error) *Error {
	a, failure := c.roundTrip(ctx, op, http.MethodGet, path, query, nil, limit)
	if failure != nil {
		return failure
	}
	if a.status/100 != 2 {
		return c.classifyGet(op, a)
	}
	if a.readErr != nil {
		failure := c.failed(op, KindUnknown, "the answer could not be read", a.readErr)
		failure.Status, failure.transient = a.status, !a.tooBig
		return failure
	}
	if err := decode(a.body); err != nil {
		failure := c.failed(op, KindUnknown, "the answer is not what the API documents", err)
		failure.Status, failure.transient = a.status, false
		return failure
	}
	return nil
}

// sleep waits; it returns at once when ctx would end before the wait does.
func sleep(ctx context.Context, wait time.Duration) error {
	if end, ok := ctx.Deadline(); ok && time.Until(end) <= wait {
		return context.DeadlineExceeded
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

func joined(first, second error) error {
	if second == nil {
		return first
	}
	return fmt.Errorf("%w; %w", first, second)
}
