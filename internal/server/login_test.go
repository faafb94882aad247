package server

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"
)

func TestLoginWithPlainAndHashedPassword(t *testing.T) {
	t.Parallel()
	hash, err := bcrypt.GenerateFromPassword([]byte(testPassword), bcrypt.MinCost)
	require.NoError(t, err)
	for name, configured := range map[string]string{"plain": testPassword, "bcrypt": string(hash)} {
		b := setup(t, func(o *Options) { o.Password = configured })
		for _, wrong := range [][2]string{{testUser, "wrong"}, {"other", testPassword}, {"", ""}, {testUser, ""}, {testUser, string(hash)},
			{testUser, testPassword + " "}, {strings.ToUpper(testUser), testPassword}} {
			rec := b.tryLogin(wrong[0], wrong[1])
			require.Equal(t, http.StatusUnauthorized, rec.Code, "%s: %q", name, wrong)
			require.Empty(t, rec.Result().Cookies())
			require.Contains(t, rec.Body.String(), "User name or password is wrong.")
		}
		rec := b.tryLogin(testUser, testPassword)
		require.Equal(t, http.StatusSeeOther, rec.Code, name)
		require.Equal(t, "/", rec.Header().Get("Location"))
		cookie := rec.Result().Cookies()[0]
		require.True(t, cookie.HttpOnly)
		require.False(t, cookie.Secure, "over plain http the browser would not keep it")
		require.Equal(t, http.SameSiteLaxMode, cookie.SameSite)
		require.Equal(t, "/", cookie.Path)
		require.Equal(t, int(sessionLife.Seconds()), cookie.MaxAge)
		require.Equal(t, http.StatusOK, b.do("GET", "/", nil, cookieOf(t, rec)).Code)
		require.NotContains(t, b.log.String(), testPassword)
	}
}

func TestCookieIsSecureBehindHTTPS(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for proto, secure := range map[string]bool{"https": true, "https,http": true, "HTTPS": true, "http": false, "http, https": false, "": false} {
		rec := b.tryLogin(testUser, testPassword, header{"X-Forwarded-Proto": proto})
		require.Equal(t, secure, rec.Result().Cookies()[0].Secure, proto)
		require.Equal(t, secure, rec.Header().Get("Strict-Transport-Security") != "", proto)
	}
}

func TestLoginRotatesTheSession(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.cookie()
	second := cookieOf(t, b.tryLogin(testUser, testPassword, first))
	require.NotEqual(t, first, second)
	require.Equal(t, http.StatusUnauthorized, b.do("GET", "/", nil, first).Code, "the session from before the login has ended")
	require.Equal(t, http.StatusOK, b.do("GET", "/", nil, second).Code)
	planted := header{"Cookie": sessionCookie + "=planted"}
	require.NotEqual(t, planted, cookieOf(t, b.tryLogin(testUser, testPassword, planted)))
}

func TestLogout(t *testing.T) {
	t.Parallel()
	b := setup(t)
	cookie, another := b.cookie(), b.cookie()
	rec := b.do("POST", "/logout", nil, cookie)
	require.Equal(t, http.StatusSeeOther, rec.Code)
	require.Equal(t, "/login", rec.Header().Get("Location"))
	require.Equal(t, -1, rec.Result().Cookies()[0].MaxAge)
	require.Equal(t, http.StatusUnauthorized, b.do("GET", "/", nil, cookie).Code, "a copy of the cookie is worth nothing")
	require.Equal(t, http.StatusOK, b.do("GET", "/", nil, another).Code, "another browser stays logged in")
	require.Equal(t, http.StatusSeeOther, b.do("GET", "/logout", nil, asHTML).Code)
	require.Equal(t, http.StatusNotFound, b.do("GET", "/logout", nil, another).Code, "a link does not log out")
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	b := setup(t)
	now := time.Now()
	b.sessions.now = func() time.Time { return now }
	cookie, ended := b.cookie(), b.cookie()
	require.Equal(t, http.StatusSeeOther, b.do("POST", "/logout", nil, ended).Code)
	now = now.Add(sessionLife - time.Minute)
	require.Equal(t, http.StatusOK, b.do("GET", "/", nil, cookie).Code)
	now = now.Add(time.Minute)
	require.Equal(t, http.StatusUnauthorized, b.do("GET", "/", nil, cookie).Code)
	require.Len(t, b.sessions.ended, 1)
	b.do("POST", "/logout", nil, b.cookie())
	require.Len(t, b.sessions.ended, 1, "what has expired need not be remembered")
}

func TestSessionKeyForHoldsInEveryProcess(t *testing.T) {
	t.Parallel()
	key, err := SessionKeyFor("a", "secret")
	require.NoError(t, err)
	require.Len(t, key, 32)
	again, err := SessionKeyFor("a", "secret")
	require.NoError(t, err)
	require.Equal(t, key, again)
	changed, err := SessionKeyFor("a", "other")
	require.NoError(t, err)
	require.NotEqual(t, key, changed)
	one, two := newSessions(key, "/", time.Now), newSessions(again, "/", time.Now)
	_, _, ok := two.parse(one.sign(sessionID{7}, time.Now().Add(time.Hour)))
	require.True(t, ok)
}

