package outcome

// stance is where the donor stands. The order does not matter; the last one
// taken counts.
type stance uint8

const (
	noStance stance = iota
	saidYes
	saidNo
	saidNotNow
	gaveReason // a reason not to give, without a no
	hasPaid
)

// ledger is the decision as it develops over a call.
type ledger struct {
	stance     stance
	strength   float64 // confidence in the stance
	yesMessage int     // message of the last yes
	noMessage  int     // message of the last no; -1 none
	ackMessage int     // message of a bare yes that the same breath can take back; -1 none

	amount   *int64
	ranged   bool
	monthly  bool
	interest float64 // confidence in interest; 0 = none
	saidBoth bool    // yes and no were both heard

	step           int // counts marks, to tell what came last
	decidedAt      int
	wrongAt        int // step of the last "wrong number"; 0 = none
	callbackAt     int
	callbackWeakAt int
}

// situation is what a mark is judged by.
type situation struct {
	message int
	ask     ask
	first   bool // in the first two sentences of the message
}

// take moves the ledger by one mark. It reports whether the mark counted.
func (l *ledger) take(m mark, s sentence, c situation) bool {
	l.step++
	switch m.kind {
	case commit, commitWeak, assent, ack, agree, amountOnly:
		return l.takeYes(m, s, c)
	case refuse, refuseSoft, refuseAsk, refuseWeak, bareNo:
		return l.takeNo(m, c)
	case deferred, undecided, interest:
		return l.takeLater(m, c)
	case paid:
		l.set(hasPaid, 0.9)
		l.readAmount(m, s, c)
		return true
	case callback:
		if m.name == "another_time" && c.ask.asksGift() {
			return false // put off, and no call asked for
		}
		if (l.stance == saidNotNow || l.stance == saidNo) && mayCall(s.tok, m.from) && farOff(s.tok[m.from:]) {
			return false // "not this time, you can call me next fall"
		}
		if l.stance == saidYes && l.ackMessage == c.message && !mayCall(s.tok, m.from) {
			l.set(noStance, 0) // "sure, call me tomorrow" answers with a day
		}
		l.callbackAt = l.step
		return true
	case callbackWeak:
		if m.name == "day_only" {
			if l.callbackWeakAt > 0 && l.stance == noStance {
				l.callbackAt = l.step // "I can't talk now. Tomorrow?"
			}
			return l.callbackWeakAt > 0
		}
		l.callbackWeakAt = l.step
		return true
	}
	return false
}

func (l *ledger) set(st stance, strength float64) {
	no := func(s stance) bool { return s == saidNo || s == saidNotNow }
	if l.stance == saidYes && no(st) || no(l.stance) && st == saidYes {
		l.saidBoth = true
	}
	if st == saidNo || st == saidNotNow || st == gaveReason {
		l.amount, l.ranged, l.monthly = nil, false, false
	}
	l.stance, l.strength, l.decidedAt, l.ackMessage = st, strength, l.step, -1
}

// asksGift reports an ask that a bare reply answers.
func (a ask) asksGift() bool { return a.kind == askGift || a.kind == askMore || a.kind == askTooMuch }

func (l *ledger) takeYes(m mark, s sentence, c situation) bool {
	if l.stance == hasPaid {
		return false
	}
	strength := 0.0
	switch {
	case (m.kind == commit || m.kind == commitWeak) && m.later && (l.stance == saidNo || l.stance == saidNotNow):
		l.interest = max(l.interest, 0.6)
		return false // "no ... but I'll give when I get paid" is still a no today
	case m.kind == commitWeak && l.noMessage == c.message && (l.stance == saidNo || l.stance == saidNotNow) && !hasMoney(s.tok[m.from:m.to]):
		return false // "I can't give, I hope I can still help in other ways"
	case m.kind == commit:
		strength = 0.9
		if m.later {
			strength = 0.7
		}
	case m.kind == commitWeak && !s.question && hasMoney(s.tok[m.from:min(len(s.tok), m.to+6)]):
		strength = 0.7
	case m.kind == commitWeak && (c.ask.asksGift() || c.ask.kind == askSoft || has(yesWords, s.tok[0].id) && m.from <= 2 && m.name == "would_give" && !s.question):
		strength = 0.65
	case m.kind == commitWeak:
		l.interest = max(l.interest, 0.7)
		return true
	case m.kind == assent && (c.ask.asksGift() || c.ask.kind == askSoft):
		strength = 0.75
	case m.kind == ack && c.ask.kind == askTooMuch:
		if l.stance == saidYes && l.yesMessage == c.message {
			return false // "no, okay"
		}
		l.set(saidNotNow, 0.6)
		return true
	case m.kind == agree && (c.ask.asksGift() || c.ask.kind == askSoft && l.stance == saidYes) && c.first:
		strength = 0.7
	case m.kind == agree:
		if l.stance == noStance && len(s.tok) > 1 {
			l.interest = max(l.interest, 0.6)
		}
		return len(s.tok) > 1
	case m.kind == ack && c.ask.asksGift() && c.first:
		strength = 0.7
	case m.kind == amountOnly && (c.ask.asksGift() || len(s.tok) <= 6 && c.ask.kind == askSoft || l.stance == saidYes && len(s.tok) <= 8 && c.ask.kind != askOther):
		strength = 0.8
	default:
		return false
	}
	if l.stance == saidYes && strength < l.strength {
		strength = l.strength
	}
	weak := m.kind == ack || m.kind == agree
	if m.kind == amountOnly && l.yesMessage == c.message && l.stance == saidYes && l.amount != nil && rangeBetween(s.tok, m.to-1) {
		return false // the upper end of a range that was read already
	}
	l.set(saidYes, strength)
	l.yesMessage = c.message
	if weak {
		l.ackMessage = c.message
	}
	l.readAmount(m, s, c)
	return true
}

