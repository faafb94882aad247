package salesforcesim

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// changesOf turns fields by name into changes of an object's record. hidden is who writes; nil is the test itself.
func (o *object) changesOf(fields map[string]any, hidden *hiddenFields, creating bool) ([]change, *apiError) {
	var list []change
	for name, raw := range fields {
		if name == "attributes" || strings.EqualFold(name, "Id") {
			continue
		}
		i, ok := o.byName[strings.ToLower(name)]
		if !ok || hidden.has(o, i) {
			return nil, badRequest("INVALID_FIELD", "No such column '"+name+"' on sobject of type "+o.name, name)
		}
		f := &o.fields[i]
		if hidden != nil && (f.readOnly || f.setOnce && !creating) {
			return nil, badRequest("INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: "+f.name+". Please check the security settings of this field and verify that it is read/write for your profile or permission set.", f.name)
		}
		v, refused := f.valueOf(raw, hidden != nil)
		if refused != nil {
			return nil, refused
		}
		if v.k == kindNull && f.typ == typeBool {
			v = boolean(false)
		}
		list = append(list, change{i, v})
	}
	slices.SortFunc(list, func(a, b change) int { return a.f - b.f })
	return list, nil
}

// valueOf checks a JSON value against the field. Empty text is null, as in the org. Tests may store text that clients could not: strict is off.
func (f *field) valueOf(raw any, strict bool) (value, *apiError) {
	wrong := func() (value, *apiError) {
		return null, badRequest("JSON_PARSER_ERROR", "Cannot deserialize instance of "+string(f.typ)+" from the value of "+f.name)
	}
	switch v := raw.(type) {
	case nil:
		return null, nil
	case bool:
		if f.typ != typeBool {
			return wrong()
		}
		return boolean(v), nil
	case time.Time:
		if f.typ == typeDate {
			return value{k: kindDate, n: v.Unix() / 86400}, nil
		}
		return timeOf(v.Unix()), nil
	case int:
		return f.valueOf(float64(v), strict)
	case float64:
		if f.typ != typeInt && f.typ != typeCurrency || f.typ == typeInt && v != math.Trunc(v) {
			return wrong()
		}
		return number(v), nil
	case string:
		return f.valueOfText(v, strict, wrong)
	}
	return wrong()
}

func (f *field) valueOfText(s string, strict bool, wrong func() (value, *apiError)) (value, *apiError) {
	s = strings.ToValidUTF8(s, "\ufffd")
	switch f.typ {
	case typeBool, typeInt, typeCurrency, typeAddress:
		return wrong()
	case typeDate:
		at, err := time.Parse(time.DateOnly, s)
		if err != nil {
			return wrong()
		}
		return value{k: kindDate, n: at.Unix() / 86400}, nil
	case typeDateTime:
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			return wrong()
		}
		return timeOf(at.Unix()), nil
	case typeReference:
		if s == "" {
			return null, nil
		}
		id := normalID(s)
		if id == "" {
			return null, badRequest("MALFORMED_ID", f.name+": id value of incorrect type: "+s, f.name)
		}
		return text(id), nil
	case typeEmail:
		if at := strings.IndexByte(s, '@'); strict && s != "" && (at < 1 || at == len(s)-1) {
			return null, badRequest("INVALID_EMAIL_ADDRESS", f.name+": invalid email address: "+s, f.name)
		}
	}
	if n := utf8.RuneCountInString(s); strict && f.length > 0 && n > f.length {
		return null, badRequest("STRING_TOO_LONG", f.name+": data value too large (max length="+strconv.Itoa(f.length)+")", f.name)
	}
	if s == "" {
		return null, nil
	}
	return text(s), nil
}

// reserve takes the number of the next new record.
func (s *Sim) reserve(o *object) uint64 {
	t := s.writable(o)
	t.next++
	return t.next - 1
}

// insert creates a record in the live org. Without hidden the test itself writes, to whom clients' rules do not apply.
func (s *Sim) insert(o *object, fields map[string]any, hidden *hiddenFields) (string, *apiError) {
	return s.insertAs(o, s.reserve(o), fields, hidden)
}

func (s *Sim) insertAs(o *object, number uint64, fields map[string]any, hidden *hiddenFields) (string, *apiError) {
	changes, refused := o.changesOf(fields, hidden, true)
	if refused != nil {
		return "", refused
	}
	rec := &record{number: number, stamp: s.stamp(), base: -1, changes: changes}
	if refused := s.checkNew(o, rec); refused != nil {
		return "", refused
	}
	s.completeNew(o, rec)
	s.writable(o).put(rec)
	return makeID(o.prefix, rec.number), nil
}

// get is a field of a new record.
func (r *record) get(f int) *value {
	if at, ok := slices.BinarySearchFunc(r.changes, f, func(c change, f int) int { return c.f - f }); ok {
		return &r.changes[at].v
	}
	return &null
}

// set fills a field of a record that is not stored yet, unless it has a value.
func (r *record) set(f int, v value) {
	at, ok := slices.BinarySearchFunc(r.changes, f, func(c change, f int) int { return c.f - f })
	switch {
	case !ok:
		r.changes = slices.Insert(r.changes, at, change{f, v})
	case r.changes[at].v.k == kindNull:
		r.changes[at].v = v
	}
}

// completeNew sets what the org sets by itself.
func (s *Sim) completeNew(o *object, rec *record) {
	for _, c := range born(rec.stamp) {
		rec.set(c.f, c.v)
	}
	for i := range o.fields {
		if o.fields[i].typ == typeBool && i != fDeleted {
			rec.set(i, boolean(false))
		}
		if o.fields[i].name == "OwnerId" {
			rec.set(i, systemUser)
		}
	}
	switch o {
	case leadObject:
		rec.set(lStatus, text(leadStatuses[0]))
	case taskObject:
		rec.set(tStatus, text("Not Started"))
		rec.set(tPriority, text("Normal"))
		rec.set(tSubtype, text("Task"))
		s.closeTask(rec)
	case memberObject:
		rec.set(mStatus, text(memberStatuses[0]))
		s.respond(rec)
	}
}

func (s *Sim) closeTask(rec *record) {
	rec.changes = slices.DeleteFunc(rec.changes, func(c change) bool { return c.f == tClosed })
	rec.set(tClosed, boolean(string(rec.get(tStatus).b) == "Completed"))
}

// respond keeps HasResponded with the status, as the member statuses say.
func (s *Sim) respond(rec *record) {
	rec.changes = slices.DeleteFunc(rec.changes, func(c change) bool { return c.f == mResponded })
	rec.set(mResponded, boolean(string(rec.get(mStatus).b) != memberStatuses[0]))
}

// parseFields reads a JSON object of fields.
func parseFields(body []byte) (map[string]any, *apiError) {
	var fields map[string]any
	if err := json.Unmarshal(body, &fields); err != nil || fields == nil {
		return nil, errJSON
	}
	return fields, nil
}
