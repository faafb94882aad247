package salesforcesim

import (
	"encoding/json"
	"net/http"
	"strings"
)

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
