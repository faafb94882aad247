package outcome

import (
	"fmt"
	"strings"
)

// consult lets the provider's word in where it knows more than the transcript.
// Order: an opt-out from either side, machine detection, the configured outcome
// of the provider's analysis, the rules. call_successful is no outcome and is
// never asked for.
func (r *reader) consult(in Input, res *Result) {
	if id, ok := collectedOptOut(in.Collected); ok {
		res.OptOut = true
		res.Evidence = append(res.Evidence, Evidence{-1, id, "provider_opt_out"})
	}
	if res.OptOut {
		if res.Outcome != DoNotCall {
			res.Outcome, res.Confidence, res.Source = DoNotCall, 0.95, SourceProvider
		}
		return
	}
	if machineDetected(in) {
		r.machineWord(res)
		return
	}
	said, ok := collectedOutcome(in.Collected)
	if !ok || said == Unknown || res.Outcome == VoicemailLeft {
		return
	}
	unproved := said == Donated && r.ledger.stance != hasPaid
	if unproved {
		said = Pledged // a model's "donated" without evidence of payment is a promise
	}
	if said == DoNotCall {
		res.OptOut = true
	}
	if said == WrongNumber {
		res.WrongNumber = true
	}
	rules := res.Outcome
	res.Source = SourceProvider
	res.Evidence = append(res.Evidence, Evidence{-1, string(said), "provider_outcome"})
	res.Outcome = said
	switch {
	case said == rules:
		res.Confidence = min(0.97, res.Confidence+0.05)
	case said.Commitment() && rules == NotInterested:
		res.Confidence, res.NeedsReview = 0.5, true
	case rules == Unknown:
		res.Confidence, res.NeedsReview = 0.75, unproved
	default:
		res.Confidence, res.NeedsReview = 0.65, said.Commitment() != rules.Commitment()
	}
}

// machineWord applies the provider's answering-machine detection.
func (r *reader) machineWord(res *Result) {
	res.Evidence = append(res.Evidence, Evidence{-1, "voicemail", "provider_machine"})
	res.NeedsReview = r.human && r.ledger.stance != noStance
	rules := res.Outcome
	res.Source, res.Confidence = SourceProvider, 0.95
	if res.NeedsReview {
		res.Confidence = 0.6
	}
	if r.agentAt > r.machineAt && r.agentAt >= 0 {
		res.Outcome = VoicemailLeft
		return
	}
	res.Outcome = Unknown // a greeting, and nothing was left on it
	if rules == Unknown {
		res.Source = SourceRules
	}
}

func machineDetected(in Input) bool {
	if strings.EqualFold(in.CallResult, "voicemail") {
		return true
	}
	reason := strings.ToLower(in.TerminationReason)
	return strings.Contains(reason, "voicemail") || strings.Contains(reason, "answering machine") || strings.Contains(reason, "voice mail")
}

// collected returns a data collection value as plain text. Values come bare or
// as {"value": ...}, typed or as strings.
func collected(v any) string {
	if m, ok := v.(map[string]any); ok {
		v = m["value"]
	}
	switch v := v.(type) {
	case nil, map[string]any, []any:
		return ""
	case string:
		return fold1(v)
	default:
		return fold1(fmt.Sprint(v))
	}
}

func fold1(s string) string {
	if len(s) > 64 {
		return ""
	}
	return strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(strings.TrimSpace(s)))
}

// outcomeKeys are the ids under which agents are configured to collect it.
var outcomeKeys = []string{"outcome", "call_outcome", "disposition"}

func collectedOutcome(c map[string]any) (Outcome, bool) {
	for _, key := range outcomeKeys {
		said := collected(c[key])
		for _, o := range All {
			if said == string(o) {
				return o, true
			}
		}
	}
	return "", false
}

var optOutKeys = []string{"do_not_call", "dnc", "opt_out", "opted_out", "unsubscribe", "remove_from_list"}

func collectedOptOut(c map[string]any) (string, bool) {
	for _, key := range optOutKeys {
		switch collected(c[key]) {
		case "true", "yes", "1", "y", "si":
			return key, true
		}
	}
	for _, key := range outcomeKeys {
		if collected(c[key]) == string(DoNotCall) {
			return key, true
		}
	}
	return "", false
}
