package crm

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/callhenk/henk-worker/internal/salesforce"
)

// mappingVersion is part of every fingerprint: with another one all records are read again.
const mappingVersion = "1"

// plan says which fields of an object are read and where they go. A field that the user does not see is left out, and
// what it would have filled stays as it is.
type plan struct {
	object  *object
	fields  *salesforce.Fields
	columns []filled // text columns of leads, in the order of the table above
	meta    []filled
	noCall  []int
	noEmail []int
	rating  []int

	id, stamp, deleted, master, converted, convertedTo int // places in the row; -1 where there is none

	noCallHidden bool // some DoNotCall field cannot be seen: what is not flagged is unknown
	strict       bool
	warnings     []string
	fingerprint  string
}

// filled is a column or key and the fields that fill it, by place.
type filled struct {
	column
	from []int
}

// newPlan lays the mapping over what describe shows. without names fields that describe shows and queries refuse.
func newPlan(o *object, seen *salesforce.SObject, s Settings, without []string) (*plan, error) {
	b := builder{seen: seen, without: without, at: map[string]int{}}
	p := &plan{object: o, strict: s.DoNotCallPolicy == PolicyStrict}
	p.id, p.stamp, p.deleted = b.need("Id"), b.need("SystemModstamp"), b.need("IsDeleted")
	if len(b.missing) > 0 {
		return nil, &SetupError{fmt.Sprintf("the Salesforce user does not see %s of %s; give it read access", strings.Join(b.missing, ", "), o.name)}
	}
	p.master, p.converted, p.convertedTo = b.optional("MasterRecordId"), -1, -1
	if o.name == "Lead" {
		p.converted, p.convertedTo = b.optional("IsConverted"), b.optional("ConvertedContactId")
	}
	for _, c := range columns {
		if from := b.all(fieldsOf(o, s, c.name)); len(from) > 0 {
			p.columns = append(p.columns, filled{c, from})
		}
	}
	wanted := fieldsOf(o, s, mapNoCall)
	p.noCall, p.noEmail, p.rating = b.all(wanted), b.all(fieldsOf(o, s, mapNoEmail)), b.all(fieldsOf(o, s, mapRating))
	p.noCallHidden = len(p.noCall) < len(wanted) || len(wanted) == 0
	for _, m := range o.metadata {
		if at := b.optional(m.field); at >= 0 {
			p.meta = append(p.meta, filled{column{name: m.key}, []int{at}})
		}
	}
	var err error
	if p.fields, err = salesforce.NewFields(b.names...); err != nil {
		return nil, &SetupError{err.Error()}
	}
	p.warn(b.hidden)
	p.fingerprint = p.digest()
	return p, nil
}

func fieldsOf(o *object, s Settings, column string) []string {
	if own, ok := s.Mapping[o.name][column]; ok {
		return own
	}
	return o.fields[column]
}

func (p *plan) warn(hidden []string) {
	if len(hidden) > 0 {
		slices.Sort(hidden)
		p.warnings = append(p.warnings, fmt.Sprintf("The Salesforce user does not see these fields of %s: %s. What they would fill stays as it is.",
			p.object.name, strings.Join(slices.Compact(hidden), ", ")))
	}
	switch {
	case !p.noCallHidden:
	case p.strict:
		p.warnings = append(p.warnings, fmt.Sprintf("DoNotCall of %s cannot be seen, so nobody knows who opted out there: "+
			"under the strict policy these leads are not dialed. Give the Salesforce user read access to the field.", p.object.name))
	default:
		p.warnings = append(p.warnings, fmt.Sprintf("DoNotCall of %s cannot be seen: opt-outs recorded in Salesforce are NOT known here, and leads that are not "+
			"flagged here are dialed. Give the Salesforce user read access to the field, or set doNotCallPolicy to strict.", p.object.name))
	}
}

// digest changes with everything that would make the same record another lead.
func (p *plan) digest() string {
	h := sha256.New()
	fmt.Fprintln(h, mappingVersion, p.fields, p.noCall, p.noEmail, p.rating, p.noCallHidden && p.strict)
	for _, c := range slices.Concat(p.columns, p.meta) {
		fmt.Fprintln(h, c.name, c.from)
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// builder collects field names and remembers their places.
type builder struct {
	seen            *salesforce.SObject
	without         []string
	names           []string
	at              map[string]int
	hidden, missing []string
}

func (b *builder) need(name string) int {
	at := b.optional(name)
	if at < 0 {
		b.missing = append(b.missing, name)
	}
	return at
}

func (b *builder) optional(name string) int {
	key := strings.ToLower(name)
	if at, ok := b.at[key]; ok {
		return at
	}
	if !b.visible(name) {
		return -1
	}
	b.names = append(b.names, name)
	b.at[key] = len(b.names) - 1
	return b.at[key]
}

// all gives the places of those that are visible.
func (b *builder) all(names []string) []int {
	var places []int
	for _, name := range names {
		if at := b.optional(name); at >= 0 {
			places = append(places, at)
		} else {
			b.hidden = append(b.hidden, name)
		}
	}
	return places
}

// visible: of a parent's field only the reference to the parent is known here; whether the parent has the field shows
// when the query is refused.
func (b *builder) visible(name string) bool {
	if slices.ContainsFunc(b.without, func(w string) bool { return strings.EqualFold(w, name) }) {
		return false
	}
	parent, _, isPath := strings.Cut(name, ".")
	if !isPath {
		f, ok := b.seen.Field(name)
		return ok && f.Type != "address" && f.Type != "location"
	}
	return slices.ContainsFunc(b.seen.Fields, func(f salesforce.Field) bool { return strings.EqualFold(f.RelationshipName, parent) })
}

// describeDigest changes when the fields that can be asked for do.
func describeDigest(seen *salesforce.SObject) string {
	names := make([]string, len(seen.Fields))
	for i, f := range seen.Fields {
		names[i] = f.Name + " " + f.RelationshipName + " " + f.Type
	}
	slices.Sort(names)
	sum := sha256.Sum256([]byte(strings.Join(names, "\n")))
	return hex.EncodeToString(sum[:12])
}
