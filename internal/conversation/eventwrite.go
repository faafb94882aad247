package conversation

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// writeEvents writes new and corrected transcript items, at most EventsBatch rows in a statement, and notes in the
// details how far it got.
func (s *Syncer) writeEvents(ctx context.Context, tx pgx.Tx, changes []*change) error {
	taken, err := foreignEvents(ctx, tx, changes)
	if err != nil {
		return err
	}
	q := dbsqlc.New()
	var p dbsqlc.EventWriteParams
	flush := func(limit int) error {
		if len(p.ConversationIds) == 0 || len(p.ConversationIds) < limit {
			return nil
		}
		if err := q.EventWrite(ctx, tx, p); err != nil {
			return fmt.Errorf("writing events: %w", err)
		}
		p = emptied(p)
		return nil
	}
	var surplus dbsqlc.EventDeleteSurplusParams
	for _, c := range changes {
		if c.events == nil {
			continue
		}
		for seq := c.events.from; seq < len(c.events.list); seq++ {
			if taken[place{c.row.ID, int32(seq)}] {
				continue
			}
			appendEvent(&p, c.row, int32(seq), &c.events.list[seq])
			if seq >= c.events.existing {
				c.result.NewEvents++
			}
			if err := flush(s.EventsBatch); err != nil {
				return err
			}
		}
		if c.events.surplus {
			surplus.ConversationIds = append(surplus.ConversationIds, c.row.ID)
			surplus.Counts = append(surplus.Counts, int32(len(c.events.list)))
		}
		c.detail.Events, c.detail.EventsDigest = len(c.events.list), c.events.digest
	}
	if err := flush(1); err != nil {
		return err
	}
	if len(surplus.ConversationIds) > 0 {
		if err := q.EventDeleteSurplus(ctx, tx, surplus); err != nil {
			return fmt.Errorf("removing events that the provider took back: %w", err)
		}
	}
	return nil
}

type place struct {
	conversation uuid.UUID
	sequence     int32
}

// foreignEvents are the places that were taken before henk came.
func foreignEvents(ctx context.Context, tx pgx.Tx, changes []*change) (map[place]bool, error) {
	var ids []uuid.UUID
	for _, c := range changes {
		if c.events != nil && c.row.ForeignEvents {
			ids = append(ids, c.row.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := dbsqlc.New().EventListForeign(ctx, tx, ids)
	if err != nil {
		return nil, fmt.Errorf("reading events from before adoption: %w", err)
	}
	taken := make(map[place]bool, len(rows))
	for _, r := range rows {
		taken[place{r.ConversationID, r.SequenceNumber}] = true
	}
	return taken, nil
}

func appendEvent(p *dbsqlc.EventWriteParams, row *facts, seq int32, e *event) {
	var log uuid.UUID
	if row.CallLogID != nil {
		log = *row.CallLogID
	}
	p.ConversationIds = append(p.ConversationIds, row.ID)
	p.CallLogIds = append(p.CallLogIds, log)
	p.EventTypes = append(p.EventTypes, e.kind)
	p.SequenceNumbers = append(p.SequenceNumbers, seq)
	p.AgentTexts = append(p.AgentTexts, e.agent)
	p.UserResponses = append(p.UserResponses, e.user)
	p.Metadata = append(p.Metadata, e.metadata)
	p.StartedAt = append(p.StartedAt, e.at)
}

// emptied keeps the arrays' room for the next statement.
func emptied(p dbsqlc.EventWriteParams) dbsqlc.EventWriteParams {
	return dbsqlc.EventWriteParams{
		ConversationIds: p.ConversationIds[:0], CallLogIds: p.CallLogIds[:0], EventTypes: p.EventTypes[:0],
		SequenceNumbers: p.SequenceNumbers[:0], AgentTexts: p.AgentTexts[:0], UserResponses: p.UserResponses[:0],
		Metadata: p.Metadata[:0], StartedAt: p.StartedAt[:0],
	}
}
