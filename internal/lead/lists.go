package lead

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// NewList is an import of a suppression list.
type NewList struct {
	BusinessID *uuid.UUID // nil: for all businesses
	Name       string     // the import replaces the list of this name
	Source     string     // where the numbers come from, such as the file's name
	By         string     // who imports
	ExpiresAt  *time.Time // the whole list ends then; nil: in force until it is replaced
	Force      bool       // put in force a list that has shrunk to less than half
}

// Entry is one number of a list.
type Entry struct {
	Phone     string     // E.164
	ExpiresAt *time.Time // nil: as the list
	Reason    *string
}

// Version is an import under way. Nothing that is added binds before PutInForce, and the list's former version stays in
// force until then. If the process dies, the next import removes what it left.
type Version struct {
	db       *store.DB
	id, list int32
	force    bool
	added    int64
}

// Errors of an import. The list stays as it was.
var (
	ErrSuperseded = errors.New("a later import of the same list was put in force meanwhile; the list stays as that import made it")
	ErrAbandoned  = errors.New("this import stood still for ten minutes and was taken for dead; start it again")
	ErrNoNumbers  = errors.New("there is no usable number in it; the list stays as it is")
	ErrNoBusiness = errors.New("there is no business with this id")
)

// ShrunkError refuses a list with less than half the numbers of the one in force: a download that broke off would set
// free everybody it left out.
type ShrunkError struct{ Was, Is int64 }

func (e *ShrunkError) Error() string {
	return fmt.Sprintf("the new list has %d numbers, the one in force %d: is the file complete? The list stays as it is; to replace it all the same, use --force", e.Is, e.Was)
}

// shrinkFloor is the size below which a list may shrink as it likes.
const shrinkFloor = 1000

// BeginList starts an import.
func BeginList(ctx context.Context, db *store.DB, n NewList) (*Version, error) {
	q := dbsqlc.New()
	v := &Version{db: db, force: n.Force}
	err := store.InTx(ctx, db, func(tx pgx.Tx) (err error) {
		if v.list, err = q.SuppressionListEnsure(ctx, tx, dbsqlc.SuppressionListEnsureParams{BusinessID: n.BusinessID, Name: n.Name}); err != nil {
			return err
		}
		v.id, err = q.SuppressionVersionBegin(ctx, tx, dbsqlc.SuppressionVersionBeginParams{ListID: v.list, Source: n.Source, ImportedBy: n.By, ExpiresAt: n.ExpiresAt})
		return err
	})
	var pg *pgconn.PgError
	switch {
	case errors.As(err, &pg) && pg.Code == pgerrcode.ForeignKeyViolation:
		return nil, ErrNoBusiness
	case err != nil:
		return nil, fmt.Errorf("starting the import of the list: %w", err)
	}
	return v, nil
}

// ID is the version's number; later imports have higher ones.
func (v *Version) ID() int32 { return v.id }

// Add stores a batch in a transaction of its own.
func (v *Version) Add(ctx context.Context, entries []Entry) error {
	err := store.InTx(ctx, v.db, func(tx pgx.Tx) error {
		beaten, err := dbsqlc.New().SuppressionVersionBeat(ctx, tx, dbsqlc.SuppressionVersionBeatParams{Added: int64(len(entries)), ID: v.id})
		if err != nil {
			return err
		}
		if beaten == 0 {
			return ErrAbandoned
		}
		_, err = tx.CopyFrom(ctx, pgx.Identifier{"henk", "suppression_entries"}, []string{"phone", "version", "expires_at", "reason"},
			pgx.CopyFromSlice(len(entries), func(i int) ([]any, error) {
				return []any{entries[i].Phone, v.id, entries[i].ExpiresAt, entries[i].Reason}, nil
			}))
		return err
	})
	if err != nil {
		return fmt.Errorf("storing numbers of the list: %w", err)
	}
	v.added += int64(len(entries))
	return nil
}

