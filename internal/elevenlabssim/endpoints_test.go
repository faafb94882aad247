package elevenlabssim

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Kinds of JSON values, as encoding/json decodes them.
func kindOf(v any) string {
	switch v.(type) {
	case string:
		return "string"
	case float64:
		return "number"
	case bool:
		return "bool"
	case map[string]any:
		return "object"
	case []any:
		return "array"
	}
	return "null"
}

// requireKeys checks keys given as "path.to.key kind"; a number in a path indexes an array, 0 being its first item.
func requireKeys(t *testing.T, body string, keys []string) {
	t.Helper()
	var root any
	require.NoError(t, json.Unmarshal([]byte(body), &root), body)
	for _, key := range keys {
		path, kind, _ := strings.Cut(key, " ")
		v := root
		for part := range strings.SplitSeq(path, ".") {
			if list, ok := v.([]any); ok && part == "0" {
				require.NotEmpty(t, list, "%s: empty", path)
				v = list[0]
				continue
			}
			object, ok := v.(map[string]any)
			require.True(t, ok, "%s: not an object", path)
			var present bool
			v, present = object[part]
			require.True(t, present, "%s: missing in %s", path, body)
		}
		require.Equal(t, kind, kindOf(v), path)
	}
}

var subscriptionKeys = []string{
	"tier string", "status string", "character_count number", "character_limit number", "can_extend_character_limit bool",
	"max_credit_limit_extension string", "has_open_invoices bool", "open_invoices array", "current_overage.amount string", "current_overage.currency string",
	"allowed_to_extend_character_limit bool", "voice_slots_used number", "professional_voice_slots_used number",
	"professional_voice_slots_used_in_workspace number", "voice_limit number", "voice_add_edit_counter number", "professional_voice_limit number",
	"can_extend_voice_limit bool", "can_use_instant_voice_cloning bool", "can_use_professional_voice_cloning bool",
}

var phoneKeys = []string{
	"provider string", "phone_number string", "phone_number_id string", "label string", "supports_inbound bool", "supports_outbound bool",
	"assigned_agent.agent_id string", "assigned_agent.agent_name string",
}

func prefixed(prefix string, keys []string) (out []string) {
	for _, k := range keys {
		out = append(out, prefix+k)
	}
	return out
}

