package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/callhenk/henk-worker/internal/conversation"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// ApplyWebhookArgs takes in an event that a provider sent (henk.webhook_inbox.id).
type ApplyWebhookArgs struct {
	WebhookEventID uuid.UUID `json:"webhook_event_id" river:"unique"`
}

// Kind is apply-webhook.
func (ApplyWebhookArgs) Kind() string { return "apply-webhook" }

// InsertOpts: one pending job for an event.
func (ApplyWebhookArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueSync, UniqueOpts: onePending}
}

// InsertApplyWebhookTx has an event taken in, in the transaction that stores it.
func InsertApplyWebhookTx(ctx context.Context, tx pgx.Tx, client *Client, event uuid.UUID) (*rivertype.JobRow, error) {
	return insertTx(ctx, tx, client, ApplyWebhookArgs{WebhookEventID: event}, time.Time{})
}

const (
	// waitForRecord is how long a job waits for the call that its event names to be recorded: longer than a dial takes.
	// What is recorded still later, by reconciling, is matched by the conversation tick.
	waitForRecord = 2 * time.Minute
	// webhookTries is after how many refusals by the database an event is given up; the poll has the same body.
	webhookTries = 5
	// webhookSweep is how many events a tick hands on at most; the next tick takes the rest.
	webhookSweep = 10_000
)

type applyWebhook struct {
	river.WorkerDefaults[ApplyWebhookArgs]
	*Runtime
}

// Work takes in one event, or waits for the call that it names.
func (w *applyWebhook) Work(ctx context.Context, job *river.Job[ApplyWebhookArgs]) error {
	id := job.Args.WebhookEventID
	d, err := w.ApplyWebhook(ctx, id)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && !store.Unavailable(err) && job.Attempt >= webhookTries {
		return errors.Join(river.JobCancel(err), w.giveUpWebhook(ctx, id, refused.Code))
	}
	if err != nil {
		return err
	}
	if d.State == conversation.EventUnmatched && d.Age < waitForRecord {
		return snooze(min(max(d.Age, 100*time.Millisecond), 30*time.Second))
	}
	return river.RecordOutput(ctx, map[string]any{"state": d.State, "reason": d.Reason, "conversation_id": d.Conversation,
		"outcome": d.Result.Outcome, "new_events": d.Result.NewEvents})
}

// ApplyWebhook takes in an event in a transaction of its own, with what follows from it. It may be called at any time
// and from anywhere: whoever comes second finds the event settled.
func (r *Runtime) ApplyWebhook(ctx context.Context, event uuid.UUID) (d conversation.Delivery, err error) {
	err = store.InTx(ctx, r.DB, func(tx pgx.Tx) error {
		if err := r.DB.Brief(ctx, tx); err != nil {
			return err
		}
		if d, err = r.syncer.Deliver(ctx, tx, event); err != nil || !d.Ask {
			return err
		}
		_, err := InsertSyncConversationTx(ctx, tx, r.Client, d.Conversation)
		return err
	})
	return d, err
}

func (r *Runtime) giveUpWebhook(ctx context.Context, event uuid.UUID, code string) error {
	reason := fmt.Sprintf("The database refuses it (SQLSTATE %s); the job's errors say why.", code)
	err := dbsqlc.New().WebhookEventSettle(ctx, r.DB, dbsqlc.WebhookEventSettleParams{ID: event, State: conversation.EventFailed, Reason: &reason})
	if err != nil {
		return fmt.Errorf("giving up a webhook's event: %w", err)
	}
	return nil
}

// sweepWebhooks hands on events whose job has got lost, and unmatched ones whose call is on the books by now. It
// returns how many.
func (r *Runtime) sweepWebhooks(ctx context.Context, lookback time.Duration) (int, error) {
	ids, err := dbsqlc.New().WebhookEventListDue(ctx, r.DB, dbsqlc.WebhookEventListDueParams{Since: time.Now().Add(-lookback), Batch: webhookSweep})
	if err != nil {
		return 0, fmt.Errorf("listing webhooks to take in: %w", err)
	}
	if len(ids) == 0 {
		return 0, nil
	}
	params := make([]river.InsertManyParams, len(ids))
	for i, id := range ids {
		params[i] = river.InsertManyParams{Args: ApplyWebhookArgs{WebhookEventID: id}}
	}
	if _, err := r.Client.InsertMany(ctx, params); err != nil {
		return 0, fmt.Errorf("inserting jobs for webhooks: %w", err)
	}
	return len(ids), nil
}

// webhookDays is how long events are kept: long enough to explain a call, no longer than needed.
const webhookDays = 30

func (r *Runtime) forgetWebhooks(ctx context.Context) (int64, error) {
	const batch, rounds = 2000, 50
	var total int64
	for range rounds {
		n, err := dbsqlc.New().WebhookEventDeleteOld(ctx, r.DB, dbsqlc.WebhookEventDeleteOldParams{Days: webhookDays, Batch: batch})
		if err != nil {
			return total, fmt.Errorf("forgetting old webhooks: %w", err)
		}
		if total += n; n < batch {
			break
		}
	}
	return total, nil
}
