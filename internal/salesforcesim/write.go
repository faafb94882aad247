package salesforcesim

import (
	"encoding/json"
	"math"
	"net/http"
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
		v, refused := f.valueOf(raw)
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

// valueOf checks a JSON value against the field. Empty text is null, as in the org.
func (f *field) valueOf(raw any) (value, *apiError) {
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
		return f.valueOf(float64(v))
	case float64:
		if f.typ != typeInt && f.typ != typeCurrency || f.typ == typeInt && v != math.Trunc(v) {
			return wrong()
		}
		return number(v), nil
	case string:
		return f.valueOfText(v, wrong)
	}
	return wrong()
}

func (f *field) valueOfText(s string, wrong func() (value, *apiError)) (value, *apiError) {
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
		if at := strings.IndexByte(s, '@'); s != "" && (at < 1 || at == len(s)-1) {
			return null, badRequest("INVALID_EMAIL_ADDRESS", f.name+": invalid email address: "+s, f.name)
		}
	}
	if n := utf8.RuneCountInString(s); f.length > 0 && n > f.length {
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

// checkNew refuses new records that lack something or point to nothing.
func (s *Sim) checkNew(o *object, rec *record) *apiError {
	var missing []string
	for i := range o.fields {
		if o.fields[i].required && rec.get(i).k == kindNull {
			missing = append(missing, o.fields[i].name)
		}
	}
	if missing != nil {
		return badRequest("REQUIRED_FIELD_MISSING", "Required fields are missing: ["+strings.Join(missing, ", ")+"]", missing...)
	}
	if refused := s.checkParents(o, rec.changes); refused != nil {
		return refused
	}
	if o == memberObject {
		return s.checkMember(rec)
	}
	return s.checkUnique(o, rec)
}

// checkParents refuses ids that name no record, or a record of another object.
func (s *Sim) checkParents(o *object, changes []change) *apiError {
	for _, c := range changes {
		f := &o.fields[c.f]
		if f.typ != typeReference || c.v.k == kindNull {
			continue
		}
		t, at, ok := s.now.resolve(string(c.v.b))
		if !ok || !slices.Contains(f.parents, t.o.name) {
			if f.parents[0] == "Opportunity" {
				continue
			}
			return badRequest("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", f.name)
		}
		if t.deleted(at) {
			return failure(http.StatusBadRequest, "ENTITY_IS_DELETED", "entity is deleted", f.name)
		}
		if o == taskObject && c.f == tWho && t.o == leadObject {
			for _, other := range changes {
				if other.f == tWhat && other.v.k != kindNull {
					return badRequest("FIELD_INTEGRITY_EXCEPTION", "Related To ID: WhatId cannot be set when WhoId is a Lead", "WhatId")
				}
			}
		}
	}
	return nil
}

func (s *Sim) checkMember(rec *record) *apiError {
	lead, contact := rec.get(mLead), rec.get(mContact)
	if (lead.k == kindNull) == (contact.k == kindNull) {
		return badRequest("FIELD_INTEGRITY_EXCEPTION", "a CampaignMember has either a LeadId or a ContactId", "LeadId", "ContactId")
	}
	f, who := mLead, lead
	if lead.k == kindNull {
		f, who = mContact, contact
	}
	t := s.now.of(memberObject)
	numbers, _ := t.candidates(f, string(who.b))
	for _, n := range numbers {
		if at, ok := t.find(n); ok && !t.deleted(at) && string(at.rec.get(mCampaign).b) == string(rec.get(mCampaign).b) && string(at.rec.get(f).b) == string(who.b) {
			return badRequest("DUPLICATE_VALUE", "Already a campaign member: "+makeID(memberObject.prefix, n))
		}
	}
	return nil
}

// checkUnique refuses a second record with the same External ID.
func (s *Sim) checkUnique(o *object, rec *record) *apiError {
	t := s.now.of(o)
	for _, c := range rec.changes {
		if !o.fields[c.f].external || c.v.k == kindNull {
			continue
		}
		for _, n := range s.externals(t, c.f, string(c.v.b)) {
			if n != rec.number {
				return badRequest("DUPLICATE_VALUE", "duplicate value found: "+o.fields[c.f].name+" duplicates value on record with id: "+makeID(o.prefix, n))
			}
		}
	}
	return nil
}

// externals are the undeleted records with that External ID.
func (s *Sim) externals(t *table, f int, v string) (list []uint64) {
	numbers, _ := t.candidates(f, v)
	for _, n := range numbers {
		if at, ok := t.find(n); ok && !t.deleted(at) && at.rec != nil && strings.EqualFold(string(at.rec.get(f).b), v) {
			list = append(list, n)
		}
	}
	return list
}

// parseFields reads a JSON object of fields.
func parseFields(body []byte) (map[string]any, *apiError) {
	var fields map[string]any
	if err := json.Unmarshal(body, &fields); err != nil || fields == nil {
		return nil, errJSON
	}
	return fields, nil
}
