package elevenlabs

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestDecodeWebhook(t *testing.T) {
	t.Parallel()
	at := time.Unix(1739537297, 0).UTC()
	for name, c := range map[string]struct {
		body string
		want Webhook
	}{
		"the documentation's": {`{"type":"post_call_transcription","event_timestamp":1739537297,"data":{"conversation_id":"conv_1"}}`,
			Webhook{Type: WebhookTranscription, At: at, ConversationID: "conv_1"}},
		"with the attempt": {`{"type":"post_call_transcription","event_timestamp":1739537297,"data":{"agent_id":"agent_1","conversation_id":"conv_1",
			"conversation_initiation_client_data":{"dynamic_variables":{"attempt_id":"a","system__x":1}}}}`,
			Webhook{Type: WebhookTranscription, At: at, ConversationID: "conv_1", AgentID: "agent_1", AttemptID: "a"}},
		"failure, Twilio": {`{"type":"call_initiation_failure","event_timestamp":1739537297,"data":{"conversation_id":"conv_1","failure_reason":"no-answer",
			"metadata":{"type":"twilio","body":{"CallSid":"CA1","SipResponseCode":"480"}}}}`,
			Webhook{Type: WebhookFailure, At: at, ConversationID: "conv_1", FailureReason: "no-answer", CallSID: "CA1"}},
		"failure, SIP": {`{"type":"call_initiation_failure","event_timestamp":1739537297,"data":{"conversation_id":"conv_1","failure_reason":"busy",
			"metadata":{"type":"sip","body":{"to_number":13125550100,"sip_status_code":486,"call_sid":"SCL_1"}}}}`,
			Webhook{Type: WebhookFailure, At: at, ConversationID: "conv_1", FailureReason: "busy", CallSID: "SCL_1"}},
		"failure, metadata of another type": {`{"type":"call_initiation_failure","data":{"conversation_id":"conv_1","failure_reason":7,"metadata":[]}}`,
			Webhook{Type: WebhookFailure, ConversationID: "conv_1"}},
		"time as text":         {`{"type":"post_call_transcription","event_timestamp":"soon","data":{"conversation_id":"c"}}`, Webhook{Type: WebhookTranscription, ConversationID: "c"}},
		"time below zero":      {`{"type":"post_call_transcription","event_timestamp":-1,"data":{"conversation_id":"c"}}`, Webhook{Type: WebhookTranscription, ConversationID: "c"}},
		"time out of range":    {`{"type":"post_call_transcription","event_timestamp":1e300,"data":{"conversation_id":"c"}}`, Webhook{Type: WebhookTranscription, ConversationID: "c"}},
		"time with a fraction": {`{"type":"post_call_transcription","event_timestamp":1739537297.9,"data":{"conversation_id":"c"}}`, Webhook{Type: WebhookTranscription, At: at, ConversationID: "c"}},
		"NUL in the id":        {`{"type":"post_call_audio","data":{"conversation_id":"c\u0000"}}`, Webhook{Type: WebhookAudio, ConversationID: "c\ufffd"}},
		"invalid UTF-8":        {"{\"type\":\"post_call_audio\",\"data\":{\"conversation_id\":\"c\xff\"}}", Webhook{Type: WebhookAudio, ConversationID: "c\ufffd"}},
		"unknown type":         {`{"type":"answering_machine_detection","event_timestamp":1739537297,"data":{"verdict":"human"}}`, Webhook{Type: "answering_machine_detection", At: at}},
		"unknown, no data":     {`{"type":"ping"}`, Webhook{Type: "ping"}},
		"unknown, a list":      {`{"type":"ping","data":[1]}`, Webhook{Type: "ping"}},
		"unknown, long":        {`{"type":"` + strings.Repeat("x", 300) + `"}`, Webhook{Type: strings.Repeat("x", 197) + "..."}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := DecodeWebhook([]byte(c.body))
			require.NoError(t, err)
			require.Equal(t, c.body, string(got.Kept), "kept as sent")
			got.Data, got.Kept, got.Notes = nil, nil, nil
			require.Equal(t, c.want, *got)
		})
	}
}

func TestDecodeWebhookRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ body, says string }{
		"empty":               {``, "not valid JSON"},
		"text":                {`conv_secret`, "not valid JSON"},
		"a list":              {`[{"type":"x"}]`, "expected a JSON object, got list"},
		"null":                {`null`, "got null"},
		"cut off":             {`{"type":"post_call_transcription","data":{"conv`, "not valid JSON"},
		"two":                 {`{"type":"x"}{"type":"y"}`, "not valid JSON"},
		"raw NUL":             {"{\"type\":\"x\x00\"}", "not valid JSON"},
		"no type":             {`{"data":{}}`, "required field type is missing"},
		"type null":           {`{"type":null}`, "required field type is missing"},
		"type a number":       {`{"type":7}`, "type is of an unexpected type: number"},
		"type empty":          {`{"type":""}`, "type is empty"},
		"no data":             {`{"type":"post_call_transcription"}`, "data is missing or no object"},
		"data a list":         {`{"type":"call_initiation_failure","data":[]}`, "data is missing or no object"},
		"no conversation":     {`{"type":"post_call_transcription","data":{"agent_id":"conv_secret"}}`, "data.conversation_id is missing"},
		"conversation a list": {`{"type":"post_call_audio","data":{"conversation_id":["conv_secret"]}}`, "data.conversation_id is missing"},
		"conversation huge":   {`{"type":"post_call_audio","data":{"conversation_id":"` + strings.Repeat("x", 201) + `"}}`, "data.conversation_id is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := DecodeWebhook([]byte(c.body))
			require.ErrorContains(t, err, c.says)
			require.NotContains(t, err.Error(), "secret", "nothing of the body is repeated")
		})
	}
}

