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

// errLeaseLost: another run has taken this one for dead. It has changed nothing since.
var errLeaseLost = errors.New("another worker has taken over the sync of this integration")

// cursor is how far an object is in; henk.crm_cursors describes it. Zero times are null.
type cursor struct {
	fingerprint string
	described   string   // digest of what describe showed
	refused     []string // fields that describe shows and queries refuse
	watermark   time.Time
	upper       time.Time
	at          position
	bulkJob     string
	bulkLocator string
	bulkRefused bool
}

// scanning is true between a scan's begin and its end.
func (c *cursor) scanning() bool { return !c.upper.IsZero() }

// begin starts a scan up to upper. It looks below the watermark, since a record can appear with a stamp that lies
// before the end of its transaction; without a watermark it takes everything.
func (c *cursor) begin(upper time.Time, lookback time.Duration) {
	c.upper, c.at, c.bulkJob, c.bulkLocator = upper, position{}, "", ""
	if !c.watermark.IsZero() {
		c.at.stamp = c.watermark.Add(-lookback)
	}
}

// finish ends a scan. The watermark is where the scan began to look and not how far it got: what became visible while
// it ran lies within the lookback of that.
func (c *cursor) finish() {
	*c = cursor{fingerprint: c.fingerprint, described: c.described, refused: c.refused, watermark: c.upper}
}

// firstYear is before any record of any org.
var firstYear = time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)

// half is the middle of the time between the cursor and until, or until where no second lies between.
func (c *cursor) half(until time.Time) time.Time {
	from := c.at.stamp
	if from.IsZero() {
		from = firstYear
	}
	if half := from.Add(until.Sub(from) / 2).Truncate(time.Second); half.After(from) {
		return half
	}
	return until
}

func loadCursor(ctx context.Context, db dbsqlc.DBTX, integration uuid.UUID, o *object) (cursor, error) {
	row, err := dbsqlc.New().CrmCursorGet(ctx, db, dbsqlc.CrmCursorGetParams{IntegrationID: integration, Object: o.name})
	if errors.Is(err, pgx.ErrNoRows) {
		return cursor{}, nil
	}
	if err != nil {
		return cursor{}, fmt.Errorf("reading the cursor of %s: %w", o.name, err)
	}
	c := cursor{fingerprint: row.Fingerprint, described: row.Described, refused: row.Refused, watermark: orZero(row.Watermark), upper: orZero(row.UpperBound),
		at: position{orZero(row.AtStamp), row.AtID}, bulkLocator: row.BulkLocator, bulkRefused: row.BulkRefused}
	if row.BulkJob != nil {
		c.bulkJob = *row.BulkJob
	}
	return c, nil
}

// save moves the cursor in the transaction that stores what lies before it, if this run still has the lease.
func (c *cursor) save(ctx context.Context, tx pgx.Tx, integration, run uuid.UUID, o *object) error {
	p := dbsqlc.CrmCursorSaveParams{IntegrationID: integration, RunID: &run, Object: o.name, Fingerprint: c.fingerprint, Described: c.described,
		Refused: append([]string{}, c.refused...), Watermark: orNil(c.watermark),
		UpperBound: orNil(c.upper), AtStamp: orNil(c.at.stamp), AtID: c.at.id, BulkLocator: c.bulkLocator, BulkRefused: c.bulkRefused}
	if c.bulkJob != "" {
		p.BulkJob = &c.bulkJob
	}
	n, err := dbsqlc.New().CrmCursorSave(ctx, tx, p)
	if err != nil {
		return fmt.Errorf("moving the cursor of %s: %w", o.name, err)
	}
	if n == 0 {
		return errLeaseLost
	}
	return nil
}

func (r *run) saveCursor(ctx context.Context, c *cursor, o *object) error {
	return store.InTx(ctx, r.db, func(tx pgx.Tx) error { return c.save(ctx, tx, r.conn.IntegrationID, r.id, o) })
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
