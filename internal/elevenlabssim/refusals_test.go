package elevenlabssim

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAuthAndUnknownPaths(t *testing.T) {
	t.Parallel()
	b := setup(t, Options{})
	for _, tt := range []struct {
		name, key, method, path string
		status                  int
		contains                string
	}{
		{"wrong key", "sk_other", "GET", "/v1/convai/agents", 401, `"status":"invalid_api_key"`},
		{"no key", "", "GET", "/v1/convai/agents", 401, `"status":"invalid_api_key"`},
		{"wrong key on a call", "sk_tesT", "POST", pathTwilioCall, 401, `"status":"invalid_api_key"`},
		{"control needs it too", "", "GET", "/_sim/rings", 401, "invalid_api_key"},
		{"messages do not exist", testKey, "GET", "/v1/convai/conversations/conv_x/messages", 404, "Not Found"},
		{"method", testKey, "PUT", "/v1/convai/agents", 405, "Method Not Allowed"},
		{"no such conversation", testKey, "GET", "/v1/convai/conversations/conv_x", 404, "conversation_not_found"},
		{"no such agent", testKey, "GET", "/v1/convai/agents/agent_x", 404, "agent_not_found"},
		{"no such number", testKey, "GET", "/v1/convai/phone-numbers/x", 404, "phone_number_not_found"},
		{"page too large", testKey, "GET", "/v1/convai/conversations?page_size=101", 422, "less_than_equal"},
		{"page not a number", testKey, "GET", "/v1/convai/conversations?page_size=ten", 422, "int_parsing"},
		{"cursor", testKey, "GET", "/v1/convai/conversations?cursor=%2A", 422, "cursor"},
		{"filter", testKey, "GET", "/v1/convai/conversations?dynamic_variable_params=attempt_id", 422, "name:op:value"},
		{"operator", testKey, "GET", "/v1/convai/conversations?dynamic_variable_params=a:like:b", 422, "operator"},
	} {
		req, err := http.NewRequest(tt.method, b.url+tt.path, nil)
		require.NoError(t, err)
		if tt.key != "" {
			req.Header.Set("xi-api-key", tt.key)
		}
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		var body strings.Builder
		require.NoError(t, resp.Write(&body))
		require.Equal(t, tt.status, resp.StatusCode, tt.name)
		require.Contains(t, body.String(), tt.contains, tt.name)
		require.NoError(t, resp.Body.Close())
	}
	require.Equal(t, int64(2), b.sim.Stats().Requests["other"])
}

func TestWithoutAKeyNothingPasses(t *testing.T) {
	t.Parallel()
	require.False(t, New(Options{}).authorized(""))
}

