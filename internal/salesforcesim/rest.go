package salesforcesim

import (
	"net/http"
	"strings"
)

// mayWrite refuses writes to what nobody writes, and to an org in read-only mode.
func (s *Sim) mayWrite(o *object) *apiError {
	if s.switches().ReadOnly {
		return errReadOnly
	}
	if o.queryOnly {
		return badRequest("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "entity type cannot be written: "+o.name)
	}
	return nil
}

// recordFault is the fault of one record of a write.
func (s *Sim) recordFault() *apiError {
	if mode, _ := s.fault(classRecord); mode == "lock" {
		return errLocked
	}
	return nil
}

// writeOne creates (id empty) or changes one record through the API, and counts it. The caller holds the lock.
func (s *Sim) writeOne(c *call, o *object, id string, fields map[string]any) (string, *apiError) {
	if refused := s.mayWrite(o); refused != nil {
		return id, refused
	}
	if refused := s.recordFault(); refused != nil {
		return id, refused
	}
	if id == "" {
		id, refused := s.insert(o, fields, &c.conn.hidden)
		if refused == nil {
			s.ledger.note(o, "create")
			if o == taskObject {
				s.ledger.task(taskKey(fields))
			}
		}
		return id, refused
	}
	number, refused := locate(o, id)
	if refused == nil {
		refused = s.update(o, number, fields, &c.conn.hidden)
	}
	if refused == nil {
		s.ledger.note(o, "update")
	}
	return normalID(id), refused
}

// taskKey is our id of the call that a Task is about.
func taskKey(fields map[string]any) string {
	for _, want := range []string{"CallObject", "Dialer_Call_Id__c"} {
		for name, v := range fields {
			if key, ok := v.(string); ok && key != "" && strings.EqualFold(name, want) {
				return key
			}
		}
	}
	return ""
}

// deleteOne soft-deletes one record through the API.
func (s *Sim) deleteOne(o *object, id string) *apiError {
	if refused := s.mayWrite(o); refused != nil {
		return refused
	}
	if refused := s.recordFault(); refused != nil {
		return refused
	}
	number, refused := locate(o, id)
	if refused == nil {
		refused = s.remove(o, number, true)
	}
	if refused == nil {
		s.ledger.note(o, "delete")
	}
	return refused
}

func saved(id string, created *bool) map[string]any {
	m := map[string]any{"id": id, "success": true, "errors": []any{}}
	if created != nil {
		m["created"] = *created
	}
	return m
}

func (s *Sim) createOne(c *call, o *object) *reply {
	fields, refused := parseFields(c.body)
	if refused != nil {
		return refuse(refused)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id, refused := s.writeOne(c, o, "", fields)
	if refused != nil {
		return refuse(refused)
	}
	r := answer(http.StatusCreated, saved(id, nil))
	r.header["Location"] = c.base + "/sobjects/" + o.name + "/" + id
	return r
}

// oneRecord answers /sobjects/X/id.
func (s *Sim) oneRecord(c *call, o *object, id string) *reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	var refused *apiError
	switch c.method {
	case http.MethodGet:
		return s.retrieve(c, o, id)
	case http.MethodPatch:
		var fields map[string]any
		if fields, refused = parseFields(c.body); refused == nil {
			_, refused = s.writeOne(c, o, id, fields)
		}
	case http.MethodDelete:
		refused = s.deleteOne(o, id)
	default:
		refused = errMethod
	}
	if refused != nil {
		return refuse(refused)
	}
	return &reply{status: http.StatusNoContent}
}

// retrieve reads a record, all fields that the user sees or those of ?fields=. The caller holds the lock.
func (s *Sim) retrieve(c *call, o *object, id string) *reply {
	number, refused := locate(o, id)
	if refused != nil {
		return refuse(refused)
	}
	t := s.now.of(o)
	at, ok := t.find(number)
	if !ok {
		return refuse(errNotFound)
	}
	if t.deleted(at) {
		return refuse(errEntityGone)
	}
	var names []string
	if list := c.args.Get("fields"); list != "" {
		names = strings.Split(list, ",")
	}
	cols, refused := s.selection(c, o, names)
	if refused != nil {
		return refuse(refused)
	}
	return &reply{status: http.StatusOK, header: jsonHeader(), body: cols.jsonRow(nil, &s.now, t, at, &row{}, c.base)}
}

// selection are columns by name; all that the user sees without names.
func (s *Sim) selection(c *call, o *object, names []string) (*columns, *apiError) {
	st := &statement{from: o}
	if names == nil {
		for f := range o.fields {
			if !c.conn.hidden.has(o, f) {
				names = append(names, o.fields[f].name)
			}
		}
	}
	p := &parser{o: o, hidden: &c.conn.hidden, soql: strings.Join(names, ",")}
	for _, name := range names {
		at, refused := p.path(token{tokWord, strings.TrimSpace(name), 0})
		if refused != nil {
			return nil, refused
		}
		st.columns = append(st.columns, at)
	}
	return newColumns(st), nil
}

// byExternalID answers /sobjects/X/Field/value: reads or upserts the record with that External ID.
func (s *Sim) byExternalID(c *call, o *object, fieldName, v string) *reply {
	f, ok := o.byName[strings.ToLower(fieldName)]
	s.mu.Lock()
	defer s.mu.Unlock()
	if !ok || !(o.fields[f].external || f == fID) || c.conn.hidden.has(o, f) {
		return refuse(failure(http.StatusNotFound, "NOT_FOUND", "Provided external ID field does not exist or is not accessible: "+fieldName))
	}
	if f == fID {
		switch c.method {
		case http.MethodGet:
			return s.retrieve(c, o, v)
		case http.MethodPatch:
			fields, refused := parseFields(c.body)
			if refused != nil {
				return refuse(refused)
			}
			if _, refused = s.writeOne(c, o, v, fields); refused != nil {
				return refuse(refused)
			}
			return &reply{status: http.StatusNoContent}
		}
		return refuse(errMethod)
	}
	switch c.method {
	case http.MethodGet:
		found := s.externals(s.now.of(o), f, v)
		if len(found) == 0 {
			return refuse(errNotFound)
		}
		return s.retrieve(c, o, makeID(o.prefix, found[0]))
	case http.MethodPatch, http.MethodPost:
		fields, refused := parseFields(c.body)
		if refused != nil {
			return refuse(refused)
		}
		id, created, refused := s.upsert(c, o, f, v, fields)
		if refused != nil {
			return refuse(refused)
		}
		status := http.StatusOK
		if created {
			status = http.StatusCreated
		}
		return answer(status, saved(id, &created))
	}
	return refuse(errMethod)
}

// upsert changes the record with that External ID, or creates it.
func (s *Sim) upsert(c *call, o *object, f int, v string, fields map[string]any) (id string, created bool, refused *apiError) {
	found := s.externals(s.now.of(o), f, v)
	for name := range fields {
		if strings.EqualFold(name, o.fields[f].name) {
			delete(fields, name)
		}
	}
	if len(found) > 0 {
		id, refused = s.writeOne(c, o, makeID(o.prefix, found[0]), fields)
		return id, false, refused
	}
	fields[o.fields[f].name] = v
	id, refused = s.writeOne(c, o, "", fields)
	return id, true, refused
}
