package elevenlabs

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Types of webhooks that are acted on. Others exist and more may come.
const (
	WebhookTranscription = "post_call_transcription"
	WebhookFailure       = "call_initiation_failure"
	WebhookAudio         = "post_call_audio"
)

const (
	maxWebhookName = 200     // bytes of a type or an id
	maxEventTime   = 1 << 35 // Unix seconds, some 1000 years ahead: PostgreSQL takes it
)

// Webhook is one event. Texts are valid UTF-8 without NULs; what is absent, null
// or of an unexpected type is zero, and the last case leaves a line in Notes.
type Webhook struct {
	Type           string
	At             time.Time // the event's own time, whole seconds; zero when not told
	ConversationID string    // the provider's; never empty with the types above
	AgentID        string
	AttemptID      string          // dynamic variable attempt_id; not in failures
	CallSID        string          // the carrier's; in failures only
	FailureReason  string          // of a failure: busy, no-answer, unknown; others may come
	Data           json.RawMessage // as sent; of a transcription what DecodeConversation reads
	Kept           []byte          // the body as it is worth keeping: as sent, audio cut out
	Notes          []string        // what did not fit; names and types, no values
}

// DecodeWebhook reads the body of a webhook, {"type", "event_timestamp", "data"}.
// An error means that it is no JSON object, that type is missing or no string, or
// that the data of a type above is no object with a conversation_id. It quotes
// nothing of the body.
func DecodeWebhook(body []byte) (*Webhook, error) {
	log := &problems{}
	envelope, err := readObject(body, log)
	if err != nil {
		return nil, fmt.Errorf("decoding webhook: %w", err)
	}
	w := &Webhook{Kept: body, Data: envelope.fields["data"]}
	required(envelope, "type", &w.Type)
	if log.err == nil && w.Type == "" {
		envelope.fail("type", "is empty")
	}
	w.Type = cut(w.Type, maxWebhookName)
	var seconds int64
	optional(envelope, "event_timestamp", &seconds)
	if seconds > 0 && seconds < maxEventTime {
		w.At = time.Unix(seconds, 0).UTC()
	}
	data := envelope.child("data")
	if data != nil {
		w.readData(data)
	}
	if w.Actionable() {
		switch {
		case data == nil:
			envelope.fail("data", "is missing or no object")
		case w.ConversationID == "":
			data.fail("conversation_id", "is missing, empty or no text")
		}
	}
	if log.err != nil {
		return nil, fmt.Errorf("decoding webhook: %w", log.err)
	}
	if data != nil {
		if err := w.cutAudio(envelope, data); err != nil {
			return nil, err
		}
	}
	w.Notes = log.notes
	return w, nil
}

// Actionable tells whether something follows from this type of event.
func (w *Webhook) Actionable() bool {
	return w.Type == WebhookTranscription || w.Type == WebhookFailure || w.Type == WebhookAudio
}

func (w *Webhook) readData(data *object) {
	id := func(o *object, field string, to *string) {
		optional(o, field, to)
		if len(*to) > maxWebhookName {
			*to = ""
			o.noteWrong(field, "is too long for an id")
		}
	}
	id(data, "conversation_id", &w.ConversationID)
	id(data, "agent_id", &w.AgentID)
	if client := data.child("conversation_initiation_client_data"); client != nil {
		if variables := client.child("dynamic_variables"); variables != nil {
			id(variables, "attempt_id", &w.AttemptID)
		}
	}
	if w.Type != WebhookFailure {
		return
	}
	optional(data, "failure_reason", &w.FailureReason)
	if metadata := data.child("metadata"); metadata != nil {
		if form := metadata.child("body"); form != nil {
			if id(form, "CallSid", &w.CallSID); w.CallSID == "" { // Twilio's form field, else a SIP call's
				id(form, "call_sid", &w.CallSID)
			}
		}
	}
}

// cutAudio replaces the recording, which can be tens of megabytes of base64, by
// its length: it is fetched where it can be streamed.
func (w *Webhook) cutAudio(envelope, data *object) error {
	const field = "full_audio"
	audio, ok := data.present(field)
	if !ok || jsonKind(audio) != "string" {
		return nil
	}
	delete(data.fields, field)
	data.fields["full_audio_base64_bytes"] = fmt.Appendf(nil, "%d", len(audio)-len(`""`))
	raw, err := json.Marshal(data.fields)
	if err == nil {
		envelope.fields["data"] = raw
		w.Kept, err = json.Marshal(envelope.fields)
	}
	if err != nil {
		return errors.New("decoding webhook: the audio cannot be cut out")
	}
	return nil
}

// CheckSignatureHeader judges what can be judged of an ElevenLabs-Signature
// header before the body is read: its form and its age. Errors as those of
// VerifySignature, but for ErrSignatureMismatch.
func CheckSignatureHeader(header string, now time.Time, tol Tolerance) error {
	timestamp, _, err := parseSignature(header)
	if err != nil {
		return err
	}
	seconds, err := wholeNumber([]byte(timestamp))
	if err != nil {
		return fmt.Errorf("%w: the timestamp is no number", ErrSignatureMalformed)
	}
	return checkAge(now.Sub(time.Unix(seconds, 0)), tol)
}