func TestOutboundCallRefusals(t *testing.T) {
	t.Parallel()
	b := setup(t, Options{})
	ok := callBody(number(1), attemptID(1))
	for _, tt := range []struct {
		name, path, body string
		status           int
		contains         string
	}{
		{"not json", pathTwilioCall, `{"agent_id":`, 422, `"type":"json_invalid"`},
		{"empty", pathTwilioCall, ``, 422, `"type":"json_invalid"`},
		{"array", pathTwilioCall, `[]`, 422, "model_attributes_type"},
		{"bytes", pathTwilioCall, "{\"agent_id\":\"\xff\"}", 400, "parsing the body"},
		{"missing all", pathTwilioCall, `{}`, 422, `"loc":["body","to_number"]`},
		{"missing number id", pathTwilioCall, `{"agent_id":"a","to_number":"+1"}`, 422, `{"type":"missing","loc":["body","agent_phone_number_id"],"msg":"Field required"`},
		{"number as a number", pathTwilioCall, strings.Replace(ok, `"+14235550001"`, `14235550001`, 1), 422, `"type":"string_type","loc":["body","to_number"]`},
		{"nested variable", pathTwilioCall, strings.Replace(ok, `"vip":true`, `"vip":{"a":1}`, 1), 422, `"dynamic_variables","vip","str"`},
		{"client data as text", pathTwilioCall, `{"agent_id":"a","agent_phone_number_id":"p","to_number":"+14235550001","conversation_initiation_client_data":"x"}`, 422, "model_attributes_type"},
		{"ring timeout", pathTwilioCall, strings.Replace(ok, `{"agent_id"`, `{"telephony_call_config":{"ringing_timeout_secs":"x"},"agent_id"`, 1), 422, "ringing_timeout_secs"},
		{"unknown agent", pathTwilioCall, strings.Replace(ok, "agent_sim_henk", "agent_other", 1), 404, "agent_not_found"},
		{"unknown number id", pathTwilioCall, strings.Replace(ok, "phnum_sim_twilio", "+15005550006", 1), 404, "phone_number_not_found"},
		{"sip number on twilio", pathTwilioCall, strings.Replace(ok, "phnum_sim_twilio", "phnum_sim_sip", 1), 400, "invalid_provider_config"},
		{"twilio number on sip", "/v1/convai/sip-trunk/outbound-call", ok, 400, "invalid_provider_config"},
		{"inbound only", pathTwilioCall, strings.Replace(ok, "phnum_sim_twilio", "phnum_sim_inbound", 1), 400, "outbound"},
		{"not a number", pathTwilioCall, strings.Replace(ok, number(1), "4235550001", 1), 200, `{"success":false,"message":"HTTP 400 error: Unable to create record: The phone number`},
		{"too large", pathTwilioCall, `{"agent_id":"` + strings.Repeat("a", maxBody) + `"}`, 413, "too large"},
	} {
		a := b.send(http.MethodPost, tt.path, tt.body)
		require.Equal(t, tt.status, a.status, "%s: %s", tt.name, a.body)
		require.Contains(t, a.body, tt.contains, tt.name)
	}
	require.Zero(t, b.sim.RingCount())
}

func TestLimits(t *testing.T) {
	t.Parallel()
	limited := []Agent{{ID: "agent_sim_henk", Name: "Henk"}, {ID: "agent_small", Name: "Small", ConcurrencyLimit: 1}}
	for _, tt := range []struct {
		name   string
		opt    Options
		agent  string
		placed int
		status int
		text   string
	}{
		{"workspace, 429", Options{MaxConcurrent: 2}, "agent_sim_henk", 2, 429, "too_many_concurrent_requests"},
		{"workspace, success false", Options{MaxConcurrent: 2, OverLimit: OverLimitSuccessFalse}, "agent_sim_henk", 2, 200, `"success":false`},
		{"agent", Options{Agents: limited}, "agent_small", 1, 429, "too_many_concurrent_requests"},
		{"credits", Options{CreditLimit: 1}, "agent_sim_henk", 1, 401, "quota_exceeded"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.opt.Script = always("pledge_monthly_twenty")
			b := setup(t, tt.opt)
			body := func(n int) string {
				return strings.Replace(callBody(number(n), attemptID(n)), "agent_sim_henk", tt.agent, 1)
			}
			for n := range tt.placed {
				require.Contains(t, b.send(http.MethodPost, pathTwilioCall, body(n)).body, `"success":true`)
			}
			over := b.send(http.MethodPost, pathTwilioCall, body(9))
			require.Equal(t, tt.status, over.status)
			require.Contains(t, over.body, tt.text)
			require.Equal(t, int64(tt.placed), b.sim.RingCount())
			if tt.opt.CreditLimit > 0 {
				sub := b.getJSON("/v1/user/subscription")
				require.Equal(t, sub["character_limit"], sub["character_count"])
				return
			}
			require.EqualValues(t, tt.placed, b.getJSON("/v1/convai/analytics/live-count?agent_id=" + tt.agent)["count"])
			require.Equal(t, tt.placed, b.sim.Stats().PeakConcurrent)
			b.clock.Add(10 * time.Minute)
			require.EqualValues(t, 0, b.getJSON("/v1/convai/analytics/live-count")["count"])
			require.Contains(t, b.send(http.MethodPost, pathTwilioCall, body(9)).body, `"success":true`)
		})
	}
}
