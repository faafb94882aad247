package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/clock"
	"github.com/callhenk/henk-worker/internal/config"
	"github.com/callhenk/henk-worker/internal/elevenlabssim"
	"github.com/callhenk/henk-worker/internal/secret"
	"github.com/callhenk/henk-worker/internal/storage"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/storetest"
)

const (
	testKey = "sk_test_1f0c"
	ringKey = "8n0wyDVGD3aPwPkXk0Ih2s7XgJ5eQXJb1tq8ZfM4u6A="
)

// installation is one in which everything works.
type installation struct {
	t     *testing.T
	o     Options
	world storetest.World
	sim   *elevenlabssim.Sim
}

func install(t *testing.T, options elevenlabssim.Options) *installation {
	t.Helper()
	options.APIKey = testKey
	sim := elevenlabssim.New(options)
	t.Cleanup(func() { _ = sim.Close() })
	api := httptest.NewServer(sim)
	t.Cleanup(api.Close)
	keys, err := secret.NewRing(ringKey, "")
	require.NoError(t, err)
	dir, err := storage.NewDir(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { _ = dir.Close() })
	db := storetest.New(t)
	in := &installation{t: t, sim: sim, o: Options{DB: db, Storage: dir, Queues: []string{"dial", "sync"}, within: 20 * time.Second, Config: &config.Config{
		DatabaseURL: "postgres://", ElevenLabsAPIKey: testKey, ElevenLabsBaseURL: api.URL, ElevenLabsWebhookSecret: "wsec_test", ElevenLabsMaxConcurrent: 3,
		SalesforceInterval: 15 * time.Minute, WebUsername: "ops", WebPassword: "long enough", APIToken: "a-token-that-is-long-enough", Keys: keys}}}
	in.world = storetest.NewWorld(t, db, nil)
	in.exec("update agents set elevenlabs_agent_id = 'agent_sim_henk', caller_id = '+1 (500) 555-0006'")
	in.exec("insert into henk.workers (client_id, queues, version, beat_at) values ('henk-a-1', '{dial,sync}', 'v1', now() + interval '1 hour')")
	return in
}

func (in *installation) exec(sql string, args ...any) {
	in.t.Helper()
	_, err := in.o.DB.Exec(in.t.Context(), sql, args...)
	require.NoError(in.t, err)
}

// connect adds a Salesforce connection.
func (in *installation) connect(fields storetest.Fields) {
	in.t.Helper()
	row := storetest.Fields{"name": "Salesforce", "type": "crm", "status": "active", "business_id": in.world.Business, "last_sync_at": time.Now(),
		"config": `{"instanceUrl": "https://example.my.salesforce.com"}`, "credentials": `{"refreshToken": "5Aep_secret_refresh", "clientId": "client"}`}
	for k, v := range fields {
		row[k] = v
	}
	storetest.Insert(in.t, in.o.DB, "integrations", row)
}

func TestAllIsWell(t *testing.T) {
	t.Parallel()
	in := install(t, elevenlabssim.Options{})
	checks := Run(t.Context(), in.o)
	var names []string
	for _, c := range checks {
		require.Equal(t, OK, c.Status, "%+v", c)
		require.Empty(t, c.Mend, "%+v", c)
		names = append(names, c.Name)
	}
	require.Equal(t, []string{"config", "database", "pooler", "schema", "river", "cron", "workers", "rules", "encryption", "storage",
		"elevenlabs", "concurrency", "dialing", "campaign", "webhook", "salesforce"}, names)
	require.False(t, Failed(checks))
	require.Contains(t, find(t, checks, "pooler").Message, "Connected directly")
	pooled := in.o
	pooled.DB = &store.DB{Pool: in.o.DB.Pool, Pooled: true}
	require.Contains(t, find(t, Run(t.Context(), pooled), "pooler").Message, "once a second")
	require.Contains(t, find(t, checks, "campaign").Message, "1 active: ElevenLabs has their agents and their phone numbers")
}

