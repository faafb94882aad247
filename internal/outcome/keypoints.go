package outcome

import (
	"fmt"
	"strings"
)

// points collects the sentences that a person would want to read: the decision,
// the amount, the reason, a question, the call-back.
type points struct {
	decision string // the plainest sentence of the stance that stands
	rank     int    // how plain it is
	stance   stance // that it is of
	interest string // putting it off, else liking or asking how

	amount, reason, question string
	callback                 string
	callbackText             string // the words around the call-back, for its time
	asked                    int    // length of the question kept
	deferred                 bool   // interest is a putting off
}

// plainness orders the phrases of one stance: "I'll give twenty" says more than
// the "okay, great" that follows it.
var plainness = map[kind]int{
	commit: 3, paid: 3, refuse: 3, refuseSoft: 3, bareNo: 2, refuseAsk: 2, refuseWeak: 2, commitWeak: 2, amountOnly: 2, assent: 2, ack: 1, agree: 1,
}

// hear keeps the longest real question of the donor.
func (p *points) hear(s sentence, text string) {
	if !s.question || len(s.tok) < 4 || len(s.tok) <= p.asked || len(s.tok) > 60 {
		return
	}
	p.question, p.asked = quote(text[s.start:s.end])+"?", len(s.tok)
}

// mark keeps the sentence of a mark that counted. set tells that the mark took
// the stance st.
func (p *points) mark(m mark, s sentence, text string, set bool, st stance) {
	q := quote(text[s.start:s.end])
	rank := plainness[m.kind]
	if set && rank > 0 && st != noStance && (st != p.stance || rank >= p.rank) {
		p.decision, p.rank, p.stance = q, rank, st
	}
	switch m.kind {
	case commit, commitWeak, assent, ack, agree, paid, amountOnly:
		if hasAmount(s.near(m)) {
			p.amount = q
		}
	case interest, deferred, undecided:
		if later := m.kind != interest; p.interest == "" || later && !p.deferred || m.name == "likes_it" && !p.deferred {
			p.interest, p.deferred = q, later
		}
	case refuseWeak:
		p.reason = q
	case callback, callbackWeak:
		if p.callback == "" || m.kind == callback {
			p.callback = q
		}
		said := text[s.start:min(s.end, s.start+400)] + ". "
		if !strings.HasSuffix(p.callbackText, said) {
			p.callbackText += said
		}
		if len(p.callbackText) > 1200 {
			p.callbackText = p.callbackText[len(p.callbackText)-1200:]
		}
	}
}

// decisive is the sentence that says best what came of the call.
func (p *points) decisive(res Result) string {
	switch res.Outcome {
	case DoNotCall, WrongNumber: // a gate's own evidence
		for _, e := range res.Evidence {
			if e.Message >= 0 && isGate(e.Cue) {
				return e.Quote
			}
		}
	case Interested:
		return p.interest
	case CallbackRequested, VoicemailLeft:
		return ""
	}
	if p.decision == "" {
		return p.interest
	}
	return p.decision
}

// list returns up to five points in that order, each sentence once, labelled and
// quoted.
func (p *points) list(res Result) []string {
	amount := p.amount
	if res.AmountCents == nil {
		amount = "" // taken back, or of something else
	}
	var out []string
	seen := map[string]bool{}
	for _, k := range []struct{ label, quote string }{
		{"Decision", p.decisive(res)}, {"Amount", amount}, {"Reason", p.reason}, {"Question", p.question}, {"Call-back", p.callback},
	} {
		if k.quote != "" && !seen[k.quote] {
			seen[k.quote] = true
			out = append(out, fmt.Sprintf("%s: “%s”", k.label, k.quote))
		}
	}
	return out
}

// isGate reports the cues of opt-outs and wrong numbers.
func isGate(name string) bool {
	for _, p := range donorCues.list {
		if p.what.name == name {
			return p.what.kind == optOut || p.what.kind == wrong || p.what.kind == wrongIfAsked
		}
	}
	return false
}
