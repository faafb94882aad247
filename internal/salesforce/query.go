package salesforce

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Page is what a query answered besides its records.
type Page struct {
	Total      int       // records of the whole query, the same on each page
	Records    int       // records of this page, all handed on
	Done       bool      // no further page
	Next       string    // for QueryMore; "" when Done. It dies within days or sooner: never a checkpoint
	ServerTime time.Time // Date of the answer, UTC; zero if it had none
}

// Query runs SOQL and hands the first page's records to each, one by one, as they come in. fields are those that the
// SOQL text selects. When each returns an error the page ends there and the error comes back wrapped (KindCallback).
//
// A page that breaks off after its first record is not asked for again: undo it and call once more.
func (c *Client) Query(ctx context.Context, soql string, fields *Fields, each func(Row) error) (Page, error) {
	return c.query(ctx, "query", c.path("/query"), url.Values{"q": {soql}}, fields, each)
}

// QueryAll is Query including deleted and merged records: select IsDeleted, and MasterRecordId where the object has it.
func (c *Client) QueryAll(ctx context.Context, soql string, fields *Fields, each func(Row) error) (Page, error) {
	return c.query(ctx, "query all", c.path("/queryAll"), url.Values{"q": {soql}}, fields, each)
}

// nextForm: one path segment follows /query/, even after queryAll.
var nextForm = regexp.MustCompile(`^/services/data/v[0-9]{1,3}\.[0-9]/query(?:All)?/[A-Za-z0-9][A-Za-z0-9_.~-]{0,199}$`)

// QueryMore hands on the page at Page.Next. KindLocatorGone: it is not kept any longer; begin again at your cursor.
func (c *Client) QueryMore(ctx context.Context, next string, fields *Fields, each func(Row) error) (Page, error) {
	if !nextForm.MatchString(next) {
		return Page{}, inputError("query more", errors.New("this is not the address of a next page"))
	}
	return c.query(ctx, "query more", next, nil, fields, each)
}

// Count runs SELECT COUNT() FROM .. and returns the count.
func (c *Client) Count(ctx context.Context, soql string) (int, error) {
	var answer struct {
		TotalSize *int `json:"totalSize"`
	}
	rq := &request{op: "count", method: http.MethodGet, path: c.path("/query"), query: url.Values{"q": {soql}}, reads: true, limit: limitControl}
	if err := c.send(ctx, rq, c.document(&answer)); err != nil {
		return 0, err
	}
	if answer.TotalSize == nil {
		return 0, protocolError(rq.op, "the answer has no totalSize")
	}
	return *answer.TotalSize, nil
}

func (c *Client) query(ctx context.Context, op, path string, values url.Values, fields *Fields, each func(Row) error) (Page, error) {
	if fields == nil {
		return Page{}, inputError(op, errors.New("no field list given"))
	}
	rq := &request{op: op, method: http.MethodGet, path: path, query: values, reads: true, stream: true, limit: limitStream}
	var page Page
	err := c.send(ctx, rq, func(resp *http.Response) (bool, *Error) {
		tree, err := fields.tree()
		if err != nil {
			return false, inputError(op, err)
		}
		reader := &pageReader{scan: newScanner(resp.Body), tree: tree, buffer: newRowBuffer(fields.Len()), each: each}
		failure := c.readPage(resp, reader)
		page = reader.page
		if at, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
			page.ServerTime = at.UTC()
		}
		return page.Records > 0, failure
	})
	return page, err
}

// pageReader reads one page of records from a stream.
type pageReader struct {
	scan      *scanner
	tree      *node
	buffer    *rowBuffer
	each      func(Row) error
	page      Page
	seen      [3]bool // totalSize, done, records
	callError error
}

