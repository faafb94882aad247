package leadfile

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// field is what a column of a file may hold.
type field struct {
	name    string
	max     int  // characters; 0 = any number
	must    bool // too long is refused, not cut: half of it would be another one
	lines   bool // may have several lines
	aliases []string
}

// fields are the columns of leads that a file may fill. name stands for first and last name in one.
var fields = []field{
	{name: "source_id", max: 255, must: true, aliases: []string{"id", "externalid", "leadid", "contactid", "donorid", "constituentid", "recordid", "supporterid"}},
	{name: "name", max: 510, aliases: []string{"fullname", "donorname", "contactname", "contact", "donor"}},
	{name: "first_name", max: 255, aliases: []string{"first", "given", "givenname", "forename", "fname", "vorname"}},
	{name: "last_name", max: 255, aliases: []string{"last", "surname", "family", "familyname", "lname", "nachname"}},
	{name: "email", max: 255, must: true, aliases: []string{"emailaddress", "mail", "email1", "primaryemail"}},
	{name: "phone", max: 50, must: true, aliases: []string{"phonenumber", "telephone", "telephonenumber", "tel", "phone1", "primaryphone", "homephone", "businessphone", "workphone", "number", "telefon"}},
	{name: "mobile_phone", max: 50, must: true, aliases: []string{"mobile", "mobilenumber", "mobilephonenumber", "cell", "cellphone", "cellular", "phone2", "otherphone", "handy"}},
	{name: "street", lines: true, aliases: []string{"address", "streetaddress", "address1", "addressline1", "mailingstreet"}},
	{name: "city", max: 100, aliases: []string{"town", "mailingcity"}},
	{name: "state", max: 100, aliases: []string{"province", "region", "stateprovince", "mailingstate"}},
	{name: "postal_code", max: 20, must: true, aliases: []string{"zip", "zipcode", "postcode", "postal", "mailingpostalcode", "plz"}},
	{name: "country", max: 100, aliases: []string{"countrycode", "mailingcountry"}},
	{name: "company", max: 255, aliases: []string{"organization", "organisation", "org", "account", "accountname", "employer"}},
	{name: "title", max: 255, aliases: []string{"jobtitle", "position"}},
	{name: "department", max: 255},
	{name: "lead_source", max: 100, aliases: []string{"origin", "referredby"}},
	{name: "description", lines: true, aliases: []string{"about", "background"}},
	{name: "notes", lines: true, aliases: []string{"note", "comment", "comments", "remarks"}},
	{name: "timezone", max: 100, must: true, aliases: []string{"tz"}},
	{name: "preferred_language", max: 50, aliases: []string{"language", "lang"}},
	{name: "tags", aliases: []string{"tag", "labels"}},
	{name: "do_not_call", aliases: []string{"dnc", "donotphone", "nocall", "nocalls", "calloptout", "phoneoptout", "optout", "optedout", "hasoptedoutofcall"}},
	{name: "do_not_email", aliases: []string{"noemail", "dne"}},
	{name: "email_opt_out", aliases: []string{"hasoptedoutofemail", "emailoptedout", "unsubscribed"}},
	{name: "lead_score", aliases: []string{"score"}},
	{name: "quality_rating", aliases: []string{"rating", "quality"}},
}

// FieldNames are the fields to which a column can be mapped.
func FieldNames() []string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	return names
}

func fieldIndex(name string) int {
	plain := plainName(name)
	return slices.IndexFunc(fields, func(f field) bool { return plain == plainName(f.name) })
}

func aliasIndex(name string) int {
	plain := plainName(name)
	return slices.IndexFunc(fields, func(f field) bool { return slices.Contains(f.aliases, plain) })
}

// mapping says which column holds which field.
type mapping struct {
	header []string
	at     []int // by column: index in fields, or -1
}

// ErrNoContactColumn is returned for a header without a phone, mobile phone or email.
var ErrNoContactColumn = errors.New("the first line must name the columns, one of them phone, mobile_phone or email; name others with --map COLUMN=FIELD")

// columnIndex finds a column by its place (#1 is the first), else by its name; -1 where there is none. The place comes
// first, so that whoever gives places is not misled by a column that is called #2.
func columnIndex(header []string, column string) int {
	column = strings.TrimSpace(column)
	if place, ok := strings.CutPrefix(column, "#"); ok {
		if n, err := strconv.Atoi(place); err == nil && n >= 1 && n <= len(header) {
			return n - 1
		}
	}
	return slices.IndexFunc(header, func(h string) bool { return strings.EqualFold(h, column) })
}

// mapColumns finds the fields by what given says (column name or place to field; - leaves a column out), else by the
// column's name, else by other names in use. Of two columns for one field the first counts.
func mapColumns(header []string, given map[string]string) (mapping, error) {
	m := mapping{at: make([]int, len(header))}
	for i, name := range header {
		m.header = append(m.header, tidy(name))
		m.at[i] = -1
	}
	taken := map[int]bool{}
	for column, to := range given {
		i := columnIndex(m.header, column)
		f := fieldIndex(to)
		switch {
		case i < 0:
			return m, fmt.Errorf("the file has no column %q; it has: %s", column, strings.Join(m.header, ", "))
		case to == "-":
			m.at[i] = -2
		case f < 0:
			return m, fmt.Errorf("there is no field %q; there are: %s", to, strings.Join(FieldNames(), ", "))
		case taken[f]:
			return m, fmt.Errorf("two columns are mapped to %s", fields[f].name)
		default:
			m.at[i], taken[f] = f, true
		}
	}
	for _, find := range []func(string) int{fieldIndex, aliasIndex} {
		for i, name := range m.header {
			if f := find(name); m.at[i] == -1 && f >= 0 && !taken[f] {
				m.at[i], taken[f] = f, true
			}
		}
	}
	if !taken[fieldIndex("phone")] && !taken[fieldIndex("mobile_phone")] && !taken[fieldIndex("email")] {
		return m, ErrNoContactColumn
	}
	return m, nil
}

// Column is one of a file's, and where it goes.
type Column struct {
	Name  string `json:"name"`
	Field string `json:"field"` // "" = left out
}

func (m mapping) columns() []Column {
	columns := make([]Column, len(m.header))
	for i, name := range m.header {
		columns[i].Name = name
		if f := m.at[i]; f >= 0 {
			columns[i].Field = fields[f].name
		}
	}
	return columns
}
