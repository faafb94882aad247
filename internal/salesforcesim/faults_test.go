package salesforcesim

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func (b *bundle) faults(spec string) {
	b.t.Helper()
	f, err := ParseFaults(spec)
	require.NoError(b.t, err)
	b.sim.SetFaults(f)
}

func TestFaultAnswers(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.AppName = "henk" })
	for mode, want := range map[string]struct {
		status int
		text   string
	}{
		"401_header": {401, "INVALID_AUTH_HEADER"}, "403_daily": {403, "TotalRequests Limit exceeded."}, "403_concurrent": {403, "ConcurrentRequests"},
		"406": {406, ""}, "420": {420, ""}, "429": {429, ""}, "500": {500, "UNKNOWN_EXCEPTION"}, "503": {503, "SERVER_UNAVAILABLE"}, "503_html": {503, "<html>"},
	} {
		b.faults(mode + "=first:1,retry_after=7")
		r := b.api("GET", "/limits", "")
		require.Equal(t, want.status, r.status, mode)
		require.Contains(t, r.body, want.text, mode)
		require.Equal(t, want.status == 503 || want.status == 429, r.header.Get("Retry-After") == "7", mode)
		require.Contains(t, r.header.Get("Sforce-Limit-Info"), "(appName=henk)")
		require.Equal(t, 200, b.api("GET", "/limits", "").status, mode)
	}
	b.faults("401=first:1")
	b.refused(b.api("GET", "/limits", ""), 401, "INVALID_SESSION_ID")
	b.refused(b.api("GET", "/limits", ""), 401, "INVALID_SESSION_ID")
	b.token, _ = b.refresh("rt0")["access_token"].(string)
	require.Equal(t, 200, b.api("GET", "/limits", "").status)
	b.faults("maintenance=on")
	require.Equal(t, "text/html; charset=UTF-8", b.api("GET", "/limits", "").header.Get("Content-Type"))
	b.faults("date_skew=-90s")
	at, err := http.ParseTime(b.api("GET", "/limits", "").header.Get("Date"))
	require.NoError(t, err)
	require.Equal(t, b.clock.now().Add(-90*time.Second), at)
}

func TestFaultsOfQueries(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Contacts = 1500 })
	const soql = "SELECT Id FROM Contact"
	b.faults("query_timeout=first:1")
	b.refused(b.do("GET", queryURL("query", soql), ""), 400, "QUERY_TIMEOUT")
	first := b.page(queryURL("query", soql), "Sforce-Query-Options", "batchSize=500")
	b.faults("locator_gone=first:1")
	b.refused(b.do("GET", first.NextRecordsURL, ""), 400, "INVALID_QUERY_LOCATOR")
	b.refused(b.do("GET", first.NextRecordsURL, ""), 400, "INVALID_QUERY_LOCATOR")
	b.faults("short_pages=100%")
	require.NotEmpty(t, b.rows("query", soql, "Sforce-Query-Options", "batchSize=500"))
	require.Greater(t, b.sim.Stats().Requests["query_more"], int64(4))
}

func TestDailyAllowance(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.DailyLimit = 100 })
	b.sim.SetUsage(98)
	require.Equal(t, "api-usage=99/100", b.api("GET", "/limits", "").header.Get("Sforce-Limit-Info"))
	require.Contains(t, b.api("GET", "/limits", "").body, `"DailyApiRequests":{"Max":100,"Remaining":0}`)
	b.refused(b.api("GET", "/limits", ""), 403, "REQUEST_LIMIT_EXCEEDED")
	b.sim.SetUsage(0)
	require.Equal(t, 200, b.api("GET", "/limits", "").status)
}

// TestLostReplyOfAWrite shows the trap of blind retries: the write happened.
func TestLostReplyOfAWrite(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	b.faults("drop=first:1")
	srv := httptest.NewServer(b.sim)
	defer srv.Close()
	r, err := http.NewRequest(http.MethodPost, srv.URL+"/services/data/v66.0/sobjects/Task", strings.NewReader(`{"CallObject":"x"}`))
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer "+b.token)
	_, err = http.DefaultClient.Do(r)
	require.Error(t, err)
	require.Equal(t, 1, b.sim.Stats().Tasks["x"])
}

func TestParseFaults(t *testing.T) {
	t.Parallel()
	f, err := ParseFaults("401=5%, drop=burst:10s@30s,slow=20ms:10%,retry_after=2,date_skew=-3s")
	require.NoError(t, err)
	require.Len(t, f.Rules, 3)
	require.True(t, f.DateBehind)
	for spec, want := range map[string]string{"501=5%": `unknown mode "501"`, "401": "write it as mode=value", "401=2": "not a share", "drop=60%,half=60%": "more than 100%",
		"slow=fast": "not a duration", "read_only=yes": "neither on nor off", "lock=first:0": "not a count"} {
		_, err := ParseFaults(spec)
		require.ErrorContains(t, err, want)
	}
}

func TestRequestsThatAreTooLong(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	require.Equal(t, 414, b.do("GET", queryURL("query", strings.Repeat("x", 17000)), "").status)
	require.Equal(t, 431, b.api("GET", "/limits", "", "X-Long", strings.Repeat("x", 16300)).status)
}

func TestVersions(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	b.token = ""
	var list []map[string]string
	b.decode(b.do("GET", "/services/data/", ""), &list)
	require.Contains(t, list, map[string]string{"label": "Spring '26", "url": "/services/data/v66.0", "version": "66.0"})
	require.Equal(t, 410, b.do("GET", "/services/data/v20.0/limits", "").status)
	require.Zero(t, b.sim.Stats().APICalls)
}

func TestControl(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	basic := []string{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte("id:secret"))}
	require.Equal(t, 401, b.do("GET", "/_sim/stats", "", "Authorization", "Bearer no").status)
	require.Equal(t, 200, b.do("GET", "/_sim/stats", "", basic...).status)
	var made struct{ IDs []string }
	b.decode(b.do("POST", "/_sim/records", `{"edits":[{"op":"create","object":"Contact","fields":{"LastName":"A"}}],"commit_after":"1m"}`, basic...), &made)
	require.Len(t, made.IDs, 1)
	require.Equal(t, 404, b.do("GET", "/_sim/record?id="+made.IDs[0], "", basic...).status)
	b.clock.pass(time.Minute)
	require.Equal(t, 200, b.do("GET", "/_sim/record?id="+made.IDs[0], "", basic...).status)
	b.refused(b.do("POST", "/_sim/records", `{"edits":[{"op":"explode"}]}`, basic...), 400, "INVALID_EDIT")
	b.refused(b.do("POST", "/_sim/faults", "nope=1", basic...), 400, "INVALID_FAULTS")
	require.Equal(t, 200, b.do("POST", "/_sim/faults", "500=first:1", basic...).status)
	require.Equal(t, 500, b.api("GET", "/limits", "").status)
	require.Equal(t, 200, b.do("POST", "/_sim/org", `{"hide":["Lead.DoNotCall"],"usage":5,"expire_sessions":true}`, basic...).status)
	require.Equal(t, 401, b.api("GET", "/limits", "").status)
	require.Equal(t, 200, b.do("POST", "/_sim/reset", "", basic...).status)
	require.Zero(t, b.sim.Stats().APICalls)
}
