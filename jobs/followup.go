package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/callhenk/henk-worker/internal/call"
	"github.com/callhenk/henk-worker/internal/conversation"
)

// afterCall inserts what follows from calls that were recorded, in their transaction.
func (r *Runtime) afterCall(ctx context.Context, tx pgx.Tx, f call.FollowUp) error {
	if len(f.Conversations) > 0 {
		// The fast path cannot conflict: no job can name a new row yet. Not scheduled for later: River's scheduler would take up to five seconds more.
		params := make([]river.InsertManyParams, len(f.Conversations))
		for i, id := range f.Conversations {
			params[i] = river.InsertManyParams{Args: SyncConversationArgs{ConversationID: id, New: true}}
		}
		if _, err := r.Client.InsertManyFastTx(ctx, tx, params); err != nil {
			return fmt.Errorf("inserting conversation syncs: %w", err)
		}
	}
	for _, id := range f.Known {
		if _, err := insertTx(ctx, tx, r.Client, SyncConversationArgs{ConversationID: id}, time.Time{}); err != nil {
			return err
		}
	}
	for _, id := range f.Reconcile {
		if _, err := insertTx(ctx, tx, r.Client, ReconcileAttemptArgs{AttemptID: id}, time.Now().Add(2*time.Second)); err != nil {
			return err
		}
	}
	return r.refill(ctx, tx, f.Plan, f.PlanAt)
}

// afterConversation inserts what follows from what was said.
func (r *Runtime) afterConversation(ctx context.Context, tx pgx.Tx, f conversation.FollowUp) error {
	if err := r.archive(ctx, tx, f.Archive); err != nil {
		return err
	}
	if err := r.writeBack(ctx, tx, f.WriteBack); err != nil {
		return err
	}
	return r.refill(ctx, tx, f.Plan, time.Time{})
}

func (r *Runtime) refill(ctx context.Context, tx pgx.Tx, campaigns []uuid.UUID, at time.Time) error {
	if len(campaigns) == 0 {
		return nil
	}
	if at.IsZero() {
		_, err := r.insertPlans(ctx, tx, campaigns)
		return err
	}
	for _, id := range campaigns {
		if _, err := insertTx(ctx, tx, r.Client, PlanCampaignArgs{CampaignID: id, Wake: true}, at); err != nil {
			return err
		}
	}
	return nil
}
