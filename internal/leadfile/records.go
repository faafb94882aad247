package leadfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxUnclosed records with a quote that is never closed are set aside one by one; a file with more of them is not read
// as it was meant.
const maxUnclosed = 100

// ErrQuotes is returned for a file whose quotes do not match.
var ErrQuotes = errors.New("too many quotes are never closed: is this a CSV file, with \" around texts that hold a separator?")

// record is one row of a CSV file.
type record struct {
	line    int64
	fields  []string
	raw     string // as read, only where problem is set
	problem string
}

// recordReader reads CSV of any common separator. Unlike encoding/csv it takes up again after a row it cannot read, and
// a quote that is never closed costs that row and not the rest of the file.
type recordReader struct {
	lines    *lineReader
	comma    byte
	unclosed int
	p        recordParser
}

// next returns the next record that is not empty, or io.EOF.
func (r *recordReader) next() (record, error) {
	for {
		first, err := r.lines.next()
		if err != nil {
			return record{}, err
		}
		if len(bytes.TrimSpace(first.text)) == 0 {
			continue
		}
		return r.record(first)
	}
}

func (r *recordReader) record(first textLine) (record, error) {
	if first.long {
		return record{line: first.n, raw: string(first.text[:1000]), problem: fmt.Sprintf("the line is longer than %d bytes", maxLine)}, nil
	}
	r.p = recordParser{comma: r.comma, current: r.p.current[:0]}
	done, problem := r.p.feed(first.text)
	if done || problem != "" {
		rec := record{line: first.n, fields: r.p.fields, problem: problem}
		if problem != "" {
			rec.raw = string(first.text)
		}
		return rec, nil
	}
	return r.across(textLine{first.n, bytes.Clone(first.text), false})
}

// across reads on, over the lines of a quoted text.
func (r *recordReader) across(first textLine) (record, error) {
	var more []textLine
	size, problem := len(first.text), ""
	for problem == "" {
		line, err := r.lines.next()
		if errors.Is(err, io.EOF) {
			problem = "a quote is opened and never closed"
			break
		}
		if err != nil {
			return record{}, err
		}
		line.text = bytes.Clone(line.text)
		more = append(more, line)
		var done bool
		if size += len(line.text); line.long || size > maxLine {
			problem = fmt.Sprintf("a quote is opened and not closed within %d bytes", maxLine)
		} else if done, problem = r.p.feed(line.text); done && problem == "" {
			return record{line: first.n, fields: r.p.fields}, nil
		}
	}
	if r.unclosed++; r.unclosed > maxUnclosed {
		return record{}, ErrQuotes
	}
	r.lines.push(more...)
	return record{line: first.n, raw: string(first.text), problem: problem}, nil
}

// recordParser takes a record apart, line by line.
type recordParser struct {
	comma   byte
	fields  []string
	current []byte // of a quoted text
	quoted  bool
}

// feed takes the next line. done is false inside a quoted text, which goes on with the next line.
func (p *recordParser) feed(line []byte) (done bool, problem string) {
	i := 0
	for {
		if !p.quoted {
			rest := line[i:]
			if text := bytes.TrimLeft(rest, " "); len(text) > 0 && text[0] == '"' {
				p.quoted, i = true, len(line)-len(text)+1
				continue
			}
			end := bytes.IndexByte(rest, p.comma)
			if end < 0 {
				p.fields = append(p.fields, string(rest))
				return true, ""
			}
			p.fields = append(p.fields, string(rest[:end]))
			i += end + 1
			continue
		}
		end := bytes.IndexByte(line[i:], '"')
		if end < 0 {
			p.current = append(append(p.current, line[i:]...), '\n')
			return false, ""
		}
		p.current = append(p.current, line[i:i+end]...)
		if i += end + 1; i < len(line) && line[i] == '"' {
			p.current = append(p.current, '"')
			i++
			continue
		}
		rest := bytes.TrimLeft(line[i:], " ")
		if len(rest) > 0 && rest[0] != p.comma {
			return false, "text follows a closing quote: a quote inside a quoted text must be written twice"
		}
		p.fields, p.current, p.quoted = append(p.fields, string(p.current)), p.current[:0], false
		if len(rest) == 0 {
			return true, ""
		}
		i = len(line) - len(rest) + 1
	}
}

// separator finds what separates the fields of a first line: what it has most of outside quotes.
func separator(line []byte) byte {
	best, most := byte(','), 0
	for _, c := range []byte{',', ';', '\t', '|'} {
		n, quoted := 0, false
		for _, b := range line {
			switch {
			case b == '"':
				quoted = !quoted
			case b == c && !quoted:
				n++
			}
		}
		if n > most {
			best, most = c, n
		}
	}
	return best
}

// newRecordReader reads the separator off the first line: Excel may name it there ("sep=;"), else it is counted.
func newRecordReader(lines *lineReader) (*recordReader, error) {
	for {
		line, err := lines.next()
		if errors.Is(err, io.EOF) {
			return &recordReader{lines: lines, comma: ','}, nil
		}
		if err != nil {
			return nil, err
		}
		text := strings.TrimSpace(string(line.text))
		if text == "" {
			continue
		}
		if len(text) == 5 && strings.EqualFold(text[:4], "sep=") {
			return &recordReader{lines: lines, comma: text[4]}, nil
		}
		lines.push(textLine{line.n, bytes.Clone(line.text), line.long})
		return &recordReader{lines: lines, comma: separator(line.text)}, nil
	}
}
