package salesforcesim

import "strings"

// fieldType is the type as describe names it.
type fieldType string

const (
	typeID        fieldType = "id"
	typeString    fieldType = "string"
	typeText      fieldType = "textarea"
	typePhone     fieldType = "phone"
	typeEmail     fieldType = "email"
	typeURL       fieldType = "url"
	typePicklist  fieldType = "picklist"
	typeBool      fieldType = "boolean"
	typeDateTime  fieldType = "datetime"
	typeDate      fieldType = "date"
	typeInt       fieldType = "int"
	typeCurrency  fieldType = "currency"
	typeReference fieldType = "reference"
	typeAddress   fieldType = "address"
)

type field struct {
	name     string
	typ      fieldType
	length   int
	readOnly bool // the system writes it
	setOnce  bool // by create, never by update
	required bool
	external bool // an External ID: upserts may name records by it
	indexed  bool // equality is answered from an index
	parents  []string
	relation string // of a reference, what a path calls the parent, such as Account
	compound string
	values   []string // of a picklist
}

// object is one kind of record. Fields are at most 64, so that a set of them is one word.
type object struct {
	name, label, prefix string
	fields              []field
	byName              map[string]int // by lower-case name, as SOQL has it
	relations           map[string]int // by lower-case relation
	compounds           []compound
	queryOnly           bool   // nobody writes it through the API
	code                uint64 // for draws
}

// compound is a field that is made of others.
type compound struct {
	f     int
	parts mask
}

// mask is a set of an object's fields.
type mask uint64

func (m mask) has(f int) bool   { return m>>f&1 != 0 }
func of(fields ...int) (m mask) { return with(0, fields...) }
func with(m mask, fields ...int) mask {
	for _, f := range fields {
		m |= 1 << f
	}
	return m
}

// Fields that every object has, at the same place.
const (
	fID = iota
	fStamp
	fDeleted
	fCreated
	fCreatedBy
	fModified
	fModifiedBy
	fOwn // the first of the object's own
)

func str(name string, length int) field { return field{name: name, typ: typeString, length: length} }
func typed(name string, typ fieldType, length int) field {
	return field{name: name, typ: typ, length: length}
}
func flag(name string) field { return field{name: name, typ: typeBool} }
func pick(name string, values ...string) field {
	return field{name: name, typ: typePicklist, length: 255, values: values}
}
func ref(name, relation string, parents ...string) field {
	return field{name: name, typ: typeReference, length: idLength, relation: relation, parents: parents, indexed: true}
}

func (f field) must() field  { f.required = true; return f }
func (f field) fixed() field { f.readOnly = true; return f }
func (f field) once() field  { f.setOnce = true; return f }
func (f field) ext() field   { f.external, f.indexed = true, true; return f }
func (f field) index() field { f.indexed = true; return f }
func (f field) part(of string) field {
	f.compound = of
	return f
}

func newObject(code uint64, name, label, prefix string, own ...field) *object {
	o := &object{name: name, label: label, prefix: prefix, code: code, byName: map[string]int{}, relations: map[string]int{}}
	o.fields = append([]field{
		fID:         typed("Id", typeID, idLength).fixed(),
		fStamp:      typed("SystemModstamp", typeDateTime, 0).fixed(),
		fDeleted:    flag("IsDeleted").fixed(),
		fCreated:    typed("CreatedDate", typeDateTime, 0).fixed(),
		fCreatedBy:  ref("CreatedById", "CreatedBy", "User").fixed(),
		fModified:   typed("LastModifiedDate", typeDateTime, 0).fixed(),
		fModifiedBy: ref("LastModifiedById", "LastModifiedBy", "User").fixed(),
	}, own...)
	if len(o.fields) > 64 {
		panic("salesforcesim: " + name + " has more than 64 fields")
	}
	for i, f := range o.fields {
		o.byName[strings.ToLower(f.name)] = i
		if f.relation != "" {
			o.relations[strings.ToLower(f.relation)] = i
		}
	}
	for i, f := range o.fields {
		var parts mask
		for j, part := range o.fields {
			if part.compound == f.name {
				parts |= of(j)
			}
		}
		if parts != 0 {
			o.compounds = append(o.compounds, compound{i, parts})
		}
	}
	return o
}

// whole is the set with the parts that its compound fields are made of.
func (o *object) whole(m mask) mask {
	for _, c := range o.compounds {
		if m.has(c.f) {
			m |= c.parts
		}
	}
	return m
}

// isWhole reports that the field's numbers are written without a fraction.
func (f *field) isWhole() bool { return f.typ == typeInt }

// isText reports that the field's values are quoted in SOQL.
func (f *field) isText() bool {
	switch f.typ {
	case typeBool, typeDateTime, typeDate, typeInt, typeCurrency:
		return false
	}
	return true
}
