package elevenlabssim

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// apiError is an answer that refuses a request. A status of 200 is possible: the provider reports a failed dial that way.
type apiError struct {
	status      int
	contentType string // empty = application/json
	body        string
	retryAfter  time.Duration
}

var contentJSON = []string{"application/json"}

func (e *apiError) send(w http.ResponseWriter) {
	if e.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((e.retryAfter+time.Second-1)/time.Second)))
	}
	if e.contentType != "" {
		w.Header().Set("Content-Type", e.contentType)
	} else {
		w.Header()["Content-Type"] = contentJSON
	}
	w.WriteHeader(e.status)
	_, _ = w.Write([]byte(e.body)) // the client may have gone; nobody is left to tell
}

func sendJSON(w http.ResponseWriter, body []byte) {
	w.Header()["Content-Type"] = contentJSON
	_, _ = w.Write(body) // as in send
}

// sendValue answers with v as JSON. v is made of the simulator's own types, which always encode.
func sendValue(w http.ResponseWriter, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	sendJSON(w, body)
}

// classic is the error shape most endpoints use: {"detail":{"status","message"}}.
func classic(httpStatus int, status, message string) *apiError {
	b := append([]byte(`{"detail":{"status":`), quoted(status)...)
	b = append(append(b, `,"message":`...), quoted(message)...)
	return &apiError{status: httpStatus, body: string(append(b, `}}`...))}
}

// newer is the later shape with a type and a code beside the status.
func newer(httpStatus int, kind, code, message string) *apiError {
	b := append([]byte(`{"detail":{"type":`), quoted(kind)...)
	b = append(append(b, `,"code":`...), quoted(code)...)
	b = append(append(b, `,"message":`...), quoted(message)...)
	b = append(append(b, `,"status":`...), quoted(code)...)
	return &apiError{status: httpStatus, body: string(append(b, `,"param":null,"request_id":"req_simulated"}}`...))}
}

// failedDial is the provider's 200 answer to a dial its carrier refused.
func failedDial(message string) *apiError {
	b := append([]byte(`{"success":false,"message":`), quoted(message)...)
	return &apiError{status: http.StatusOK, body: string(append(b, `,"conversation_id":null,"callSid":null}`...))}
}

var (
	errInvalidKey   = classic(http.StatusUnauthorized, "invalid_api_key", "Invalid API key")
	errNotFound     = &apiError{status: http.StatusNotFound, body: `{"detail":"Not Found"}`}
	errMethod       = &apiError{status: http.StatusMethodNotAllowed, body: `{"detail":"Method Not Allowed"}`}
	errTooLarge     = &apiError{status: http.StatusRequestEntityTooLarge, body: `{"detail":"Request body too large"}`}
	errBodyEncoding = &apiError{status: http.StatusBadRequest, body: `{"detail":"There was an error parsing the body"}`}
	errConversation = classic(http.StatusNotFound, "conversation_not_found", "Conversation not found")
	errAgent        = classic(http.StatusNotFound, "agent_not_found", "Agent not found")
	errPhoneNumber  = classic(http.StatusNotFound, "phone_number_not_found", "Phone number not found")
	errTwilioConfig = classic(http.StatusBadRequest, "invalid_provider_config",
		"We are missing some Twilio credentials for the number. Please delete and re-create it with the Twilio account SID and auth token.")
	errSIPConfig   = classic(http.StatusBadRequest, "invalid_provider_config", "The phone number is not a SIP trunk number. Use the outbound call endpoint of its provider.")
	errNoOutbound  = classic(http.StatusBadRequest, "invalid_provider_config", "The phone number does not support outbound calls.")
	errConcurrency = classic(http.StatusTooManyRequests, "too_many_concurrent_requests", "Too many concurrent requests. Your workspace is at its limit of concurrent calls.")
	errQuota       = classic(http.StatusUnauthorized, "quota_exceeded", "This request exceeds your quota. You have 0 credits remaining.")
)

// issue is one entry of a FastAPI validation list.
type issue struct {
	Type  string          `json:"type"`
	Loc   []any           `json:"loc"`
	Msg   string          `json:"msg"`
	Input json.RawMessage `json:"input"`
	Ctx   any             `json:"ctx,omitempty"`
}

// invalid is the 422 answer with its list of issues.
func invalid(issues ...issue) *apiError {
	for i := range issues {
		if issues[i].Input == nil {
			issues[i].Input = json.RawMessage("null")
		}
	}
	body, err := json.Marshal(map[string][]issue{"detail": issues})
	if err != nil {
		return &apiError{status: http.StatusInternalServerError, body: `{"detail":"Internal Server Error"}`}
	}
	return &apiError{status: http.StatusUnprocessableEntity, body: string(body)}
}
