package outcome

// readAsk finds what the agent's message asks: its last question decides; a
// generic question hands over to the sentence before it; with no question at
// all a plea may remain.
func readAsk(sents []sentence) ask {
	soft, generic := false, false
	for i := len(sents) - 1; i >= 0 && i >= len(sents)-8; i-- {
		ts := sents[i].tok
		if len(ts) > 150 {
			ts = ts[len(ts)-150:] // unpunctuated speech: the end is what was asked
		}
		question := sents[i].question || asksByOrder(ts)
		if !question && !generic {
			soft = soft || pleads(ts)
			continue
		}
		if question && len(ts) <= 7 && i > 0 && !mentions(ts, askGift, askPerson, askTooMuch) {
			if _, _, _, ok := genericCues.any(ts); ok {
				generic = true
				continue
			}
		}
		if k := kindOfAsk(ts); k != askNone && (question || k == askGift || k == askMore) {
			return ask{k, soleAmount(ts), recurring(ts), k == askOther && asksMoment(ts), asksHour(ts)}
		}
		if question {
			return ask{kind: askOther, moment: asksMoment(ts), hour: asksHour(ts)}
		}
	}
	if soft || generic {
		return ask{kind: askSoft}
	}
	return ask{}
}

// kindOfAsk classifies one question. Habit and small talk come first: "do you
// usually give?" is not the ask.
func kindOfAsk(ts []token) askKind {
	if asksHour(ts) {
		return askOther
	}
	var seen [askOther + 1]bool
	for i := range ts {
		askCues.at(ts, i, func(k askKind, _ int) { seen[k] = true })
	}
	if soleAmount(ts) != nil {
		seen[askGift] = true // a question about a sum is about giving it
	}
	switch {
	case seen[askTooMuch]:
		return askTooMuch
	case seen[askOther] && (soleAmount(ts) == nil || past(ts)):
		return askOther
	case seen[askGift] && seen[askMore]:
		return askMore
	case seen[askGift]:
		return askGift
	case seen[askPerson]:
		return askPerson
	case seen[askMore]:
		return askMore
	case seen[askSoft]:
		return askSoft
	}
	return askNone
}

// past reports a question about what was or is usually done.
func past(ts []token) bool {
	for i := range ts {
		if has(pastWords, ts[i].id) {
			return true
		}
	}
	return false
}

func asksMoment(ts []token) bool {
	for i := range ts {
		if has(momentWords, ts[i].id) {
			return true
		}
	}
	return false
}

// asksHour reports a question about an hour: "is ten o'clock alright?".
func asksHour(ts []token) bool {
	for i := 1; i < len(ts); i++ {
		if has(hourMarks, ts[i].id) && ts[i-1].val > 0 {
			return true
		}
	}
	return false
}

var hourMarks = wordSet("oclock|am|pm|sharp")

var momentWords = wordSet("minute|minutes|moment|second|sec|time|busy|talk")

var pastWords = wordSet("did|ever|usually|often|heard|donated|gave|know|receive|received")

func pleads(ts []token) bool {
	k := kindOfAsk(ts)
	return k == askSoft || k == askGift || k == askMore
}

func mentions(ts []token, kinds ...askKind) bool {
	k := kindOfAsk(ts)
	for _, want := range kinds {
		if k == want {
			return true
		}
	}
	return false
}

var (
	questionLeads = wordSet("and|but|so|well|okay|oh|um|uh|hmm|hey|now|then|because|or|yes|no|actually|like|wait|sorry|sure")

	idWhen   = intern("when")
	auxWords = wordSet("@aux")
	whWords  = wordSet("@wh")
	subjects = wordSet("i|we|you|it|that|this|there|they|he|she|do|does|did|much|many|about|can|could|would|should|is|are|my|the|will|puedo|your|any|anyone|he|kind|exactly|long|often|come")
)

// asksByOrder reports a question by its word order, for ASR without marks.
func asksByOrder(ts []token) bool {
	i := 0
	for i < len(ts)-1 && i < 3 && has(questionLeads, ts[i].id) && !has(auxWords, ts[i].id) && !has(whWords, ts[i].id) {
		i++
	}
	if i+1 >= len(ts) {
		return false
	}
	if ts[i].id == idWhen {
		return has(auxWords, ts[i+1].id) // "when I get paid" is no question
	}
	if has(whWords, ts[i].id) && has(auxWords, ts[i+1].id) {
		return true
	}
	if has(auxWords, ts[i].id) && has(doWords, ts[i+1].id) {
		return false // "no can do", "will do"
	}
	return (has(auxWords, ts[i].id) || has(whWords, ts[i].id)) && has(subjects, ts[i+1].id)
}

// soleAmount returns the amount of ts if there is exactly one.
func soleAmount(ts []token) *int64 {
	var found *int64
	for i := range ts {
		if ts[i].id == idMoney && ts[i].val > 0 || ts[i].id == idNumber && ts[i].val >= 500 {
			if found != nil && *found != ts[i].val {
				return nil
			}
			found = &ts[i].val
		}
	}
	if found == nil {
		return nil
	}
	v := *found // ts is the scanner's buffer
	return &v
}
