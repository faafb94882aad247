package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/storetest"
)

func TestImportAndExport(t *testing.T) {
	t.Parallel()
	databaseURL := storetest.NewURL(t)
	db := storetest.Open(t, databaseURL)
	w := storetest.NewWorld(t, db, nil)
	env := []string{"DATABASE_URL=" + databaseURL}
	file := func(name, text string) string {
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	donors := file("donors.csv", "First name;Phone;Gift\nAda;3125550100;5\nNobody;;\n")
	r := henk(t, env, "import", "leads", donors, "--business", w.Business.String(), "--list", "Spring")
	require.Zero(t, r.code, r.stderr)
	require.Contains(t, r.stdout, "2 rows: 1 leads created")
	require.Contains(t, r.stdout, "columns not used: Gift")
	require.Contains(t, r.stderr, "line 3: there is no phone")
	require.NotContains(t, r.stderr, "\x1b", "no bar without a terminal")
	kept, err := os.ReadFile(donors + ".rejects.csv")
	require.NoError(t, err)
	require.Equal(t, "henk line,henk reason,First name,Phone,Gift\n3,\"there is no phone, mobile phone or email\",Nobody,,\n", string(kept))

	list := file("dnc.txt", "312,5550100\n3125550101\nrubbish\n")
	r = henk(t, env, "import", "dnc", list, "--json")
	require.Zero(t, r.code, r.stderr)
	var said struct{ Numbers, Rejected int }
	require.NoError(t, json.Unmarshal([]byte(r.stdout), &said))
	require.Equal(t, []int{2, 1}, []int{said.Numbers, said.Rejected})
	require.FileExists(t, list+".rejects.csv")
	r = henk(t, env, "import", "dnc", file("empty.txt", "\n"))
	require.Equal(t, 1, r.code)
	require.Contains(t, r.stderr, "no usable number")

	storetest.NewLead(t, db, w, storetest.Fields{"phone": "+13125550142"})
	r = henk(t, env, "export", "leads", "--campaign", w.Campaign.String())
	require.Zero(t, r.code, r.stderr)
	require.Contains(t, r.stdout, "+13125550142")
	out := filepath.Join(t.TempDir(), "leads.jsonl")
	r = henk(t, env, "export", "leads", "--campaign", w.Campaign.String(), "--format", "jsonl", "--out", out)
	require.Zero(t, r.code, r.stderr)
	data, err := os.ReadFile(out)
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(string(data), "\n"))
	require.NoFileExists(t, out+".part")

	for _, bad := range [][]string{{"import"}, {"import", "cats", list}, {"import", "leads", donors}, {"import", "dnc", list, "--business", "x"},
		{"import", "dnc", list, "--expires", "soon"}, {"export", "leads"}, {"export", "leads", "--campaign", w.Campaign.String(), "--format", "xml"}} {
		require.Equal(t, 2, henk(t, env, bad...).code, "%v", bad)
	}
	r = henk(t, env, "import", "dnc", "/nowhere/x.txt")
	require.Equal(t, 1, r.code)
	require.Contains(t, henk(t, nil, "import", "-h").stdout, "Example: henk import leads")
}
