package outcome

// elsewhere reports another recipient, or a gift that is not money, right after
// the verb: "donate my time", "give to my church", "give you a call".
func elsewhere(ts []token, m *mark) bool {
	for i := max(0, m.from-6); i < m.from; i++ { // "other charities I would like to give to"
		if has(otherRecipients, ts[i].id) && has(recipients, ts[i+1].id) {
			return true
		}
	}
	for i := m.to - 1; i < min(m.to+5, len(ts)); i++ {
		if i >= m.to && ts[i].brk {
			return false
		}
		if has(homely, ts[i].id) && i > 0 && has(mine, ts[i-1].id) {
			return true // "in my town", "to our church"
		}
		if has(otherGifts, ts[i].id) && !(i > 0 && ts[i-1].id == idA && ts[i].id != idCall && ts[i].id != idTry && ts[i].id != idRing) {
			return ts[i].id != idTime || !(i > 0 && (ts[i-1].id == idThis || ts[i-1].id == idAt))
		}
		if ts[i].id == idTo && i+1 < len(ts) && i >= m.to-1 {
			if has(otherRecipients, ts[i+1].id) && !(i+2 < len(ts) && has(ourRecipients, ts[i+2].id)) {
				return true
			}
			if m.kind == paid && !has(ourRecipients, ts[i+1].id) {
				return true
			}
			return false
		}
	}
	return false
}

// givesThought reports "give it some thought", "give you a call".
func givesThought(ts []token, to int) bool {
	for i := to - 1; i < min(to+5, len(ts)); i++ {
		if has(thoughts, ts[i].id) {
			return true
		}
	}
	return false
}

type amountPlace bool

const (
	inCommit   amountPlace = false
	bareAmount amountPlace = true
)

// zero turns a commitment of nothing into a refusal.
func zero(ts []token, m *mark, place amountPlace) bool {
	end := m.to
	if place == inCommit {
		end = min(m.to+3, len(ts))
	}
	seen := false
	for i := m.from; i < end; i++ {
		if i >= m.to && ts[i].brk {
			break
		}
		if ts[i].id == idMoney || ts[i].id == idNumber {
			if ts[i].val > 0 {
				return false
			}
			seen = true
		}
		if has(nothing, ts[i].id) {
			seen = true
		}
	}
	if seen && place == inCommit {
		m.cue = cue{refuse, "zero"}
	}
	if seen && place == bareAmount {
		m.cue = cue{refuseAsk, "zero"}
		return false
	}
	return seen
}

func hasAmount(ts []token) bool {
	for _, t := range ts {
		if t.id == idMoney || t.id == idNumber {
			return true
		}
	}
	return false
}
