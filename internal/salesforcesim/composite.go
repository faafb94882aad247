package salesforcesim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

const (
	maxCollection = 200
	maxChunks     = 10
	maxComposite  = 25
)

// composites answers /composite and below.
func (s *Sim) composites(c *call) *reply {
	switch {
	case len(c.seg) == 1 && c.method == http.MethodPost:
		return s.composite(c)
	case len(c.seg) == 2 && c.seg[1] == "batch" && c.method == http.MethodPost:
		return s.batch(c)
	case len(c.seg) >= 2 && c.seg[1] == "sobjects":
		return s.collection(c)
	}
	return refuse(errNotFound)
}

// collection writes or reads up to 200 records: 200 OK even if all of them fail.
func (s *Sim) collection(c *call) *reply {
	if len(c.seg) == 3 && c.method != http.MethodPatch {
		return s.retrieveMany(c)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.method == http.MethodDelete {
		ids := strings.Split(c.args.Get("ids"), ",")
		if len(ids) > maxCollection {
			return refuse(errTooManyRows)
		}
		return s.each(len(ids), c.args.Get("allOrNone") == "true", func(i int) (map[string]any, *apiError) {
			for _, o := range objects {
				if strings.HasPrefix(ids[i], o.prefix) {
					return saved(ids[i], nil), s.deleteOne(o, ids[i])
				}
			}
			return nil, badRequest("MALFORMED_ID", "malformed id "+ids[i], "Id")
		})
	}
	var in struct {
		AllOrNone bool
		Records   []map[string]any
	}
	if json.Unmarshal(c.body, &in) != nil {
		return refuse(errJSON)
	}
	types := make([]*object, len(in.Records))
	chunks := 0
	for i, rec := range in.Records {
		attributes, _ := rec["attributes"].(map[string]any)
		name, _ := attributes["type"].(string)
		if types[i] = objectNamed(name); types[i] == nil {
			return refuse(badRequest("INVALID_TYPE", "sObject type '"+name+"' is not supported."))
		}
		if i == 0 || types[i] != types[i-1] {
			chunks++
		}
	}
	if len(in.Records) > maxCollection || chunks > maxChunks {
		return refuse(errTooManyRows)
	}
	return s.each(len(in.Records), in.AllOrNone, func(i int) (map[string]any, *apiError) { return s.collected(c, types[i], in.Records[i]) })
}

// collected writes one record of a collection.
func (s *Sim) collected(c *call, o *object, rec map[string]any) (map[string]any, *apiError) {
	var id string
	for name, v := range rec {
		if strings.EqualFold(name, "id") {
			id, _ = v.(string)
		}
	}
	switch {
	case c.method == http.MethodPost:
		id, refused := s.writeOne(c, o, "", rec)
		return saved(id, nil), refused
	case len(c.seg) == 4 && !strings.EqualFold(c.seg[3], "Id"):
		f, ok := o.byName[strings.ToLower(c.seg[3])]
		if !ok || !o.fields[f].external || c.conn.hidden.has(o, f) {
			return nil, badRequest("INVALID_FIELD", "Field name provided, "+c.seg[3]+" is not an External ID or indexed field for "+o.name)
		}
		key, _ := rec[o.fields[f].name].(string)
		if key == "" {
			return nil, badRequest("MISSING_ARGUMENT", o.fields[f].name+" not specified")
		}
		id, created, refused := s.upsert(c, o, f, key, rec)
		return saved(id, &created), refused
	case id == "":
		return nil, badRequest("MISSING_ARGUMENT", "Id not specified in an update call")
	}
	id, refused := s.writeOne(c, o, id, rec)
	return saved(id, nil), refused
}

// each runs the writes of a collection and lists what came of them. With allOrNone one failure undoes all.
func (s *Sim) each(n int, allOrNone bool, write func(i int) (map[string]any, *apiError)) *reply {
	before, ledger := s.savepoint(allOrNone)
	list, failed := make([]map[string]any, n), false
	for i := range n {
		res, refused := write(i)
		if refused != nil {
			res, failed = dmlFailure(refused), true
		}
		list[i] = res
	}
	if failed && allOrNone {
		s.now, s.ledger = before, ledger
		for i := range list {
			if list[i]["success"] == true {
				list[i] = dmlFailure(badRequest("ALL_OR_NONE_OPERATION_ROLLED_BACK", "Record rolled back because not all records were valid and the request was using AllOrNone header"))
			}
		}
	}
	return answer(http.StatusOK, list)
}

// savepoint keeps the org as it is, for going back to it.
func (s *Sim) savepoint(needed bool) (view, ledger) {
	if !needed {
		return view{}, ledger{}
	}
	s.share()
	kept := ledger{writes: map[string]int64{}, tasks: map[string]int{}}
	for k, n := range s.ledger.writes {
		kept.writes[k] = n
	}
	for k, n := range s.ledger.tasks {
		kept.tasks[k] = n
	}
	return s.now, kept
}

// dmlFailure is a failed record: its error has a statusCode where others have an errorCode.
func dmlFailure(e *apiError) map[string]any {
	fields := e.fields
	if fields == nil {
		fields = []string{}
	}
	return map[string]any{"success": false, "errors": []any{map[string]any{"statusCode": e.code, "message": e.message, "fields": fields}}}
}

// retrieveMany reads records by id, null where there is none.
func (s *Sim) retrieveMany(c *call) *reply {
	o := objectNamed(c.seg[2])
	if o == nil {
		return refuse(errNotFound)
	}
	in := struct{ Ids, Fields []string }{strings.Split(c.args.Get("ids"), ","), strings.Split(c.args.Get("fields"), ",")}
	if c.method == http.MethodPost && json.Unmarshal(c.body, &in) != nil {
		return refuse(errJSON)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	cols, refused := s.selection(c, o, in.Fields)
	if refused != nil {
		return refuse(refused)
	}
	t, b := s.now.of(o), []byte{'['}
	for i, id := range in.Ids {
		if i > 0 {
			b = append(b, ',')
		}
		number, refused := locate(o, id)
		at, ok := t.find(number)
		if refused != nil || !ok || t.deleted(at) {
			b = append(b, "null"...)
			continue
		}
		b = cols.jsonRow(b, &s.now, t, at, &row{}, c.base)
	}
	return &reply{status: http.StatusOK, header: jsonHeader(), body: append(b, ']')}
}

// subrequest is one of a composite request.
type subrequest struct {
	Method, URL, ReferenceID string
	Body                     json.RawMessage
	RichInput                json.RawMessage
}

func (s *Sim) sub(c *call, in subrequest) *reply {
	u, err := url.Parse(in.URL)
	if err != nil {
		return refuse(errNotFound)
	}
	path := strings.TrimPrefix(strings.TrimPrefix(u.Path, c.base), "/")
	if _, rest, ok := strings.Cut(path, "/"); ok && versionPattern.MatchString(path[:strings.Index(path, "/")]) {
		path = rest // batch names the version alone
	}
	body := in.Body
	if body == nil {
		body = in.RichInput
	}
	next := *c
	next.method, next.seg, next.args, next.body = in.Method, strings.Split(strings.Trim(path, "/"), "/"), u.Query(), body
	if next.seg[0] == "composite" && len(next.seg) < 3 && !strings.HasPrefix(path, "composite/sobjects") || next.seg[0] == "jobs" {
		return refuse(errNotFound)
	}
	return s.route(&next)
}

var reference = regexp.MustCompile(`@\{([A-Za-z0-9_]+)\.([A-Za-z0-9_.\[\]]+)\}`)

// composite runs up to 25 requests in order; later ones may use the ids of earlier ones as @{reference.id}.
func (s *Sim) composite(c *call) *reply {
	var in struct {
		AllOrNone        bool
		CompositeRequest []subrequest
	}
	if json.Unmarshal(c.body, &in) != nil {
		return refuse(errJSON)
	}
	if len(in.CompositeRequest) > maxComposite {
		return refuse(badRequest("LIMIT_EXCEEDED", "Limit exceeded: at most 25 subrequests"))
	}
	s.mu.Lock()
	before, ledger := s.savepoint(in.AllOrNone)
	s.mu.Unlock()
	results, list, failed := map[string]any{}, []map[string]any{}, false
	for _, r := range in.CompositeRequest {
		fill := func(text string) string {
			return reference.ReplaceAllStringFunc(text, func(m string) string {
				part := reference.FindStringSubmatch(m)
				fields, _ := results[part[1]].(map[string]any)
				return fmt.Sprint(fields[part[2]])
			})
		}
		r.URL = fill(r.URL)
		if r.Body != nil {
			r.Body = json.RawMessage(fill(string(r.Body)))
		}
		res := refuse(badRequest("PROCESSING_HALTED", "The transaction was rolled back since another operation in the same transaction failed."))
		if !failed || !in.AllOrNone {
			res = s.sub(c, r)
		}
		failed = failed || res.status >= 300
		item := subResult(res)
		results[r.ReferenceID] = item
		list = append(list, map[string]any{"body": item, "httpHeaders": subHeaders(res), "httpStatusCode": res.status, "referenceId": r.ReferenceID})
	}
	if failed && in.AllOrNone {
		s.mu.Lock()
		s.now, s.ledger = before, ledger
		s.mu.Unlock()
		for _, item := range list {
			if status, _ := item["httpStatusCode"].(int); status < 300 {
				halted := refuse(badRequest("PROCESSING_HALTED", "The transaction was rolled back since another operation in the same transaction failed."))
				item["body"], item["httpHeaders"], item["httpStatusCode"] = subResult(halted), map[string]string{}, halted.status
			}
		}
	}
	return answer(http.StatusOK, map[string]any{"compositeResponse": list})
}

func subResult(r *reply) any {
	var v any
	if len(r.body) > 0 && json.Unmarshal(r.body, &v) != nil {
		return string(r.body)
	}
	if r.free != nil {
		r.free()
	}
	return v
}

func subHeaders(r *reply) map[string]string {
	h := map[string]string{}
	if at := r.header["Location"]; at != "" {
		h["Location"] = at
	}
	return h
}

// batch runs up to 25 requests that have nothing to do with each other.
func (s *Sim) batch(c *call) *reply {
	var in struct{ BatchRequests []subrequest }
	if json.Unmarshal(c.body, &in) != nil {
		return refuse(errJSON)
	}
	if len(in.BatchRequests) > maxComposite {
		return refuse(badRequest("LIMIT_EXCEEDED", "Limit exceeded: at most 25 subrequests"))
	}
	list, failed := []map[string]any{}, false
	for _, r := range in.BatchRequests {
		res := s.sub(c, r)
		failed = failed || res.status >= 300
		list = append(list, map[string]any{"statusCode": res.status, "result": subResult(res)})
	}
	return answer(http.StatusOK, map[string]any{"hasErrors": failed, "results": list})
}
