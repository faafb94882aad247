package server

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/web"
)

// Whoever opens a route has to change this list as well.
var openRoutes = []string{"GET /healthz", "GET /readyz", "GET /static/", "GET /login", "POST /login", "/webhooks/elevenlabs",
	"/functions/v1/campaign-orchestrator", "/functions/v1/conversation-orchestrator", "/functions/v1/sync-salesforce-leads"}

// requests are a request for each closed route, and for addresses that might slip past one.
func requests(t *testing.T, s *Server) []string {
	t.Helper()
	var all, open []string
	for _, r := range s.routes() {
		if r.open {
			open = append(open, r.pattern)
			continue
		}
		method, path, found := strings.Cut(r.pattern, " ")
		if !found {
			method, path = http.MethodGet, r.pattern
		}
		all = append(all, method+" "+strings.ReplaceAll(path, "{$}", ""))
	}
	slices.Sort(open)
	want := slices.Sorted(slices.Values(openRoutes))
	require.Equal(t, want, open)
	return append(all,
		"GET /nothing", "POST /nothing", "DELETE /", "POST /", "OPTIONS /", "TRACE /", "PUT /login", "DELETE /healthz", "POST /readyz",
		"GET /healthz/", "GET /Healthz", "GET /login/", "GET /login/x", "GET /logout", "POST /static/", "GET /metrics", "GET /api/v1/jobs",
		"GET /riverui/jobs", "GET /riverui/jobs/1", "GET /riverui/robots.txt", "GET /riverui/assets/", "GET /riverui/api/jobs?state=running",
		"GET /riverui/api/states", "GET /riverui/api/queues", "GET /riverui/api/features", "GET /riverui/api/health-checks/complete",
		"POST /riverui/api/jobs/cancel", "POST /riverui/api/jobs/delete", "POST /riverui/api/jobs/retry", "PUT /riverui/api/queues/dial/pause",
		"GET /login%2f..%2friverui/", "GET /%72iverui/api/queues")
}

func TestEveryRouteNeedsASessionUnlessListed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	good := b.cookie()
	value := strings.TrimPrefix(good["Cookie"], sessionCookie+"=")
	expired := b.sessions.sign(sessionID{1}, time.Now().Add(-time.Second))
	other := newSessions([]byte("another key, another key, another"), "/", time.Now).sign(sessionID{1}, time.Now().Add(time.Hour))
	flipped := []byte(value)
	flipped[3] ^= 1
	bad := map[string]header{
		"none": {}, "empty": {"Cookie": sessionCookie + "="}, "forged": {"Cookie": sessionCookie + "=" + string(flipped)},
		"other key": {"Cookie": sessionCookie + "=" + other}, "expired": {"Cookie": sessionCookie + "=" + expired},
		"truncated": {"Cookie": sessionCookie + "=" + value[:len(value)-2]}, "not base64": {"Cookie": sessionCookie + "=!!!"},
		"basic": {"Authorization": "Basic b3BlcmF0b3I6Y29ycmVjdCBob3JzZQ=="},
	}
	for _, request := range requests(t, b.Server) {
		method, target, _ := strings.Cut(request, " ")
		for name, cookie := range bad {
			rec := b.do(method, target, nil, cookie)
			require.Equal(t, http.StatusUnauthorized, rec.Code, "%s, cookie %s", request, name)
			if strings.HasPrefix(target, "/api/") {
				require.JSONEq(t, `{"ok": false, "error": "a valid bearer token is needed: Authorization: Bearer HENK_API_TOKEN"}`, rec.Body.String())
				continue
			}
			require.Equal(t, "not logged in\n", rec.Body.String())
			rec = b.do(method, target, nil, cookie, asHTML)
			if method == http.MethodGet || method == http.MethodHead {
				require.Equal(t, http.StatusSeeOther, rec.Code, "%s, cookie %s", request, name)
				require.True(t, strings.HasPrefix(rec.Header().Get("Location"), "/login"), "%s leads to %s", request, rec.Header().Get("Location"))
			} else {
				require.Equal(t, http.StatusUnauthorized, rec.Code, "%s, cookie %s", request, name)
			}
		}
		if target == "/logout" || target == "/events" {
			continue // would end the session (TestLogout), would not end by itself
		}
		rec := b.do(method, target, nil, good)
		require.NotEqual(t, http.StatusUnauthorized, rec.Code, "%s with a session", request)
		require.False(t, strings.HasPrefix(rec.Header().Get("Location"), "/login"), "%s with a session", request)
	}
}

