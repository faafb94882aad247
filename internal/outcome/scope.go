package outcome

// asked reports whether the mark stands in a question: in the last clause of a
// sentence with a question mark, or in a sentence ordered as a question.
func asked(s sentence, m *mark) bool {
	if asksByOrder(s.tok) {
		return true
	}
	if !s.question {
		return false
	}
	for i := m.to; i < min(len(s.tok), m.to+60); i++ {
		if s.tok[i].brk {
			return false // "I'll give ten, will that help?"
		}
	}
	return true
}

// refused reports a negation that reaches over a commitment: "I don't think I'll
// give", "never said I would give". A negation of its own clause does not reach
// over a new "I".
func refused(ts []token, from int) bool {
	for i := from - 1; i >= 0 && i >= from-6; i-- {
		if ts[i+1].brk {
			return false
		}
		if !has(negators, ts[i].id) && ts[i].id != idDoubt {
			continue
		}
		if ts[i].id == idDoubt || i == from-1 {
			return !(ts[i].id == idNo) // "no, I will" lost its comma
		}
		if has(thinking, ts[i+1].id) && !(ts[i+1].id == idWhy) {
			return true
		}
		if i >= from-2 && ts[from].id != idI && ts[from].id != idWe {
			return true
		}
	}
	return false
}

// negated reports a negator within n words before i, in the same clause.
func negated(ts []token, i, n int) bool {
	if i < len(ts) && ts[i].brk {
		return false
	}
	for k := i - 1; k >= 0 && k >= i-n; k-- {
		if has(negators, ts[k].id) && ts[k].id != idNo {
			return true
		}
		if ts[k].brk {
			return false
		}
	}
	return false
}

// takenBack reports "not that", "I'm not saying" and the like before a refusal.
func takenBack(ts []token, from int) bool {
	for k := from - 1; k >= 1 && k >= from-4; k-- {
		if has(sayingWords, ts[k].id) && (ts[k-1].id == idNot || ts[k-1].id == idNever) {
			return true
		}
	}
	return false
}

// othersSpeak reports that a refusal without a subject of its own is somebody
// else's: "most people wouldn't give anything".
func othersSpeak(ts []token, from int) bool {
	if ts[from].id == idI || ts[from].id == idWe {
		return false
	}
	for k := from - 1; k >= 0 && k >= from-5; k-- {
		if ts[k+1].brk || ts[k].id == idI || ts[k].id == idWe {
			return false
		}
		if has(clauseJoins, ts[k].id) {
			return false
		}
		if has(otherSubjects, ts[k].id) && !(k > 0 && has(thanking, ts[k-1].id)) {
			return true
		}
	}
	return false
}

// onlyMore reports that a refusal is of more, much or all: "can't give more".
func onlyMore(ts []token, m *mark) bool {
	from := m.from
	if m.kind == refuseAsk {
		from = m.to // "we're all set" is not about all
	}
	for i := from; i < min(m.to+4, len(ts)); i++ {
		if i >= m.to && ts[i].brk {
			return false
		}
		if has(muchWords, ts[i].id) && !(ts[i].id == idThat && i < m.to) && !(i > 0 && ts[i-1].id == idAt) {
			return true
		}
	}
	return false
}

// ackOfOther reports a yes that goes on about something else than the ask: "yes I
// donate to a few", "yeah it is sad".
func ackOfOther(ts []token, to int) bool {
	for to < len(ts) && has(ackMore, ts[to].id) {
		to++
	}
	if to+1 >= len(ts) {
		return false
	}
	if ts[to].id == idI || ts[to].id == idWe {
		return !has(ackVerbs, ts[to+1].id)
	}
	if has(within5, ts[to+1].id) && to+2 < len(ts) && (ts[to].id == idThat || ts[to].id == vocabulary["it"]) {
		return has(noted, ts[to+2].id) // "okay, that's interesting"
	}
	return !ts[to].brk && has(ackTopics, ts[to].id)
}

var noted = wordSet("interesting|neat|amazing|impressive|lovely|wonderful")

// reported reports a yes that was said at another time, or weighed against a no:
// "I said yes last time", "I can't say yes or no".
func reported(ts []token, m *mark) bool {
	if m.from > 0 && !ts[m.from].brk && has(reporting, ts[m.from-1].id) {
		return true
	}
	return m.to+1 < len(ts) && (ts[m.to].id == idOr || ts[m.to].id == idAnd) && ts[m.to+1].id == idNo
}

// negatedWithin reports a negation inside a phrase: "that is not fine with me".
// Phrases that name the negation themselves ("no problem", "do not have an
// objection") are none.
func negatedWithin(ts []token, m *mark) bool {
	if has(negators, ts[m.from].id) || m.from+1 < len(ts) && ts[m.from+1].id == idNot && has(doWords, ts[m.from].id) {
		return negated(ts, m.from, 2)
	}
	for i := m.from; i < m.to; i++ {
		if has(negators, ts[i].id) {
			return true
		}
	}
	return negated(ts, m.from, 3)
}

// endsSoon reports that the clause ends there, or goes on only to say for whom:
// "that is cool" and not "that is cool that you lived in three states".
func endsSoon(ts []token, to int) bool {
	if to >= len(ts) || ts[to].brk {
		return true
	}
	if ts[to].id == idTo || ts[to].id == idFor {
		return to+1 < len(ts) && has(mySide, ts[to+1].id)
	}
	return has(clauseStart, ts[to].id) && ts[to].id != idThat && ts[to].id != idYou || has(softEnds, ts[to].id)
}

