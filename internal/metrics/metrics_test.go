package metrics_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/riverqueue/river/rivertype"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/elevenlabssim"
	"github.com/callhenk/henk-worker/internal/metrics"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/storetest"
	"github.com/callhenk/henk-worker/jobs"
)

func newMetrics(t *testing.T, db *store.DB) *metrics.Metrics {
	t.Helper()
	return metrics.New(metrics.Options{DB: db, Queues: jobs.Queues(), Version: "v1.2.3", Log: storetest.Log(t)})
}

// scrape reads /metrics as Prometheus does: the text, and the value of each series.
func scrape(t *testing.T, m *metrics.Metrics) (string, map[string]float64) {
	t.Helper()
	srv := httptest.NewServer(m.Handler())
	defer srv.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+"/metrics", nil)
	require.NoError(t, err)
	res, err := srv.Client().Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.Contains(t, res.Header.Get("Content-Type"), "text/plain")
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	series := map[string]float64{}
	for lines := bufio.NewScanner(strings.NewReader(string(body))); lines.Scan(); {
		line := lines.Text()
		if line == "" || line[0] == '#' {
			continue
		}
		at := strings.LastIndexByte(line, ' ')
		series[line[:at]], err = strconv.ParseFloat(line[at+1:], 64)
		require.NoError(t, err, line)
	}
	return string(body), series
}

func exec(t *testing.T, db *store.DB, sql string, args ...any) {
	t.Helper()
	_, err := db.Exec(t.Context(), sql, args...)
	require.NoError(t, err)
}

// fill puts something behind every gauge.
func fill(t *testing.T, db *store.DB) {
	t.Helper()
	w := storetest.NewWorld(t, db, nil)
	conversation := func(fields storetest.Fields) uuid.UUID {
		lead := storetest.NewLead(t, db, w, nil)
		row := storetest.Fields{"campaign_id": w.Campaign, "agent_id": w.Agent, "lead_id": lead, "status": "completed", "conversation_id": "conv_" + uuid.NewString(),
			"started_at": time.Now().Add(-5 * time.Minute)}
		for k, v := range fields {
			row[k] = v
		}
		return storetest.Insert(t, db, "conversations", row)
	}
	storetest.NewAttempt(t, db, w, storetest.NewLead(t, db, w, nil), nil)
	conversation(storetest.Fields{"ended_at": time.Now().Add(-time.Minute)}) // not brought in yet
	conversation(storetest.Fields{"status": "in_progress"})                  // still talking
	ended := time.Now().Add(-4 * time.Minute)                                // brought in: asked not to be called
	optedOut := conversation(storetest.Fields{"ended_at": ended, "settled_at": time.Now()})
	exec(t, db, "insert into henk.conversation_outcomes (conversation_id, opt_out, read_at) values ($1, true, $2)", optedOut, ended.Add(3*time.Second))
	exec(t, db, "insert into henk.workers (client_id, beat_at) values ('henk-a-1', now() + interval '1 hour'), ('henk-a-2', now() + interval '1 hour')")
	exec(t, db, "insert into henk.workers (client_id, beat_at) values ('henk-dead-1', now() - interval '1 minute')")
	exec(t, db, "update henk.provider_state set breaker = 'open'")
	exec(t, db, "insert into henk.webhook_inbox (provider, dedupe_key, type, state, received_at) values ('elevenlabs', 'a', 'x', 'pending', now() - interval '2 minutes'), ('elevenlabs', 'b', 'x', 'failed', now())")
	integration := storetest.Insert(t, db, "integrations", storetest.Fields{"name": "Salesforce", "type": "crm", "status": "active", "business_id": w.Business})
	exec(t, db, "insert into henk.crm_cursors (integration_id, object, fingerprint, watermark, upper_bound) values ($1, 'Contact', '', now() - interval '10 minutes', now())", integration)
	exec(t, db, "insert into henk.crm_rejects (integration_id, source_id, object, reason) values ($1, '003', 'Contact', 'no number')", integration)
	client, err := jobs.NewInserter(db, storetest.Log(t))
	require.NoError(t, err)
	require.NoError(t, store.InTx(t.Context(), db, func(tx pgx.Tx) error {
		_, err := jobs.InsertPlanTx(t.Context(), tx, client, w.Campaign)
		return err
	}))
	exec(t, db, "update river.river_job set scheduled_at = now() - interval '1 minute'")
}

