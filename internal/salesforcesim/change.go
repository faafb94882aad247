package salesforcesim

import "strings"

// update changes a record that is there. Whoever updates a record moves its SystemModstamp, also when nothing changes.
func (s *Sim) update(o *object, number uint64, fields map[string]any, hidden *hiddenFields) *apiError {
	t := s.now.of(o)
	at, ok := t.find(number)
	if !ok {
		return errNotFound
	}
	if t.deleted(at) {
		return errEntityGone
	}
	changes, refused := o.changesOf(fields, hidden, false)
	if refused != nil {
		return refused
	}
	if hidden != nil {
		if refused := s.checkUpdate(t, at, changes); refused != nil {
			return refused
		}
	}
	for _, c := range changes {
		if o.fields[c.f].required && c.v.k == kindNull {
			return badRequest("REQUIRED_FIELD_MISSING", "Required fields are missing: ["+o.fields[c.f].name+"]", o.fields[c.f].name)
		}
	}
	if refused := s.checkParents(o, changes); refused != nil {
		return refused
	}
	next := t.revise(at, s.stamp(), changes)
	if refused := s.checkUnique(o, next); refused != nil {
		return refused
	}
	s.store(t, next)
	if o == accountObject {
		s.mirrorPerson(next, changes)
	}
	return nil
}

// checkUpdate holds what a client may not do to this record.
func (s *Sim) checkUpdate(t *table, at spot, changes []change) *apiError {
	var r row
	switch t.o {
	case leadObject:
		t.fill(at, of(lConverted), &r)
		if r.vals[lConverted].n != 0 {
			return errConverted
		}
		for _, c := range changes {
			if c.f == lStatus && string(c.v.b) == leadStatuses[closedConverted] {
				return badRequest("FIELD_INTEGRITY_EXCEPTION", "Status: a status that says converted is set by conversion only", "Status")
			}
		}
	case contactObject:
		t.fill(at, of(cPerson), &r)
		if s.opt.PersonAccounts && r.vals[cPerson].n != 0 {
			return badRequest("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify person account contact fields: edit the Account")
		}
	}
	return nil
}

// store puts a new version of a record in the live org.
func (s *Sim) store(t *table, next *record) {
	next = &record{number: next.number, stamp: next.stamp, base: next.base, deleted: next.deleted, changes: next.changes}
	at := next.changes[:0:0]
	for _, c := range next.changes {
		if c.f != fModified {
			at = append(at, c)
		}
	}
	next.changes = at
	next.set(fModified, timeOf(next.stamp))
	switch t.o {
	case taskObject:
		s.closeTask(next)
	case memberObject:
		s.respond(next)
	}
	s.writable(t.o).put(next)
}

// mirrorPerson carries an edit of a person account over to its shadow Contact.
func (s *Sim) mirrorPerson(account *record, changes []change) {
	t := s.now.of(contactObject)
	if account.base < 0 || account.base >= s.now.of(accountObject).g.persons() {
		return
	}
	at, ok := t.find(t.g.number(account.base*personEvery + 5))
	if !ok {
		return
	}
	var own []change
	for _, c := range changes {
		switch c.f {
		case aNoCall:
			own = append(own, change{cNoCall, c.v})
		case aPersonMobile:
			own = append([]change{{cMobile, c.v}}, own...)
		}
	}
	if own != nil {
		s.store(t, t.revise(at, account.stamp, own))
	}
}

// remove soft-deletes a record, or brings it back.
func (s *Sim) remove(o *object, number uint64, deleted bool, changes ...change) *apiError {
	t := s.now.of(o)
	at, ok := t.find(number)
	switch {
	case !ok:
		return errNotFound
	case deleted && t.deleted(at):
		return errEntityGone
	case !deleted && !t.deleted(at):
		return badRequest("UNDELETE_FAILED", "Entity is not in the recycle bin")
	}
	next := t.revise(at, s.stamp(), changes)
	next.deleted = deleted
	s.store(t, next)
	return nil
}

// locate reads the id of a record of that object.
func locate(o *object, id string) (uint64, *apiError) {
	if normalID(id) == "" || !strings.HasPrefix(id, o.prefix) {
		return 0, badRequest("MALFORMED_ID", "Id: id value of incorrect type: "+id, "Id")
	}
	n, ok := parseID(id, o.prefix)
	if !ok {
		return 0, errNotFound
	}
	return n, nil
}
