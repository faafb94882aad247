package leadfile

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
)

// rejects writes the lines that were not taken, as they were, behind their number and the reason: a CSV file that can be
// mended and imported again. w may be nil.
type rejects struct {
	w        *csv.Writer
	header   []string
	count    int64
	problems []Problem
}

func newRejects(w io.Writer) *rejects {
	r := &rejects{}
	if w != nil {
		r.w = csv.NewWriter(w)
	}
	return r
}

// add keeps a line. fields may be the whole line as one.
func (r *rejects) add(line int64, reason string, fields ...string) error {
	r.count++
	if len(r.problems) < shownProblems {
		r.problems = append(r.problems, Problem{line, reason})
	}
	if r.w == nil {
		return nil
	}
	if r.count == 1 {
		if err := r.w.Write(append([]string{rejectLine, rejectReason}, r.header...)); err != nil {
			return fmt.Errorf("writing the rejects: %w", err)
		}
	}
	if err := r.w.Write(append([]string{strconv.FormatInt(line, 10), reason}, fields...)); err != nil {
		return fmt.Errorf("writing the rejects: %w", err)
	}
	return nil
}

// Columns that a rejects file has before the original's. An import passes over them.
const (
	rejectLine   = "henk line"
	rejectReason = "henk reason"
)

func (r *rejects) flush() error {
	if r.w == nil {
		return nil
	}
	r.w.Flush()
	if err := r.w.Error(); err != nil {
		return fmt.Errorf("writing the rejects: %w", err)
	}
	return nil
}
