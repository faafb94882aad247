package server

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/storetest"
	"github.com/callhenk/henk-worker/jobs"
)

// example is a command of docs/api.md and what it is said to answer; want is "" where no body is shown.
type example struct {
	command, want string
	status        int
	json          bool
}

var exampleBlock = regexp.MustCompile("(?s)```sh\n(curl .*?)\n```\n\nAnswers (\\d{3})[.:](?:\n\n```(json|text)\n(.*?)\n```)?")

func examples(t *testing.T) []example {
	t.Helper()
	text, err := os.ReadFile("../../docs/api.md")
	require.NoError(t, err)
	var all []example
	for _, m := range exampleBlock.FindAllStringSubmatch(string(text), -1) {
		status, err := strconv.Atoi(m[2])
		require.NoError(t, err)
		all = append(all, example{m[1], m[4], status, m[3] == "json"})
	}
	require.Equal(t, strings.Count(string(text), "```sh\n"), len(all), "an example without its answer")
	return all
}

// words splits a command as a shell does: quotes, variables, lines that go on.
func words(t *testing.T, command string, variables map[string]string) []string {
	t.Helper()
	expand := func(s string) string {
		return os.Expand(s, func(name string) string {
			value, ok := variables[name]
			require.True(t, ok, "variable %s is not in the table", name)
			return value
		})
	}
	var out []string
	var word strings.Builder
	begun := false
	for rest := strings.ReplaceAll(command, "\\\n", " "); rest != ""; {
		switch c := rest[0]; {
		case c == '\'' || c == '"':
			end := strings.IndexByte(rest[1:], c)
			require.GreaterOrEqual(t, end, 0, "a quote that does not end: %s", command)
			if text := rest[1 : 1+end]; c == '"' {
				word.WriteString(expand(text))
			} else {
				word.WriteString(text)
			}
			rest, begun = rest[end+2:], true
		case c == ' ' || c == '\n':
			if begun {
				out = append(out, word.String())
				word.Reset()
			}
			rest, begun = rest[1:], false
		default:
			end := strings.IndexAny(rest, `'" `+"\n")
			if end < 0 {
				end = len(rest)
			}
			word.WriteString(expand(rest[:end]))
			rest, begun = rest[end:], true
		}
	}
	if begun {
		out = append(out, word.String())
	}
	return out
}

// curl sends what the command would; it knows the flags that the examples use and no others.
func curl(t *testing.T, args []string) (status int, body string) {
	t.Helper()
	require.Equal(t, "curl", args[0])
	method, target, data, query, header := http.MethodGet, "", "", url.Values{}, http.Header{}
	get := false
	for i := 1; i < len(args); i++ {
		value := func() string { i++; return args[i] }
		switch arg := args[i]; arg {
		case "-sS":
		case "-G":
			get = true
		case "-X":
			method = value()
		case "-H":
			name, text, ok := strings.Cut(value(), ": ")
			require.True(t, ok)
			header.Set(name, text)
		case "-d":
			data = value()
			if header.Get("Content-Type") == "" {
				header.Set("Content-Type", "application/x-www-form-urlencoded")
			}
		case "--data-urlencode":
			name, text, _ := strings.Cut(value(), "=")
			query.Set(name, text)
		default:
			require.False(t, strings.HasPrefix(arg, "-"), "flag %s", arg)
			target = arg
		}
	}
	if get {
		target += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(data))
	require.NoError(t, err)
	req.Header = header
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, string(text)
}

// alike says where an answer is not of the shape that is documented: other members, or values of another type. What the
// example has as true, false, null or as a word is meant as it stands.
// Where loose, more members may be there than the example shows.
func alike(at string, loose bool, want, got any) string {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return at + " is no object"
		}
		for k := range g {
			// members of these are data, of which the example shows some
			if _, ok := w[k]; !ok && !loose && !strings.HasSuffix(at, ".counts") && !strings.HasSuffix(at, ".jobs") {
				return at + "." + k + " is not documented"
			}
		}
		for k, v := range w {
			if problem := alike(at+"."+k, loose, v, g[k]); problem != "" {
				return problem
			}
		}
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) < len(w) {
			return at + " is no list of so many"
		}
		for i := range w {
			if problem := alike(fmt.Sprintf("%s[%d]", at, i), loose, w[i], g[i]); problem != "" {
				return problem
			}
		}
	case string:
		g, ok := got.(string)
		_, isTime := time.Parse(time.RFC3339, w)
		_, isID := uuid.Parse(w)
		if !ok || (isTime != nil && isID != nil && !strings.HasSuffix(at, ".reason") && g != w) {
			return fmt.Sprintf("%s is %v", at, got)
		}
	case float64:
		if _, ok := got.(float64); !ok {
			return fmt.Sprintf("%s is %v", at, got)
		}
	default:
		if want != got {
			return fmt.Sprintf("%s is %v", at, got)
		}
	}
	return ""
}

