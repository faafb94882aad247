package elevenlabssim

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func parse(t *testing.T, spec string) Faults {
	t.Helper()
	f, err := ParseFaults(spec)
	require.NoError(t, err)
	return f
}

func TestFaultsThatAnswer(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		mode     string
		status   int
		contains string
	}{
		{"success_false", 200, `{"success":false,"message":"HTTP 401 error: Unable to create record: Authenticate","conversation_id":null,"callSid":null}`},
		{"400", 400, `"status":"invalid_provider_config"`}, {"401", 401, `"status":"invalid_api_key"`}, {"403", 403, "missing_permissions"},
		{"422", 422, `"loc":["body","agent_phone_number_id"]`}, {"quota_exceeded", 401, "quota_exceeded"}, {"quota_exceeded_400", 400, `"code":"quota_exceeded"`},
		{"429", 429, "too_many_concurrent_requests"}, {"429_new", 429, `"code":"concurrent_limit_exceeded"`}, {"429_rate", 429, "rate_limit_exceeded"}, {"429_busy", 429, "system_busy"},
		{"500", 500, "<html>"}, {"503", 503, "Service Unavailable"},
	} {
		t.Run(tt.mode, func(t *testing.T) {
			t.Parallel()
			b := setup(t, Options{Faults: parse(t, tt.mode+"=100%")})
			a := b.send(http.MethodPost, pathTwilioCall, callBody(number(1), attemptID(1)))
			require.Equal(t, tt.status, a.status)
			require.Contains(t, a.body, tt.contains)
			require.Equal(t, tt.mode != "500", json.Valid([]byte(a.body)))
			require.Empty(t, a.header.Get("Retry-After"))
			require.Zero(t, b.sim.RingCount(), "no phone rang")
			require.Equal(t, map[string]int64{tt.mode: 1}, b.sim.Stats().Faults)
			if tt.status == 429 || tt.status == 503 {
				b.sim.SetFaults(parse(t, tt.mode+"=100%,retry_after=2"))
				require.Equal(t, "2", b.send(http.MethodPost, pathTwilioCall, callBody(number(1), attemptID(1))).header.Get("Retry-After"))
			}
		})
	}
}

func TestFaultsOfTheConnection(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		mode  string
		rings int64
		check func(t *testing.T, err error)
	}{
		{"drop=100%", 1, isReset}, {"reset_before=100%", 0, isReset},
		{"half_response=100%", 1, func(t *testing.T, err error) { require.ErrorIs(t, err, io.ErrUnexpectedEOF) }},
		{"hang=100%,hang_for=200ms", 1, isReset}, {"hang_before=100%,hang_for=200ms", 0, isReset},
	} {
		t.Run(tt.mode, func(t *testing.T) {
			t.Parallel()
			b := setup(t, Options{Faults: parse(t, tt.mode)})
			_, err := b.try(http.MethodPost, pathTwilioCall, callBody(number(1), attemptID(1)))
			require.Error(t, err)
			tt.check(t, err)
			require.Equal(t, tt.rings, b.sim.RingCount())
			found, _ := listAll(b, "dynamic_variable_params=attempt_id:eq:"+attemptID(1))
			require.Len(t, found, int(tt.rings), "what rang can be found afterwards")
		})
	}
}

func isReset(t *testing.T, err error) {
	t.Helper()
	require.True(t, errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF), "%v", err)
}

func TestRingsAlthough503(t *testing.T) {
	t.Parallel()
	b := setup(t, Options{Faults: parse(t, "503_ring=100%")})
	require.Equal(t, 503, b.send(http.MethodPost, pathTwilioCall, callBody(number(1), attemptID(1))).status)
	require.Equal(t, map[string]int{attemptID(1): 1}, b.sim.RingsPerAttempt())
}

