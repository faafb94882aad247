package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/conversation"
	"github.com/callhenk/henk-worker/internal/elevenlabs"
)

const secret = "wsec_test"

var now = time.Unix(1739537297, 0)

// fake keeps events in memory.
type fake struct {
	mu     sync.Mutex
	events []*elevenlabs.Webhook
	err    error
}

func (f *fake) keep(_ context.Context, w *elevenlabs.Webhook) (kept, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return kept{}, f.err
	}
	f.events = append(f.events, w)
	return kept{id: uuid.New(), state: conversation.EventPending}, nil
}

func newFake(o Options) (*ElevenLabs, *fake) {
	f := &fake{}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Now = func() time.Time { return now }
	h := NewElevenLabs(o)
	h.keep = f.keep
	return h, f
}

func post(h http.Handler, body io.Reader, signature ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/webhooks/elevenlabs", body)
	for _, s := range signature {
		r.Header.Add("elevenlabs-signature", s)
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec
}

func sign(body string, at time.Time) string {
	return elevenlabs.SignatureHeader([]byte(body), secret, at)
}

const good = `{"type":"post_call_transcription","event_timestamp":1739537297,"data":{"conversation_id":"conv_1"}}`

func TestAnswers(t *testing.T) {
	t.Parallel()
	large := `{"type":"x","data":"` + strings.Repeat("x", DefaultMaxBody) + `"}`
	fits := `{"type":"x","data":"` + strings.Repeat("x", DefaultMaxBody-len(`{"type":"x","data":""}`)) + `"}`
	for name, c := range map[string]struct {
		body       string
		signature  []string
		want       int
		says       string
		store      error
		unset      bool // the secret
		retryAfter string
	}{
		"good":                         {body: good, signature: []string{sign(good, now)}, want: 200},
		"the contract's vector":        {body: good, signature: []string{"t=1739537297,v0=13fe0cf33ba5ea255a3d57b52ec990014642a02da4b1854c8eb81411d0b8aed4"}, want: 200},
		"parts the other way":          {body: good, signature: []string{"v0=13fe0cf33ba5ea255a3d57b52ec990014642a02da4b1854c8eb81411d0b8aed4, t=1739537297"}, want: 200},
		"one of several matches":       {body: good, signature: []string{"t=1739537297,v0=00,v0=13fe0cf33ba5ea255a3d57b52ec990014642a02da4b1854c8eb81411d0b8aed4"}, want: 200},
		"split over two headers":       {body: good, signature: []string{"t=1739537297", "v0=13fe0cf33ba5ea255a3d57b52ec990014642a02da4b1854c8eb81411d0b8aed4"}, want: 200},
		"unknown type":                 {body: `{"type":"new"}`, signature: []string{sign(`{"type":"new"}`, now)}, want: 200},
		"29 minutes old":               {body: good, signature: []string{sign(good, now.Add(-29*time.Minute))}, want: 200},
		"as large as may be":           {body: fits, signature: []string{sign(fits, now)}, want: 200},
		"31 minutes old":               {body: good, signature: []string{sign(good, now.Add(-31*time.Minute))}, want: 401, says: "older than 30m"},
		"a day ahead":                  {body: good, signature: []string{sign(good, now.Add(24*time.Hour))}, want: 401, says: "check this machine's clock"},
		"unsigned":                     {body: good, want: 401, says: "missing or malformed"},
		"empty signature":              {body: good, signature: []string{""}, want: 401},
		"two signatures":               {body: good, signature: []string{sign(good, now), sign(good, now)}, want: 401},
		"another body":                 {body: good + " ", signature: []string{sign(good, now)}, want: 401, says: "does not match"},
		"upper case":                   {body: good, signature: []string{"t=1739537297,v0=" + strings.ToUpper(strings.TrimPrefix(sign(good, now), "t=1739537297,v0="))}, want: 401},
		"another secret":               {body: good, signature: []string{elevenlabs.SignatureHeader([]byte(good), "wsec_other", now)}, want: 401},
		"unsigned and not JSON":        {body: "{", want: 401},
		"bad signature and not JSON":   {body: "{", signature: []string{sign(good, now)}, want: 401},
		"signed, not JSON":             {body: "{", signature: []string{sign("{", now)}, want: 400, says: "not valid JSON"},
		"signed, empty":                {body: "", signature: []string{sign("", now)}, want: 400},
		"signed, no conversation":      {body: `{"type":"post_call_audio","data":{}}`, signature: []string{sign(`{"type":"post_call_audio","data":{}}`, now)}, want: 400, says: "conversation_id"},
		"unsigned and too large":       {body: large, want: 401},
		"stale and too large":          {body: large, signature: []string{sign(large, now.Add(-time.Hour))}, want: 401},
		"signed, too large":            {body: large, signature: []string{sign(large, now)}, want: 413, says: "limit of 5242880 bytes"},
		"not stored":                   {body: good, signature: []string{sign(good, now)}, want: 503, store: errors.New("password=hunter2"), retryAfter: "30"},
		"no secret set":                {body: good, signature: []string{sign(good, now)}, want: 503, unset: true, says: "ELEVENLABS_WEBHOOK_SECRET", retryAfter: "30"},
		"no secret set, unsigned":      {body: good, want: 401, unset: true},
		"no secret, signed with none":  {body: good, signature: []string{elevenlabs.SignatureHeader([]byte(good), "", now)}, want: 503, unset: true, retryAfter: "30"},
		"invalid UTF-8 in a message":   {body: "{\"type\":\"x\",\"data\":\"\xff\"}", signature: []string{sign("{\"type\":\"x\",\"data\":\"\xff\"}", now)}, want: 200},
		"escaped NUL in a message":     {body: `{"type":"x","data":"\u0000"}`, signature: []string{sign(`{"type":"x","data":"\u0000"}`, now)}, want: 200},
		"a byte-order mark before all": {body: "\ufeff" + good, signature: []string{sign("\ufeff"+good, now)}, want: 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, withLength := range []bool{true, false} {
				o := Options{Secret: secret}
				if c.unset {
					o.Secret = ""
				}
				h, f := newFake(o)
				f.err = c.store
				body := io.Reader(strings.NewReader(c.body))
				if !withLength {
					body = struct{ io.Reader }{body}
				}
				rec := post(h, body, c.signature...)
				require.Equal(t, c.want, rec.Code, rec.Body)
				var a answer
				require.NoError(t, json.Unmarshal(rec.Body.Bytes(), &a))
				require.Equal(t, "application/json; charset=utf-8", rec.Header().Get("Content-Type"))
				require.Equal(t, c.want == 200, a.OK)
				require.Equal(t, c.want == 200, a.ID != "")
				require.Contains(t, a.Error, c.says)
				require.NotContains(t, rec.Body.String(), "hunter2")
				require.Equal(t, c.retryAfter, rec.Header().Get("Retry-After"))
				require.Equal(t, c.want == 200, len(f.events) == 1)
			}
		})
	}
}

