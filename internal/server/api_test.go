package server

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/auth/authtest"
	"github.com/callhenk/henk-worker/internal/storetest"
	"github.com/callhenk/henk-worker/jobs"
)

const (
	testToken   = "api-token-for-tests"
	testService = "service-role-key-for-tests"
	testSecret  = "jwt-secret-for-tests"
)

var asMachine = header{"Authorization": "Bearer " + testToken}

func setupAPI(t *testing.T) *bundle {
	t.Helper()
	return setup(t, func(o *Options) { o.APITokens, o.JWTSecret = []string{testToken, testService, ""}, testSecret })
}

func asUser(id uuid.UUID) header {
	return header{"Authorization": "Bearer " + authtest.Token(testSecret, id, time.Now().Add(time.Hour))}
}

// member makes an app user who is in the business with the role and status.
func (b *bundle) member(business uuid.UUID, role, status string) uuid.UUID {
	b.t.Helper()
	id := uuid.New()
	storetest.Insert(b.t, b.db, "team_members", storetest.Fields{"business_id": business, "user_id": id, "role": role, "status": status})
	return id
}

func object(t *testing.T, rec *httptest.ResponseRecorder) map[string]any {
	t.Helper()
	require.Equal(t, "application/json", rec.Header().Get("Content-Type"), rec.Body.String())
	var body map[string]any
	require.NoError(t, json.Unmarshal(rec.Body.Bytes(), &body), rec.Body.String())
	return body
}

func TestFunctionsAnswerAsTheEdgeFunctionsDid(t *testing.T) {
	t.Parallel()
	b := setupAPI(t)
	for _, f := range functions() {
		path := functionsPath + f.name
		for _, headers := range []header{{}, asMachine} {
			rec := b.do("OPTIONS", path, nil, headers, header{"Origin": "https://app.example", "Access-Control-Request-Method": "POST"})
			require.Equal(t, http.StatusOK, rec.Code)
			require.Equal(t, "*", rec.Header().Get("Access-Control-Allow-Origin"))
			require.Equal(t, "authorization, x-client-info, apikey, content-type", rec.Header().Get("Access-Control-Allow-Headers"))
			for _, method := range []string{"GET", "PUT", "DELETE", "PATCH", "HEAD"} {
				rec = b.do(method, path, nil, headers)
				require.Equal(t, http.StatusMethodNotAllowed, rec.Code, method)
				if method != "HEAD" {
					require.JSONEq(t, `{"ok": false, "error": "Method not allowed"}`, rec.Body.String())
				}
			}
		}
		bad := map[string]header{"none": {}, "empty": {"Authorization": "Bearer "}, "wrong": {"Authorization": "Bearer " + testToken + "x"},
			"basic": {"Authorization": "Basic " + testToken}, "half": {"Authorization": "Bearer " + testToken[:5]}, "cookie": b.cookie()}
		for name, headers := range bad {
			rec := b.do("POST", path, strings.NewReader("{}"), headers)
			require.Equal(t, http.StatusUnauthorized, rec.Code, name)
			require.Equal(t, false, object(t, rec)["ok"])
		}
		require.Equal(t, http.StatusForbidden, b.do("POST", path, nil, asUser(uuid.New())).Code, "app users do not run ticks")
		// From a page of another origin, and with the service-role key.
		rec := b.do("POST", path, strings.NewReader("{}"), header{"Authorization": "bearer " + testService, "Origin": "https://app.example", "Sec-Fetch-Site": "cross-site"})
		require.Equal(t, http.StatusOK, rec.Code, rec.Body.String())
		require.Equal(t, "*", rec.Header().Get("Access-Control-Allow-Origin"))
		first := object(t, rec)
		require.Equal(t, []any{true, f.name, false}, []any{first["ok"], first["kind"], first["duplicate"]})
		second := object(t, b.do("POST", path, nil, asMachine))
		require.Equal(t, []any{true, true, first["job_id"]}, []any{second["ok"], second["duplicate"], second["job_id"]})
	}
}

