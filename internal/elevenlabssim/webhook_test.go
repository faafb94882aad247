package elevenlabssim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type delivered struct {
	kind, signature, body string
	length                int64
	data                  map[string]any
}

// inbox receives webhooks and answers with a status that can be changed.
type inbox struct {
	url    string
	status atomic.Int64
	mu     sync.Mutex
	list   []delivered
	on     func()
}

func newInbox(t *testing.T) *inbox {
	in := &inbox{}
	in.status.Store(200)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var v struct {
			Type string         `json:"type"`
			Data map[string]any `json:"data"`
		}
		if err != nil || json.Unmarshal(body, &v) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		in.mu.Lock()
		in.list = append(in.list, delivered{v.Type, r.Header.Get("ElevenLabs-Signature"), string(body), r.ContentLength, v.Data})
		if in.on != nil {
			in.on()
		}
		in.mu.Unlock()
		w.WriteHeader(int(in.status.Load()))
	}))
	t.Cleanup(server.Close)
	in.url = server.URL
	return in
}

func (in *inbox) all() []delivered {
	in.mu.Lock()
	defer in.mu.Unlock()
	return append([]delivered(nil), in.list...)
}

func (in *inbox) wait(t *testing.T, n int) []delivered {
	t.Helper()
	require.Eventually(t, func() bool { return len(in.all()) >= n }, 5*time.Second, time.Millisecond)
	return in.all()
}

func TestSignatureVector(t *testing.T) {
	t.Parallel()
	body := `{"type":"post_call_transcription","event_timestamp":1739537297,"data":{"conversation_id":"conv_1"}}`
	require.Equal(t, "t=1739537297,v0=13fe0cf33ba5ea255a3d57b52ec990014642a02da4b1854c8eb81411d0b8aed4", sign("wsec_test", 1739537297, []byte(body)))
}

func TestTranscriptionWebhook(t *testing.T) {
	t.Parallel()
	in := newInbox(t)
	b := setup(t, Options{WebhookURL: in.url, WebhookSecret: "wsec_sim", Script: always("pledge_one_off_fifty")})
	id := b.dial(number(1), attemptID(1))
	time.Sleep(50 * time.Millisecond)
	require.Empty(t, in.all(), "the call is still going on")
	b.clock.Add(10 * time.Minute)
	got := in.wait(t, 1)[0]
	require.Equal(t, "post_call_transcription", got.kind)
	require.Equal(t, b.getJSON("/v1/convai/conversations/"+id), got.data, "the data is the body of GET conversation")

	stamp, digest, ok := strings.Cut(strings.TrimPrefix(got.signature, "t="), ",v0=")
	require.True(t, ok)
	mac := hmac.New(sha256.New, []byte("wsec_sim"))
	mac.Write([]byte(stamp + "." + got.body))
	require.Equal(t, hex.EncodeToString(mac.Sum(nil)), digest)
	require.Eventually(t, func() bool { return b.sim.Stats().WebhooksDelivered == 1 }, time.Second, time.Millisecond)
}

func TestFailureWebhook(t *testing.T) {
	t.Parallel()
	for scenario, reason := range map[string]string{"busy": "busy", "no_answer": "no-answer", "failed_number_out_of_service": "unknown"} {
		in := newInbox(t)
		b := setup(t, Options{WebhookURL: in.url, Script: always(scenario)})
		id := b.dial(number(1), attemptID(1))
		b.clock.Add(10 * time.Minute)
		got := in.wait(t, 1)[0]
		require.Equal(t, "call_initiation_failure", got.kind)
		require.Empty(t, got.signature, "no secret, no signature")
		require.Equal(t, reason, got.data["failure_reason"])
		require.Equal(t, id, got.data["conversation_id"])
		require.NotContains(t, got.body, attemptID(1), "no dynamic variables")
		requireKeys(t, jsonOf(t, got.data), []string{"metadata.type string", "metadata.body.CallSid string", "metadata.body.CallStatus string", "metadata.body.To string", "metadata.body.Duration string"})
	}
}