func TestExamplesOfTheAPIWorkAsWritten(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) {
		o.APITokens = []string{testToken}
		o.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "henk_database_up 1") })
	})
	srv := httptest.NewServer(b.Handler())
	t.Cleanup(srv.Close)
	w := storetest.NewWorld(t, b.db, storetest.Fields{"daily_call_cap": 100})
	lead := storetest.NewLead(t, b.db, w, nil)
	storetest.NewLead(t, b.db, w, storetest.Fields{"do_not_call": true})
	variables := map[string]string{"HENK_URL": srv.URL, "HENK_API_TOKEN": testToken, "CAMPAIGN": w.Campaign.String(), "LEAD": lead.String()}
	all := examples(t)
	require.Greater(t, len(all), 8)
	var rt *jobs.Runtime
	for _, e := range all {
		if rt == nil && strings.Contains(e.command, "wait=") { // until here what was asked for is still pending
			var err error
			rt, err = jobs.New(jobs.Config{DB: b.db, Log: storetest.Log(t), NoTicks: true, PollJobs: 50 * time.Millisecond})
			require.NoError(t, err)
			require.NoError(t, rt.Start(t.Context()))
			t.Cleanup(func() { _ = rt.Stop(t.Context()) })
		}
		status, body := curl(t, words(t, e.command, variables))
		require.Equal(t, e.status, status, "%s\n%s", e.command, body)
		switch {
		case e.json:
			var want, got any
			require.NoError(t, json.Unmarshal([]byte(e.want), &want), e.want)
			require.NoError(t, json.Unmarshal([]byte(body), &got), body)
			loose := strings.Contains(e.command, "/api/v1/campaigns/") // "members may be added"
			require.Empty(t, alike("answer", loose, want, got), "%s\n%s", e.command, body)
		case e.want != "":
			require.Equal(t, e.want+"\n", body, e.command)
		}
	}
}

func TestDocumentedKindsAreAllThereAre(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/api.md")
	require.NoError(t, err)
	_, table, _ := strings.Cut(string(text), "| kind | args")
	table, _, _ = strings.Cut(table, "\n## ")
	for _, kind := range jobs.Kinds() {
		require.Contains(t, table, "`"+kind+"`")
	}
	_, row, _ := strings.Cut(string(text), "ask there for the jobs ")
	row, _, _ = strings.Cut(row, ";")
	require.Len(t, strings.Split(row, ", "), len(userJobs))
	for kind := range userJobs {
		require.Contains(t, row, "`"+kind+"`")
	}
}

func TestExamplesInSQLRun(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/api.md")
	require.NoError(t, err)
	b := setup(t)
	n := 0
	for _, m := range regexp.MustCompile("(?s)```sql\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		_, err := b.db.Exec(t.Context(), m[1])
		require.NoError(t, err, m[1])
		n++
	}
	require.Equal(t, 2, n)
	w := storetest.NewWorld(t, b.db, storetest.Fields{"status": "paused"})
	var job int64
	require.NoError(t, b.db.QueryRow(t.Context(), "select resume_campaign($1)", w.Campaign).Scan(&job))
	var kinds []string
	require.NoError(t, b.db.QueryRow(t.Context(), "select array_agg(kind || ' ' || state order by id) from river.river_job").Scan(&kinds))
	require.Equal(t, []string{"plan-campaign available", "campaign-orchestrator scheduled", "plan-campaign available"}, kinds)
}

// The function for PostgREST serves the service role and nobody else.
func TestSupabaseExample(t *testing.T) {
	t.Parallel()
	sql, err := os.ReadFile("../../docs/examples/supabase/henk_enqueue.sql")
	require.NoError(t, err)
	db := storetest.Open(t, storetest.NewAdoptedURL(t))
	_, err = store.Migrate(t.Context(), db, storetest.Log(t))
	require.NoError(t, err)
	_, err = db.Exec(t.Context(), "do $$ begin create role anon nologin; exception when duplicate_object or unique_violation then null; end $$")
	require.NoError(t, err)
	_, err = db.Exec(t.Context(), string(sql))
	require.NoError(t, err)
	for role, may := range map[string]bool{"service_role": true, "authenticated": false, "anon": false} {
		tx, err := db.Begin(t.Context())
		require.NoError(t, err)
		_, err = tx.Exec(t.Context(), "set local role "+role)
		require.NoError(t, err)
		// as PostgREST calls it for supabase.rpc
		_, err = tx.Exec(t.Context(), `select public.henk_enqueue(kind => 'plan-campaign', args => '{"campaign_id": "6f9619ff-8b86-4011-b42d-00cf4fc964ff"}')`)
		if may {
			require.NoError(t, err)
		} else {
			require.ErrorContains(t, err, "permission denied for function henk_enqueue", role)
		}
		require.NoError(t, tx.Rollback(t.Context()))
	}
	ts, err := os.ReadFile("../../docs/examples/supabase/enqueue.ts")
	require.NoError(t, err)
	require.Contains(t, string(ts), `admin.rpc("henk_enqueue", {`)
	for _, m := range regexp.MustCompile(`kind: "([^"]+)",\s+args: \{ (\w+):`).FindAllStringSubmatch(string(ts), -1) {
		_, err := jobs.ParseArgs(m[1], []byte(`{"`+m[2]+`": "6f9619ff-8b86-4011-b42d-00cf4fc964ff"}`))
		require.NoError(t, err)
	}
}