func TestAHangEndsWhenTheSimulatorCloses(t *testing.T) {
	t.Parallel()
	b := setup(t, Options{Faults: parse(t, "hang=100%")})
	done := make(chan error, 1)
	go func() {
		_, err := b.try(http.MethodPost, pathTwilioCall, callBody(number(1), attemptID(1)))
		done <- err
	}()
	require.Eventually(t, func() bool { return b.sim.RingCount() == 1 }, 5*time.Second, time.Millisecond)
	require.NoError(t, b.sim.Close())
	require.Error(t, <-done)
}

func TestSharesBurstsAndTheFirstFew(t *testing.T) {
	t.Parallel()
	t.Run("shares are kept and repeat with the seed", func(t *testing.T) {
		t.Parallel()
		run := func() (map[string]int64, []string) {
			b := setup(t, Options{Instant: true, Seed: 5, Faults: parse(t, "429=20%,503=10%,422=10%")})
			var seen []string
			for n := range 500 {
				seen = append(seen, http.StatusText(b.send(http.MethodPost, pathTwilioCall, callBody(number(n), attemptID(n))).status))
			}
			require.Equal(t, int64(500), b.sim.RingCount()+b.sim.Stats().Faults["429"]+b.sim.Stats().Faults["503"]+b.sim.Stats().Faults["422"])
			return b.sim.Stats().Faults, seen
		}
		faults, seen := run()
		require.InDelta(t, 100, faults["429"], 30)
		require.InDelta(t, 50, faults["503"], 25)
		again, same := run()
		require.Equal(t, faults, again)
		require.Equal(t, seen, same)
	})
	t.Run("a number is not refused for ever", func(t *testing.T) {
		t.Parallel()
		b := setup(t, Options{Instant: true, Faults: parse(t, "429=50%")})
		statuses := map[int]int{}
		for range 30 {
			statuses[b.send(http.MethodPost, pathTwilioCall, callBody(number(1), attemptID(1))).status]++
		}
		require.NotZero(t, statuses[200])
		require.NotZero(t, statuses[429])
	})
	t.Run("burst", func(t *testing.T) {
		t.Parallel()
		b := setup(t, Options{Faults: parse(t, "401=burst:10s@30s")})
		for _, tt := range []struct {
			add    time.Duration
			status int
		}{{0, 200}, {29 * time.Second, 200}, {time.Second, 401}, {9 * time.Second, 401}, {time.Second, 200}} {
			b.clock.Add(tt.add)
			require.Equal(t, tt.status, b.send(http.MethodPost, pathTwilioCall, callBody(number(1), attemptID(1))).status)
		}
	})
	t.Run("first", func(t *testing.T) {
		t.Parallel()
		b := setup(t, Options{Faults: parse(t, "ok=first:1,503=first:3")})
		var got []int
		for range 4 {
			got = append(got, b.send(http.MethodPost, pathTwilioCall, callBody(number(1), attemptID(1))).status)
		}
		require.Equal(t, []int{200, 503, 503, 200}, got)
		b.sim.SetFaults(parse(t, "503=first:1"))
		require.Equal(t, 503, b.send(http.MethodPost, pathTwilioCall, callBody(number(1), attemptID(1))).status, "counted from when the faults were set")
	})
}

func TestFaultsOfGetRequests(t *testing.T) {
	t.Parallel()
	b := setup(t, Options{Faults: parse(t, "get_429=first:1,get_503=first:2,get_401=first:3,get_500=first:4,retry_after=3")})
	a := b.get("/v1/convai/agents")
	require.Equal(t, 429, a.status)
	require.Equal(t, "3", a.header.Get("Retry-After"))
	require.Equal(t, 503, b.get("/v1/convai/agents").status)
	require.Equal(t, 401, b.get("/v1/convai/agents").status)
	require.Equal(t, 500, b.get("/v1/convai/agents").status)
	require.Equal(t, 200, b.get("/v1/convai/agents").status)
	b.sim.SetFaults(parse(t, "get_reset=100%"))
	_, err := b.try(http.MethodGet, "/v1/convai/agents", "")
	isReset(t, err)
	require.Equal(t, 200, b.get("/_sim/stats").status, "the control surface is never disturbed")
	b.dial(number(1), attemptID(1))
}

