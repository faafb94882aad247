package crm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/salesforce"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// Request is one run.
type Request struct {
	IntegrationID uuid.UUID
	// Full names a request to read everything again; the same name begins only once. "" goes on where the last run ended.
	Full string
	// Manual marks a run that a person asked for.
	Manual bool
	// Until is when to leave the rest to the next run; zero = never.
	Until time.Time
	// Follow inserts what follows, in the transaction that gave rise to it; nil = nothing does.
	Follow func(ctx context.Context, tx pgx.Tx, f FollowUp) error
}

// FollowUp is what is to be done next.
type FollowUp struct {
	Plan []uuid.UUID // campaigns that lost a reservation
	More bool        // another run, at once
}

// Result is what a run did.
type Result struct {
	Processed int      `json:"processed"` // records read
	Created   int      `json:"created"`
	Updated   int      `json:"updated"`
	Failed    int      `json:"failed"` // records that cannot be leads
	Contacts  int      `json:"contacts_synced"`
	Leads     int      `json:"leads_synced"`
	Missing   int      `json:"missing,omitempty"` // leads that a comparison did not find in Salesforce any more
	More      bool     `json:"more"`              // there is a rest for the next run
	Warnings  []string `json:"warnings,omitempty"`
}

// ErrBusy: another run of this integration is under way.
var ErrBusy = errors.New("a sync of this integration is under way already")

// run is one run of one integration.
type run struct {
	db       *store.DB
	cfg      Config
	id       uuid.UUID
	conn     *Connection
	follow   func(ctx context.Context, tx pgx.Tx, f FollowUp) error
	until    time.Time
	log      uuid.UUID
	kind     string // sync or reconcile
	manual   bool
	full     bool
	more     bool
	bulkPage int
	stored   int // pages
	rejects  []Reject
	Result
}

// Sync takes in what changed in Salesforce. Errors: those of Open, ErrBusy, or what Salesforce or the database said; what
// was stored by then is kept. The run is in sync_logs, and what a person has to mend on the integration.
func Sync(ctx context.Context, db *store.DB, cfg Config, req Request) (Result, error) {
	return perform(ctx, db, cfg, req, "sync", func(ctx context.Context, r *run) error {
		if err := r.beginFull(ctx, req.Full); err != nil {
			return err
		}
		return r.eachObject(ctx, r.syncObject)
	})
}

// perform runs work under the integration's lease, between the begin and the end of a sync_logs row.
func perform(ctx context.Context, db *store.DB, cfg Config, req Request, kind string, work func(context.Context, *run) error) (Result, error) {
	r := &run{db: db, cfg: cfg, id: uuid.New(), until: req.Until, kind: kind, manual: req.Manual, follow: req.Follow}
	if r.follow == nil {
		r.follow = func(context.Context, pgx.Tx, FollowUp) error { return nil }
	}
	conn, err := Open(ctx, db, req.IntegrationID, cfg)
	if setup, ok := errors.AsType[*SetupError](err); ok {
		return Result{}, errors.Join(err, r.refuse(ctx, req.IntegrationID, setup))
	}
	if err != nil {
		return Result{}, err
	}
	defer conn.Close()
	r.conn = conn
	if err := r.takeLease(ctx); err != nil {
		return Result{}, err
	}
	working, stop := r.keepLease(ctx)
	err = r.begin(working)
	if err == nil {
		err = work(working, r)
	}
	if cause := context.Cause(working); cause != nil && errors.Is(cause, errLeaseLost) {
		err = errLeaseLost
	}
	stop()
	if dead := r.fault("ending"); dead != nil {
		return r.Result, dead
	}
	return r.Result, errors.Join(err, r.end(ctx, err))
}

