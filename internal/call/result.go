package call

import (
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/elevenlabs"
)

// result is what is known of an attempt after its request: one line of the dial protocol's table.
type result struct {
	id, campaignID uuid.UUID
	state          string // placed, refused, released, unknown
	reason         string
	fault          string // lead, agent, account; whose fault a refusal is
	result         string // call_attempts.result
	code, message  string
	placed         elevenlabs.PlacedCall
	from           string
	retryAfter     time.Duration
	pause          bool // the provider wants us to hold back
}

// set reads the provider's answer to the request.
func (r *result) set(placed elevenlabs.PlacedCall, err error) {
	if err == nil {
		if placed.ConversationID == "" {
			// Accepted, but without a name to ask by: the call is real and reconcile finds it by its attempt.
			r.state, r.code, r.message = "unknown", "no_conversation_id", "the provider accepted the call without naming its conversation"
			return
		}
		r.state, r.placed = "placed", placed
		return
	}
	e := elevenlabs.AsError(err)
	if e == nil {
		r.state, r.code, r.message = "unknown", "unexpected", "unexpected error from the client"
		return
	}
	r.code, r.message, r.retryAfter = e.Code, e.Error(), e.RetryAfter
	switch e.Kind {
	case elevenlabs.KindRefused, elevenlabs.KindNotFound:
		r.refuse(e)
	case elevenlabs.KindAccount:
		r.state, r.reason, r.fault, r.result = "refused", "provider_account", "account", "blocked"
	case elevenlabs.KindRateLimited:
		r.state, r.reason, r.result, r.pause = "released", "rate_limited", "rate_limited", true
	case elevenlabs.KindNotSent:
		r.state, r.reason, r.result, r.pause = "released", "not_sent", "error", true
	default:
		r.state, r.result = "unknown", "error"
	}
}

func (r *result) refuse(e *elevenlabs.Error) {
	r.state, r.reason, r.fault, r.result = "refused", "provider_refused", "agent", "failed"
	if e.Kind == elevenlabs.KindRefused && e.Fault == elevenlabs.FaultLead {
		r.fault, r.result = "lead", "invalid_number"
	}
}

// setUnsent reads an error from before the request: whatever it says, nothing was sent.
func (r *result) setUnsent(err error) {
	r.set(elevenlabs.PlacedCall{}, err)
	if r.state == "unknown" {
		r.state, r.reason, r.result, r.pause = "released", "not_sent", "error", true
	}
}
