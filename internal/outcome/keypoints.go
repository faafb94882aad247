package outcome

import (
	"fmt"
	"strings"
)

// points collects the sentences that a person would want to read: the decision,
// the amount, the reason, a question, the call-back.
type points struct {
	decision, amount, reason, question string
	callback                           string
	callbackText                       string // the words around the call-back, for its time
	asked                              int    // length of the question kept
}

// hear keeps the longest real question of the donor.
func (p *points) hear(s sentence, text string) {
	if !s.question || len(s.tok) < 4 || len(s.tok) <= p.asked || len(s.tok) > 60 {
		return
	}
	p.question, p.asked = quote(text[s.start:s.end])+"?", len(s.tok)
}

// mark keeps the sentence of a mark that counted.
func (p *points) mark(m mark, s sentence, text string) {
	q := quote(text[s.start:s.end])
	switch m.kind {
	case commit, commitWeak, assent, ack, agree, paid, refuse, refuseSoft, refuseAsk, bareNo, deferred, undecided, amountOnly:
		p.decision = q
		if hasAmount(s.near(m)) && m.kind != refuse && m.kind != refuseSoft {
			p.amount = q
		}
	case interest:
		if p.decision == "" {
			p.decision = q
		}
	case refuseWeak:
		p.reason = q
		if p.decision == "" {
			p.decision = q
		}
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

// list returns up to five points in that order, each once, labelled and quoted.
// A gate's own evidence (opt-out, wrong number) is the decision where it decided.
func (p *points) list(res Result) []string {
	decision := p.decision
	if res.Outcome == DoNotCall || res.Outcome == WrongNumber {
		for _, e := range res.Evidence {
			if e.Message >= 0 && isGate(e.Cue) {
				decision = e.Quote
				break
			}
		}
	}
	var out []string
	seen := map[string]bool{}
	for _, k := range []struct{ label, quote string }{
		{"Decision", decision}, {"Amount", p.amount}, {"Reason", p.reason}, {"Question", p.question}, {"Call-back", p.callback},
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
