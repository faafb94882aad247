package salesforce

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// org is a Salesforce of the tests: a token endpoint with rotation and family revocation, and an API that the test
// scripts. It counts every request.
type org struct {
	t      *testing.T
	server *httptest.Server

	mu       sync.Mutex
	refresh  string // the valid refresh token
	access   string // the valid access token
	serial   int
	revoked  bool
	rotates  bool
	instance string                                                   // "" means the server itself
	token    func(n int, w http.ResponseWriter, r *http.Request) bool // true: answered; false: go on
	api      func(n int, w http.ResponseWriter, r *http.Request)
	tokens   []url.Values // bodies of token requests
	requests []*http.Request
}

const clientSecret = "s3cr3t-of-the-app"

func newOrg(t *testing.T, api func(n int, w http.ResponseWriter, r *http.Request)) *org {
	t.Helper()
	o := &org{t: t, refresh: "5Aep-refresh-0", access: "00D000000000001!access-0", rotates: true, api: api}
	o.server = httptest.NewServer(http.HandlerFunc(o.serve))
	t.Cleanup(o.server.Close)
	return o
}

func (o *org) serve(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/services/oauth2/token" {
		o.serveToken(w, r)
		return
	}
	o.mu.Lock()
	o.requests = append(o.requests, r)
	n, valid := len(o.requests), "Bearer "+o.access == r.Header.Get("Authorization") && !o.revoked
	o.mu.Unlock()
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.Header().Set("Sforce-Limit-Info", "api-usage=18/5000")
	if !valid {
		fail(w, 401, "INVALID_SESSION_ID", "Session expired or invalid")
		return
	}
	o.api(n, w, r)
}

func (o *org) serveToken(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	o.mu.Lock()
	o.tokens = append(o.tokens, r.PostForm)
	n := len(o.tokens)
	o.mu.Unlock()
	if o.token != nil && o.token(n, w, r) {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if r.PostForm.Get("grant_type") == "refresh_token" {
		if o.revoked || r.PostForm.Get("refresh_token") != o.refresh {
			o.revoked = true // a rotated-out token revokes the family
			w.Header().Set("Content-Type", "application/json;charset=UTF-8")
			w.WriteHeader(400)
			fmt.Fprint(w, `{"error":"invalid_grant","error_description":"expired access/refresh token"}`)
			return
		}
	}
	o.rotate()
	body := fmt.Sprintf(`{"access_token":%q,"instance_url":%q,"id":"https://login.salesforce.com/id/00D000000000001AAA/005000000000001AAA","token_type":"Bearer","issued_at":"1790000000000","scope":"api refresh_token"`, o.access, o.at())
	if o.rotates && r.PostForm.Get("grant_type") == "refresh_token" {
		body += fmt.Sprintf(`,"refresh_token":%q`, o.refresh)
	}
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	fmt.Fprint(w, body+"}")
}

func (o *org) rotate() {
	o.serial++
	o.access = fmt.Sprintf("00D000000000001!access-%d", o.serial)
	if o.rotates {
		o.refresh = fmt.Sprintf("5Aep-refresh-%d", o.serial)
	}
}

// renewToken exchanges the client's token although it works.
func renewToken(t *testing.T, c *Client) {
	t.Helper()
	old, err := c.token(t.Context())
	require.NoError(t, err)
	_, err = c.refresh(t.Context(), old.AccessToken)
	require.NoError(t, err)
}

// expire makes the present access token invalid.
func (o *org) expire() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.access = "00D000000000001!nobody-has-this"
}

func (o *org) at() string {
	if o.instance != "" {
		return o.instance
	}
	return o.server.URL
}

func (o *org) counts() (tokens, requests int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.tokens), len(o.requests)
}

func (o *org) credentials() Credentials {
	return Credentials{LoginURL: o.server.URL, ClientID: "3MVG9.client", ClientSecret: NewSecret(clientSecret), RefreshToken: NewSecret("5Aep-refresh-0")}
}

func (o *org) store() *MemoryStore {
	return NewMemoryStore(o.credentials(), Token{AccessToken: NewSecret("00D000000000001!access-0"), InstanceURL: o.server.URL})
}

// client has no proxy, whatever the environment of the test says, and does not wait between tries.
func (o *org) client(store Store, change ...func(*Config)) *Client {
	o.t.Helper()
	transport := newTransport()
	transport.Proxy = nil
	cfg := Config{Transport: transport, RetryDelays: []time.Duration{0, 0, 0}}
	for _, f := range change {
		f(&cfg)
	}
	if store == nil {
		store = o.store()
	}
	c, err := New(cfg, store)
	require.NoError(o.t, err)
	o.t.Cleanup(c.Close)
	return c
}

func fail(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	fmt.Fprintf(w, `[{"message":%q,"errorCode":%q}]`, message, code)
}

func mustFields(t testing.TB, names ...string) *Fields {
	t.Helper()
	f, err := NewFields(names...)
	require.NoError(t, err)
	return f
}

// collect keeps rows as text, null as "<null>".
func collect(into *[]string) func(Row) error {
	return func(row Row) error {
		texts := make([]string, len(row))
		for i := range row {
			if texts[i] = row.Text(i); row.Null(i) {
				texts[i] = "<null>"
			}
		}
		*into = append(*into, strings.Join(texts, "|"))
		return nil
	}
}

func nothing(Row) error { return nil }
