package crm

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// Actions of henk.write_backs.
const (
	actionOptOut = "do_not_call"
	actionTask   = "task"
	actionLead   = "lead_status"
	actionMember = "member_status"
)

// actions in the order in which they are written: an opt-out does not wait for anything.
var actions = []string{actionOptOut, actionTask, actionLead, actionMember}

const (
	defaultWriteLease = 5 * time.Minute
	defaultGrace      = 2 * time.Minute
	roundReserve      = 30 * time.Second
)

// WriteBack writes to Salesforce what came of calls, for the integrations that have it enabled. What is to be written
// stands in henk.write_backs, put there in the transaction that it follows from (AddWriteBacks) or found by Walk.
//
// Each record is in effect written once. A row is claimed before its request leaves; when the answer is lost, with the
// network or with this process, the Task is looked up by our id of the call before it is sent again. Other writes may
// be repeated without harm.
type WriteBack struct {
	DB     *store.DB
	Config Config

	Lease time.Duration // how long a claimed row keeps others off, and is not looked up after a crash; 0 = 5 min. Longer than any run
	Grace time.Duration // how long Salesforce may take with a request whose answer was lost; 0 = 2 min
}

// WriteBackScope says what to write: what is due of one call, together with what else is due of its integration; or
// all that is due of an integration.
type WriteBackScope struct {
	ConversationID uuid.UUID
	IntegrationID  uuid.UUID
	Retry          bool // what failed too: a person has mended it
}

// WriteBackResult counts rows of henk.write_backs, not only the scope's own.
type WriteBackResult struct {
	Done    int           `json:"done"`
	Skipped int           `json:"skipped"`
	Failed  int           `json:"failed"`
	Waiting int           `json:"waiting"`
	Again   time.Duration `json:"-"`                // something of the scope is due after this; 0: nothing is
	Reason  string        `json:"reason,omitempty"` // why nothing could be written
}

// AddedWriteBack is a call of which something is to be written; Urgent when somebody opted out on it.
type AddedWriteBack struct {
	ConversationID uuid.UUID
	Urgent         bool
}

// AddWriteBacks notes what is to be written back of calls whose outcome is final, in the caller's transaction. Of
// businesses that have not enabled it nothing is noted.
func AddWriteBacks(ctx context.Context, tx pgx.Tx, conversations []uuid.UUID) ([]AddedWriteBack, error) {
	rows, err := dbsqlc.New().WriteBackAdd(ctx, tx, conversations)
	if err != nil {
		return nil, fmt.Errorf("noting what to write to salesforce: %w", err)
	}
	added := make([]AddedWriteBack, len(rows))
	for i, row := range rows {
		added[i] = AddedWriteBack{row.ID, row.OptOut}
	}
	return added, nil
}

// Run writes what is due. What Salesforce refuses or cannot take now is noted on the row with the mend, and is no error;
// errors are the database's.
func (w *WriteBack) Run(ctx context.Context, scope WriteBackScope) (WriteBackResult, error) {
	integration, err := w.find(ctx, scope)
	if err != nil || integration == uuid.Nil {
		return WriteBackResult{Reason: "nothing is to be written back of this call: its lead is not from Salesforce, or write-back is not enabled"}, err
	}
	if scope.Retry {
		params := dbsqlc.WriteBackRetryParams{ConversationID: some(scope.ConversationID), IntegrationID: some(scope.IntegrationID)}
		if err := dbsqlc.New().WriteBackRetry(ctx, w.DB, params); err != nil {
			return WriteBackResult{}, fmt.Errorf("making what failed due: %w", err)
		}
	}
	res, err := w.write(ctx, integration, scope)
	if err != nil || scope.ConversationID == uuid.Nil || res.Reason != "" {
		return res, err
	}
	next, err := dbsqlc.New().WriteBackNext(ctx, w.DB, scope.ConversationID)
	if errors.Is(err, pgx.ErrNoRows) {
		return res, nil
	}
	if err != nil {
		return res, fmt.Errorf("asking what is due next: %w", err)
	}
	res.Again = max(next.DueAt.Sub(next.Now), time.Second)
	return res, nil
}

// find is the integration that the scope is about; uuid.Nil when there is nothing to write.
func (w *WriteBack) find(ctx context.Context, scope WriteBackScope) (uuid.UUID, error) {
	if scope.ConversationID == uuid.Nil {
		return scope.IntegrationID, nil
	}
	for added := false; ; added = true {
		id, err := dbsqlc.New().WriteBackOf(ctx, w.DB, scope.ConversationID)
		if err == nil {
			return id, nil
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return uuid.Nil, fmt.Errorf("reading what to write of a call: %w", err)
		}
		if added {
			return uuid.Nil, nil
		}
		// Asked for by hand, of a call that nobody noted.
		err = store.InTx(ctx, w.DB, func(tx pgx.Tx) error {
			_, err := AddWriteBacks(ctx, tx, []uuid.UUID{scope.ConversationID})
			return err
		})
		if err != nil {
			return uuid.Nil, err
		}
	}
}

func (w *WriteBack) write(ctx context.Context, integration uuid.UUID, scope WriteBackScope) (res WriteBackResult, err error) {
	conn, err := Open(ctx, w.DB, integration, w.Config)
	if setup, ok := errors.AsType[*SetupError](err); ok {
		return w.postpone(ctx, integration, "setup", setup.Reason)
	}
	if errors.Is(err, ErrInactive) || errors.Is(err, ErrNotFound) {
		return WriteBackResult{Reason: err.Error()}, nil
	}
	if err != nil {
		return res, err
	}
	defer conn.Close()
	settings, err := readWriteBack(conn.Settings.WriteBack)
	if err != nil {
		return w.postpone(ctx, integration, "setup", err.Error())
	}
	if !settings.Enabled {
		return WriteBackResult{Reason: "write-back is not enabled on the integration"}, nil
	}
	s := &session{WriteBack: w, conn: conn, settings: settings, conversation: scope.ConversationID}
	for {
		more, err := s.round(ctx, &res)
		if err != nil || s.stopped || !more || scope.ConversationID != uuid.Nil {
			return res, err
		}
		if end, ok := ctx.Deadline(); ok && time.Until(end) < roundReserve {
			return res, nil
		}
	}
}

// postpone notes on all that is due why nothing can be written, and looks again after a while.
func (w *WriteBack) postpone(ctx context.Context, integration uuid.UUID, code, why string) (WriteBackResult, error) {
	params := dbsqlc.WriteBackPostponeParams{IntegrationID: integration, Wait: personWait.Seconds(), Code: code, Error: clipped(why, 1000)}
	if err := dbsqlc.New().WriteBackPostpone(ctx, w.DB, params); err != nil {
		return WriteBackResult{}, fmt.Errorf("postponing what is due: %w", err)
	}
	return WriteBackResult{Reason: why}, nil
}

func (w *WriteBack) lease() time.Duration {
	if w.Lease > 0 {
		return w.Lease
	}
	return defaultWriteLease
}

func (w *WriteBack) grace() time.Duration {
	if w.Grace > 0 {
		return w.Grace
	}
	return defaultGrace
}

func (r *WriteBackResult) count(v verdict) {
	switch v.State {
	case writeDone:
		r.Done++
	case writeSkipped:
		r.Skipped++
	case writeFailed:
		r.Failed++
	default:
		r.Waiting++
	}
}
