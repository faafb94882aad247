package server

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/storetest"
	"github.com/callhenk/henk-worker/internal/webhook"
)

const (
	webhookSecret = "wsec_test"
	webhookBody   = `{"type":"post_call_transcription","event_timestamp":1739537297,"data":{"conversation_id":"conv_1"}}`
)

func withWebhook(t *testing.T) *bundle {
	t.Helper()
	db := storetest.New(t)
	return setupOn(t, db, func(o *Options) {
		o.Webhook = webhook.NewElevenLabs(webhook.Options{DB: db, Client: o.Client, Log: o.Log, Secret: webhookSecret})
	})
}

func signed(body string) header {
	return header{"ElevenLabs-Signature": elevenlabs.SignatureHeader([]byte(body), webhookSecret, time.Now()), "Content-Type": "application/json"}
}

// The route needs no session and no origin, and its own limit holds instead of the server's.
func TestWebhookRoute(t *testing.T) {
	t.Parallel()
	b := withWebhook(t)
	large := `{"type":"x","data":"` + strings.Repeat("x", webhook.DefaultMaxBody) + `"}`
	twoMB := `{"type":"x","data":"` + strings.Repeat("x", 2<<20) + `"}`
	for name, c := range map[string]struct {
		method, body string
		headers      []header
		want         int
	}{
		"signed":                   {"POST", webhookBody, []header{signed(webhookBody)}, 200},
		"with an origin":           {"POST", webhookBody, []header{signed(webhookBody), {"Origin": "https://api.elevenlabs.io", "Sec-Fetch-Site": "cross-site"}}, 200},
		"over the others' limit":   {"POST", twoMB, []header{signed(twoMB)}, 200},
		"unsigned":                 {"POST", webhookBody, nil, 401},
		"unsigned, from a browser": {"POST", webhookBody, []header{asForm}, 401},
		"unsigned and too large":   {"POST", large, nil, 401},
		"signed and too large":     {"POST", large, []header{signed(large)}, 413},
		"signed, another body":     {"POST", webhookBody + " ", []header{signed(webhookBody)}, 401},
		"signed, not JSON":         {"POST", "x", []header{signed("x")}, 400},
		"looked at with a browser": {"GET", "", []header{asHTML}, 405},
	} {
		rec := b.do(c.method, "/webhooks/elevenlabs", strings.NewReader(c.body), c.headers...)
		require.Equal(t, c.want, rec.Code, "%s: %s", name, rec.Body)
		require.Equal(t, "no-store", rec.Header().Get("Cache-Control"))
	}
	require.Equal(t, http.StatusUnauthorized, b.do("POST", "/webhooks/twilio", strings.NewReader(webhookBody), signed(webhookBody)).Code)
	var events, jobs int
	require.NoError(t, b.db.QueryRow(t.Context(), "select count(*) from henk.webhook_inbox").Scan(&events))
	require.NoError(t, b.db.QueryRow(t.Context(), "select count(*) from river.river_job where kind = 'apply-webhook'").Scan(&jobs))
	require.Equal(t, 2, events, "a transcription once, and what is of an unknown type")
	require.Equal(t, 1, jobs)
	require.NotContains(t, b.log.String(), "conv_1")
}

func TestServerWithoutWebhooks(t *testing.T) {
	t.Parallel()
	rec := setup(t).do("POST", "/webhooks/elevenlabs", strings.NewReader(webhookBody), signed(webhookBody))
	require.Equal(t, http.StatusServiceUnavailable, rec.Code)
}