func find(t *testing.T, checks []Check, name string) Check {
	t.Helper()
	worst := Check{}
	rank := map[string]int{"": 0, OK: 1, Warn: 2, Fail: 3}
	for _, c := range checks {
		if c.Name == name && rank[c.Status] > rank[worst.Status] {
			worst = c
		}
	}
	require.NotEmpty(t, worst.Status, "no check %s in %+v", name, checks)
	return worst
}

// wrong is a fault of an installation and what has to be said of it.
type wrong struct {
	name     string
	options  func(*testing.T, *Options) // what is wrong is a setting: no database of its own is needed
	breaks   func(*installation)
	check    string
	status   string
	contains string
}

func faults() []wrong {
	sql := func(text string) func(*installation) { return func(in *installation) { in.exec(text) } }
	row := func(f storetest.Fields) func(*installation) { return func(in *installation) { in.connect(f) } }
	return []wrong{
		{name: "bad settings", options: func(_ *testing.T, o *Options) {
			o.ConfigErr = errors.New("PORT must be a number\nHENK_LOG_LEVEL must be info")
		}, check: "config", status: Fail, contains: "must be"},
		{name: "no login", options: func(_ *testing.T, o *Options) { o.Config.WebPassword = "" }, check: "config", status: Warn, contains: "No login"},
		{name: "short token", options: func(_ *testing.T, o *Options) { o.Config.APIToken = "guess-me" }, check: "config", status: Warn, contains: "can be guessed"},
		{name: "cron", breaks: sql("create schema cron; create table cron.job (jobid bigint, jobname text, active boolean, command text); insert into cron.job values (7, 'campaigns', true, $$select net.http_post('https://x.supabase.co/functions/v1/campaign-orchestrator')$$)"),
			check: "cron", status: Fail, contains: "(campaigns)"},
		{name: "no worker", breaks: sql("update henk.workers set beat_at = now() - interval '1 minute'"), check: "workers", status: Fail, contains: "No worker is running"},
		{name: "no dialing worker", breaks: sql("update henk.workers set queues = '{sync}'"), check: "workers", status: Fail, contains: "none works on: dial"},
		{name: "two versions", breaks: sql("insert into henk.workers (client_id, queues, version, beat_at) values ('henk-b-1', '{dial}', 'v2', now() + interval '1 hour')"), check: "workers", status: Warn, contains: "2 different versions"},
		{name: "a dead worker", breaks: sql("insert into henk.workers (client_id, queues, version, beat_at) values ('henk-b-1', '{dial}', 'v1', now() - interval '1 hour')"), check: "workers", status: Warn, contains: "without signing off"},
		{name: "old rules", options: func(_ *testing.T, o *Options) { o.Clock = clock.At(time.Date(2035, 1, 1, 0, 0, 0, 0, time.UTC)) }, check: "rules", status: Warn, contains: "should have been reviewed by"},
		{name: "plain credentials, no key", breaks: func(in *installation) { in.o.Config.Keys = nil; in.connect(nil) }, check: "encryption", status: Warn, contains: "plain text"},
		{name: "sealed, no key", breaks: func(in *installation) {
			in.o.Config.Keys = nil
			in.connect(storetest.Fields{"credentials": `{"sealed": {}}`})
		}, check: "encryption", status: Fail, contains: "no key is set here"},
		{name: "plain beside a key", breaks: row(nil), check: "encryption", status: Warn, contains: "not sealed yet"},
		{name: "sealed with another key", breaks: row(storetest.Fields{"credentials": `{"sealed": {"version": 1, "algorithm": "XChaCha20-Poly1305", "key": "3f9a0c51d2e7", "data": "AAAA"}}`}), check: "encryption", status: Fail, contains: "cannot be opened"},
		{name: "no storage", options: func(_ *testing.T, o *Options) { o.Storage = nil }, check: "storage", status: Warn, contains: "None is set"},
		{name: "storage not opened", options: func(_ *testing.T, o *Options) {
			o.StorageErr = errors.New("storage: making the directory: permission denied")
		}, check: "storage", status: Fail, contains: "permission denied"},
		{name: "no key", options: func(_ *testing.T, o *Options) { o.Config.ElevenLabsAPIKey = "" }, check: "elevenlabs", status: Fail, contains: "is not set"},
		{name: "no key on the web side", options: func(_ *testing.T, o *Options) { o.Config.ElevenLabsAPIKey, o.WebOnly = "", true }, check: "elevenlabs", status: Warn, contains: "needs none"},
		{name: "wrong key", options: func(_ *testing.T, o *Options) { o.Config.ElevenLabsAPIKey = "sk_other" }, check: "elevenlabs", status: Fail, contains: "refuses the key"},
		{name: "malformed key", options: func(_ *testing.T, o *Options) { o.Config.ElevenLabsAPIKey = "sk with spaces" }, check: "elevenlabs", status: Fail, contains: "ELEVENLABS_API_KEY"},
		{name: "provider away", options: func(_ *testing.T, o *Options) { o.Config.ElevenLabsBaseURL = "http://127.0.0.1:1" }, check: "elevenlabs", status: Fail, contains: "cannot be reached"},
		{name: "breaker", breaks: sql("update henk.provider_state set breaker = 'open', reason = 'quota exceeded'"), check: "dialing", status: Fail, contains: "quota exceeded."},
		{name: "pause", breaks: sql("update henk.provider_state set paused_until = now() + interval '40 seconds', reason = 'too many'"), check: "dialing", status: Warn, contains: "Paused for"},
		{name: "no agent", breaks: sql("update campaigns set agent_id = null"), check: "campaign", status: Fail, contains: "has no agent"},
		{name: "agent not active", breaks: sql("update agents set status = 'inactive'"), check: "campaign", status: Fail, contains: "its agent is inactive"},
		{name: "agent without id", breaks: sql("update agents set elevenlabs_agent_id = ''"), check: "campaign", status: Fail, contains: "no ElevenLabs id"},
		{name: "agent unknown", breaks: sql("update agents set elevenlabs_agent_id = 'agent_gone'"), check: "campaign", status: Fail, contains: "does not have its agent"},
		{name: "no caller id", breaks: sql("update agents set caller_id = ' '"), check: "campaign", status: Fail, contains: "no caller id"},
		{name: "caller id unknown", breaks: sql("update agents set caller_id = 'phnum_gone'"), check: "campaign", status: Fail, contains: "no phone number with this id"},
		{name: "number unknown", breaks: sql("update agents set caller_id = '+13125559876'"), check: "campaign", status: Fail, contains: "not in the ElevenLabs workspace"},
		{name: "number of another provider", breaks: sql("update agents set caller_id = 'phnum_sim_sip'"), check: "campaign", status: Fail, contains: "sip_trunk"},
		{name: "number for inbound only", breaks: sql("update agents set caller_id = '+15005550008'"), check: "campaign", status: Fail, contains: "does not support outbound"},
		{name: "a name that moves the cursor", breaks: sql("update campaigns set agent_id = null, name = E'A\\x1b[2J\\r\\nok all \\u202ewell'"), check: "campaign", status: Fail, contains: "has no agent"},
		{name: "campaign blocked", breaks: func(in *installation) {
			in.exec("insert into henk.campaign_state (campaign_id, blocked_by, blocked_until, blocked_reason) values ($1, 'agent', now() + interval '5 minutes', 'bad voice')", in.world.Campaign)
		}, check: "campaign", status: Fail, contains: "bad voice."},
		{name: "webhook never set up", options: func(_ *testing.T, o *Options) { o.Config.ElevenLabsWebhookSecret = "" }, check: "webhook", status: Warn, contains: "none has ever come"},
		{name: "webhook failing", breaks: sql("insert into henk.webhook_inbox (provider, dedupe_key, type, state, reason) values ('elevenlabs', 'a', 'x', 'failed', 'odd')"), check: "webhook", status: Warn, contains: "1 of the last day"},
		{name: "webhook stuck", breaks: sql("insert into henk.webhook_inbox (provider, dedupe_key, type, received_at) values ('elevenlabs', 'a', 'x', now() - interval '6 minutes')"), check: "webhook", status: Warn, contains: "1 wait to be taken in"},
		{name: "authorise again", breaks: row(storetest.Fields{"status": "error", "config": `{"syncHealth": {"error": "the token was revoked", "mend": "Authorise again"}}`}), check: "salesforce", status: Fail, contains: "the token was revoked."},
		{name: "settings cannot be read", breaks: row(storetest.Fields{"config": `{"env": 7}`}), check: "salesforce", status: Fail, contains: "cannot be used"},
		{name: "not synced", breaks: row(storetest.Fields{"last_sync_at": time.Now().Add(-3 * time.Hour)}), check: "salesforce", status: Warn, contains: "has not been synced for 3h0m"},
		{name: "last sync failed", breaks: func(in *installation) {
			in.connect(nil)
			in.exec("insert into sync_logs (integration_id, business_id, sync_type, sync_status, error_message) select id, business_id, 'manual', 'failed', 'the quota is used up' from integrations")
		}, check: "salesforce", status: Warn, contains: "the quota is used up."},
		{name: "sync warns", breaks: row(storetest.Fields{"config": `{"instanceUrl": "https://x.my.salesforce.com", "syncHealth": {"warnings": ["DoNotCall cannot be seen"]}}`}), check: "salesforce", status: Warn, contains: "DoNotCall cannot be seen."},
		{name: "credits used up", options: plan(`{"tier": "creator", "status": "active", "character_count": 100, "character_limit": 100}`), check: "elevenlabs", status: Fail, contains: "used up"},
		{name: "not paid", options: plan(`{"tier": "creator", "status": "past_due", "character_count": 1, "character_limit": 100}`), check: "elevenlabs", status: Warn, contains: "(past_due)"},
		{name: "small plan", options: plan(`{"tier": "free", "status": "free", "character_count": 1, "character_limit": 100}`), check: "concurrency", status: Warn, contains: "plan free usually allows 4"},
		{name: "no limit of calls", options: func(_ *testing.T, o *Options) { o.Config.ElevenLabsMaxConcurrent = 1_000 }, check: "concurrency", status: Warn, contains: "usually allows"},
	}
}

