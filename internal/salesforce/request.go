package salesforce

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	userAgent = "henk-worker"

	// maxRetryWait bounds what Retry-After can make one request wait; beyond it the error tells the caller.
	maxRetryWait = 60 * time.Second

	// maxTargetBytes: Salesforce refuses 16,384 bytes of URI and headers; tokens may take some kilobytes.
	maxTargetBytes = 12 << 10
)

// request is one request to the instance.
type request struct {
	op          string
	method      string
	path        string // escaped, from the root: /services/data/v66.0/..
	query       url.Values
	body        []byte // JSON
	accept      string // default application/json
	ifModified  string // If-Modified-Since
	reads       bool   // changes nothing: may be sent again after any failure
	createsBulk bool   // the refusals of bulk jobs apply
	unmetered   bool   // not held back by the quota guard
	stream      bool   // bounded between reads instead of in whole
	limit       int64  // bytes of the answer
}

// receive handles a 2xx or 304 answer. Once it has handed something on it reports begun, and the request is not sent again.
type receive func(resp *http.Response) (begun bool, failure *Error)

func (c *Client) path(rest string) string { return "/services/data/" + c.version + rest }

// send makes the request: with the present token, once more with a fresh one if Salesforce says that it did not take
// the old one, and again after what may pass.
func (c *Client) send(ctx context.Context, rq *request, handle receive) error {
	if rq.reads && !rq.unmetered {
		if failure := c.guardQuota(rq.op); failure != nil {
			return failure
		}
	}
	refreshed := false
	for try := 0; ; {
		token, err := c.token(ctx)
		if err != nil {
			return asFailure(rq.op, err)
		}
		begun, failure := c.once(ctx, rq, token, handle)
		if failure == nil {
			return nil
		}
		if !refreshed && !begun && staleToken(rq, failure) && ctx.Err() == nil {
			if _, err := c.refresh(ctx, token.AccessToken); err != nil {
				return asFailure(rq.op, err)
			}
			refreshed = true
			continue
		}
		if begun || !passes(rq, failure) || try >= len(c.cfg.RetryDelays) || ctx.Err() != nil || failure.RetryAfter > maxRetryWait {
			return failure
		}
		wait := c.cfg.RetryDelays[try]
		if failure.RetryAfter > 0 {
			wait = failure.RetryAfter
		}
		if sleep(ctx, wait) != nil {
			return failure
		}
		try++
	}
}

// passes is true for failures that are worth another try within the same call: of a write only those with which it was
// certainly not processed.
func passes(rq *request, e *Error) bool {
	switch e.Kind {
	case KindNotSent, KindConcurrency:
		return true
	case KindNoAnswer, KindUnavailable:
		return rq.reads
	}
	return false
}

// staleToken is true where a new token, or the instance URL that comes with it, may help, and the request was
// certainly not processed: Salesforce checks the session before anything else. A write is replayed only when the 401
// is Salesforce's own, not a proxy's.
func staleToken(rq *request, e *Error) bool {
	switch {
	case e.Kind == KindSession && e.Status == http.StatusUnauthorized:
		// A session of the wrong sort stays of the wrong sort: refreshing would go on for ever.
		return !strings.Contains(e.Message, "not valid for use with") && (rq.reads || codeMeaning[e.Code].kind == KindSession)
	case e.Status/100 == 3: // the org moved
		return rq.reads
	case e.Status == 0 && e.Kind == KindNotSent:
		dns, ok := errors.AsType[*net.DNSError](e.cause)
		return ok && dns.IsNotFound || errors.Is(e.cause, errNoInstance)
	}
	return false
}

var errNoInstance = errors.New("the token came without an instance URL")

