package outcome

import (
	"math"
	"slices"
)

// maxEvidence bounds the evidence of one call; the earliest decisions give way.
const maxEvidence = 12

// heard is a sentence with its marks.
type heard struct {
	sentence
	marks []mark
}

// reader is the state of reading one call.
type reader struct {
	scan   scanner
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
	agentAt   int // last message in which the agent said something; -1 none
	decided   bool
	repeated  bool // the donor's last words were a question

	tone   tone
	points points
}

// Classify reads the outcome of one call. It never fails: what cannot be read is
// Unknown. The same input gives the same result; the work is linear in its size.
func Classify(in Input) Result {
	r := reader{machineAt: -1, agentAt: -1}
	r.ledger.ackMessage = -1
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
	next := readAsk(sents)
	if (next.kind == askNone || next.kind == askSoft) && r.ask.asksGift() && r.repeated {
		for _, s := range sents { // "thirty dollars", said again because it was not heard
			if c := soleAmount(s.tok); c != nil {
				next = ask{askGift, c, recurring(s.tok)}
			}
		}
	}
	r.ask = next
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
	for k, h := range r.heard {
		c := context{message: i, ask: r.ask, first: k < 2}
		decided := false
		for _, m := range h.marks {
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
	for _, h := range r.heard {
		for _, m := range h.marks {
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
	if outOfService {
		t.machine = 0 // a machine, but nothing can be left with it
	}
	return t
}

// hearOptOut looks for opt-outs, which count whoever or whatever says them.
func (r *reader) hearOptOut(i int, text string) {
	for k, h := range r.heard {
		for _, m := range h.marks {
			if m.kind != optOut {
				continue
			}
			rest := h.tok[m.to:]
			if k+1 < len(r.heard) && len(rest) < 40 {
				rest = append(slices.Clone(rest), r.heard[k+1].tok...)
			}
			if optOutStands(h.sentence, m, rest) {
				r.optOut = true
				r.note(&r.gate, i, text, h.start, h.end, m.name)
				return
			}
		}
	}
}

// hearReply reads an answer to a direct ask that no phrase told anything about.
// A short one that names an amount gives it ("thirty should be alright"), one
// with a negation declines ("this year is not possible"), a question shows
// interest ("what's the easiest way?"). All but the amount count for little.
func (r *reader) hearReply(s sentence, c context, text string) {
	if !c.ask.asksGift() || len(s.tok) > 14 {
		return
	}
	if s.question || asksByOrder(s.tok) {
		if len(s.tok) >= 4 && !has(notHeard, s.tok[0].id) && r.ledger.stance == noStance && !said(s.tok) {
			r.hear(mark{cue: cue{interest, "likes_it"}, from: 0, to: len(s.tok)}, s, c, text)
		}
		return
	}
	for i, t := range s.tok {
		if t.id == idMoney && t.val > 0 {
			if !negated(s.tok, i, 6) {
				r.hear(mark{cue: cue{amountOnly, "amount"}, from: i, to: i + 1}, s, c, text)
			}
			return
		}
	}
	for i, t := range s.tok {
		if (t.id == idNot || t.id == idNever) && r.ledger.stance == noStance && c.ask.kind == askGift &&
			i+1 < len(s.tok) && !has(notKnowing, s.tok[i+1].id) {
			r.hear(mark{cue: cue{refuseWeak, "declines"}, from: i, to: i + 1}, s, c, text)
			return
		}
	}
}

// said reports a question about the call itself: "what did you say?".
func said(ts []token) bool {
	for _, t := range ts {
		if has(aboutCall, t.id) {
			return true
		}
	}
	return false
}

var (
	notHeard   = wordSet("who|whos|huh|pardon|hello|sorry")
	aboutCall  = wordSet("say|said|hear|who|name|calling|number|repeat|that")
	notKnowing = wordSet("know|hear|heard|understand|sure|only|mind|see|remember|familiar|aware|realize|a|have|been|had|many|too")
)

func (r *reader) hear(m mark, s sentence, c context, text string) {
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
	r.points.mark(m, s, text)
	if m.kind == callback || m.kind == callbackWeak {
		r.note(&r.gate, c.message, text, s.start, s.end, m.name)
		return
	}
	r.note(&r.evidence, c.message, text, s.start, s.end, m.name)
}

// note keeps one piece of evidence, once per sentence and cue.
func (r *reader) note(list *[]Evidence, message int, text string, start, end int, name string) {
	gate := list == &r.gate
	for i := len(*list) - 1; i >= 0; i-- {
		e := (*list)[i]
		if e.Cue == name && (gate || e.Message == message) {
			return
		}
	}
	*list = append(*list, Evidence{Message: message, Quote: quote(text[start:end]), Cue: name})
	if !gate && len(*list) > maxEvidence/2 {
		r.forget(list)
	}
}

// forget drops the least telling piece: the oldest of mere interest, else the oldest.
func (r *reader) forget(list *[]Evidence) {
	for i, e := range *list {
		if mild[e.Cue] {
			*list = slices.Delete(*list, i, i+1)
			return
		}
	}
	*list = slices.Delete(*list, 0, 1)
}

var mild = map[string]bool{"likes_it": true, "ask_how": true, "wants_information": true, "think_about_it": true, "would_if": true, "already_gives": true}

// conclude applies the gates in order and then the last decision.
func (r *reader) conclude(in Input) Result {
	l := &r.ledger
	res := Result{
		Outcome: Unknown, Confidence: 0.3, Source: SourceRules, Version: Version,
		OptOut: r.optOut, WrongNumber: l.wrongAt > 0,
	}
	res.Outcome, res.Confidence = r.decide()
	r.consult(in, &res)
	if res.Outcome.Commitment() {
		res.AmountCents, res.AmountRange, res.Monthly = l.amount, l.ranged, l.monthly
	}
	if res.Outcome == VoicemailLeft || r.machineAt >= 0 && !r.human {
		res.WrongNumber = false
	}
	if l.saidBoth && res.Source == SourceRules && res.Outcome != DoNotCall {
		res.Confidence = max(0.3, res.Confidence-0.15)
		res.NeedsReview = res.Outcome.Commitment()
	}
	res.Confidence = math.Round(res.Confidence*100) / 100
	if l.callbackAt > 0 || l.callbackWeakAt > 0 {
		res.CallbackAt = callbackTime(r.points.callbackText, in.CallEndedAt, in.Zone)
	}
	res.Evidence = slices.Concat(r.gate, r.evidence, res.Evidence)
	slices.SortStableFunc(res.Evidence, func(a, b Evidence) int { return a.Message - b.Message })
	if len(res.Evidence) > maxEvidence {
		res.Evidence = res.Evidence[:maxEvidence]
	}
	res.Sentiment = r.tone.score(res.Outcome)
	res.KeyPoints = r.points.list(res)
	return res
}

// decide is the outcome by the rules alone.
func (r *reader) decide() (Outcome, float64) {
	l := &r.ledger
	switch {
	case r.optOut:
		return DoNotCall, 0.97
	case r.machineAt >= 0 && !r.human:
		if r.agentAt > r.machineAt {
			return VoicemailLeft, 0.9
		}
		return Unknown, 0.6
	case l.wrongAt > 0 && !(l.decidedAt > l.wrongAt && (l.stance == saidYes || l.stance == hasPaid)):
		return WrongNumber, 0.9
	case l.stance == hasPaid:
		return Donated, l.strength
	case l.stance == saidYes:
		return Pledged, l.strength
	case l.callbackAt > 0 && l.stance != saidNo:
		return CallbackRequested, 0.85
	case l.stance == saidNo || l.stance == saidNotNow || l.stance == gaveReason:
		return NotInterested, l.strength
	case l.callbackWeakAt > 0 && l.interest < 0.7:
		return CallbackRequested, 0.55
	case l.interest > 0:
		return Interested, l.interest
	}
	return Unknown, 0.3
}
