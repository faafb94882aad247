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
		return !negated(s.tok, m.from, 3) && !(m.kind == callback && donorCalls(s.tok, m.from))
	case wrong, wrongIfAsked:
		if m.to < len(s.tok) && has(relations, s.tok[m.to].id) {
			return false // "no, this is the daughter"
		}
		return !asked(s, m) && !negated(s.tok, m.from, 3)
	case interest:
		return !negated(s.tok, m.from, 2)
	case machine:
		return !s.question
	case ack:
		return !ackOfOther(s.tok, m.to)
	case amountOnly:
		return !zero(s.tok, m, bareAmount) && !counts(s.tok, m.to)
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
	if takenBack(s.tok, m.from) || m.name != "not_interested" && othersSpeak(s.tok, m.from) {
		return false
	}
	m.moreOnly = onlyMore(s.tok, m)
	return true
}

func judgePaid(s sentence, m *mark) bool {
	if m.from > 0 && has(otherSubjects, s.tok[m.from-1].id) && s.tok[m.from].id != idI && s.tok[m.from].id != idWe {
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
	if elsewhere(s.tok, m) {
		m.cue = cue{refuseWeak, "already_gives"}
	}
	return true
}
