package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/store"
)

var eventColumns = []string{"conversation_id", "call_log_id", "event_type", "sequence_number", "agent_text", "user_response", "metadata", "started_at", "source"}

// event is a row of conversation_events without its conversation.
type event struct {
	eventType       string
	sequence        int32
	agent, user     *string
	metadata        string
	at              time.Time
	firstOfNextCall bool
}

// sampleEvents reads what henk itself wrote, so that the reference copies the same.
func sampleEvents(ctx context.Context, db *store.DB) ([][]event, error) {
	rows, err := db.Query(ctx, `select event_type::text, sequence_number, agent_text, user_response, metadata::text, started_at, sequence_number = 0
		from conversation_events order by conversation_id, sequence_number`)
	if err != nil {
		return nil, fmt.Errorf("reading events to copy: %w", err)
	}
	var calls [][]event
	var e event
	_, err = pgx.ForEachRow(rows, []any{&e.eventType, &e.sequence, &e.agent, &e.user, &e.metadata, &e.at, &e.firstOfNextCall}, func() error {
		if e.firstOfNextCall {
			calls = append(calls, nil)
		}
		calls[len(calls)-1] = append(calls[len(calls)-1], e)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading events to copy: %w", err)
	}
	return calls, nil
}

// copyRate copies the events of n conversations in one statement into the table that henk writes to, with its keys and
// indexes, and takes them out again.
func copyRate(ctx context.Context, db *store.DB, campaign uuid.UUID, n int, sample [][]event) (float64, error) {
	rows, err := db.Query(ctx, `with v as (
			insert into conversations (campaign_id, agent_id, lead_id, status, settled_at)
			select c.id, c.agent_id, c.id, 'completed', now() from campaigns c, generate_series(1, $2) where c.id = $1 returning *
		), g as (
			insert into call_logs (campaign_id, agent_id, lead_id, conversation_id, from_number, to_number)
			select campaign_id, agent_id, lead_id, id, '', '' from v returning id, conversation_id
		) select conversation_id, id from g`, campaign, n)
	if err != nil {
		return 0, fmt.Errorf("preparing the reference: %w", err)
	}
	type call struct{ id, log uuid.UUID }
	calls, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (c call, err error) { return c, r.Scan(&c.id, &c.log) })
	if err != nil {
		return 0, fmt.Errorf("preparing the reference: %w", err)
	}
	i, k := 0, -1
	source := pgx.CopyFromFunc(func() ([]any, error) {
		if k++; k == len(sample[i%len(sample)]) {
			i, k = i+1, 0
		}
		if i == len(calls) {
			return nil, nil
		}
		e := &sample[i%len(sample)][k]
		return []any{calls[i].id, calls[i].log, e.eventType, e.sequence, e.agent, e.user, e.metadata, e.at, "elevenlabs"}, nil
	})
	began := time.Now()
	copied, err := db.CopyFrom(ctx, pgx.Identifier{"conversation_events"}, eventColumns, source)
	if err != nil {
		return 0, fmt.Errorf("copying events: %w", err)
	}
	rate := float64(copied) / time.Since(began).Seconds()
	if _, err := db.Exec(ctx, "delete from conversations where lead_id = campaign_id"); err != nil {
		return 0, fmt.Errorf("taking the reference's rows out: %w", err)
	}
	if _, err := db.Exec(ctx, "vacuum analyze conversation_events"); err != nil {
		return 0, fmt.Errorf("vacuuming conversation_events: %w", err)
	}
	return rate, nil
}
