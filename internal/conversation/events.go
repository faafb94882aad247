package conversation

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"hash"
	"io"
	"strings"
	"time"

	"github.com/callhenk/henk-worker/internal/elevenlabs"
)

const (
	roleAgent = "agent"
	roleUser  = "user"
)

// event is a row of conversation_events. Its sequence number is its place: 0 is the start of the call, item i of the
// transcript is i+1, and the end of the call comes after the last item, so that numbers stay while a transcript grows.
type event struct {
	kind        string // conversation_event_type
	agent, user string
	metadata    string // JSON
	at          time.Time
}

// eventMetadata is what a turn has beside its words.
type eventMetadata struct {
	Seconds       *int         `json:"time_in_call_secs,omitempty"`
	Role          string       `json:"role,omitempty"`    // when it is neither agent nor user,
	Message       string       `json:"message,omitempty"` // and then its words
	Interrupted   bool         `json:"interrupted,omitempty"`
	Original      string       `json:"original_message,omitempty"` // what the agent meant to say
	ToolCalls     []toolCall   `json:"tool_calls,omitempty"`
	ToolResults   []toolResult `json:"tool_results,omitempty"`
	PlatformEvent string       `json:"platform_event,omitempty"`
	SourceMedium  string       `json:"source_medium,omitempty"`
	ItemID        string       `json:"item_id,omitempty"`

	// of the end of the call
	CallResult  string `json:"call_result,omitempty"`
	Termination string `json:"termination_reason,omitempty"`
	Duration    *int   `json:"duration_seconds,omitempty"`
}

type toolCall struct {
	RequestID string `json:"request_id,omitempty"`
	Name      string `json:"tool_name"`
	Params    string `json:"params,omitempty"`
	Type      string `json:"type,omitempty"`
	Called    bool   `json:"called"`
}

type toolResult struct {
	RequestID string   `json:"request_id,omitempty"`
	Name      string   `json:"tool_name"`
	Value     string   `json:"result,omitempty"`
	Type      string   `json:"type,omitempty"`
	Error     bool     `json:"is_error,omitempty"`
	ErrorType string   `json:"error_type,omitempty"`
	Latency   *float64 `json:"latency_seconds,omitempty"`
}

// events renders a body. final adds the end of the call.
func events(b *elevenlabs.Conversation, t times, final bool) []event {
	list := make([]event, 0, len(b.Transcript)+2)
	list = append(list, event{kind: "call_started", metadata: "{}", at: t.start})
	for i := range b.Transcript {
		list = append(list, turn(&b.Transcript[i], t.start))
	}
	if final {
		m := eventMetadata{Termination: clean(b.Metadata.TerminationReason, maxName), CallResult: clean(callResult(b), maxName)}
		if t.ended {
			seconds := int(t.seconds)
			m.Duration = &seconds
		}
		list = append(list, event{kind: "call_ended", metadata: encode(m), at: t.end})
	}
	return list
}

// failureEvents are those of a call of which only the failure is known, as the poll would have told them.
func failureEvents(reason string, t times) []event {
	return []event{
		{kind: "call_started", metadata: "{}", at: t.start},
		{kind: "call_ended", metadata: encode(eventMetadata{CallResult: clean(reason, maxName)}), at: t.end},
	}
}

func turn(item *elevenlabs.TranscriptItem, start time.Time) event {
	seconds := min(max(item.TimeInCallSecs, 0), maxCallSeconds)
	m := eventMetadata{
		Seconds: &seconds, Interrupted: item.Interrupted, Original: clean(deref(item.OriginalMessage), maxMessage),
		PlatformEvent: clean(item.PlatformEvent, maxName), SourceMedium: clean(item.SourceMedium, maxName), ItemID: clean(item.ID, maxName),
	}
	for _, c := range item.ToolCalls[:min(len(item.ToolCalls), maxTools)] {
		m.ToolCalls = append(m.ToolCalls, toolCall{RequestID: clean(c.RequestID, maxName), Name: clean(c.ToolName, maxName),
			Params: clean(c.ParamsAsJSON, maxToolText), Type: clean(c.Type, maxName), Called: c.Called})
	}
	for _, r := range item.ToolResults[:min(len(item.ToolResults), maxTools)] {
		value := r.ResultValue
		if value == "" && r.Result != nil {
			value = encode(r.Result)
		}
		m.ToolResults = append(m.ToolResults, toolResult{RequestID: clean(r.RequestID, maxName), Name: clean(r.ToolName, maxName),
			Value: clean(value, maxToolText), Type: clean(r.Type, maxName), Error: r.IsError, ErrorType: clean(r.ErrorType, maxName), Latency: r.LatencySecs})
	}
	e := event{kind: "response_processed", at: start.Add(time.Duration(seconds) * time.Second)}
	text := clean(deref(item.Message), maxMessage)
	switch item.Role {
	case roleAgent:
		e.agent = text
	case roleUser:
		e.kind, e.user = "speech_detected", text
	default:
		m.Role, m.Message = clean(item.Role, maxName), text
	}
	e.metadata = encode(m)
	return e
}

// encode gives JSON that jsonb takes; "{}" for what cannot be encoded, such as a latency that is not a number.
func encode(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return "{}"
	}
	return string(data)
}

// eventChange is what has to be written so that the stored events equal list.
type eventChange struct {
	list     []event
	from     int  // first place to write
	surplus  bool // places from len(list) on are to be removed
	existing int  // events that were there before
	digest   string
}

// compareEvents finds what is new. What was written before is known by its number and its digest, so that a poll that
// brings nothing new, or only adds, costs no reading; a transcript that was corrected is written again as a whole, and
// the database skips the rows that are equal. nil means that nothing is to be written.
func compareEvents(list []event, stored int, storedDigest []byte, final bool) *eventChange {
	if !final && len(list) < stored {
		return nil // an older answer than the one taken in
	}
	h, same := sha256.New(), stored == 0
	for i := range list {
		digest(h, &list[i])
		if i+1 == stored {
			same = string(h.Sum(nil)) == string(storedDigest)
		}
	}
	c := &eventChange{list: list, existing: stored, surplus: len(list) < stored, digest: hex.EncodeToString(h.Sum(nil))}
	if same {
		c.from = stored
	}
	if c.from == len(list) && !c.surplus {
		return nil
	}
	return c
}

func digest(h hash.Hash, e *event) {
	for _, s := range []string{e.kind, e.agent, e.user, e.metadata} {
		var n [4]byte
		binary.BigEndian.PutUint32(n[:], uint32(len(s)))
		h.Write(n[:])
		_, _ = io.WriteString(h, s) // a hash never fails
	}
	var at [8]byte
	binary.BigEndian.PutUint64(at[:], uint64(e.at.UnixMicro()))
	h.Write(at[:])
}

// transcript is the conversation as text, a line a turn.
func transcript(b *elevenlabs.Conversation) string {
	var out strings.Builder
	for _, item := range b.Transcript {
		text := clean(deref(item.Message), maxMessage)
		if strings.TrimSpace(text) == "" {
			continue
		}
		name := "Agent"
		switch item.Role {
		case roleAgent:
		case roleUser:
			name = "Donor"
		default:
			name = clean(item.Role, maxName)
		}
		if out.Len() > 0 {
			out.WriteByte('\n')
		}
		out.WriteString(name + ": " + text)
		if out.Len() > maxTranscript {
			break
		}
	}
	return cut(out.String(), maxTranscript)
}
