package elevenlabs

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// Kind says what a failed request means. Of a call: whether the phone may ring.
type Kind int

// The zero Kind is KindUnknown on purpose: what nobody classified may ring.
const (
	// KindUnknown: the request left and its fate is not known (timeout, reset,
	// 5xx, 408, an unreadable 2xx, any status not listed). A call may ring.
	KindUnknown Kind = iota
	// KindRefused: not placed and will not be (200 success:false, 400, 404, 422,
	// a redirect, or bad input that was not sent at all). See Fault.
	KindRefused
	// KindAccount: not placed; our key, plan or quota (401, 402, 403, or code
	// quota_exceeded or invalid_api_key under any status).
	KindAccount
	// KindRateLimited: not placed; too much at once (429, or a concurrency
	// refusal inside a 200 success:false). Try later, see RetryAfter.
	KindRateLimited
	// KindNotSent: not one byte of the request left this machine.
	KindNotSent
	// KindNotFound: 404 for a GET.
	KindNotFound
)

// String gives the kind in words.
func (k Kind) String() string {
	switch k {
	case KindRefused:
		return "refused"
	case KindAccount:
		return "account not accepted"
	case KindRateLimited:
		return "rate limited"
	case KindNotSent:
		return "not sent"
	case KindNotFound:
		return "not found"
	default:
		return "result unknown"
	}
}

// Fault says, for KindRefused, who is to blame.
type Fault int

const (
	FaultNone  Fault = iota // not a refusal
	FaultLead               // the number called
	FaultAgent              // agent, phone-number id, caller id, provider or client configuration
)

// String gives the fault in words; "" for none.
func (f Fault) String() string {
	switch f {
	case FaultLead:
		return "lead"
	case FaultAgent:
		return "agent"
	default:
		return ""
	}
}

// Error is every failure of a request. Code and Message come from the provider
// or from us; they are bounded, valid UTF-8, without control characters, without
// the API key and without phone numbers ("[number]").
type Error struct {
	Op         string        // "place call", "get conversation", ..
	Kind       Kind          // what it means
	Fault      Fault         // set when Kind is KindRefused
	Status     int           // HTTP status; 0 when there was no answer
	Code       string        // provider's code or status, such as "quota_exceeded"
	Message    string        // for people
	RetryAfter time.Duration // asked for by the provider, 0..1h; 0 = none given
	transient  bool          // a GET may be tried again
	cause      error
}

// Error is one line: operation, kind, status, code, message.
func (e *Error) Error() string {
	var facts []string
	if e.Fault != FaultNone {
		facts = append(facts, "fault of the "+e.Fault.String())
	}
	if e.Status != 0 {
		facts = append(facts, fmt.Sprintf("http %d", e.Status))
	}
	if e.Code != "" {
		facts = append(facts, e.Code)
	}
	text := "elevenlabs: " + e.Op + ": " + e.Kind.String()
	if len(facts) > 0 {
		text += " (" + strings.Join(facts, ", ") + ")"
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	return text
}

// GoString keeps %#v from walking into the cause.
func (e *Error) GoString() string { return e.Error() }

// LogValue gives slog the same line.
func (e *Error) LogValue() slog.Value { return slog.StringValue(e.Error()) }

// Unwrap gives the cause: errors.Is and errors.As reach the network error or
// the context error through it, while its text is cleaned like Message.
func (e *Error) Unwrap() error { return e.cause }

// AsError finds the *Error in err's chain; nil if there is none.
func AsError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return nil
}

// cleanCause hides the text of an error, which may quote bytes that the server
// sent, but not its identity.
type cleanCause struct {
	text string
	err  error
}

func (c *cleanCause) Error() string        { return c.text }
func (c *cleanCause) GoString() string     { return c.text }
func (c *cleanCause) Is(target error) bool { return errors.Is(c.err, target) }
func (c *cleanCause) As(target any) bool   { return errors.As(c.err, target) }
