package salesforce

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

var (
	errCSV  = errors.New("the answer is not the CSV that was asked for")
	errPage = errors.New("a web page came instead of an answer")
)

const byteOrderMark = "\uFEFF"

// csvReader reads bulk results into rows. encoding/csv makes a string of each record and stops at what Salesforce
// never sends; this one is for one stream only and copies values once.
type csvReader struct {
	scan   *scanner
	fields *Fields
	buffer *rowBuffer
	column []int // place in the row of each column; -1: not asked for
	header [][]byte
}

// read hands each record on. Each page begins with its header; a header in between is passed over. No header at all
// is an empty page.
func (r *csvReader) read(each func(Row) error) error {
	if more, err := r.more(); !more || err != nil {
		return err
	}
	switch r.scan.buf[r.scan.pos] {
	case '<':
		return errPage
	case byteOrderMark[0]:
		for i := range len(byteOrderMark) {
			if b, err := r.scan.next(); err != nil || b != byteOrderMark[i] {
				return errCSV
			}
		}
	}
	if err := r.readHeader(); err != nil {
		return err
	}
	for {
		more, err := r.more()
		if !more || err != nil {
			return err
		}
		r.buffer.reset()
		blank, err := r.record()
		if err != nil {
			return err
		}
		if blank || r.isHeader() {
			continue
		}
		if err := each(r.buffer.finish()); err != nil {
			return err
		}
	}
}

// more is false at a proper end.
func (r *csvReader) more() (bool, error) {
	if r.scan.pos < r.scan.end || r.scan.fill() {
		return true, nil
	}
	if r.scan.err == io.EOF {
		return false, nil
	}
	return false, r.scan.err
}

func (r *csvReader) readHeader() error {
	found := make([]bool, r.fields.Len())
	for last := false; !last; {
		var name []byte
		var err error
		if name, last, err = r.value(nil); err != nil {
			return err
		}
		at := r.fields.Index(string(name))
		if (at >= 0 && found[at]) || len(r.column) >= 4*maxFields {
			return errCSV
		}
		if at >= 0 {
			found[at] = true
		}
		r.header = append(r.header, name)
		r.column = append(r.column, at)
	}
	for i, ok := range found {
		if !ok {
			return fmt.Errorf("%w: column %s is missing", errCSV, r.fields.names[i])
		}
	}
	return nil
}

// record reads one line of values; blank is true for an empty line.
func (r *csvReader) record() (blank bool, err error) {
	b := r.buffer
	for i := range r.column {
		from := len(b.arena)
		if from > maxRecordBytes {
			return false, errRecord
		}
		var last bool
		if b.arena, last, err = r.value(b.arena); err != nil {
			return false, err
		}
		at := r.column[i]
		switch {
		case at < 0:
			b.arena = b.arena[:from]
		case len(b.arena) > from:
			b.set(at, from)
		}
		if last != (i == len(r.column)-1) {
			if last && i == 0 && len(b.arena) == from {
				return true, nil
			}
			return false, fmt.Errorf("%w: a record has not as many values as the header", errCSV)
		}
	}
	return false, nil
}

// isHeader is true for a repetition of the header: every value is its column's name.
func (r *csvReader) isHeader() bool {
	for i, at := range r.column {
		if at >= 0 && (r.buffer.spans[at].from < 0 || !bytes.Equal(r.buffer.arena[r.buffer.spans[at].from:r.buffer.spans[at].to], r.header[i])) {
			return false
		}
	}
	return true
}

// value appends one value to dst; last is true at the end of its line or of the stream.
func (r *csvReader) value(dst []byte) (out []byte, last bool, err error) {
	s := r.scan
	if s.pos == s.end && !s.fill() {
		return dst, true, r.atEnd()
	}
	if s.buf[s.pos] == '"' {
		s.pos++
		if dst, err = r.quoted(dst); err != nil {
			return dst, false, err
		}
		last, err = r.delimiter()
		return dst, last, err
	}
	from := len(dst)
	for {
		i := s.pos
		for i < s.end && s.buf[i] != ',' && s.buf[i] != '\n' {
			i++
		}
		dst = append(dst, s.buf[s.pos:i]...)
		s.pos = i
		if i < s.end {
			s.pos++
			if last = s.buf[i] == '\n'; last && len(dst) > from && dst[len(dst)-1] == '\r' {
				dst = dst[:len(dst)-1]
			}
			return dst, last, nil
		}
		if len(dst) > maxRecordBytes {
			return dst, false, errRecord
		}
		if !s.fill() {
			return dst, true, r.atEnd()
		}
	}
}

// delimiter reads what must follow a closing quote: a comma, the end of the line or of the stream.
func (r *csvReader) delimiter() (last bool, err error) {
	s := r.scan
	if s.pos == s.end && !s.fill() {
		return true, r.atEnd()
	}
	b, err := s.next()
	if err == nil && b == '\r' {
		if b, err = s.next(); err == nil && b == ',' {
			b = 0
		}
	}
	if err == nil && b != ',' && b != '\n' {
		err = errCSV
	}
	return b == '\n', err
}

// atEnd is nil at a proper end of the stream.
func (r *csvReader) atEnd() error {
	if r.scan.err == io.EOF {
		return nil
	}
	return r.scan.err
}

// quoted appends what stands before the closing quote; the opening one is read.
func (r *csvReader) quoted(dst []byte) ([]byte, error) {
	s := r.scan
	for {
		rest := s.buf[s.pos:s.end]
		i := bytes.IndexByte(rest, '"')
		if i < 0 {
			dst = append(dst, rest...)
			s.pos = s.end
			if len(dst) > maxRecordBytes {
				return dst, errRecord
			}
			if !s.fill() {
				return dst, s.failed()
			}
			continue
		}
		dst = append(dst, rest[:i]...)
		s.pos += i + 1
		if s.pos == s.end && !s.fill() {
			return dst, r.atEnd()
		}
		if s.buf[s.pos] != '"' {
			return dst, nil
		}
		dst = append(dst, '"')
		s.pos++
	}
}