func TestNobodyLogsInWithoutCredentials(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Username, o.Password = "", "" })
	require.Contains(t, b.do("GET", "/login", nil).Body.String(), "HENK_WEB_USERNAME")
	for _, target := range []string{"/login?token=", "/login?token=x"} {
		rec := b.do("GET", target, nil)
		require.Equal(t, http.StatusUnauthorized, rec.Code)
		require.Empty(t, rec.Result().Cookies())
	}
	rec := b.tryLogin("", "")
	require.Equal(t, http.StatusUnauthorized, rec.Code)
	require.Empty(t, rec.Result().Cookies())
}

func TestLoginLink(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.LoginToken = "demo-token-demo-token" })
	for _, next := range []string{"", "&next=https://evil.test/"} {
		rec := b.do("GET", "/login?token=demo-token-demo-token"+next, nil, asHTML)
		require.Equal(t, http.StatusSeeOther, rec.Code)
		require.Equal(t, "/", rec.Header().Get("Location"))
		require.Equal(t, http.StatusOK, b.do("GET", "/", nil, cookieOf(t, rec)).Code)
	}
	for range failuresPerAddress {
		require.Equal(t, http.StatusUnauthorized, b.do("GET", "/login?token=demo-token-demo-tokex", nil, asHTML).Code)
	}
	require.Equal(t, http.StatusTooManyRequests, b.do("GET", "/login?token=demo-token-demo-token", nil, asHTML).Code, "guessing links is limited too")
	require.NotContains(t, b.log.String(), "demo-token")
}

func TestNextIsALocalPath(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for next, want := range map[string]string{
		"":                                 "/",
		"/":                                "/",
		"/riverui/jobs?state=x&a=b":        "/riverui/jobs?state=x&a=b",
		"/leads?q=https://x.test":          "/leads?q=https://x.test",
		"https://evil.test":                "/",
		"//evil.test":                      "/",
		"///evil.test":                     "/",
		`/\evil.test`:                      "/",
		`\\evil.test`:                      "/",
		"/\t/evil.test":                    "/",
		"/\n/evil.test":                    "/",
		" //evil.test":                     "/",
		"javascript:alert(1)":              "/",
		"evil.test":                        "/",
		"/login?next=/login":               "/",
		"/logout":                          "/",
		"/" + strings.Repeat("a", maxNext): "/",
	} {
		rec := b.do("POST", "/login", form("username", testUser, "password", testPassword, "next", next), asForm)
		require.Equal(t, http.StatusSeeOther, rec.Code)
		require.Equal(t, want, rec.Header().Get("Location"), "%q", next)
		// Whoever is logged in already goes the same way.
		rec = b.do("GET", "/login?next="+url.QueryEscape(next), nil, asHTML, cookieOf(t, rec))
		require.Equal(t, want, rec.Header().Get("Location"), "%q", next)
	}
	rec := b.do("GET", "/login?next="+url.QueryEscape(`/a"><script>alert(1)</script>`), nil, asHTML)
	require.NotContains(t, rec.Body.String(), "<script>alert")
}

func FuzzLocalPath(f *testing.F) {
	for _, seed := range []string{"/", "//evil.test", `/\evil.test`, "/\t/evil.test", "https://evil.test", "/a?b#c", "/%5cevil.test", "/.//evil.test", "/a/..//evil.test"} {
		f.Add(seed)
	}
	base, err := url.Parse("https://henk.example/login")
	require.NoError(f, err)
	// What browsers do to an address before they read it.
	browser := strings.NewReplacer("\t", "", "\n", "", "\r", "", `\`, "/")
	f.Fuzz(func(t *testing.T, next string) {
		rec := httptest.NewRecorder()
		http.Redirect(rec, httptest.NewRequestWithContext(t.Context(), "POST", "/login", nil), localPath(next), http.StatusSeeOther)
		location := rec.Header().Get("Location")
		u, err := base.Parse(strings.TrimSpace(browser.Replace(location)))
		if err != nil {
			t.Fatalf("%q leads to %q, which is no address", next, location)
		}
		if u.Host != base.Host || u.Scheme != base.Scheme {
			t.Fatalf("%q leads away, to %q", next, location)
		}
	})
}

func FuzzSessionCookie(f *testing.F) {
	now := time.Unix(1_800_000_000, 0)
	s := newSessions([]byte("0123456789abcdef0123456789abcdef"), "/", func() time.Time { return now })
	valid := s.sign(sessionID{1, 2, 3}, now.Add(time.Hour))
	for _, seed := range []string{"", valid, valid[1:], s.sign(sessionID{}, now), strings.Repeat("A", len(valid))} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if _, _, ok := s.parse(value); ok && strings.TrimRight(value, "\r\n") != valid {
			t.Fatalf("%q was let in", value)
		}
	})
}
