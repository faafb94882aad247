package elevenlabssim

import (
	"strconv"
	"strings"
)

// template is one message as JSON text with holes; a piece with a key is a hole.
type template []piece

type piece struct{ text, key string }

const holeAgentID = "agent_id()" // not a variable: the id of the call's agent

// fallbacks fill holes that the call's variables do not.
var fallbacks = map[string]string{"donor_name": "there", "campaign_name": "our campaign"}

// compile renders each message once; only the holes differ between calls.
func compile(list []Message) []template {
	out := make([]template, len(list))
	for i, m := range list {
		out[i] = split(string(m.append(nil, i)))
	}
	return out
}

func split(text string) (t template) {
	for text != "" {
		before, rest, hole := strings.Cut(text, "{{")
		t = append(t, piece{text: before})
		if !hole {
			break
		}
		var key string
		key, text, _ = strings.Cut(rest, "}}")
		t = append(t, piece{key: key})
	}
	return t
}

func (m *Message) append(b []byte, index int) []byte {
	b = append(append(b, `{"role":"`...), m.Role...)
	b = append(b, `","agent_metadata":`...)
	if m.Role == "agent" {
		b = append(b, `{"agent_id":"{{`+holeAgentID+`}}","branch_id":null,"workflow_node_id":null,"version_id":null}`...)
	} else {
		b = append(b, "null"...)
	}
	b = append(b, `,"message":`...)
	if m.Tool != "" {
		b = append(b, "null"...)
	} else {
		b = appendQuoted(b, m.Text)
	}
	b = append(b, `,"multivoice_message":null,"tool_calls":[`...)
	if m.Tool != "" {
		b = m.appendTool(b, index)
	} else {
		b = append(b, `],"tool_results":[`...)
	}
	b = append(b, `],"feedback":null,"llm_override":null,"time_in_call_secs":`...)
	b = strconv.AppendInt(b, int64(m.AtSecs), 10)
	b = append(b, `,"conversation_turn_metrics":null,"rag_retrieval_info":null,"llm_usage":null,"interrupted":`...)
	b = strconv.AppendBool(b, strings.HasSuffix(m.Text, "--"))
	return append(b, `,"original_message":null,"source_medium":null}`...)
}

func (m *Message) appendTool(b []byte, index int) []byte {
	kind := "webhook"
	if m.Tool == "end_call" || m.Tool == "voicemail_detection" {
		kind = "system"
	}
	head := `{"type":"` + kind + `","request_id":"req_` + strconv.Itoa(index) + `","tool_name":` + string(quoted(m.Tool))
	b = append(append(append(b, head...), `,"params_as_json":`...), quoted(m.ToolParams)...)
	b = append(append(b, `,"tool_has_been_called":true,"tool_details":null}],"tool_results":[`...), head...)
	b = append(append(b, `,"result_value":`...), quoted(m.ToolResult)...)
	return append(b, `,"is_error":false,"tool_has_been_called":true,"tool_latency_secs":0.4}`...)
}
