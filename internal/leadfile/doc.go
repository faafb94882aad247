// Package leadfile reads and writes files: leads and suppression lists in, leads, calls and conversations out. Files come
// from spreadsheets and other people's systems, so nothing about them is trusted: not the encoding, the quotes, the
// length of a line or that a file has an end. All of it streams; memory does not grow with the file.
//
// It may import store, phone and lead. Nothing here knows files: readers and writers come from the command or the page.
package leadfile

import (
	"io"
	"sync/atomic"
)

// Progress hears, often, how many bytes of the file were read and how many lines or rows are done.
type Progress func(bytes, lines int64)

func (p Progress) tell(bytes, lines int64) {
	if p != nil {
		p(bytes, lines)
	}
}

// Problem is a line that was not taken.
type Problem struct {
	Line   int64  `json:"line"` // of the file, from 1; where a record spans lines, the first
	Reason string `json:"reason"`
}

// shownProblems of a file are kept in its report; all of them are in the rejects file.
const shownProblems = 20

// counted tells how much of a reader was read; another goroutine may ask.
type counted struct {
	r io.Reader
	n atomic.Int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}
