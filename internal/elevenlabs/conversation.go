package elevenlabs

import (
	"fmt"
	"log/slog"
)

// Status of a conversation. Others may come: treat them as still under way.
const (
	StatusInitiated  = "initiated"
	StatusInProgress = "in-progress"
	StatusProcessing = "processing"
	StatusDone       = "done"
	StatusFailed     = "failed"
)

// CallResult of a phone call, the provider's best single outcome field; "" on
// old records and until it is known. Others may come.
const (
	CallAnswered  = "answered"
	CallVoicemail = "voicemail"
	CallBusy      = "busy"
	CallNoAnswer  = "no_answer"
	CallFailed    = "failed"
)

// Conversation is the body of GET /v1/convai/conversations/{id} and the data of
// a post_call_transcription webhook. Optional fields are zero or nil when absent,
// null or of an unexpected type; the last case leaves a line in Notes. Strings
// are valid UTF-8 without NULs, so PostgreSQL takes them. Numbers inside an `any`
// are json.Number.
type Conversation struct {
	ConversationID   string           `json:"conversation_id"`
	AgentID          string           `json:"agent_id"`
	AgentName        string           `json:"agent_name,omitempty"`
	UserID           string           `json:"user_id,omitempty"` // else that of ClientData
	Status           string           `json:"status"`
	Transcript       []TranscriptItem `json:"transcript"` // nil: absent, as in webhooks that leave it out
	Metadata         Metadata         `json:"metadata"`
	Analysis         *Analysis        `json:"analysis,omitempty"` // nil until done
	ClientData       ClientData       `json:"conversation_initiation_client_data"`
	HasAudio         bool             `json:"has_audio"`
	HasUserAudio     bool             `json:"has_user_audio"`
	HasResponseAudio bool             `json:"has_response_audio"`
	Notes            []string         `json:"-"` // what did not fit, at most 20; names and types, no values
}

// Ended tells whether the provider will not change the conversation any more.
func (c *Conversation) Ended() bool { return c.Status == StatusDone || c.Status == StatusFailed }

// Variable gives a dynamic variable of the call as text; "" when absent or null.
func (c *Conversation) Variable(name string) string {
	switch v := c.ClientData.DynamicVariables[name].(type) {
	case nil:
		return ""
	case string:
		return v
	default:
		return fmt.Sprint(v)
	}
}

// LogValue keeps what was said, and to whom, out of slog.
func (c *Conversation) LogValue() slog.Value {
	return slog.GroupValue(slog.String("conversation_id", c.ConversationID), slog.String("status", c.Status))
}

// TranscriptItem is one turn. Role is "user" or "agent"; Message is nil for a
// pure tool turn.
type TranscriptItem struct {
	Role            string       `json:"role"`
	Message         *string      `json:"message"`
	OriginalMessage *string      `json:"original_message,omitempty"`
	TimeInCallSecs  int          `json:"time_in_call_secs"`
	Interrupted     bool         `json:"interrupted"`
	ToolCalls       []ToolCall   `json:"tool_calls,omitempty"`
	ToolResults     []ToolResult `json:"tool_results,omitempty"`
	PlatformEvent   string       `json:"platform_event,omitempty"`
	SourceMedium    string       `json:"source_medium,omitempty"`
	ID              string       `json:"id,omitempty"`
}

// ToolCall is a tool that the agent asked for. ParamsAsJSON is JSON in a string.
type ToolCall struct {
	RequestID    string `json:"request_id"`
	ToolName     string `json:"tool_name"`
	ParamsAsJSON string `json:"params_as_json"`
	Called       bool   `json:"tool_has_been_called"`
	Type         string `json:"type,omitempty"`
}

