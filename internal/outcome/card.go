package outcome

import "strings"

// A gift by card during the call: the donor promised, gave a card, and the agent
// says that it was charged. The agent's word alone counts for nothing, and
// neither does a card without it. A card number is never quoted as evidence.

var donorCard, agentCharged phrases[bool]

func init() {
	donorCard.add(true, `
		use|charge|run|put|take|try ..4 card|visa|mastercard|amex|discover|debit|account
		card|visa|mastercard on|you file|have
		card number|is
		same|my|debit|credit card|visa|mastercard|amex
		on my visa|mastercard|card|debit
		security|cvv|cvc code|is|number
		expiration|expires|expiry
		take apple|google|pay? pay?`)
	agentCharged.add(true, `
		payment|card|visa|mastercard|donation|gift|charge|transaction|it|that|everything ..5 went|gone|going through
		payment|card|visa|mastercard|donation|gift|charge|transaction|it|that|contribution ..4 is|was|been|has|came ..2 approved|processed|successful|accepted|complete|completed|confirmed|charged|received
		payment|transaction|charge approved|processed|successful|accepted|complete|completed|confirmed
		i|we have|just ..2 charged|processed|completed|received|run|ran
		i|we charged|processed ..2 card|visa|mastercard|payment|gift|donation
		confirmation|receipt|reference|transaction number|code|id is|was
		confirmation|receipt ..2 is|has|was ..2 on|been|in|sent|emailed|mailed
		card|visa|mastercard|you has|have|was|been been? charged
		that|it|payment|card is|has|all ..1 went|gone|approved through?`)
}

var notCharged = wordSet("not|never|declined|failed|fail|problem|once|when|if|after|will|unable|rejected|error|another|would|can|could|should")

// hearCharge reads in the agent's words that the card was charged.
func (r *reader) hearCharge(sents []sentence) {
	if r.cardAt < 0 || r.ledger.stance != saidYes {
		return
	}
	for _, s := range sents {
		_, from, _, ok := agentCharged.any(s.tok)
		if !ok || s.question {
			continue
		}
		open := false
		for i := max(0, from-8); i < min(len(s.tok), from+8); i++ {
			open = open || has(notCharged, s.tok[i].id)
		}
		if !open {
			r.ledger.step++
			r.ledger.set(hasPaid, 0.8)
			r.evidence = append(r.evidence, Evidence{Message: r.cardAt, Cue: "card_charged"})
			return
		}
	}
}

// hearCard notes that the donor gives a card. It reports whether said is the
// number itself, which is neither an amount nor an answer.
func (r *reader) hearCard(message int, s sentence, said string) (number bool) {
	digits := cardDigits(said)
	if _, _, _, ok := donorCard.any(s.tok[:min(len(s.tok), 60)]); ok || digits >= 12 {
		r.cardAt = message
	}
	if digits >= 12 && r.ledger.stance == noStance {
		r.ledger.step++
		r.ledger.set(saidYes, 0.8)
		r.ledger.yesMessage, r.ledger.amount = message, moneyOnly(s.tok)
		r.evidence = append(r.evidence, Evidence{Message: message, Cue: "card_number"})
		r.decided = true
	}
	return digits >= 8
}

// moneyOnly is the one amount with a currency among ts.
func moneyOnly(ts []token) *int64 {
	var sum *int64
	for _, t := range ts {
		if t.id == idMoney && t.val > 0 && t.val <= maxCents {
			sum = &t.val
		}
	}
	return sum
}

var digitWords = map[string]bool{
	"zero": true, "oh": true, "one": true, "two": true, "three": true, "four": true, "five": true, "six": true, "seven": true,
	"eight": true, "nine": true, "cero": true, "uno": true, "dos": true, "tres": true, "cuatro": true, "cinco": true,
	"seis": true, "siete": true, "ocho": true, "nueve": true,
}

// cardDigits counts the digits said one by one or written, in the first few
// hundred bytes.
func cardDigits(said string) int {
	n := 0
	for w := range strings.FieldsFuncSeq(strings.ToLower(said[:min(len(said), 400)]), func(c rune) bool { return c == ' ' || c == ',' || c == '-' || c == '.' }) {
		if digitWords[w] {
			n++
			continue
		}
		if strings.Trim(w, "0123456789") == "" {
			n += len(w)
		}
	}
	return n
}
