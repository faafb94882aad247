package conversation

import (
	"encoding/hex"
	"encoding/json"
	"math"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/elevenlabs"
)

// The rows below are the input of the set-based statements in store/queries. What is left out is left as it is, unless
// the statement says otherwise.

// conversationRow is the input of ConversationWrite.
type conversationRow struct {
	ID         uuid.UUID       `json:"id"`
	Status     *string         `json:"status,omitempty"`
	StartedAt  *time.Time      `json:"started_at,omitempty"`
	EndedAt    *time.Time      `json:"ended_at,omitempty"`
	Duration   *int32          `json:"duration,omitempty"`
	CallSID    *string         `json:"call_sid,omitempty"`
	Transcript *string         `json:"transcript,omitempty"`
	Sentiment  *float64        `json:"sentiment,omitempty"`
	KeyPoints  json.RawMessage `json:"key_points,omitempty"`
	Outcome    *string         `json:"outcome,omitempty"`
	Settled    bool            `json:"settled"`
}

// callLogRow is the input of CallLogWrite.
type callLogRow struct {
	ID           uuid.UUID       `json:"id"`
	Status       *string         `json:"status,omitempty"`
	Outcome      *string         `json:"outcome,omitempty"`
	AnsweredAt   *time.Time      `json:"answered_at,omitempty"`
	EndedAt      *time.Time      `json:"ended_at,omitempty"`
	Duration     *int32          `json:"duration,omitempty"`
	Ring         *int32          `json:"ring,omitempty"`
	Machine      *string         `json:"machine,omitempty"`
	Sentiment    *float64        `json:"sentiment,omitempty"`
	Cost         *string         `json:"cost,omitempty"`
	Pledged      *string         `json:"pledged,omitempty"`
	Donated      *string         `json:"donated,omitempty"`
	HadPledged   *string         `json:"had_pledged,omitempty"`
	HadDonated   *string         `json:"had_donated,omitempty"`
	Final        bool            `json:"final"`
	ErrorCode    *string         `json:"error_code,omitempty"`
	ErrorMessage *string         `json:"error_message,omitempty"`
	Metadata     json.RawMessage `json:"metadata,omitempty"`
	CallSID      *string         `json:"call_sid,omitempty"`
}

// outcomeRow is the input of ConversationOutcomeWrite.
type outcomeRow struct {
	ConversationID uuid.UUID       `json:"conversation_id"`
	ProviderStatus *string         `json:"provider_status,omitempty"`
	FailureReason  *string         `json:"failure_reason,omitempty"`
	ClosedBecause  *string         `json:"closed_because,omitempty"`
	Events         int             `json:"events"`
	EventsDigest   string          `json:"events_digest"`
	ForeignEvents  bool            `json:"foreign_events"`
	Version        string          `json:"version,omitempty"`
	Outcome        string          `json:"outcome,omitempty"`
	Confidence     float64         `json:"confidence,omitempty"`
	Source         string          `json:"source,omitempty"`
	AmountCents    *int64          `json:"amount_cents,omitempty"`
	AmountRange    bool            `json:"amount_range"`
	Monthly        bool            `json:"monthly"`
	CallbackAt     *time.Time      `json:"callback_at,omitempty"`
	OptOut         bool            `json:"opt_out"`
	NeedsReview    bool            `json:"needs_review"`
	Evidence       json.RawMessage `json:"evidence,omitempty"`
	Analysis       json.RawMessage `json:"analysis,omitempty"`
	WrittenOutcome *string         `json:"written_outcome,omitempty"`
	LeadStatus     *string         `json:"lead_status,omitempty"`
	NextAttemptAt  *time.Time      `json:"next_attempt_at,omitempty"`
	Pledged        *string         `json:"pledged,omitempty"`
	Donated        *string         `json:"donated,omitempty"`
	TalkSeconds    int32           `json:"talk_seconds"`
}

