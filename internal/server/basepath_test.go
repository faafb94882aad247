package server

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/storetest"
)

// Behind a proxy that passes its prefix on, everything works under it, and no link leads out of it.
func TestUnderAPath(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.BasePath, o.APITokens = "/tools/henk", []string{testToken} })
	w := storetest.NewWorld(t, b.db, nil)

	rec := b.do("GET", "/tools/henk/campaigns", nil, asHTML)
	require.Equal(t, http.StatusSeeOther, rec.Code)
	require.Equal(t, "/tools/henk/login?next=%2Fcampaigns", rec.Header().Get("Location"))
	rec = b.do("POST", "/tools/henk/login", form("username", testUser, "password", testPassword, "next", "/campaigns"), asForm)
	require.Equal(t, "/tools/henk/campaigns", rec.Header().Get("Location"))
	cookie := rec.Result().Cookies()[0]
	require.Equal(t, "/tools/henk", cookie.Path)
	as := header{"Cookie": cookie.Name + "=" + cookie.Value}

	outside := regexp.MustCompile(`(?:href|src|action|hx-[a-z]+|sse-connect)="(/[^"]*)"`)
	for _, path := range []string{"/", "/campaigns", "/campaigns/" + w.Campaign.String(), "/leads", "/conversations", "/login", "/riverui/"} {
		rec := b.do("GET", "/tools/henk"+path, nil, as, asHTML)
		if path == "/login" {
			rec = b.do("GET", "/tools/henk"+path, nil, asHTML)
		}
		require.Equal(t, http.StatusOK, rec.Code, path)
		links := outside.FindAllStringSubmatch(rec.Body.String(), -1)
		require.NotEmpty(t, links, path)
		for _, link := range links {
			require.True(t, strings.HasPrefix(link[1], "/tools/henk/"), "%s links to %s", path, link[1])
			if strings.Contains(link[1], "/static/") {
				require.Equal(t, http.StatusOK, b.do("GET", link[1], nil).Code, link[1])
			}
		}
	}
	for target, want := range map[string]int{
		"/healthz": 200, "/readyz": 200, "/tools/henk/healthz": 200, "/tools/henk": 301, "/": 404, "/campaigns": 404, "/login": 404, "/metrics": 404,
		"/tools/henkish/": 404, "/tools/henk/../login": 307, "/tools/henk/tools/henk/login": 401, "/riverui/": 404, "/api/v1/jobs": 404,
	} {
		require.Equal(t, want, b.do("GET", target, nil).Code, target)
	}
	require.Equal(t, http.StatusOK, b.do("GET", "/tools/henk/api/v1/campaigns/"+w.Campaign.String()+"/plan", nil, asMachine).Code)
	require.Equal(t, http.StatusOK, b.do("POST", "/tools/henk/functions/v1/campaign-orchestrator", nil, asMachine).Code)
	require.Equal(t, http.StatusOK, b.do("GET", "/tools/henk/riverui/api/states", nil, as).Code)
}

// What is not a page passes as it is: an attribute in a JSON answer or in somebody's text is not an address of ours.
func TestOnlyPagesAreRewritten(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]string{"text/html; charset=utf-8": `<a href="/henk/x">`, "application/json": `<a href="/x">`, "text/plain": `<a href="/x">`, "text/event-stream": `<a href="/henk/x">`} {
		h := underBase("/henk", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			_, _ = w.Write([]byte(`<a href="/x">`))
		}))
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest("GET", "/henk/y", nil))
		require.Equal(t, want, rec.Body.String(), kind)
	}
	for in, want := range map[string]string{`href="//evil.test/"`: `href="//evil.test/"`, `href="https://x/"`: `href="https://x/"`, `href="/"`: `href="/henk/"`, `data-href="x"`: `data-href="x"`, `hx-get="/events"`: `hx-get="/henk/events"`} {
		require.Equal(t, want, address.ReplaceAllString(in, `$1="/henk/$2`), in)
	}
}
