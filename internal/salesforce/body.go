package salesforce

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

var (
	errTooSlow  = errors.New("timed out")
	errTooLarge = errors.New("the answer is larger than any should be")
)

// watchdog ends a request that makes no progress.
type watchdog struct {
	timer *time.Timer
	limit time.Duration
}

func newWatchdog(limit time.Duration, bark func()) *watchdog {
	return &watchdog{timer: time.AfterFunc(limit, bark), limit: limit}
}

func (w *watchdog) stop() { w.timer.Stop() }

// watchedBody runs the watchdog only while Salesforce is waited for: however long the receiver takes with the records
// in between, a stream that flows is not cut off.
type watchedBody struct {
	io.ReadCloser
	watch *watchdog
}

func (b *watchedBody) Read(p []byte) (int, error) {
	b.watch.timer.Reset(b.watch.limit)
	n, err := b.ReadCloser.Read(p)
	b.watch.timer.Stop()
	return n, err
}

// boundedBody fails with errTooLarge instead of ending early like io.LimitReader.
type boundedBody struct {
	io.Reader
	io.Closer
	left int64
}

func (b *boundedBody) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLarge
	}
	n, err := b.Reader.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}

// bounded gives the body unpacked and limited to so many unpacked bytes. net/http unpacks what it asked to be packed;
// bulk results come packed whatever was asked.
func bounded(resp *http.Response, limit int64) (io.ReadCloser, error) {
	var reader io.Reader = resp.Body
	if strings.EqualFold(resp.Header.Get("Content-Encoding"), "gzip") {
		unpacked, err := gzip.NewReader(resp.Body)
		if errors.Is(err, io.EOF) {
			unpacked, err = nil, nil // nothing at all, as in a 204
			reader = strings.NewReader("")
		}
		if err != nil {
			return nil, err
		}
		if unpacked != nil {
			reader = unpacked
		}
	}
	return &boundedBody{Reader: reader, Closer: resp.Body, left: limit}, nil
}

// causeOf prefers our own reason for giving up to "context canceled".
func causeOf(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && errors.Is(err, context.Canceled) {
		return cause
	}
	return err
}

// document reads one JSON document whole.
func (c *Client) document(into any) receive {
	return func(resp *http.Response) (bool, *Error) {
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return false, readFailure(err)
		}
		if err := json.Unmarshal(body, into); err != nil {
			return false, c.notJSON(resp, body, err)
		}
		return false, nil
	}
}

// readFailure is a 2xx answer that broke off, or that does not end.
func readFailure(err error) *Error {
	if errors.Is(err, errTooLarge) {
		return protocolError("", errTooLarge.Error())
	}
	return &Error{Kind: KindNoAnswer, Message: clean("the answer broke off: "+describe(err), nil, maxMessageBytes), cause: &cleanCause{text: "the answer broke off", err: err}}
}

// notJSON tells a maintenance page under status 200 from a wrong document. The decoder's own text may quote data.
func (c *Client) notJSON(resp *http.Response, body []byte, err error) *Error {
	if _, page := parseErrorBody(resp.Header, body); page {
		return &Error{Kind: KindUnavailable, Message: "a web page came instead of an answer"}
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return protocolError("", fmt.Sprintf("the answer is not what the API documents: field %q has another type", clean(wrong.Field, nil, maxCodeBytes)))
	}
	return protocolError("", "the answer is not what the API documents")
}

func batchOption(size int) string { return "batchSize=" + strconv.Itoa(size) }
