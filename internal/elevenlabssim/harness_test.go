package elevenlabssim

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const testKey = "sk_test"

var noon = time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)

// fakeClock stands still until it is moved.
type fakeClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *fakeClock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

type bench struct {
	t     *testing.T
	sim   *Sim
	clock *fakeClock
	url   string
}

// setup serves a simulator on a real listener, on a clock that stands still, in conversation time.
func setup(t *testing.T, opt Options) *bench {
	t.Helper()
	clock := &fakeClock{now: noon}
	if opt.Clock == nil {
		opt.Clock = clock.Now
	}
	if opt.Speed == 0 {
		opt.Speed = 1
	}
	opt.APIKey = testKey
	sim := New(opt)
	server := httptest.NewServer(sim)
	t.Cleanup(func() {
		require.NoError(t, sim.Close())
		server.Close()
	})
	return &bench{t: t, sim: sim, clock: clock, url: server.URL}
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) object(t *testing.T) map[string]any {
	t.Helper()
	var v map[string]any
	require.NoError(t, json.Unmarshal([]byte(a.body), &v), a.body)
	return v
}

// try sends a request on a connection of its own, so that one that was reset harms no other.
func (b *bench) try(method, path, body string) (answer, error) {
	req, err := http.NewRequest(method, b.url+path, strings.NewReader(body))
	require.NoError(b.t, err)
	req.Header.Set("xi-api-key", testKey)
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	resp, err := client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(text)}, err
}

func (b *bench) send(method, path, body string) answer {
	b.t.Helper()
	a, err := b.try(method, path, body)
	require.NoError(b.t, err)
	return a
}

func (b *bench) get(path string) answer { b.t.Helper(); return b.send(http.MethodGet, path, "") }

// getJSON is a GET that must succeed.
func (b *bench) getJSON(path string) map[string]any {
	b.t.Helper()
	a := b.get(path)
	require.Equal(b.t, http.StatusOK, a.status, a.body)
	return a.object(b.t)
}

func number(n int) string { return fmt.Sprintf("+1423555%04d", n) }

func attemptID(n int) string { return fmt.Sprintf("01890000-0000-7000-8000-%012d", n) }

// callBody is a dial as the worker sends it.
func callBody(to, attempt string) string {
	return fmt.Sprintf(`{"agent_id":"agent_sim_henk","agent_phone_number_id":"phnum_sim_twilio","to_number":%q,"conversation_initiation_client_data":{"user_id":%q,
	"dynamic_variables":{"attempt_id":%q,"campaign_id":"0189c0de-0000-7000-8000-00000000000c","lead_id":"lead-%s","donor_name":"Ada \"Lace\"","campaign_name":"River Fund","attempt_no":2,"vip":true,"note":null}}}`,
		to, attempt, attempt, attempt)
}

// dial places a call that must be accepted and returns its conversation id.
func (b *bench) dial(to, attempt string) string {
	b.t.Helper()
	a := b.send(http.MethodPost, pathTwilioCall, callBody(to, attempt))
	require.Equal(b.t, http.StatusOK, a.status, a.body)
	v := a.object(b.t)
	require.Equal(b.t, true, v["success"], a.body)
	return v["conversation_id"].(string)
}

// always makes one scenario answer every call.
func always(name string) func(string, int, map[string]any) string {
	return func(string, int, map[string]any) string { return name }
}