func TestWebhookFaults(t *testing.T) {
	t.Parallel()
	t.Run("duplicate", func(t *testing.T) {
		t.Parallel()
		in := newInbox(t)
		b := setup(t, Options{WebhookURL: in.url, Instant: true, Script: always("refuse_soft"), Faults: parse(t, "webhook_duplicate=100%")})
		b.dial(number(1), attemptID(1))
		got := in.wait(t, 2)
		require.Equal(t, got[0].body, got[1].body)
	})
	t.Run("never", func(t *testing.T) {
		t.Parallel()
		in := newInbox(t)
		b := setup(t, Options{WebhookURL: in.url, Instant: true, Faults: parse(t, "webhook_never=50%")})
		for n := range 40 {
			b.dial(number(n), attemptID(n))
		}
		require.Eventually(t, func() bool { return b.sim.Stats().WebhooksPending == 0 && len(in.all()) > 5 }, 5*time.Second, time.Millisecond)
		time.Sleep(50 * time.Millisecond)
		require.Less(t, len(in.all()), 35)
	})
	t.Run("audio", func(t *testing.T) {
		t.Parallel()
		in := newInbox(t)
		b := setup(t, Options{WebhookURL: in.url, Instant: true, Script: always("refuse_soft"), Faults: parse(t, "webhook_audio=on")})
		b.dial(number(1), attemptID(1))
		kinds := map[string]int64{}
		for _, d := range in.wait(t, 2) {
			kinds[d.kind] = d.length
		}
		require.EqualValues(t, -1, kinds["post_call_audio"], "sent chunked")
		require.Positive(t, kinds["post_call_transcription"])
	})
	t.Run("before the response", func(t *testing.T) {
		t.Parallel()
		in := newInbox(t)
		b := setup(t, Options{WebhookURL: in.url, Script: always("refuse_soft"), Faults: parse(t, "webhook_before_response=100%")})
		id := b.dial(number(1), attemptID(1))
		got := in.all() // no waiting: the answer is already here
		require.Len(t, got, 1)
		require.Equal(t, id, got[0].data["conversation_id"])
		require.Equal(t, "done", got[0].data["status"])
		require.Zero(t, b.sim.Stats().Active)
	})
}

func TestWebhookRetries(t *testing.T) {
	t.Parallel()
	t.Run("backs off", func(t *testing.T) {
		t.Parallel()
		in := newInbox(t)
		in.status.Store(503)
		b := setup(t, Options{WebhookURL: in.url, Speed: 10, Script: always("refuse_soft"), Faults: parse(t, "webhook_retry=on")})
		b.dial(number(1), attemptID(1))
		b.clock.Add(time.Minute)
		in.wait(t, 1)
		for i, secs := range retryAfter {
			require.Eventually(t, func() bool { return b.sim.Stats().WebhooksPending == 1 }, 5*time.Second, time.Millisecond)
			b.clock.Add(time.Duration(secs)*time.Second/10 - time.Second)
			time.Sleep(30 * time.Millisecond)
			require.Len(t, in.all(), i+1, "not before its time")
			b.clock.Add(time.Second)
			in.wait(t, i+2)
		}
		require.Eventually(t, func() bool { return b.sim.Stats().WebhooksFailed == 5 }, 5*time.Second, time.Millisecond)
		require.Zero(t, b.sim.Stats().WebhooksPending, "given up")
	})
	for name, tt := range map[string]struct {
		spec, scenario string
		status         int64
	}{
		"not opted in": {"", "refuse_soft", 503}, "refused for good": {"webhook_retry=on", "refuse_soft", 400}, "failure events are sent once": {"webhook_retry=on", "busy", 503},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := newInbox(t)
			in.status.Store(tt.status)
			b := setup(t, Options{WebhookURL: in.url, Instant: true, Script: always(tt.scenario), Faults: parse(t, tt.spec)})
			b.dial(number(1), attemptID(1))
			require.Eventually(t, func() bool { return b.sim.Stats().WebhooksFailed == 1 }, 5*time.Second, time.Millisecond)
			require.Zero(t, b.sim.Stats().WebhooksPending)
		})
	}
}

func TestCloseStopsDeliveries(t *testing.T) {
	t.Parallel()
	in := newInbox(t)
	b := setup(t, Options{WebhookURL: in.url, Script: always("refuse_soft")})
	b.dial(number(1), attemptID(1))
	require.NoError(t, b.sim.Close())
	require.NoError(t, b.sim.Close(), "closing twice is fine")
	b.clock.Add(time.Hour)
	time.Sleep(50 * time.Millisecond)
	require.Empty(t, in.all())
}