func TestFunctionsRefuseWhatTheyCannotDo(t *testing.T) {
	t.Parallel()
	b := setupAPI(t)
	path := functionsPath + "conversation-orchestrator"
	for body, says := range map[string]string{
		`{`: "JSON object", `[]`: "JSON object", `null`: "JSON object", `"x"`: "JSON object", `{} {}`: "JSON object",
		`{"lookbackHours": -1}`: "lookbackHours must be a whole number from 1 to 8760", `{"lookbackHours": 0}`: "lookbackHours", `{"lookbackHours": 1e3}`: "lookbackHours",
		`{"lookbackHours": 8761}`: "lookbackHours", `{"lookbackHours": 99999999999999999999}`: "lookbackHours", `{"lookbackHours": "4"}`: "lookbackHours",
		`{"lookbackHours": 1.5}`: "lookbackHours", `{"batchLimit": 10001}`: "batchLimit must be a whole number from 1 to 10000", `{"batchLimit": {}}`: "batchLimit", `{"batchLimit": true}`: "batchLimit",
	} {
		rec := b.do("POST", path, strings.NewReader(body), asMachine)
		require.Equal(t, http.StatusBadRequest, rec.Code, body)
		require.Contains(t, object(t, rec)["error"], says, body)
	}
	for _, wait := range []string{"x", "-1", "301", "1.5", "99999999999999999999", ""} {
		rec := b.do("POST", path+"?wait="+wait, nil, asMachine)
		require.Equal(t, http.StatusBadRequest, rec.Code, wait)
	}
	rec := b.do("POST", path, strings.NewReader(strings.Repeat(" ", 65<<10)), asMachine)
	require.Equal(t, http.StatusRequestEntityTooLarge, rec.Code)
	require.Equal(t, "the request body is too large", object(t, rec)["error"])
	var n int
	require.NoError(t, b.db.QueryRow(t.Context(), "select count(*) from river.river_job").Scan(&n))
	require.Zero(t, n)
	rec = b.do("POST", path, strings.NewReader(`{"lookbackHours": 4, "batchLimit": 7, "source": "pg_cron"}`), asMachine)
	require.Equal(t, http.StatusOK, rec.Code)
	var args string
	require.NoError(t, b.db.QueryRow(t.Context(), "select args::text from river.river_job").Scan(&args))
	require.JSONEq(t, `{"lookback_hours": 4, "batch_limit": 7}`, args)
}

func TestFunctionsWait(t *testing.T) {
	t.Parallel()
	b := setupAPI(t)
	start := time.Now()
	rec := b.do("POST", functionsPath+"campaign-orchestrator?wait=1", nil, asMachine)
	body := object(t, rec)
	require.Equal(t, []any{true, false}, []any{body["ok"], body["done"]}, "nobody works: the time is over")
	require.GreaterOrEqual(t, time.Since(start), time.Second)

	rt, err := jobs.New(jobs.Config{DB: b.db, Log: storetest.Log(t), NoTicks: true, PollJobs: 100 * time.Millisecond})
	require.NoError(t, err)
	require.NoError(t, rt.Start(t.Context()))
	t.Cleanup(func() { _ = rt.Stop(t.Context()) })
	storetest.NewWorld(t, b.db, nil)
	body = object(t, b.do("POST", functionsPath+"campaign-orchestrator?wait=60", strings.NewReader(""), asMachine))
	require.Equal(t, []any{true, true}, []any{body["ok"], body["done"]}, body)
	require.Contains(t, body["jobs"], "campaign-orchestrator")
	require.Contains(t, body, "counts")

	// A stop lets nobody wait for minutes.
	b.endWaits()
	start = time.Now()
	body = object(t, b.do("POST", functionsPath+"sync-salesforce-leads?wait=300", nil, asMachine))
	require.Equal(t, true, body["ok"])
	require.Less(t, time.Since(start), time.Minute)
}

