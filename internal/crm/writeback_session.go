package crm

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/salesforce"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// session is one run on one integration.
type session struct {
	*WriteBack
	conn         *Connection
	settings     WriteBackSettings
	conversation uuid.UUID
	known        *statuses
	stopped      bool  // the integration takes nothing now
	dead         error // why it needs a person, where that is the connection's fault
}

// round writes one batch of each action; more: there may be another.
func (s *session) round(ctx context.Context, res *WriteBackResult) (more bool, err error) {
	for _, action := range actions {
		if s.stopped {
			break
		}
		rows, err := s.claim(ctx, action)
		if err != nil {
			return false, err
		}
		if len(rows) == 0 {
			continue
		}
		more = true
		verdicts := s.send(ctx, action, rows)
		if err := s.settle(ctx, verdicts); err != nil {
			return false, err
		}
		for _, v := range verdicts {
			res.count(v)
		}
	}
	return more, nil
}

// claim takes a batch and commits that before anything leaves.
func (s *session) claim(ctx context.Context, action string) (rows []*dbsqlc.WriteBackReadRow, err error) {
	q := dbsqlc.New()
	ids, err := q.WriteBackClaim(ctx, s.DB, dbsqlc.WriteBackClaimParams{IntegrationID: s.conn.IntegrationID, Action: action,
		ConversationID: some(s.conversation), LeaseSeconds: s.lease().Seconds(), Batch: salesforce.MaxCollection})
	if err != nil {
		return nil, fmt.Errorf("claiming what to write to salesforce: %w", err)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	list, err := q.WriteBackRead(ctx, s.DB, dbsqlc.WriteBackReadParams{Ids: ids,
		LeadOutcomes: keys(s.settings.LeadStatus), MemberOutcomes: keys(s.settings.MemberStatus)})
	if err != nil {
		return nil, fmt.Errorf("reading what to write to salesforce: %w", err)
	}
	for i := range list {
		rows = append(rows, &list[i])
	}
	return rows, nil
}

// settle notes what became of the rows, also when this process is being stopped: what it knows now would have to be
// looked up otherwise.
func (s *session) settle(ctx context.Context, verdicts []verdict) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
	defer cancel()
	rows, ids, statuses, err := encodeVerdicts(verdicts)
	if err != nil {
		return err
	}
	err = store.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		if s.dead != nil {
			if err := setHealth(ctx, tx, s.conn.IntegrationID, s.dead, nil); err != nil {
				return err
			}
		}
		if len(ids) > 0 {
			if err := dbsqlc.New().WriteBackNoteStatus(ctx, tx, dbsqlc.WriteBackNoteStatusParams{Ids: ids, Statuses: statuses}); err != nil {
				return err
			}
		}
		return dbsqlc.New().WriteBackSettle(ctx, tx, rows)
	})
	if err != nil {
		return fmt.Errorf("noting what was written to salesforce: %w", err)
	}
	return nil
}

func (s *session) send(ctx context.Context, action string, rows []*dbsqlc.WriteBackReadRow) []verdict {
	b := &batch{session: s, open: rows}
	switch action {
	case actionOptOut:
		b.optOuts(ctx)
	case actionTask:
		b.tasks(ctx)
	case actionLead:
		b.leadStatuses(ctx)
	case actionMember:
		b.memberStatuses(ctx)
	}
	for _, row := range b.open { // more turns than any record takes
		b.end(failed(row, "unresolved", "the record leads to others without end", "look at the record in Salesforce, then retry"))
	}
	return b.verdicts
}

func some(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}
