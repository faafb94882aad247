package main_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/callhenk/henk-worker"

// What a package may use of the queue and of the database.
const (
	noRiver    = iota
	migrations // River's migrations and its database driver, no jobs
	river      // everything
)

// row is the rule for one package. Imports run downward only: all that a package may import stands above it.
type row struct {
	path   string   // below the module
	may    []string // packages of ours that it may import; "*" is everything above
	river  int
	pgx    bool
	reason string // what breaks when the rule is broken
}

var (
	database = []string{"internal/store", "internal/store/dbsqlc", "internal/clock"}
	rules    = []string{"internal/phone", "internal/calltime", "internal/outcome"}
)

// layers is the design's list of folders, from the bottom to the top. A new package gets a row here.
var layers = []row{
	{path: "internal/phone", reason: "pure: the rules about numbers are tested without anything around them"},
	{path: "internal/calltime", reason: "pure: the rules about hours are tested without anything around them"},
	{path: "internal/outcome", reason: "pure: a transcript goes in, an outcome with evidence comes out"},
	{path: "internal/clock", pgx: true, reason: "the bottom: everybody may ask the time, some the database's"},
	{path: "internal/secret", reason: "pure: keys and documents go in and come out; nothing that could log them is near"},
	{path: "internal/config", may: []string{"internal/secret"}, reason: "settings are handed down as values by the commands; nothing below reads the environment"},
	{path: "migrations", reason: "files, embedded"},
	{path: "web", reason: "files, embedded"},

	{path: "internal/elevenlabs", may: []string{"internal/clock"}, reason: "a client of an API: no database, no rules, so that it can be used and tested alone"},
	{path: "internal/salesforce", may: []string{"internal/clock"}, reason: "as elevenlabs"},
	{path: "internal/storage", may: []string{"internal/clock"}, reason: "as elevenlabs"},
	{path: "internal/elevenlabssim", may: []string{"internal/clock"}, reason: "judges the client and the rules from what reaches it: sharing code with them, it would share their mistakes"},
	{path: "internal/salesforcesim", may: []string{"internal/clock"}, reason: "as elevenlabssim"},

	{path: "internal/pglocal", pgx: true, reason: "runs any PostgreSQL cluster and knows no schema"},
	{path: "internal/store/dbsqlc", pgx: true, reason: "generated"},
	{path: "internal/store", may: []string{"migrations", "internal/store/dbsqlc", "internal/clock"}, river: migrations, pgx: true, reason: "the way to the database, without rules and without jobs"},
	{path: "internal/storetest", may: append([]string{"internal/pglocal", "migrations"}, database...), river: river, pgx: true, reason: "databases for tests of everything above"},

	{path: "internal/lead", may: join(database, rules), pgx: true, reason: "domain: takes a transaction, returns values, tests without a queue"},
	{path: "internal/leadfile", may: join(database, rules, []string{"internal/lead"}), pgx: true, reason: "domain, as lead: files of leads and of numbers, in and out"},
	{path: "internal/campaign", may: join(database, rules, []string{"internal/lead"}), pgx: true, reason: "domain, as lead; decides and calls nobody, so it needs no client"},
	{path: "internal/call", may: join(database, rules, []string{"internal/lead", "internal/campaign", "internal/elevenlabs"}), pgx: true, reason: "domain, as lead; the only one that dials"},
	{path: "internal/conversation", may: join(database, rules, []string{"internal/lead", "internal/campaign", "internal/elevenlabs", "internal/storage"}), pgx: true, reason: "domain, as lead; must not be able to dial"},
	{path: "internal/crm", may: join(database, rules, []string{"internal/secret", "internal/lead", "internal/salesforce"}), pgx: true, reason: "domain, as lead; knows neither calls nor campaigns' rules"},
	{path: "internal/audio", may: join(database, []string{"internal/elevenlabs", "internal/storage"}), pgx: true, reason: "domain, as lead; knows neither calls nor who is called"},

	{path: "jobs", may: join(database, rules, []string{"internal/lead", "internal/campaign", "internal/call", "internal/conversation", "internal/crm", "internal/audio", "internal/elevenlabs", "internal/salesforce", "internal/storage"}), river: river, pgx: true, reason: "thin workers over the domain; app code imports it, so it must not bring the pages or the environment along"},
	{path: "internal/doctor", may: join(database, []string{"internal/calltime", "internal/config", "internal/secret", "internal/elevenlabs", "internal/salesforce", "internal/storage", "internal/crm"}), pgx: true, reason: "looks at everything and changes nothing; knows neither jobs nor pages"},
	{path: "internal/auth", may: database, pgx: true, reason: "who is asking and for which businesses; pages and API ask it, so it knows neither"},
	{path: "internal/dashboard", may: join(database, rules, []string{"web", "internal/auth", "jobs", "internal/lead", "internal/leadfile", "internal/campaign", "internal/call", "internal/conversation", "internal/crm", "internal/storage"}), river: river, pgx: true, reason: "shows and enqueues; talks to no provider"},
	{path: "internal/webhook", may: join(database, []string{"jobs", "internal/conversation", "internal/elevenlabs"}), river: river, pgx: true, reason: "callback to job in one transaction, nothing else"},
	{path: "internal/server", may: join(database, []string{"web", "internal/auth", "internal/campaign", "jobs", "internal/config", "internal/storage", "internal/dashboard", "internal/webhook"}), river: river, pgx: true, reason: "mounts what others serve"},
	{path: "internal/metrics", may: database, river: river, pgx: true, reason: "counts; the command hands it to what is counted, which knows nothing of it"},
	{path: "internal/tracing", river: river, pgx: true, reason: "as metrics"},
	{path: "internal/auth/authtest", reason: "tokens for tests"},

	{path: "internal/demo", may: []string{"*"}, river: river, pgx: true, reason: "puts the whole together on one machine"},
	{path: "internal/bench", may: []string{"*"}, river: river, pgx: true, reason: "loads the whole"},
	{path: "internal/journeys", may: []string{"*"}, river: river, pgx: true, reason: "tests only: a browser goes through the whole"},
	{path: "cmd/henk", may: []string{"*"}, river: river, pgx: true, reason: "wires everything by hand"},
}

