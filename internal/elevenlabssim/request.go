package elevenlabssim

import (
	"bytes"
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// parseCallRequest validates a body as the API's schema does and answers 422 with every issue at once. The variables go into scratch.
func parseCallRequest(body []byte, scratch []member) (req callRequest, refused *apiError) {
	if !utf8.Valid(body) {
		return req, errBodyEncoding
	}
	if !json.Valid(body) {
		return req, invalid(malformed(body))
	}
	body = bytes.TrimSpace(body)
	if body[0] != '{' {
		return req, invalid(notObject(body, "body"))
	}
	req.members = scratch[:0]
	v := validation{req: &req, body: body}
	v.run()
	if len(v.issues) > 0 {
		return req, invalid(v.issues...)
	}
	return req, nil
}

func malformed(body []byte) issue {
	at, reason := len(body), "unexpected end of JSON input"
	var syntax *json.SyntaxError
	if err := json.Unmarshal(body, new(json.RawMessage)); errors.As(err, &syntax) {
		at, reason = int(syntax.Offset), syntax.Error()
	}
	return issue{Type: "json_invalid", Loc: []any{"body", at}, Msg: "JSON decode error", Input: raw([]byte("{}")), Ctx: map[string]string{"error": reason}}
}

func notObject(value []byte, loc ...any) issue {
	return issue{Type: "model_attributes_type", Loc: loc, Msg: "Input should be a valid dictionary or object to extract fields from", Input: raw(value)}
}

type validation struct {
	req    *callRequest
	body   []byte
	issues []issue
}

func (v *validation) run() {
	var agent, phone, to, data, telephony []byte
	for key, value := range members(v.body) {
		switch string(key) {
		case "agent_id":
			agent = value
		case "agent_phone_number_id":
			phone = value
		case "to_number":
			to = value
		case "conversation_initiation_client_data":
			data = value
		case "telephony_call_config":
			telephony = value
		case "call_recording_enabled":
			if c := value[0]; c != 't' && c != 'f' && c != 'n' {
				v.issues = append(v.issues, issue{Type: "bool_type", Loc: []any{"body", "call_recording_enabled"}, Msg: "Input should be a valid boolean", Input: raw(value)})
			}
		}
	}
	v.req.agentID = v.required("agent_id", agent)
	v.req.phoneID = v.required("agent_phone_number_id", phone)
	v.req.to = v.required("to_number", to)
	if telephony != nil && !isNull(telephony) {
		v.telephony(telephony)
	}
	if data != nil && !isNull(data) {
		v.clientData(data)
	}
}

func (v *validation) required(name string, value []byte) []byte {
	switch {
	case value == nil:
		v.issues = append(v.issues, issue{Type: "missing", Loc: []any{"body", name}, Msg: "Field required", Input: raw(v.body)})
	case value[0] != '"':
		v.notString(value, "body", name)
	default:
		return unquote(value)
	}
	return nil
}

func (v *validation) notString(value []byte, loc ...any) {
	v.issues = append(v.issues, issue{Type: "string_type", Loc: loc, Msg: "Input should be a valid string", Input: raw(value)})
}

func (v *validation) telephony(value []byte) {
	if value[0] != '{' {
		v.issues = append(v.issues, notObject(value, "body", "telephony_call_config"))
		return
	}
	for key, val := range members(value) {
		if string(key) != "ringing_timeout_secs" || isNull(val) {
			continue
		}
		secs, ok := parseInt(val)
		if !ok || secs < 1 {
			v.issues = append(v.issues, issue{Type: "int_parsing", Loc: []any{"body", "telephony_call_config", "ringing_timeout_secs"},
				Msg: "Input should be a valid integer, greater than 0", Input: raw(val)})
			continue
		}
		v.req.ringSecs = secs
	}
}

// clientData takes the dynamic variables apart and keeps the other members as one raw object, to be echoed.
func (v *validation) clientData(value []byte) {
	const field = "conversation_initiation_client_data"
	if value[0] != '{' {
		v.issues = append(v.issues, notObject(value, "body", field))
		return
	}
	var user, extra []byte
	for key, val := range members(value) {
		switch string(key) {
		case "dynamic_variables":
			v.variables(val, "body", field, "dynamic_variables")
			continue
		case "user_id":
			if user = val; val[0] != '"' && !isNull(val) {
				v.notString(val, "body", field, "user_id")
			}
			continue
		case "conversation_config_override", "custom_llm_extra_body", "source_info":
			if val[0] != '{' && !isNull(val) {
				v.issues = append(v.issues, notObject(val, "body", field, string(key)))
			}
		}
		extra = append(appendQuoted(append(extra, ','), string(key)), ':')
		extra = append(extra, val...)
	}
	if len(user) > 0 && user[0] == '"' {
		v.req.members = append(v.req.members, member{[]byte(keyUser), user})
	}
	if len(extra) > 0 {
		extra[0] = '{'
		v.req.members = append(v.req.members, member{[]byte(keyExtra), append(extra, '}')})
	}
}

// variables checks that each value is a scalar. A name that comes twice keeps its last value.
func (v *validation) variables(value []byte, loc ...any) {
	if isNull(value) {
		return
	}
	if value[0] != '{' {
		v.issues = append(v.issues, issue{Type: "dict_type", Loc: loc, Msg: "Input should be a valid dictionary", Input: raw(value)})
		return
	}
	var seen names
	for key, val := range members(value) {
		if val[0] == '{' || val[0] == '[' {
			at := append(append([]any(nil), loc...), string(key), "str")
			v.notString(val, at...)
			continue
		}
		if i, twice := seen.find(v.req.members, key); twice {
			v.req.members[i].val = val
			continue
		}
		v.req.members = append(v.req.members, member{key, val})
	}
}

// names finds a variable that came before: by looking through a few, by a map when a hostile body has thousands.
type names map[string]int

func (n *names) find(list []member, key []byte) (int, bool) {
	if len(list) <= 32 {
		for i := range list {
			if bytes.Equal(list[i].key, key) {
				return i, true
			}
		}
		return 0, false
	}
	if *n == nil {
		*n = make(names, 2*len(list))
		for i := range list {
			(*n)[string(list[i].key)] = i
		}
	}
	i, ok := (*n)[string(key)]
	if !ok {
		(*n)[string(key)] = len(list) // where the caller puts it
	}
	return i, ok
}