// plan is a provider whose subscription is this.
func plan(subscription string) func(*testing.T, *Options) {
	return func(t *testing.T, o *Options) {
		to := o.Config.ElevenLabsBaseURL
		api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/v1/user/subscription" {
				_, _ = io.WriteString(w, subscription)
				return
			}
			u, _ := url.Parse(to) // httptest's
			httputil.NewSingleHostReverseProxy(u).ServeHTTP(w, r)
		}))
		t.Cleanup(api.Close)
		o.Config.ElevenLabsBaseURL, o.Config.ElevenLabsMaxConcurrent = api.URL, 30
	}
}

func TestWhatIsWrongIsSaidWithItsMend(t *testing.T) {
	t.Parallel()
	shared := install(t, elevenlabssim.Options{})
	for _, c := range faults() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := shared.o
			if c.options != nil {
				copied := *o.Config
				o.Config = &copied
				c.options(t, &o)
			} else {
				in := install(t, elevenlabssim.Options{})
				c.breaks(in)
				o = in.o
			}
			checks := Run(t.Context(), o)
			got := find(t, checks, c.check)
			require.Equal(t, c.status, got.Status, "%+v", checks)
			require.Contains(t, got.Message, c.contains)
			require.Equal(t, c.status == Fail, Failed(checks), "%+v", checks)
			data, err := json.Marshal(checks)
			require.NoError(t, err)
			for _, hidden := range []string{testKey, "sk_other", "sk with", "wsec_test", "guess-me", "a-token-that", "5Aep_secret_refresh", ringKey, "long enough", "13125559876", "5005550008"} {
				require.NotContains(t, string(data), hidden)
			}
			for _, c := range checks {
				require.NotRegexp(t, `[[:cntrl:]\x{202e}]`, c.Message)
				require.True(t, strings.HasSuffix(c.Message, ".") || strings.HasSuffix(c.Message, ". "), "no sentence: %q", c.Message)
				require.NotContains(t, c.Message, "..")
				require.True(t, c.Status != Fail || c.Mend != "", "no mend: %+v", c)
			}
		})
	}
}

func TestDatabasesThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	in := install(t, elevenlabssim.Options{})
	for name, c := range map[string]struct {
		db     *store.DB
		err    error
		check  string
		says   string
		others string
	}{
		"none":        {nil, nil, "database", "DATABASE_URL is not set", "the database cannot be used"},
		"away":        {nil, errors.New("connecting to Postgres at db:5432: refused"), "database", "refused.", "the database cannot be used"},
		"no schema":   {storetest.Open(t, storetest.NewEmptyURL(t)), nil, "schema", "of henk's migrations are missing; the first is 00001", "the schema has to be migrated first"},
		"closed pool": {closed(t), nil, "database", "does not answer", "the database cannot be used"},
	} {
		o := in.o
		o.DB, o.DBErr = c.db, c.err
		checks := Run(t.Context(), o)
		require.True(t, Failed(checks), name)
		got := find(t, checks, c.check)
		require.Equal(t, Fail, got.Status, name)
		require.Contains(t, got.Message, c.says, name)
		require.NotEmpty(t, got.Mend, name)
		require.Equal(t, warn("campaign", "Not checked: "+c.others+".", ""), find(t, checks, "campaign"), name)
		require.Equal(t, OK, find(t, checks, "elevenlabs").Status, "what needs no database is checked all the same")
	}
}

