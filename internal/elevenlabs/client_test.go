package elevenlabs

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const testKey = "sk_test_5c7f0e9a1b"

var testCall = OutboundCall{
	AgentID: "agent_1", AgentPhoneNumberID: "phnum_1", ToNumber: "+14155550123", UserID: "attempt-1",
	DynamicVariables: map[string]any{"attempt_id": "attempt-1", "attempt_no": 2, "donor_name": "Ada"},
}

// newClient has no proxy, whatever the environment of the test says.
func newClient(t *testing.T, base string, change ...func(*Config)) *Client {
	t.Helper()
	transport := newTransport()
	transport.Proxy = nil
	cfg := Config{APIKey: testKey, BaseURL: base, Transport: transport, RetryDelays: []time.Duration{}}
	for _, f := range change {
		f(&cfg)
	}
	c, err := New(cfg)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

// serve answers every request with handler and counts them.
func serve(t *testing.T, handler http.HandlerFunc) (base string, requests *atomic.Int64) {
	t.Helper()
	requests = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		handler(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, requests
}

// respond answers with a fixed status, headers ("Name: value") and body.
func respond(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func TestNewExplainsBadConfig(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		cfg  Config
		want string
	}{
		"no key":        {Config{}, "set ELEVENLABS_API_KEY"},
		"blank key":     {Config{APIKey: " \n"}, "set ELEVENLABS_API_KEY"},
		"key with line": {Config{APIKey: "sk\nsecret"}, "line break"},
		"key too long":  {Config{APIKey: strings.Repeat("k", 600)}, "600 bytes"},
		"no scheme":     {Config{APIKey: "k", BaseURL: "api.elevenlabs.io"}, "must begin with https://"},
		"no host":       {Config{APIKey: "k", BaseURL: "https://"}, "has no host"},
		"unparsable":    {Config{APIKey: "k", BaseURL: "https://[::1"}, "cannot be parsed"},
		"user":          {Config{APIKey: "k", BaseURL: "https://u:pw@host"}, "user name"},
		"query":         {Config{APIKey: "k", BaseURL: "https://host?a=b"}, "query"},
		"v1":            {Config{APIKey: "k", BaseURL: "https://api.elevenlabs.io/v1/"}, "/v1"},
		"v1 convai":     {Config{APIKey: "k", BaseURL: "https://api.elevenlabs.io/v1/convai"}, "/v1"},
		"timeout":       {Config{APIKey: "k", Timeout: -1}, "negative"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := New(test.cfg)
			require.ErrorContains(t, err, test.want)
			require.NotContains(t, err.Error(), "secret")
			require.NotContains(t, err.Error(), "pw")
		})
	}
}

func TestNewDefaults(t *testing.T) {
	t.Parallel()
	c, err := New(Config{APIKey: " " + testKey + "\n"})
	require.NoError(t, err)
	require.Equal(t, testKey, c.key())
	require.Equal(t, "https://api.elevenlabs.io", c.base.String())
	require.Equal(t, 30*time.Second, c.timeout)
	require.Equal(t, []time.Duration{time.Second, 2 * time.Second, 4 * time.Second}, c.retryDelays)
	c, err = New(Config{APIKey: testKey, BaseURL: "http://localhost:1/prefix/"})
	require.NoError(t, err)
	require.Equal(t, "http://localhost:1/prefix", c.base.String())
}

// printed shows a value in all the ways that end up in logs.
func printed(v any) string {
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "v", v)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "v", v)
	return out.String() + fmt.Sprintf("%v %+v %#v %s", v, v, v, v)
}

func TestKeyIsNeverPrinted(t *testing.T) {
	t.Parallel()
	cfg := Config{APIKey: testKey}
	c, err := New(cfg)
	require.NoError(t, err)
	for _, v := range []any{cfg, &cfg, c, *c, struct{ C *Client }{c}, struct{ Cfg Config }{cfg}} {
		require.NotContains(t, printed(v), testKey, "%T", v)
	}
}

func TestErrorsNeverShowKeyOrNumber(t *testing.T) {
	t.Parallel()
	body := `{"detail":{"code":"bad ` + testKey + `","message":"key ` + testKey + ` may not call +1 (415) 555-0123\u0000 or 4155550123` +
		strings.Repeat(" and so on", 200) + `"}}`
	for _, status := range []int{200, 302, 400, 401, 404, 422, 429, 500} {
		base, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
			answer := body
			if status == 200 {
				answer = `{"success":false,"message":"` + testKey + ` +14155550123 4155550123\u0007"}`
			}
			respond(status, answer)(w, r)
		})
		c := newClient(t, base)
		_, callErr := c.PlaceCall(context.Background(), testCall)
		_, getErr := c.Conversation(context.Background(), "conv_1")
		for _, err := range []error{callErr, getErr} {
			require.Error(t, err)
			text := printed(err) + printed(AsError(err)) + printed(AsError(err).Unwrap())
			require.NotContains(t, text, testKey)
			require.NotRegexp(t, `\+?1?.?\(?415\)?.?555.?0123`, text)
			require.LessOrEqual(t, len(AsError(err).Message), 500)
			require.LessOrEqual(t, len(AsError(err).Code), 80)
		}
	}
}

func TestPeopleAreNotLogged(t *testing.T) {
	t.Parallel()
	said := "I am Ada"
	conversation := &Conversation{ConversationID: "conv_1", Status: "done", Transcript: []TranscriptItem{{Message: &said}}}
	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "call", testCall, "conversation", conversation)
	text := out.String() + fmt.Sprintf("%+v %#v", testCall, testCall)
	require.NotContains(t, text, "4155550123")
	require.NotContains(t, text, "Ada")
	require.Contains(t, text, "conv_1")
}
