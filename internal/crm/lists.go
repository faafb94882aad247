package crm

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// target is where the records of an object go.
type target struct {
	business, integration, list uuid.UUID
}

// listLock keeps two integrations of a business from making the same list twice.
const listLock = 0x63726d6c

// ensureList finds or makes the list of an object.
func ensureList(ctx context.Context, tx pgx.Tx, business uuid.UUID, o *object) (uuid.UUID, error) {
	q := dbsqlc.New()
	if _, err := tx.Exec(ctx, "select pg_advisory_xact_lock($1::int, hashtext($2))", listLock, business.String()); err != nil {
		return uuid.Nil, fmt.Errorf("locking the lists of the business: %w", err)
	}
	id, err := q.CrmListFind(ctx, tx, dbsqlc.CrmListFindParams{BusinessID: business, Name: o.list, Object: o.name})
	if errors.Is(err, pgx.ErrNoRows) {
		id, err = q.CrmListCreate(ctx, tx, dbsqlc.CrmListCreateParams{BusinessID: business, Name: o.list, Object: o.name,
			Description: "Kept in step with Salesforce: every " + o.name + " that is there."})
	}
	if err != nil {
		return uuid.Nil, fmt.Errorf("finding the list %q: %w", o.list, err)
	}
	return id, nil
}

// counted runs change under the list's lock and leaves lead_count right, whether or not a trigger counts as well.
func (t *target) counted(ctx context.Context, tx pgx.Tx, change func() (joined, left int, err error)) error {
	q := dbsqlc.New()
	before, err := q.CrmListLock(ctx, tx, t.list)
	if err != nil {
		return fmt.Errorf("locking the list: %w", err)
	}
	joined, left, err := change()
	if err != nil || joined+left == 0 {
		return err
	}
	if err := q.CrmListSetCount(ctx, tx, dbsqlc.CrmListSetCountParams{ID: t.list, LeadCount: before + int32(joined-left)}); err != nil {
		return fmt.Errorf("counting the list: %w", err)
	}
	return nil
}
