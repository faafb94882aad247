package elevenlabs

import (
	"net/http"
	"slices"
)

// Codes that say more than the status they come under.
var (
	// The documentation lists quota_exceeded and invalid_api_key under both 400
	// and 401.
	accountCodes = []string{"quota_exceeded", "invalid_api_key"}
	rateCodes    = []string{"too_many_concurrent_requests", "concurrent_limit_exceeded", "rate_limit_exceeded", "system_busy"}
)

// classifyCall tells what an answer other than a 2xx means for a call.
func (c *Client) classifyCall(op string, a *answer) *Error {
	parsed := parseErrorBody(a.body)
	e := c.answered(op, a, parsed)
	switch {
	case has(parsed, accountCodes):
		e.Kind = KindAccount
	case a.status/100 == 3:
		e.Kind, e.Fault = KindRefused, FaultAgent
		e.Message = "the API answered with a redirect, which is not followed: check ELEVENLABS_BASE_URL"
	case isAccountStatus(a.status):
		e.Kind = KindAccount
	case a.status == http.StatusTooManyRequests:
		e.Kind = KindRateLimited
	case a.status == http.StatusBadRequest, a.status == http.StatusUnprocessableEntity:
		if has(parsed, rateCodes) {
			e.Kind = KindRateLimited
			break
		}
		e.Kind, e.Fault = KindRefused, faultOfError(parsed)
	case a.status == http.StatusNotFound:
		e.Kind, e.Fault = KindRefused, FaultAgent
	default:
		e.Kind = KindUnknown
	}
	return e
}

// classifyGet tells what an answer other than a 2xx means for a read, where
// nothing can ring and the only questions are whose fault and whether to retry.
func (c *Client) classifyGet(op string, a *answer) *Error {
	parsed := parseErrorBody(a.body)
	e := c.answered(op, a, parsed)
	switch {
	case has(parsed, accountCodes), isAccountStatus(a.status):
		e.Kind = KindAccount
	case a.status/100 == 3:
		e.Kind, e.Fault = KindRefused, FaultAgent
		e.Message = "the API answered with a redirect, which is not followed: check ELEVENLABS_BASE_URL"
	case a.status == http.StatusNotFound:
		e.Kind = KindNotFound
	case a.status == http.StatusTooManyRequests:
		e.Kind, e.transient = KindRateLimited, true
	case a.status == http.StatusBadRequest, a.status == http.StatusUnprocessableEntity:
		e.Kind, e.Fault = KindRefused, FaultAgent
	default:
		e.Kind = KindUnknown
		e.transient = a.status == http.StatusRequestTimeout || a.status >= 500
	}
	return e
}

// answered fills in what does not depend on the kind.
func (c *Client) answered(op string, a *answer, parsed errorBody) *Error {
	return &Error{
		Op: op, Status: a.status,
		Code:       clean(parsed.code, c.key(), maxCodeBytes),
		Message:    clean(parsed.message, c.key(), maxMessageBytes),
		RetryAfter: retryAfter(a.header, c.now()),
	}
}

func isAccountStatus(status int) bool {
	return status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusPaymentRequired
}

func has(parsed errorBody, codes []string) bool {
	return slices.Contains(codes, parsed.code) || slices.Contains(codes, parsed.status)
}
