package salesforce

import (
	"context"
	"errors"
	"net/http"
	"strings"
)

// SObject is what describe tells about an object to this user. What field-level security hides is simply absent.
type SObject struct {
	Name           string  `json:"name"`
	Label          string  `json:"label"`
	KeyPrefix      string  `json:"keyPrefix"` // first 3 characters of its ids
	Queryable      bool    `json:"queryable"`
	Createable     bool    `json:"createable"`
	Updateable     bool    `json:"updateable"`
	Replicateable  bool    `json:"replicateable"` // GetDeleted and GetUpdated work
	Fields         []Field `json:"fields"`
	LastModified   string  `json:"-"` // for DescribeChanged; "" if the answer had none
	fieldsByFolded map[string]int
}

// Field is one field as this user sees it.
type Field struct {
	Name              string          `json:"name"`
	Label             string          `json:"label"`
	Type              string          `json:"type"`   // string, boolean, picklist, reference, datetime, phone, address, ..
	Length            int             `json:"length"` // characters; 0 where it has no meaning
	Nillable          bool            `json:"nillable"`
	Filterable        bool            `json:"filterable"`
	Sortable          bool            `json:"sortable"`
	Calculated        bool            `json:"calculated"` // a formula: its changes do not move SystemModstamp
	Createable        bool            `json:"createable"`
	Updateable        bool            `json:"updateable"`
	ExternalID        bool            `json:"externalId"`
	Unique            bool            `json:"unique"`
	CompoundFieldName string          `json:"compoundFieldName"` // MailingCity: MailingAddress
	RelationshipName  string          `json:"relationshipName"`  // AccountId: Account
	ReferenceTo       []string        `json:"referenceTo"`
	PicklistValues    []PicklistValue `json:"picklistValues"`
}

// PicklistValue is one choice of a picklist.
type PicklistValue struct {
	Value  string `json:"value"`
	Label  string `json:"label"`
	Active bool   `json:"active"`
}

// Field finds a field by name, without case; false when the object lacks it or it is hidden from the user.
func (o *SObject) Field(name string) (Field, bool) {
	if i, ok := o.fieldsByFolded[strings.ToLower(name)]; ok {
		return o.Fields[i], true
	}
	return Field{}, false
}

// Describe tells what an object has for this user. KindNotFound or KindType: hidden or unknown.
func (c *Client) Describe(ctx context.Context, object string) (*SObject, error) {
	o, _, err := c.DescribeChanged(ctx, object, "")
	return o, err
}

// DescribeChanged is Describe unless nothing changed since SObject.LastModified of an earlier answer: then the object
// is nil and changed is false. Changes of permissions may not count as changes for Salesforce.
func (c *Client) DescribeChanged(ctx context.Context, object, lastModified string) (o *SObject, changed bool, err error) {
	const op = "describe"
	if !identifier.MatchString(object) {
		return nil, false, inputError(op, errors.New("the object's name is not one: use an API name such as Contact"))
	}
	rq := &request{op: op, method: http.MethodGet, path: c.path("/sobjects/" + object + "/describe"), ifModified: lastModified, reads: true, limit: limitDocument}
	err = c.send(ctx, rq, func(resp *http.Response) (bool, *Error) {
		if resp.StatusCode == http.StatusNotModified {
			if lastModified == "" {
				return false, protocolError(op, "not modified, though nothing was asked about modification")
			}
			return false, nil
		}
		o, changed = &SObject{}, true
		if begun, failure := c.document(o)(resp); failure != nil {
			return begun, failure
		}
		if len(o.Fields) == 0 || o.Name == "" {
			return false, protocolError(op, "the description has no name or no fields")
		}
		o.LastModified = resp.Header.Get("Last-Modified")
		o.fieldsByFolded = make(map[string]int, len(o.Fields))
		for i, f := range o.Fields {
			o.fieldsByFolded[strings.ToLower(f.Name)] = i
		}
		return false, nil
	})
	if err != nil {
		return nil, false, err
	}
	return o, changed, nil
}

// Limit is one of the org's allowances.
type Limit struct {
	Max       int `json:"Max"`
	Remaining int `json:"Remaining"`
}

// Names of limits that matter here.
const (
	LimitDailyAPIRequests = "DailyApiRequests"
	LimitDailyBulkJobs    = "DailyBulkV2QueryJobs"
	LimitDailyBulkStorage = "DailyBulkV2QueryFileStorageMB"
)

// Limits tells the org's allowances by name. The quota guard does not hold it back: it is the way to look.
func (c *Client) Limits(ctx context.Context) (map[string]Limit, error) {
	var limits map[string]Limit
	rq := &request{op: "limits", method: http.MethodGet, path: c.path("/limits"), reads: true, unmetered: true, limit: limitDocument}
	if err := c.send(ctx, rq, c.document(&limits)); err != nil {
		return nil, err
	}
	if _, ok := limits[LimitDailyAPIRequests]; !ok {
		return nil, protocolError(rq.op, "the answer does not have DailyApiRequests")
	}
	return limits, nil
}
