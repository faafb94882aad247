package conversation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/clock"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// Cursor is a place in a walk over the backlog.
type Cursor struct {
	began  time.Time // of the walk, by the database's clock
	synced time.Time
	id     uuid.UUID
}

// Start begins a walk.
func (s *Syncer) Start() Cursor { return Cursor{} }

// Open returns up to limit conversations of the lookback that are open or unfinished, those first that were not asked
// about for longest, and the cursor to go on from. No rows means that the walk is over. What is synced during a walk is
// not walked again; what is not reached yet keeps its place.
//
// Unfinished are, beside calls that are not over: calls of ours without the provider's last word, and completed calls
// whose words are missing.
func (s *Syncer) Open(ctx context.Context, lookback time.Duration, after Cursor, limit int) ([]uuid.UUID, Cursor, error) {
	if after.began.IsZero() {
		began, err := clock.Clock{}.Now(ctx, s.DB)
		if err != nil {
			return nil, after, err
		}
		after.began, after.synced = began, time.Unix(-1, 0)
	}
	rows, err := dbsqlc.New().ConversationListUnsettled(ctx, s.DB, dbsqlc.ConversationListUnsettledParams{
		AfterSynced: after.synced, AfterID: after.id, Began: after.began,
		Since: after.began.Add(s.Clock.Shift).Add(-lookback), Batch: int32(max(limit, 1)),
	})
	if err != nil {
		return nil, after, fmt.Errorf("listing conversations to sync: %w", err)
	}
	ids := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
		after.synced, after.id = r.Synced, r.ID
	}
	return ids, after, nil
}

// Find returns the row (conversations.id) of the call that a webhook names; ErrUnknown when there is none so far.
func Find(ctx context.Context, db dbsqlc.DBTX, providerID, callSID string) (uuid.UUID, error) {
	id, err := dbsqlc.New().ConversationFind(ctx, db, dbsqlc.ConversationFindParams{ProviderID: providerID, CallSid: callSID})
	if errors.Is(err, pgx.ErrNoRows) {
		return uuid.Nil, ErrUnknown
	}
	if err != nil {
		return uuid.Nil, fmt.Errorf("looking for the webhook's conversation: %w", err)
	}
	return id, nil
}