// memberRow is the input of CampaignLeadWrite.
type memberRow struct {
	CampaignID  uuid.UUID  `json:"campaign_id"`
	LeadID      uuid.UUID  `json:"lead_id"`
	DialedAt    time.Time  `json:"dialed_at"`
	Final       bool       `json:"final"`
	Status      string     `json:"status,omitempty"`
	Outcome     *string    `json:"outcome,omitempty"`
	HadStatus   *string    `json:"had_status,omitempty"`
	HadOutcome  *string    `json:"had_outcome,omitempty"`
	Pledged     *string    `json:"pledged,omitempty"`
	Donated     *string    `json:"donated,omitempty"`
	HadPledged  *string    `json:"had_pledged,omitempty"`
	HadDonated  *string    `json:"had_donated,omitempty"`
	Talk        int32      `json:"talk"`
	Duration    *int32     `json:"duration,omitempty"`
	EndedAt     *time.Time `json:"ended_at,omitempty"`
	NextAttempt *time.Time `json:"next_attempt_at,omitempty"`
	HadNext     *time.Time `json:"had_next_attempt_at,omitempty"`
}

// leadRow is the input of LeadWrite.
type leadRow struct {
	LeadID     uuid.UUID  `json:"lead_id"`
	Status     *string    `json:"status,omitempty"`
	HadStatus  *string    `json:"had_status,omitempty"`
	ActivityAt *time.Time `json:"activity_at,omitempty"`
}

// detailOf is the outcome's row as it stands, to be changed.
func detailOf(row *facts) outcomeRow {
	return outcomeRow{
		ConversationID: row.ID, ClosedBecause: row.ClosedBecause, Events: int(row.Events), EventsDigest: hex.EncodeToString(row.EventsDigest),
		ForeignEvents: row.ForeignEvents, WrittenOutcome: row.WrittenOutcome, LeadStatus: row.LeadStatus, NextAttemptAt: row.NextAttemptAt,
		Pledged: orNil(row.Pledged), Donated: orNil(row.Donated), TalkSeconds: row.TalkSeconds,
	}
}

func callSID(b *elevenlabs.Conversation) *string {
	if b.Metadata.PhoneCall == nil || len(b.Metadata.PhoneCall.CallSID) > 255 {
		return nil
	}
	return orNil(clean(b.Metadata.PhoneCall.CallSID, 255))
}

// logMetadata is what call_logs has no column for.
type logMetadata struct {
	Termination string   `json:"termination_reason,omitempty"`
	CallResult  string   `json:"call_result,omitempty"`
	Language    string   `json:"language,omitempty"`
	Credits     *float64 `json:"credits,omitempty"`
	CostUSD     *float64 `json:"cost_usd,omitempty"`
}

// logOf fills the log of a call that is over.
func logOf(l *callLogRow, b *elevenlabs.Conversation, t times, status string) {
	l.Status = &status
	if !t.answered.IsZero() && status != statusBusy && status != statusNoAnswer {
		l.AnsweredAt, l.Ring = &t.answered, t.ring
	}
	if t.ended {
		l.EndedAt, l.Duration = &t.end, &t.seconds
	}
	switch {
	case status == statusVoicemail:
		l.Machine = orNil("machine")
	case status == statusCompleted && userSpoke(b):
		l.Machine = orNil("human")
	}
	l.Cost = cost(b.Metadata.CostFiat)
	if e := b.Metadata.Error; e != nil {
		l.ErrorCode, l.ErrorMessage = orNil(strconv.Itoa(e.Code)), orNil(clean(e.Reason, 500))
	} else if status == statusFailed {
		l.ErrorMessage = orNil(clean(b.Metadata.TerminationReason, 500))
	}
	l.Metadata = json.RawMessage(encode(logMetadata{
		Termination: clean(b.Metadata.TerminationReason, maxName), CallResult: clean(callResult(b), maxName),
		Language: clean(b.Metadata.MainLanguage, maxName), Credits: finite(b.Metadata.Cost), CostUSD: finite(b.Metadata.CostFiat),
	}))
}

// maxCost is what call_logs.call_cost, numeric(6,4), holds; the full sum is in the metadata.
const maxCost = 99.9999

func cost(usd *float64) *string {
	if usd = finite(usd); usd == nil || *usd < 0 {
		return nil
	}
	text := strconv.FormatFloat(min(*usd, maxCost), 'f', 4, 64)
	return &text
}

func finite(f *float64) *float64 {
	if f == nil || math.IsNaN(*f) || math.IsInf(*f, 0) {
		return nil
	}
	return f
}
