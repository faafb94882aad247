package crm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/salesforce"
)

// staged is a page in a staging table of its own transaction: nothing else is touched yet.
type staged struct {
	tx      pgx.Tx
	rows    int
	failed  int
	rejects []Reject
	gone    []string // ids that were asked for and not found
}

func (s *staged) discard(ctx context.Context) {
	if s != nil {
		_ = s.tx.Rollback(context.WithoutCancel(ctx)) // what cannot be rolled back is gone with its connection
	}
}

// load copies a page as it streams in. fetch hands each record on; what it returns as an error undoes the page.
func (r *run) load(ctx context.Context, w *writer, fetch func(each func(salesforce.Row) error) error) (*staged, error) {
	tx, err := r.db.Begin(ctx)
	if err != nil {
		return nil, fmt.Errorf("beginning a page: %w", err)
	}
	st := &staged{tx: tx}
	if err = r.fill(ctx, tx, w, fetch); err == nil {
		err = r.fault("staged")
	}
	if err != nil {
		st.discard(ctx)
		return nil, err
	}
	st.rows, st.failed, st.rejects = w.rows, w.failed, w.rejects
	return st, nil
}

func (r *run) fill(ctx context.Context, tx pgx.Tx, w *writer, fetch func(each func(salesforce.Row) error) error) error {
	conn := tx.Conn().PgConn()
	// Temporary: a row that is only passing through needs no write-ahead log. For one transaction: through a pooler the
	// next one may have another session.
	if _, err := conn.Exec(ctx, byKey+"create temporary table crm_stage ("+stageColumns+stageTexts(w.plan)+") on commit drop").ReadAll(); err != nil {
		return fmt.Errorf("making the staging table: %w", err)
	}
	w.reset()
	pipe, in := io.Pipe()
	w.to = in
	copied := make(chan error, 1)
	go func() {
		_, err := conn.CopyFrom(ctx, pipe, "copy crm_stage from stdin")
		pipe.CloseWithError(errors.Join(err, io.ErrClosedPipe)) // lets a writer go that still waits
		copied <- err
	}()
	err := fetch(w.write)
	if err == nil {
		err = w.flush()
	}
	in.CloseWithError(err)
	if copyErr := <-copied; copyErr != nil && (err == nil || errors.Is(err, io.ErrClosedPipe)) {
		return fmt.Errorf("copying a page: %w", copyErr)
	}
	return err
}

func stageTexts(p *plan) string {
	var b strings.Builder
	for _, c := range p.columns {
		b.WriteString(", " + c.name + " text")
	}
	return b.String()
}

// put merges a staged page and moves the cursor behind it, all in the page's transaction.
func (r *run) put(ctx context.Context, st *staged, o *objectRun, after *cursor) error {
	err := r.putAll(ctx, st, o, after)
	if err != nil {
		st.discard(ctx)
	}
	return err
}

func (r *run) putAll(ctx context.Context, st *staged, o *objectRun, after *cursor) error {
	tx := st.tx
	// First of all the lease, and with it the lock: whoever takes over waits until this page is stored.
	if after != nil {
		if err := after.save(ctx, tx, r.conn.IntegrationID, r.id, o.object); err != nil {
			return err
		}
	} else if err := r.holdLease(ctx, tx); err != nil {
		return err
	}
	if err := r.fault("cursor"); err != nil {
		return err
	}
	var m merged
	err := o.target.counted(ctx, tx, func() (int, int, error) {
		var err error
		if m, err = o.target.merge(ctx, tx, o.plan); err != nil || len(st.gone) == 0 {
			return m.joined, m.left, errors.Join(err, r.fault("merged"))
		}
		leads, left, err := o.target.vanish(ctx, tx, st.gone)
		m.stopped = append(m.stopped, leads...)
		m.missing = len(leads)
		return m.joined, m.left + left, errors.Join(err, r.fault("vanished"))
	})
	if err != nil {
		return err
	}
	inherited, err := o.target.succeed(ctx, tx)
	if err != nil {
		return err
	}
	if err := r.fault("inherited"); err != nil {
		return err
	}
	campaigns, err := cancel(ctx, tx, append(m.stopped, inherited...))
	if err != nil {
		return err
	}
	if len(campaigns) > 0 {
		if err := r.follow(ctx, tx, FollowUp{Plan: campaigns}); err != nil {
			return err
		}
	}
	if err := r.fault("before commit"); err != nil {
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("storing a page of %s: %w", o.object.name, err)
	}
	r.count(o, st, m)
	return r.fault("committed")
}
