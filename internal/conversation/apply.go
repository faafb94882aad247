package conversation

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// sighting is one thing learned about a conversation: a body, or that the provider does not know it, or that its call
// could not be set up.
type sighting struct {
	id      uuid.UUID
	body    *elevenlabs.Conversation
	missing bool
	failure string    // busy, no_answer or failed,
	at      time.Time // and when

	together bool // in a group: see change.together
}

// applied is what became of a sighting; err is about this conversation alone.
type applied struct {
	result Result
	err    error
}

// facts is the conversation as it is in the database.
type facts = dbsqlc.ConversationFactsRow

// apply takes in sightings of different conversations. An error means that nothing may be committed; what is wrong with
// a single sighting is in its applied.
//
// The order of the writes is part of the design: everything that needs no row of the campaign comes first, because in
// an adopted database a trigger locks the campaign's row from the first write of a conversation to the commit.
func (s *Syncer) apply(ctx context.Context, tx pgx.Tx, list []sighting) ([]applied, error) {
	rows, err := lock(ctx, tx, list)
	if err != nil {
		return nil, err
	}
	now, err := s.Clock.Now(ctx, tx)
	if err != nil {
		return nil, err
	}
	words, err := storedWords(ctx, tx, list, rows)
	if err != nil {
		return nil, err
	}
	out := make([]applied, len(list))
	var changes []*change
	for i, g := range list {
		row, ok := rows[g.id]
		if !ok {
			out[i].result.State = StateGone
			continue
		}
		c, err := s.read(row, g, words[g.id], now)
		if err != nil {
			out[i].err = err
			continue
		}
		c.place, c.together = i, g.together
		out[i].result = c.result
		if c.write {
			changes = append(changes, c)
		}
	}
	slices.SortFunc(changes, func(a, b *change) int {
		if n := bytes.Compare(a.row.CampaignID[:], b.row.CampaignID[:]); n != 0 {
			return n
		}
		return bytes.Compare(a.row.ID[:], b.row.ID[:])
	})
	if len(changes) == 0 {
		return out, nil
	}
	if err := s.write(ctx, tx, changes, now); err != nil {
		return nil, err
	}
	for _, c := range changes {
		out[c.place].result = c.result
	}
	return out, nil
}

func lock(ctx context.Context, tx pgx.Tx, list []sighting) (map[uuid.UUID]*facts, error) {
	ids := make([]uuid.UUID, len(list))
	for i, g := range list {
		ids[i] = g.id
	}
	q := dbsqlc.New()
	if _, err := q.ConversationLock(ctx, tx, ids); err != nil {
		return nil, fmt.Errorf("locking conversations: %w", err)
	}
	rows, err := q.ConversationFacts(ctx, tx, ids)
	if err != nil {
		return nil, fmt.Errorf("reading conversations: %w", err)
	}
	byID := make(map[uuid.UUID]*facts, len(rows))
	for i := range rows {
		byID[rows[i].ID] = &rows[i]
	}
	return byID, nil
}

// word is a turn that was brought back earlier.
type word struct {
	role, text string
	at         time.Time
}

// storedWords reads what was said from our own events, for conversations that the provider has forgotten meanwhile: an
// opt-out heard in them counts all the same.
func storedWords(ctx context.Context, tx pgx.Tx, list []sighting, rows map[uuid.UUID]*facts) (map[uuid.UUID][]word, error) {
	var ids []uuid.UUID
	for _, g := range list {
		if row := rows[g.id]; g.missing && row != nil && row.Events > 0 && !ended(row.ProviderStatus) {
			ids = append(ids, g.id)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	events, err := dbsqlc.New().EventListWords(ctx, tx, ids)
	if err != nil {
		return nil, fmt.Errorf("reading what was said: %w", err)
	}
	words := map[uuid.UUID][]word{}
	for _, e := range events {
		w := word{role: roleAgent, text: e.AgentText, at: e.StartedAt}
		if e.UserResponse != "" {
			w.role, w.text = roleUser, e.UserResponse
		}
		words[e.ConversationID] = append(words[e.ConversationID], w)
	}
	return words, nil
}