func TestWhatTheDatabaseKnows(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	fill(t, db)
	_, got := scrape(t, newMetrics(t, db))
	for series, want := range map[string]float64{
		`henk_database_up`: 1, `henk_queue_jobs{queue="orchestrate",state="available"}`: 1, `henk_queue_jobs{queue="dial",state="running"}`: 0,
		`henk_attempts_in_progress{state="reserved"}`: 1, `henk_attempts_in_progress{state="unknown"}`: 0,
		`henk_webhooks_recent{state="pending"}`: 1, `henk_webhooks_recent{state="failed"}`: 1, `henk_webhooks_recent{state="applied"}`: 0,
		`henk_provider_breaker_open{provider="elevenlabs"}`: 1, `henk_workers_live`: 2, `henk_campaigns_active`: 1, `henk_salesforce_integrations_active`: 1,
		`henk_salesforce_scans_open`: 1, `henk_salesforce_rejected_records`: 1, `henk_salesforce_write_back_records`: 0,
		`henk_conversations_unsettled`: 2, `henk_opt_outs_recent`: 1, `henk_build_info{version="v1.2.3"}`: 1,
	} {
		value, ok := got[series]
		require.True(t, ok, "%s is not shown", series)
		require.InDelta(t, want, value, 0, series)
	}
	for series, seconds := range map[string]float64{`henk_queue_oldest_seconds{queue="orchestrate"}`: 60, `henk_salesforce_sync_lag_seconds`: 600, `henk_webhook_oldest_seconds`: 120,
		`henk_conversation_sync_lag_seconds`: 60, `henk_opt_out_seconds`: 3} {
		require.GreaterOrEqual(t, got[series], seconds-1, series)
		require.Less(t, got[series], seconds+300, series)
	}
	require.Zero(t, got[`henk_queue_oldest_seconds{queue="dial"}`])
	require.Equal(t, float64(db.Stat().MaxConns()), got[`henk_database_connections{state="max"}`])
}

func TestWhatTheProcessCounts(t *testing.T) {
	t.Parallel()
	m := newMetrics(t, storetest.New(t))
	_, before := scrape(t, m)
	require.Contains(t, before, `henk_calls_total{result="placed"}`, "the first call is a rise from 0")
	for _, c := range [][2]string{{"placed", ""}, {"placed", ""}, {"skipped", "do_not_call"}, {"expired", "call_window"}, {"released", "rate_limited"}, {"refused", "provider_refused"}, {"unknown", "no_answer_from_provider"}} {
		m.Dialed(c[0], c[1])
	}
	provider := m.Provider("elevenlabs")
	for status, err := range map[int]error{200: nil, 429: nil, 404: nil, 503: nil, 0: errors.New("refused")} {
		provider(t.Context(), "place call", status, time.Now().Add(-300*time.Millisecond), err)
	}
	m.HTTP("GET /leads/{id}", 200, 40*time.Millisecond)
	m.HTTP("GET /leads/{id}", 0, time.Second)
	_, got := scrape(t, m)
	for series, want := range map[string]float64{
		`henk_calls_total{result="placed"}`: 2, `henk_calls_total{result="skipped"}`: 1, `henk_calls_total{result="unknown"}`: 1,
		`henk_fence_refusals_total{reason="do_not_call"}`: 1, `henk_fence_refusals_total{reason="call_window"}`: 1, `henk_fence_refusals_total{reason="rate_limited"}`: 1,
		`henk_http_request_duration_seconds_count{code="200",route="GET /leads/{id}"}`: 1, `henk_http_request_duration_seconds_bucket{code="200",route="GET /leads/{id}",le="0.05"}`: 1,
		`henk_http_request_duration_seconds_count{code="none",route="GET /leads/{id}"}`: 1,
	} {
		require.InDelta(t, want, got[series], 0, series)
	}
	for _, result := range []string{"ok", "throttled", "client_error", "server_error", "no_answer"} {
		series := `henk_provider_request_duration_seconds_%{operation="place call",provider="elevenlabs",result="` + result + `"}`
		require.InDelta(t, 1, got[strings.Replace(series, "%", "count", 1)], 0, result)
		require.GreaterOrEqual(t, got[strings.Replace(series, "%", "sum", 1)], 0.3, result)
	}
	require.NotContains(t, got, `henk_fence_refusals_total{reason="provider_refused"}`, "the provider refused, not the fence")
}

// River measures itself through the hook, and each run of a job is counted with its end.
func TestRealJobs(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	m := newMetrics(t, db)
	rt, err := jobs.New(jobs.Config{DB: db, Log: storetest.Log(t), NoTicks: true, PollJobs: 50 * time.Millisecond,
		Hooks: []rivertype.Hook{m.Hook()}, Middleware: []rivertype.Middleware{m.Middleware()}})
	require.NoError(t, err)
	require.NoError(t, rt.Start(t.Context()))
	t.Cleanup(func() { _ = rt.Stop(context.WithoutCancel(t.Context())) })
	_, err = rt.Client.Insert(t.Context(), jobs.HousekeepingArgs{}, nil)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		_, got := scrape(t, m)
		return got[`henk_job_duration_seconds_count{kind="housekeeping",result="ok"}`] == 1 &&
			got[`henk_river_fetch_duration_seconds_count{queue="orchestrate"}`] > 0 && got[`henk_river_fetched_jobs_sum{queue="orchestrate"}`] >= 1
	}, 60*time.Second, 100*time.Millisecond)
}

