package leadfile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// flush writes the batch.
func (l *leadImport) flush(ctx context.Context) error {
	rows := l.batch.rows
	for len(rows) > 0 {
		left, err := l.write(ctx, rows)
		if err != nil {
			return err
		}
		rows = left
	}
	l.batch.reset()
	return nil
}

// written is what a transaction did.
type written struct {
	created, updated, unchanged, listed int64
	left                                []row
}

// raceAttempts bounds how often a batch starts over because the web app wrote or deleted the same leads meanwhile.
const raceAttempts = 3

// write stores rows in a transaction and returns those that have to wait for the next, because another row of the same
// lead came first. Where the database refuses a row for what is in it, that row is rejected and the others go in.
func (l *leadImport) write(ctx context.Context, rows []row) ([]row, error) {
	var w written
	var err error
	for range raceAttempts {
		err = store.InTx(ctx, l.db, func(tx pgx.Tx) (err error) {
			w, err = l.merge(ctx, tx, rows)
			return err
		})
		if !isRace(err) {
			break
		}
	}
	if reason := dataFault(err); reason != "" {
		return nil, l.isolate(ctx, rows, reason)
	}
	if err != nil {
		return nil, fmt.Errorf("storing leads from line %d on: %w", rows[0].line, err)
	}
	l.report.Created += w.created
	l.report.Updated += w.updated
	l.report.Unchanged += w.unchanged
	l.report.Listed += w.listed
	return w.left, nil
}

// isolate halves a batch until the row that the database refuses is alone.
func (l *leadImport) isolate(ctx context.Context, rows []row, reason string) error {
	if len(rows) == 1 {
		return l.rejects.add(rows[0].line, reason, rows[0].fields...)
	}
	for _, half := range [][]row{rows[:len(rows)/2], rows[len(rows)/2:]} {
		for len(half) > 0 {
			left, err := l.write(ctx, half)
			if err != nil {
				return err
			}
			half = left
		}
	}
	return nil
}

// isRace tells a lead that appeared or went while the batch was written.
func isRace(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == pgerrcode.UniqueViolation || pg.Code == pgerrcode.ForeignKeyViolation)
}

// dataFault explains an error that a row's content has caused, without repeating the content; "" for other errors.
func dataFault(err error) string {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || (!pgerrcode.IsDataException(pg.Code) && !pgerrcode.IsIntegrityConstraintViolation(pg.Code)) {
		return ""
	}
	switch {
	case pg.ConstraintName != "":
		return "the database refuses the row (" + pg.ConstraintName + ")"
	case pg.ColumnName != "":
		return "the database refuses what is in " + pg.ColumnName
	}
	return "the database refuses the row (error " + pg.Code + ")"
}

// ErrListGone is returned when the list is deleted while its members are imported.
var ErrListGone = errors.New("the list was deleted during the import; start it again")

func (l *leadImport) merge(ctx context.Context, tx pgx.Tx, rows []row) (w written, err error) {
	q := dbsqlc.New()
	if err := q.LeadImportLock(ctx, tx, l.o.BusinessID); err != nil {
		return w, fmt.Errorf("waiting for another import: %w", err)
	}
	if err := q.LeadImportProbe(ctx, tx); err != nil {
		return w, fmt.Errorf("preparing the import: %w", err)
	}
	insert, update, left, err := l.sort(ctx, tx, rows)
	if err != nil {
		return w, err
	}
	w.left, w.created = left, int64(len(insert))
	members := make([]uuid.UUID, 0, len(rows))
	inserts, err := encode(insert, &members)
	if err != nil {
		return w, err
	}
	updates, err := encode(update, &members)
	if err != nil {
		return w, err
	}
	if len(inserts) > 0 {
		err := q.LeadImportInsert(ctx, tx, dbsqlc.LeadImportInsertParams{BusinessID: l.o.BusinessID, Source: l.o.Source, Rows: inserts})
		if err != nil {
			return w, fmt.Errorf("inserting leads: %w", err)
		}
	}
	if len(updates) > 0 {
		if w.updated, err = q.LeadImportUpdate(ctx, tx, updates); err != nil {
			return w, fmt.Errorf("updating leads: %w", err)
		}
		w.unchanged = int64(len(updates)) - w.updated
	}
	w.listed, err = l.enlist(ctx, tx, members)
	return w, err
}

// sort tells rows that are new from rows whose lead is there, and puts off a second row for the same lead.
func (l *leadImport) sort(ctx context.Context, tx pgx.Tx, rows []row) (insert, update, left []row, err error) {
	q := dbsqlc.New()
	for i := range rows {
		rows[i].N, rows[i].ID, rows[i].Own = i, "", false
	}
	data, err := encode(rows, nil)
	if err != nil {
		return nil, nil, nil, err
	}
	found, err := q.LeadImportMatch(ctx, tx, dbsqlc.LeadImportMatchParams{BusinessID: l.o.BusinessID, Source: l.o.Source, Rows: data})
	if err != nil {
		return nil, nil, nil, fmt.Errorf("looking for leads that are there: %w", err)
	}
	ids := make([]uuid.UUID, len(found))
	for i, f := range found {
		ids[i] = f.ID
		rows[f.N].ID, rows[f.N].Own = f.ID.String(), f.Own
	}
	kept, err := q.LeadImportKeep(ctx, tx, ids)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("holding leads that are there: %w", err)
	}
	free := make(map[string]bool, len(kept))
	for _, id := range kept {
		free[id.String()] = true
	}
	taken := map[string]bool{}
	for _, r := range rows {
		switch {
		case taken[r.ID]:
			left = append(left, r)
		case free[r.ID]:
			taken[r.ID] = true
			update = append(update, r)
		default:
			id, err := uuid.NewV7()
			if err != nil {
				return nil, nil, nil, fmt.Errorf("making an id: %w", err)
			}
			r.ID, r.Own = id.String(), false
			insert = append(insert, r)
		}
	}
	return insert, update, left, nil
}

// enlist puts leads on the list. Its row is locked first: what it counted before and what is added make the new count,
// whether or not the web app's trigger counts as well.
func (l *leadImport) enlist(ctx context.Context, tx pgx.Tx, members []uuid.UUID) (added int64, err error) {
	q := dbsqlc.New()
	before, err := q.LeadListLock(ctx, tx, l.report.ListID)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, ErrListGone
	}
	if err != nil {
		return 0, fmt.Errorf("locking the list: %w", err)
	}
	if added, err = q.LeadListAddMembers(ctx, tx, dbsqlc.LeadListAddMembersParams{ListID: l.report.ListID, LeadIds: members}); err != nil {
		return 0, fmt.Errorf("putting leads on the list: %w", err)
	}
	if added == 0 {
		return 0, nil
	}
	if err := q.LeadListSetCount(ctx, tx, dbsqlc.LeadListSetCountParams{LeadCount: before + int32(added), ID: l.report.ListID}); err != nil {
		return 0, fmt.Errorf("counting the list's members: %w", err)
	}
	return added, nil
}

// encode turns rows into the queries' JSON and, unless ids is nil, adds their ids to it.
func encode(rows []row, ids *[]uuid.UUID) ([][]byte, error) {
	data := make([][]byte, len(rows))
	for i := range rows {
		var err error
		if data[i], err = json.Marshal(&rows[i]); err != nil {
			return nil, fmt.Errorf("encoding a row: %w", err)
		}
		if ids == nil {
			continue
		}
		id, err := uuid.Parse(rows[i].ID)
		if err != nil {
			return nil, fmt.Errorf("encoding a row: %w", err)
		}
		*ids = append(*ids, id)
	}
	return data, nil
}
