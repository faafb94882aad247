package salesforcesim

import (
	"strconv"
	"strings"
)

// statement is a parsed SELECT.
type statement struct {
	text    string
	from    *object
	count   bool // SELECT COUNT()
	columns []path
	where   expr // nil without
	order   []ordering
	limit   int // -1 without
}

// path is a field of the object, or of its parents.
type path struct {
	steps  []int // reference fields to go through
	owners []*object
	field  int
	pos    int
}

func (p *path) of() *object { return p.owners[len(p.owners)-1] }
func (p *path) fld() *field { return &p.of().fields[p.field] }

type ordering struct {
	path
	desc      bool
	nullsLast bool
}

type parser struct {
	soql      string
	list      []token
	i         int
	o         *object
	hidden    *hiddenFields
	now       int64
	nesting   int
	allFields bool // FIELDS(..) was selected
}

func (p *parser) peek() token { return p.list[p.i] }
func (p *parser) next() token {
	t := p.list[p.i]
	if t.kind != tokEnd {
		p.i++
	}
	return t
}

func (p *parser) took(word string) bool {
	if p.peek().is(word) {
		p.i++
		return true
	}
	return false
}

func (p *parser) unexpected(t token) *apiError {
	if t.kind == tokEnd {
		return malformed("line 1:%d no viable alternative at character '<EOF>'", t.pos)
	}
	return malformed("unexpected token: '%s'", t.text)
}

func (p *parser) need(word string) *apiError {
	if p.took(word) {
		return nil
	}
	return p.unexpected(p.peek())
}

const maxStatement = 100_000

// parseSOQL reads a query as a connection that does not see the hidden fields. now is the clock for literals such as TODAY.
func parseSOQL(soql string, hidden *hiddenFields, now int64) (*statement, *apiError) {
	if len(soql) > maxStatement {
		return nil, badRequest("MALFORMED_QUERY", "SOQL statements cannot be longer than 100000 characters.")
	}
	list, refused := lex(soql)
	if refused != nil {
		return nil, refused
	}
	p := &parser{soql: soql, list: list, hidden: hidden, now: now}
	st := &statement{text: soql, limit: -1}
	if refused := p.need("SELECT"); refused != nil {
		return nil, refused
	}
	columns, refused := p.columns(st)
	if refused != nil {
		return nil, refused
	}
	if refused := p.from(st); refused != nil {
		return nil, refused
	}
	for _, t := range columns {
		if refused := p.column(st, t); refused != nil {
			return nil, refused
		}
	}
	if refused := p.clauses(st); refused != nil {
		return nil, refused
	}
	return st, nil
}

// columns reads the names between SELECT and FROM; what they mean is known after FROM only.
func (p *parser) columns(st *statement) ([]token, *apiError) {
	if p.peek().is("COUNT") && p.list[p.i+1].is("(") && p.list[min(p.i+2, len(p.list)-1)].is(")") {
		p.i += 3
		st.count = true
		return nil, nil
	}
	var list []token
	for {
		t := p.next()
		if t.kind != tokWord {
			return nil, p.unexpected(t)
		}
		if t.is("FIELDS") && p.took("(") {
			which := p.next()
			if refused := p.need(")"); refused != nil {
				return nil, refused
			}
			t.text = "FIELDS(" + strings.ToUpper(which.text) + ")"
		}
		list = append(list, t)
		if !p.took(",") {
			return list, nil
		}
	}
}

func (p *parser) from(st *statement) *apiError {
	if refused := p.need("FROM"); refused != nil {
		return refused
	}
	t := p.next()
	if t.kind != tokWord {
		return p.unexpected(t)
	}
	if st.from = objectNamed(t.text); st.from == nil {
		return p.marked("INVALID_TYPE", t.pos, "sObject type '"+t.text+"' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.")
	}
	p.o = st.from
	return nil
}

func (p *parser) column(st *statement, t token) *apiError {
	if set, ok := strings.CutPrefix(t.text, "FIELDS("); ok {
		p.allFields = set != "STANDARD)"
		for f := range p.o.fields {
			custom := strings.HasSuffix(p.o.fields[f].name, "__c")
			if p.hidden.has(p.o, f) || set == "CUSTOM)" && !custom || set == "STANDARD)" && custom {
				continue
			}
			st.columns = append(st.columns, path{owners: []*object{p.o}, field: f, pos: t.pos})
		}
		return nil
	}
	c, refused := p.path(t)
	if refused != nil {
		return refused
	}
	for _, other := range st.columns {
		if other.fld() == c.fld() && len(other.steps) == len(c.steps) && (len(c.steps) == 0 || other.steps[0] == c.steps[0]) {
			return badRequest("INVALID_FIELD", "duplicate field selected: "+t.text)
		}
	}
	st.columns = append(st.columns, c)
	return nil
}

// path resolves a name such as Email or Account.Name.
func (p *parser) path(t token) (path, *apiError) {
	parts := strings.Split(t.text, ".")
	if strings.EqualFold(parts[0], p.o.name) && len(parts) > 1 {
		parts = parts[1:]
	}
	res := path{owners: []*object{p.o}, pos: t.pos}
	for _, part := range parts[:len(parts)-1] {
		o := res.of()
		f, ok := o.relations[strings.ToLower(part)]
		if !ok || p.hidden.has(o, f) {
			return res, p.marked("INVALID_FIELD", t.pos, "Didn't understand relationship '"+part+"' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.")
		}
		parent := objectNamed(o.fields[f].parents[0])
		if parent == nil {
			return res, p.marked("INVALID_FIELD", t.pos, "Didn't understand relationship '"+part+"' in field path.")
		}
		res.steps, res.owners = append(res.steps, f), append(res.owners, parent)
	}
	name := parts[len(parts)-1]
	f, ok := res.of().byName[strings.ToLower(name)]
	if !ok || p.hidden.has(res.of(), f) {
		return res, p.noField(t, name, res.of())
	}
	res.field = f
	return res, nil
}

func (p *parser) noField(t token, name string, o *object) *apiError {
	return p.marked("INVALID_FIELD", t.pos, "No such column '"+name+"' on entity '"+o.name+"'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.")
}

// marked is an error that shows where in the statement it is, as the API does.
func (p *parser) marked(code string, pos int, message string) *apiError {
	from, to := max(pos-30, 0), min(pos+40, len(p.soql))
	return badRequest(code, "\n"+p.soql[from:to]+"\n"+strings.Repeat(" ", pos-from)+"^\nERROR at Row:1:Column:"+strconv.Itoa(pos+1)+"\n"+message)
}

func objectNamed(name string) *object {
	for _, o := range objects {
		if strings.EqualFold(o.name, name) {
			return o
		}
	}
	return nil
}