func TestOtherMethods(t *testing.T) {
	t.Parallel()
	h, f := newFake(Options{Secret: secret})
	for _, method := range []string{"GET", "HEAD", "PUT", "OPTIONS"} {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest(method, "/webhooks/elevenlabs", nil))
		require.Equal(t, http.StatusMethodNotAllowed, rec.Code, method)
		require.Equal(t, "POST", rec.Header().Get("Allow"))
	}
	require.Empty(t, f.events)
}

// untouched fails the test when somebody reads it.
type untouched struct{ t *testing.T }

func (u untouched) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, io.EOF
}

func TestStrangersBodiesAreNotRead(t *testing.T) {
	t.Parallel()
	h, _ := newFake(Options{Secret: secret})
	for _, signature := range []string{"", "v0=x", "t=1,v0=x", sign("x", now.Add(-31*time.Minute))} {
		require.Equal(t, 401, post(h, untouched{t}, signature).Code)
	}
	r := httptest.NewRequest(http.MethodPost, "/", untouched{t})
	r.ContentLength = DefaultMaxBody + 1
	r.Header.Set("ElevenLabs-Signature", "t=1739537297,v0=x")
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	require.Equal(t, 413, rec.Code, "its length says enough")
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestBodyThatBreaksOff(t *testing.T) {
	t.Parallel()
	h, f := newFake(Options{Secret: secret})
	rec := post(h, io.MultiReader(strings.NewReader(good), broken{}), sign(good, now))
	require.Equal(t, http.StatusRequestTimeout, rec.Code, "the provider tries again after this one")
	require.Empty(t, f.events)
}

func TestOwnLimits(t *testing.T) {
	t.Parallel()
	h, _ := newFake(Options{Secret: secret, MaxBody: int64(len(good)), Tolerance: elevenlabs.Tolerance{Past: time.Hour, Future: time.Hour}})
	require.Equal(t, 200, post(h, strings.NewReader(good), sign(good, now.Add(-59*time.Minute))).Code)
	require.Equal(t, 200, post(h, strings.NewReader(good), sign(good, now.Add(59*time.Minute))).Code)
	require.Equal(t, 413, post(h, strings.NewReader(good+" "), sign(good+" ", now)).Code)
}

func TestTakenInAtOnceWhereWorkersAreSlow(t *testing.T) {
	t.Parallel()
	var applied []uuid.UUID
	failure := error(nil)
	h, _ := newFake(Options{Secret: secret, Apply: func(_ context.Context, id uuid.UUID) (conversation.Delivery, error) {
		applied = append(applied, id)
		return conversation.Delivery{}, failure
	}})
	require.Equal(t, 200, post(h, strings.NewReader(good), sign(good, now)).Code)
	failure = errors.New("the database has just gone")
	require.Equal(t, 200, post(h, strings.NewReader(good), sign(good, now)).Code, "it is stored, and its job will try")
	require.Len(t, applied, 2)
	h.keep = func(context.Context, *elevenlabs.Webhook) (kept, error) {
		return kept{repeat: true, state: conversation.EventPending}, nil
	}
	rec := post(h, strings.NewReader(good), sign(good, now))
	require.JSONEq(t, `{"ok":true,"repeat":true}`, rec.Body.String())
	h.keep = func(context.Context, *elevenlabs.Webhook) (kept, error) {
		return kept{state: conversation.EventIgnored}, nil
	}
	require.Equal(t, 200, post(h, strings.NewReader(good), sign(good, now)).Code)
	require.Len(t, applied, 2, "nothing follows from repeats and unknown types")
}

func TestLogsHoldNothingPersonal(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	h, f := newFake(Options{Secret: secret, Log: slog.New(slog.NewTextHandler(&log, nil))})
	body := `{"type":"post_call_transcription","data":{"conversation_id":7,"to":"+13125550100","message":"my sister Ada"}}`
	require.Equal(t, 400, post(h, strings.NewReader(body), sign(body, now)).Code)
	require.Equal(t, 401, post(h, strings.NewReader(body), sign(good, now)).Code)
	require.Equal(t, 401, post(h, strings.NewReader(body)).Code)
	f.err = errors.New("no connection")
	require.Equal(t, 503, post(h, strings.NewReader(good), sign(good, now)).Code)
	require.Contains(t, log.String(), "Webhook refused")
	require.Contains(t, log.String(), "Webhook not stored")
	for _, personal := range []string{"3125550100", "Ada", secret, "v0="} {
		require.NotContains(t, log.String(), personal)
	}
	log.Reset()
	h, _ = newFake(Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	for range 3 {
		require.Equal(t, 503, post(h, strings.NewReader(good), sign(good, now)).Code)
	}
	require.Equal(t, 1, strings.Count(log.String(), "set ELEVENLABS_WEBHOOK_SECRET"), "said once, with the mend")
}

func FuzzSignatureHeader(f *testing.F) {
	for _, seed := range []string{sign(good, now), "t=1739537297,v0=", "v0=13fe,t=1739537297,v1=2", ",,,", "t=1739537297\x00,v0=\xff", "t=٣,v0=x", " t = 1 "} {
		f.Add(seed)
	}
	h, _ := newFake(Options{Secret: secret})
	right := strings.TrimPrefix(sign(good, now), "t=1739537297,v0=")
	f.Fuzz(func(t *testing.T, signature string) {
		rec := post(h, strings.NewReader(good), signature)
		switch rec.Code {
		case 200:
			require.Contains(t, signature, right, "accepted without the right digest")
		case 401:
		default:
			t.Fatalf("answered %d", rec.Code)
		}
	})
}

func FuzzBody(f *testing.F) {
	for _, seed := range []string{good, `{"type":"post_call_audio","data":{"conversation_id":"c","full_audio":"QUJD"}}`, "{\"type\":\"\xff\"}", `{"type":"x","data":null}`, "\x00", ``} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		h, fake := newFake(Options{Secret: secret, MaxBody: 4096})
		rec := post(h, bytes.NewReader(body), elevenlabs.SignatureHeader(body, secret, now))
		require.True(t, json.Valid(rec.Body.Bytes()))
		switch {
		case len(body) > 4096:
			require.Equal(t, 413, rec.Code)
		case rec.Code == 200:
			require.Len(t, fake.events, 1)
			require.NotEmpty(t, rowOf(fake.events[0]).DedupeKey)
		default:
			require.Equal(t, 400, rec.Code)
		}
		if len(body) < 4096 {
			forged := append(bytes.Clone(body), ' ')
			require.Equal(t, 401, post(h, bytes.NewReader(forged), elevenlabs.SignatureHeader(body, secret, now)).Code)
		}
	})
}
