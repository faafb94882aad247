package salesforce

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// Kind says what a failure means.
type Kind int

const (
	// KindUnknown: an answer that nobody classified.
	KindUnknown Kind = iota
	// KindInput: our own arguments or settings are wrong; nothing was sent.
	KindInput
	// KindNotSent: not one byte of the request left this machine.
	KindNotSent
	// KindNoAnswer: sent, but no whole answer came (timeout, reset, broken off).
	KindNoAnswer
	// KindUnavailable: Salesforce cannot now (5xx, 408, 420, 429, maintenance page). Later it can.
	KindUnavailable
	// KindReadOnly: the org is in read-only mode during maintenance: REST reads work, writes and bulk jobs do not.
	KindReadOnly
	// KindConcurrency: too many requests at once or a token refresh under way elsewhere; seconds later it works.
	KindConcurrency
	// KindQuota: a daily limit is used up, or our own guard stopped short of it. Park until usage falls.
	KindQuota
	// KindReauthorize: the connection is dead until a person authorises it again.
	KindReauthorize
	// KindCredentials: the client id, secret, key, user or app policy is not accepted; a person must mend it.
	KindCredentials
	// KindSession: 401 although the token is fresh.
	KindSession
	// KindForbidden: the user lacks a permission, or the org lacks the API or the feature.
	KindForbidden
	// KindField: a field is unknown, deleted or hidden from the user; see Error.Fields. Describe anew.
	KindField
	// KindType: the object is unknown or hidden from the user.
	KindType
	// KindQuery: the SOQL text is refused.
	KindQuery
	// KindQueryTimeout: the query ran too long; ask for a smaller range.
	KindQueryTimeout
	// KindTooLarge: too much in one request (414, 431, 413, OPERATION_TOO_LARGE).
	KindTooLarge
	// KindLocatorGone: a query locator or a bulk result is no longer kept. Begin again at the committed cursor.
	KindLocatorGone
	// KindBulkRefused: a bulk query job cannot be had for this query or user. REST can do it.
	KindBulkRefused
	// KindBulkFailed: a bulk job ended as Failed or Aborted. A new one may do; else REST.
	KindBulkFailed
	// KindReplication: the time range of GetDeleted or GetUpdated is not covered; only a full reconcile helps.
	KindReplication
	// KindNotFound: no such record, job or resource.
	KindNotFound
	// KindRowLock: another transaction holds the record; try again with jitter.
	KindRowLock
	// KindRejected: the record or request is refused as it is (validation rule, required field, converted lead).
	KindRejected
	// KindVersion: the API version is retired or does not fit.
	KindVersion
	// KindProtocol: the answer is not what the API documents.
	KindProtocol
	// KindCallback: the caller's own function returned an error; it is wrapped.
	KindCallback
)

var kindText = map[Kind]string{
	KindUnknown: "failed", KindInput: "bad input", KindNotSent: "not sent", KindNoAnswer: "no answer", KindUnavailable: "unavailable",
	KindReadOnly: "org is read-only", KindConcurrency: "too much at once", KindQuota: "daily quota", KindReauthorize: "needs re-authorisation",
	KindCredentials: "credentials not accepted", KindSession: "session not accepted", KindForbidden: "not permitted",
	KindField: "field not available", KindType: "object not available", KindQuery: "query refused", KindQueryTimeout: "query timed out",
	KindTooLarge: "too large", KindLocatorGone: "query locator gone", KindBulkRefused: "bulk query refused", KindBulkFailed: "bulk job failed",
	KindReplication: "time range not covered", KindNotFound: "not found", KindRowLock: "record locked", KindRejected: "refused",
	KindVersion: "API version", KindProtocol: "unexpected answer", KindCallback: "stopped by the receiver",
}

// String gives the kind in words.
func (k Kind) String() string { return kindText[k] }

// Temporary is true where the same request may succeed later without anybody changing anything.
func (k Kind) Temporary() bool {
	switch k {
	case KindNotSent, KindNoAnswer, KindUnavailable, KindReadOnly, KindConcurrency, KindQuota, KindQueryTimeout, KindRowLock, KindBulkFailed, KindLocatorGone:
		return true
	}
	return false
}

// NeedsPerson is true where the connection stays broken until somebody acts in Salesforce or on the integration.
func (k Kind) NeedsPerson() bool {
	return k == KindReauthorize || k == KindCredentials || k == KindSession || k == KindForbidden
}

// Error is every failure of a request. Code, Message and Fields come from Salesforce or from us; they are bounded,
// valid UTF-8, without control characters, tokens, phone numbers or e-mail addresses.
type Error struct {
	Op         string        // "query", "refresh token", ..
	Kind       Kind          // what it means
	Status     int           // HTTP status; 0 when there was no answer
	Code       string        // Salesforce's errorCode, or the token endpoint's error
	Message    string        // for people
	Fields     []string      // fields it is about, where Salesforce names them
	Mend       string        // what to do about it; "" when waiting is all
	RetryAfter time.Duration // asked for by Salesforce, or until the quota guard looks again; 0 = none given
	Unsure     bool          // a write that may have been done nevertheless: look before sending it again
	cause      error
}

// Error is one line: operation, kind, status, code, message, mend.
func (e *Error) Error() string {
	var facts []string
	if e.Status != 0 {
		facts = append(facts, fmt.Sprintf("http %d", e.Status))
	}
	if e.Code != "" {
		facts = append(facts, e.Code)
	}
	if e.Unsure {
		facts = append(facts, "may have been done")
	}
	text := "salesforce: " + e.Op + ": " + e.Kind.String()
	if len(facts) > 0 {
		text += " (" + strings.Join(facts, ", ") + ")"
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	if e.Mend != "" {
		text += ": " + e.Mend
	}
	return text
}

// GoString keeps %#v from walking into the cause.
func (e *Error) GoString() string { return e.Error() }

// LogValue gives slog the same line.
func (e *Error) LogValue() slog.Value { return slog.StringValue(e.Error()) }

// Unwrap gives the cause: a network error, a context error, or what the caller's function returned.
func (e *Error) Unwrap() error { return e.cause }

// AsError finds the *Error in err's chain; nil if there is none.
func AsError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return nil
}

// KindOf is the kind of the *Error in err's chain; KindUnknown if there is none.
func KindOf(err error) Kind {
	if e := AsError(err); e != nil {
		return e.Kind
	}
	return KindUnknown
}

func inputError(op string, err error) *Error {
	return &Error{Op: op, Kind: KindInput, Message: clean(err.Error(), nil, maxMessageBytes), cause: err}
}

// protocolError is not retried: the same question gets the same answer.
func protocolError(op, what string) *Error { return &Error{Op: op, Kind: KindProtocol, Message: what} }
