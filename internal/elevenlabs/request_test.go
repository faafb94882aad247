package elevenlabs

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const okPage = `{"conversations":[],"has_more":false,"next_cursor":null}`

func quick(cfg *Config) { cfg.RetryDelays = []time.Duration{time.Millisecond, time.Millisecond} }

func TestGetRetries(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		kind   Kind
		tries  int64
	}{
		"400":               {400, ``, KindRefused, 1},
		"401":               {401, ``, KindAccount, 1},
		"403":               {403, ``, KindAccount, 1},
		"404":               {404, `{"detail":"x"}`, KindNotFound, 1},
		"422":               {422, ``, KindRefused, 1},
		"409":               {409, ``, KindUnknown, 1},
		"302":               {302, ``, KindRefused, 1},
		"408":               {408, ``, KindUnknown, 3},
		"429":               {429, ``, KindRateLimited, 3},
		"429 quota":         {429, `{"detail":{"status":"quota_exceeded"}}`, KindAccount, 1},
		"500":               {500, ``, KindUnknown, 3},
		"503":               {503, ``, KindUnknown, 3},
		"200 of html":       {200, `<html>`, KindUnknown, 1},
		"200 of wrong json": {200, `{"conversations":{}}`, KindUnknown, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base, requests := serve(t, respond(test.status, test.body, "Location: /elsewhere"))
			err := newClient(t, base, quick).Ping(context.Background())
			e := AsError(err)
			require.Equal(t, test.kind.String(), e.Kind.String(), "%v", err)
			require.Equal(t, test.status, e.Status)
			require.Equal(t, test.tries, requests.Load())
		})
	}
}

func TestGetRecovers(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	base, requests := serve(t, func(w http.ResponseWriter, r *http.Request) {
		require.Equal(t, "1", r.URL.Query().Get("page_size"))
		require.Equal(t, testKey, r.Header.Get("xi-api-key"))
		if n.Add(1) < 3 {
			respond(503, ``)(w, r)
			return
		}
		respond(200, okPage)(w, r)
	})
	require.NoError(t, newClient(t, base, quick).Ping(context.Background()))
	require.EqualValues(t, 3, requests.Load())
}

// TestGetRetriesNetworkErrors: one connection cut in the body, one reset, one
// that hangs past the timeout of a try, then an answer.
func TestGetRetriesNetworkErrors(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	base, connections := listen(t, func(c *net.TCPConn) {
		switch n.Add(1) {
		case 1:
			answerRaw("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"conver")(c)
		case 2:
			readRequest(c)
			reset(c)
		case 3:
			readRequest(c)
			time.Sleep(time.Second)
		default:
			answerRaw("HTTP/1.1 200 OK\r\nContent-Length: " + strconv.Itoa(len(okPage)) + "\r\n\r\n" + okPage)(c)
		}
	})
	c := newClient(t, base, func(cfg *Config) {
		cfg.Timeout = 300 * time.Millisecond
		cfg.RetryDelays = []time.Duration{0, 0, 0}
	})
	require.NoError(t, c.Ping(context.Background()))
	require.EqualValues(t, 4, connections.Load())
}

func TestGetNotSent(t *testing.T) {
	t.Parallel()
	err := newClient(t, "http://nonexistent.invalid", quick).Ping(context.Background())
	require.Equal(t, KindNotSent, AsError(err).Kind)
	var dns *net.DNSError
	require.ErrorAs(t, err, &dns)
}

func TestGetStopsWithContext(t *testing.T) {
	t.Parallel()
	base, requests := serve(t, respond(503, ``))
	slow := func(cfg *Config) { cfg.RetryDelays = []time.Duration{time.Minute} }

	// A wait that outlasts the deadline is not begun.
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	started := time.Now()
	err := newClient(t, base, slow).Ping(ctx)
	require.Equal(t, 503, AsError(err).Status)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Less(t, time.Since(started), 10*time.Second)
	require.EqualValues(t, 1, requests.Load())

	ctx, cancel = context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	err = newClient(t, base, slow).Ping(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.EqualValues(t, 2, requests.Load())
}

func TestGetHonoursRetryAfter(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	base, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) == 1 {
			respond(429, ``, "Retry-After: 1")(w, r)
			return
		}
		respond(200, okPage)(w, r)
	})
	started := time.Now()
	require.NoError(t, newClient(t, base, quick).Ping(context.Background()))
	require.GreaterOrEqual(t, time.Since(started), time.Second)
}

func TestAnswerTooLarge(t *testing.T) {
	t.Parallel()
	large := `{"count":1,"x":"` + strings.Repeat("x", limitControl) + `"}`
	base, requests := serve(t, respond(200, large))
	c := newClient(t, base, quick)
	_, err := c.LiveCount(context.Background(), "")
	require.ErrorContains(t, err, "larger than 1 MiB")
	require.EqualValues(t, 1, requests.Load())

	base, _ = serve(t, respond(200, `{"conversations":[],"x":"`+strings.Repeat("x", limitControl)+`"}`))
	require.NoError(t, newClient(t, base).Ping(context.Background()), "a list may be larger")
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	unix := func(d time.Duration) string { return strconv.FormatInt(now.Add(d).Unix(), 10) }
	for _, test := range []struct {
		retryAfter, reset string
		want              time.Duration
	}{
		{"", "", 0},
		{"7", "", 7 * time.Second},
		{" 1.5 ", "", 1500 * time.Millisecond},
		{"0", "", 0},
		{"-5", "", 0},
		{"99999999999999999999999", "", time.Hour},
		{"1e999", "", time.Hour},
		{"-1e999", "", 0},
		{"NaN", "", 0},
		{"inf", "", 0},
		{"soon", "", 0},
		{now.Add(90 * time.Second).Format(http.TimeFormat), "", 90 * time.Second},
		{now.Add(-time.Minute).Format(http.TimeFormat), "", 0},
		{now.Add(48 * time.Hour).Format(http.TimeFormat), "", time.Hour},
		{"", unix(30 * time.Second), 30 * time.Second},
		{"soon", unix(30 * time.Second), 30 * time.Second},
		{"", unix(-time.Hour), 0},
		{"", unix(48 * time.Hour), time.Hour},
		{"5", unix(30 * time.Second), 5 * time.Second},
	} {
		header := http.Header{}
		header.Set("Retry-After", test.retryAfter)
		header.Set("X-RateLimit-Reset", test.reset)
		require.Equal(t, test.want, retryAfter(header, now), "%q %q", test.retryAfter, test.reset)
	}
}
