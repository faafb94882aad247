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
		// The conversations are new, so no equal job can be pending and the fast path cannot conflict.
		params := make([]river.InsertManyParams, len(f.Conversations))
		at := time.Now().Add(orDefault(r.PollBase, 5*time.Second))
		for i, id := range f.Conversations {
			params[i] = river.InsertManyParams{Args: SyncConversationArgs{ConversationID: id}, InsertOpts: &river.InsertOpts{ScheduledAt: at}}
		}
		if _, err := r.Client.InsertManyTx(ctx, tx, params); err != nil {
			return fmt.Errorf("inserting conversation syncs: %w", err)
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
