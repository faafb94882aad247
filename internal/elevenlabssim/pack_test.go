package elevenlabssim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestPackGivesBackWhatCame(t *testing.T) {
	t.Parallel()
	p := newPacker()
	for n := range 3 * maxDict {
		list := []member{
			{[]byte("attempt_id"), quoted(attemptID(n))}, {[]byte("name"), quoted(fmt.Sprintf("Zoë %d \"x\"", n))},
			{[]byte("company"), quoted("Fund")}, {[]byte("n"), []byte(fmt.Sprint(n))}, {[]byte("upper"), quoted(strings.ToUpper("0189abcd-0000-7000-8000-000000000001"))},
			{[]byte("none"), []byte("null")}, {[]byte("text null"), quoted("null")}, {[]byte("empty"), quoted("")},
		}
		var got, want []byte
		for i, v := range p.unpack(p.pack(list)) {
			got = append(v.append(got), '\n')
			want = append(append(append(appendQuoted(want, string(list[i].key)), ':'), list[i].val...), '\n')
		}
		require.Equal(t, string(want), string(got))
	}
	require.Len(t, p.shapes, 1)
	packed := p.pack([]member{{[]byte("attempt_id"), quoted(attemptID(9))}, {[]byte("company"), quoted("Fund")}})
	require.Less(t, len(packed), 24)
}

