package salesforce

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// maxFields bounds a field list; Salesforce's own objects have at most about 900.
const maxFields = 1000

// Fields is the ordered list of what is asked for: "Id", "LastName", "Account.Name". It is immutable.
type Fields struct{ names []string }

// node is one step of a field path. Salesforce answers in the order asked, so next is nearly always the right child.
type node struct {
	name     []byte
	index    int // of the value in the row; -1 where only the children are wanted
	children []*node
	next     int
}

// NewFields checks the names and keeps their order. A parent (Account) cannot be asked for beside its own fields
// (Account.Name). Names are compared without case, as Salesforce does.
func NewFields(names ...string) (*Fields, error) {
	switch {
	case len(names) == 0:
		return nil, errors.New("salesforce: no fields given")
	case len(names) > maxFields:
		return nil, fmt.Errorf("salesforce: %d fields given, more than %d", len(names), maxFields)
	}
	f := &Fields{names: slices.Clone(names)}
	_, err := f.tree()
	return f, err
}

// tree makes the tree anew: each reader has its own, since it remembers where it is.
func (f *Fields) tree() (*node, error) {
	root := &node{index: -1}
	for i, name := range f.names {
		if !fieldPath.MatchString(name) {
			return nil, fmt.Errorf("salesforce: field %d of the list is not a field name: use API names such as LastName, Account.Name or Region__c", i+1)
		}
		at := root
		for step := range strings.SplitSeq(name, ".") {
			child := at.child([]byte(step))
			if child == nil {
				child = &node{name: []byte(step), index: -1}
				at.children = append(at.children, child)
			}
			at = child
		}
		if at.index >= 0 {
			return nil, fmt.Errorf("salesforce: field %s is in the list twice", name)
		}
		at.index = i
	}
	return root, root.check()
}

func (n *node) check() error {
	for _, child := range n.children {
		if child.index >= 0 && len(child.children) > 0 {
			return fmt.Errorf("salesforce: the list has %s both as a field and as a parent", child.name)
		}
		if err := child.check(); err != nil {
			return err
		}
	}
	return nil
}

// child finds a child by name, the expected one first.
func (n *node) child(name []byte) *node {
	if n.next < len(n.children) && bytes.Equal(n.children[n.next].name, name) {
		n.next++
		return n.children[n.next-1]
	}
	for i, c := range n.children {
		if len(c.name) == len(name) && bytes.EqualFold(c.name, name) {
			n.next = i + 1
			return c
		}
	}
	return nil
}

// Names gives the list. It is a copy.
func (f *Fields) Names() []string { return slices.Clone(f.names) }

// Len is the length of each row.
func (f *Fields) Len() int { return len(f.names) }

// Index is the place of a field in the rows, compared without case; -1 if it was not asked for.
func (f *Fields) Index(name string) int {
	return slices.IndexFunc(f.names, func(n string) bool { return strings.EqualFold(n, name) })
}

// String is the list as SOQL wants it: "Id, LastName".
func (f *Fields) String() string { return strings.Join(f.names, ", ") }

// Row holds one record's values in the order of the field list; nil is null. Texts are valid UTF-8 and may hold NULs;
// numbers are as sent (Bulk may send 3.0 for 3); booleans are "true" and "false"; a compound field is its JSON. A field
// that the record lacks is nil as well, so nil means "not known". Bulk cannot tell an empty text from null: nil.
//
// A Row and its values are valid until the function that got it returns.
type Row [][]byte

// Text copies a value; "" for null.
func (r Row) Text(i int) string { return string(r[i]) }

// Null is true for null and for what the record lacks.
func (r Row) Null(i int) bool { return r[i] == nil }

// Bool reads a checkbox; known is false for null and for anything but true and false.
func (r Row) Bool(i int) (value, known bool) {
	switch string(r[i]) {
	case "true":
		return true, true
	case "false":
		return false, true
	}
	return false, false
}

// Time reads a date-time; see ParseTime. Null is an error.
func (r Row) Time(i int) (time.Time, error) { return ParseTime(string(r[i])) }

// Clone copies the row so that it can be kept.
func (r Row) Clone() Row {
	out := make(Row, len(r))
	for i, value := range r {
		out[i] = bytes.Clone(value)
	}
	return out
}

// rowBuffer builds rows without allocating: values go into one arena, and the row's slices point into it at the end.
type rowBuffer struct {
	arena []byte
	spans []span
	row   Row
}

type span struct{ from, to int } // from -1: null

// maxRecordBytes bounds one record. The longest that Salesforce has are a few long text areas of 131,072 characters.
const maxRecordBytes = 16 << 20

func newRowBuffer(fields int) *rowBuffer {
	b := &rowBuffer{arena: make([]byte, 0, 4<<10), spans: make([]span, fields), row: make(Row, fields)}
	b.reset()
	return b
}

func (b *rowBuffer) reset() {
	b.arena = b.arena[:0]
	for i := range b.spans {
		b.spans[i].from = -1
	}
}

// set makes the value of a field what the arena got since from.
func (b *rowBuffer) set(i, from int) {
	if text := b.arena[from:]; !validText(text) {
		b.arena = append(b.arena[:from], bytes.ToValidUTF8(text, []byte("\uFFFD"))...)
	}
	b.spans[i] = span{from, len(b.arena)}
}

func (b *rowBuffer) finish() Row {
	for i, s := range b.spans {
		if s.from < 0 {
			b.row[i] = nil
		} else {
			b.row[i] = b.arena[s.from:s.to:s.to]
		}
	}
	return b.row
}
