package salesforce

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func readJSON(src io.Reader, fields *Fields) (rows []string, err error) {
	tree, err := fields.tree()
	if err != nil {
		return nil, err
	}
	r := &pageReader{scan: newScanner(src), tree: tree, buffer: newRowBuffer(fields.Len()), each: collect(&rows)}
	err = r.scan.list('{', '}', r.member)
	return rows, err
}

// FuzzJSONAgainstTheStandardLibrary: what encoding/json reads out of a page is what we read, however it is cut up.
func FuzzJSONAgainstTheStandardLibrary(f *testing.F) {
	for _, seed := range []string{
		twoRecords, `{"records":[{"Id":"a\u0000\ud800x\udc00\ud83d\ude00\ud83d"}]}`, `{"records":[]}`, `{"records":[{}]} x`,
		`{"records":[{"Id":1e5,"A":{"B":"x","C":[{}]}},{"A":null,"Id":true}]}`, "{\"records\":[{\"Id\":\"\xff\xc3\"}]}",
		`{"records":[{"Id":"\/\b\f\n\r\t\"\\"}]}`, `{"records":[{"Id":-0.0, "id" : "y"}]}`, `{"records":[{"Id":"\ud800\n"}]}`,
		`{"records":[{"Id":"\ud800\ud800\udc00"}]}`, `{"records":[{"Id":[1,2],"A":3}]}`, `{"records":[{"Id":01}]}`,
	} {
		f.Add([]byte(seed))
	}
	fields, err := NewFields("Id", "A.B")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		whole, err := readJSON(bytes.NewReader(doc), fields)
		pieces, errPieces := readJSON(iotest.OneByteReader(bytes.NewReader(doc)), fields)
		require.Equal(t, whole, pieces)
		require.Equal(t, err == nil, errPieces == nil)
		for _, row := range whole {
			require.True(t, utf8.ValidString(row))
		}
		var page struct {
			Records []map[string]json.RawMessage `json:"records"`
		}
		if !json.Valid(doc) || !plainPage(doc) || json.Unmarshal(doc, &page) != nil {
			return
		}
		var want []string
		for _, record := range page.Records {
			want = append(want, reference(record["Id"])+"|"+parentField(record["A"], "B"))
		}
		require.NoError(t, err, "%q", doc)
		require.Equal(t, want, whole, "%q", doc)
	})
}

// plainPage is false for what the two may rightly read differently: names in other cases or twice, odd envelopes.
func plainPage(doc []byte) bool {
	decoder := json.NewDecoder(bytes.NewReader(doc))
	type level struct {
		object bool
		key    bool
		names  map[string]bool
	}
	var stack []*level
	for {
		token, err := decoder.Token()
		if err != nil {
			return err == io.EOF
		}
		if len(stack) > 20 {
			return false
		}
		top := (*level)(nil)
		if len(stack) > 0 {
			top = stack[len(stack)-1]
		}
		if top != nil && top.object && top.key {
			name, ok := token.(string)
			if ok {
				folded := strings.ToLower(name)
				known := map[string]string{"id": "Id", "a": "A", "b": "B", "records": "records"}
				if spelt, special := known[folded]; top.names[folded] || (special && spelt != name) || folded == "done" || folded == "totalsize" || folded == "nextrecordsurl" {
					return false
				}
				top.names[folded], top.key = true, false
				continue
			}
		}
		switch token {
		case json.Delim('{'):
			stack = append(stack, &level{object: true, key: true, names: map[string]bool{}})
			continue
		case json.Delim('['):
			stack = append(stack, &level{})
			continue
		case json.Delim('}'), json.Delim(']'):
			stack = stack[:len(stack)-1]
		}
		if text, ok := token.(string); ok && strings.ContainsRune(text, utf8.RuneError) {
			return false // ill-formed parts may be replaced one by one or together
		}
		if len(stack) > 0 && stack[len(stack)-1].object {
			stack[len(stack)-1].key = true
		}
	}
}

func reference(raw json.RawMessage) string {
	var text string
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return "<null>"
	case raw[0] == '"' && json.Unmarshal(raw, &text) == nil:
		return text
	}
	return string(raw)
}

func parentField(raw json.RawMessage, name string) string {
	var parent map[string]json.RawMessage
	if json.Unmarshal(raw, &parent) != nil {
		return "<null>"
	}
	return reference(parent[name])
}

func readCSV(src io.Reader, fields *Fields) (rows []string, err error) {
	r := &csvReader{scan: newScanner(src), fields: fields, buffer: newRowBuffer(fields.Len())}
	err = r.read(collect(&rows))
	return rows, err
}

