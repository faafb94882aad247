package salesforce

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestSelect(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 4, 4, 5, 0, time.FixedZone("", 3600))
	before := at.Add(time.Hour)
	const id = "003RO0000035WQgYAM"
	fields := mustFields(t, "Id", "Account.Name")
	for want, s := range map[string]Select{
		"SELECT COUNT() FROM Lead": {Object: "Lead"},
		"SELECT Id,Account.Name FROM Contact WHERE SystemModstamp < 2026-01-02T04:04:05Z ORDER BY SystemModstamp ASC, Id ASC LIMIT 2000":                                                                 {Object: "Contact", Fields: fields, Where: Keyset(time.Time{}, "", before), OrderBy: []string{"SystemModstamp", "Id"}, Limit: 2000},
		"SELECT COUNT() FROM Contact WHERE (SystemModstamp >= 2026-01-02T03:04:05Z AND SystemModstamp < 2026-01-02T04:04:05Z)":                                                                           {Object: "Contact", Where: Keyset(at, "", before)},
		"SELECT COUNT() FROM Contact WHERE ((SystemModstamp > 2026-01-02T03:04:05Z OR (SystemModstamp = 2026-01-02T03:04:05Z AND Id > '003RO0000035WQgYAM')) AND SystemModstamp < 2026-01-02T04:04:05Z)": {Object: "Contact", Where: Keyset(at, id, before)},
		`SELECT COUNT() FROM Task WHERE (CallObject IN ('a','b\' OR Id != \'','\\') AND (IsDeleted = false OR (NOT WhoId = null)) AND CallDurationInSeconds > -3)`:                                       {Object: "Task", Where: And(In("CallObject", Text("a"), Text("b' OR Id != '"), Text(`\`)), Condition{}, Or(Where("IsDeleted", "=", Bool(false)), Not(Where("WhoId", "=", Null()))), Where("CallDurationInSeconds", ">", Int(-3)))},
		"SELECT COUNT() FROM Lead WHERE CreatedDate >= 2026-01-02T03:04:05.250Z":                                                                                                                         {Object: "Lead", Where: Where("CreatedDate", ">=", Timestamp(at.Add(250*time.Millisecond)))},
	} {
		got, err := s.SOQL()
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

// Everything that may come from configuration is refused unless it is a name or properly quoted.
func TestInjectionIsRefused(t *testing.T) {
	t.Parallel()
	evil := []string{"", "Id FROM User", "Id,Name", "Id--", "Id'", "(SELECT Id FROM Contacts)", "Name\n", "1d", "Ünme", "Id OR 1=1", "A..B", ".A", "A.", "A.B.C.D.E.F.G", strings.Repeat("a", 300)}
	for _, name := range evil {
		require.False(t, ValidIdentifier(name), name)
		require.False(t, ValidField(name), name)
		_, err := NewFields(name)
		require.Error(t, err, name)
		for _, s := range []Select{
			{Object: name},
			{Object: "Lead", Where: Where(name, "=", Null())},
			{Object: "Lead", Where: In(name, Null())},
			{Object: "Lead", OrderBy: []string{name}},
			{Object: "Lead", Where: Where("Id", "= null OR Id !=", Null())},
			{Object: "Lead", Where: And(Where("Id", "=", ID(name)))},
			{Object: "Lead", Where: Not(Where("Id", "=", ID("003'")))},
			{Object: "Lead", Where: Or(In("Id"))},
			{Object: "Lead", Where: Not(Condition{})},
			{Object: "Lead", Where: Where("Name", "=", Text("\x00"))},
			{Object: "Lead", Where: In("Name", Text(strings.Repeat("x", 4001)))},
			{Object: "Lead", Where: Where("CreatedDate", "=", Timestamp(time.Time{}))},
			{Object: "Lead", Limit: -1},
		} {
			_, err := s.SOQL()
			require.Error(t, err)
		}
		o := newOrg(t, answerLimits)
		c := o.client(nil)
		_, err = c.Describe(t.Context(), name)
		require.Equal(t, KindInput, KindOf(err))
		_, err = c.UpsertRecords(t.Context(), "Task", name, []Record{{Type: "Task"}})
		require.Equal(t, KindInput, KindOf(err))
		_, err = c.CreateRecords(t.Context(), []Record{{Type: name}})
		require.Equal(t, KindInput, KindOf(err))
		_, err = c.CreateRecords(t.Context(), []Record{{Type: "Task", Fields: map[string]any{name: 1}}})
		require.Equal(t, KindInput, KindOf(err))
		_, requests := o.counts()
		require.Zero(t, requests)
	}
	require.True(t, ValidField("Account__r.Region__c"))
	require.True(t, ValidID("003RO0000035WQgYAM"))
	require.False(t, ValidID("003RO0000035WQgYAM "))
}

// FuzzText: whatever is quoted stays one literal: no quote or line end within is unescaped.
func FuzzText(f *testing.F) {
	for _, seed := range []string{"", "'", `\`, `\'`, "a\nb", "x' OR Name != '", "\x00", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		l := Text(s)
		if l.err != nil {
			return
		}
		require.True(t, strings.HasPrefix(l.text, "'") && strings.HasSuffix(l.text, "'") && utf8.ValidString(l.text))
		inner, escaped := l.text[1:len(l.text)-1], false
		var back strings.Builder
		for _, r := range inner {
			switch {
			case escaped:
				escaped = false
				if i := strings.IndexRune(`nrtbf`, r); i >= 0 {
					r = []rune("\n\r\t\b\f")[i]
				}
				back.WriteRune(r)
			case r == '\\':
				escaped = true
			default:
				require.NotContains(t, "'\n\r", string(r))
				back.WriteRune(r)
			}
		}
		require.False(t, escaped)
		require.Equal(t, s, back.String())
	})
}
