package outcome

import (
	"slices"
	"strings"
)

// heard is a sentence with its marks.
type heard struct {
	sentence
	marks []mark
}

// reader is the state of reading one call.
type reader struct {
	scan   scanner
	agent  string  // the name the agent gave, in lower case
	heard  []heard // the sentences of the message being read
	marks  []mark  // their marks
	spare  []mark
	ledger ledger
	ask    ask

	evidence  []Evidence // decisions, in order
	gate      []Evidence // opt-out, wrong number, call-back, machine: the first of each
	optOut    bool
	machineAt int // first message of a recorded greeting; -1 none
	human     bool
	cardAt    int    // last message in which the donor gave a card; -1 none
	weary     int    // last message with a complaint about the calls; -1 none
	fragment  string // the donor's last words, when they broke off
	agentAt   int    // last message in which the agent said something; -1 none
	decided   bool
	repeated  bool // the donor's last words were a question

	tone   tone
	points points
}

// Classify reads the outcome of one call. It never fails: what cannot be read is
// Unknown. The same input gives the same result; the work is linear in its size.
func Classify(in Input) Result {
	r := reader{machineAt: -1, agentAt: -1, cardAt: -1, weary: -1}
	r.ledger.ackMessage, r.ledger.noMessage = -1, -1
	for i, m := range in.Messages {
		switch m.Role {
		case "agent":
			r.hearAgent(i, m.Text)
		case "user":
			r.hearDonor(i, m.Text)
		}
	}
	return r.conclude(in)
}

func (r *reader) hearAgent(i int, text string) {
	sents := r.scan.scan(text)
	if len(sents) == 0 {
		return
	}
	r.agentAt = i
	r.hearCharge(sents)
	next := readAsk(sents)
	if (next.kind == askNone || next.kind == askSoft) && r.ask.asksGift() && r.repeated {
		for _, s := range sents { // "thirty dollars", said again because it was not heard
			if c := soleAmount(s.tok); c != nil {
				next = ask{kind: askGift, cents: c, monthly: recurring(s.tok)}
			}
		}
	}
	if next.kind == askNone && r.repeated && (r.ask.asksGift() || r.ask.kind == askSoft) {
		next = ask{kind: askSoft, cents: r.ask.cents, monthly: r.ask.monthly} // the donor asked back: the plea stands
	}
	r.ask = next
	r.agentName(sents, text)
}

// agentName keeps the name that the agent goes by, so that "don't call me, Henk"
// without its comma is not taken for a matter of names.
func (r *reader) agentName(sents []sentence, text string) {
	for _, s := range sents {
		for i := 2; i < min(len(s.tok), 30); i++ {
			t := s.tok[i]
			if t.caps && t.id == idUnknown && has(isWords, s.tok[i-1].id) && has(selfWords, s.tok[i-2].id) {
				r.agent = strings.ToLower(text[t.start:t.end])
				return
			}
		}
	}
}

func (r *reader) hearDonor(i int, text string) {
	if r.listen(text); len(r.heard) == 0 {
		return
	}
	if r.fromMachine() {
		if r.machineAt < 0 {
			r.machineAt = i
			r.note(&r.gate, i, text, r.heard[0].start, r.heard[len(r.heard)-1].end, "machine_greeting")
		}
		r.hearOptOut(i, text)
		return
	}
	r.human = true
	r.hearOptOut(i, text)
	callAsked := false
	for k, h := range r.heard {
		callAsked = callAsked || asksCall(h)
		if r.hearCard(i, h.sentence, text[h.start:h.end]) {
			continue
		}
		c := situation{message: i, ask: r.ask, first: k < 2}
		decided := false
		for _, m := range h.marks {
			if (m.kind == amountOnly || m.name == "amount_agreed") && !hasMoney(h.tok[m.from:m.to]) && (callAsked || r.ask.hour) {
				continue // "could you call again around five?"
			}
			r.hear(m, h.sentence, c, text)
			decided = decided || priority[m.kind] > 1
		}
		if !decided {
			r.hearReply(h.sentence, c, text)
		}
		r.repeated = h.question || asksByOrder(h.tok)
		r.tone.hear(h.sentence)
		r.points.hear(h.sentence, text)
	}
	r.hearFragments(i, text)
}

// listen cuts text into sentences and marks them.
func (r *reader) listen(text string) {
	r.heard, r.marks = r.heard[:0], r.marks[:0]
	for _, s := range r.scan.scan(text) {
		r.spare = read(s, r.spare)
		from := len(r.marks)
		r.marks = append(r.marks, r.spare...)
		r.heard = append(r.heard, heard{s, r.marks[from:len(r.marks):len(r.marks)]})
	}
}

// fromMachine reports whether the message is part of a recorded greeting. One
// can only come before anything was decided, and before a person was heard,
// unless its words leave no doubt.
func (r *reader) fromMachine() bool {
	if r.decided {
		return false
	}
	t := r.survey()
	if r.human && r.machineAt < 0 {
		return t.machine > 1 || t.machine == 1 && !t.human
	}
	return t.machineTurn(r.machineAt >= 0 && !r.human)
}

