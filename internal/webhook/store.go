package webhook

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/conversation"
	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
	"github.com/callhenk/henk-worker/jobs"
)

const provider = "elevenlabs"

// kept is what became of an event here.
type kept struct {
	id     uuid.UUID // zero of a repeat
	state  string
	repeat bool
}

// store keeps an event and inserts its job, together or not at all.
func (h *ElevenLabs) store(ctx context.Context, w *elevenlabs.Webhook) (k kept, err error) {
	p := rowOf(w)
	err = store.InTx(ctx, h.DB, func(tx pgx.Tx) error {
		k = kept{state: p.State}
		k.id, err = dbsqlc.New().WebhookEventInsert(ctx, tx, p)
		if errors.Is(err, pgx.ErrNoRows) {
			k.repeat = true
			return nil
		}
		if err != nil {
			return fmt.Errorf("storing a webhook: %w", err)
		}
		if k.state != conversation.EventPending {
			return nil
		}
		_, err = jobs.InsertApplyWebhookTx(ctx, tx, h.Client, k.id)
		return err
	})
	return k, err
}

func rowOf(w *elevenlabs.Webhook) dbsqlc.WebhookEventInsertParams {
	p := dbsqlc.WebhookEventInsertParams{
		Provider: provider, DedupeKey: dedupeKey(w), Type: w.Type, ProviderConversationID: orNil(w.ConversationID), CallSid: orNil(w.CallSID),
		Body: w.Kept, State: conversation.EventPending,
	}
	if !w.At.IsZero() {
		p.EventAt = &w.At
	}
	if id, err := uuid.Parse(w.AttemptID); err == nil {
		p.AttemptID = &id
	}
	if !w.Actionable() {
		p.State, p.Reason = conversation.EventIgnored, orNil("Nothing follows from this type of event.")
	}
	return p
}

// dedupeKey is the same for two deliveries of one event. Of events that we act on the time is left out: a retry may
// carry a new one, and what says the same of the same call is the same event. A corrected transcript is another one.
func dedupeKey(w *elevenlabs.Webhook) []byte {
	at := time.Time{}
	if !w.Actionable() {
		at = w.At
	}
	h := sha256.New()
	for _, part := range [][]byte{[]byte(provider), []byte(w.Type), []byte(w.ConversationID), w.Data} {
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(part)))
		h.Write(size[:])
		h.Write(part)
	}
	var seconds [8]byte
	binary.BigEndian.PutUint64(seconds[:], uint64(at.Unix()))
	h.Write(seconds[:])
	return h.Sum(nil)
}

func orNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