func TestJobsAPI(t *testing.T) {
	t.Parallel()
	b := setupAPI(t)
	id := uuid.NewString()
	post := func(body string, headers ...header) *httptest.ResponseRecorder {
		return b.do("POST", "/api/v1/jobs", strings.NewReader(body), append([]header{asMachine}, headers...)...)
	}
	rec := post(`{"kind": "plan-campaign", "args": {"campaign_id": "` + id + `"}}`)
	require.Equal(t, http.StatusCreated, rec.Code, rec.Body.String())
	first := object(t, rec)
	require.Equal(t, []any{true, "plan-campaign", "orchestrate", "available", false}, []any{first["ok"], first["kind"], first["queue"], first["state"], first["duplicate"]})
	rec = post(`{"kind": "plan-campaign", "args": {"campaign_id": "` + strings.ToUpper(id) + `"}}`)
	require.Equal(t, http.StatusOK, rec.Code)
	require.Equal(t, []any{first["id"], true}, []any{object(t, rec)["id"], object(t, rec)["duplicate"]})
	rec = post(`{"kind": "housekeeping", "run_at": "` + time.Now().Add(time.Hour).Format(time.RFC3339) + `"}`)
	require.Equal(t, http.StatusCreated, rec.Code)
	require.Equal(t, "scheduled", object(t, rec)["state"])

	for body, says := range map[string]string{
		``: "one JSON object", `[]`: "one JSON object", `{"kind": 7}`: "one JSON object", `{} {}`: "one JSON object", `{"kind": "housekeeping", "argz": {}}`: "one JSON object",
		`{}`: "there is no job kind", `{"kind": "dial"}`: "kinds are [apply-webhook", `{"kind": "dial-lead"}`: `it takes {"attempt_id":"UUID"}`,
		`{"kind": "dial-lead", "args": {"phone": "+1"}}`: "unknown field", `{"kind": "dial-lead", "args": []}`: "arguments of dial-lead",
		`{"kind": "conversation-orchestrator", "args": {"lookback_hours": 9000}}`: "8760 at most", `{"kind": "housekeeping", "run_at": "soon"}`: "run_at",
		`{"kind": "housekeeping", "run_at": "2999-01-01T00:00:00Z"}`: "ten years",
	} {
		rec := post(body)
		require.Equal(t, http.StatusBadRequest, rec.Code, body)
		require.Contains(t, object(t, rec)["error"], says, body)
	}
	require.Equal(t, http.StatusNotFound, b.do("GET", "/api/v1/jobs", nil, asMachine).Code)
	require.Equal(t, http.StatusCreated, b.do("POST", "/api/v1/jobs", strings.NewReader(`{"kind": "campaign-orchestrator"}`), b.cookie()).Code, "the operator may too")
	require.Equal(t, http.StatusForbidden, b.do("POST", "/api/v1/jobs", strings.NewReader(`{"kind": "campaign-orchestrator"}`), b.cookie(), header{"Sec-Fetch-Site": "cross-site"}).Code, "but not from another site")
}

func TestPlanAndExplainOverHTTP(t *testing.T) {
	t.Parallel()
	b := setupAPI(t)
	w := storetest.NewWorld(t, b.db, nil)
	lead := storetest.NewLead(t, b.db, w, nil)
	storetest.NewLead(t, b.db, w, storetest.Fields{"do_not_call": true})
	at := "?at=2026-11-24T18:00:00Z"
	base := "/api/v1/campaigns/" + w.Campaign.String()
	plan := object(t, b.do("GET", base+"/plan"+at, nil, asMachine))
	require.Equal(t, w.Campaign.String(), plan["campaign_id"])
	require.Len(t, plan["would_call"], 1)
	require.EqualValues(t, 1, plan["held_back"].(map[string]any)["do_not_call"])
	explain := object(t, b.do("GET", base+"/explain"+at+"&lead="+lead.String(), nil, asMachine))
	require.Equal(t, []any{"call", nil}, []any{explain["verdict"], explain["first_failing"]})
	require.Equal(t, http.StatusOK, b.do("GET", base+"/plan", nil, b.cookie()).Code)
	for target, want := range map[string]int{
		base + "/plan?at=yesterday": 400, base + "/explain": 400, base + "/explain?lead=7": 400,
		base + "/explain?lead=" + uuid.NewString(): 404, "/api/v1/campaigns/" + uuid.NewString() + "/plan": 404,
		"/api/v1/campaigns/7/plan": 404, "/api/v1/campaigns/" + uuid.NewString() + "/explain?lead=" + lead.String(): 404,
		"/api/v1/campaigns/" + strconv.Itoa(1<<30) + "/explain": 404,
	} {
		rec := b.do("GET", target, nil, asMachine)
		require.Equal(t, want, rec.Code, "%s: %s", target, rec.Body.String())
		require.Equal(t, false, object(t, rec)["ok"])
	}
}