func (c *Client) readPage(resp *http.Response, r *pageReader) *Error {
	if first, err := r.scan.peek(); err == nil && first == '<' {
		return &Error{Kind: KindUnavailable, Message: "a web page came instead of an answer"}
	}
	err := r.scan.list('{', '}', r.member)
	switch {
	case r.callError != nil:
		return &Error{Kind: KindCallback, Message: "the receiver of the records stopped", cause: r.callError}
	case errors.Is(err, errSyntax), errors.Is(err, errRecord):
		return protocolError("", err.Error())
	case err != nil:
		return readFailure(err)
	case r.seen != [3]bool{true, true, true}:
		return protocolError("", "the page lacks totalSize, done or records")
	case !r.page.Done && r.page.Next == "":
		// Taking this for the end would lose the rest without a word.
		return protocolError("", "the page is not the last one and names no next one")
	case !r.page.Done && !nextForm.MatchString(r.page.Next):
		return protocolError("", "the address of the next page is not one of this API")
	}
	if r.page.Done {
		r.page.Next = ""
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 4<<10)) // to the end, so that the connection can be used again
	return nil
}

func (r *pageReader) member() error {
	key, err := r.scan.key()
	if err != nil {
		return err
	}
	switch string(key) {
	case "totalSize":
		r.seen[0] = true
		r.page.Total, err = r.scan.integer()
	case "done":
		r.seen[1] = true
		var word []byte
		if _, err = r.scan.peek(); err == nil {
			word, err = r.scan.bare(nil)
			r.page.Done = string(word) == "true"
		}
		if err == nil && string(word) != "true" && string(word) != "false" {
			err = errSyntax
		}
	case "nextRecordsUrl":
		var first byte
		if first, err = r.scan.peek(); err == nil && first == '"' {
			var text []byte
			text, err = r.scan.text(nil)
			r.page.Next = string(text)
		} else if err == nil {
			err = r.scan.skip() // null
		}
	case "records":
		if r.seen[2] {
			return errSyntax
		}
		r.seen[2] = true
		err = r.scan.list('[', ']', r.record)
	default:
		err = r.scan.skip()
	}
	return err
}

func (r *pageReader) record() error {
	r.buffer.reset()
	if err := r.scan.record(r.tree, r.buffer, 0); err != nil {
		return err
	}
	r.page.Records++
	if r.callError = r.each(r.buffer.finish()); r.callError != nil {
		return r.callError
	}
	return nil
}

// ParseTime reads a date-time as Salesforce writes it: 2026-01-02T03:04:05.000+0000, or with Z or +00:00, with or
// without a fraction. The result is UTC.
func ParseTime(text string) (time.Time, error) {
	if t, ok := parsePlainTime(text); ok {
		return t, nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05Z0700", time.RFC3339} { // both take a fraction
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	if strings.TrimSpace(text) == "" {
		return time.Time{}, errors.New("salesforce: the date-time is empty")
	}
	return time.Time{}, errors.New("salesforce: a date-time is not written as 2026-01-02T03:04:05.000+0000")
}

// parsePlainTime is the form of every SystemModstamp; time.Parse takes ten times as long.
func parsePlainTime(s string) (time.Time, bool) {
	const form = "0000-00-00T00:00:00.000"
	if len(s) < len(form) || (s[len(form):] != "+0000" && s[len(form):] != "Z") {
		return time.Time{}, false
	}
	for i := range len(form) {
		if form[i] == '0' && (s[i] < '0' || s[i] > '9') || form[i] != '0' && s[i] != form[i] {
			return time.Time{}, false
		}
	}
	number := func(from, to int) (n int) {
		for _, b := range []byte(s[from:to]) {
			n = 10*n + int(b-'0')
		}
		return n
	}
	year, month, day := number(0, 4), number(5, 7), number(8, 10)
	hour, minute, second, ms := number(11, 13), number(14, 16), number(17, 19), number(20, 23)
	t := time.Date(year, time.Month(month), day, hour, minute, second, ms*1e6, time.UTC)
	// What time.Date carried over was no date.
	if t.Month() != time.Month(month) || t.Day() != day || t.Hour() != hour || t.Minute() != minute || t.Second() != second {
		return time.Time{}, false
	}
	return t, true
}
