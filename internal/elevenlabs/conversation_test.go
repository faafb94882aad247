package elevenlabs

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func fullConversation(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/conversation.json")
	require.NoError(t, err)
	return data
}

// minimal is the least that is a conversation; extra goes in as more fields.
func minimal(extra string) []byte {
	if extra != "" {
		extra = "," + extra
	}
	return []byte(`{"conversation_id":"conv_1","agent_id":"agent_1","status":"initiated","transcript":[],` +
		`"metadata":{"start_time_unix_secs":1,"call_duration_secs":0}` + extra + `}`)
}

func at[T any](v T) *T { return &v }

func TestDecodeConversation(t *testing.T) {
	t.Parallel()
	got, err := DecodeConversation(fullConversation(t))
	require.NoError(t, err)
	require.Equal(t, &Conversation{
		ConversationID: "conv_1", AgentID: "agent_1", AgentName: "Thank-you calls", UserID: "user_7", Status: StatusDone,
		HasAudio: true, HasUserAudio: true,
		Transcript: []TranscriptItem{
			{Role: "agent", Message: at("Hello, this is Henk."), OriginalMessage: at("Hello, this is Henk calling."), Interrupted: true, ID: "item_1"},
			{Role: "user", Message: at("I can give 50 dollars. 🙂"), TimeInCallSecs: 7, SourceMedium: "audio"},
			{
				Role: "agent", TimeInCallSecs: 9, PlatformEvent: "user_turn_timeout",
				ToolCalls: []ToolCall{{RequestID: "r1", ToolName: "end_call", ParamsAsJSON: `{"reason": "done"}`, Called: true, Type: "system"}},
				ToolResults: []ToolResult{{
					RequestID: "r1", ToolName: "end_call", ResultValue: `{"status":"success"}`, Called: true, Type: "system", LatencySecs: at(0.25),
					Result: map[string]any{"result_type": "end_call_success", "tries": json.Number("1")},
				}},
			},
		},
		Metadata: Metadata{
			StartTimeUnixSecs: 1764000000, AcceptedTimeUnixSecs: at(int64(1764000003)), CallDurationSecs: 61, QueueWaitSecs: at(0.5),
			Cost: at(412.0), CostFiat: at(0.08), TerminationReason: "end_call tool was called.", Error: &CallError{Code: 1011, Reason: "internal"},
			Warnings: []string{"late"}, MainLanguage: "en", Timezone: "America/New_York", AuthorizationMethod: "phone", ConversationInitiationSource: "twilio",
			PhoneCall: &PhoneCall{
				Type: "twilio", Direction: "outbound", PhoneNumberID: "phnum_1", AgentNumber: "+14155550100", ExternalNumber: "+14155550123",
				CallSID: "CA1", StreamSID: "MZ1", CallResult: CallAnswered,
			},
		},
		Analysis: &Analysis{
			CallSuccessful: "success", TranscriptSummary: "A pledge of 50 dollars.", CallSummaryTitle: "Pledge", CallSuccessScore: at(0.9),
			EvaluationCriteriaResults: map[string]EvaluationResult{
				"polite": {CriteriaID: "polite", Result: "success", Rationale: "was", Score: at(4.0), MaxScore: at(5.0)},
			},
			DataCollectionResults: map[string]DataCollectionResult{
				"pledge_amount": {DataCollectionID: "pledge_amount", Value: json.Number("50"), Rationale: "said so"},
				"email":         {DataCollectionID: "email"},
				"callback":      {DataCollectionID: "callback", Value: false, Name: "Callback"},
			},
		},
		ClientData: ClientData{UserID: "user_7", DynamicVariables: map[string]any{
			"attempt_id": "0190-attempt", "attempt_no": json.Number("2"), "amount": json.Number("12345678901234567"),
			"vip": true, "company": nil, "system__call_sid": "CA1",
		}},
	}, got)
	require.True(t, got.Ended())
	require.Equal(t, "0190-attempt", got.Variable("attempt_id"))
	require.Equal(t, "12345678901234567", got.Variable("amount"))
	require.Equal(t, "true", got.Variable("vip"))
	require.Empty(t, got.Variable("company"))
	require.Empty(t, got.Variable("absent"))
}

