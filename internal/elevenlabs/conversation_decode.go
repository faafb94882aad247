package elevenlabs

import (
	"context"
	"errors"
	"fmt"
	"net/url"
)

// Conversation reads one conversation. KindNotFound shortly after a call was
// placed may only mean that the provider's index lags.
func (c *Client) Conversation(ctx context.Context, id string) (*Conversation, error) {
	const op = "get conversation"
	if err := checkID(op, "conversation", id); err != nil {
		return nil, err
	}
	var conversation *Conversation
	err := c.get(ctx, op, "/v1/convai/conversations/"+url.PathEscape(id), nil, limitDocument, func(body []byte) (err error) {
		conversation, err = DecodeConversation(body)
		if err == nil && conversation.ConversationID != id {
			err = errors.New("it is another conversation than the one asked for")
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return conversation, nil
}

// checkID refuses ids that would make another path.
func checkID(op, what, id string) error {
	if id == "" || id == "." || id == ".." {
		return &Error{Op: op, Kind: KindRefused, Fault: FaultAgent, Message: "not sent: the " + what + " id is empty or not an id"}
	}
	return nil
}

// DecodeConversation reads a conversation from an API answer or from the data of
// a webhook. An error means that it is no JSON object or that one of these is
// missing or of the wrong type: conversation_id, agent_id, status, metadata with
// its start time and duration, the transcript's being a list, and role and
// time_in_call_secs of its items. All else is optional, see Conversation.
func DecodeConversation(data []byte) (*Conversation, error) {
	log := &problems{}
	o, err := readObject(data, log)
	if err != nil {
		return nil, fmt.Errorf("decoding conversation: %w", err)
	}
	c := &Conversation{}
	required(o, "conversation_id", &c.ConversationID)
	required(o, "agent_id", &c.AgentID)
	required(o, "status", &c.Status)
	optional(o, "agent_name", &c.AgentName)
	optional(o, "user_id", &c.UserID)
	optional(o, "has_audio", &c.HasAudio)
	optional(o, "has_user_audio", &c.HasUserAudio)
	optional(o, "has_response_audio", &c.HasResponseAudio)
	c.Transcript = readTranscript(o)
	if m := o.child("metadata"); m != nil {
		c.Metadata = readMetadata(m)
	} else {
		o.fail("metadata", "is missing or no object")
	}
	if a := o.child("analysis"); a != nil {
		c.Analysis = readAnalysis(a)
	}
	if d := o.child("conversation_initiation_client_data"); d != nil {
		optional(d, "dynamic_variables", &c.ClientData.DynamicVariables)
		optional(d, "user_id", &c.ClientData.UserID)
	}
	if c.UserID == "" {
		c.UserID = c.ClientData.UserID
	}
	if c.ConversationID == "" {
		o.fail("conversation_id", "is empty")
	}
	if log.err != nil {
		return nil, fmt.Errorf("decoding conversation: %w", log.err)
	}
	c.Notes = log.notes
	return c, nil
}

func readTranscript(o *object) []TranscriptItem {
	items := o.list("transcript", o.fail) // a lost turn would renumber the rest
	if items == nil {
		return nil
	}
	transcript := make([]TranscriptItem, len(items))
	for i, item := range items {
		t := &transcript[i]
		required(item, "role", &t.Role)
		required(item, "time_in_call_secs", &t.TimeInCallSecs)
		optional(item, "message", &t.Message)
		optional(item, "original_message", &t.OriginalMessage)
		optional(item, "interrupted", &t.Interrupted)
		optional(item, "platform_event", &t.PlatformEvent)
		optional(item, "source_medium", &t.SourceMedium)
		optional(item, "id", &t.ID)
		t.ToolCalls = readToolCalls(item)
		t.ToolResults = readToolResults(item)
	}
	return transcript
}

func readToolCalls(item *object) []ToolCall {
	var calls []ToolCall
	for _, o := range item.list("tool_calls", item.noteWrong) {
		var t ToolCall
		optional(o, "request_id", &t.RequestID)
		optional(o, "tool_name", &t.ToolName)
		optional(o, "params_as_json", &t.ParamsAsJSON)
		optional(o, "tool_has_been_called", &t.Called)
		optional(o, "type", &t.Type)
		calls = append(calls, t)
	}
	return calls
}

func readToolResults(item *object) []ToolResult {
	var results []ToolResult
	for _, o := range item.list("tool_results", item.noteWrong) {
		var t ToolResult
		optional(o, "request_id", &t.RequestID)
		optional(o, "tool_name", &t.ToolName)
		optional(o, "result_value", &t.ResultValue)
		optional(o, "is_error", &t.IsError)
		optional(o, "tool_has_been_called", &t.Called)
		optional(o, "type", &t.Type)
		optional(o, "is_blocked", &t.Blocked)
		optional(o, "tool_latency_secs", &t.LatencySecs)
		optional(o, "error_type", &t.ErrorType)
		optional(o, "result", &t.Result)
		results = append(results, t)
	}
	return results
}

func readMetadata(o *object) Metadata {
	var m Metadata
	required(o, "start_time_unix_secs", &m.StartTimeUnixSecs)
	required(o, "call_duration_secs", &m.CallDurationSecs)
	optional(o, "accepted_time_unix_secs", &m.AcceptedTimeUnixSecs)
	optional(o, "queue_wait_secs", &m.QueueWaitSecs)
	optional(o, "cost", &m.Cost)
	optional(o, "cost_fiat", &m.CostFiat)
	optional(o, "termination_reason", &m.TerminationReason)
	optional(o, "warnings", &m.Warnings)
	optional(o, "main_language", &m.MainLanguage)
	optional(o, "timezone", &m.Timezone)
	optional(o, "authorization_method", &m.AuthorizationMethod)
	optional(o, "conversation_initiation_source", &m.ConversationInitiationSource)
	if e := o.child("error"); e != nil {
		m.Error = &CallError{}
		optional(e, "code", &m.Error.Code)
		optional(e, "reason", &m.Error.Reason)
	}
	if p := o.child("phone_call"); p != nil {
		m.PhoneCall = readPhoneCall(p)
	}
	return m
}

func readPhoneCall(o *object) *PhoneCall {
	p := &PhoneCall{}
	optional(o, "type", &p.Type)
	optional(o, "direction", &p.Direction)
	optional(o, "phone_number_id", &p.PhoneNumberID)
	optional(o, "agent_number", &p.AgentNumber)
	optional(o, "external_number", &p.ExternalNumber)
	optional(o, "call_sid", &p.CallSID)
	optional(o, "stream_sid", &p.StreamSID)
	optional(o, "call_id", &p.CallID)
	optional(o, "call_result", &p.CallResult)
	return p
}

func readAnalysis(o *object) *Analysis {
	a := &Analysis{}
	optional(o, "call_successful", &a.CallSuccessful)
	optional(o, "transcript_summary", &a.TranscriptSummary)
	optional(o, "call_summary_title", &a.CallSummaryTitle)
	optional(o, "call_success_score", &a.CallSuccessScore)
	a.EvaluationCriteriaResults = eachField(o.child("evaluation_criteria_results"), func(item *object) (r EvaluationResult) {
		optional(item, "criteria_id", &r.CriteriaID)
		optional(item, "result", &r.Result)
		optional(item, "rationale", &r.Rationale)
		optional(item, "score", &r.Score)
		optional(item, "max_score", &r.MaxScore)
		return r
	})
	a.DataCollectionResults = eachField(o.child("data_collection_results"), func(item *object) (r DataCollectionResult) {
		optional(item, "data_collection_id", &r.DataCollectionID)
		optional(item, "value", &r.Value)
		optional(item, "rationale", &r.Rationale)
		optional(item, "name", &r.Name)
		return r
	})
	return a
}

// eachField reads an object whose keys are ids. Notes say "*" for the id, which
// is the customer's text.
func eachField[T any](o *object, read func(*object) T) map[string]T {
	if o == nil {
		return nil
	}
	out := make(map[string]T, len(o.fields))
	for id, raw := range o.fields {
		if fields, err := parseFields(raw); err == nil {
			out[id] = read(&object{path: o.name("*"), fields: fields, log: o.log})
		} else {
			o.noteWrong("*", unexpected(raw))
		}
	}
	return out
}
