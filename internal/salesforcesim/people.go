package salesforcesim

func one(h, in uint64) bool { return h%in == 0 }

func (g *generator) firstName(h uint64) value { return choose(firstNames, h) }
func (g *generator) lastName(h uint64) value  { return choose(lastNames, h>>10) }

// contact is one field of Contact i. h is the record's draw; every field mixes its own number in, so that fields are independent.
func (g *generator) contact(i, f int, h uint64, r *row) value {
	own := mix64(h + uint64(f))
	switch f {
	case cMaster:
		if g.merged(i) {
			return r.id(g.o.prefix, g.number(i-1))
		}
	case cAccount:
		return g.accountOf(i, h, r)
	case cLast:
		return g.lastName(h)
	case cFirst:
		if !one(own, 23) {
			return g.firstName(h)
		}
	case cSalutation:
		if one(own, 3) {
			return choose(salutations, own>>8)
		}
	case cPhone:
		if !one(own, 9) {
			return g.phone(i, 0, own>>8, r)
		}
	case cMobile:
		if one(own, 2) {
			return g.phone(i, 1, own>>8, r)
		}
	case cHome:
		if one(own, 6) {
			return g.phone(i, 2, own>>8, r)
		}
	case cOther, cAssistant:
		if one(own, 20) {
			return g.phone(i, uint64(f-cOther+3), own>>8, r)
		}
	case cEmail:
		if !one(own, 7) {
			return email(g.firstName(h), g.lastName(h), i, r)
		}
	case cTitle:
		if one(own, 2) {
			return choose(titles, own>>8)
		}
	case cDepartment:
		if one(own, 4) {
			return choose(departments, own>>8)
		}
	case cStreet, cCity, cState, cPostal, cCountry:
		return g.address(i, f-cStreet, mix64(h+cStreet), r)
	case cSource:
		if !one(own, 5) {
			return choose(leadSourceText, own>>8)
		}
	case cDescription:
		if one(own, 8) {
			return choose(descriptions, own>>8)
		}
	case cOwner:
		return systemUser
	case cNoCall:
		return boolean(one(own, 12))
	case cNoEmail:
		return boolean(one(own, 9))
	case cNoFax:
		return boolean(one(own, 50))
	case cBirthdate:
		if one(own, 4) {
			return value{k: kindDate, n: -14000 + int64(own>>8%20000)}
		}
	case cActivity:
		if one(own, 3) {
			return value{k: kindDate, n: g.stamp(i)/86400 - int64(own>>8%90)}
		}
	case cPerson:
		return boolean(g.person(i))
	}
	return null
}

func (g *generator) person(i int) bool { return g.people && i%personEvery == 5 }

// accountOf gives most Contacts an Account of the org, one in loneEvery none, and a person its own.
func (g *generator) accountOf(i int, h uint64, r *row) value {
	a, own := g.accounts, mix64(h+cAccount)
	switch {
	case a == nil || a.n == 0:
		return null
	case g.person(i):
		return r.id(a.o.prefix, a.number(i/personEvery))
	case one(own, loneEvery) || a.n <= a.persons():
		return null
	}
	return r.id(a.o.prefix, a.number(a.persons()+int(own>>8%uint64(a.n-a.persons()))))
}

// persons counts the first Accounts, which are persons.
func (g *generator) persons() int {
	if !g.people || g.contacts == nil {
		return 0
	}
	return min(g.n, (g.contacts.n+personEvery-6)/personEvery)
}

var unitedStates = text("US")

// address is the part-th of street, city, state, postal code and country. A few have none, some have the state's long name.
func (g *generator) address(i, part int, h uint64, r *row) value {
	if one(h, 10) {
		return null
	}
	p := g.home(i).place
	if one(h>>4, 13) { // moved, and kept the number
		p = areaCodes[h>>9%uint64(len(areaCodes))].place
	}
	switch part {
	case 0:
		return street(h>>16, r)
	case 1:
		return bytesOf(p.city)
	case 2:
		if one(h>>12, 7) {
			return bytesOf(p.name)
		}
		return bytesOf(p.code)
	case 3:
		return postal(p, h>>20, r)
	}
	if one(h>>14, 3) {
		return null
	}
	return unitedStates
}

// record is the draw that all fields of record i hang on.
func (g *generator) record(i int) uint64 { return draw(g.seed, drawRecord, g.o.code, uint64(i)) }
