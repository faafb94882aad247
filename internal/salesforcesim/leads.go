package salesforcesim

import "strconv"

// lead is one field of Lead i.
func (g *generator) lead(i, f int, h uint64, r *row) value {
	own := mix64(h + uint64(f))
	switch f {
	case lMaster:
		if g.merged(i) {
			return r.id(g.o.prefix, g.number(i-1))
		}
	case lLast:
		return g.lastName(h)
	case lFirst:
		if !one(own, 17) {
			return g.firstName(h)
		}
	case lSalutation:
		if one(own, 4) {
			return choose(salutations, own>>8)
		}
	case lTitle:
		if one(own, 2) {
			return choose(titles, own>>8)
		}
	case lCompany:
		return company(own, r)
	case lStreet, lCity, lState, lPostal, lCountry:
		return g.address(i, f-lStreet, mix64(h+lStreet), r)
	case lPhone:
		if !one(own, 8) {
			return g.phone(i, 0, own>>8, r)
		}
	case lMobile:
		if one(own, 3) {
			return g.phone(i, 1, own>>8, r)
		}
	case lEmail:
		if !one(own, 5) {
			return email(g.firstName(h), g.lastName(h), i, r)
		}
	case lDescription:
		if one(own, 8) {
			return choose(descriptions, own>>8)
		}
	case lSource:
		if !one(own, 4) {
			return choose(leadSourceText, own>>8)
		}
	case lIndustry:
		if one(own, 2) {
			return choose(industryText, own>>8)
		}
	case lRating:
		if !one(own, 4) {
			return choose(ratingText, own>>8)
		}
	case lRevenue:
		if one(own, 4) {
			return number(float64(own >> 8 % 900 * 1000))
		}
	case lEmployees:
		if one(own, 3) {
			return number(float64(1 + own>>8%500))
		}
	case lOwner:
		return systemUser
	case lNoEmail:
		return boolean(one(own, 9))
	case lNoCall:
		return boolean(one(own, 10))
	case lNoFax:
		return boolean(one(own, 50))
	case lUnread:
		return boolean(one(own, 2))
	case lActivity:
		if one(own, 3) {
			return value{k: kindDate, n: g.stamp(i)/86400 - int64(own>>8%90)}
		}
	case lStatus, lConverted, lConvertedDate, lConvertedAccount, lConvertedContact:
		return g.conversion(i, f, own, r)
	}
	return null
}

func (g *generator) converted(i int) bool {
	return i%convertedEvery == 11 && !g.deleted(i) && g.contacts.n > 0
}

// conversion is what a Lead's conversion left: some became one of the org's Contacts.
func (g *generator) conversion(i, f int, own uint64, r *row) value {
	if !g.converted(i) {
		switch f {
		case lStatus:
			return bytesOf(statusText[own%closedConverted])
		case lConverted:
			return boolean(false)
		}
		return null
	}
	c := g.contacts
	into := i % c.n
	switch f {
	case lStatus:
		return bytesOf(statusText[closedConverted])
	case lConverted:
		return boolean(true)
	case lConvertedDate:
		return value{k: kindDate, n: g.stamp(i) / 86400}
	case lConvertedContact:
		return r.id(c.o.prefix, c.number(into))
	}
	return c.accountOf(into, c.record(into), r)
}

func company(h uint64, r *row) value {
	return r.made(func(b []byte) []byte {
		b = append(b, lastNames[h%uint64(len(lastNames))]...)
		return append(append(b, ' '), companyKinds[h>>10%uint64(len(companyKinds))]...)
	})
}

// account is one field of Account i.
func (g *generator) account(i, f int, h uint64, r *row) value {
	own := mix64(h + uint64(f))
	switch f {
	case aName:
		if i < g.persons() {
			return g.personName(i, r)
		}
		return company(own, r)
	case aType:
		return choose(accountTypeText, own)
	case aIndustry:
		if one(own, 2) {
			return choose(industryText, own>>8)
		}
	case aRating:
		if !one(own, 3) {
			return choose(ratingText, own>>8)
		}
	case aWebsite:
		if one(own, 3) {
			return r.made(func(b []byte) []byte {
				return append(strconv.AppendInt(append(b, "https://org"...), int64(i), 10), ".example.org"...)
			})
		}
	case aCity:
		return bytesOf(g.home(i).place.city)
	case aState:
		return bytesOf(g.home(i).place.code)
	case aOwner:
		return systemUser
	case aPerson:
		return boolean(i < g.persons())
	case aNoCall, aPersonMobile:
		if i >= g.persons() {
			break
		}
		c, of := g.contacts, i*personEvery+5
		return c.contact(of, map[int]int{aNoCall: cNoCall, aPersonMobile: cMobile}[f], c.record(of), r)
	}
	if f == aNoCall {
		return boolean(false)
	}
	return null
}

func (g *generator) personName(i int, r *row) value {
	h := g.contacts.record(i*personEvery + 5)
	return r.made(func(b []byte) []byte {
		return append(append(append(b, g.firstName(h).b...), ' '), g.lastName(h).b...)
	})
}