// TestConversationRoundTrip: what is encoded decodes to the same, so that stored
// copies and simulators can use the type.
func TestConversationRoundTrip(t *testing.T) {
	t.Parallel()
	first, err := DecodeConversation(fullConversation(t))
	require.NoError(t, err)
	encoded, err := json.Marshal(first)
	require.NoError(t, err)
	second, err := DecodeConversation(encoded)
	require.NoError(t, err)
	require.Equal(t, first, second)
}

func TestDecodeConversationTolerates(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		extra string
		notes []string
		check func(*testing.T, *Conversation)
	}{
		"nothing more":    {"", nil, func(t *testing.T, c *Conversation) { require.Nil(t, c.Analysis); require.False(t, c.Ended()) }},
		"nulls":           {`"analysis":null,"user_id":null,"has_audio":null,"conversation_initiation_client_data":null`, nil, nil},
		"unknown status":  {`"status":"paused"`, nil, func(t *testing.T, c *Conversation) { require.Equal(t, "paused", c.Status); require.False(t, c.Ended()) }},
		"analysis string": {`"analysis":"good"`, []string{"analysis is of an unexpected type: string, left out"}, func(t *testing.T, c *Conversation) { require.Nil(t, c.Analysis) }},
		"cost string": {`"metadata":{"start_time_unix_secs":1,"call_duration_secs":2,"cost":"12","phone_call":[],"error":7}`, []string{
			"metadata.cost is of an unexpected type: string, left out",
			"metadata.error is of an unexpected type: number, left out",
			"metadata.phone_call is of an unexpected type: list, left out",
		}, func(t *testing.T, c *Conversation) {
			require.Nil(t, c.Metadata.Cost)
			require.Nil(t, c.Metadata.PhoneCall)
			require.Nil(t, c.Metadata.Error)
			require.Equal(t, 2, c.Metadata.CallDurationSecs)
		}},
		"odd turn": {`"transcript":[{"role":"user","time_in_call_secs":1,"message":{"text":"x"},"tool_calls":"none","tool_results":[1,{"tool_name":5}]}]`, []string{
			"transcript[0].message is of an unexpected type: object, left out",
			"transcript[0].tool_calls is of an unexpected type: string, left out",
			"transcript[0].tool_results[0] is of an unexpected type: number, left out",
			"transcript[0].tool_results[1].tool_name is of an unexpected type: number, left out",
		}, func(t *testing.T, c *Conversation) {
			require.Nil(t, c.Transcript[0].Message)
			require.Len(t, c.Transcript[0].ToolResults, 1)
		}},
		"odd results": {`"analysis":{"transcript_summary":"s","data_collection_results":{"+14155550123":"x"},"evaluation_criteria_results":[]}`, []string{
			"analysis.data_collection_results.* is of an unexpected type: string, left out",
			"analysis.evaluation_criteria_results is of an unexpected type: list, left out",
		}, func(t *testing.T, c *Conversation) { require.Equal(t, "s", c.Analysis.TranscriptSummary) }},
		"variables list": {`"conversation_initiation_client_data":{"dynamic_variables":[],"user_id":"u"}`, []string{
			"conversation_initiation_client_data.dynamic_variables is of an unexpected type: list, left out",
		}, func(t *testing.T, c *Conversation) { require.Equal(t, "u", c.UserID) }},
		"no transcript": {`"transcript":null`, nil, func(t *testing.T, c *Conversation) { require.Nil(t, c.Transcript) }},
		"huge cost": {`"metadata":{"start_time_unix_secs":1e3,"call_duration_secs":61.9,"cost":1e999}`, []string{"metadata.cost is of an unexpected type: number, left out"}, func(t *testing.T, c *Conversation) {
			require.EqualValues(t, 1000, c.Metadata.StartTimeUnixSecs)
			require.Equal(t, 61, c.Metadata.CallDurationSecs)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := DecodeConversation(minimal(test.extra)) // the last of two equal keys counts
			require.NoError(t, err)
			require.ElementsMatch(t, test.notes, c.Notes) // those of a map come in any order
			if test.check != nil {
				test.check(t, c)
			}
		})
	}
}

