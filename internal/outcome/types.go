package outcome

import "time"

// Version names the rule set. It is stored beside each outcome, so that a
// stored outcome can be told from one that newer rules would give.
const Version = "2026-11-4"

// Message is one turn of a transcript.
type Message struct {
	Role    string // "user" is the called side, "agent" is ours; other roles are ignored
	Text    string // any bytes; invalid UTF-8 and NULs are skipped
	Seconds int    // since the start of the call
}

// Input is what is known about one ended call.
type Input struct {
	Messages          []Message
	CallResult        string         // answered|voicemail|busy|no_answer|failed, or ""
	TerminationReason string         // the provider's free text
	Collected         map[string]any // the provider's data_collection_results by id: a value, or {"value": ...}
	CallEndedAt       time.Time      // the instant that "tomorrow" is counted from
	Zone              string         // the lead's IANA zone for call-back times; "" when unknown
}

// Outcome is one value of the database enum call_outcome.
type Outcome string

// The outcomes, as the database spells them.
const (
	Pledged           Outcome = "pledged"
	Donated           Outcome = "donated"
	Interested        Outcome = "interested"
	NotInterested     Outcome = "not_interested"
	CallbackRequested Outcome = "callback_requested"
	VoicemailLeft     Outcome = "voicemail_left"
	WrongNumber       Outcome = "wrong_number"
	DoNotCall         Outcome = "do_not_call"
	Unknown           Outcome = "unknown"
)

// All lists every outcome in the order in which reports show them.
var All = []Outcome{
	Pledged, Donated, Interested, NotInterested, CallbackRequested,
	VoicemailLeft, WrongNumber, DoNotCall, Unknown,
}

// Commitment reports whether o is a promise or a gift.
func (o Outcome) Commitment() bool { return o == Pledged || o == Donated }

// Evidence is one place in the transcript that an outcome rests on.
type Evidence struct {
	Message int    `json:"message"` // index into Input.Messages; -1 for what the provider said
	Quote   string `json:"quote"`   // at most 200 bytes of the sentence, valid UTF-8
	Cue     string `json:"cue"`     // the name of the rule
}

// Where an outcome came from.
const (
	SourceRules    = "rules"    // the transcript, read by this package
	SourceProvider = "provider" // the provider's analysis or machine detection
)

// Result is the reading of one call.
type Result struct {
	Outcome     Outcome
	Confidence  float64    // 0..1; below 0.6 is worth a person's look
	Source      string     // SourceRules or SourceProvider
	AmountCents *int64     // of a pledge or gift; nil when none was named or it was relative ("half of it")
	AmountRange bool       // a range was named, AmountCents is its lower bound
	Monthly     bool       // the amount recurs each month
	Evidence    []Evidence // in the order heard, at most maxEvidence
	CallbackAt  *time.Time // in the lead's zone, in the future, 09:00-20:00 there; nil when unclear
	OptOut      bool       // no more calls, heard anywhere, even if the outcome is something else
	WrongNumber bool       // the person is not reachable at this number
	NeedsReview bool       // sources disagree, or the donor said both yes and no
	Sentiment   float64    // -1..1, two decimals
	KeyPoints   []string   // up to five: decision, amount, reason, question, call-back, quoted
	Version     string
}