// PutInForce makes the version the list's, in one short transaction. rejected is how many lines were not taken.
func (v *Version) PutInForce(ctx context.Context, rejected int64) error {
	if v.added == 0 {
		return ErrNoNumbers
	}
	return store.InTx(ctx, v.db, func(tx pgx.Tx) error {
		q := dbsqlc.New()
		if err := q.SuppressionListLock(ctx, tx, v.list); err != nil {
			return fmt.Errorf("locking the list: %w", err)
		}
		former, err := q.SuppressionVersionInForce(ctx, tx, v.list)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
		case err != nil:
			return fmt.Errorf("reading the version in force: %w", err)
		case former.ID > v.id:
			return ErrSuperseded
		case former.Entries >= shrinkFloor && v.added < former.Entries/2 && !v.force:
			return &ShrunkError{Was: former.Entries, Is: v.added}
		}
		if _, err := q.SuppressionVersionReplace(ctx, tx, dbsqlc.SuppressionVersionReplaceParams{ListID: v.list, ID: v.id}); err != nil {
			return fmt.Errorf("taking the former version out of force: %w", err)
		}
		put, err := q.SuppressionVersionPut(ctx, tx, dbsqlc.SuppressionVersionPutParams{Rejected: rejected, ID: v.id})
		if err != nil {
			return fmt.Errorf("putting the list in force: %w", err)
		}
		if put == 0 {
			return ErrAbandoned
		}
		return nil
	})
}

// Abandon gives up an import that is not in force; RemoveReplaced deletes what it stored. It does nothing to others.
func (v *Version) Abandon(ctx context.Context) error {
	if err := dbsqlc.New().SuppressionVersionAbandon(ctx, v.db, v.id); err != nil {
		return fmt.Errorf("abandoning the import: %w", err)
	}
	return nil
}

// Lists returns the lists for all businesses and, unless it is nil, of the business, with their version in force.
func Lists(ctx context.Context, db dbsqlc.DBTX, businessID *uuid.UUID) ([]dbsqlc.SuppressionListOverviewRow, error) {
	rows, err := dbsqlc.New().SuppressionListOverview(ctx, db, businessID)
	if err != nil {
		return nil, fmt.Errorf("reading suppression lists: %w", err)
	}
	return rows, nil
}

// removeBlocks of the table are looked through in one transaction: 8 MB, some 160,000 entries.
const removeBlocks = 1024

// RemoveReplaced deletes the entries of versions that were replaced or abandoned, and of imports that died, in short
// transactions. It reads the table once from end to end. progress, unless nil, hears how much is done, from 0 to 1.
// Several may run at once; one that is interrupted is taken up by the next.
func RemoveReplaced(ctx context.Context, db *store.DB, progress func(done float64)) (removed int64, err error) {
	q := dbsqlc.New()
	if err := q.SuppressionVersionAbandonDead(ctx, db); err != nil {
		return 0, fmt.Errorf("looking for imports that died: %w", err)
	}
	ids, err := q.SuppressionVersionRemovable(ctx, db)
	if err != nil {
		return 0, fmt.Errorf("looking for replaced versions: %w", err)
	}
	if len(ids) == 0 {
		return 0, nil
	}
	var blocks int64
	err = db.QueryRow(ctx, "select pg_relation_size('henk.suppression_entries') / current_setting('block_size')::bigint").Scan(&blocks)
	if err != nil {
		return 0, fmt.Errorf("asking for the size of the lists: %w", err)
	}
	for at := int64(0); at < blocks; at += removeBlocks {
		tag, err := db.Exec(ctx, `delete from henk.suppression_entries
			where ctid >= format('(%s,0)', $1::bigint)::tid and ctid < format('(%s,0)', $2::bigint)::tid and version = any ($3::int[])`,
			at, at+removeBlocks, ids)
		if err != nil {
			return removed, fmt.Errorf("deleting entries of replaced versions: %w", err)
		}
		removed += tag.RowsAffected()
		if progress != nil {
			progress(float64(at) / float64(blocks))
		}
	}
	// A batch that was under way when its import was taken for dead has found its version gone and was rolled back.
	if err := q.SuppressionVersionForget(ctx, db, ids); err != nil {
		return removed, fmt.Errorf("forgetting replaced versions: %w", err)
	}
	return removed, nil
}
