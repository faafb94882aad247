package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/demo"
	"github.com/callhenk/henk-worker/internal/storetest"
)

// asHenk makes the test binary be the program: with the race detector where the tests have it, and without a build.
const asHenk = "HENK_TEST_BE_THE_PROGRAM"

func TestMain(m *testing.M) {
	switch os.Getenv(asHenk) {
	case "":
	case "stuck":
		ctx, _ := untilStopped()
		fmt.Println("up")
		<-ctx.Done()
		fmt.Println("asked")
		time.Sleep(time.Minute)
		return
	default:
		main()
		return
	}
	os.Exit(m.Run())
}

// program is a process of henk with these settings and no others from the environment.
func program(ctx context.Context, t testing.TB, env []string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Env = append([]string{asHenk + "=1", "PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "TMPDIR=" + os.TempDir()}, env...)
	return cmd
}

type result struct {
	code           int
	stdout, stderr string
}

// henk runs a command to its end.
func henk(t testing.TB, env []string, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := program(ctx, t, env, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("running henk %v: %v", args, err)
	}
	require.NoError(t, ctx.Err(), "henk %v hangs: %s", args, stderr.String())
	return result{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

func database(url string) []string { return []string{"DATABASE_URL=" + url} }

func TestExitCodes(t *testing.T) {
	t.Parallel()
	const id = `{"campaign_id": "6a0f7b0e-5c8e-4c1b-9d57-5a7c3d1f0001"}`
	unreachable := database("postgres://henk:very-secret@127.0.0.1:1/henk?connect_timeout=2")
	for name, c := range map[string]struct {
		args           []string
		env            []string
		code           int
		stdout, stderr string
	}{
		"nothing":                    {code: 2, stdout: "henk runs AI fundraising calls"},
		"help":                       {args: []string{"help"}, stdout: "henk migrate"},
		"help of a command":          {args: []string{"help", "export"}, stdout: "Usage: henk export"},
		"--version":                  {args: []string{"--version"}, stdout: "henk "},
		"-h":                         {args: []string{"-h"}, stdout: "henk migrate"},
		"unknown command":            {args: []string{"dail"}, code: 2, stderr: "there is no command \"dail\"; `henk help` lists them"},
		"version":                    {args: []string{"version"}, stdout: "henk "},
		"unknown flag":               {args: []string{"version", "--jsno"}, code: 2, stderr: "-jsno\nTry: henk version -h"},
		"too many words":             {args: []string{"version", "now"}, code: 2, stderr: "too many arguments: now"},
		"flag value":                 {args: []string{"demo", "--leads", "many"}, code: 2, stderr: "leads"},
		"demo without people":        {args: []string{"demo", "--leads", "0"}, code: 2, stderr: "--leads must be from 1 to 100000"},
		"no database":                {args: []string{"worker"}, code: 1, stderr: "DATABASE_URL is not set; set it to your Postgres, or run `henk demo`"},
		"database not a URL":         {args: []string{"migrate"}, env: database("postgres://henk:very-secret@[::1"), code: 1, stderr: "DATABASE_URL is not a valid Postgres URL"},
		"database away":              {args: []string{"migrate"}, env: unreachable, code: 1, stderr: "connecting to Postgres at 127.0.0.1:1"},
		"bad settings, all at once":  {args: []string{"worker"}, env: []string{"PORT=many", "ELEVENLABS_CALLS_PER_SECOND=fast"}, code: 1, stderr: "ELEVENLABS_CALLS_PER_SECOND must be a number from 0.001 to 10000, or 0 for no pacing; PORT must be"},
		"queue":                      {args: []string{"worker", "--queues", "dail"}, env: unreachable, code: 2, stderr: `there is no queue "dail"; queues are [orchestrate dial sync`},
		"migrate sideways":           {args: []string{"migrate", "sideways"}, env: unreachable, code: 2, stderr: `"sideways" is neither up nor status`},
		"enqueue nothing":            {args: []string{"enqueue"}, env: unreachable, code: 2, stderr: "name the kind of job, one of apply-webhook, archive"},
		"enqueue an unknown kind":    {args: []string{"enqueue", "dial"}, env: unreachable, code: 2, stderr: `there is no job kind "dial"`},
		"enqueue without an id":      {args: []string{"enqueue", "plan-campaign"}, env: unreachable, code: 2, stderr: `an id is missing; it takes {"campaign_id":"UUID"}`},
		"enqueue what is no JSON":    {args: []string{"enqueue", "plan-campaign", "--args", "campaign"}, env: unreachable, code: 2, stderr: "arguments of plan-campaign"},
		"enqueue an unknown field":   {args: []string{"enqueue", "plan-campaign", "--args", `{"id": 1}`}, env: unreachable, code: 2, stderr: `unknown field "id"`},
		"enqueue without a database": {args: []string{"enqueue", "plan-campaign", "--args", id}, code: 1, stderr: "DATABASE_URL is not set"},
		"simulate nothing":           {args: []string{"simulate"}, code: 2, stderr: "name what to simulate: elevenlabs"},
		"simulate a wrong fault":     {args: []string{"simulate", "elevenlabs", "--faults", "501=5%"}, code: 2, stderr: `unknown mode "501"`},
		"simulate backwards":         {args: []string{"simulate", "elevenlabs", "--speed", "-1"}, code: 2, stderr: "--speed must be above 0"},
		"health without a web side":  {args: []string{"health"}, env: []string{"PORT=1"}, code: 1, stderr: "no web side answers on port 1 of this host: is `henk serve` or `henk web` running, with this PORT?"},
		"health without a database":  {args: []string{"health", "--worker"}, env: unreachable, code: 1, stderr: "connecting to Postgres"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := henk(t, c.env, c.args...)
			require.Equal(t, c.code, r.code, r.stderr)
			require.Contains(t, r.stdout, c.stdout)
			require.Contains(t, r.stderr, c.stderr)
			require.NotContains(t, r.stdout+r.stderr, "very-secret")
			require.NotContains(t, r.stderr, "goroutine")
			if c.code == 0 {
				require.Empty(t, r.stderr)
			} else if c.stdout == "" {
				require.Empty(t, r.stdout, "stdout belongs to results")
			}
		})
	}
}

func TestHelpOfEveryCommandShowsAnExample(t *testing.T) {
	t.Parallel()
	for _, c := range commands() {
		r := henk(t, nil, c.name, "-h")
		require.Zero(t, r.code, c.name)
		require.Empty(t, r.stderr, c.name)
		require.Contains(t, r.stdout, "Usage: henk "+c.name)
		require.Regexp(t, `\nExample: .*henk `+c.name, r.stdout)
	}
}

func TestVersionAsJSON(t *testing.T) {
	t.Parallel()
	r := henk(t, nil, "version", "--json")
	var doc map[string]string
	require.NoError(t, json.Unmarshal([]byte(r.stdout), &doc))
	require.NotEmpty(t, doc["version"])
	require.Contains(t, doc["go"], "go1.")
}

func TestConfigMasksSecrets(t *testing.T) {
	t.Parallel()
	secrets := map[string]string{"ELEVENLABS_API_KEY": "sk_one", "ELEVENLABS_WEBHOOK_SECRET": "wsec_two", "SALESFORCE_CLIENT_SECRET": "three-3", "SUPABASE_SERVICE_ROLE_KEY": "four-4",
		"SUPABASE_JWT_SECRET": "five-5", "HENK_API_TOKEN": "six-6", "HENK_WEB_PASSWORD": "seven-7", "HENK_ENCRYPTION_KEY": "8n0wyDVGD3aPwPkXk0Ih2s7XgJ5eQXJb1tq8ZfM4u6A=",
		"HENK_ENCRYPTION_KEY_PREVIOUS": "8n0wyDVGD3aPwPkXk0Ih2s7XgJ5eQXJb1tq8ZfM4u6B="}
	env := []string{"DATABASE_URL=postgres://henk:nine-9@db.example.org:5432/henk", "SUPABASE_URL=https://user:ten-10@x.supabase.co", "PORT=8123"}
	for name, value := range secrets {
		env = append(env, name+"="+value)
	}
	for _, flag := range []string{"--json=false", "--json"} {
		r := henk(t, env, "config", flag)
		require.Zero(t, r.code, r.stderr)
		for name, value := range secrets {
			require.Contains(t, r.stdout, name)
			require.NotContains(t, r.stdout+r.stderr, value, name)
		}
		require.NotContains(t, r.stdout+r.stderr, "nine-9")
		require.NotContains(t, r.stdout+r.stderr, "ten-10")
		require.Contains(t, r.stdout, "db.example.org:5432/henk")
		require.Contains(t, r.stdout, "8123")
	}
	r := henk(t, []string{"PORT=many"}, "config", "--json")
	require.Equal(t, 1, r.code)
	var doc struct {
		OK       bool   `json:"ok"`
		Problems string `json:"problems"`
	}
	require.NoError(t, json.Unmarshal([]byte(r.stdout), &doc))
	require.False(t, doc.OK)
	require.Contains(t, doc.Problems, "PORT must be a whole number")
}

// A worker and app code refuse a database that is not migrated; migrating shows what it does, once.
func TestMigrateAndRefuseAnOldSchema(t *testing.T) {
	t.Parallel()
	env := database(storetest.NewEmptyURL(t))
	for _, args := range [][]string{{"worker"}, {"serve"}, {"enqueue", "campaign-orchestrator"}} {
		r := henk(t, env, args...)
		require.Equal(t, 1, r.code)
		require.Contains(t, r.stderr, "the database schema is older than this binary; run `henk migrate`")
	}
	status := func() (st struct{ Applied, Pending []string }) {
		r := henk(t, env, "migrate", "status", "--json")
		require.Zero(t, r.code, r.stderr)
		require.NoError(t, json.Unmarshal([]byte(r.stdout), &st))
		return st
	}
	before := status()
	require.Empty(t, before.Applied)
	require.NotEmpty(t, before.Pending)
	require.Contains(t, henk(t, env, "migrate", "status").stdout, "pending  00001_henk_schema.sql")

	r := henk(t, env, "migrate")
	require.Zero(t, r.code, r.stderr)
	require.Contains(t, r.stdout, "created  public.campaigns")
	require.Contains(t, r.stdout, "applied  00001_henk_schema.sql")
	after := status()
	require.Empty(t, after.Pending)
	require.ElementsMatch(t, before.Pending, after.Applied)
	r = henk(t, env, "migrate", "up")
	require.Zero(t, r.code, r.stderr)
	require.Contains(t, r.stdout, "nothing to do: the schema is current")

	r = henk(t, env, "enqueue", "campaign-orchestrator", "--json")
	require.Zero(t, r.code, r.stderr)
	require.Contains(t, r.stdout, `"duplicate":false`)
	r = henk(t, env, "enqueue", "campaign-orchestrator", "--json")
	require.Contains(t, r.stdout, `"duplicate":true`)
	require.Equal(t, 1, henk(t, env, "health", "--worker").code, "no worker beats")
}

// The functions that this worker replaces must not run beside it.
func TestWorkerRefusesBesidePgCron(t *testing.T) {
	t.Parallel()
	databaseURL := storetest.NewURL(t)
	db := storetest.Open(t, databaseURL)
	_, err := db.Exec(t.Context(), `create schema cron; create table cron.job (jobid bigint, jobname text, command text, active boolean);
		insert into cron.job values (1, 'campaigns', 'select net.http_post(url := ''https://x.supabase.co/functions/v1/campaign-orchestrator'')', true),
			(2, 'tidy', 'vacuum', true), (3, 'conversations', 'select net.http_post(url := ''https://x.supabase.co/functions/v1/conversation-orchestrator'')', false)`)
	require.NoError(t, err)
	r := henk(t, database(databaseURL), "worker")
	require.Equal(t, 1, r.code)
	require.Contains(t, r.stderr, "pg_cron still runs what this worker replaces ([campaigns])")
	require.Contains(t, r.stderr, "select cron.unschedule('NAME')")

	_, err = db.Exec(t.Context(), "update cron.job set active = false where jobid = 1")
	require.NoError(t, err)
	w := startWorker(t, append(database(databaseURL), "ELEVENLABS_API_KEY=key"))
	require.Zero(t, henk(t, database(databaseURL), "health", "--worker").code)
	w.interrupt(t)
	require.Equal(t, 1, henk(t, database(databaseURL), "health", "--worker").code, "it signed off")
}

// serve is the web side and the worker; it is healthy when it is ready, and ends on a signal with code 0.
func TestServe(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	require.NoError(t, l.Close())
	databaseURL := storetest.NewURL(t)
	env := append(database(databaseURL), "PORT="+port, "ELEVENLABS_API_KEY=key", "ELEVENLABS_BASE_URL=http://127.0.0.1:1")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := program(ctx, t, env, "serve")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	require.NoError(t, cmd.Start())
	require.Eventually(t, func() bool { return henk(t, env, "health").code == 0 }, 30*time.Second, 200*time.Millisecond)
	res, err := http.Get("http://127.0.0.1:" + port + "/healthz")
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	require.NoError(t, cmd.Wait(), stderr.String())
	require.NotContains(t, stderr.String(), "DATA RACE")
}

func TestDemoOnce(t *testing.T) {
	t.Parallel()
	var runs [2]demo.Summary
	t.Run("runs", func(t *testing.T) {
		for i := range runs {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				runs[i] = demoOnce(t, "40", "3")
			})
		}
	})
	s := runs[0]
	require.Equal(t, demo.Violations{}, s.Violations)
	require.Positive(t, s.CallsPlaced)
	require.Equal(t, s.CallsPlaced, s.ConversationsCompleted)
	require.Positive(t, s.ConversationEvents)
	require.Equal(t, 40, s.Leads)
	require.GreaterOrEqual(t, s.LeadsSynced, 40)
	w := s.WrittenBack
	require.GreaterOrEqual(t, w.Tasks, s.CallsAnswered, "voicemails are Tasks too")
	require.LessOrEqual(t, w.Tasks, s.CallsPlaced)
	require.Positive(t, w.CampaignMembers)
	require.Positive(t, w.DoNotCall)
	require.GreaterOrEqual(t, w.DoNotCall, s.Outcomes["do_not_call"])
	require.Zero(t, w.Missing+w.Duplicates+w.Failed)
	for i := range runs { // what depends on the moment
		runs[i].DurationMS, runs[i].ConversationEvents = 0, 0
	}
	require.Equal(t, runs[0], runs[1], "the same seed")

	r := henk(t, database(withALead(t)), "demo", "--once")
	require.Equal(t, 1, r.code)
	require.Contains(t, r.stderr, "holds leads already")
}

// demoOnce runs the demo to its end. A database of its own on the tests' server is quicker than a cluster of its own.
func demoOnce(t *testing.T, leads, seed string) (s demo.Summary) {
	t.Helper()
	r := henk(t, database(storetest.NewEmptyURL(t)), "demo", "--once", "--json", "--leads", leads, "--seed", seed)
	require.Zero(t, r.code, r.stderr)
	require.Contains(t, r.stderr, "synced from Salesforce")
	require.NoError(t, json.Unmarshal([]byte(r.stdout), &s))
	require.True(t, s.OK, s.Problems)
	require.Equal(t, 1, strings.Count(strings.TrimSpace(r.stdout), "\n")+1, "one JSON document")
	return s
}

func withALead(t *testing.T) string {
	t.Helper()
	databaseURL := storetest.NewURL(t)
	db := storetest.Open(t, databaseURL)
	storetest.NewLead(t, db, storetest.NewWorld(t, db, nil), nil)
	return databaseURL
}

// worker is a running `henk worker`.
type worker struct {
	cmd    *exec.Cmd
	stderr *bytes.Buffer
}

// startWorker returns when the worker beats.
func startWorker(t testing.TB, env []string) *worker {
	t.Helper()
	w := &worker{cmd: program(context.Background(), t, env, "worker"), stderr: &bytes.Buffer{}}
	w.cmd.Stderr = w.stderr
	require.NoError(t, w.cmd.Start())
	t.Cleanup(func() { _ = w.cmd.Process.Kill(); _ = w.cmd.Wait() })
	conn, err := pgx.Connect(t.Context(), strings.TrimPrefix(env[0], "DATABASE_URL="))
	require.NoError(t, err)
	defer conn.Close(context.Background())
	for range 300 {
		var up bool
		require.NoError(t, conn.QueryRow(t.Context(), "select exists (select from henk.workers where client_id like '%-' || $1 || '-%')", strconv.Itoa(w.cmd.Process.Pid)).Scan(&up))
		if up {
			return w
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("the worker does not come up: %s", w.kill())
	return nil
}

func (w *worker) interrupt(t testing.TB) {
	t.Helper()
	require.NoError(t, w.cmd.Process.Signal(os.Interrupt))
	require.NoError(t, w.cmd.Wait(), w.stderr.String())
}

// kill ends the worker as a crash does and returns what it had said.
func (w *worker) kill() string {
	_ = w.cmd.Process.Kill()
	_ = w.cmd.Wait()
	return w.stderr.String()
}
