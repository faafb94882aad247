package elevenlabs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

const opPlaceCall = "place call"

// OutboundCall is one call to place over Twilio.
type OutboundCall struct {
	AgentID            string
	AgentPhoneNumberID string // "phnum_..", see ResolveCallerID; not an E.164 number
	ToNumber           string // E.164
	UserID             string // filterable in the list of conversations; "" = omitted
	DynamicVariables   map[string]any
	RingingTimeoutSecs int // 0 = the provider's default, 60
}

// String names the agent only: the rest is about a person.
func (o OutboundCall) String() string { return "elevenlabs.OutboundCall{AgentID:" + o.AgentID + "}" }

// GoString is String.
func (o OutboundCall) GoString() string { return o.String() }

// LogValue keeps numbers and names out of slog.
func (o OutboundCall) LogValue() slog.Value { return slog.StringValue(o.String()) }

// PlacedCall names an accepted call. Either id may be "": the provider documents
// both as nullable although the call was accepted.
type PlacedCall struct {
	ConversationID string
	CallSID        string // Twilio's
}

// PlaceCall asks the provider to dial (POST /v1/convai/twilio/outbound-call).
// Success means that the provider accepted the dial, not that anyone answered.
// The request is sent at most once, whatever happens. Every error is an *Error;
// only KindUnknown leaves open whether the phone rings.
func (c *Client) PlaceCall(ctx context.Context, call OutboundCall) (PlacedCall, error) {
	body, refused := encodeCall(call)
	if refused != nil {
		refused.Message = clean(refused.Message, c.key(), maxMessageBytes)
		return PlacedCall{}, refused
	}
	a, failure := c.roundTrip(ctx, opPlaceCall, http.MethodPost, "/v1/convai/twilio/outbound-call", nil, body, limitControl)
	if failure != nil {
		failure.transient = false
		return PlacedCall{}, failure
	}
	if a.status/100 != 2 {
		return PlacedCall{}, c.classifyCall(opPlaceCall, a)
	}
	return c.readPlaced(a)
}

func (c *Client) readPlaced(a *answer) (PlacedCall, error) {
	unclear := func(what string, err error) (PlacedCall, error) {
		e := c.failed(opPlaceCall, KindUnknown, what, err)
		e.Status, e.transient = a.status, false
		return PlacedCall{}, e
	}
	if a.readErr != nil {
		return unclear("the answer could not be read", a.readErr)
	}
	fields, err := parseFields(a.body)
	if err != nil {
		return unclear("the answer is not JSON", err)
	}
	placed := PlacedCall{ConversationID: usableID(fields["conversation_id"]), CallSID: usableID(fields["callSid"])}
	switch success := string(fields["success"]); {
	case contradicted(a.body, "success"), success == "false" && placed.CallSID != "":
		return unclear("the answer does not say whether the call was placed", errors.New(`"success" is contradicted`))
	case success == "true":
		return placed, nil
	case success == "false":
		return PlacedCall{}, c.unsuccessful(a, fields)
	default:
		return unclear("the answer does not say whether the call was placed", errors.New(`"success" is neither true nor false`))
	}
}

// contradicted is true where an object has a field twice with different values. Which of them counts is anybody's guess,
// and a guess must not decide whether a phone rings.
func contradicted(body []byte, field string) bool {
	var first string
	var twice bool
	gjson.ParseBytes(body).ForEach(func(key, value gjson.Result) bool {
		if key.String() == field {
			twice = twice || first != "" && first != value.Raw
			first = value.Raw
		}
		return true
	})
	return twice
}

// Texts of an over-limit refusal inside a 200. Undocumented; the call was not
// placed and the next minute may take it, so it is not held against the lead.
var overLimitText = regexp.MustCompile(`(?i)too_many_concurrent|concurrent_limit|concurrency limit|concurrent (?:call|request|conversation)s?|` +
	`rate_limit|rate limit|too many requests|system_busy|http 429`)

// unsuccessful reads a 2xx with success:false: a refusal, mostly Twilio's, whose
// own status codes in the text ("HTTP 401 error: .. Authenticate") are about the
// number's Twilio credentials and never about our API key.
func (c *Client) unsuccessful(a *answer, fields map[string]json.RawMessage) *Error {
	parsed, _ := parseDetailObject(fields)
	if detail, ok := fields["detail"]; ok && parsed.code == "" {
		if inner, ok := parseDetail(detail); ok {
			parsed = inner
		}
	}
	e := c.answered(opPlaceCall, a, parsed)
	switch {
	case has(parsed, accountCodes), strings.Contains(parsed.message, "quota_exceeded"):
		e.Kind = KindAccount
	case has(parsed, rateCodes), overLimitText.MatchString(parsed.message):
		e.Kind = KindRateLimited
	default:
		e.Kind, e.Fault = KindRefused, faultOfText(parsed.message, FaultLead)
	}
	return e
}