func TestRequiredKeys(t *testing.T) {
	t.Parallel()
	b := setup(t, Options{Script: always("donate_card_on_phone")})
	id := b.dial(number(1), attemptID(1))
	b.clock.Add(10 * time.Minute)
	for _, tt := range []struct {
		path string
		keys []string
	}{
		{"/v1/convai/conversations/" + id, []string{
			"agent_id string", "conversation_id string", "status string", "has_audio bool", "has_user_audio bool", "has_response_audio bool", "has_auxiliary_audio bool",
			"user_id string", "transcript.0.role string", "transcript.0.time_in_call_secs number", "transcript.0.message string", "transcript.0.agent_metadata.agent_id string",
			"metadata.start_time_unix_secs number", "metadata.call_duration_secs number", "metadata.cost number", "metadata.cost_fiat number", "metadata.termination_reason string",
			"metadata.phone_call.type string", "metadata.phone_call.direction string", "metadata.phone_call.phone_number_id string", "metadata.phone_call.agent_number string",
			"metadata.phone_call.external_number string", "metadata.phone_call.call_sid string", "metadata.phone_call.stream_sid string", "metadata.phone_call.call_result string",
			"analysis.call_successful string", "analysis.transcript_summary string", "conversation_initiation_client_data.dynamic_variables.attempt_id string",
			"conversation_initiation_client_data.dynamic_variables.attempt_no number", "conversation_initiation_client_data.dynamic_variables.vip bool",
			"conversation_initiation_client_data.dynamic_variables.note null", "conversation_initiation_client_data.dynamic_variables.system__conversation_id string",
		}},
		{"/v1/convai/conversations", []string{
			"has_more bool", "next_cursor null", "conversations.0.agent_id string", "conversations.0.conversation_id string", "conversations.0.start_time_unix_secs number",
			"conversations.0.call_duration_secs number", "conversations.0.message_count number", "conversations.0.status string", "conversations.0.call_successful string",
			"conversations.0.transcript_summary null",
		}},
		{"/v1/convai/conversations?summary_mode=include", []string{"conversations.0.transcript_summary string"}},
		{"/v1/convai/analytics/live-count", []string{"count number"}},
		{"/v1/convai/phone-numbers", prefixed("0.", phoneKeys)},
		{"/v1/convai/v2/phone-numbers", append(prefixed("phone_numbers.0.", phoneKeys), "has_more bool")},
		{"/v1/convai/phone-numbers/phnum_sim_twilio", phoneKeys},
		{"/v1/convai/phone-numbers/phnum_sim_sip", []string{"livekit_stack string", "assigned_agent null"}},
		{"/v1/convai/agents", []string{
			"has_more bool", "agents.0.agent_id string", "agents.0.name string", "agents.0.voice_id string", "agents.0.tags array", "agents.0.created_at_unix_secs number",
			"agents.0.access_info.is_creator bool", "agents.0.access_info.creator_name string", "agents.0.access_info.creator_email string", "agents.0.access_info.role string",
		}},
		{"/v1/convai/agents/agent_sim_henk", []string{
			"agent_id string", "name string", "conversation_config object", "metadata.created_at_unix_secs number", "metadata.updated_at_unix_secs number",
			"platform_settings.call_limits.agent_concurrency_limit number", "platform_settings.call_limits.daily_limit number", "platform_settings.overrides object", "phone_numbers.0.phone_number_id string",
		}},
		{"/v1/user/subscription", subscriptionKeys},
		{"/v1/user", append(prefixed("subscription.", subscriptionKeys), "user_id string", "workspace_id string", "is_new_user bool", "can_use_delayed_payment_methods bool",
			"is_onboarding_completed bool", "is_onboarding_checklist_completed bool", "created_at number", "seat_type string")},
		{"/v1/voices", []string{"voices.0.voice_id string", "voices.0.name string"}},
		{"/v2/voices?page_size=2", []string{"voices.0.voice_id string", "has_more bool", "total_count number", "next_page_token string"}},
	} {
		a := b.get(tt.path)
		require.Equal(t, http.StatusOK, a.status, "%s: %s", tt.path, a.body)
		require.Equal(t, "application/json", a.header.Get("Content-Type"))
		requireKeys(t, a.body, tt.keys)
	}
}

