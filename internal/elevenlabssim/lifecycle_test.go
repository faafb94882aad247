package elevenlabssim

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestLifeCycleOfACall(t *testing.T) {
	t.Parallel()
	b := setup(t, Options{Script: always("pledge_monthly_twenty"), Speed: 20})
	sc := scenarioNamed(t, "pledge_monthly_twenty")
	id := b.dial(number(1), attemptID(1))
	start := noon
	at := func(conversationSecs float64) map[string]any {
		b.clock.Add(start.Add(time.Duration(conversationSecs / 20 * float64(time.Second))).Sub(b.clock.Now()))
		return b.getJSON("/v1/convai/conversations/" + id)
	}
	meta := func(v map[string]any) map[string]any { return v["metadata"].(map[string]any) }

	v := at(0)
	require.Equal(t, "initiated", v["status"])
	require.Empty(t, v["transcript"])
	require.Nil(t, v["analysis"])
	require.Nil(t, meta(v)["phone_call"].(map[string]any)["call_result"])
	require.Equal(t, "initiated", at(float64(sc.RingSecs) - 0.5)["status"])

	v = at(float64(sc.RingSecs) + 20.5)
	require.Equal(t, "in-progress", v["status"])
	require.NotEmpty(t, v["transcript"])
	require.Less(t, len(v["transcript"].([]any)), len(sc.Messages))
	require.EqualValues(t, 20, meta(v)["call_duration_secs"])
	require.False(t, b.sim.AllEnded())

	end := float64(sc.RingSecs + sc.TalkSecs)
	v = at(end + 1)
	require.Equal(t, "processing", v["status"])
	require.Nil(t, v["analysis"], "the analysis comes late")
	require.Len(t, v["transcript"], len(sc.Messages))
	require.Equal(t, "answered", meta(v)["phone_call"].(map[string]any)["call_result"])
	require.Equal(t, false, v["has_audio"])

	v = at(end + processingSecs + 1)
	require.Equal(t, "done", v["status"])
	require.Equal(t, "success", v["analysis"].(map[string]any)["call_successful"])
	require.Equal(t, true, v["has_audio"])
	require.EqualValues(t, sc.TalkSecs, meta(v)["call_duration_secs"], "durations stay those of the conversation")
	require.EqualValues(t, noon.Unix(), meta(v)["start_time_unix_secs"])
	require.True(t, b.sim.AllEnded())

	ring := b.sim.Rings()[0]
	require.True(t, ring.Answered)
	require.Equal(t, noon, ring.At.UTC())
	require.InDelta(t, end/20, ring.Ended.Sub(ring.At).Seconds(), 0.001)
}

func scenarioNamed(t *testing.T, name string) Scenario {
	t.Helper()
	for _, sc := range Scenarios() {
		if sc.Name == name {
			return sc
		}
	}
	require.Fail(t, "no scenario "+name)
	return Scenario{}
}

func TestUnansweredCalls(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ scenario, status, result string }{
		{"busy", "failed", "busy"}, {"no_answer", "failed", "no_answer"}, {"failed_number_out_of_service", "failed", "failed"},
		{"no_answer_stuck", "initiated", ""}, {"voicemail_mailbox_full", "done", "voicemail"},
	} {
		t.Run(tt.scenario, func(t *testing.T) {
			t.Parallel()
			b := setup(t, Options{Script: always(tt.scenario)})
			id := b.dial(number(1), attemptID(1))
			b.clock.Add(24 * time.Hour)
			v := b.getJSON("/v1/convai/conversations/" + id)
			require.Equal(t, tt.status, v["status"])
			result := v["metadata"].(map[string]any)["phone_call"].(map[string]any)["call_result"]
			if tt.result == "" {
				require.Nil(t, result)
			} else {
				require.Equal(t, tt.result, result)
			}
			require.True(t, b.sim.AllEnded())
			require.False(t, b.sim.Rings()[0].Answered)
			require.Zero(t, b.sim.Stats().Active)
		})
	}
}

func TestRingingTimeoutCutsTheCallOff(t *testing.T) {
	t.Parallel()
	b := setup(t, Options{Script: always("pledge_spouse_agrees")})
	body := strings.Replace(callBody(number(1), attemptID(1)), `{"agent_id"`, `{"telephony_call_config":{"ringing_timeout_secs":10},"agent_id"`, 1)
	require.Contains(t, b.send(http.MethodPost, pathTwilioCall, body).body, `"success":true`)
	ring := b.sim.Rings()[0]
	require.Equal(t, "no_answer", ring.Scenario)
	require.Equal(t, 10*time.Second, ring.Ended.Sub(ring.At))
}

