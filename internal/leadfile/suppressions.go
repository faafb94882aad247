package leadfile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/lead"
	"github.com/callhenk/henk-worker/internal/store"
)

// SuppressionOptions say what an import of numbers replaces.
type SuppressionOptions struct {
	BusinessID *uuid.UUID // nil: the list holds for all businesses
	List       string     // its name; default DefaultList
	Source     string     // where the file comes from
	By         string     // who imports it
	ExpiresAt  *time.Time // nil: in force until it is replaced
	Force      bool       // also if the list shrinks to less than half
	Rejects    io.Writer  // gets the lines that were not taken; may be nil
	RejectsMax int64      // about how many bytes of them; 0 = all
	Progress   Progress
}

// DefaultList is the list that is meant where no name is given.
const DefaultList = "dnc"

// SuppressionReport says what an import did.
type SuppressionReport struct {
	List       string    `json:"list"`
	Version    int32     `json:"version"`
	Lines      int64     `json:"lines"`    // that were not empty
	Numbers    int64     `json:"numbers"`  // in force; one that the file repeats far apart counts twice
	Repeated   int64     `json:"repeated"` // left out because the same stretch of the file has them
	Rejected   int64     `json:"rejected"`
	RejectsCut bool      `json:"rejects_cut,omitempty"` // not all of them were written
	Converted  int64     `json:"converted"`             // lines read as Windows-1252
	Problems   []Problem `json:"problems"`              // the first of them
}

// numberBatch entries are stored in one transaction.
const numberBatch = 20_000

// ImportSuppressions replaces a suppression list by the numbers in r. The old list is in force until the last line has
// been stored; on any error it stays. What was replaced is left for lead.RemoveReplaced.
func ImportSuppressions(ctx context.Context, db *store.DB, r io.Reader, o SuppressionOptions) (*SuppressionReport, error) {
	if o.List = strings.TrimSpace(o.List); o.List == "" {
		o.List = DefaultList
	}
	in := &counted{r: r}
	numbers, err := newNumberReader(in)
	if err != nil {
		return nil, err
	}
	version, err := lead.BeginList(ctx, db, lead.NewList{BusinessID: o.BusinessID, Name: o.List, Source: o.Source, By: o.By, ExpiresAt: o.ExpiresAt, Force: o.Force})
	if err != nil {
		return nil, err
	}
	run := &suppressionImport{o: o, in: in, numbers: numbers, rejects: newRejects(o.Rejects, o.RejectsMax), report: SuppressionReport{List: o.List, Version: version.ID()}}
	run.rejects.header = []string{"phone"}
	err = run.store(ctx, version)
	if err == nil {
		err = version.PutInForce(ctx, run.rejects.count)
	}
	report := run.report
	report.Rejected, report.RejectsCut, report.Problems, report.Converted = run.rejects.count, run.rejects.cut, run.rejects.problems, numbers.lines.converted
	if flushErr := run.rejects.flush(); err == nil {
		err = flushErr
	}
	if err != nil {
		return &report, errors.Join(err, version.Abandon(context.WithoutCancel(ctx)))
	}
	return &report, nil
}

type suppressionImport struct {
	o       SuppressionOptions
	in      *counted
	numbers *numberReader
	rejects *rejects
	report  SuppressionReport
}

// store reads in one goroutine and writes in another, a batch ahead of each other.
func (s *suppressionImport) store(ctx context.Context, version *lead.Version) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	batches, spare := make(chan []lead.Entry), make(chan []lead.Entry, 2)
	read := make(chan error, 1)
	go func() {
		defer close(batches)
		read <- s.read(ctx, batches, spare)
	}()
	var failed error
	for batch := range batches {
		if failed != nil {
			continue
		}
		if failed = version.Add(ctx, batch); failed != nil {
			cancel()
			continue
		}
		s.report.Numbers += int64(len(batch))
		select {
		case spare <- batch[:0]:
		default:
		}
	}
	if err := <-read; failed == nil {
		failed = err
	}
	return failed
}

func (s *suppressionImport) read(ctx context.Context, batches chan<- []lead.Entry, spare <-chan []lead.Entry) error {
	batch := make([]lead.Entry, 0, numberBatch)
	send := func() error {
		whole := len(batch)
		batch = distinct(batch)
		s.report.Repeated += int64(whole - len(batch))
		select {
		case batches <- batch:
		case <-ctx.Done():
			return ctx.Err()
		}
		select {
		case batch = <-spare:
		default:
			batch = make([]lead.Entry, 0, numberBatch)
		}
		s.o.Progress.tell(s.in.n.Load(), s.report.Lines)
		return nil
	}
	for {
		n, err := s.numbers.next()
		switch {
		case errors.Is(err, io.EOF):
			if len(batch) > 0 {
				return send()
			}
			return nil
		case err != nil:
			return err
		}
		s.report.Lines++
		if n.problem != "" {
			if err := s.rejects.add(n.line, n.problem, n.raw); err != nil {
				return err
			}
			continue
		}
		if batch = append(batch, n.entry); len(batch) == numberBatch {
			if err := send(); err != nil {
				return fmt.Errorf("reading line %d: %w", n.line, err)
			}
		}
	}
}

// distinct sorts a batch by number, which the index likes, and leaves each number once. Of two entries for a number the
// one that lasts longer stays.
func distinct(batch []lead.Entry) []lead.Entry {
	slices.SortFunc(batch, func(a, b lead.Entry) int {
		if c := strings.Compare(a.Phone, b.Phone); c != 0 {
			return c
		}
		switch {
		case a.ExpiresAt == nil && b.ExpiresAt == nil:
			return 0
		case a.ExpiresAt == nil:
			return -1
		case b.ExpiresAt == nil:
			return 1
		}
		return b.ExpiresAt.Compare(*a.ExpiresAt)
	})
	return slices.CompactFunc(batch, func(a, b lead.Entry) bool { return a.Phone == b.Phone })
}