// ToolResult is what a tool gave back. Result is set for type "system", such as
// voicemail_detection and end_call.
type ToolResult struct {
	RequestID   string   `json:"request_id"`
	ToolName    string   `json:"tool_name"`
	ResultValue string   `json:"result_value"`
	IsError     bool     `json:"is_error"`
	Called      bool     `json:"tool_has_been_called"`
	Type        string   `json:"type,omitempty"`
	Blocked     bool     `json:"is_blocked,omitempty"`
	LatencySecs *float64 `json:"tool_latency_secs,omitempty"`
	ErrorType   string   `json:"error_type,omitempty"`
	Result      any      `json:"result,omitempty"`
}

// Metadata is about the call as such. Times are unix seconds.
type Metadata struct {
	StartTimeUnixSecs            int64      `json:"start_time_unix_secs"`
	AcceptedTimeUnixSecs         *int64     `json:"accepted_time_unix_secs,omitempty"`
	CallDurationSecs             int        `json:"call_duration_secs"`
	QueueWaitSecs                *float64   `json:"queue_wait_secs,omitempty"`
	Cost                         *float64   `json:"cost,omitempty"`      // credits
	CostFiat                     *float64   `json:"cost_fiat,omitempty"` // US dollars
	TerminationReason            string     `json:"termination_reason,omitempty"`
	Error                        *CallError `json:"error,omitempty"`
	Warnings                     []string   `json:"warnings,omitempty"`
	MainLanguage                 string     `json:"main_language,omitempty"`
	Timezone                     string     `json:"timezone,omitempty"`
	AuthorizationMethod          string     `json:"authorization_method,omitempty"`
	ConversationInitiationSource string     `json:"conversation_initiation_source,omitempty"`
	PhoneCall                    *PhoneCall `json:"phone_call,omitempty"`
}

// CallError is why the provider gave up on a conversation.
type CallError struct {
	Code   int    `json:"code"`
	Reason string `json:"reason,omitempty"`
}

// PhoneCall is the telephony side. Type is twilio, exotel or sip_trunking.
type PhoneCall struct {
	Type           string `json:"type"`
	Direction      string `json:"direction"` // inbound or outbound
	PhoneNumberID  string `json:"phone_number_id"`
	AgentNumber    string `json:"agent_number"`
	ExternalNumber string `json:"external_number"`
	CallSID        string `json:"call_sid"`
	StreamSID      string `json:"stream_sid,omitempty"`
	CallID         string `json:"call_id,omitempty"`     // sip_trunking only
	CallResult     string `json:"call_result,omitempty"` // see CallAnswered and the like
}

// Analysis is the provider's own judgement, there when the status is done.
type Analysis struct {
	CallSuccessful            string                          `json:"call_successful"` // success, failure, unknown
	TranscriptSummary         string                          `json:"transcript_summary"`
	CallSummaryTitle          string                          `json:"call_summary_title,omitempty"`
	CallSuccessScore          *float64                        `json:"call_success_score,omitempty"`
	EvaluationCriteriaResults map[string]EvaluationResult     `json:"evaluation_criteria_results,omitempty"`
	DataCollectionResults     map[string]DataCollectionResult `json:"data_collection_results,omitempty"`
}

// EvaluationResult judges one criterion of the agent.
type EvaluationResult struct {
	CriteriaID string   `json:"criteria_id"`
	Result     string   `json:"result"` // success, failure, unknown
	Rationale  string   `json:"rationale"`
	Score      *float64 `json:"score,omitempty"`
	MaxScore   *float64 `json:"max_score,omitempty"`
}

// DataCollectionResult is one value that the agent was told to collect. Value is
// nil, string, bool, json.Number, []any or map[string]any.
type DataCollectionResult struct {
	DataCollectionID string `json:"data_collection_id"`
	Value            any    `json:"value"`
	Rationale        string `json:"rationale"`
	Name             string `json:"name,omitempty"`
}

// ClientData echoes what the call was started with. DynamicVariables also holds
// the provider's own system__ ones.
type ClientData struct {
	DynamicVariables map[string]any `json:"dynamic_variables,omitempty"`
	UserID           string         `json:"user_id,omitempty"`
}
