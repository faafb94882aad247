package salesforcesim

import (
	"strconv"
	"strings"
	"time"
)

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