// Calls, what the fence refused, and the provider's answers, as a worker that really dials counts them.
func TestRealCalls(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, nil)
	storetest.NewLead(t, db, w, nil)
	flagged := storetest.NewLead(t, db, w, storetest.Fields{"do_not_call": true})
	reserved := storetest.NewAttempt(t, db, w, flagged, nil) // reserved before somebody set the flag
	sim := elevenlabssim.New(elevenlabssim.Options{APIKey: "key", Speed: 100, AcceptAnyAgent: true})
	t.Cleanup(func() { _ = sim.Close() })
	api := httptest.NewServer(sim)
	t.Cleanup(api.Close)
	m := newMetrics(t, db)
	client, err := elevenlabs.New(elevenlabs.Config{APIKey: "key", BaseURL: api.URL, Observe: m.Provider("elevenlabs")})
	require.NoError(t, err)
	rt, err := jobs.New(jobs.Config{DB: db, ElevenLabs: client, Log: storetest.Log(t), NoTicks: true, PollJobs: 50 * time.Millisecond, PollBase: 200 * time.Millisecond,
		Lookback: time.Hour, SyncBatch: 10, EventsMax: 50, Dialed: m.Dialed, Hooks: []rivertype.Hook{m.Hook()}, Middleware: []rivertype.Middleware{m.Middleware()}})
	require.NoError(t, err)
	require.NoError(t, rt.Start(t.Context()))
	t.Cleanup(func() { _ = rt.Stop(context.WithoutCancel(t.Context())) })
	require.NoError(t, store.InTx(t.Context(), db, func(tx pgx.Tx) error {
		if err := jobs.InsertDialsTx(t.Context(), tx, rt.Client, []uuid.UUID{reserved}); err != nil {
			return err
		}
		_, err := jobs.InsertPlanTx(t.Context(), tx, rt.Client, w.Campaign)
		return err
	}))
	var got map[string]float64
	require.Eventually(t, func() bool {
		_, got = scrape(t, m)
		return got[`henk_calls_total{result="placed"}`] == 1 && got[`henk_calls_total{result="skipped"}`] == 1 &&
			got[`henk_job_duration_seconds_count{kind="dial-lead",result="ok"}`] >= 2
	}, 90*time.Second, 200*time.Millisecond, "%v", got)
	require.InDelta(t, 1, got[`henk_fence_refusals_total{reason="do_not_call"}`], 0)
	require.InDelta(t, 1, got[`henk_provider_request_duration_seconds_count{operation="place call",provider="elevenlabs",result="ok"}`], 0)
}

// Names are as Prometheus wants them, each says what it is, and no label holds an id or a number however much happens.
func TestNamesAndCardinality(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	fill(t, db)
	m := newMetrics(t, db)
	provider := m.Provider("elevenlabs")
	for i := range 5_000 {
		word := uuid.NewString()
		m.Dialed(word, word)
		m.Dialed("skipped", word)
		m.HTTP("GET /leads/{id}", 100+i, time.Millisecond)
		provider(t.Context(), word, 200, time.Now(), nil)
	}
	text, got := scrape(t, m)
	require.Less(t, len(got), 10_000)
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	require.NoError(t, err)
	require.Empty(t, problems)

	text, got = scrape(t, newMetrics(t, db))
	require.Less(t, len(got), 200, "a quiet process")
	name := regexp.MustCompile(`^(henk|go|process)_[a-z0-9_]+$`)
	label := regexp.MustCompile(`"[^"]*([0-9a-f]{8}-|\+?\d{7,}|@)[^"]*"`)
	for series := range got {
		require.Regexp(t, name, strings.SplitN(series, "{", 2)[0])
		require.NotRegexp(t, label, series)
		require.Contains(t, text, "# HELP "+regexp.MustCompile(`(_bucket|_sum|_count)?(\{.*)?$`).ReplaceAllString(series, "")+" ")
	}
}

// Without the database the process still answers, says so, and shows nothing old.
func TestWithoutADatabase(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	m := metrics.New(metrics.Options{DB: db, Queues: jobs.Queues(), Version: "v", Log: storetest.Log(t)})
	m.Dialed("placed", "")
	db.Close()
	_, got := scrape(t, m)
	require.Zero(t, got["henk_database_up"])
	require.Contains(t, got, "henk_database_up")
	require.NotContains(t, got, "henk_workers_live")
	require.NotContains(t, got, `henk_queue_jobs{queue="dial",state="available"}`)
	require.InDelta(t, 1, got[`henk_calls_total{result="placed"}`], 0)
}