func TestEveryCallEndsWithinTenSecondsByDefault(t *testing.T) {
	t.Parallel()
	for _, sc := range Scenarios() {
		total := sc.RingSecs + sc.TalkSecs + processingSecs
		require.LessOrEqual(t, total, 10*DefaultSpeed-5, sc.Name)
	}
}

func TestInstant(t *testing.T) {
	t.Parallel()
	b := setup(t, Options{Instant: true, Script: always("refuse_soft"), AcceptAnyAgent: true})
	body := strings.NewReplacer("agent_sim_henk", "agent_any", "phnum_sim_twilio", "phnum_any").Replace(callBody(number(1), attemptID(1)))
	require.Contains(t, b.send(http.MethodPost, pathTwilioCall, body).body, `"success":true`)
	require.True(t, b.sim.AllEnded())
	v := b.getJSON("/v1/convai/conversations/" + b.sim.Rings()[0].ConversationID)
	require.Equal(t, "done", v["status"])
	require.Equal(t, "agent_any", v["agent_id"])
	require.NotZero(t, v["metadata"].(map[string]any)["call_duration_secs"])
}

func TestSameSeedSameDonorsWhateverTheOrder(t *testing.T) {
	t.Parallel()
	run := func(seed int64, order []int) map[string]Ring {
		b := setup(t, Options{Seed: seed, Instant: true})
		for _, n := range order {
			b.dial(number(n), attemptID(n))
		}
		seen := map[string]Ring{}
		for _, r := range b.sim.Rings() {
			r.At, r.Ended = time.Time{}, time.Time{}
			seen[r.AttemptID] = r
		}
		return seen
	}
	forward, backward := make([]int, 60), make([]int, 60)
	for i := range forward {
		forward[i], backward[len(backward)-1-i] = i, i
	}
	require.Equal(t, run(7, forward), run(7, backward))
	require.NotEqual(t, run(7, forward), run(8, forward))
}

func TestSecondCallToANumberMeetsAnotherDraw(t *testing.T) {
	t.Parallel()
	b := setup(t, Options{Seed: 3, Instant: true})
	differ := 0
	for n := range 40 {
		b.dial(number(n), attemptID(2*n))
		b.dial(number(n), attemptID(2*n+1))
	}
	rings := b.sim.Rings()
	for n := range 40 {
		require.NotEqual(t, rings[2*n].ConversationID, rings[2*n+1].ConversationID)
		if rings[2*n].Scenario != rings[2*n+1].Scenario {
			differ++
		}
	}
	require.Greater(t, differ, 25)
}

func TestMixOfADemo(t *testing.T) {
	t.Parallel()
	c, counts := scenarios(), map[string]int{}
	const calls = 20_000
	for n := range uint64(calls) {
		sc := c.list[c.choose(1, 14_235_550_000+n, 0)]
		require.False(t, sc.Stuck)
		counts[sc.Class]++
	}
	for _, m := range mix {
		require.InDelta(t, float64(m.weight)/float64(c.weights), float64(counts[m.class])/calls, 0.01, m.class)
	}
}

func TestScriptSeesTheVariables(t *testing.T) {
	t.Parallel()
	var seen map[string]any
	var ordinals []int
	b := setup(t, Options{Script: func(to string, ordinal int, vars map[string]any) string {
		seen, ordinals = vars, append(ordinals, ordinal)
		require.Equal(t, number(1), to)
		return []string{"busy", "made up"}[ordinal]
	}})
	b.dial(number(1), attemptID(1))
	b.dial(number(1), attemptID(2))
	require.Equal(t, []int{0, 1}, ordinals)
	require.Equal(t, map[string]any{"attempt_id": attemptID(2), "campaign_id": "0189c0de-0000-7000-8000-00000000000c", "lead_id": "lead-" + attemptID(2),
		"donor_name": `Ada "Lace"`, "campaign_name": "River Fund", "attempt_no": 2.0, "vip": true, "note": nil}, seen)
	require.Equal(t, "busy", b.sim.Rings()[0].Scenario)
	require.Equal(t, int64(1), b.sim.Stats().UnknownScenarios)
}

func TestPeakPerSecondAndReset(t *testing.T) {
	t.Parallel()
	b := setup(t, Options{})
	for n := range 10 {
		b.dial(number(n), attemptID(n))
		b.clock.Add(250 * time.Millisecond)
	}
	require.Equal(t, 4, b.sim.Stats().PeakPerSecond)
	first := b.sim.Rings()[0].ConversationID
	b.sim.Reset()
	require.Zero(t, b.sim.RingCount())
	require.Empty(t, b.sim.RingsPerAttempt())
	require.Empty(t, b.sim.Stats().Requests)
	require.Equal(t, first, b.dial(number(0), attemptID(0)), "ids repeat")
}
