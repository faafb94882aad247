package conversation

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// writeEvents writes new and corrected transcript items, at most EventsBatch rows in a statement and all statements in
// a round trip, and notes in the details how far it got.
func (s *Syncer) writeEvents(ctx context.Context, tx pgx.Tx, changes []*change) error {
	taken, err := foreignEvents(ctx, tx, changes)
	if err != nil {
		return err
	}
	var first, more chunks
	var surplus dbsqlc.EventDeleteSurplusParams
	for _, c := range changes {
		if c.events == nil {
			continue
		}
		to := &more
		if c.together && c.events.existing == 0 {
			to = &first
		}
		for seq := c.events.from; seq < len(c.events.list); seq++ {
			if taken[place{c.row.ID, int32(seq)}] {
				continue
			}
			to.add(c.row, int32(seq), &c.events.list[seq], s.EventsBatch)
			if seq >= c.events.existing {
				c.result.NewEvents++
			}
		}
		if c.events.surplus {
			surplus.ConversationIds = append(surplus.ConversationIds, c.row.ID)
			surplus.Counts = append(surplus.Counts, int32(len(c.events.list)))
		}
		c.detail.Events, c.detail.EventsDigest = len(c.events.list), c.events.digest
	}
	if err := send(ctx, tx, first, more); err != nil {
		return err
	}
	if len(surplus.ConversationIds) > 0 {
		if err := dbsqlc.New().EventDeleteSurplus(ctx, tx, surplus); err != nil {
			return fmt.Errorf("removing events that the provider took back: %w", err)
		}
	}
	return nil
}

// send carries out the statements in one round trip for each kind.
func send(ctx context.Context, tx pgx.Tx, first, more chunks) (err error) {
	note := func(_ int, e error) {
		if err == nil && e != nil { // the first; those after it only say that the transaction is lost
			err = fmt.Errorf("writing events: %w", e)
		}
	}
	q := dbsqlc.New()
	if len(first) > 0 {
		inserts := make([]dbsqlc.EventInsertParams, len(first))
		for i, p := range first {
			inserts[i] = dbsqlc.EventInsertParams(p)
		}
		q.EventInsert(ctx, tx, inserts).Exec(note)
	}
	if len(more) > 0 && err == nil {
		q.EventWrite(ctx, tx, more).Exec(note)
	}
	return err
}

// chunks are the rows of one statement each.
type chunks []dbsqlc.EventWriteParams

func (list *chunks) add(row *facts, seq int32, e *event, most int) {
	if n := len(*list); n == 0 || len((*list)[n-1].ConversationIds) == most {
		*list = append(*list, dbsqlc.EventWriteParams{})
	}
	p := &(*list)[len(*list)-1]
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
