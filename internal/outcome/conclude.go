package outcome

import (
	"math"
	"slices"
)

// maxEvidence bounds the evidence of one call; the earliest decisions give way.
const maxEvidence = 12

// note keeps one piece of evidence, once per sentence and cue.
func (r *reader) note(list *[]Evidence, message int, text string, start, end int, name string) {
	gate := list == &r.gate
	for i := len(*list) - 1; i >= 0; i-- {
		e := (*list)[i]
		if e.Cue == name && (gate || e.Message == message) {
			return
		}
	}
	*list = append(*list, Evidence{Message: message, Quote: quote(text[start:end]), Cue: name})
	if !gate && len(*list) > maxEvidence/2 {
		r.forget(list)
	}
}

// forget drops the least telling piece: the oldest of mere interest, else the oldest.
func (r *reader) forget(list *[]Evidence) {
	for i, e := range *list {
		if mild[e.Cue] {
			*list = slices.Delete(*list, i, i+1)
			return
		}
	}
	*list = slices.Delete(*list, 0, 1)
}

var mild = map[string]bool{"likes_it": true, "ask_how": true, "wants_information": true, "think_about_it": true, "would_if": true, "already_gives": true}

// conclude applies the gates in order and then the last decision.
func (r *reader) conclude(in Input) Result {
	l := &r.ledger
	res := Result{
		Outcome: Unknown, Confidence: 0.3, Source: SourceRules, Version: Version,
		OptOut: r.optOut, WrongNumber: l.wrongAt > 0,
	}
	res.Outcome, res.Confidence = r.decide()
	r.consult(in, &res)
	if res.Outcome.Commitment() {
		res.AmountCents, res.AmountRange, res.Monthly = l.amount, l.ranged, l.monthly
	}
	if res.Outcome == VoicemailLeft || r.machineAt >= 0 && !r.human {
		res.WrongNumber = false
	}
	if l.saidBoth && res.Source == SourceRules && res.Outcome != DoNotCall {
		res.Confidence = max(0.3, res.Confidence-0.15)
		res.NeedsReview = res.Outcome.Commitment()
	}
	res.Confidence = math.Round(res.Confidence*100) / 100
	if l.callbackAt > 0 || l.callbackWeakAt > 0 {
		res.CallbackAt = callbackTime(r.points.callbackText, in.CallEndedAt, in.Zone)
	}
	res.Evidence = slices.Concat(r.gate, r.evidence, res.Evidence)
	slices.SortStableFunc(res.Evidence, func(a, b Evidence) int { return a.Message - b.Message })
	if len(res.Evidence) > maxEvidence {
		res.Evidence = res.Evidence[:maxEvidence]
	}
	res.Sentiment = r.tone.score(res.Outcome)
	res.KeyPoints = r.points.list(res)
	return res
}

// decide is the outcome by the rules alone.
func (r *reader) decide() (Outcome, float64) {
	l := &r.ledger
	switch {
	case r.optOut:
		return DoNotCall, 0.97
	case r.machineAt >= 0 && !r.human:
		if r.agentAt > r.machineAt {
			return VoicemailLeft, 0.9
		}
		return Unknown, 0.6
	case l.wrongAt > 0 && !(l.decidedAt > l.wrongAt && (l.stance == saidYes || l.stance == hasPaid)):
		return WrongNumber, 0.9
	case l.stance == hasPaid:
		return Donated, l.strength
	case l.stance == saidYes:
		return Pledged, l.strength
	case l.callbackAt > 0 && l.stance != saidNo:
		return CallbackRequested, 0.85
	case l.stance == saidNo || l.stance == saidNotNow || l.stance == gaveReason:
		return NotInterested, l.strength
	case l.callbackWeakAt > 0 && l.interest < 0.7:
		return CallbackRequested, 0.55
	case l.interest > 0:
		return Interested, l.interest
	}
	return Unknown, 0.3
}
