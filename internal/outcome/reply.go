package outcome

// hearReply reads an answer to a direct ask that no phrase told anything about.
// A short one that names an amount gives it ("thirty should be alright"), one
// with a negation declines ("this year is not possible"), a question shows
// interest ("what's the easiest way?"). All but the amount count for little.
func (r *reader) hearReply(s sentence, c situation, text string) {
	if !c.ask.asksGift() && !(c.ask.kind == askSoft && s.question) || len(s.tok) > 14 {
		return
	}
	if s.question || asksByOrder(s.tok) {
		if len(s.tok) >= 4 && (len(s.tok) > 5 || !has(notHeard, s.tok[0].id)) && r.ledger.stance == noStance && !said(s.tok) {
			r.hear(mark{cue: cue{interest, "likes_it"}, from: 0, to: len(s.tok)}, s, c, text)
		}
		return
	}
	if echoes(s.tok) {
		r.hear(mark{cue: cue{assent, "assent"}, from: 0, to: len(s.tok)}, s, c, text)
		return
	}
	for i, t := range s.tok {
		if t.id == idMoney && t.val > 0 {
			m := mark{cue: cue{amountOnly, "amount"}, from: i, to: i + 1}
			if !negated(s.tok, i, 6) && !spent(s.tok, &m) {
				r.hear(m, s, c, text)
			}
			return
		}
	}
	for i, t := range s.tok {
		if (t.id == idNot || t.id == idNever) && r.ledger.stance == noStance && c.ask.kind == askGift &&
			i+1 < len(s.tok) && !has(notKnowing, s.tok[i+1].id) && !bids(s.tok, i) {
			r.hear(mark{cue: cue{refuseWeak, "declines"}, from: i, to: i + 1}, s, c, text)
			return
		}
	}
}

// bids reports an imperative or a kindness: "don't hang up", "I don't want to
// miss your call".
func bids(ts []token, not int) bool {
	if not > 0 && ts[not-1].id == idDo && (not == 1 || ts[not-1].brk) {
		return true
	}
	for i := not + 1; i < len(ts) && i <= not+3; i++ {
		if has(kindly, ts[i].id) {
			return true
		}
	}
	return false
}

var kindly = wordSet("miss|interrupt|rude|rush|hang|lose")

// echoes reports an answer that repeats the verb of the ask: "we are", "they
// sure can", "it would".
func echoes(ts []token) bool {
	last := len(ts) - 1
	return last >= 1 && last <= 3 && has(echoSubjects, ts[0].id) && has(auxWords, ts[last].id) && !negated(ts, last, 3)
}

// said reports a question about the call itself: "what did you say?".
func said(ts []token) bool {
	for i, t := range ts {
		if has(aboutCall, t.id) && !(t.id == idThat && i > 0 && has(within5, ts[i-1].id)) {
			return true
		}
	}
	return false
}

var (
	isWords      = wordSet("is|am|named|called")
	selfWords    = wordSet("this|name|i|it")
	within5      = wordSet("of|with|for|to|does|do|is|about|all")
	echoSubjects = wordSet("i|we|they|it|that")
	notHeard     = wordSet("who|whos|huh|pardon|hello|sorry")
	aboutCall    = wordSet("computer|robot|recording|machine|bot|ai|human|real|person|scam|ones|say|said|hear|who|name|calling|number|repeat|that")
	notKnowing   = wordSet("know|hear|heard|understand|sure|only|mind|see|remember|familiar|aware|realize|a|have|been|had|many|too")
)
