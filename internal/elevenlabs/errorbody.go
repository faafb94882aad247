package elevenlabs

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// errorBody is what could be made of the body of an error answer. Its texts are
// as the provider sent them: clean them before they are shown.
type errorBody struct {
	code    string   // "code", else "status", else "type" of the first validation error
	status  string   // "status" where it differs from code
	message string   // for people
	locs    []string // of validation errors, joined by dots: "body.to_number"
}

var htmlTag = regexp.MustCompile(`(?s)<(?:script|style)\b.*?</(?:script|style)>|<[^>]*>`)

// parseErrorBody accepts every shape that the API has been seen to send, in this
// order: {"detail":{status,message}}, {"detail":{type,code,message,status,..}},
// {"detail":[{type,loc,msg}]}, {"detail":"text"}, a bare {message}, anything
// else as text (a proxy's HTML page without its tags).
func parseErrorBody(body []byte) errorBody {
	var top map[string]json.RawMessage
	if json.Unmarshal(body, &top) != nil {
		return errorBody{message: htmlTag.ReplaceAllString(string(body), " ")}
	}
	if detail, ok := top["detail"]; ok {
		if parsed, ok := parseDetail(detail); ok {
			return parsed
		}
	}
	if parsed, ok := parseDetailObject(top); ok {
		return parsed
	}
	if inner, ok := top["error"]; ok {
		if parsed, ok := parseDetail(inner); ok {
			return parsed
		}
	}
	return errorBody{message: "the error answer has no known shape"}
}

func parseDetail(raw json.RawMessage) (errorBody, bool) {
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) == nil {
		return parseDetailObject(object)
	}
	var list []map[string]json.RawMessage
	if json.Unmarshal(raw, &list) == nil {
		return parseDetailList(list), len(list) > 0
	}
	text := jsonString(raw)
	return errorBody{message: text}, text != ""
}

func parseDetailObject(object map[string]json.RawMessage) (errorBody, bool) {
	e := errorBody{
		code:    jsonString(object["code"]),
		status:  jsonString(object["status"]),
		message: jsonString(object["message"]),
	}
	if e.code == "" {
		e.code = e.status
	}
	if e.message == "" {
		e.message = jsonString(object["msg"])
	}
	return e, e.code != "" || e.message != ""
}

// parseDetailList reads FastAPI's validation errors. The offending "input" is
// left out: it may be a phone number or a name.
func parseDetailList(list []map[string]json.RawMessage) errorBody {
	const shown = 5
	var e errorBody
	var parts []string
	for i, item := range list {
		var steps []any
		_ = json.Unmarshal(item["loc"], &steps) // no loc: the message stands alone
		names := make([]string, len(steps))
		for j, step := range steps {
			names[j] = fmt.Sprint(step)
		}
		loc := strings.Join(names, ".")
		e.locs = append(e.locs, loc)
		if e.code == "" {
			e.code = jsonString(item["type"])
		}
		if i < shown {
			parts = append(parts, strings.TrimPrefix(loc+": "+jsonString(item["msg"]), ": "))
		}
	}
	if len(list) > shown {
		parts = append(parts, fmt.Sprintf("and %d more", len(list)-shown))
	}
	e.message = strings.Join(parts, "; ")
	return e
}

// jsonString gives a JSON string's value and "" for anything else.
func jsonString(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}