func join(lists ...[]string) []string { return slices.Concat(lists...) }

// listed is what `go list` says about a package.
type listed struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

func (p listed) path() string { return strings.TrimPrefix(p.ImportPath, module+"/") }

func listPackages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Imports,TestImports,XTestImports", "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	require.NoError(t, err)
	var packages []listed
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages
		}
		require.NoError(t, err)
		packages = append(packages, p)
	}
}

func rowOf(path string) (int, row) {
	i := slices.IndexFunc(layers, func(r row) bool { return r.path == path })
	if i < 0 {
		return i, row{}
	}
	return i, layers[i]
}

func TestImportsRunDownward(t *testing.T) {
	t.Parallel()
	packages := listPackages(t)
	require.Greater(t, len(packages), 10, "go list has not found the module")
	for _, p := range packages {
		i, r := rowOf(p.path())
		if i < 0 {
			t.Errorf("%s has no row in the table of cmd/henk/imports_test.go: add one that says where it stands, what it may import and why", p.path())
			continue
		}
		for _, problem := range r.problems(i, p) {
			t.Errorf("%s %s; it %s", r.path, problem, r.reason)
		}
	}
}

// problems lists the imports that break the rule. Tests are bound only where a package has to stand alone.
func (r row) problems(i int, p listed) []string {
	var found []string
	for _, imported := range p.Imports {
		if path, ours := strings.CutPrefix(imported, module+"/"); ours {
			j, _ := rowOf(path)
			anything := slices.Equal(r.may, []string{"*"}) && j >= 0 && j < i
			switch {
			case path == "internal/storetest" && r.path != "internal/storetest":
				found = append(found, "imports internal/storetest, which is for tests only")
			case !anything && !slices.Contains(r.may, path):
				found = append(found, "imports "+path)
			}
		}
		if problem := r.foreign(imported); problem != "" {
			found = append(found, problem)
		}
	}
	if len(r.may) > 0 {
		return found
	}
	for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
		if path, ours := strings.CutPrefix(imported, module+"/"); ours && path != r.path {
			found = append(found, "imports "+path+" in a test")
		}
	}
	return found
}

