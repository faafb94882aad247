package salesforcesim

import (
	"bytes"
	"cmp"
	"strings"
)

// expr is a condition on a record.
type expr interface{ holds(e *eval) bool }

type (
	both   struct{ list []expr }
	either struct{ list []expr }
	not    struct{ of expr }
	// comparison is a field against one value, or several for IN.
	comparison struct {
		path
		op   string // = != < <= > >= like in notin
		vals []value
	}
)

func (b *both) holds(e *eval) bool {
	for _, x := range b.list {
		if !x.holds(e) {
			return false
		}
	}
	return true
}

func (x *either) holds(e *eval) bool {
	for _, y := range x.list {
		if y.holds(e) {
			return true
		}
	}
	return false
}

func (n *not) holds(e *eval) bool { return !n.of.holds(e) }

func (c *comparison) holds(e *eval) bool {
	v := e.value(&c.path)
	switch c.op {
	case "=", "in":
		return c.any(v)
	case "!=", "notin":
		return !c.any(v)
	case "like":
		return v.k == kindText && like(bytes.ToLower(c.vals[0].b), bytes.ToLower(v.b))
	}
	if v.k == kindNull || c.vals[0].k == kindNull {
		return false
	}
	order := c.compare(v, &c.vals[0])
	switch c.op {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

func (c *comparison) any(v *value) bool {
	for i := range c.vals {
		if v.k == c.vals[i].k && (v.k == kindNull || c.compare(v, &c.vals[i]) == 0) {
			return true
		}
	}
	return false
}

// compare orders values of a field. Ids are compared by their case, other text without.
func (c *comparison) compare(a, b *value) int { return compareValues(a, b, c.fld()) }

func compareValues(a, b *value, f *field) int {
	switch a.k {
	case kindText:
		if f.typ == typeID || f.typ == typeReference {
			return bytes.Compare(a.b, b.b)
		}
		return bytes.Compare(bytes.ToLower(a.b), bytes.ToLower(b.b))
	case kindNumber:
		return cmp.Compare(a.float(), b.float())
	}
	return cmp.Compare(a.n, b.n)
}

// like matches % and _, which a backslash makes plain. It goes back to the last % only, so that its time is bounded.
func like(pattern, s []byte) bool {
	p, i, star, from := 0, 0, -1, 0
	for i < len(s) {
		if p < len(pattern) && pattern[p] == '%' {
			star, from = p, i
			p++
			continue
		}
		width := 1
		if p+1 < len(pattern) && pattern[p] == '\\' {
			width = 2
		}
		switch {
		case p < len(pattern) && (width == 1 && pattern[p] == '_' || pattern[p+width-1] == s[i]):
			p, i = p+width, i+1
		case star >= 0:
			from++
			p, i = star+1, from
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '%' {
		p++
	}
	return p == len(pattern)
}

const maxNesting = 20

// condition reads terms joined by AND or by OR; both at one level need parentheses, as in the API.
func (p *parser) condition() (expr, *apiError) {
	if p.nesting++; p.nesting > maxNesting {
		return nil, malformed("conditions are nested too deeply")
	}
	defer func() { p.nesting-- }()
	first, refused := p.term()
	if refused != nil {
		return nil, refused
	}
	list, word := []expr{first}, ""
	for p.peek().is("AND") || p.peek().is("OR") {
		t := p.next()
		if word != "" && !t.is(word) {
			return nil, p.unexpected(t)
		}
		word = strings.ToUpper(t.text)
		x, refused := p.term()
		if refused != nil {
			return nil, refused
		}
		list = append(list, x)
	}
	switch word {
	case "AND":
		return &both{list}, nil
	case "OR":
		return &either{list}, nil
	}
	return first, nil
}

func (p *parser) term() (expr, *apiError) {
	if p.took("NOT") {
		x, refused := p.term()
		return &not{x}, refused
	}
	if p.took("(") {
		x, refused := p.condition()
		if refused != nil {
			return nil, refused
		}
		return x, p.need(")")
	}
	t := p.next()
	if t.kind != tokWord {
		return nil, p.unexpected(t)
	}
	at, refused := p.path(t)
	if refused != nil {
		return nil, refused
	}
	if typ := at.fld().typ; typ == typeAddress || typ == typeText && at.fld().length > 255 {
		return nil, p.marked("INVALID_FIELD", t.pos, "field '"+t.text+"' can not be filtered in a query call")
	}
	c := &comparison{path: at}
	return c, p.comparison(c, t)
}

func (p *parser) comparison(c *comparison, name token) *apiError {
	op := p.next()
	switch {
	case op.is("NOT"):
		if refused := p.need("IN"); refused != nil {
			return refused
		}
		c.op = "notin"
	case op.is("IN"), op.is("LIKE"):
		c.op = strings.ToLower(op.text)
	case op.kind == tokSign && strings.Contains(" = != <> < <= > >= ", " "+op.text+" "):
		c.op = strings.Replace(op.text, "<>", "!=", 1)
	default:
		return p.unexpected(op)
	}
	if c.op == "like" && !c.fld().isText() {
		return p.marked("INVALID_FIELD", name.pos, "invalid operator on "+string(c.fld().typ)+" field")
	}
	if c.op != "in" && c.op != "notin" {
		v, refused := p.literal(c, name)
		c.vals = []value{v}
		return refused
	}
	if refused := p.need("("); refused != nil {
		return refused
	}
	for {
		v, refused := p.literal(c, name)
		if refused != nil {
			return refused
		}
		c.vals = append(c.vals, v)
		if !p.took(",") {
			return p.need(")")
		}
	}
}
