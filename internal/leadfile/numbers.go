package leadfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/callhenk/henk-worker/internal/lead"
)

// ErrChangeList is returned for the National Do Not Call Registry's file of changes.
var ErrChangeList = errors.New("this looks like a list of changes (numbers marked A or D): an import replaces the whole list, so download the full list")

// ErrNoPhoneColumn is returned for a header that names no column of numbers.
var ErrNoPhoneColumn = errors.New("the first line names columns, but none of phone numbers: name that column phone")

// numberLine is a line of a suppression list: an entry, or why it is none.
type numberLine struct {
	line    int64
	entry   lead.Entry
	problem string
	raw     string // where there is a problem
}

// numberReader reads a list of numbers: one a line in any shape, AAA,NNNNNNN, or CSV with a header.
type numberReader struct {
	lines   *lineReader
	records *recordReader // of a CSV file with a header; else nil
	columns numberColumns
}

type numberColumns struct{ phone, area, reason, expires int }

var numberAliases = map[string]string{
	"phone": "phone", "phonenumber": "phone", "telephone": "phone", "telephonenumber": "phone", "tel": "phone", "mobile": "phone",
	"mobilephone": "phone", "cell": "phone", "cellphone": "phone", "number": "phone", "localnumber": "phone", "e164": "phone", "dnc": "phone",
	"area": "area", "areacode": "area", "npa": "area",
	"reason": "reason", "note": "reason", "notes": "reason", "comment": "reason", "evidence": "reason",
	"expires": "expires", "expiresat": "expires", "expiry": "expires", "expirydate": "expires", "expirationdate": "expires", "until": "expires",
}

func newNumberReader(r io.Reader) (*numberReader, error) {
	lines, err := newLineReader(r)
	if err != nil {
		return nil, err
	}
	n := &numberReader{lines: lines}
	for {
		first, err := lines.next()
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return nil, err
		}
		if len(bytes.TrimSpace(first.text)) == 0 {
			continue
		}
		if !isHeader(first.text) {
			lines.push(textLine{first.n, bytes.Clone(first.text), first.long})
			return n, nil
		}
		n.records = &recordReader{lines: lines, comma: separator(first.text)}
		header, err := n.records.record(first)
		if err != nil {
			return nil, err
		}
		return n, n.readHeader(header)
	}
}

// isHeader tells a line of words from a line with a number.
func isHeader(line []byte) bool {
	digits, letters := 0, false
	for _, r := range string(line) {
		switch {
		case unicode.IsDigit(r):
			digits++
		case unicode.IsLetter(r):
			letters = true
		}
	}
	return letters && digits < 7
}

func (n *numberReader) readHeader(header record) error {
	n.columns = numberColumns{-1, -1, -1, -1}
	for i, name := range header.fields {
		var at *int
		switch numberAliases[plainName(name)] {
		case "phone":
			at = &n.columns.phone
		case "area":
			at = &n.columns.area
		case "reason":
			at = &n.columns.reason
		case "expires":
			at = &n.columns.expires
		}
		if at != nil && *at < 0 {
			*at = i
		}
	}
	if n.columns.phone >= 0 {
		return nil
	}
	if len(header.fields) == 1 {
		n.records = nil // a title over plain lines
		return nil
	}
	return ErrNoPhoneColumn
}

// next returns io.EOF after the last line. Empty lines are passed over.
func (n *numberReader) next() (numberLine, error) {
	if n.records != nil {
		return n.nextRecord()
	}
	for {
		line, err := n.lines.next()
		if err != nil {
			return numberLine{}, err
		}
		text := strings.TrimSpace(strings.Trim(strings.TrimSpace(string(line.text)), `"'`))
		if text == "" {
			continue
		}
		got := numberLine{line: line.n}
		if got.entry.Phone = northAmerican(text); got.entry.Phone != "" {
			return got, nil
		}
		got.raw = text[:min(len(text), 1000)]
		if line.long || len(text) > 1000 {
			got.problem = "the line is too long to be a number"
			return got, nil
		}
		return n.unusual(got, text)
	}
}

// unusual reads a line that is not the plain number of most lines: with other fields beside the number, or in
// another shape.
func (n *numberReader) unusual(got numberLine, text string) (numberLine, error) {
	fields := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == '\t' || r == '|' })
	var found []string
	joined := ""
	for i, f := range fields {
		fields[i] = strings.TrimSpace(strings.Trim(strings.TrimSpace(f), `"'`))
		if e164, problem := suppressible(fields[i]); problem == "" {
			found = append(found, e164)
		}
	}
	if len(fields) >= 2 && len(fields[0]) == 3 && len(fields[1]) == 7 {
		joined = northAmerican(fields[0] + fields[1])
	}
	if (len(found) > 0 || joined != "") && (isChange(fields, 1) || isChange(fields, 2)) {
		return got, ErrChangeList
	}
	switch {
	case joined != "":
		got.entry.Phone = joined
	case len(found) == 1:
		got.entry.Phone = found[0]
	case len(found) > 1:
		got.problem = "this may be more than one number: write one a line"
	default:
		got.entry.Phone, got.problem = suppressible(text)
	}
	return got, nil
}

func isChange(fields []string, i int) bool {
	return i < len(fields) && (strings.EqualFold(fields[i], "A") || strings.EqualFold(fields[i], "D"))
}

func (n *numberReader) nextRecord() (numberLine, error) {
	rec, err := n.records.next()
	if err != nil {
		return numberLine{}, err
	}
	got := numberLine{line: rec.line, problem: rec.problem, raw: rec.raw}
	if rec.problem != "" {
		return got, nil
	}
	got.raw = cell(rec.fields, n.columns.phone)
	text := got.raw
	if area := cell(rec.fields, n.columns.area); area != "" && len(text) == 7 {
		got.raw = area + "," + text
		text = area + text
	}
	if got.entry.Phone, got.problem = suppressible(text); got.problem != "" {
		return got, nil
	}
	if reason := tidy(cell(rec.fields, n.columns.reason)); reason != "" {
		got.entry.Reason = &reason
	}
	if expires := cell(rec.fields, n.columns.expires); expires != "" {
		at, ok := parseDay(expires)
		if !ok {
			// In force for good: a date that cannot be read must not set somebody free.
			reason := tidy(cell(rec.fields, n.columns.reason) + " (expiry not understood: " + expires + ")")
			got.entry.Reason = &reason
			return got, nil
		}
		got.entry.ExpiresAt = &at
	}
	return got, nil
}

func cell(fields []string, i int) string {
	if i < 0 || i >= len(fields) {
		return ""
	}
	return strings.TrimSpace(fields[i])
}

// parseDay reads an instant, or the end of a day in UTC-12, where it ends last.
func parseDay(text string) (time.Time, bool) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, true
	}
	day, err := time.Parse(time.DateOnly, text)
	return day.Add(36 * time.Hour), err == nil
}

// ParseExpiry reads the --expires of a command: a date, which ends when it has ended everywhere, or an instant.
func ParseExpiry(text string) (time.Time, error) {
	at, ok := parseDay(text)
	if !ok {
		return at, fmt.Errorf("the expiry must be a date such as 2026-12-31, or an instant such as 2026-12-31T18:00:00Z")
	}
	return at, nil
}