// usableID reads an id that will be stored and logged: "" for anything else.
func usableID(raw json.RawMessage) string {
	id := jsonString(raw)
	if len(id) > 200 || strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return ""
	}
	return id
}

var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// encodeCall refuses here what the provider would refuse, or worse, take.
func encodeCall(call OutboundCall) ([]byte, *Error) {
	refuse := func(fault Fault, message string) ([]byte, *Error) {
		return nil, &Error{Op: opPlaceCall, Kind: KindRefused, Fault: fault, Message: "not sent: " + message}
	}
	switch {
	case call.AgentID == "":
		return refuse(FaultAgent, "no agent id: set the agent's elevenlabs_agent_id")
	case call.AgentPhoneNumberID == "":
		return refuse(FaultAgent, "no phone-number id: set the agent's caller id")
	case strings.HasPrefix(call.AgentPhoneNumberID, "+"):
		return refuse(FaultAgent, "the phone-number id is a phone number: resolve it with ResolveCallerID")
	case call.RingingTimeoutSecs < 0:
		return refuse(FaultAgent, "the ringing timeout is negative")
	case !e164.MatchString(call.ToNumber):
		return refuse(FaultLead, "the number to call is not in E.164 form (a plus sign and 7 to 15 digits)")
	}
	variables, err := encodeVariables(call.DynamicVariables)
	if err != nil {
		return refuse(FaultAgent, err.Error())
	}
	body := appendString([]byte(`{"agent_id":`), call.AgentID)
	body = appendString(append(body, `,"agent_phone_number_id":`...), call.AgentPhoneNumberID)
	body = appendString(append(body, `,"to_number":`...), call.ToNumber)
	switch {
	case call.UserID != "" && len(variables) > 0:
		body = append(append(body, `,"conversation_initiation_client_data":{"dynamic_variables":`...), variables...)
		body = append(appendString(append(body, `,"user_id":`...), call.UserID), '}')
	case call.UserID != "":
		body = append(appendString(append(body, `,"conversation_initiation_client_data":{"user_id":`...), call.UserID), '}')
	case len(variables) > 0:
		body = append(append(append(body, `,"conversation_initiation_client_data":{"dynamic_variables":`...), variables...), '}')
	}
	if call.RingingTimeoutSecs > 0 {
		body = strconv.AppendInt(append(body, `,"telephony_call_config":{"ringing_timeout_secs":`...), int64(call.RingingTimeoutSecs), 10)
		body = append(body, '}')
	}
	return append(body, '}'), nil
}

// encodeVariables takes strings, numbers, booleans and null, as the API does. Empty when there is none.
func encodeVariables(variables map[string]any) ([]byte, error) {
	if len(variables) == 0 {
		return nil, nil
	}
	body := make([]byte, 0, 64*len(variables))
	body = append(body, '{')
	for i, name := range slices.Sorted(maps.Keys(variables)) {
		if strings.HasPrefix(name, "system__") {
			return nil, fmt.Errorf("dynamic variable %q: names beginning with system__ are reserved", name)
		}
		if i > 0 {
			body = append(body, ',')
		}
		body = append(appendString(body, name), ':')
		if text, ok := variables[name].(string); ok {
			body = appendString(body, text)
			continue
		}
		raw, err := json.Marshal(variables[name])
		if err != nil {
			return nil, fmt.Errorf("dynamic variable %q cannot be encoded as JSON", name)
		}
		if raw[0] == '{' || raw[0] == '[' {
			return nil, fmt.Errorf("dynamic variable %q is an object or a list: only strings, numbers, booleans and null are allowed", name)
		}
		body = append(body, raw...)
	}
	return append(body, '}'), nil
}

// appendString is json.Marshal of a string, without its detour for plain text: it is a tenth of a dial otherwise.
func appendString(body []byte, s string) []byte {
	for _, c := range []byte(s) {
		if c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			raw, _ := json.Marshal(s) // never fails for a string
			return append(body, raw...)
		}
	}
	return append(append(append(body, '"'), s...), '"')
}
