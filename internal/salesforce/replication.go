package salesforce

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"
)

// DeletedRecord is one deletion.
type DeletedRecord struct {
	ID        string
	DeletedAt time.Time
}

// Deleted is an answer of GetDeleted. What was deleted before EarliestAvailable is not known; later than LatestCovered
// not yet.
type Deleted struct {
	Records           []DeletedRecord
	EarliestAvailable time.Time
	LatestCovered     time.Time
}

// Updated is an answer of GetUpdated: the ids of what was created or changed.
type Updated struct {
	IDs           []string
	LatestCovered time.Time // may lag hours behind while a long transaction runs anywhere on the instance
}

// GetDeleted lists the deletions from start to end, seconds cut off, both included, at most 15 days back.
// KindReplication: the range is not covered or has more than 600,000; a full reconcile is needed.
func (c *Client) GetDeleted(ctx context.Context, object string, start, end time.Time) (Deleted, error) {
	var answer struct {
		Records []struct {
			ID   string `json:"id"`
			Date string `json:"deletedDate"`
		} `json:"deletedRecords"`
		Earliest string `json:"earliestDateAvailable"`
		Latest   string `json:"latestDateCovered"`
	}
	const op = "get deleted"
	if err := c.replicate(ctx, op, object, "/deleted/", start, end, &answer); err != nil {
		return Deleted{}, err
	}
	out := Deleted{Records: make([]DeletedRecord, len(answer.Records))}
	var errs [3]error
	for i, r := range answer.Records {
		out.Records[i].ID = r.ID
		var err error
		if out.Records[i].DeletedAt, err = ParseTime(r.Date); err != nil || !isID(r.ID) {
			errs[0] = errors.New("a deleted record has no id or no date")
		}
	}
	out.EarliestAvailable, errs[1] = ParseTime(answer.Earliest)
	out.LatestCovered, errs[2] = ParseTime(answer.Latest)
	if err := errors.Join(errs[:]...); err != nil {
		return Deleted{}, protocolError(op, clean(err.Error(), nil, maxMessageBytes))
	}
	return out, nil
}

// GetUpdated lists what changed from start to end, at most 30 days back.
func (c *Client) GetUpdated(ctx context.Context, object string, start, end time.Time) (Updated, error) {
	var answer struct {
		IDs    []string `json:"ids"`
		Latest string   `json:"latestDateCovered"`
	}
	const op = "get updated"
	if err := c.replicate(ctx, op, object, "/updated/", start, end, &answer); err != nil {
		return Updated{}, err
	}
	for _, id := range answer.IDs {
		if !isID(id) {
			return Updated{}, protocolError(op, "an id is not one")
		}
	}
	latest, err := ParseTime(answer.Latest)
	if err != nil {
		return Updated{}, protocolError(op, "latestDateCovered is not a date-time")
	}
	return Updated{IDs: answer.IDs, LatestCovered: latest}, nil
}

func (c *Client) replicate(ctx context.Context, op, object, rest string, start, end time.Time, into any) error {
	switch {
	case !identifier.MatchString(object):
		return inputError(op, errors.New("the object's name is not one: use an API name such as Contact"))
	case !start.Before(end):
		return inputError(op, errors.New("the range is empty: start must be before end"))
	}
	const layout = "2006-01-02T15:04:05+00:00"
	values := url.Values{"start": {start.UTC().Format(layout)}, "end": {end.UTC().Format(layout)}}
	rq := &request{op: op, method: http.MethodGet, path: c.path("/sobjects/" + object + rest), query: values, reads: true, limit: limitDocument}
	return c.send(ctx, rq, c.document(into))
}