func TestEveryScenarioRendersWhole(t *testing.T) {
	t.Parallel()
	var name string
	b := setup(t, Options{Script: func(string, int, map[string]any) string { return name }})
	for i, sc := range Scenarios() {
		name = sc.Name
		id := b.dial(number(i), attemptID(i))
		b.clock.Add(10 * time.Minute)
		v := b.getJSON("/v1/convai/conversations/" + id)
		transcript := v["transcript"].([]any)
		require.Len(t, transcript, len(sc.Messages), sc.Name)
		text := b.get("/v1/convai/conversations/" + id).body
		require.NotContains(t, text, "{{", sc.Name)
		for _, m := range transcript {
			turn := m.(map[string]any)
			require.Contains(t, []any{"user", "agent"}, turn["role"])
			if turn["message"] == nil {
				requireKeys(t, jsonOf(t, turn), []string{"tool_calls.0.request_id string", "tool_calls.0.tool_name string", "tool_calls.0.params_as_json string",
					"tool_calls.0.tool_has_been_called bool", "tool_results.0.result_value string", "tool_results.0.is_error bool", "tool_results.0.tool_has_been_called bool"})
			}
		}
		if len(sc.Messages) > 0 && strings.Contains(sc.Messages[0].Text, "{{donor_name}}") {
			require.Contains(t, transcript[0].(map[string]any)["message"], `Ada "Lace"`)
		}
	}
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

func TestSIPCall(t *testing.T) {
	t.Parallel()
	b := setup(t, Options{Script: always("refuse_soft")})
	a := b.send(http.MethodPost, "/v1/convai/sip-trunk/outbound-call", strings.Replace(callBody(number(1), attemptID(1)), "phnum_sim_twilio", "phnum_sim_sip", 1))
	requireKeys(t, a.body, []string{"success bool", "message string", "conversation_id string", "sip_call_id string"})
	b.clock.Add(time.Minute)
	requireKeys(t, b.get("/v1/convai/conversations/"+b.sim.Rings()[0].ConversationID).body, []string{"metadata.phone_call.call_sid string"})
	v := b.getJSON("/v1/convai/conversations/" + b.sim.Rings()[0].ConversationID)
	require.Equal(t, "sip_trunking", v["metadata"].(map[string]any)["phone_call"].(map[string]any)["type"])
}

func TestAudio(t *testing.T) {
	t.Parallel()
	b := setup(t, Options{Script: func(_ string, ordinal int, _ map[string]any) string {
		return []string{"refuse_soft", "no_answer"}[ordinal]
	}})
	talked, unanswered := b.dial(number(1), attemptID(1)), b.dial(number(1), attemptID(2))
	require.Equal(t, http.StatusNotFound, b.get("/v1/convai/conversations/"+talked+"/audio").status, "still ringing")
	b.clock.Add(10 * time.Minute)
	a := b.get("/v1/convai/conversations/" + talked + "/audio")
	require.Equal(t, "audio/mpeg", a.header.Get("Content-Type"))
	require.True(t, strings.HasPrefix(a.body, "ID3\x04"))
	require.Contains(t, a.body, "\xff\xfb\x90\x64")
	require.Equal(t, a.body, b.get("/v1/convai/conversations/"+talked+"/audio").body, "deterministic")
	require.Equal(t, http.StatusNotFound, b.get("/v1/convai/conversations/"+unanswered+"/audio").status)
	require.Equal(t, false, b.getJSON("/v1/convai/conversations/" + unanswered)["has_audio"])
}

func TestTextToSpeech(t *testing.T) {
	t.Parallel()
	b := setup(t, Options{})
	a := b.send(http.MethodPost, "/v1/text-to-speech/voice_sim_henk?output_format=mp3_44100_128", `{"text":"Thank you for your gift."}`)
	require.Equal(t, http.StatusOK, a.status)
	require.Equal(t, "audio/mpeg", a.header.Get("Content-Type"))
	require.Greater(t, len(a.body), 10_000)
	require.EqualValues(t, 24, b.getJSON("/v1/user/subscription")["character_count"])
	require.Equal(t, 422, b.send(http.MethodPost, "/v1/text-to-speech/voice_sim_henk", `{}`).status)
	require.Equal(t, 422, b.send(http.MethodPost, "/v1/text-to-speech/voice_sim_henk", `{"text":`).status)
	require.Equal(t, 422, b.send(http.MethodPost, "/v1/text-to-speech/voice_sim_henk", `{"text":5}`).status)
	require.Contains(t, b.send(http.MethodPost, "/v1/text-to-speech/nobody", `{"text":"x"}`).body, "voice_not_found")
}

func TestDelete(t *testing.T) {
	t.Parallel()
	b := setup(t, Options{})
	id := b.dial(number(1), attemptID(1))
	require.Equal(t, http.StatusOK, b.send(http.MethodDelete, "/v1/convai/conversations/"+id, "").status)
	require.Equal(t, http.StatusNotFound, b.send(http.MethodDelete, "/v1/convai/conversations/"+id, "").status)
	require.Equal(t, http.StatusNotFound, b.get("/v1/convai/conversations/"+id).status)
	require.Empty(t, b.getJSON("/v1/convai/conversations")["conversations"])
	require.Equal(t, int64(1), b.sim.RingCount(), "the phone rang all the same")
}

func TestPhoneAndAgentPaging(t *testing.T) {
	t.Parallel()
	b := setup(t, Options{})
	first := b.getJSON("/v1/convai/v2/phone-numbers?page_size=2")
	require.Equal(t, true, first["has_more"])
	second := b.getJSON("/v1/convai/v2/phone-numbers?page_size=2&cursor=" + first["next_cursor"].(string))
	require.Equal(t, false, second["has_more"])
	require.Len(t, second["phone_numbers"], 1)
	require.Len(t, b.getJSON("/v1/convai/v2/phone-numbers?supports_outbound=true")["phone_numbers"], 2)
	agents := b.getJSON("/v1/convai/agents?page_size=1")
	require.Equal(t, true, agents["has_more"])
	rest := b.getJSON("/v1/convai/agents?page_size=1&cursor=" + agents["next_cursor"].(string))
	require.Equal(t, false, rest["has_more"])
	require.Len(t, b.getJSON("/v1/convai/agents?search=ingrid")["agents"], 1)
}
