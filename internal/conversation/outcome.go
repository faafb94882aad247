package conversation

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"github.com/callhenk/henk-worker/internal/calltime"
	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/outcome"
	"github.com/callhenk/henk-worker/internal/phone"
)

// input is what the classifier reads. Its messages are the transcript's items, so that evidence can be found again.
func input(row *facts, b *elevenlabs.Conversation, t times) outcome.Input {
	in := outcome.Input{
		Messages: make([]outcome.Message, len(b.Transcript)), CallResult: callResult(b), TerminationReason: b.Metadata.TerminationReason,
		Collected: collected(row, b), CallEndedAt: t.end, Zone: zone(row),
	}
	for i, item := range b.Transcript {
		in.Messages[i] = outcome.Message{Role: item.Role, Text: clean(deref(item.Message), maxMessage), Seconds: item.TimeInCallSecs}
	}
	return in
}

// collected is the provider's analysis as the classifier takes it: that of the body, or, when this body came without,
// the one that was delivered before.
func collected(row *facts, b *elevenlabs.Conversation) map[string]any {
	a := b.Analysis
	if a == nil && len(row.Analysis) > 0 {
		a = &elevenlabs.Analysis{}
		if json.Unmarshal(row.Analysis, a) != nil {
			return nil
		}
	}
	if a == nil {
		return nil
	}
	values := make(map[string]any, len(a.DataCollectionResults))
	for id, r := range a.DataCollectionResults {
		values[id] = r.Value
	}
	return values
}

const maxAnalysis = 256 << 10

// analysis is the provider's judgement as it is kept beside ours; what is too large is kept without its details.
func analysis(b *elevenlabs.Conversation) json.RawMessage {
	if b.Analysis == nil {
		return nil
	}
	data, err := json.Marshal(b.Analysis)
	if err == nil && len(data) <= maxAnalysis && !bytes.Contains(data, []byte(`\u0000`)) {
		return data
	}
	return json.RawMessage(encode(elevenlabs.Analysis{
		CallSuccessful: clean(b.Analysis.CallSuccessful, maxName), TranscriptSummary: clean(b.Analysis.TranscriptSummary, maxMessage)}))
}

// zone is where call-back times are meant: the lead's own zone, else one where the number may be; "" when unknown.
func zone(row *facts) string {
	if row.Timezone != nil {
		if name, ok, _ := calltime.LeadZone(*row.Timezone); ok {
			return name
		}
	}
	if zones := phone.Zones(phone.Number{E164: number(row)}); len(zones) > 0 {
		return zones[0]
	}
	return ""
}

// number is the number that was called, in E.164; "" when it is not known.
func number(row *facts) string {
	for _, raw := range []*string{row.DialedNumber, row.ToNumber} {
		if n, err := phone.Parse(deref(raw), nil); err == nil {
			return n.E164
		}
	}
	return deref(row.DialedNumber) // of a country that is not enabled any more
}

// leadNumber is the number to suppress for a person who opted out: the one that was called, else theirs.
func leadNumber(row *facts) string {
	if n := number(row); n != "" {
		return n
	}
	if n, err := phone.Choose(row.Phone, row.MobilePhone, nil); err == nil {
		return n.E164
	}
	return ""
}

// humanOutcome is what a person entered: a correction, or an outcome that is not the one we wrote. What stood there
// before our first reading was not ours either.
func humanOutcome(row *facts) string {
	if row.CorrectedOutcome != nil {
		return *row.CorrectedOutcome
	}
	if deref(row.Outcome) != "" && *row.Outcome != deref(row.WrittenOutcome) {
		return *row.Outcome
	}
	return ""
}

// isOutcome tells whether a text is one of the database's outcomes; a person may have entered anything.
func isOutcome(text string) bool { return slices.Contains(outcome.All, outcome.Outcome(text)) }

// finish draws the conclusions of a call that is over.
func (s *Syncer) finish(c *change, r reading, t times, settle bool) {
	row := c.row
	r.human = humanOutcome(row)
	if row.OptedOut && !r.OptOut { // never undone, whatever a later reading says
		r.OptOut, r.Outcome = true, outcome.DoNotCall
		r.Evidence = append(r.Evidence, outcome.Evidence{Message: -1, Cue: "opted_out_in_an_earlier_reading"})
	}
	if r.human == string(outcome.DoNotCall) {
		r.OptOut = true
	}
	c.reading, c.write = r, true
	c.closed = isOpen(row.Status)
	c.attempt = attemptResult(r.status)

	c.conv.Status, c.conv.Settled = &r.status, settle
	if t.ended {
		c.conv.EndedAt, c.conv.Duration = &t.end, &t.seconds
	}
	sentiment := bounded(r.Sentiment)
	if r.status == statusCompleted || r.status == statusVoicemail {
		c.conv.Sentiment, c.log.Sentiment = &sentiment, &sentiment
		c.conv.KeyPoints = keyPoints(r.KeyPoints)
	}
	if r.human == "" {
		c.conv.Outcome = orNil(r.effective())
	}
	if effective := r.effective(); isOutcome(effective) && (row.LogOutcome == "" || row.LogOutcome == deref(row.WrittenOutcome)) {
		c.log.Outcome = &effective
	}
	c.log.Final = true
	c.describe(t)
	c.consequences(t)

	state := StateDone
	if r.because != "" {
		state = StateMissing
	}
	c.result = Result{State: state, Outcome: r.effective()}
	known := row.ReadOutcome != nil && *row.ReadOutcome == string(r.Outcome) && row.ClosedBecause == nil
	c.writeBack = r.because == "" && !known || r.because != "" && settle && row.SettledAt == nil
}

// describe fills the outcome's own row.
func (c *change) describe(t times) {
	r, d := &c.reading, &c.detail
	d.ClosedBecause = orNil(r.because)
	d.Version, d.Outcome, d.Confidence, d.Source = r.Version, string(r.Outcome), r.Confidence, r.Source
	d.AmountRange, d.Monthly, d.CallbackAt, d.OptOut, d.NeedsReview = r.AmountRange, r.Monthly, r.CallbackAt, r.OptOut, r.NeedsReview
	d.AmountCents = r.AmountCents
	for i := range r.Evidence {
		r.Evidence[i].Quote = clean(r.Evidence[i].Quote, maxToolText)
		r.Evidence[i].Cue = clean(r.Evidence[i].Cue, maxName)
	}
	if data, err := json.Marshal(r.Evidence); err == nil && len(r.Evidence) > 0 {
		d.Evidence = data
	}
	if r.human == "" {
		d.WrittenOutcome = orNil(r.effective())
	}
	if t.ended {
		d.TalkSeconds = t.seconds
	}
}

func keyPoints(points []string) json.RawMessage {
	list := make([]string, 0, 5)
	for _, p := range points[:min(len(points), 5)] {
		list = append(list, clean(p, maxToolText))
	}
	return json.RawMessage(encode(list))
}

// bounded keeps a score in -1..1; what is not a number counts as neutral.
func bounded(score float64) float64 {
	if !(score >= -1 && score <= 1) {
		return max(-1, min(1, zeroNaN(score)))
	}
	return score
}

func zeroNaN(f float64) float64 {
	if f != f {
		return 0
	}
	return f
}

// callbackOf is the instant to call again, in whole seconds so that it can be recognized in the database.
func callbackOf(at time.Time) *time.Time {
	at = at.UTC().Truncate(time.Second)
	return &at
}
