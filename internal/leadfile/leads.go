package leadfile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/lead"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// LeadOptions say where leads go.
type LeadOptions struct {
	BusinessID uuid.UUID
	List       string            // the list that they join; made when the business has none of this name
	Source     string            // leads.source of new leads, and whose ids source_id holds; default DefaultSource
	Map        map[string]string // a column's name, or its place as #1, to a field of FieldNames, or to "-"
	Rejects    io.Writer         // gets the rows that were not taken; may be nil
	RejectsMax int64             // about how many bytes of them; 0 = all
	Progress   Progress
}

// DefaultSource is the source of leads that came in a file.
const DefaultSource = "csv"

// LeadReport says what an import did.
type LeadReport struct {
	ListID     uuid.UUID `json:"list_id"`
	Columns    []Column  `json:"columns"`
	Rows       int64     `json:"rows"`
	Created    int64     `json:"created"`
	Updated    int64     `json:"updated"`
	Unchanged  int64     `json:"unchanged"`
	Joined     int64     `json:"joined"` // rows for a person that another row of the file is for
	Listed     int64     `json:"listed"` // members that the list has gained
	Rejected   int64     `json:"rejected"`
	RejectsCut bool      `json:"rejects_cut,omitempty"` // not all of them were written

	DoNotCall  int64     `json:"do_not_call"` // rows that forbid calls
	Undialable int64     `json:"undialable"`  // rows without a number that can be called
	Converted  int64     `json:"converted"`   // lines read as Windows-1252
	Problems   []Problem `json:"problems"`    // the first rejected rows
	Notes      []Problem `json:"notes"`       // the first rows of which something was cut or left out
	Noted      int64     `json:"noted"`
}

// leadBatch rows are written in one transaction. Where the web app's triggers are, each of them updates the list's row,
// and a transaction's cost grows with the square of that.
const leadBatch = 1000

// ImportLeads reads a CSV file with a header into the business's leads and a list. Leads that are there are found by the
// source's id, else by number or email, and completed; a do-not-call flag is raised by it and never taken back. Each
// batch is a transaction: after a crash the same file goes in again and nobody is there twice.
func ImportLeads(ctx context.Context, db *store.DB, r io.Reader, o LeadOptions) (*LeadReport, error) {
	if o.Source = strings.TrimSpace(o.Source); o.Source == "" {
		o.Source = DefaultSource
	}
	o.List = tidy(o.List)
	if _, long := fit(o.List, 255); o.List == "" || long || len(o.Source) > 50 {
		return nil, errors.New("the list needs a name of at most 255 characters, the source one of at most 50")
	}
	in := &counted{r: r}
	records, m, err := openLeads(in, o.Map)
	if err != nil {
		return nil, err
	}
	run := &leadImport{db: db, o: o, batch: newBatch(leadBatch), rejects: newRejects(o.Rejects, o.RejectsMax), report: LeadReport{Columns: m.columns()}}
	run.rejects.header = m.header
	if run.report.ListID, err = findList(ctx, db, o); err != nil {
		return nil, err
	}
	err = run.readAll(ctx, records, m, in)
	report := run.report
	report.Rejected, report.RejectsCut, report.Problems, report.Converted = run.rejects.count, run.rejects.cut, run.rejects.problems, records.lines.converted
	if flushErr := run.rejects.flush(); err == nil {
		err = flushErr
	}
	if err == nil {
		if err = dbsqlc.New().LeadListRecount(ctx, db, report.ListID); err != nil {
			err = fmt.Errorf("counting the list's members: %w", err)
		}
	}
	return &report, err
}

// openLeads reads the header.
func openLeads(r io.Reader, given map[string]string) (*recordReader, mapping, error) {
	lines, err := newLineReader(r)
	if err != nil {
		return nil, mapping{}, err
	}
	records, err := newRecordReader(lines)
	if err != nil {
		return nil, mapping{}, err
	}
	header, err := records.next()
	switch {
	case errors.Is(err, io.EOF):
		return nil, mapping{}, errors.New("the file is empty; its first line must name the columns")
	case err != nil:
		return nil, mapping{}, err
	case header.problem != "":
		return nil, mapping{}, fmt.Errorf("the first line cannot be read: %s", header.problem)
	}
	m, err := mapColumns(header.fields, given)
	return records, m, err
}

func findList(ctx context.Context, db *store.DB, o LeadOptions) (id uuid.UUID, err error) {
	q := dbsqlc.New()
	err = store.InTx(ctx, db, func(tx pgx.Tx) error {
		var exists bool
		if err := tx.QueryRow(ctx, "select exists (select from public.businesses where id = $1)", o.BusinessID).Scan(&exists); err != nil {
			return fmt.Errorf("looking for the business: %w", err)
		}
		if !exists {
			return lead.ErrNoBusiness
		}
		if err := q.LeadImportLock(ctx, tx, o.BusinessID); err != nil {
			return fmt.Errorf("waiting for another import: %w", err)
		}
		id, err = q.LeadListFind(ctx, tx, dbsqlc.LeadListFindParams{BusinessID: o.BusinessID, Name: o.List})
		if errors.Is(err, pgx.ErrNoRows) {
			id, err = q.LeadListAdd(ctx, tx, dbsqlc.LeadListAddParams{BusinessID: o.BusinessID, Name: o.List, Source: DefaultSource})
		}
		if err != nil {
			return fmt.Errorf("opening the list: %w", err)
		}
		return nil
	})
	return id, err
}

type leadImport struct {
	db      *store.DB
	o       LeadOptions
	batch   *batch
	rejects *rejects
	report  LeadReport
}

func (l *leadImport) readAll(ctx context.Context, records *recordReader, m mapping, in *counted) error {
	for {
		rec, err := records.next()
		if errors.Is(err, io.EOF) {
			return l.flush(ctx)
		}
		if err != nil {
			return err
		}
		l.report.Rows++
		r, problem := newRow(rec, m)
		if problem != "" {
			if err := l.rejects.add(r.line, problem, r.fields...); err != nil {
				return err
			}
			continue
		}
		l.observe(&r)
		if l.batch.add(r) {
			l.report.Joined++
		}
		if len(l.batch.rows) == leadBatch {
			if err := l.flush(ctx); err != nil {
				return err
			}
			l.o.Progress.tell(in.n.Load(), l.report.Rows)
		}
	}
}

// observe counts what somebody should know of a row that is taken.
func (l *leadImport) observe(r *row) {
	if r.DoNotCall {
		l.report.DoNotCall++
	}
	if !r.dialable() {
		l.report.Undialable++
	}
	for _, note := range r.notes {
		l.report.Noted++
		if len(l.report.Notes) < shownProblems {
			l.report.Notes = append(l.report.Notes, Problem{r.line, note})
		}
	}
}
