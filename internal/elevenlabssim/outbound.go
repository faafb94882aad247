package elevenlabssim

import (
	"encoding/json"
	"hash/maphash"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const (
	providerTwilio = "twilio"
	providerSIP    = "sip_trunk"
	maxBody        = 1 << 20
)

// bodies are reused between requests: at load, reading the body would otherwise be the largest allocation.
var bodies = sync.Pool{New: func() any { return new(readBuffer) }}

type readBuffer struct {
	b       []byte
	members []member // of the last outbound call
}

// read fills the buffer with the request's body, or says why it will not.
func (rb *readBuffer) read(r *http.Request) *apiError {
	rb.b = rb.b[:0]
	for {
		if len(rb.b) == cap(rb.b) {
			rb.b = append(rb.b, make([]byte, 2048)...)[:len(rb.b)]
		}
		n, err := r.Body.Read(rb.b[len(rb.b):cap(rb.b)])
		rb.b = rb.b[:len(rb.b)+n]
		if len(rb.b) > maxBody {
			return errTooLarge
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return errBodyEncoding
		}
	}
}

func (s *Sim) twilioCall(w http.ResponseWriter, r *http.Request, _ string) {
	s.outbound(w, r, providerTwilio)
}

func (s *Sim) sipCall(w http.ResponseWriter, r *http.Request, _ string) {
	s.outbound(w, r, providerSIP)
}

// outbound is the dial: read, validate, perhaps a fault, accept, answer. A fault that rings accepts the call first and then spoils
// the answer, so that the phone is counted although the client never learns of it.
func (s *Sim) outbound(w http.ResponseWriter, r *http.Request, provider string) {
	buf := bodies.Get().(*readBuffer)
	defer bodies.Put(buf)
	if refused := buf.read(r); refused != nil {
		refused.send(w)
		return
	}
	req, refused := parseCallRequest(buf.b, buf.members)
	buf.members = req.members
	if refused != nil {
		refused.send(w)
		return
	}
	rule, faults := s.callFault(&req)
	if rule != nil && !rings(rule.Mode) {
		s.inject(w, r, rule, faults, nil)
		return
	}
	id, refused := s.place(&req, provider, faults)
	if refused != nil {
		refused.send(w)
		return
	}
	answer := acceptance(id, provider)
	if rule != nil {
		s.inject(w, r, rule, faults, answer)
		return
	}
	sendJSON(w, answer)
}

// acceptance is the answer to a dial that was accepted.
func acceptance(id callID, provider string) []byte {
	b := make([]byte, 0, 192)
	b = append(b, `{"success":true,"message":"Call initiated successfully","conversation_id":"`...)
	b = id.appendConversation(b)
	if provider == providerSIP {
		return append(append(append(b, `","sip_call_id":"`...), id.sid("SCL_")...), `"}`...)
	}
	return append(append(append(b, `","callSid":"`...), id.sid("CA")...), `"}`...)
}

// place accepts the call or says why not; from here on the phone rings.
func (s *Sim) place(req *callRequest, provider string, faults *faultState) (callID, *apiError) {
	s.mu.Lock()
	now := s.opt.Clock()
	c, refused := s.book.accept(req, provider, now)
	if refused != nil {
		s.mu.Unlock()
		return callID{}, refused
	}
	// A webhook that overtakes the answer needs a call that is over at once.
	c.instant = s.courier != nil && faults.drawn(faults.Webhook.BeforeResponse, s.opt.Seed, c.id, askEarly)
	s.book.add(c, now)
	events := s.eventsOf(&c, faults)
	s.mu.Unlock()
	if c.instant {
		s.courier.deliverAll(events)
	} else if len(events) > 0 {
		s.courier.schedule(events)
	}
	return c.id, nil
}

// accept checks what the provider checks, in its order, and drafts the call.
func (b *book) accept(req *callRequest, provider string, now time.Time) (call, *apiError) {
	agent, ok := b.agentIDs[string(req.agentID)]
	if !ok && b.opt.AcceptAnyAgent {
		agent, ok = b.addAgent(Agent{ID: string(req.agentID), Name: "Agent", VoiceID: voices[0].id}), true
	}
	if !ok {
		return call{}, errAgent
	}
	phone, ok := b.phoneIDs[string(req.phoneID)]
	if !ok && b.opt.AcceptAnyAgent {
		phone, ok = b.addPhone(PhoneNumber{ID: string(req.phoneID), Number: "+15005550006", Label: "Any", Provider: provider}), true
	}
	if !ok {
		return call{}, errPhoneNumber
	}
	if refused := b.phones[phone].refuses(provider); refused != nil {
		return call{}, refused
	}
	to, ok := parseNumber(req.to)
	if !ok {
		return call{}, failedDial("HTTP 400 error: Unable to create record: The phone number you are attempting to call, " + string(req.to) + ", is not valid.")
	}
	b.hangUp(now)
	if b.opt.CreditLimit > 0 && b.credits >= int64(b.opt.CreditLimit) {
		return call{}, errQuota
	}
	if b.overLimit(agent) {
		if b.opt.OverLimit == OverLimitSuccessFalse {
			return call{}, failedDial("Too many concurrent calls. Your workspace is at its limit of concurrent calls.")
		}
		return call{}, errConcurrency
	}
	return b.draft(req, agent, phone, to, now), nil
}

func (p PhoneNumber) refuses(provider string) *apiError {
	switch {
	case p.Provider != provider && provider == providerTwilio:
		return errTwilioConfig
	case p.Provider != provider:
		return errSIPConfig
	case p.NoOutbound:
		return errNoOutbound
	}
	return nil
}

func (b *book) overLimit(agent uint32) bool {
	own := b.agents[agent].ConcurrencyLimit
	return b.opt.MaxConcurrent > 0 && len(b.active) >= b.opt.MaxConcurrent || own > 0 && b.activeByAgent[agent] >= own
}

var attemptSeed = maphash.MakeSeed() // hashes only ever meet within one process

// draft decides who answers and writes the call down.
func (b *book) draft(req *callRequest, agent, phone uint32, to uint64, now time.Time) call {
	count := b.numbers[to]
	ordinal := count.calls
	count.calls++
	b.numbers[to] = count
	c := call{
		id: newCallID(b.opt.Seed, to, ordinal), start: now.UnixNano(), to: to, attempt: hashAttempt(req.attempt()),
		vars: b.vars.pack(req.members), agent: agent, phone: phone,
	}
	c.scenario = b.casting(&c, ordinal)
	sc := &scenarios().list[c.scenario]
	c.ring = uint16(sc.RingSecs)
	if req.ringSecs > 0 && req.ringSecs < sc.RingSecs {
		c.scenario, c.ring = scenarios().byName["no_answer"], uint16(req.ringSecs) // nobody got to the phone in time
	}
	return c
}

// casting asks the script, then the seed. A name the script made up is counted, and the seed decides.
func (b *book) casting(c *call, ordinal uint32) uint16 {
	cast := scenarios()
	if b.opt.Script != nil {
		name := b.opt.Script(formatNumber(c.to), int(ordinal), decodeVars(b.vars.unpack(c.vars)))
		if i, ok := cast.byName[name]; ok {
			return i
		}
		if name != "" {
			b.unknownScript++
			b.opt.Log.Error("script named an unknown scenario", "scenario", name)
		}
	}
	return cast.choose(b.opt.Seed, c.to, ordinal)
}

func hashAttempt(id []byte) uint64 {
	if id == nil {
		return 0
	}
	return maphash.Bytes(attemptSeed, id)
}

// callRequest is a validated outbound-call body. Its slices point into the body and die with the request.
type callRequest struct {
	agentID, phoneID, to []byte
	ringSecs             int      // ringing_timeout_secs; 0 = unset
	members              []member // dynamic variables as raw scalars, then the pseudo-variables
}

// attempt is the value of the attempt_id variable; nil without one.
func (r *callRequest) attempt() []byte {
	for _, m := range r.members {
		if string(m.key) == "attempt_id" && m.val[0] == '"' {
			return unquote(m.val)
		}
	}
	return nil
}

func parseInt(token []byte) (int, bool) {
	n, err := strconv.Atoi(string(token))
	return n, err == nil
}

func isNull(token []byte) bool { return token[0] == 'n' }

func raw(token []byte) json.RawMessage { return json.RawMessage(token) }