func (r *run) begin(ctx context.Context) error {
	q := dbsqlc.New()
	if _, err := q.SyncLogCloseStale(ctx, r.db, &r.conn.IntegrationID); err != nil {
		return fmt.Errorf("closing the logs of dead runs: %w", err)
	}
	triggered, err := q.CrmListTriggered(ctx, r.db)
	if err != nil {
		return fmt.Errorf("looking at the list's triggers: %w", err)
	}
	if r.bulkPage = bulkPage; triggered {
		r.bulkPage = bulkPageTriggered
	}
	metadata, err := r.metadata()
	if err != nil {
		return err
	}
	r.log, err = q.SyncLogBegin(ctx, r.db, dbsqlc.SyncLogBeginParams{IntegrationID: r.conn.IntegrationID, BusinessID: r.conn.BusinessID,
		SyncType: r.syncType(), Metadata: metadata})
	if err != nil {
		return fmt.Errorf("beginning the sync's log: %w", err)
	}
	return nil
}

// beginFull forgets how far everything is in, once for each request.
func (r *run) beginFull(ctx context.Context, token string) error {
	if token == "" {
		return nil
	}
	r.full = true
	return store.InTx(ctx, r.db, func(tx pgx.Tx) error {
		q := dbsqlc.New()
		n, err := q.CrmFullBegin(ctx, tx, dbsqlc.CrmFullBeginParams{IntegrationID: r.conn.IntegrationID, Token: token})
		if err == nil && n > 0 {
			err = q.CrmCursorDeleteAll(ctx, tx, r.conn.IntegrationID)
		}
		if err != nil {
			return fmt.Errorf("beginning a full sync: %w", err)
		}
		return nil
	})
}

// eachObject does what can be done: an object that the user does not see does not keep the others from being synced.
func (r *run) eachObject(ctx context.Context, work func(context.Context, string) error) error {
	var hidden []string
	for _, name := range Objects() {
		err := work(ctx, name)
		switch salesforce.KindOf(err) {
		case salesforce.KindType, salesforce.KindNotFound:
			hidden = append(hidden, name)
			continue
		}
		if err != nil {
			return err
		}
	}
	if len(hidden) == len(objects) {
		return &SetupError{"the Salesforce user sees neither Contacts nor Leads; give it read access to them"}
	}
	if len(hidden) > 0 {
		r.warn([]string{"The Salesforce user does not see " + strings.Join(hidden, ", ") + ", so they are not synced."})
	}
	return nil
}

func (r *run) warn(texts []string) {
	for _, text := range texts {
		if !slices.Contains(r.Warnings, text) {
			r.Warnings = append(r.Warnings, text)
		}
	}
}

// count takes account of a page that is stored. Only one page is stored at a time.
func (r *run) count(o *objectRun, st *staged, m merged) {
	r.stored++
	r.Processed += st.rows
	r.Created += m.created
	r.Updated += m.updated
	r.Failed += st.failed
	r.Missing += m.missing
	switch o.object.name {
	case "Contact":
		r.Contacts += st.rows - st.failed
	case "Lead":
		r.Leads += st.rows - st.failed
	}
	r.rejects = append(r.rejects, st.rejects...)
	r.rejects = r.rejects[:min(len(r.rejects), maxRejects)]
}

func (r *run) syncType() string {
	switch {
	case r.manual:
		return "manual"
	case r.full || r.kind != "sync":
		return "full"
	}
	return "incremental"
}

func (r *run) metadata() (json.RawMessage, error) {
	data, err := json.Marshal(map[string]any{"run": r.id, "kind": r.kind, "contacts_synced": r.Contacts, "leads_synced": r.Leads,
		"missing": r.Missing, "more": r.more, "warnings": append([]string{}, r.Warnings...)})
	if err != nil {
		return nil, fmt.Errorf("writing the sync's metadata: %w", err)
	}
	return data, nil
}

// fault lets tests break a run off at any point.
func (r *run) fault(point string) error {
	if r.cfg.fault == nil {
		return nil
	}
	return r.cfg.fault(point)
}

func orDefault[T comparable](v, fallback T) T {
	var zero T
	if v == zero {
		return fallback
	}
	return v
}
