package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// MaxCollection is how many records one write takes.
const MaxCollection = 200

// maxChunks: records of one type that stand together are a chunk; Salesforce takes ten.
const maxChunks = 10

// Record is one record to write. Values are what JSON can hold: string, bool, numbers, nil, time.Time.
type Record struct {
	Type   string         // object: "Task", "Contact"
	ID     string         // for UpdateRecords
	Fields map[string]any // by API name
}

// Result is what became of one record.
type Result struct {
	ID      string
	Success bool
	Created bool // by UpsertRecords: true when it was new
	Errors  []*Error
}

// Err is nil for success, else the first error; its Kind tells what to do (KindRowLock: again; KindRejected, KindField,
// KindForbidden: a person; KindNotFound: the record is gone). Message is left out where it would repeat the record.
func (r Result) Err() error {
	switch {
	case r.Success:
		return nil
	case len(r.Errors) > 0:
		return r.Errors[0]
	}
	return protocolError("write record", "it failed and no reason was given")
}

// CreateRecords creates up to 200 records, each for itself (allOrNone false). The results are in their order, and err
// is about the request as a whole. A create whose answer was lost (Error.Unsure) may have been done: look the records
// up by an id of your own before sending them again.
func (c *Client) CreateRecords(ctx context.Context, records []Record) ([]Result, error) {
	return c.write(ctx, "create records", http.MethodPost, "/composite/sobjects", records, func(r Record) error {
		if r.ID != "" {
			return errors.New("a record to create has an id")
		}
		return nil
	})
}

// UpdateRecords updates up to 200 records by id, each for itself. Sending the same again does no harm.
func (c *Client) UpdateRecords(ctx context.Context, records []Record) ([]Result, error) {
	return c.write(ctx, "update records", http.MethodPatch, "/composite/sobjects", records, func(r Record) error {
		if !isID(r.ID) {
			return errors.New("a record to update has no valid id")
		}
		return nil
	})
}

// UpsertRecords creates or updates up to 200 records of one object by an external id field, which each record's Fields
// must hold and describe must show as ExternalID. Sending the same again does no harm.
func (c *Client) UpsertRecords(ctx context.Context, object, externalID string, records []Record) ([]Result, error) {
	const op = "upsert records"
	if !identifier.MatchString(object) || !identifier.MatchString(externalID) {
		return nil, inputError(op, errors.New("the object or its external id field is not a name"))
	}
	return c.write(ctx, op, http.MethodPatch, "/composite/sobjects/"+object+"/"+externalID, records, func(r Record) error {
		if r.Type != object || r.ID != "" {
			return errors.New("a record to upsert is of another object, or has an id")
		}
		if value, ok := r.Fields[externalID]; !ok || value == nil || value == "" {
			return errors.New("a record to upsert lacks the external id")
		}
		return nil
	})
}

func (c *Client) write(ctx context.Context, op, method, rest string, records []Record, check func(Record) error) ([]Result, error) {
	if len(records) == 0 {
		return nil, nil
	}
	body, err := collection(records, check)
	if err != nil {
		return nil, inputError(op, err)
	}
	var answer []struct {
		ID      string      `json:"id"`
		Success bool        `json:"success"`
		Created bool        `json:"created"`
		Errors  []wireError `json:"errors"`
	}
	rq := &request{op: op, method: method, path: c.path(rest), body: body, limit: limitDocument}
	if err := c.send(ctx, rq, c.document(&answer)); err != nil {
		return nil, err
	}
	if len(answer) != len(records) {
		e := protocolError(op, fmt.Sprintf("%d records were sent and %d results came", len(records), len(answer)))
		e.Unsure = true
		return nil, e
	}
	results := make([]Result, len(answer))
	for i, a := range answer {
		results[i] = Result{ID: a.ID, Success: a.Success, Created: a.Created}
		if a.Success && !isID(a.ID) {
			results[i].ID = records[i].ID
		}
		for _, wire := range a.Errors {
			e := c.wireFailure(op, wire)
			if e.Kind == KindUnknown {
				e.Kind = KindRejected
			}
			results[i].Errors = append(results[i].Errors, e)
		}
	}
	return results, nil
}

// collection checks the records and makes the body. Names from configuration go no further than here.
func collection(records []Record, check func(Record) error) ([]byte, error) {
	if len(records) > MaxCollection {
		return nil, fmt.Errorf("%d records are too many for one write, Salesforce takes %d", len(records), MaxCollection)
	}
	chunks, last := 0, ""
	list := make([]map[string]any, len(records))
	for i, r := range records {
		if !identifier.MatchString(r.Type) {
			return nil, errors.New("the object of a record is not an object's name")
		}
		if err := check(r); err != nil {
			return nil, err
		}
		if r.Type != last {
			chunks, last = chunks+1, r.Type
		}
		item := map[string]any{"attributes": map[string]string{"type": r.Type}}
		if r.ID != "" {
			item["id"] = r.ID
		}
		for name, value := range r.Fields {
			if !identifier.MatchString(name) || strings.EqualFold(name, "id") || strings.EqualFold(name, "attributes") {
				return nil, errors.New("a field of a record is not the name of a field that can be written")
			}
			item[name] = value
		}
		list[i] = item
	}
	if chunks > maxChunks {
		return nil, fmt.Errorf("the records change their object %d times, Salesforce takes %d: sort them by object", chunks, maxChunks)
	}
	body, err := json.Marshal(map[string]any{"allOrNone": false, "records": list})
	if err != nil {
		return nil, errors.New("a value of a record cannot be written as JSON")
	}
	return body, nil
}
