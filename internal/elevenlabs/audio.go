package elevenlabs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	limitRecording = 1 << 30  // bytes; ten times the longest call
	limitSpeech    = 64 << 20 // bytes; over an hour of speech

	// idleTimeout ends a stream of which nothing comes any more. A recording may take long as a whole.
	idleTimeout = 30 * time.Second
)

// Audio is audio on its way here. Read it to the end or not, but Close it. A
// stream that breaks off, stands still or exceeds its bound ends in an *Error,
// never in io.EOF.
type Audio struct {
	ContentType string // "audio/mpeg"
	Length      int64  // bytes as announced; -1 when not announced
	RequestID   string // the provider's name of this request; "" when not told

	body    io.ReadCloser
	left    int64                  // bytes that may still come
	fail    func(err error) *Error // what a broken read means
	idle    *time.Timer
	wait    time.Duration // per read; 0 = only the whole is bounded
	cancel  context.CancelCauseFunc
	ctx     context.Context
	once    sync.Once
	failure error // sticks
}

var (
	errIdle   = fmt.Errorf("nothing came any more: %w", context.DeadlineExceeded)
	errLate   = fmt.Errorf("it took too long: %w", context.DeadlineExceeded)
	errTooBig = errors.New("the audio is larger than any real one")
)

// Read reads on. See Audio for its errors.
func (a *Audio) Read(p []byte) (int, error) {
	if a.failure != nil {
		return 0, a.failure
	}
	if a.wait > 0 {
		a.idle.Reset(a.wait)
	}
	n, err := a.body.Read(p)
	if a.wait > 0 {
		a.idle.Stop() // the reader may take its time
	}
	if a.left -= int64(n); a.left < 0 {
		err = errTooBig
	}
	switch {
	case err == nil:
	case errors.Is(err, io.EOF):
		a.failure = io.EOF
	default:
		if cause := context.Cause(a.ctx); cause != nil && !errors.Is(err, errTooBig) {
			err = cause
		}
		a.failure = a.fail(err)
	}
	return n, a.failure
}

// Close ends the stream; what has not come yet does not come.
func (a *Audio) Close() error {
	a.once.Do(func() {
		a.idle.Stop()
		a.cancel(nil)
		_ = a.body.Close() // its data has been read, or is not wanted
	})
	return nil
}

// ConversationAudio asks for the recording of a conversation, an MP3. KindNotFound:
// there is none, or none yet. Before the first byte it is asked for again like
// any read; a stream that breaks off is the caller's to start anew, as the API
// documents no ranges.
func (c *Client) ConversationAudio(ctx context.Context, id string) (*Audio, error) {
	const op = "get recording"
	if err := checkID(op, "conversation", id); err != nil {
		return nil, err
	}
	path := "/v1/convai/conversations/" + url.PathEscape(id) + "/audio"
	for try := 0; ; try++ {
		audio, failure := c.openAudio(ctx, audioRequest{op: op, method: http.MethodGet, path: path, limit: limitRecording, idle: idleTimeout})
		if failure == nil {
			return audio, nil
		}
		if !failure.transient || try >= len(c.retryDelays) || ctx.Err() != nil {
			return nil, failure
		}
		wait := c.retryDelays[try]
		if failure.RetryAfter > 0 {
			wait = min(failure.RetryAfter, maxRetryWait)
		}
		if sleep(ctx, wait) != nil {
			return nil, failure
		}
	}
}

type audioRequest struct {
	op, method, path string
	query            url.Values
	body             []byte
	limit            int64
	whole, idle      time.Duration // of the whole request, or of each wait for bytes; one of the two
}

// openAudio sends a request once and returns when the answer's header is there.
func (c *Client) openAudio(ctx context.Context, r audioRequest) (*Audio, *Error) {
	if err := ctx.Err(); err != nil {
		return nil, c.failed(r.op, KindNotSent, "given up before it was sent", err)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	first, late := r.whole, errLate
	if first == 0 {
		first, late = c.timeout, errIdle
	}
	timer := time.AfterFunc(first, func() { cancel(late) })
	trace := &sendTrace{transport: c.transport}
	resp, err := c.sendAudio(trace.attach(ctx), r)
	if err != nil {
		timer.Stop()
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		cancel(nil)
		if trace.neverLeft() {
			return nil, c.failed(r.op, KindNotSent, "the request never left", err)
		}
		return nil, c.failed(r.op, KindUnknown, "no answer after the request was sent", err)
	}
	a := &Audio{
		ContentType: resp.Header.Get("Content-Type"), Length: resp.ContentLength, RequestID: requestID(resp.Header),
		body: resp.Body, left: r.limit, idle: timer, wait: r.idle, cancel: cancel, ctx: ctx,
	}
	a.fail = func(err error) *Error {
		failure := c.failed(r.op, KindUnknown, "the audio broke off", err)
		failure.Status = resp.StatusCode
		if errors.Is(err, errTooBig) {
			failure.Kind, failure.transient = KindRefused, false
		}
		return failure
	}
	if resp.StatusCode/100 != 2 {
		defer a.Close()
		return nil, c.classifyGet(r.op, readAnswer(resp, limitControl))
	}
	if kind, _, _ := mime.ParseMediaType(a.ContentType); !strings.HasPrefix(kind, "audio/") {
		defer a.Close()
		failure := c.failed(r.op, KindUnknown, "the answer is not what the API documents", fmt.Errorf("expected audio, got %q", kind))
		failure.Status, failure.transient = resp.StatusCode, false
		return nil, failure
	}
	if r.idle > 0 {
		timer.Stop()
	}
	return a, nil
}

func (c *Client) sendAudio(ctx context.Context, r audioRequest) (*http.Response, error) {
	req, err := c.newRequest(ctx, r.method, r.path, r.query, r.body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "audio/mpeg, application/json")
	return c.send(req, r.op) // as in roundTrip: no redirects
}

func requestID(header http.Header) string {
	for _, name := range []string{"request-id", "x-request-id"} {
		if id := header.Get(name); id != "" {
			return clean(id, "", 255)
		}
	}
	return ""
}
