package salesforce

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	maxLiteral   = 4000   // characters of one text in SOQL
	maxStatement = 100000 // characters of a statement
)

var (
	identifier = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,254}$`)
	fieldPath  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,99}(?:\.[A-Za-z][A-Za-z0-9_]{0,99}){0,5}$`)
)

func isID(text string) bool { return idForm.MatchString(text) }

// ValidIdentifier is true for what can name an object or a field. Names from configuration must pass it and be in the
// describe; then no configuration can put words into a query.
func ValidIdentifier(name string) bool { return identifier.MatchString(name) }

// ValidField is true for a field's name or a path through parents: Account.Name.
func ValidField(path string) bool { return fieldPath.MatchString(path) }

// ValidID is true for a record id of 15 or 18 letters and digits. The 18 form is the one to keep.
func ValidID(id string) bool { return isID(id) }

// Literal is a value as SOQL writes it. Make it with Text, ID, Timestamp, Bool, Int or Null.
type Literal struct {
	text string
	err  error
}

var soqlEscape = strings.NewReplacer(`\`, `\\`, `'`, `\'`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "\b", `\b`, "\f", `\f`)

// Text quotes any text. NULs and more than 4,000 characters are refused.
func Text(s string) Literal {
	switch {
	case !utf8.ValidString(s) || strings.ContainsRune(s, 0):
		return Literal{err: errors.New("a text in the query holds a NUL or is not UTF-8")}
	case utf8.RuneCountInString(s) > maxLiteral:
		return Literal{err: fmt.Errorf("a text in the query has more than %d characters", maxLiteral)}
	}
	return Literal{text: "'" + soqlEscape.Replace(s) + "'"}
}

// ID quotes a record id.
func ID(id string) Literal {
	if !isID(id) {
		return Literal{err: errors.New("a record id in the query is not 15 or 18 letters and digits")}
	}
	return Literal{text: "'" + id + "'"}
}

// Timestamp is an unquoted date-time in UTC, with milliseconds only where there are any. Salesforce compares whole
// seconds.
func Timestamp(t time.Time) Literal {
	t = t.UTC()
	if t.Year() < 1700 || t.Year() > 4000 { // what Salesforce's date-times can be
		return Literal{err: errors.New("a date-time in the query is out of Salesforce's range")}
	}
	if t.Nanosecond() < int(time.Millisecond) {
		return Literal{text: t.Format("2006-01-02T15:04:05Z")}
	}
	return Literal{text: t.Format("2006-01-02T15:04:05.000Z")}
}

// Bool is true or false.
func Bool(b bool) Literal { return Literal{text: strconv.FormatBool(b)} }

// Int is a whole number.
func Int(n int64) Literal { return Literal{text: strconv.FormatInt(n, 10)} }

// Null is null.
func Null() Literal { return Literal{text: "null"} }

// Condition is a part of a WHERE clause. Make it with Where, In, And, Or, Not or Keyset; the zero value is no
// condition.
type Condition struct {
	text string
	err  error
}

var operators = []string{"=", "!=", "<", "<=", ">", ">="}

// Where compares a field with a literal: =, !=, <, <=, > or >=.
func Where(field, operator string, value Literal) Condition {
	switch {
	case !fieldPath.MatchString(field):
		return Condition{err: errors.New("a field in the query is not a field name")}
	case !slices.Contains(operators, operator):
		return Condition{err: errors.New("an operator in the query is none of = != < <= > >=")}
	}
	return Condition{text: field + " " + operator + " " + value.text, err: value.err}
}

// In is true for any of the values; with none it is an error, since SOQL has no empty list.
func In(field string, values ...Literal) Condition {
	if !fieldPath.MatchString(field) {
		return Condition{err: errors.New("a field in the query is not a field name")}
	}
	if len(values) == 0 {
		return Condition{err: errors.New("a list in the query is empty")}
	}
	texts := make([]string, len(values))
	for i, v := range values {
		if v.err != nil {
			return Condition{err: v.err}
		}
		texts[i] = v.text
	}
	return Condition{text: field + " IN (" + strings.Join(texts, ",") + ")"}
}

// And joins conditions; zero values are left out.
func And(conditions ...Condition) Condition { return joinConditions(" AND ", conditions) }

// Or joins conditions; zero values are left out.
func Or(conditions ...Condition) Condition { return joinConditions(" OR ", conditions) }

// Not negates a condition.
func Not(c Condition) Condition {
	if c.text == "" {
		return Condition{err: cmpError(c.err, "a negation in the query has nothing to negate")}
	}
	return Condition{text: "(NOT " + c.text + ")", err: c.err}
}

func cmpError(err error, otherwise string) error {
	if err != nil {
		return err
	}
	return errors.New(otherwise)
}

func joinConditions(with string, conditions []Condition) Condition {
	var parts []string
	for _, c := range conditions {
		if c.err != nil {
			return c
		}
		if c.text != "" {
			parts = append(parts, c.text)
		}
	}
	switch len(parts) {
	case 0:
		return Condition{}
	case 1:
		return Condition{text: parts[0]}
	}
	return Condition{text: "(" + strings.Join(parts, with) + ")"}
}

// Keyset is what lies after the record (after, id) in the order SystemModstamp, Id, and before the time before. With
// id "" it begins at the time after, that time included. Ids are compared by Salesforce alone: take id from the last
// record received, never from a sorting of your own.
func Keyset(after time.Time, id string, before time.Time) Condition {
	end := Where("SystemModstamp", "<", Timestamp(before))
	switch {
	case after.IsZero() && id == "":
		return end
	case id == "":
		return And(Where("SystemModstamp", ">=", Timestamp(after)), end)
	}
	rest := Or(Where("SystemModstamp", ">", Timestamp(after)),
		And(Where("SystemModstamp", "=", Timestamp(after)), Where("Id", ">", ID(id))))
	return And(rest, end)
}

// Select is a SOQL statement.
type Select struct {
	Object  string
	Fields  *Fields // nil: SELECT COUNT()
	Where   Condition
	OrderBy []string // fields, ascending; leave out for bulk jobs, whose chunking it turns off
	Limit   int      // 0: none
}

// SOQL writes the statement; every name in it has been checked.
func (s Select) SOQL() (string, error) {
	switch {
	case !identifier.MatchString(s.Object):
		return "", errors.New("salesforce: the object of the query is not an object's name")
	case s.Where.err != nil:
		return "", fmt.Errorf("salesforce: %w", s.Where.err)
	case s.Limit < 0:
		return "", errors.New("salesforce: the limit of the query is negative")
	}
	wanted := "COUNT()"
	if s.Fields != nil {
		wanted = strings.Join(s.Fields.names, ",")
	}
	text := "SELECT " + wanted + " FROM " + s.Object
	if s.Where.text != "" {
		text += " WHERE " + s.Where.text
	}
	for i, field := range s.OrderBy {
		if !fieldPath.MatchString(field) {
			return "", errors.New("salesforce: a field of the query's order is not a field name")
		}
		text += map[bool]string{true: " ORDER BY ", false: ", "}[i == 0] + field + " ASC"
	}
	if s.Limit > 0 {
		text += " LIMIT " + strconv.Itoa(s.Limit)
	}
	if len(text) > maxStatement {
		return "", fmt.Errorf("salesforce: the query has %d characters, Salesforce takes %d: ask for fewer fields", len(text), maxStatement)
	}
	return text, nil
}