// survey counts what tells a machine from a person.
func (r *reader) survey() turn {
	var t turn
	outOfService := false
	misdialed := slices.ContainsFunc(r.heard, func(h heard) bool {
		return slices.ContainsFunc(h.marks, func(m mark) bool { return m.kind == wrong })
	})
	for _, h := range r.heard {
		for _, m := range h.marks {
			if m.name == "reached" && misdialed {
				continue // "you have reached the county clerk's office"
			}
			outOfService = outOfService || m.name == "out_of_service"
			switch m.kind {
			case machine:
				t.machine++
			case machineWeak:
				t.weak++
			case commit, refuse, refuseSoft, bareNo, callback, wrong, paid, interest, deferred, optOut, ack, callbackWeak:
				t.human = true
			}
		}
		t.human = t.human || h.question || has(greets, h.tok[0].id)
	}
	if t.machine == 1 && !r.takesMessage() && r.appointment() {
		t.machine = 0 // "I can't take the call now, try my office tomorrow"
	}
	if outOfService && !r.takesMessage() {
		t.machine = 0 // a machine, but nothing can be left with it
	}
	return t
}

// appointment reports a call-back with its day or hour, which no machine asks for.
func (r *reader) appointment() bool {
	for _, h := range r.heard {
		for _, m := range h.marks {
			if m.kind != callback {
				continue
			}
			for i := m.from; i < min(len(h.tok), m.to+4); i++ {
				if has(dayWords, h.tok[i].id) || h.tok[i].id == idCount || h.tok[i].id == idNumber && i > 0 && h.tok[i-1].id == idAt {
					return true
				}
			}
		}
	}
	return false
}

// takesMessage reports that the announcement offers to record something.
func (r *reader) takesMessage() bool {
	for _, h := range r.heard {
		for i := 0; i < min(len(h.tok), 80); i++ {
			if has(recordWords, h.tok[i].id) {
				return true
			}
		}
	}
	return false
}

var recordWords = wordSet("message|tone|beep|record")

// hearOptOut looks for opt-outs, which count whoever or whatever says them.
func (r *reader) hearOptOut(i int, text string) {
	for k, h := range r.heard {
		for _, m := range h.marks {
			if m.kind != optOut {
				continue
			}
			if optOutStands(h.sentence, m, r.following(k, m)) || r.namesAgent(h.tok, m, text) {
				r.optOut = true
				r.note(&r.gate, i, text, h.start, h.end, m.name)
				return
			}
		}
	}
	r.hearComplaint(i, text)
}

// hearComplaint joins a complaint about the calls and a word that it must end,
// which may be sentences or a message apart.
func (r *reader) hearComplaint(i int, text string) {
	for _, h := range r.heard {
		for _, m := range h.marks {
			if m.kind == complaint {
				r.weary = i
			}
		}
	}
	if r.weary < 0 || i > r.weary+2 {
		return
	}
	for _, h := range r.heard {
		for _, m := range h.marks {
			if m.kind == closure && !negated(h.tok, m.from, 2) && (h.tok[m.from].id == idNot || !speakerBefore(h.tok, m.from)) && !h.question {
				r.optOut = true
				r.note(&r.gate, i, text, h.start, h.end, m.name)
				return
			}
		}
	}
}

// following are the words after m in sentence k, and those of the next sentence.
func (r *reader) following(k int, m mark) []token {
	rest := r.heard[k].tok[m.to:]
	if k+1 < len(r.heard) && len(rest) < 40 {
		rest = append(slices.Clone(rest), r.heard[k+1].tok...)
	}
	return rest
}

// namesAgent reports that the word after "don't call me" is the agent's name, or
// that "stop" came with it.
func (r *reader) namesAgent(ts []token, m mark, text string) bool {
	if r.agent == "" || m.to >= len(ts) || !has(called, ts[m.to-1].id) && !has(called, ts[m.to].id) {
		return false
	}
	for i := m.to; i < min(len(ts), m.to+2); i++ {
		if ts[i].id == idUnknown && strings.EqualFold(text[ts[i].start:ts[i].end], r.agent) {
			return true
		}
	}
	return false
}

// asksCall reports a request to be called, beside which a bare number is an hour.
func asksCall(h heard) bool {
	return slices.ContainsFunc(h.marks, func(m mark) bool {
		return m.kind == callback && slices.ContainsFunc(h.tok[m.from:m.to], func(t token) bool { return has(invites, t.id) })
	})
}

func (r *reader) hear(m mark, s sentence, c situation, text string) {
	switch m.kind {
	case wrongIfAsked:
		if c.ask.kind != askPerson {
			return
		}
		fallthrough
	case wrong:
		r.ledger.step++
		r.ledger.wrongAt = r.ledger.step
		r.note(&r.gate, c.message, text, s.start, s.end, m.name)
		return
	}
	if !r.ledger.take(m, s, c) {
		return
	}
	r.decided = r.decided || r.ledger.stance != noStance
	r.points.mark(m, s, text, r.ledger.decidedAt == r.ledger.step, r.ledger.stance)
	if m.kind == callback || m.kind == callbackWeak {
		r.note(&r.gate, c.message, text, s.start, s.end, m.name)
		return
	}
	r.note(&r.evidence, c.message, text, s.start, s.end, m.name)
}
