package outcome

// readAmount takes the amount of a commitment: what the sentence names, or what
// the agent's ask named when the answer names none.
func (l *ledger) readAmount(m mark, s sentence, c situation) {
	from, to := m.from, min(len(s.tok), m.to+10)
	var found *int64
	ranged := false
	for i := from; i < to; i++ {
		t := s.tok[i]
		if found != nil && i >= m.to && t.brk && t.id != idMoney && t.id != idNumber && t.id != idSo {
			break // another clause
		}
		if t.id != idMoney && t.id != idNumber || t.val <= 0 || counts(s.tok, i+1) || negated(s.tok, i, 2) {
			continue
		}
		if found != nil && i > 0 && rangeBetween(s.tok, i) {
			ranged = true // the lower bound was taken before
			continue
		}
		if found != nil && t.id == idNumber && i >= m.to {
			continue // a number later in the sentence is rarely the amount
		}
		if t.id == idNumber && i >= m.to && !has(amountLeads, s.tok[i-1].id) {
			continue
		}
		v := l.inCents(t, c.ask)
		if i+2 < len(s.tok) && !s.tok[i+1].brk && (s.tok[i+1].id == idMoney || s.tok[i+1].id == idNumber) {
			ranged = true // "20-30"
			found = &v
			break
		}
		found = &v
	}
	if found == nil && m.kind != amountOnly && c.ask.asksGift() && c.ask.cents != nil && (l.amount == nil || c.ask.kind == askMore) {
		v := *c.ask.cents
		found = &v
		l.monthly = l.monthly || c.ask.monthly
	}
	if found != nil {
		l.amount, l.ranged = found, ranged
		l.monthly = recurring(s.near(m)) || c.ask.monthly
		return
	}
	l.monthly = l.monthly || recurring(s.near(m))
}

var (
	yesWords    = wordSet("@yes")
	amountLeads = wordSet("you|ya|them|him|her|us|between|from|for|about|around|maybe|like|to|with|of|say|just|only|give|donate|do|pledge|send|contribute|@giving|approximately|another|at")
	rangeWords  = wordSet("to|or|and|y|o|a|maybe")
	perWords    = wordSet("a|per|each|every|al")
	idMonth     = intern("month")
	idMonthly   = intern("monthly")
)

// rangeBetween reports "20 to 30": an amount, a word, the amount at i.
func rangeBetween(ts []token, i int) bool {
	prev := func(k int) bool { return k >= 0 && (ts[k].id == idMoney || ts[k].id == idNumber) }
	return prev(i-1) || prev(i-2) && has(rangeWords, ts[i-1].id) || prev(i-3) && has(rangeWords, ts[i-1].id) && has(rangeWords, ts[i-2].id)
}

func recurring(ts []token) bool {
	for i := range ts {
		if ts[i].id == idMonthly || ts[i].id == idMonth && i > 0 && has(perWords, ts[i-1].id) {
			return true
		}
	}
	return false
}
