package elevenlabs

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/tidwall/gjson"
)

// A provider's answer is read field by field: an optional field of the wrong
// type becomes a note and stays zero, a required one an error. encoding/json on
// its own would give up the whole conversation for a cost that became a string.

const maxNotes = 20

type problems struct {
	notes []string
	err   error // the first required field that is wrong
}

// object is a JSON object being read; path names it in notes and errors.
type object struct {
	path   string
	fields map[string]json.RawMessage
	log    *problems
}

// readObject parses the outermost object of an answer. NULs in its strings, which
// PostgreSQL text cannot hold, become U+FFFD here, as does invalid UTF-8.
func readObject(data []byte, log *problems) (*object, error) {
	fields, err := parseFields(replaceNULs(data))
	if err != nil {
		return nil, err
	}
	return &object{fields: fields, log: log}, nil
}

// parseFields splits an object into its fields. encoding/json would read every nested value again at each level, and a
// long transcript is nested four deep; so the whole is validated once and then only cut up.
func parseFields(data []byte) (map[string]json.RawMessage, error) {
	if !json.Valid(data) {
		var v any
		return nil, fmt.Errorf("not valid JSON: %w", json.Unmarshal(data, &v))
	}
	return cutFields(gjson.ParseBytes(data))
}

// cutFields splits what was validated before.
func cutFields(v gjson.Result) (map[string]json.RawMessage, error) {
	if !v.IsObject() {
		return nil, fmt.Errorf("expected a JSON object, got %s", jsonKind([]byte(v.Raw)))
	}
	fields := map[string]json.RawMessage{}
	v.ForEach(func(key, value gjson.Result) bool {
		fields[key.String()] = json.RawMessage(value.Raw)
		return true
	})
	return fields, nil
}

func (o *object) name(field string) string {
	if o.path == "" {
		return field
	}
	return o.path + "." + field
}

// present gives a field's value; a null counts as absent.
func (o *object) present(field string) (json.RawMessage, bool) {
	raw, ok := o.fields[field]
	return raw, ok && string(raw) != "null"
}

func (o *object) fail(field, what string) {
	if o.log.err == nil {
		o.log.err = fmt.Errorf("required field %s %s", o.name(field), what)
	}
}

func (o *object) noteWrong(field, what string) {
	if len(o.log.notes) < maxNotes {
		o.log.notes = append(o.log.notes, fmt.Sprintf("%s %s, left out", o.name(field), what))
	}
}

func unexpected(raw json.RawMessage) string { return "is of an unexpected type: " + jsonKind(raw) }

// optional sets dst when the field is there and of dst's type.
func optional[T any](o *object, field string, dst *T) {
	raw, ok := o.present(field)
	if !ok {
		return
	}
	var value T
	if err := decodeValue(raw, &value); err != nil {
		o.noteWrong(field, unexpected(raw))
		return
	}
	*dst = value
}

// required sets dst or makes the whole document an error.
func required[T any](o *object, field string, dst *T) {
	raw, ok := o.present(field)
	if !ok {
		o.fail(field, "is missing")
		return
	}
	var value T
	if err := decodeValue(raw, &value); err != nil {
		o.fail(field, unexpected(raw))
		return
	}
	*dst = value
}

// child gives the field as an object, nil when absent or of another type.
func (o *object) child(field string) *object {
	raw, ok := o.present(field)
	if !ok {
		return nil
	}
	fields, err := cutFields(gjson.ParseBytes(raw))
	if err != nil {
		o.noteWrong(field, unexpected(raw))
		return nil
	}
	return &object{path: o.name(field), fields: fields, log: o.log}
}

// list gives the field's objects, nil when absent. wrong (noteWrong or fail) is
// told of a field that is no list and of elements that are no objects, which are
// left out.
func (o *object) list(field string, wrong func(field, what string)) []*object {
	raw, ok := o.present(field)
	if !ok {
		return nil
	}
	list := gjson.ParseBytes(raw)
	if !list.IsArray() {
		wrong(field, unexpected(raw))
		return nil
	}
	items := []*object{}
	for i, element := range list.Array() {
		at := field + "[" + strconv.Itoa(i) + "]"
		fields, err := cutFields(element)
		if err != nil {
			wrong(at, unexpected(json.RawMessage(element.Raw)))
			continue
		}
		items = append(items, &object{path: o.name(at), fields: fields, log: o.log})
	}
	return items
}