func TestOpenRoutes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, target := range []string{"/healthz", "/readyz", web.AssetURL("henk.css"), "/login"} {
		require.Equal(t, http.StatusOK, b.do("GET", target, nil).Code, target)
	}
	require.Equal(t, "ok\n", b.do("GET", "/healthz", nil).Body.String())
	for _, target := range []string{"/static/nothing.css", "/static/..%2friverui/", "/static/%2e%2e/embed.go"} {
		require.Equal(t, http.StatusNotFound, b.do("GET", target, nil, b.cookie()).Code, target)
	}
	rec := b.do("GET", "/login", nil)
	require.Contains(t, rec.Body.String(), `name="password"`)
	require.NotContains(t, rec.Body.String(), "v1.2.3", "the version is not for strangers")
}

func TestUnknownPathsAreNotFoundAfterLoginOnly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	cookie := b.cookie()
	rec := b.do("GET", "/nothing?x=1", nil, asHTML)
	require.Equal(t, http.StatusSeeOther, rec.Code)
	require.Equal(t, "/login?next=%2Fnothing%3Fx%3D1", rec.Header().Get("Location"))
	rec = b.do("GET", "/nothing", nil, asHTML, cookie)
	require.Equal(t, http.StatusNotFound, rec.Code)
	require.Contains(t, rec.Body.String(), "<h1>Not found</h1>")
	rec = b.do("GET", "/nothing", nil, cookie)
	require.Equal(t, http.StatusNotFound, rec.Code)
	require.Equal(t, "There is nothing under this address.\n", rec.Body.String())
}

func TestCrossOriginPostsAreRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	cookie := b.cookie()
	login := func() (string, string) { return "/login", "username=" + testUser + "&password=" + testPassword }
	for name, c := range map[string]struct {
		headers header
		allowed bool
	}{
		"another site":         {header{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.test"}, false},
		"a sibling":            {header{"Sec-Fetch-Site": "same-site", "Origin": "http://other.example.com"}, false},
		"old browser, foreign": {header{"Origin": "https://evil.test"}, false},
		"opaque origin":        {header{"Origin": "null"}, false},
		"our page":             {header{"Sec-Fetch-Site": "same-origin", "Origin": "http://example.com"}, true},
		"old browser, ours":    {header{"Origin": "http://example.com"}, true},
		"curl":                 {header{}, true},
	} {
		target, body := login()
		rec := b.do("POST", target, strings.NewReader(body), asForm, c.headers)
		require.Equal(t, c.allowed, rec.Code == http.StatusSeeOther, "login from %s: %d", name, rec.Code)
		rec = b.do("POST", "/riverui/api/jobs/cancel", strings.NewReader(`{"ids":["1"]}`), cookie, c.headers)
		if c.allowed {
			require.Equal(t, http.StatusNotFound, rec.Code, "a job that is not there, from %s", name)
		} else {
			require.Equal(t, http.StatusForbidden, rec.Code, "cancel from %s", name)
		}
		if !c.allowed {
			require.Equal(t, http.StatusForbidden, b.do("POST", "/logout", nil, cookie, c.headers).Code, "logout from %s", name)
		}
	}
	require.Equal(t, http.StatusOK, b.do("GET", "/", nil, cookie).Code, "the session has survived the attacks")
}

func TestBodyLimits(t *testing.T) {
	t.Parallel()
	b := setup(t)
	cookie := b.cookie()
	for _, c := range []struct {
		target string
		size   int
		want   int
	}{
		{"/login", 15 << 10, http.StatusUnauthorized}, // within the limit: judged, and wrong
		{"/login", 17 << 10, http.StatusRequestEntityTooLarge},
		{"/riverui/api/jobs/cancel", 1<<20 + 1, http.StatusRequestEntityTooLarge},
	} {
		body := "username=" + strings.Repeat("x", c.size-len("username="))
		if strings.HasPrefix(c.target, "/riverui") {
			body = `"` + strings.Repeat("x", c.size-2) + `"`
		}
		rec := b.do("POST", c.target, strings.NewReader(body), asForm, cookie)
		require.Equal(t, c.want, rec.Code, "%s with its length", c.target)
		// Without a length the body is cut off while it is read.
		r := httptest.NewRequestWithContext(t.Context(), "POST", c.target, struct{ *strings.Reader }{strings.NewReader(body)})
		r.ContentLength = -1
		r.RemoteAddr = "203.0.113.8:1"
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Cookie", cookie["Cookie"])
		rec = httptest.NewRecorder()
		b.handler.ServeHTTP(rec, r)
		require.Equal(t, c.want, rec.Code, "%s without its length", c.target)
	}
}
