package outcome

// judge applies what stands around a phrase: negation, question, condition,
// another recipient. It may change the mark's kind, and reports whether it stays.
func judge(s sentence, m *mark) bool {
	switch m.kind {
	case commit, commitWeak, assent:
		return judgeCommit(s, m)
	case refuse, refuseSoft, refuseAsk, refuseWeak:
		return judgeRefuse(s, m)
	case paid:
		return judgePaid(s, m)
	case callback, callbackWeak:
		if s.question && has(pastAux, s.tok[0].id) {
			return false // "did you just call me?"
		}
		return (!negated(s.tok, m.from, 3) || welcomed(s.tok, m.from)) && !(m.kind == callback && donorCalls(s.tok, m.from))
	case wrong, wrongIfAsked:
		if m.to < len(s.tok) && has(relations, s.tok[m.to].id) {
			return false // "no, this is the daughter"
		}
		if m.from > 1 && has(askingWords, s.tok[m.from-2].id) {
			m.cue = cue{refuseWeak, "already_gives"} // "you're asking the wrong person"
			return true
		}
		if m.to+1 < len(s.tok) && s.tok[m.to+1].id == idMind {
			return false // "I don't have a number in mind"
		}
		return !asked(s, m) && !negated(s.tok, m.from, 3)
	case interest:
		return !negated(s.tok, m.from, 2)
	case machine:
		if m.from > 0 && (has(kin, s.tok[m.from-1].id) || m.from > 1 && has(kin, s.tok[m.from-2].id)) {
			m.cue = cue{callbackWeak, "bad_time"} // "mom can't come to the phone"
		}
		return !s.question
	case bareNo:
		return m.from == 0 || s.tok[m.from-1].id != idOr // "yes or no"
	case ack:
		if s.question && m.to == len(s.tok) && m.from > 1 && s.tok[m.from].brk {
			return false // "call back in ten, okay?"
		}
		return !(s.tok[m.to-1].id == idDo && m.to < len(s.tok) && s.tok[m.to].id == idNot) && !ackOfOther(s.tok, m.to) && !reported(s.tok, m)
	case agree:
		return !othersSpeak(s.tok, m.from) && !negatedWithin(s.tok, m) && !asked(s, m) && !reported(s.tok, m) && endsSoon(s.tok, m.to)
	case amountOnly:
		if s.question && negated(s.tok, m.from, 6) {
			return false // "I can't give less than fifty?"
		}
		if clockTime(s.tok, m.to-1) {
			return false // "catch me tomorrow around ten"
		}
		return !zero(s.tok, m, bareAmount) && !counts(s.tok, m.to) && !spent(s.tok, m)
	}
	return true
}

func judgeCommit(s sentence, m *mark) bool {
	if refused(s.tok, m.from) {
		return false
	}
	if zero(s.tok, m, inCommit) {
		return true
	}
	if relative(s.tok, m.from) {
		return false
	}
	if m.name == "share_of_pay" && past(s.near(*m)) {
		return false // "they asked me before, I gave half of the reward"
	}
	if elsewhere(s.tok, m) {
		m.cue = cue{refuseWeak, "gives_elsewhere"}
		if givesThought(s.tok, m.to) {
			m.cue = cue{deferred, "think_about_it"}
		}
		return true
	}
	if asked(s, m) && !hasAmount(s.tok[m.from:m.to]) && m.kind != assent {
		m.cue = cue{interest, "ask_how"}
		return true
	}
	if m.name == "amount_agreed" && spent(s.tok, m) {
		return false // "you got a hundred from me in January"
	}
	if awaits(s.tok, m.from) {
		m.cue = cue{undecided, "not_ready"}
		return true
	}
	if hypothetical(s.tok, m) {
		m.cue = cue{interest, "would_if"}
		return true
	}
	switch vague, later := postponed(s.tok, m); {
	case vague:
		m.cue = cue{deferred, "some_day"}
	case later:
		m.later = true
	}
	return true
}

func judgeRefuse(s sentence, m *mark) bool {
	if asked(s, m) && m.kind != refuse || asked(s, m) && asksByOrder(s.tok) {
		return false
	}
	if takenBack(s.tok, m.from) || m.name != "not_interested" && m.name != "keeps_it" && m.name != "waste_of_breath" && othersSpeak(s.tok, m.from) {
		return false
	}
	if s.tok[m.to-1].id == idAble && m.to+1 < len(s.tok) && has(talking, s.tok[m.to+1].id) {
		m.cue = cue{callbackWeak, "bad_time"} // "I'm not able to talk now"
		return true
	}
	if kindness(s.tok, m) {
		return false
	}
	m.moreOnly = onlyMore(s.tok, m)
	return true
}

func judgePaid(s sentence, m *mark) bool {
	subject := m.from - 1
	for subject > 0 && has(perfect, s.tok[subject].id) {
		subject--
	}
	if subject >= 0 && has(otherSubjects, s.tok[subject].id) && !has(expected, s.tok[m.from].id) && s.tok[m.from].id != idI && s.tok[m.from].id != idWe {
		return false
	}
	if asked(s, m) || negated(s.tok, m.from, 3) || has(notWords, s.tok[m.to-1].id) {
		return false
	}
	for i := m.from; i < m.to; i++ {
		if s.tok[i].id == idNot {
			return false
		}
	}
	for i := m.to - 1; i < min(len(s.tok), m.to+3); i++ {
		if has(ownBills, s.tok[i].id) {
			m.cue = cue{refuseWeak, "own_needs"}
			return true
		}
	}
	if elsewhere(s.tok, m) || longAgo(s.tok, m) {
		m.cue = cue{refuseWeak, "already_gives"}
	}
	return true
}
