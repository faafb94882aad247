package conversation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// States of henk.webhook_inbox, and of a Delivery.
const (
	EventPending   = "pending"
	EventUnmatched = "unmatched" // it names a call that we do not know (yet)
	EventApplied   = "applied"
	EventIgnored   = "ignored"
	EventFailed    = "failed"
	EventGone      = "gone" // of a Delivery only: the event does not exist (any more)
)

// Delivery is where a webhook's event stands.
type Delivery struct {
	State        string        // see EventPending and its like
	Reason       string        // one sentence, "" where the state says it all
	Conversation uuid.UUID     // conversations.id; zero when unmatched
	Ask          bool          // the provider should be asked about the conversation: the event did not say all
	Age          time.Duration // since the event was received
	Result       Result        // of a transcription or a failure that was applied now
}

// Deliver takes in an event that was kept (henk.webhook_inbox.id), within tx, and notes with it what became of it. An
// event that is settled stays as it is, so it may be delivered any number of times. What is wrong with an event is in
// the Delivery; an error is the database's, and nothing may be committed then.
func (s *Syncer) Deliver(ctx context.Context, tx pgx.Tx, event uuid.UUID) (Delivery, error) {
	q := dbsqlc.New()
	row, err := q.WebhookEventLock(ctx, tx, event)
	if errors.Is(err, pgx.ErrNoRows) {
		return Delivery{State: EventGone}, nil
	}
	if err != nil {
		return Delivery{}, fmt.Errorf("reading the webhook's event: %w", err)
	}
	if row.State != EventPending && row.State != EventUnmatched {
		return Delivery{State: row.State, Age: row.Now.Sub(row.ReceivedAt)}, nil
	}
	d, err := s.deliver(ctx, tx, row)
	if err != nil {
		return Delivery{}, err
	}
	d.Age = row.Now.Sub(row.ReceivedAt)
	settle := dbsqlc.WebhookEventSettleParams{ID: event, State: d.State, Reason: orNil(d.Reason)}
	if d.Conversation != uuid.Nil {
		settle.ConversationID = &d.Conversation
	}
	if err := q.WebhookEventSettle(ctx, tx, settle); err != nil {
		return Delivery{}, fmt.Errorf("noting what became of a webhook's event: %w", err)
	}
	return d, nil
}

func (s *Syncer) deliver(ctx context.Context, tx pgx.Tx, row dbsqlc.WebhookEventLockRow) (Delivery, error) {
	w, err := elevenlabs.DecodeWebhook(row.Body)
	if err != nil {
		return Delivery{State: EventFailed, Reason: err.Error()}, nil
	}
	id, err := match(ctx, tx, w, row.AttemptID)
	if errors.Is(err, ErrUnknown) {
		return Delivery{State: EventUnmatched, Reason: "No call with this id is on the books so far."}, nil
	}
	if err != nil {
		return Delivery{}, err
	}
	d := Delivery{State: EventApplied, Conversation: id}
	switch w.Type {
	case elevenlabs.WebhookTranscription:
		err = s.deliverTranscription(ctx, tx, w, row.EventAt, &d)
	case elevenlabs.WebhookFailure:
		d.Result, err = s.applyOne(ctx, tx, sighting{id: id, failure: failureReason(w.FailureReason), at: w.At})
		d.Ask = d.Result.State == StateRunning
	case elevenlabs.WebhookAudio:
		err = s.deliverAudio(ctx, tx, &d)
	default:
		d.State, d.Reason = EventIgnored, "Nothing follows from this type of event."
	}
	if errors.Is(err, ErrForeign) {
		d.State, d.Reason, err = EventFailed, err.Error()+".", nil
	}
	return d, err
}

// match finds our row of the call: by the provider's id or the carrier's, else by the attempt that placed it. A row
// found by its attempt has another provider's id, and taking the body in will say so.
func match(ctx context.Context, tx pgx.Tx, w *elevenlabs.Webhook, attempt *uuid.UUID) (uuid.UUID, error) {
	id, err := Find(ctx, tx, w.ConversationID, w.CallSID)
	if !errors.Is(err, ErrUnknown) || attempt == nil {
		return id, err
	}
	id, err = dbsqlc.New().ConversationFindAttempt(ctx, tx, *attempt)
	if errors.Is(err, pgx.ErrNoRows) {
		return uuid.Nil, ErrUnknown
	}
	if err != nil {
		return uuid.Nil, fmt.Errorf("looking for the webhook's attempt: %w", err)
	}
	return id, nil
}

func (s *Syncer) deliverTranscription(ctx context.Context, tx pgx.Tx, w *elevenlabs.Webhook, at *time.Time, d *Delivery) error {
	body, err := elevenlabs.DecodeConversation(w.Data)
	if err != nil { // the provider's API may have it in order
		d.State, d.Reason, d.Ask = EventFailed, err.Error(), true
		return nil
	}
	q := dbsqlc.New()
	if at != nil {
		// Under the lock, so that of two events of one call that arrive together the later one has the last word.
		if _, err := q.ConversationLock(ctx, tx, []uuid.UUID{d.Conversation}); err != nil {
			return fmt.Errorf("locking the webhook's conversation: %w", err)
		}
		late, err := q.WebhookEventSuperseded(ctx, tx, dbsqlc.WebhookEventSupersededParams{ConversationID: d.Conversation, Type: w.Type, EventAt: *at})
		if err != nil {
			return fmt.Errorf("looking for a later webhook: %w", err)
		}
		if late {
			d.State, d.Reason = EventIgnored, "A later event of this call was taken in before."
			return nil
		}
	}
	d.Result, err = s.Apply(ctx, tx, d.Conversation, body)
	if err == nil && d.Result.State == StateRunning {
		d.Ask, d.Reason = true, "It did not say all; the provider is asked."
	}
	return err
}

// deliverAudio has the recording fetched where it can be streamed; the event's own copy was not kept.
func (s *Syncer) deliverAudio(ctx context.Context, tx pgx.Tx, d *Delivery) error {
	row, err := dbsqlc.New().ConversationProvider(ctx, tx, d.Conversation)
	if err != nil {
		return fmt.Errorf("reading the webhook's conversation: %w", err)
	}
	if row.Recorded {
		d.State, d.Reason = EventIgnored, "The recording is stored already."
		return nil
	}
	d.Reason = "The recording is fetched from the provider."
	if s.FollowUp == nil {
		return nil
	}
	if err := s.FollowUp(ctx, tx, FollowUp{Archive: []uuid.UUID{d.Conversation}}); err != nil {
		return fmt.Errorf("inserting follow-up jobs: %w", err)
	}
	return nil
}