// once sends the request once. It refuses redirects: they would carry the token to another host.
func (c *Client) once(ctx context.Context, rq *request, token Token, handle receive) (begun bool, failure *Error) {
	base, err := token.instance()
	if err != nil {
		return false, &Error{Op: rq.op, Kind: KindNotSent, Message: errNoInstance.Error(), cause: errNoInstance}
	}
	if ctx.Err() != nil {
		return false, c.networkFailure(rq, KindNotSent, "given up before it was sent", ctx.Err())
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	watch := newWatchdog(c.cfg.Timeout, func() { stop(errTooSlow) })
	defer watch.stop()

	trace := &sendTrace{transport: c.transport}
	req, err := c.newRequest(trace.attach(ctx), rq, base, token)
	if err != nil {
		return false, inputError(rq.op, err)
	}
	resp, err := c.onWire(req, rq.op)
	if err != nil {
		if trace.neverLeft() {
			return false, c.networkFailure(rq, KindNotSent, "the request never left", causeOf(ctx, err))
		}
		return false, c.networkFailure(rq, KindNoAnswer, "no answer after the request was sent", causeOf(ctx, err))
	}
	defer resp.Body.Close()
	c.noteDate(resp.Header)
	c.noteUsage(resp.Header)
	if resp.StatusCode/100 != 2 && resp.StatusCode != http.StatusNotModified {
		var text []byte
		if body, err := bounded(resp, limitControl); err == nil {
			text, _ = io.ReadAll(body) // whatever came: the status alone says enough
		}
		return false, c.classify(rq, resp.StatusCode, resp.Header, text)
	}
	if rq.stream {
		resp.Body = &watchedBody{ReadCloser: resp.Body, watch: watch}
	}
	body, err := bounded(resp, rq.limit)
	if err == nil {
		resp.Body = body
		begun, failure = handle(resp)
	} else {
		failure = c.networkFailure(rq, KindNoAnswer, "the answer could not be unpacked", err)
	}
	if failure != nil {
		failure.Op, failure.Status = rq.op, resp.StatusCode
		if failure.Kind == KindNoAnswer && ctx.Err() != nil {
			slow := c.networkFailure(rq, KindNoAnswer, "the answer broke off", causeOf(ctx, ctx.Err()))
			failure.Message, failure.cause = slow.Message, slow.cause
		}
		// A 2xx says that it was done; what exactly is not known when the answer cannot be read.
		failure.Unsure = !rq.reads && failure.Kind != KindInput
	}
	return begun, failure
}

func (c *Client) newRequest(ctx context.Context, rq *request, base *url.URL, token Token) (*http.Request, error) {
	target := base.String() + rq.path
	if len(rq.query) > 0 {
		// %20 and not +: both are understood, the first by every proxy too.
		target += "?" + strings.ReplaceAll(rq.query.Encode(), "+", "%20")
	}
	if len(target) > maxTargetBytes {
		return nil, errors.New("the query is too long for one request: ask for fewer fields, or split them and join the records by Id")
	}
	var reader io.Reader
	if rq.body != nil {
		reader = bytes.NewReader(rq.body)
	}
	req, err := http.NewRequestWithContext(ctx, rq.method, target, reader)
	if err != nil {
		return nil, errors.New("the request could not be made")
	}
	req.GetBody = nil // net/http must not send it a second time on a stale connection
	req.Header.Set("Authorization", "Bearer "+token.AccessToken.Reveal())
	req.Header.Set("User-Agent", userAgent)
	req.Header.Set("Accept", "application/json")
	if rq.accept != "" {
		req.Header.Set("Accept", rq.accept)
	}
	if rq.body != nil {
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	if rq.ifModified != "" {
		req.Header.Set("If-Modified-Since", rq.ifModified)
	}
	if c.cfg.BatchSize > 0 && rq.stream {
		req.Header.Set("Sforce-Query-Options", batchOption(c.cfg.BatchSize))
	}
	return req, nil
}

// networkFailure makes the *Error of a request without a usable answer.
func (c *Client) networkFailure(rq *request, kind Kind, what string, err error) *Error {
	return &Error{
		Op: rq.op, Kind: kind, Unsure: kind == KindNoAnswer && !rq.reads,
		Message: clean(what+": "+describe(err), c.secretTexts(), maxMessageBytes), cause: c.hidden(err),
	}
}

func (c *Client) hidden(err error) error {
	return &cleanCause{text: clean(describe(err), c.secretTexts(), maxMessageBytes), err: err}
}

func (c *Client) noteDate(header http.Header) {
	if at, err := http.ParseTime(header.Get("Date")); err == nil {
		at = at.UTC()
		c.date.Store(&at)
	}
}

func (c *Client) noteUsage(header http.Header) {
	if u, ok := ParseUsage(header.Get("Sforce-Limit-Info")); ok {
		u.At = c.now()
		c.usage.Store(&u)
	}
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
