package salesforcesim

import (
	"errors"
	"slices"
	"time"
)

// Merge deletes the losers in favour of the winner, which gets fields. Tasks and memberships of the losers become the winner's.
func (tx *Tx) Merge(winner string, fields map[string]any, losers ...string) error {
	o, number, err := numbered(winner)
	if err != nil {
		return err
	}
	var lost []uint64
	for _, id := range losers {
		other, n, err := numbered(id)
		if err != nil {
			return err
		}
		if other != o || n == number {
			return errors.New("salesforcesim: only different records of one object can be merged")
		}
		lost = append(lost, n)
	}
	tx.add(func() *apiError { return tx.s.merge(o, number, fields, lost) })
	return nil
}

func (s *Sim) merge(o *object, winner uint64, fields map[string]any, losers []uint64) *apiError {
	if refused := s.update(o, winner, fields, nil); refused != nil {
		return refused
	}
	id := text(makeID(o.prefix, winner))
	for _, n := range losers {
		if refused := s.remove(o, n, true, change{o.byName["masterrecordid"], id}); refused != nil {
			return refused
		}
		s.repoint(taskObject, tWho, makeID(o.prefix, n), id)
		s.repoint(memberObject, mLead, makeID(o.prefix, n), id)
		s.repoint(memberObject, mContact, makeID(o.prefix, n), id)
	}
	return nil
}

func (s *Sim) repoint(o *object, f int, from string, to value) {
	t := s.now.of(o)
	numbers, _ := t.candidates(f, from)
	for _, n := range slices.Clone(numbers) {
		if at, ok := t.find(n); ok && string(at.rec.get(f).b) == from {
			s.store(s.now.of(o), t.revise(at, s.stamp(), []change{{f, to}}))
		}
	}
}

// Convert turns a Lead into a Contact: a new one, or the one named into, of which only empty fields are filled and no checkbox is. It
// returns the Contact's id.
func (tx *Tx) Convert(lead, into string) (string, error) {
	o, number, err := numbered(lead)
	if err != nil {
		return "", err
	}
	if o != leadObject {
		return "", errors.New("salesforcesim: only a Lead can be converted")
	}
	fresh := into == ""
	tx.s.mu.Lock()
	if fresh {
		into = makeID(contactObject.prefix, tx.s.reserve(contactObject))
	}
	account := tx.s.reserve(accountObject)
	tx.s.mu.Unlock()
	_, contact, err := numbered(into)
	if err == nil {
		tx.add(func() *apiError { return tx.s.convert(number, contact, account, fresh) })
	}
	return into, err
}

// leadToContact are the fields that a conversion carries over.
var leadToContact = map[int]int{lLast: cLast, lFirst: cFirst, lSalutation: cSalutation, lTitle: cTitle, lPhone: cPhone, lMobile: cMobile, lEmail: cEmail, lStreet: cStreet,
	lCity: cCity, lState: cState, lPostal: cPostal, lCountry: cCountry, lSource: cSource, lDescription: cDescription}

func (s *Sim) convert(lead, contact, account uint64, fresh bool) *apiError {
	t := s.now.of(leadObject)
	at, ok := t.find(lead)
	if !ok || t.deleted(at) {
		return errNotFound
	}
	l := t.record(at, &row{}).Fields
	if l["IsConverted"] == true {
		return errConverted
	}
	fields := map[string]any{}
	for from, to := range leadToContact {
		if v := l[leadObject.fields[from].name]; v != nil {
			fields[contactObject.fields[to].name] = v
		}
	}
	contactID := makeID(contactObject.prefix, contact)
	var accountID any
	if fresh {
		id, refused := s.insertAs(accountObject, account, map[string]any{"Name": l["Company"]}, nil)
		if refused != nil {
			return refused
		}
		accountID = id
		fields["AccountId"], fields["DoNotCall"], fields["HasOptedOutOfEmail"] = id, l["DoNotCall"], l["HasOptedOutOfEmail"]
		if _, refused := s.insertAs(contactObject, contact, fields, nil); refused != nil {
			return refused
		}
	} else {
		ct := s.now.of(contactObject)
		cat, ok := ct.find(contact)
		if !ok {
			return errNotFound
		}
		have := ct.record(cat, &row{}).Fields
		for name := range fields {
			if have[name] != nil {
				delete(fields, name)
			}
		}
		accountID = have["AccountId"]
		if refused := s.update(contactObject, contact, fields, nil); refused != nil {
			return refused
		}
	}
	return s.update(leadObject, lead, map[string]any{"IsConverted": true, "Status": leadStatuses[closedConverted], "ConvertedContactId": contactID, "ConvertedAccountId": accountID,
		"ConvertedDate": time.Unix(s.stamp(), 0)}, nil)
}
