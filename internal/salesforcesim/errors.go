package salesforcesim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// apiError is an answer that refuses a request. DML results take code, message and fields from it.
type apiError struct {
	status      int
	code        string
	message     string
	fields      []string
	contentType string // empty = application/json
	body        string // instead of code and message
	retryAfter  time.Duration
}

const contentJSON = "application/json;charset=UTF-8"

// bytes is the body: a list of one error unless it is given as text.
func (e *apiError) bytes() []byte {
	if e.code == "" {
		return []byte(e.body)
	}
	one := map[string]any{"message": e.message, "errorCode": e.code}
	if e.fields != nil {
		one["fields"] = e.fields
	}
	return mustJSON([]any{one})
}

func (e *apiError) send(w http.ResponseWriter) {
	w.Header().Set("Content-Type", contentJSON)
	if e.contentType != "" {
		w.Header().Set("Content-Type", e.contentType)
	}
	if e.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((e.retryAfter+time.Second-1)/time.Second)))
	}
	w.WriteHeader(e.status)
	_, _ = w.Write(e.bytes()) // the client may have gone; nobody is left to tell
}

// mustJSON encodes the simulator's own values, which always encode.
func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("salesforcesim: " + err.Error())
	}
	return b
}

func sendJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", contentJSON)
	w.WriteHeader(status)
	_, _ = w.Write(mustJSON(v)) // as in send
}

func failure(status int, code, message string, fields ...string) *apiError {
	if fields == nil {
		return &apiError{status: status, code: code, message: message}
	}
	return &apiError{status: status, code: code, message: message, fields: fields}
}

func badRequest(code, message string, fields ...string) *apiError {
	return failure(http.StatusBadRequest, code, message, fields...)
}

func malformed(format string, args ...any) *apiError {
	return badRequest("MALFORMED_QUERY", fmt.Sprintf(format, args...))
}

func oauthError(code, description string) *apiError {
	return &apiError{status: http.StatusBadRequest, body: string(mustJSON(map[string]string{"error": code, "error_description": description}))}
}

func html(status int, title, text string) *apiError {
	return &apiError{status: status, contentType: "text/html; charset=UTF-8",
		body: "<!DOCTYPE html><html><head><title>" + title + "</title></head><body><h1>" + title + "</h1><p>" + text + "</p></body></html>"}
}

var (
	errSession     = failure(http.StatusUnauthorized, "INVALID_SESSION_ID", "Session expired or invalid")
	errAuthHeader  = failure(http.StatusUnauthorized, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE")
	errNotFound    = failure(http.StatusNotFound, "NOT_FOUND", "The requested resource does not exist")
	errMethod      = failure(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "HTTP Method not allowed")
	errVersion     = failure(http.StatusGone, "UNSUPPORTED_API_VERSION", "The requested API version has been retired")
	errDaily       = failure(http.StatusForbidden, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
	errConcurrent  = failure(http.StatusForbidden, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.")
	errBusy        = failure(http.StatusServiceUnavailable, "SERVER_UNAVAILABLE", "Server too busy")
	errUnknown     = failure(http.StatusInternalServerError, "UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId if you contact support: 1-1 (0)")
	errTimeout     = badRequest("QUERY_TIMEOUT", "Your query request was running for too long.")
	errLocator     = badRequest("INVALID_QUERY_LOCATOR", "invalid query locator")
	errLocked      = badRequest("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record or 200 records")
	errReadOnly    = badRequest("INVALID_READ_ONLY_USER_DML", "Org is in read-only mode: no records can be written.")
	errEntityGone  = failure(http.StatusNotFound, "ENTITY_IS_DELETED", "entity is deleted")
	errConverted   = badRequest("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
	errJSON        = badRequest("JSON_PARSER_ERROR", "Unexpected character at [line:1, column:1]")
	errTooManyRows = badRequest("EXCEEDED_MAX_SIZE_REQUEST", "record limit reached. cannot submit more than 200 records in this transaction")
	errMaintenance = html(http.StatusServiceUnavailable, "Down for Maintenance", "We are down for maintenance. Sorry for the inconvenience.")
	errTooLong     = html(http.StatusRequestURITooLong, "URI Too Long", "The length of the URI exceeds the 16,384 byte limit.")
	errHeaders     = html(http.StatusRequestHeaderFieldsTooLarge, "Request Header Fields Too Large", "The combined length of the URI and headers exceeds the 16,384 byte limit.")
)
