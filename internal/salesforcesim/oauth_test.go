package salesforcesim

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func (b *bundle) grant(form url.Values) (int, map[string]any) {
	b.t.Helper()
	r := b.do(http.MethodPost, "/services/oauth2/token", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	var m map[string]any
	b.decode(r, &m)
	return r.status, m
}

func TestRotationAndReuse(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Rotate = true })
	current := b.sim.RefreshToken()
	require.NotEqual(t, "rt0", current)
	second := b.refresh(current)
	require.Equal(t, b.sim.RefreshToken(), second["refresh_token"])
	require.Equal(t, "http://sim.test", second["instance_url"])
	require.NotContains(t, second, "expires_in")
	require.IsType(t, "", second["issued_at"])
	b.token = second["access_token"].(string)
	require.Equal(t, http.StatusOK, b.api("GET", "/limits", "").status)

	reused := b.refresh("rt0")
	require.Equal(t, "invalid_grant", reused["error"])
	require.Equal(t, "expired access/refresh token", reused["error_description"])
	b.refused(b.api("GET", "/limits", ""), http.StatusUnauthorized, "INVALID_SESSION_ID")
	require.Equal(t, "invalid_grant", b.refresh(second["refresh_token"].(string))["error"], "the family is revoked")
	require.EqualValues(t, 1, b.sim.Stats().Requests["reused_refresh_token"])

	b.sim.Authorize("fresh")
	require.Contains(t, b.refresh("fresh"), "access_token")
	sibling := b.sim.RotateBySibling()
	require.NotEqual(t, "fresh", sibling)
	require.Contains(t, b.refresh(sibling), "access_token")
}

func TestWithoutRotation(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	for range 3 {
		m := b.refresh("rt0")
		require.Contains(t, m, "access_token")
		require.NotContains(t, m, "refresh_token")
	}
	b.sim.Revoke()
	require.Equal(t, "invalid_grant", b.refresh("rt0")["error"])
}

func TestGrants(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	b := setup(t, func(o *Options) { o.JWTKey, o.Username, o.Password = &key.PublicKey, "u@example.org", "pw" })
	client := url.Values{"client_id": {"id"}, "client_secret": {"secret"}}
	with := func(more ...string) url.Values {
		v := url.Values{"client_id": client["client_id"], "client_secret": client["client_secret"]}
		for i := 0; i < len(more); i += 2 {
			v.Set(more[i], more[i+1])
		}
		return v
	}
	for name, c := range map[string]struct {
		form url.Values
		err  string
	}{
		"client credentials": {with("grant_type", "client_credentials"), ""},
		"password":           {with("grant_type", "password", "username", "u@example.org", "password", "pw"), ""},
		"wrong password":     {with("grant_type", "password", "username", "u@example.org", "password", "no"), "invalid_grant"},
		"wrong secret":       {with("grant_type", "client_credentials", "client_secret", "no"), "invalid_client"},
		"wrong client":       {with("grant_type", "client_credentials", "client_id", "no"), "invalid_client_id"},
		"unknown grant":      {with("grant_type", "magic"), "unsupported_grant_type"},
		"jwt":                {assertion(t, key, "id", "u@example.org", b.clock.now().Add(time.Minute)), ""},
		"jwt expired":        {assertion(t, key, "id", "u@example.org", b.clock.now().Add(-time.Hour)), "invalid_grant"},
		"jwt other client":   {assertion(t, key, "other", "u@example.org", b.clock.now().Add(time.Minute)), "invalid_client_id"},
		"jwt other user":     {assertion(t, key, "id", "x@example.org", b.clock.now().Add(time.Minute)), "invalid_grant"},
		"jwt nonsense":       {url.Values{"grant_type": {grantJWT}, "assertion": {"a.b.c"}}, "invalid_grant"},
	} {
		status, m := b.grant(c.form)
		if c.err != "" {
			require.Equal(t, http.StatusBadRequest, status, name)
			require.Equal(t, c.err, m["error"], name)
			continue
		}
		require.Equal(t, http.StatusOK, status, name)
		require.NotContains(t, m, "refresh_token", name)
		b.token = m["access_token"].(string)
		require.Equal(t, http.StatusOK, b.api("GET", "/limits", "").status, name)
	}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	_, m := b.grant(assertion(t, other, "id", "u@example.org", b.clock.now().Add(time.Minute)))
	require.Equal(t, "invalid_grant", m["error"], "another key's signature")
	require.Equal(t, http.StatusOK, b.do("GET", "/services/oauth2/userinfo", "").status)
	require.Equal(t, http.StatusOK, b.do("POST", "/services/oauth2/revoke?token="+url.QueryEscape(b.token), "").status)
	require.Equal(t, http.StatusForbidden, b.do("GET", "/services/oauth2/userinfo", "").status)
}

func assertion(t *testing.T, key *rsa.PrivateKey, iss, sub string, exp time.Time) url.Values {
	t.Helper()
	claims, err := json.Marshal(map[string]any{"iss": iss, "sub": sub, "aud": "https://login.salesforce.com", "exp": exp.Unix()})
	require.NoError(t, err)
	signed := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256"}`)) + "." + base64.RawURLEncoding.EncodeToString(claims)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	require.NoError(t, err)
	return url.Values{"grant_type": {grantJWT}, "assertion": {signed + "." + base64.RawURLEncoding.EncodeToString(signature)}}
}

func TestSessions(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	for range 5 { // use keeps a session open
		b.clock.pass(90 * time.Minute)
		require.Equal(t, http.StatusOK, b.api("GET", "/limits", "").status)
	}
	b.clock.pass(2 * time.Hour)
	b.refused(b.api("GET", "/limits", ""), http.StatusUnauthorized, "INVALID_SESSION_ID")
	b.token, _ = b.refresh("rt0")["access_token"].(string)
	b.sim.MoveInstance("http://sim.test", "http://moved.test")
	b.refused(b.api("GET", "/limits", ""), http.StatusUnauthorized, "INVALID_SESSION_ID")
	require.Equal(t, "http://moved.test", b.refresh("rt0")["instance_url"])
}

func TestConcurrentRefresh(t *testing.T) {
	t.Parallel()
	spec, err := ParseFaults("token_slow=150ms")
	require.NoError(t, err)
	b := setup(t, func(o *Options) { o.Rotate = true; o.RefreshToken = "rt0" })
	token := b.sim.RefreshToken()
	b.sim.SetFaults(spec)
	var wg sync.WaitGroup
	answers := make([]map[string]any, 4)
	for i := range answers {
		wg.Go(func() { answers[i] = b.refresh(token) })
	}
	wg.Wait()
	granted := 0
	for _, m := range answers {
		if m["access_token"] != nil {
			granted++
			continue
		}
		require.Equal(t, "invalid_grant", m["error"])
	}
	require.Equal(t, 1, granted)
}

func TestLostRefreshReply(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Rotate = true })
	token := b.sim.RefreshToken()
	spec, err := ParseFaults("token_drop=first:1")
	require.NoError(t, err)
	b.sim.SetFaults(spec)
	srv := httptest.NewServer(b.sim)
	defer srv.Close()
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}, "client_id": {"id"}, "client_secret": {"secret"}}
	_, err = http.PostForm(srv.URL+"/services/oauth2/token", form)
	require.Error(t, err)
	require.NotEqual(t, token, b.sim.RefreshToken(), "the token was rotated all the same")
}