// The unchecked walk must agree with encoding/json on everything that is valid, and never panic on what is not.
func FuzzParseCallRequest(f *testing.F) {
	f.Add([]byte(callBody(number(1), attemptID(1))))
	f.Add([]byte(`{"agent_id":"a\u0041","agent_phone_number_id":"p","to_number":"+1","conversation_initiation_client_data":{"dynamic_variables":{"x":1e5,"x":"\"","y":[1]},"user_id":null,"source_info":{"a":[{}]}}} `))
	f.Add([]byte(` { } `))
	f.Add([]byte(`{"a":"\\","b":{"c":"}"}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		req, refused := parseCallRequest(body, nil)
		var ref struct {
			Agent, Phone, To json.RawMessage
		}
		var object map[string]json.RawMessage
		valid := utf8.Valid(body) && json.Unmarshal(body, &object) == nil && object != nil
		if !valid {
			require.NotNil(t, refused)
			return
		}
		ref.Agent, ref.Phone, ref.To = object["agent_id"], object["agent_phone_number_id"], object["to_number"]
		if refused != nil {
			require.True(t, json.Valid([]byte(refused.body)), refused.body)
			return
		}
		for _, pair := range []struct {
			got  []byte
			want json.RawMessage
		}{{req.agentID, ref.Agent}, {req.phoneID, ref.Phone}, {req.to, ref.To}} {
			var text string
			require.NoError(t, json.Unmarshal(pair.want, &text))
			require.Equal(t, text, string(pair.got))
		}
		var data struct {
			Vars map[string]any `json:"dynamic_variables"`
		}
		if raw, ok := object["conversation_initiation_client_data"]; ok && json.Unmarshal(raw, &data) == nil {
			p := newPacker()
			got := decodeVars(p.unpack(p.pack(req.members)))
			require.Len(t, got, len(data.Vars))
			for k, v := range data.Vars {
				require.Equal(t, v, got[k])
			}
		}
	})
}

func TestThousandsOfVariables(t *testing.T) {
	t.Parallel()
	b := setup(t, Options{Instant: true})
	var vars strings.Builder
	for n := range 5000 {
		fmt.Fprintf(&vars, `"v%d":%d,`, n%2500, n)
	}
	b.send(http.MethodPost, pathTwilioCall, strings.Replace(callBody(number(1), attemptID(1)), `"attempt_id"`, vars.String()+`"attempt_id"`, 1))
	got := b.getJSON("/v1/convai/conversations/" + b.sim.Rings()[0].ConversationID)["conversation_initiation_client_data"].(map[string]any)["dynamic_variables"].(map[string]any)
	require.Greater(t, len(got), 2500)
	for n := range 2500 {
		require.EqualValues(t, n+2500, got[fmt.Sprintf("v%d", n)], "the last value counts")
	}
}

func TestExtraInitiationDataIsEchoed(t *testing.T) {
	t.Parallel()
	b := setup(t, Options{Instant: true})
	body := strings.Replace(callBody(number(1), attemptID(1)), `"user_id"`, `"conversation_config_override":{"agent":{"language":"es"}},"branch_id":"b1","user_id"`, 1)
	body = strings.Replace(body, `"vip":true`, `"system__call_sid":"mine"`, 1)
	require.Contains(t, b.send(http.MethodPost, pathTwilioCall, body).body, `"success":true`)
	v := b.getJSON("/v1/convai/conversations/" + b.sim.Rings()[0].ConversationID)["conversation_initiation_client_data"].(map[string]any)
	require.Equal(t, map[string]any{"agent": map[string]any{"language": "es"}}, v["conversation_config_override"])
	require.Equal(t, "b1", v["branch_id"])
	require.Equal(t, attemptID(1), v["user_id"])
	require.NotEqual(t, "mine", v["dynamic_variables"].(map[string]any)["system__call_sid"], "reserved")
}

func TestConversationIDs(t *testing.T) {
	t.Parallel()
	for n := range uint64(1000) {
		id := newCallID(1, n, uint32(n%3))
		back, ok := parseConversation(id.conversation())
		require.True(t, ok)
		require.Equal(t, id, back)
	}
	for _, bad := range []string{"", "conv_", "conv_" + strings.Repeat("z", 26), "conv_" + strings.Repeat("u", 26), strings.Repeat("0", 31)} {
		_, ok := parseConversation(bad)
		require.False(t, ok, bad)
	}
}

// realistic is a dial with the dozen variables that the worker sends.
func realistic(n int) string {
	return fmt.Sprintf(`{"agent_id":"agent_x","agent_phone_number_id":"phnum_x","to_number":"+1%010d","conversation_initiation_client_data":{"user_id":%q,"dynamic_variables":{
	"attempt_id":%q,"campaign_id":"0189c0de-0000-7000-8000-00000000000c","lead_id":%q,"agent_id":"0189c0de-0000-7000-8000-00000000000a","donor_name":"Donor%d","name":"Donor%d Lastname",
	"company":"Company %d","campaign_name":"Winter Warmth 2026","disclosure_line":"This call is recorded and made by an AI assistant on behalf of the charity.","goal_metric":"pledges","attempt_no":1,"caller_id":"+15005550006"}}}`,
		4_235_550_000+n, attemptID(n), attemptID(n), attemptID(n+7_000_000), n%5000, n%9000, n%700)
}

// serve drives the handler without a network.
func serve(s *Sim, body string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(http.MethodPost, pathTwilioCall, strings.NewReader(body))
	req.Header.Set("xi-api-key", testKey)
	w := httptest.NewRecorder()
	w.Body = &bytes.Buffer{}
	s.ServeHTTP(w, req)
	return w
}

func TestMemoryPerConversation(t *testing.T) {
	const calls = 100_000
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	s := New(Options{APIKey: testKey, Instant: true, AcceptAnyAgent: true})
	for n := range calls {
		if w := serve(s, realistic(n)); w.Code != http.StatusOK {
			require.Fail(t, w.Body.String())
		}
	}
	after := heap()
	used := after - min(before, after)
	require.Equal(t, int64(calls), s.RingCount())
	t.Logf("%d bytes a call", used/calls)
	require.Less(t, used, uint64(45<<20))
	runtime.KeepAlive(s)
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	in := newInbox(t)
	b := setup(t, Options{WebhookURL: in.url, WebhookSecret: "s", Speed: 2000, Clock: nowFunc, Faults: parse(t, "429=10%,slow=1ms:5%,get_503=5%,webhook_duplicate=10%,webhook_retry=on")})
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for n := range 40 {
				id := worker*1000 + n
				rec := serve(b.sim, callBody(number(id), attemptID(id)))
				if rec.Code != 200 && rec.Code != 429 {
					t.Errorf("status %d", rec.Code)
				}
				for _, path := range []string{"/v1/convai/conversations?page_size=5", "/v1/convai/analytics/live-count", "/_sim/stats", "/_sim/rings"} {
					req := httptest.NewRequest(http.MethodGet, path, nil)
					req.Header.Set("xi-api-key", testKey)
					b.sim.ServeHTTP(httptest.NewRecorder(), req)
				}
				if n == 20 && worker == 0 {
					b.sim.SetFaults(Faults{})
				}
			}
		})
	}
	wg.Wait()
	for attempt, n := range b.sim.RingsPerAttempt() {
		require.Equal(t, 1, n, attempt)
	}
}

func BenchmarkInstantDial(b *testing.B) {
	s := New(Options{APIKey: testKey, Instant: true, AcceptAnyAgent: true})
	bodies := make([]string, 1000)
	for i := range bodies {
		bodies[i] = realistic(i)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		serve(s, bodies[i%len(bodies)])
	}
}
