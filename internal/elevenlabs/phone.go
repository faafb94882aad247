package elevenlabs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"golang.org/x/sync/singleflight"
)

// PhoneNumber is a number imported into the workspace.
type PhoneNumber struct {
	PhoneNumber     string // E.164
	PhoneNumberID   string // "phnum_..", what a call needs
	Label           string
	Provider        string // twilio, sip_trunk, exotel
	SupportsInbound *bool  // nil: not said
	// SupportsOutbound nil means not said, which is taken for yes.
	SupportsOutbound  *bool
	AssignedAgentID   string // of inbound calls
	AssignedAgentName string
}

// PhoneNumbers lists the numbers of the workspace.
func (c *Client) PhoneNumbers(ctx context.Context) ([]PhoneNumber, error) {
	var numbers []PhoneNumber
	err := c.get(ctx, "list phone numbers", "/v1/convai/phone-numbers", nil, limitDocument, func(body []byte) (err error) {
		numbers, err = decodePhoneNumbers(body)
		return err
	})
	return numbers, err
}

// decodePhoneNumbers reads the bare array that this endpoint answers with. An
// entry that does not fit must not keep the others from being dialed with, so
// its fields stay empty.
func decodePhoneNumbers(body []byte) ([]PhoneNumber, error) {
	var elements []json.RawMessage
	if err := json.Unmarshal(body, &elements); err != nil || elements == nil {
		return nil, fmt.Errorf("expected a JSON list, got %s that does not fit", jsonKind(body))
	}
	numbers := make([]PhoneNumber, len(elements))
	for i, element := range elements {
		o, err := readObject(element, &problems{})
		if err != nil {
			continue
		}
		n := &numbers[i]
		optional(o, "phone_number", &n.PhoneNumber)
		optional(o, "phone_number_id", &n.PhoneNumberID)
		optional(o, "label", &n.Label)
		optional(o, "provider", &n.Provider)
		optional(o, "supports_inbound", &n.SupportsInbound)
		optional(o, "supports_outbound", &n.SupportsOutbound)
		if agent := o.child("assigned_agent"); agent != nil {
			optional(agent, "agent_id", &n.AssignedAgentID)
			optional(agent, "agent_name", &n.AssignedAgentName)
		}
	}
	return numbers, nil
}

const (
	opResolve      = "resolve caller id"
	callerIDsValid = 10 * time.Minute
	missValid      = 30 * time.Second
)

// callerIDCache keeps the workspace's numbers between dials.
type callerIDCache struct {
	mu      sync.Mutex
	numbers []PhoneNumber
	read    time.Time // zero: never
	flight  singleflight.Group
}

// ResolveCallerID turns a configured caller id into a phone-number id. What does
// not begin with + is taken for an id and returned as it is. A number (spaces,
// dashes, dots and parentheses allowed) is looked up among PhoneNumbers, kept for
// 10 minutes; one that cannot be dialed from is looked up again after 30 s at the
// earliest. Such a number is KindRefused, FaultAgent, with the mend in Message.
func (c *Client) ResolveCallerID(ctx context.Context, callerID string) (string, error) {
	callerID = strings.TrimSpace(callerID)
	if !strings.HasPrefix(callerID, "+") {
		return callerID, nil
	}
	wanted := squeezeNumber(callerID)
	if !e164.MatchString(wanted) {
		return "", refusedCallerID("it begins with + but is not an E.164 number: correct the agent's caller id")
	}
	numbers, age := c.callerIDs.known(c.now())
	id, err := pickNumber(numbers, wanted)
	if age < missValid || (err == nil && age < callerIDsValid) {
		return id, err
	}
	if numbers, err = c.refreshCallerIDs(ctx); err != nil {
		return "", err
	}
	return pickNumber(numbers, wanted)
}

func (k *callerIDCache) known(now time.Time) ([]PhoneNumber, time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.read.IsZero() {
		return nil, callerIDsValid
	}
	return k.numbers, now.Sub(k.read)
}

// refreshCallerIDs reads the numbers once for all who ask at the same time. One
// of them giving up must not fail the others, so the read has its own life.
func (c *Client) refreshCallerIDs(ctx context.Context) ([]PhoneNumber, error) {
	result := c.callerIDs.flight.DoChan("numbers", func() (any, error) {
		// Another flight may have landed since this caller looked.
		if numbers, age := c.callerIDs.known(c.now()); age < missValid {
			return numbers, nil
		}
		shared, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*c.timeout)
		defer cancel()
		numbers, err := c.PhoneNumbers(shared)
		if err == nil {
			c.callerIDs.mu.Lock()
			c.callerIDs.numbers, c.callerIDs.read = numbers, c.now()
			c.callerIDs.mu.Unlock()
		}
		return numbers, err
	})
	select {
	case <-ctx.Done():
		return nil, c.failed(opResolve, KindNotSent, "given up while the phone numbers were being read", ctx.Err())
	case r := <-result:
		if r.Err != nil {
			return nil, r.Err
		}
		numbers, ok := r.Val.([]PhoneNumber)
		if !ok {
			return nil, errors.New("elevenlabs: resolve caller id: no list of numbers")
		}
		return numbers, nil
	}
}

// pickNumber finds the id to dial from. The same number may be in the workspace
// twice; one that can be used wins.
func pickNumber(numbers []PhoneNumber, wanted string) (string, error) {
	reason := "the number is not in the ElevenLabs workspace: import it there, or set the agent's caller id to one of its numbers or ids"
	for _, n := range numbers {
		if squeezeNumber(n.PhoneNumber) != wanted || n.PhoneNumberID == "" {
			continue
		}
		switch {
		case n.Provider != "" && n.Provider != "twilio":
			reason = "the number belongs to the provider " + clean(n.Provider, "", maxCodeBytes) +
				", but calls go out over Twilio: use a number imported from Twilio"
		case n.SupportsOutbound != nil && !*n.SupportsOutbound:
			reason = "the number does not support outbound calls: enable them for it in ElevenLabs, or use another number"
		default:
			return n.PhoneNumberID, nil
		}
	}
	return "", refusedCallerID(reason)
}

func refusedCallerID(reason string) *Error {
	return &Error{Op: opResolve, Kind: KindRefused, Fault: FaultAgent, Message: reason}
}

// squeezeNumber drops what people put between digits. A number without + gets one.
func squeezeNumber(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || slices.Contains([]rune{'(', ')', '.', '-'}, r) {
			return -1
		}
		return r
	}, s)
	if s != "" && s[0] != '+' {
		s = "+" + s
	}
	return s
}