func closed(t *testing.T) *store.DB {
	t.Helper()
	db := storetest.New(t)
	db.Close()
	return db
}

// A provider that takes the connection and never answers holds nobody up.
func TestNothingHangs(t *testing.T) {
	t.Parallel()
	in := install(t, elevenlabssim.Options{})
	hung := make(chan struct{})
	api := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hung:
		case <-r.Context().Done():
		}
	}))
	defer api.Close()
	defer close(hung)
	in.o.Config.ElevenLabsBaseURL, in.o.within = api.URL, 500*time.Millisecond
	start := time.Now()
	checks := Run(t.Context(), in.o)
	require.Less(t, time.Since(start), 20*time.Second)
	require.Equal(t, Warn, find(t, checks, "elevenlabs").Status)
	require.Equal(t, Warn, find(t, checks, "campaign").Status)

	// Nor does a check that does not look at its context.
	stuck := check{"stuck", func(context.Context, *Options) []Check { <-hung; return nil }}
	require.Equal(t, one(warn("stuck", "Not known: no answer within 500ms.", "")), in.o.together(t.Context(), []check{stuck}))
}

// The table in docs/operations.md has every check and no other.
func TestChecksAreDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/operations.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(text), "\n## Doctor\n")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n## ")
	var documented, made []string
	for _, m := range regexp.MustCompile("(?m)^\\| (`[^|]+`) \\|").FindAllStringSubmatch(section, -1) {
		documented = append(documented, strings.Split(strings.ReplaceAll(m[1], "`", ""), ", ")...)
	}
	for _, c := range Run(t.Context(), install(t, elevenlabssim.Options{}).o) {
		made = append(made, c.Name)
	}
	require.Equal(t, made, documented)
}
