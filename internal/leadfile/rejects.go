package leadfile

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
)

// rejects writes the lines that were not taken behind their number and the reason: a CSV file that can be mended and
// imported again. What a spreadsheet would run is defused; an import takes that back. w may be nil.
type rejects struct {
	w        *csv.Writer
	header   []string
	max      int64 // bytes to write, about; 0 = all
	written  int64
	cut      bool // there was more than that
	count    int64
	problems []Problem
}

func newRejects(w io.Writer, most int64) *rejects {
	r := &rejects{max: most, problems: []Problem{}}
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
	if r.cut = r.cut || (r.max > 0 && r.written >= r.max); r.cut {
		return nil
	}
	if r.count == 1 {
		if err := r.write(rejectLine, rejectReason, r.header); err != nil {
			return err
		}
	}
	return r.write(strconv.FormatInt(line, 10), reason, fields)
}

func (r *rejects) write(line, reason string, fields []string) error {
	cells := append(make([]string, 0, len(fields)+2), line, reason)
	for _, text := range fields {
		cells = append(cells, defuse(text))
	}
	for _, text := range cells {
		r.written += int64(len(text)) + 1
	}
	if err := r.w.Write(cells); err != nil {
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