func TestDecodeConversationRefuses(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		``:                                      "not valid JSON",
		`null`:                                  "expected a JSON object, got null",
		`[]`:                                    "expected a JSON object, got list",
		`"+14155550123"`:                        "expected a JSON object, got string",
		`14155550123`:                           "expected a JSON object, got number",
		`{"conversation_id"`:                    "not valid JSON",
		`{}`:                                    "required field conversation_id is missing",
		string(minimal(`"conversation_id":""`)): "required field conversation_id is empty",
		string(minimal(`"conversation_id":14155550123`)):                             "required field conversation_id is of an unexpected type: number",
		string(minimal(`"agent_id":null`)):                                           "required field agent_id is missing",
		string(minimal(`"status":{}`)):                                               "required field status is of an unexpected type: object",
		string(minimal(`"metadata":"x"`)):                                            "required field metadata is missing or no object",
		string(minimal(`"metadata":{"call_duration_secs":1}`)):                       "required field metadata.start_time_unix_secs is missing",
		string(minimal(`"metadata":{"start_time_unix_secs":"1"}`)):                   "required field metadata.start_time_unix_secs is of an unexpected type: string",
		string(minimal(`"metadata":{"start_time_unix_secs":1e300}`)):                 "required field metadata.start_time_unix_secs is of an unexpected type: number",
		string(minimal(`"metadata":{"start_time_unix_secs":1}`)):                     "required field metadata.call_duration_secs is missing",
		string(minimal(`"transcript":"hello"`)):                                      "required field transcript is of an unexpected type: string",
		string(minimal(`"transcript":[{"role":"user","time_in_call_secs":1},null]`)): "required field transcript[1] is of an unexpected type: null",
		string(minimal(`"transcript":[{"role":"user"}]`)):                            "required field transcript[0].time_in_call_secs is missing",
		string(minimal(`"transcript":[{"role":7,"time_in_call_secs":1}]`)):           "required field transcript[0].role is of an unexpected type: number",
	} {
		_, err := DecodeConversation([]byte(body))
		require.ErrorContains(t, err, want, body)
		require.NotContains(t, err.Error(), "4155550123", body)
	}
}

func TestDecodeConversationCleansText(t *testing.T) {
	t.Parallel()
	c, err := DecodeConversation(minimal(`"user_id":"a\u0000b","agent_name":"a\\u0000b\\\u0000","status":"x` + "\xff" + `",` +
		`"conversation_initiation_client_data":{"dynamic_variables":{"k\u0000":"v\u0000","s":"\ud800"}},` +
		`"analysis":{"data_collection_results":{"x":{"value":{"deep\u0000":["\u0000"]}}}}`))
	require.NoError(t, err)
	require.Equal(t, "a\uFFFDb", c.UserID)
	require.Equal(t, `a\u0000b\`+"\uFFFD", c.AgentName, "an escaped backslash begins no escape")
	require.Equal(t, "x\uFFFD", c.Status)
	require.Equal(t, map[string]any{"k\uFFFD": "v\uFFFD", "s": "\uFFFD"}, c.ClientData.DynamicVariables)
	require.Equal(t, map[string]any{"deep\uFFFD": []any{"\uFFFD"}}, c.Analysis.DataCollectionResults["x"].Value)
}

func TestNotesAreBounded(t *testing.T) {
	t.Parallel()
	turn := `{"role":"user","time_in_call_secs":1,"message":7}`
	c, err := DecodeConversation(minimal(`"transcript":[` + strings.Repeat(turn+",", 99) + turn + `]`))
	require.NoError(t, err)
	require.Len(t, c.Transcript, 100)
	require.Len(t, c.Notes, maxNotes)
}

func TestConversationGet(t *testing.T) {
	t.Parallel()
	var path string
	base, requests := serve(t, func(w http.ResponseWriter, r *http.Request) {
		path = r.URL.EscapedPath()
		_, _ = w.Write(minimal(`"conversation_id":"a/b c?d"`))
	})
	c := newClient(t, base)
	got, err := c.Conversation(context.Background(), "a/b c?d")
	require.NoError(t, err)
	require.Equal(t, "a/b c?d", got.ConversationID)
	require.Equal(t, "/v1/convai/conversations/a%2Fb%20c%3Fd", path)
	_, err = c.Conversation(context.Background(), "conv_2")
	require.ErrorContains(t, err, "another conversation")
	for _, id := range []string{"", ".", ".."} {
		_, err = c.Conversation(context.Background(), id)
		require.Equal(t, KindRefused, AsError(err).Kind)
	}
	require.EqualValues(t, 2, requests.Load())
}