// awaits reports that something has to come first: "before I give anything",
// "until I agree to donate".
func awaits(ts []token, from int) bool {
	for i := from - 1; i >= 0 && i >= from-4 && !ts[i+1].brk; i-- {
		if has(firsts, ts[i].id) {
			return true
		}
	}
	return false
}

// spent reports an amount that went or goes elsewhere: "sixty dollars for
// groceries", "my daughter gave ten dollars last year".
func spent(ts []token, m *mark) bool {
	if m.to+1 < len(ts) && !ts[m.to].brk && ts[m.to].id == idFor && !has(forGift, ts[m.to+1].id) {
		return true
	}
	for i := m.from - 1; i >= 0 && i >= m.from-6; i-- {
		if has(spending, ts[i].id) {
			return !(i > 0 && has(donors, ts[i-1].id))
		}
		if ts[i+1].brk {
			break
		}
	}
	return false
}

// longAgo reports a gift of another season, or one that was enough: "I sent you
// people money in the spring and that's plenty".
func longAgo(ts []token, m *mark) bool {
	for i := m.from; i < min(len(ts), m.to+8); i++ {
		if has(seasons, ts[i].id) {
			return true
		}
	}
	return false
}

// relative reports a relative clause: "the money that I can donate", "what I can
// give". "I said that I will" is none.
func relative(ts []token, from int) bool {
	if from == 0 || ts[from].brk || ts[from].id != idI && ts[from].id != idWe {
		return false
	}
	if ts[from-1].id == idThat {
		return from > 1 && !has(sayingWords, ts[from-2].id) && !has(thinking, ts[from-2].id) && !ts[from-1].brk
	}
	return has(relatives, ts[from-1].id)
}

// hypothetical reports a condition on one's own circumstances: "I would give if
// I had the money". "If you send me the form" is a condition we can meet.
func hypothetical(ts []token, m *mark) bool {
	would := m.kind != commit || has(conditional, ts[min(m.from+1, len(ts)-1)].id) || has(conditional, ts[min(m.from+2, len(ts)-1)].id)
	for i := max(0, m.from-12); i < min(len(ts), m.to+10); i++ {
		if ts[i].id != idIf || i+1 >= len(ts) || i >= m.from && i < m.to {
			continue
		}
		if i+2 < len(ts) && (ts[i+1].id == idI || ts[i+1].id == idWe) {
			if has(courtesy, ts[i+2].id) {
				continue // "if I can", "if I may"
			}
			return would || i < m.from
		}
		if would && i > m.from && !hasAmount(ts[m.from:m.to]) && !has(deliverables, ts[min(i+2, len(ts)-1)].id) && !has(deliverables, ts[i+1].id) {
			return true
		}
	}
	for i := m.from; i+1 < min(len(ts), m.to+1); i++ {
		if ts[i].id == idWould && ts[i+1].id == idHave {
			return true // "I would have given"
		}
	}
	return false
}

// postponed tells a promise for no certain time ("maybe some day I'll give") from
// one for a later time ("when I get paid").
func postponed(ts []token, m *mark) (vague, later bool) {
	unsure := false
	for i := max(0, m.from-4); i < m.to; i++ {
		unsure = unsure || has(unsureWords, ts[i].id)
	}
	amount := hasAmount(ts[m.from:m.to])
	for i := max(0, m.from-14); i < min(len(ts), m.to+12); i++ {
		if i >= m.from && i < m.to {
			continue
		}
		if has(vagueTimes, ts[i].id) || ts[i].id == idPoint && i > 0 && ts[i-1].id == idSome {
			return !amount || unsure, true
		}
		later = later || has(laterTimes, ts[i].id)
	}
	if unsure && !amount {
		return true, later
	}
	return false, later
}

// counts reports that the number before i counts something other than money.
func counts(ts []token, i int) bool {
	return i < len(ts) && !ts[i].brk && has(unitWords, ts[i].id)
}

// welcomed reports "don't hesitate to call", "don't forget to call me": the
// negation is of not calling.
func welcomed(ts []token, from int) bool {
	for k := from - 1; k >= 1 && k >= from-4; k-- {
		if has(neglect, ts[k].id) {
			return ts[k-1].id == idNot || k > 1 && ts[k-2].id == idNot
		}
	}
	return false
}

var (
	neglect = wordSet("hesitate|forget|fail|afraid|shy")
	idMind  = intern("mind")
)

// kindness reports "I don't want to miss your call", "don't give up on me".
func kindness(ts []token, m *mark) bool {
	for i := m.from; i < min(len(ts), m.to+1); i++ {
		if has(kindly, ts[i].id) {
			return true
		}
	}
	return m.to < len(ts) && ts[m.to].id == idUp && !ts[m.to].brk && has(giveWords, ts[m.to-1].id)
}

var (
	giveWords = wordSet("give|giving")
	idUp      = intern("up")
)

// clockTime reports that the bare number at i is an hour: a day or a part of one
// was named just before it.
func clockTime(ts []token, i int) bool {
	if ts[i].id != idNumber {
		return false
	}
	for k := i - 1; k >= 0 && k >= i-3; k-- {
		if has(dayWords, ts[k].id) {
			return true
		}
	}
	return false
}

var dayWords = wordSet("tomorrow|@day|@part")

// donorCalls reports that it is the donor who will call: "I'll call you back".
func donorCalls(ts []token, from int) bool {
	for k := from - 1; k >= 0 && k >= from-3; k-- {
		if (ts[k].id == idI || ts[k].id == idWe) && !(k > 0 && has(thatYou, ts[k-1].id)) {
			return from+1 < len(ts) && ts[from+1].id == idYou || ts[min(from, len(ts)-1)].id == idCall && k == from-2
		}
	}
	return from >= 2 && ts[from-1].id == idA && ts[from-2].id == idYou // "give you a call"
}
