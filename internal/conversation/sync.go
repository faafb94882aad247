package conversation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// Sync asks the provider about a conversation (conversations.id) and takes in the answer. An error of the provider's
// is returned as it is, and nothing is written; a conversation that the provider does not know is no error.
func (s *Syncer) Sync(ctx context.Context, id uuid.UUID) (Result, error) {
	return s.sync(ctx, id, false)
}

// Poll is Sync, but does not ask about a conversation whose last word has come already, by a webhook.
func (s *Syncer) Poll(ctx context.Context, id uuid.UUID) (Result, error) {
	return s.sync(ctx, id, true)
}

func (s *Syncer) sync(ctx context.Context, id uuid.UUID, unlessHeard bool) (Result, error) {
	row, err := dbsqlc.New().ConversationProvider(ctx, s.DB, id)
	if errors.Is(err, pgx.ErrNoRows) || (err == nil && row.ProviderID == "") {
		return Result{State: StateGone}, nil
	}
	if err != nil {
		return Result{}, fmt.Errorf("reading the conversation: %w", err)
	}
	if unlessHeard && row.Heard {
		return Result{State: StateDone}, nil
	}
	g := sighting{id: id}
	g.body, err = s.Client.Conversation(ctx, row.ProviderID)
	switch e := elevenlabs.AsError(err); {
	case err == nil:
		if g.body.Transcript == nil {
			g.body.Transcript = []elevenlabs.TranscriptItem{} // the API sends it always: there is none
		}
	case e != nil && e.Kind == elevenlabs.KindNotFound:
		g.missing = true
		if age := row.Now.Add(s.Clock.Shift).Sub(row.StartedAt); age < s.waits(missingWaits) {
			return Result{State: StateRunning, Again: s.PollBase}, nil
		}
	default:
		return Result{}, fmt.Errorf("asking for the conversation: %w", err)
	}
	out, err := s.commits.Do(ctx, g)
	if err != nil {
		return Result{}, err
	}
	return out.result, out.err
}

// CloseStale asks about conversations that are open longer than any call lasts and closes those that the provider does
// not know or still calls open. It returns how many are not open any more; an error may come with a count, and leaves
// the conversation that it is about as it was.
func (s *Syncer) CloseStale(ctx context.Context, limit int) (closed int, err error) {
	now, err := s.Clock.Now(ctx, s.DB)
	if err != nil {
		return 0, err
	}
	ids, err := dbsqlc.New().ConversationListStale(ctx, s.DB, dbsqlc.ConversationListStaleParams{Before: now.Add(-s.StaleAfter), Batch: int32(limit)})
	if err != nil {
		return 0, fmt.Errorf("listing conversations that never ended: %w", err)
	}
	var failed []error
	for _, id := range ids {
		res, err := s.Sync(ctx, id)
		if err != nil {
			failed = append(failed, err)
			if len(failed) == 3 { // not the conversations' fault
				break
			}
			continue
		}
		if res.State != StateRunning {
			closed++
		}
	}
	return closed, errors.Join(failed...)
}

// commit takes in a group. If one conversation is to blame for a failure it must not take the others with it: they are
// then committed one by one.
func (s *Syncer) commit(ctx context.Context, list []sighting) ([]applied, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	out := make([]applied, len(list))
	for _, round := range rounds(list) {
		part := make([]sighting, len(round))
		for i, at := range round {
			part[i] = list[at]
			part[i].together = true
		}
		done, err := s.commitTogether(ctx, part)
		var pg *pgconn.PgError
		alone := err != nil && errors.As(err, &pg) && !store.Unavailable(err)
		for i, at := range round {
			switch {
			case alone:
				out[at] = s.commitAlone(ctx, part[i])
			case err != nil:
				out[at] = applied{err: err}
			default:
				out[at] = done[i]
			}
		}
	}
	return out, nil
}

func (s *Syncer) commitAlone(ctx context.Context, g sighting) applied {
	g.together = false
	done, err := s.commitTogether(ctx, []sighting{g})
	if err != nil {
		return applied{err: err}
	}
	return done[0]
}

func (s *Syncer) commitTogether(ctx context.Context, list []sighting) (out []applied, err error) {
	err = store.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		if err := s.DB.Brief(ctx, tx); err != nil {
			return err
		}
		out, err = s.apply(ctx, tx, list)
		return err
	})
	return out, err
}

// rounds splits a group so that no conversation is twice in one round; it returns positions.
func rounds(list []sighting) [][]int {
	var out [][]int
	seen := map[uuid.UUID]int{}
	for i, g := range list {
		n := seen[g.id]
		seen[g.id]++
		if n == len(out) {
			out = append(out, nil)
		}
		out[n] = append(out[n], i)
	}
	return out
}
