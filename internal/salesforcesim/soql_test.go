package salesforcesim

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSOQL(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Contacts, o.Leads = 0, 0 })
	for i, name := range []string{"Ash", "birch", "Cedar", "O'Fallow", "100%"} {
		b.clock.pass(time.Minute)
		_, err := b.sim.Create("Lead", map[string]any{"LastName": name, "Company": "C" + fmt.Sprint(i), "NumberOfEmployees": i, "DoNotCall": i%2 == 0, "Rating": []any{"Hot", nil}[i%2]})
		require.NoError(t, err)
	}
	for where, want := range map[string]string{
		"LastName = 'ASH'":                          "Ash",
		"LastName LIKE '%a%'":                       "Ash,Cedar,O'Fallow",
		"LastName LIKE '_sh'":                       "Ash",
		`LastName LIKE '100\%'`:                     "100%",
		`LastName = 'O\'Fallow'`:                    "O'Fallow",
		"LastName IN ('ash', 'Birch')":              "Ash,birch",
		"LastName NOT IN ('ash', 'Birch')":          "Cedar,O'Fallow,100%",
		"Rating = null":                             "birch,O'Fallow",
		"Rating != null AND NumberOfEmployees >= 2": "Cedar,100%",
		"NOT (DoNotCall = true)":                    "birch,O'Fallow",
		"(DoNotCall = true AND (NumberOfEmployees = 0 OR NumberOfEmployees = 4)) OR LastName = 'birch'": "Ash,birch,100%",
		"CreatedDate > 2026-03-02T12:02:30Z":                             "Cedar,O'Fallow,100%",
		"CreatedDate >= 2026-03-02T13:03:00.999+01:00":                   "Cedar,O'Fallow,100%",
		"CreatedDate = TODAY OR CreatedDate > LAST_N_DAYS:3":             "Ash,birch,Cedar,O'Fallow,100%",
		"Owner.Name = 'integration user' ORDER BY LastName DESC LIMIT 2": "O'Fallow,Cedar",
		"Id != null ORDER BY Rating NULLS LAST, NumberOfEmployees DESC":  "100%,Cedar,Ash,O'Fallow,birch",
		"Company > 'c3'": "100%",
	} {
		if !strings.Contains(where, "ORDER") {
			where += " ORDER BY CreatedDate"
		}
		got := column(b.rows("query", "select Id, LastName from Lead where "+where), "LastName")
		require.Equal(t, want, strings.Join(got, ","), where)
	}
	count := b.page(queryURL("query", "SELECT COUNT() FROM Lead WHERE Rating = 'Hot'"))
	require.Equal(t, 3, count.TotalSize)
	require.Empty(t, count.Records)
}

func TestSOQLRefusals(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Hidden = []string{"Contact.DoNotCall"} })
	for soql, code := range map[string]string{
		"SELECT Id, DoNotCall FROM Contact":                                      "INVALID_FIELD",
		"SELECT Id FROM Contact WHERE DoNotCall = true":                          "INVALID_FIELD",
		"SELECT Id FROM Contact ORDER BY DoNotCall":                              "INVALID_FIELD",
		"SELECT Id, IsPersonAccount FROM Contact":                                "INVALID_FIELD",
		"SELECT Id, Boss.Name FROM Contact":                                      "INVALID_FIELD",
		"SELECT Id, Id FROM Contact":                                             "INVALID_FIELD",
		"SELECT Id FROM Leed":                                                    "INVALID_TYPE",
		"SELECT Id FROM Contact WHERE":                                           "MALFORMED_QUERY",
		"SELECT Id FROM Contact WHERE LastName = 'x":                             "MALFORMED_QUERY",
		"SELECT Id FROM Contact WHERE LastName = 'a' AND Id = null OR Id = null": "MALFORMED_QUERY",
		"SELECT Id FROM Contact WHERE SystemModstamp > '2026-01-01T00:00:00Z'":   "INVALID_FIELD",
		"SELECT Id FROM Contact WHERE Birthdate > 2026-01-01T00:00:00Z":          "MALFORMED_QUERY",
		"SELECT Id FROM Contact WHERE LastName = 5":                              "INVALID_FIELD",
		"SELECT Id FROM Contact WHERE Description = 'x'":                         "INVALID_FIELD",
		"SELECT FIELDS(ALL) FROM Contact":                                        "MALFORMED_QUERY",
		"SELECT Id FROM Contact; DROP TABLE x":                                   "MALFORMED_QUERY",
		"SELECT Id FROM Contact LIMIT 5 OFFSET 3":                                "MALFORMED_QUERY",
		"SELECT COUNT() FROM Contact ORDER BY Id":                                "MALFORMED_QUERY",
		"": "MALFORMED_QUERY",
	} {
		b.refused(b.do("GET", queryURL("query", soql), ""), http.StatusBadRequest, code)
	}
	require.NotEmpty(t, b.rows("query", "SELECT Id, DoNotCall FROM Lead"))
	var d struct{ Fields []struct{ Name string } }
	b.decode(b.api("GET", "/sobjects/Contact/describe", ""), &d)
	for _, f := range d.Fields {
		require.NotEqual(t, "DoNotCall", f.Name)
		require.NotEqual(t, "IsPersonAccount", f.Name)
	}
	require.Contains(t, b.do("GET", queryURL("query", "SELECT Id, DoNotCall FROM Contact"), "").body, `\n           ^\nERROR at Row:1:Column:12\nNo such column 'DoNotCall' on entity 'Contact'.`)
	require.NoError(t, b.sim.HideField("Contact.DoNotCall", false))
	require.NotEmpty(t, b.rows("query", "SELECT Id, DoNotCall FROM Contact"))
}

func TestLikeIsBounded(t *testing.T) {
	t.Parallel()
	require.False(t, like([]byte(strings.Repeat("%a", 100)+"b"), []byte(strings.Repeat("a", 20_000))))
	require.True(t, like([]byte("%a_c%"), []byte("xxabcabdc")))
	require.False(t, like([]byte("a_"), []byte("a")))
	require.True(t, like([]byte(`\_%`), []byte("_x")))
}

func FuzzSOQL(f *testing.F) {
	f.Add("SELECT Id, Account.Name FROM Contact WHERE (LastName LIKE 'a%' OR Id = '003') AND NOT IsDeleted = true ORDER BY Id DESC NULLS LAST LIMIT 5")
	f.Add("SELECT FIELDS(ALL) FROM Lead WHERE CreatedDate >= LAST_N_DAYS:3 LIMIT 1")
	f.Add("SELECT COUNT() FROM Task WHERE CallObject IN ('a', null, '\\'')")
	f.Fuzz(func(t *testing.T, soql string) {
		b := setup(t, func(o *Options) { o.Contacts, o.Leads = 20, 20 })
		r := b.do("GET", queryURL("queryAll", soql), "")
		if r.status != http.StatusOK {
			require.Less(t, r.status, 500, r.body)
			return
		}
		var p queryPage
		b.decode(r, &p)
		if len(p.Records) > 0 { // COUNT() has none
			require.Len(t, p.Records, p.TotalSize)
		}
	})
}
