package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// States of a bulk query job.
const (
	BulkUploadComplete = "UploadComplete" // queued
	BulkInProgress     = "InProgress"
	BulkAborted        = "Aborted"
	BulkComplete       = "JobComplete"
	BulkFailed         = "Failed"
)

// BulkJob is a Bulk API 2.0 query job.
type BulkJob struct {
	ID        string `json:"id"`
	Operation string `json:"operation"` // query or queryAll
	Object    string `json:"object"`
	State     string `json:"state"`
	Processed int    `json:"numberRecordsProcessed"`
	Retries   int    `json:"retries"`
	// Message is why it failed, where Salesforce says; cleaned.
	Message string `json:"errorMessage"`
}

// Ended is true for states that do not change any more.
func (j *BulkJob) Ended() bool {
	return j.State == BulkComplete || j.State == BulkFailed || j.State == BulkAborted
}

// CreateBulkQuery starts a job; all includes deleted and merged records. Do not ORDER or LIMIT: that turns the chunking
// off. Records come in no order. KindBulkRefused: this query or user cannot have it, use Query. It is not sent twice;
// a job whose answer was lost costs one of 10,000 a day and expires by itself.
func (c *Client) CreateBulkQuery(ctx context.Context, soql string, all bool) (*BulkJob, error) {
	operation := "query"
	if all {
		operation = "queryAll"
	}
	body, err := json.Marshal(struct {
		Operation   string `json:"operation"`
		Query       string `json:"query"`
		ContentType string `json:"contentType"`
		Delimiter   string `json:"columnDelimiter"`
		LineEnding  string `json:"lineEnding"`
	}{operation, soql, "CSV", "COMMA", "LF"})
	if err != nil {
		return nil, inputError("create bulk query", err)
	}
	if failure := c.guardQuota("create bulk query"); failure != nil {
		return nil, failure
	}
	return c.bulkJob(ctx, &request{op: "create bulk query", method: http.MethodPost, path: c.path("/jobs/query"), body: body, createsBulk: true, limit: limitControl})
}

// BulkJob reads a job. KindNotFound: it is gone (after 7 days) or not this user's; make a new one.
func (c *Client) BulkJob(ctx context.Context, id string) (*BulkJob, error) {
	if err := checkJobID("bulk job", id); err != nil {
		return nil, err
	}
	return c.bulkJob(ctx, &request{op: "bulk job", method: http.MethodGet, path: c.path("/jobs/query/" + id), reads: true, limit: limitControl})
}

// WaitBulkJob asks for the job until it is complete, first after a second, then less and less often up to every 30 s.
// KindBulkFailed: it ended otherwise. ctx bounds the wait.
func (c *Client) WaitBulkJob(ctx context.Context, id string) (*BulkJob, error) {
	for wait := time.Second; ; wait = min(wait*3/2, 30*time.Second) {
		job, err := c.BulkJob(ctx, id)
		if err != nil {
			return nil, err
		}
		if job.Ended() {
			if job.State == BulkComplete {
				return job, nil
			}
			return job, &Error{Op: "bulk job", Kind: KindBulkFailed, Code: job.State, Message: job.Message, Mend: "query over REST, or try again later"}
		}
		if err := sleep(ctx, wait); err != nil {
			return job, &Error{Op: "bulk job", Kind: KindUnavailable, Message: "the bulk job is not complete yet", cause: err}
		}
	}
}

// AbortBulkJob stops a job.
func (c *Client) AbortBulkJob(ctx context.Context, id string) (*BulkJob, error) {
	if err := checkJobID("abort bulk job", id); err != nil {
		return nil, err
	}
	return c.bulkJob(ctx, &request{op: "abort bulk job", method: http.MethodPatch, path: c.path("/jobs/query/" + id), body: []byte(`{"state":"Aborted"}`), limit: limitControl})
}

// DeleteBulkJob removes an ended job and its results. One that is gone already is no error.
func (c *Client) DeleteBulkJob(ctx context.Context, id string) error {
	if err := checkJobID("delete bulk job", id); err != nil {
		return err
	}
	rq := &request{op: "delete bulk job", method: http.MethodDelete, path: c.path("/jobs/query/" + id), limit: limitControl}
	err := c.send(ctx, rq, func(*http.Response) (bool, *Error) { return false, nil })
	if KindOf(err) == KindNotFound {
		return nil
	}
	return err
}