// FuzzCSVAgainstTheStandardLibrary: what encoding/csv reads strictly is what we read, however it is cut up.
func FuzzCSVAgainstTheStandardLibrary(f *testing.F) {
	for _, seed := range []string{
		"\"Id\",\"Name\"\n\"1\",\"a\"\"b\"\n", "Id,Name\r\n1,\"x\ny\"\r\n,\n", "\uFEFFId,Name\n1,2", "Name,Other,Id\nn,o,i\nName,Other,Id\n",
		"", "Id,Name\n", "Id,Name", "Id\n1\n", "Id,Name\n\"a\"x,2\n", "Id,Name\n\"a\r\"\n", "\"Id\",\"Name\"\n\"unfinished", "Id,Name\n1\n", "Id,Name\n1,2,3\n", "<html>", "Id,Name\n\x00\xff,\"\"\n",
	} {
		f.Add([]byte(seed))
	}
	fields, err := NewFields("Id", "Name")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		whole, err := readCSV(bytes.NewReader(doc), fields)
		pieces, errPieces := readCSV(iotest.OneByteReader(bytes.NewReader(doc)), fields)
		require.Equal(t, whole, pieces)
		require.Equal(t, err == nil, errPieces == nil)
		// encoding/csv turns \r\n inside quotes into \n and drops a \r at the very end; Salesforce sends neither.
		if !utf8.Valid(doc) || bytes.ContainsRune(doc, '\r') || bytes.HasPrefix(doc, []byte("<")) || bytes.HasPrefix(doc, []byte("\uFEFF")) || bytes.HasPrefix(doc, []byte("\n")) {
			return
		}
		reader := csv.NewReader(bytes.NewReader(doc))
		records, strict := reader.ReadAll()
		if strict != nil || len(records) == 0 || len(records[0]) < 2 {
			return
		}
		id, name := -1, -1
		for i, column := range records[0] {
			switch strings.ToLower(column) {
			case "id":
				if id >= 0 {
					return
				}
				id = i
			case "name":
				if name >= 0 {
					return
				}
				name = i
			}
		}
		if id < 0 || name < 0 {
			require.Error(t, err)
			return
		}
		var want []string
		for _, record := range records[1:] {
			if record[id] == records[0][id] && record[name] == records[0][name] {
				continue
			}
			want = append(want, orNull(record[id])+"|"+orNull(record[name]))
		}
		require.NoError(t, err, "%q", doc)
		require.Equal(t, want, whole, "%q", doc)
	})
}

func orNull(s string) string {
	if s == "" {
		return "<null>"
	}
	return s
}

func TestNewFieldsExplains(t *testing.T) {
	t.Parallel()
	for want, names := range map[string][]string{
		"no fields given":    nil,
		"field 2":            {"Id", "Name FROM User--"},
		"is in the list twi": {"Id", "Name", "id"},
		"as a parent":        {"Account", "Account.Name"},
		"not a field name":   {"Account..Name"},
		"1001 fields":        make([]string, 1001),
	} {
		_, err := NewFields(names...)
		require.ErrorContains(t, err, want)
	}
	f := mustFields(t, "Id", "Account.Name")
	require.Equal(t, 1, f.Index("account.name"))
	require.Equal(t, -1, f.Index("Name"))
	require.Equal(t, "Id, Account.Name", f.String())
	require.Equal(t, []string{"Id", "Account.Name"}, f.Names())
}

func TestRowValues(t *testing.T) {
	t.Parallel()
	row := Row{[]byte("true"), []byte("false"), nil, []byte("x"), []byte("2026-01-02T03:04:05.000+0000"), {}}
	for i, want := range [][2]bool{{true, true}, {false, true}, {false, false}, {false, false}} {
		value, known := row.Bool(i)
		require.Equal(t, want, [2]bool{value, known})
	}
	at, err := row.Time(4)
	require.NoError(t, err)
	require.Equal(t, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), at)
	kept := row.Clone()
	row[3][0] = 'y'
	require.Equal(t, "x", kept.Text(3))
	require.True(t, kept.Null(2))
	require.False(t, kept.Null(5))
}

func TestParseTime(t *testing.T) {
	t.Parallel()
	want := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, text := range []string{"2026-01-02T03:04:05.000+0000", "2026-01-02T03:04:05.000Z", "2026-01-02T03:04:05Z", "2026-01-02T04:04:05+01:00", "2026-01-02T04:04:05.000+0100", "2026-01-02T03:04:05+0000"} {
		got, err := ParseTime(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	got, err := ParseTime("2026-01-02T03:04:05.678Z")
	require.NoError(t, err)
	require.Equal(t, 678*time.Millisecond, got.Sub(want))
	for _, text := range []string{"", " ", "2026-01-02", "2026-02-30T03:04:05.000Z", "2026-01-02T25:04:05.000Z", "2026-01-02 03:04:05.000Z", "null"} {
		_, err := ParseTime(text)
		require.Error(t, err, text)
	}
}

// contact is about what a Contact of the sync looks like.
var contactFields = []string{"Id", "SystemModstamp", "IsDeleted", "MasterRecordId", "FirstName", "LastName", "Salutation", "Title", "Department", "Email",
	"Phone", "MobilePhone", "HomePhone", "OtherPhone", "MailingStreet", "MailingCity", "MailingState", "MailingPostalCode", "MailingCountry", "DoNotCall",
	"HasOptedOutOfEmail", "LeadSource", "Description", "OwnerId", "Account.Name"}