// foreign judges an import of somebody else's package.
func (r row) foreign(imported string) string {
	isRiver := strings.HasPrefix(imported, "github.com/riverqueue/") || strings.HasPrefix(imported, "riverqueue.com/")
	isMigration := strings.HasPrefix(imported, "github.com/riverqueue/river/rivermigrate") ||
		strings.HasPrefix(imported, "github.com/riverqueue/river/riverdriver")
	switch {
	case isRiver && r.river == noRiver, isRiver && r.river == migrations && !isMigration:
		return "imports " + imported + ", the queue"
	case strings.HasPrefix(imported, "github.com/jackc/pgx/") && !r.pgx, imported == "database/sql" && !r.pgx:
		return "imports " + imported + ", the database"
	case strings.HasPrefix(r.reason, "pure:") && slices.Contains([]string{"net/http", "os", "os/exec", "log/slog"}, imported):
		return "imports " + imported + ", the world outside"
	}
	return ""
}

// The table itself must be a list from the bottom to the top, or it would allow a cycle of intentions.
func TestTableRunsDownward(t *testing.T) {
	t.Parallel()
	for i, r := range layers {
		require.NotEmpty(t, r.reason, r.path)
		for _, path := range r.may {
			if path == "*" {
				continue
			}
			j, _ := rowOf(path)
			require.GreaterOrEqual(t, j, 0, "%s may import %s, which has no row", r.path, path)
			require.Less(t, j, i, "%s may import %s, which stands above it", r.path, path)
		}
	}
}

func TestBrokenRulesAreFound(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		path, imported, problem string
		inTest                  bool
	}{
		{path: "internal/phone", imported: module + "/internal/calltime", problem: "imports internal/calltime"},
		{path: "internal/phone", imported: module + "/internal/storetest", problem: "imports internal/storetest in a test", inTest: true},
		{path: "internal/outcome", imported: "net/http", problem: "the world outside"},
		{path: "internal/campaign", imported: "github.com/riverqueue/river", problem: "the queue"},
		{path: "internal/campaign", imported: module + "/internal/elevenlabs", problem: "imports internal/elevenlabs"},
		{path: "internal/campaign", imported: module + "/internal/storetest", problem: "for tests only"},
		{path: "internal/campaign", imported: module + "/internal/storetest", inTest: true},
		{path: "internal/conversation", imported: module + "/internal/call", problem: "imports internal/call"},
		{path: "internal/store", imported: "github.com/riverqueue/river/rivermigrate"},
		{path: "internal/store", imported: "github.com/riverqueue/river/riverdriver/riverpgxv5"},
		{path: "internal/store", imported: "github.com/riverqueue/river", problem: "the queue"},
		{path: "internal/elevenlabs", imported: "github.com/jackc/pgx/v5/pgxpool", problem: "the database"},
		{path: "internal/elevenlabssim", imported: module + "/internal/elevenlabs", problem: "imports internal/elevenlabs"},
		{path: "internal/demo", imported: module + "/cmd/henk", problem: "imports cmd/henk"},
		{path: "internal/demo", imported: module + "/internal/storetest", problem: "for tests only"},
		{path: "internal/demo", imported: module + "/internal/server"},
		{path: "jobs", imported: "github.com/riverqueue/river"},
		{path: "jobs", imported: module + "/internal/config", problem: "imports internal/config"},
	} {
		p := listed{ImportPath: module + "/" + c.path, Imports: []string{c.imported}}
		if c.inTest {
			p = listed{ImportPath: p.ImportPath, XTestImports: p.Imports}
		}
		i, r := rowOf(c.path)
		require.GreaterOrEqual(t, i, 0)
		problems := strings.Join(r.problems(i, p), "\n")
		if c.problem == "" {
			require.Empty(t, problems, "%s -> %s", c.path, c.imported)
		} else {
			require.Contains(t, problems, c.problem, "%s -> %s", c.path, c.imported)
		}
	}
}