func TestSlow(t *testing.T) {
	t.Parallel()
	b := setup(t, Options{Faults: parse(t, "slow=80ms,get_slow=80ms")})
	began := time.Now()
	b.dial(number(1), attemptID(1))
	require.GreaterOrEqual(t, time.Since(began), 80*time.Millisecond)
	began = time.Now()
	b.get("/v1/convai/agents")
	require.GreaterOrEqual(t, time.Since(began), 80*time.Millisecond)
	require.Equal(t, map[string]int64{"slow": 1, "get_slow": 1}, b.sim.Stats().Faults)
}

func TestParseFaults(t *testing.T) {
	t.Parallel()
	f := parse(t, "429=5%, 503=0.02,drop=3%,401=burst:10s@30s,500=burst:5,slow=20ms:10%,retry_after=2,hang_for=90,index_lag=1.5s,webhook_duplicate=20%,webhook_retry=on")
	require.Equal(t, Faults{
		Rules: []FaultRule{{Mode: "429", Share: 0.05}, {Mode: "503", Share: 0.02}, {Mode: "drop", Share: 0.03},
			{Mode: "401", From: 30 * time.Second, For: 10 * time.Second}, {Mode: "500", For: 5 * time.Second}, {Mode: "slow", Share: 0.1, Delay: 20 * time.Millisecond}},
		RetryAfter: 2 * time.Second, HangFor: 90 * time.Second, IndexLag: 1500 * time.Millisecond, Webhook: WebhookFaults{Duplicate: 0.2, Retry: true},
	}, f)
	require.Equal(t, Faults{}, parse(t, " "))
	for spec, want := range map[string]string{
		"429":              "mode=value",
		"teapot=5%":        "unknown mode \"teapot\"; known are 400, 401,",
		"429=five":         "is not a share",
		"429=105%":         "is not a share",
		"429=-1%":          "is not a share",
		"429=NaN":          "is not a share",
		"503=first:0":      "above 0",
		"401=burst:x@1s":   "burst:LENGTH@START",
		"401=burst:1s@x":   "is not a duration",
		"slow=fast":        "is not a duration",
		"retry_after=-1":   "is not a duration",
		"webhook_retry=1":  "neither on nor off",
		"429=60%,503=60%":  "more than 100%",
		"get_429=2,drop=1": "is not a share",
	} {
		_, err := ParseFaults(spec)
		require.ErrorContains(t, err, want, spec)
	}
	require.Panics(t, func() { New(Options{Faults: Faults{Rules: []FaultRule{{Mode: "teapot"}}}}) })
}

func FuzzParseFaults(f *testing.F) {
	for _, seed := range []string{"429=5%,503=2%", "401=burst:10s@30s", "slow=20ms:5%", "x", "=,=", "429=first:9999999999999999999"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, spec string) {
		if faults, err := ParseFaults(spec); err == nil {
			New(Options{Faults: faults}) // whatever parses can be used
		}
	})
}

func TestControlSurface(t *testing.T) {
	t.Parallel()
	b := setup(t, Options{Script: always("refuse_soft")})
	b.dial(number(1), attemptID(1))
	requireKeys(t, b.get("/_sim/rings").body, []string{"rings.0.conversation_id string", "rings.0.attempt_id string", "rings.0.to string", "rings.0.at string", "rings.0.answered bool", "rings.0.scenario string"})
	requireKeys(t, b.get("/_sim/stats").body, []string{"requests object", "faults object", "rings number", "peak_concurrent number", "peak_per_second number"})
	require.Equal(t, 200, b.send(http.MethodPost, "/_sim/faults", "503=100%").status)
	require.Equal(t, 503, b.send(http.MethodPost, pathTwilioCall, callBody(number(2), attemptID(2))).status)
	bad := b.send(http.MethodPost, "/_sim/faults", "teapot=1%")
	require.Equal(t, 400, bad.status)
	require.True(t, strings.Contains(bad.body, "known are"), bad.body)
	require.Equal(t, 200, b.send(http.MethodPost, "/_sim/reset", "").status)
	require.Zero(t, b.sim.RingCount())
}
