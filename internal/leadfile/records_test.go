package leadfile

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func readRecords(text string) (records []record, err error) {
	lines, err := newLineReader(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	r, err := newRecordReader(lines)
	if err != nil {
		return nil, err
	}
	for {
		rec, err := r.next()
		if errors.Is(err, io.EOF) {
			return records, nil
		}
		if err != nil {
			return records, err
		}
		records = append(records, rec)
	}
}

func TestRecords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][][]string{
		"a,b\n1,2\n":                            {{"a", "b"}, {"1", "2"}},
		"a;b;c\n1;\"2;x\";3":                    {{"a", "b", "c"}, {"1", "2;x", "3"}},
		"a\tb\n1\t2, 3":                         {{"a", "b"}, {"1", "2, 3"}},
		"sep=;\na;b,c\n1;2":                     {{"a", "b,c"}, {"1", "2"}},
		"a,b\n\"x\ny\",\"say \"\"hi\"\"\"\nn,m": {{"a", "b"}, {"x\ny", `say "hi"`}, {"n", "m"}},
		"a,b\r\n\"x\r\ny\" , z\r\n":             {{"a", "b"}, {"x\ny", " z"}},
		"a,b\n5\" pipe,x\n,\n":                  {{"a", "b"}, {`5" pipe`, "x"}, {"", ""}},
		"a,b\ncaf\xe9,x":                        {{"a", "b"}, {"café", "x"}},
		utf16("a,b\n1,2"):                       {{"a", "b"}, {"1", "2"}},
		"":                                      nil,
	} {
		records, err := readRecords(text)
		require.NoError(t, err)
		var got [][]string
		for _, r := range records {
			require.Empty(t, r.problem, text)
			got = append(got, r.fields)
		}
		require.Equal(t, want, got, text)
	}
}

// A broken row costs that row.
func TestAfterABrokenRowReadingGoesOn(t *testing.T) {
	t.Parallel()
	records, err := readRecords("a,b\n1,\"open\n2,x\n3,\"y\" z\n4,\"fine\"\n5,end\n6,\"never")
	require.NoError(t, err)
	var broken, fine []int64
	for _, r := range records {
		if r.problem != "" {
			broken = append(broken, r.line)
		} else {
			fine = append(fine, r.line)
		}
	}
	require.Equal(t, []int64{2, 4, 7}, broken)
	require.Equal(t, []int64{1, 3, 5, 6}, fine)

	_, err = readRecords("a,b\n" + strings.Repeat("\"x\n"+strings.Repeat(strings.Repeat("y", 1000)+"\n", maxLine/1000+1), maxUnclosed+1))
	require.ErrorIs(t, err, ErrQuotes)
}

// What encoding/csv writes is read back, whatever is in it.
func FuzzRecords(f *testing.F) {
	f.Add("a", "b\nc", "d\"e", "")
	f.Add(" x", "\r", ",;\t|", "\"\"")
	f.Fuzz(func(t *testing.T, a, b, c, d string) {
		clean := func(s string) string { // what line ends and other encodings become is tested elsewhere
			return strings.NewReplacer("\r", "", "\x00", "").Replace(strings.ToValidUTF8(s, ""))
		}
		fields := []string{clean(a), clean(b), clean(c), clean(d)}
		var out bytes.Buffer
		w := csv.NewWriter(&out)
		require.NoError(t, w.Write([]string{"one", "two", "three", "four"}))
		require.NoError(t, w.Write(fields))
		w.Flush()
		if out.Len() > maxLine || strings.Join(fields, "") == "" {
			return
		}
		records, err := readRecords(out.String())
		require.NoError(t, err)
		require.Len(t, records, 2)
		require.Empty(t, records[1].problem)
		require.Equal(t, fields, records[1].fields)
	})
}

// Nothing in a file makes the reader fail in another way than it says, and every line is accounted for.
func FuzzHostileLeads(f *testing.F) {
	for _, s := range []string{"phone,name\n3125550100,\"a\n", "phone\x00,e\n=1,\x00", "sep=\"\na\"b\n", "phone;phone\n1;2;3;4", "email\n\xff@\xfe\n", "\"phone\"\n\"\"\"\"\""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := PreviewLeads(strings.NewReader(text), nil, 1000)
		if err != nil {
			return
		}
		for _, r := range p.Rows {
			require.NotEmpty(t, r["phone"]+r["mobile_phone"]+r["email"])
			for name, value := range r {
				require.NotContains(t, value, "\x00", name)
				if i := fieldIndex(name); fields[i].max > 0 {
					require.LessOrEqual(t, len([]rune(value)), fields[i].max, name)
				}
			}
		}
	})
}
