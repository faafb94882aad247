package main

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/config"
	"github.com/callhenk/henk-worker/internal/dashboard"
	"github.com/callhenk/henk-worker/internal/doctor"
	"github.com/callhenk/henk-worker/internal/elevenlabssim"
	"github.com/callhenk/henk-worker/internal/salesforcesim"
	"github.com/callhenk/henk-worker/internal/storetest"
)

func TestDoctor(t *testing.T) {
	t.Parallel()
	url := storetest.NewURL(t)
	db := storetest.Open(t, url)
	storetest.NewWorld(t, db, nil)
	_, err := db.Exec(t.Context(), "update agents set elevenlabs_agent_id = 'agent_sim_henk', caller_id = '+15005550006'")
	require.NoError(t, err)
	sim := elevenlabssim.New(elevenlabssim.Options{APIKey: "sk_hidden_1"})
	t.Cleanup(func() { _ = sim.Close() })
	api := httptest.NewServer(sim)
	t.Cleanup(api.Close)
	env := append(database(url), "ELEVENLABS_API_KEY=sk_hidden_1", "ELEVENLABS_BASE_URL="+api.URL, "ELEVENLABS_WEBHOOK_SECRET=wsec_hidden_2", "ELEVENLABS_MAX_CONCURRENT_CALLS=10",
		"HENK_WEB_USERNAME=ops", "HENK_WEB_PASSWORD=hidden-3-hidden", "HENK_API_TOKEN=hidden-4", "HENK_MEDIA_DIR="+t.TempDir())

	r := henk(t, env, "doctor")
	require.Equal(t, 1, r.code, "no worker runs")
	require.Contains(t, r.stdout, "fail  workers      No worker is running")
	require.Contains(t, r.stdout, "-> Start one: `henk worker`, or `henk serve`.")
	require.Contains(t, r.stdout, "ok    campaign     1 active: ElevenLabs has their agents and their phone numbers.")
	require.NotContains(t, r.stdout, "\x1b[", "no colour where nobody looks")
	require.Contains(t, r.stderr, "henk doctor: not everything is well")

	_, err = db.Exec(t.Context(), "insert into henk.workers (client_id, queues, version, beat_at) values ('henk-a-1', '{orchestrate,dial,sync,media,crm}', 'v1', now() + interval '1 hour')")
	require.NoError(t, err)
	r = henk(t, env, "doctor", "--json")
	require.Zero(t, r.code, r.stdout)
	require.Empty(t, r.stderr)
	var doc struct {
		OK     bool           `json:"ok"`
		Checks []doctor.Check `json:"checks"`
	}
	require.NoError(t, json.Unmarshal([]byte(r.stdout), &doc))
	require.True(t, doc.OK)
	require.GreaterOrEqual(t, len(doc.Checks), 16)
	for _, c := range doc.Checks {
		require.Contains(t, []string{"ok", "warn"}, c.Status, "%+v", c)
	}
	require.NotContains(t, strings.ToLower(r.stdout), "hidden")
	require.NotContains(t, r.stdout, "5005550006")

	r = henk(t, append(env, "DATABASE_URL=postgres://henk:hidden-5@127.0.0.1:1/henk?connect_timeout=2", "PORT=many"), "doctor", "--json")
	require.Equal(t, 1, r.code)
	require.NoError(t, json.Unmarshal([]byte(r.stdout), &doc))
	require.False(t, doc.OK)
	require.Contains(t, r.stdout, "PORT must be a whole number")
	require.NotContains(t, strings.ToLower(r.stdout+r.stderr), "hidden")
}

func TestColourIsForTerminals(t *testing.T) {
	t.Parallel()
	checks := []doctor.Check{{Name: "cron", Status: doctor.Fail, Message: "It runs.", Mend: "Stop it."}}
	var plain, coloured bytes.Buffer
	require.False(t, inColour(&plain))
	require.NoError(t, printChecks(&plain, checks, false))
	require.Equal(t, "fail  cron         It runs.\n                   -> Stop it.\n", plain.String())
	require.NoError(t, printChecks(&coloured, checks, true))
	require.Contains(t, coloured.String(), "\x1b[31mfail\x1b[0m  cron")
}

// The page asks the same; a process that only shows need not have the provider's key.
func TestDoctorPage(t *testing.T) {
	t.Parallel()
	cfg := &config.Config{SalesforceInterval: time.Minute}
	db := storetest.New(t)
	status := func(webOnly bool) (string, int) {
		checks := doctorPage(cfg, db, nil, webOnly)(t.Context())
		i := slices.IndexFunc(checks, func(c dashboard.Check) bool { return c.Name == "elevenlabs" })
		require.GreaterOrEqual(t, i, 0)
		return checks[i].Status, len(checks)
	}
	web, n := status(true)
	require.Equal(t, doctor.Warn, web)
	require.GreaterOrEqual(t, n, 16)
	worker, _ := status(false)
	require.Equal(t, doctor.Fail, worker)
}

func TestSalesforceQuota(t *testing.T) {
	t.Parallel()
	sim := salesforcesim.New(salesforcesim.Options{ClientID: "client", ClientSecret: "secret", RefreshToken: "refresh", DailyLimit: 5000})
	org := httptest.NewServer(sim)
	t.Cleanup(org.Close)
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, nil)
	connection := func(refresh string) uuid.UUID {
		return storetest.Insert(t, db, "integrations", storetest.Fields{"name": "Salesforce", "type": "crm", "status": "active", "business_id": w.Business,
			"config": `{"instanceUrl": "` + org.URL + `"}`, "credentials": `{"refreshToken": "` + refresh + `", "clientId": "client", "clientSecret": "secret"}`})
	}
	ask := salesforceQuota(&config.Config{SalesforceLoginURL: org.URL}, db)
	quota, err := ask(t.Context(), connection("refresh"))
	require.NoError(t, err)
	require.EqualValues(t, 5000, quota.Allowed)
	require.Less(t, quota.Used, int64(10))
	_, err = ask(t.Context(), connection("revoked"))
	require.Error(t, err)
	_, err = ask(t.Context(), uuid.New())
	require.Error(t, err)
}
