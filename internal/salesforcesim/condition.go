package salesforcesim

import (
	"bytes"
	"cmp"
	"strconv"
	"strings"
	"time"
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

// like matches % and _, which a backslash makes plain.
func like(pattern, s []byte) bool {
	for len(pattern) > 0 {
		switch c := pattern[0]; {
		case c == '%':
			for i := len(s); i >= 0; i-- {
				if like(pattern[1:], s[i:]) {
					return true
				}
			}
			return false
		case c == '\\' && len(pattern) > 1:
			pattern = pattern[1:]
			c = pattern[0]
			fallthrough
		case c != '_':
			if len(s) == 0 || s[0] != c && pattern[0] == c {
				return false
			}
		case len(s) == 0:
			return false
		}
		pattern, s = pattern[1:], s[1:]
	}
	return len(s) == 0
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

// literal reads one value and checks that its form fits the field.
func (p *parser) literal(c *comparison, name token) (value, *apiError) {
	t, f := p.next(), c.fld()
	if t.kind == tokSign || t.kind == tokEnd {
		return null, p.unexpected(t)
	}
	if t.is("null") {
		return null, nil
	}
	wrong := func(how string) *apiError {
		return p.marked("INVALID_FIELD", name.pos, "value of filter criterion for field '"+name.text+"' must be of type "+soqlType(f.typ)+" and should "+how)
	}
	if f.isText() != (t.kind == tokString) {
		if t.kind == tokString {
			return null, wrong("not be enclosed in quotes")
		}
		return null, wrong("be enclosed in quotes")
	}
	switch f.typ {
	case typeBool:
		if t.is("true") || t.is("false") {
			return boolean(t.is("true")), nil
		}
		return null, wrong("be true or false")
	case typeInt, typeCurrency:
		n, err := strconv.ParseFloat(t.text, 64)
		if err != nil {
			return null, wrong("be a number")
		}
		return number(n), nil
	case typeDateTime, typeDate:
		return p.moment(f, t, wrong)
	case typeID, typeReference:
		if id := normalID(t.text); id != "" {
			return text(id), nil
		}
		return null, badRequest("INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: "+t.text)
	}
	if len(t.text) > 4000 {
		return null, malformed("a string literal cannot be longer than 4000 characters")
	}
	return text(t.text), nil
}

func soqlType(t fieldType) string {
	if t == typeDateTime {
		return "dateTime"
	}
	return string(t)
}

// normalID is an id with 18 characters; empty when it is none.
func normalID(id string) string {
	for i := range len(id) {
		if c := id[i]; !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') {
			return ""
		}
	}
	switch len(id) {
	case 15:
		return string(appendSuffix([]byte(id), 0))
	case idLength:
		return id
	}
	return ""
}

// moment reads a date or a time. Fractions of a second are cut off, as the org compares whole seconds.
func (p *parser) moment(f *field, t token, wrong func(string) *apiError) (value, *apiError) {
	day := p.now / 86400
	named := map[string]int64{"TODAY": 0, "YESTERDAY": -1, "TOMORROW": 1}
	if shift, ok := named[strings.ToUpper(t.text)]; ok {
		return dayValue(f, day+shift), nil
	}
	if days, ok := strings.CutPrefix(strings.ToUpper(t.text), "LAST_N_DAYS:"); ok {
		if n, err := strconv.Atoi(days); err == nil {
			return dayValue(f, day-int64(n)), nil
		}
	}
	if at, err := time.Parse(time.DateOnly, t.text); err == nil {
		if f.typ == typeDateTime {
			return null, wrong("not be a date")
		}
		return value{k: kindDate, n: at.Unix() / 86400}, nil
	}
	at, err := time.Parse(time.RFC3339, t.text)
	if err != nil {
		at, err = time.Parse("2006-01-02T15:04:05-0700", t.text)
	}
	if err != nil {
		return null, malformed("line 1:%d no viable alternative at input '%s'", t.pos, t.text)
	}
	if f.typ == typeDate {
		return null, malformed("value of filter criterion for field '%s' must be of type date", f.name)
	}
	return timeOf(at.Unix()), nil
}

// dayValue is the start of a day for a field.
func dayValue(f *field, day int64) value {
	if f.typ == typeDateTime {
		return timeOf(day * 86400)
	}
	return value{k: kindDate, n: day}
}