// inCents is the worth of t, which counts cents when the talk was of cents before:
// "fifty cents?", "I can do ten".
func (l *ledger) inCents(t token, a ask) int64 {
	small := l.amount != nil && *l.amount < 100 || a.cents != nil && *a.cents < 100
	if t.id == idNumber && small && t.val >= 500 && t.val < 100_00 {
		return t.val / 100
	}
	return t.val
}

// mayCall reports a permission to call, which asks for nothing: "you can call me
// again next year".
func mayCall(ts []token, from int) bool {
	return from > 1 && ts[from-2].id == idYou && has(thatYou, ts[from-1].id)
}

// farOff reports another season or year: a permission and not an appointment.
func farOff(ts []token) bool {
	for i := 0; i < len(ts) && i < 8; i++ {
		if has(seasonWords, ts[i].id) {
			return true
		}
	}
	return false
}

var seasonWords = wordSet("year|spring|summer|fall|autumn|winter|christmas|season|sometime|someday")

func hasMoney(ts []token) bool {
	for _, t := range ts {
		if t.id == idMoney && t.val > 0 {
			return true
		}
	}
	return false
}

func (l *ledger) takeNo(m mark, c situation) bool {
	took := l.refuse(m, c)
	if took {
		l.noMessage = c.message
	}
	return took
}

func (l *ledger) refuse(m mark, c situation) bool {
	if l.stance == hasPaid {
		return false
	}
	if c.ask.kind == askGift && l.stance == saidYes && l.amount != nil && c.ask.cents != nil && *c.ask.cents > *l.amount {
		c.ask.kind = askMore // "could you make it a hundred?", after a pledge of ten
	}
	if m.moreOnly && (m.kind != refuseWeak) {
		return false // "can't give more than that" is not a no
	}
	yes := l.stance == saidYes
	switch m.kind {
	case refuse:
		if yes && m.name == "pass" && !c.ask.asksGift() {
			return false
		}
		l.set(saidNo, 0.9)
	case refuseSoft:
		if m.name == "not_now" && c.ask.moment && l.stance == noStance {
			l.callbackWeakAt = l.step // "is this a good time?" "not now"
			return true
		}
		if yes && c.ask.kind != askGift && c.ask.kind != askSoft && c.ask.kind != askNone {
			return false
		}
		l.set(saidNotNow, 0.8)
	case refuseAsk:
		if c.ask.kind != askGift && c.ask.kind != askSoft && (c.ask.kind != askMore || yes) {
			return false
		}
		l.set(saidNotNow, 0.75)
	case bareNo:
		return l.takeBareNo(c, yes)
	case refuseWeak:
		if m.name == "someone_else_decides" && l.stance == noStance && l.interest >= 0.7 {
			return false // "let me ask my kids, they handle my money"
		}
		if l.stance == noStance || yes && l.ackMessage == c.message {
			l.set(gaveReason, 0.6)
			return true
		}
		return false
	}
	return true
}

func (l *ledger) takeBareNo(c situation, yes bool) bool {
	if yes && l.ackMessage == c.message && c.ask.kind != askTooMuch && c.ask.kind != askOther {
		l.set(saidNo, 0.7) // "okay, well ... I guess ... no"
		return true
	}
	switch c.ask.kind {
	case askGift:
		l.set(saidNo, 0.8)
	case askTooMuch:
		if !yes {
			l.set(saidYes, 0.65)
			l.amount, l.yesMessage = c.ask.cents, c.message
		}
	case askMore:
		if yes {
			return false
		}
		l.set(saidNo, 0.75)
	case askSoft, askNone:
		if l.stance != noStance {
			return false
		}
		l.set(gaveReason, 0.6)
	default:
		return false
	}
	return true
}

func (l *ledger) takeLater(m mark, c situation) bool {
	switch m.name {
	case "likes_it":
		l.interest = max(l.interest, 0.7)
		return true
	case "later_date": // "okay, after the fifteenth" is still a promise
		l.interest = max(l.interest, 0.65)
		return true
	}
	l.interest = max(l.interest, 0.7)
	bare := l.stance == saidYes && l.ackMessage == c.message && m.name != "ask_how" && m.name != "wants_form"
	weak := l.stance == saidYes && m.kind == undecided && (l.strength < 0.8 || l.amount == nil && l.yesMessage == c.message)
	if bare || weak || l.stance == gaveReason {
		l.set(noStance, 0)
	}
	return true
}