func TestAudioIsCutOut(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{WebhookAudio, "unredacted_audio"} {
		body := `{"type":"` + kind + `","event_timestamp":1739537297,"data":{"agent_id":"a","conversation_id":"c","full_audio":"` + strings.Repeat("QUJD", 1000) + `"}}`
		w, err := DecodeWebhook([]byte(body))
		require.NoError(t, err)
		require.JSONEq(t, `{"type":"`+kind+`","event_timestamp":1739537297,"data":{"agent_id":"a","conversation_id":"c","full_audio_base64_bytes":4000}}`, string(w.Kept))
		again, err := DecodeWebhook(w.Kept)
		require.NoError(t, err)
		require.Equal(t, "c", again.ConversationID)
		require.Equal(t, w.Kept, again.Kept)
	}
	w, err := DecodeWebhook([]byte(`{"type":"post_call_audio","data":{"conversation_id":"c","full_audio":7}}`))
	require.NoError(t, err)
	require.Contains(t, string(w.Kept), `"full_audio":7`)
}

func TestCheckSignatureHeader(t *testing.T) {
	t.Parallel()
	now := time.Unix(1739537297, 0)
	for name, c := range map[string]struct {
		header string
		want   error
	}{
		"good":              {"t=1739537297,v0=abc", nil},
		"29 minutes":        {"t=1739535557,v0=abc", nil},
		"31 minutes":        {"t=1739535437,v0=abc", ErrSignatureExpired},
		"4 minutes ahead":   {"t=1739537537,v0=abc", nil},
		"6 minutes ahead":   {"t=1739537657,v0=abc", ErrSignatureExpired},
		"missing":           {"", ErrSignatureMalformed},
		"no v0":             {"t=1739537297", ErrSignatureMalformed},
		"no t":              {"v0=abc", ErrSignatureMalformed},
		"two times":         {"t=1739537297,t=1739537298,v0=abc", ErrSignatureMalformed},
		"time with a sign":  {"t=+739537297,v0=abc", ErrSignatureMalformed},
		"time of 13 digits": {"t=1739537297000,v0=abc", ErrSignatureMalformed},
		"too long":          {"t=1739537297,v0=" + strings.Repeat("a", 2000), ErrSignatureMalformed},
	} {
		require.ErrorIs(t, CheckSignatureHeader(c.header, now, Tolerance{}), c.want, name)
	}
	require.ErrorIs(t, CheckSignatureHeader("t=1739537290,v0=abc", now, Tolerance{Past: time.Second}), ErrSignatureExpired)
}

// A decoded webhook must be storable and must decode to the same again.
func FuzzDecodeWebhook(f *testing.F) {
	for _, seed := range []string{
		`{"type":"post_call_transcription","event_timestamp":1739537297,"data":{"conversation_id":"conv_1","transcript":[{"role":"user","time_in_call_secs":1,"message":null}]}}`,
		`{"type":"call_initiation_failure","data":{"conversation_id":"c","failure_reason":"busy","metadata":{"type":"sip","body":{"call_sid":"x"}}}}`,
		`{"type":"post_call_audio","data":{"conversation_id":"c\u0000\\u0000","full_audio":"QUJD"}}`,
		"{\"type\":\"x\xff\",\"data\":{\"full_audio\":\"\xfe\"}}", `{"type":"x","type":"y","data":{"a":1,"a":2}}`, `[]`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		w, err := DecodeWebhook(body)
		if err != nil {
			require.True(t, utf8.ValidString(err.Error()))
			require.NotContains(t, err.Error(), "\x00")
			return
		}
		for _, text := range []string{w.Type, w.ConversationID, w.AgentID, w.AttemptID, w.CallSID, w.FailureReason} {
			require.True(t, utf8.ValidString(text))
			require.NotContains(t, text, "\x00")
		}
		require.NotEmpty(t, w.Type)
		require.LessOrEqual(t, len(w.Type), maxWebhookName)
		require.True(t, !w.Actionable() || w.ConversationID != "")
		require.True(t, json.Valid(w.Kept))
		again, err := DecodeWebhook(w.Kept)
		require.NoError(t, err, "what is kept can be read again")
		require.Equal(t, w.ConversationID, again.ConversationID)
		require.Equal(t, w.At, again.At)
		_, _ = DecodeConversation(w.Data)
	})
}