func (c *Client) bulkJob(ctx context.Context, rq *request) (*BulkJob, error) {
	var job BulkJob
	if err := c.send(ctx, rq, c.document(&job)); err != nil {
		return nil, err
	}
	if checkJobID(rq.op, job.ID) != nil || job.State == "" {
		e := protocolError(rq.op, "the answer has no job id or no state")
		e.Unsure = !rq.reads
		return nil, e
	}
	job.Message = clean(job.Message, c.secretTexts(), maxMessageBytes)
	return &job, nil
}

func checkJobID(op, id string) error {
	if !isID(id) {
		return inputError(op, errors.New("the bulk job's id is not one"))
	}
	return nil
}

// BulkPage is what one page of results answered besides its records.
type BulkPage struct {
	Records int    // records of this page, all handed on
	Locator string // of the next page; "" after the last. It may be kept with the job's id to go on after a restart
}

var locatorForm = regexp.MustCompile(`^[A-Za-z0-9+/=_.-]{1,500}$`)

// BulkResults hands one page of a complete job's results to each, as Query does. locator is "" for the first page;
// maxRecords 0 leaves the size to Salesforce. KindNotFound, KindLocatorGone: the job or its results are gone.
func (c *Client) BulkResults(ctx context.Context, id, locator string, maxRecords int, fields *Fields, each func(Row) error) (BulkPage, error) {
	const op = "bulk results"
	if err := checkJobID(op, id); err != nil {
		return BulkPage{}, err
	}
	if fields == nil {
		return BulkPage{}, inputError(op, errors.New("no field list given"))
	}
	values := url.Values{}
	if maxRecords < 0 || (locator != "" && !locatorForm.MatchString(locator)) {
		return BulkPage{}, inputError(op, errors.New("the locator is not one, or the number of records is negative"))
	}
	if maxRecords > 0 {
		values.Set("maxRecords", strconv.Itoa(maxRecords))
	}
	if locator != "" {
		values.Set("locator", locator)
	}
	rq := &request{op: op, method: http.MethodGet, path: c.path("/jobs/query/" + id + "/results"), query: values, accept: "text/csv", reads: true, stream: true, limit: limitStream}
	var page BulkPage
	err := c.send(ctx, rq, func(resp *http.Response) (bool, *Error) {
		var failure *Error
		page, failure = readBulkPage(resp, locator, fields, each)
		return page.Records > 0, failure
	})
	return page, err
}

func readBulkPage(resp *http.Response, asked string, fields *Fields, each func(Row) error) (BulkPage, *Error) {
	var page BulkPage
	if resp.StatusCode == http.StatusNoContent {
		return page, &Error{Kind: KindUnavailable, Message: "the results are not ready yet"}
	}
	reader := &csvReader{scan: newScanner(resp.Body), fields: fields, buffer: newRowBuffer(fields.Len())}
	var callError error
	err := reader.read(func(row Row) error {
		page.Records++
		callError = each(row)
		return callError
	})
	switch {
	case callError != nil:
		return page, &Error{Kind: KindCallback, Message: "the receiver of the records stopped", cause: callError}
	case errors.Is(err, errPage):
		return page, &Error{Kind: KindUnavailable, Message: err.Error()}
	case errors.Is(err, errCSV), errors.Is(err, errRecord):
		return page, protocolError("", err.Error())
	case err != nil:
		return page, readFailure(err)
	}
	if text := resp.Header.Get("Sforce-NumberOfRecords"); text != "" {
		if told, err := strconv.Atoi(strings.TrimSpace(text)); err == nil && told != page.Records {
			return page, protocolError("", "the page holds "+strconv.Itoa(page.Records)+" records, and "+strconv.Itoa(told)+" were announced")
		}
	}
	// The end is the word null; absent or empty means the same.
	if next := strings.TrimSpace(resp.Header.Get("Sforce-Locator")); next != "" && next != "null" {
		if next == asked || !locatorForm.MatchString(next) {
			return page, protocolError("", "the locator of the next page is not usable")
		}
		page.Locator = next
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 4<<10))
	return page, nil
}
