package salesforcesim

import "strconv"

// clauses reads what follows the object.
func (p *parser) clauses(st *statement) (refused *apiError) {
	if p.took("WHERE") {
		if st.where, refused = p.condition(); refused != nil {
			return refused
		}
	}
	if p.took("WITH") && !p.took("SECURITY_ENFORCED") {
		return p.unexpected(p.peek())
	}
	if p.took("ORDER") {
		if refused := p.orderBy(st); refused != nil {
			return refused
		}
	}
	if p.took("LIMIT") {
		t := p.next()
		n, err := strconv.Atoi(t.text)
		if err != nil || n < 0 {
			return p.unexpected(t)
		}
		st.limit = n
	}
	if t := p.peek(); t.is("OFFSET") || t.is("GROUP") || t.is("HAVING") {
		return malformed("the simulator does not know '%s'", t.text)
	}
	if t := p.peek(); t.kind != tokEnd {
		return p.unexpected(t)
	}
	if st.count && len(st.order) > 0 {
		return malformed("Ordered field must be grouped or aggregated: %s", st.order[0].fld().name)
	}
	if p.allFields && (st.limit < 0 || st.limit > 200) {
		return malformed("The SOQL FIELDS function must have a LIMIT of at most 200")
	}
	return nil
}

func (p *parser) orderBy(st *statement) *apiError {
	if refused := p.need("BY"); refused != nil {
		return refused
	}
	for {
		c, refused := p.path(p.next())
		if refused != nil {
			return refused
		}
		by := ordering{path: c}
		if p.took("DESC") {
			by.desc = true
		} else {
			p.took("ASC")
		}
		if p.took("NULLS") {
			by.nullsLast = p.took("LAST")
			if !by.nullsLast && !p.took("FIRST") {
				return p.unexpected(p.peek())
			}
		}
		st.order = append(st.order, by)
		if !p.took(",") {
			return nil
		}
	}
}
