package salesforcesim

import (
	"net/http"
	"slices"
	"strings"
)

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
