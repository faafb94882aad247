package salesforcesim

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// handClock is a clock that stands until it is moved.
type handClock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *handClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *handClock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// bundle is a simulator, its clock and an open session.
type bundle struct {
	t     testing.TB
	sim   *Sim
	clock *handClock
	token string
}

func setup(t testing.TB, change func(*Options)) *bundle {
	t.Helper()
	clock := &handClock{t: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)}
	opt := Options{Seed: 1, Contacts: 240, Leads: 80, ClientID: "id", ClientSecret: "secret", RefreshToken: "rt0", Clock: clock.now}
	if change != nil {
		change(&opt)
	}
	b := &bundle{t: t, sim: New(opt), clock: clock}
	b.token, _ = b.refresh("rt0")["access_token"].(string)
	return b
}

type response struct {
	status int
	header http.Header
	body   string
}

func (b *bundle) do(method, path, body string, head ...string) response {
	b.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "sim.test"
	r.Header.Set("Authorization", "Bearer "+b.token)
	for i := 0; i+1 < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	w := httptest.NewRecorder()
	b.sim.ServeHTTP(w, r)
	res := w.Result()
	text, err := io.ReadAll(res.Body)
	require.NoError(b.t, err)
	return response{res.StatusCode, res.Header, string(text)}
}

func (b *bundle) api(method, path, body string, head ...string) response {
	b.t.Helper()
	return b.do(method, "/services/data/v66.0"+path, body, head...)
}

func (b *bundle) decode(r response, v any) {
	b.t.Helper()
	require.NoError(b.t, json.Unmarshal([]byte(r.body), v), r.body)
}

// refresh posts a refresh token and returns the answer, whatever it is.
func (b *bundle) refresh(token string) map[string]any {
	b.t.Helper()
	r := b.do(http.MethodPost, "/services/oauth2/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}, "client_id": {"id"}, "client_secret": {"secret"}}.Encode(),
		"Content-Type", "application/x-www-form-urlencoded")
	var m map[string]any
	b.decode(r, &m)
	return m
}

type queryPage struct {
	TotalSize      int
	Done           bool
	NextRecordsURL string
	Records        []map[string]any
}

func (b *bundle) page(path string, head ...string) queryPage {
	b.t.Helper()
	r := b.do(http.MethodGet, path, "", head...)
	require.Equal(b.t, http.StatusOK, r.status, r.body)
	var p queryPage
	b.decode(r, &p)
	return p
}

func queryURL(resource, soql string) string {
	return "/services/data/v66.0/" + resource + "?q=" + url.QueryEscape(soql)
}

// rows follows a query to its end.
func (b *bundle) rows(resource, soql string, head ...string) []map[string]any {
	b.t.Helper()
	p := b.page(queryURL(resource, soql), head...)
	rows, total := p.Records, p.TotalSize
	for !p.Done {
		p = b.page(p.NextRecordsURL)
		require.Equal(b.t, total, p.TotalSize)
		rows = append(rows, p.Records...)
	}
	require.Len(b.t, rows, total)
	return rows
}

func (b *bundle) refused(r response, status int, code string) {
	b.t.Helper()
	require.Equal(b.t, status, r.status, r.body)
	var list []struct{ ErrorCode string }
	b.decode(r, &list)
	require.Equal(b.t, code, list[0].ErrorCode)
}
