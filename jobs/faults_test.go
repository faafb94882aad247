package jobs_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/elevenlabssim"
	"github.com/callhenk/henk-worker/jobs"
)

// Whatever the provider does for a while, it heals by itself: every lead is called, none twice, unless its phone may
// have rung without the provider admitting it.
func TestProviderFaultsHeal(t *testing.T) {
	t.Parallel()
	const leads = 12
	for name, c := range map[string]struct {
		spec    string
		unknown int // attempts that stay unknown: the request went out, and no call is listed
	}{
		"401 burst, reads too":    {spec: "401=burst:4s,get_401=burst:4s"},
		"quota exceeded":          {spec: "quota_exceeded=first:3"},
		"429":                     {spec: "429=first:6"},
		"429 with Retry-After":    {spec: "429=first:6,retry_after=2"},
		"429 busy":                {spec: "429_busy=first:4"},
		"success_false":           {spec: "success_false=first:2"},
		"503":                     {spec: "503=first:3", unknown: 3},
		"503 although it rings":   {spec: "503_ring=first:3"},
		"reads fail":              {spec: "get_503=burst:4s,drop=first:3"},
		"hangs, and rings":        {spec: "hang=first:3,hang_for=2s"},
		"hangs before it rings":   {spec: "hang_before=first:2,hang_for=2s", unknown: 2},
		"accepts, then drops":     {spec: "drop=first:4"},
		"listed late":             {spec: "drop=first:4,index_lag=4s"},
		"half an answer":          {spec: "half_response=first:4"},
		"reset before it is read": {spec: "reset_before=first:2", unknown: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, nil, leads)
			b.config.ElevenLabs = b.client(time.Second)
			b.config.MaxConcurrent = 6
			b.faults(c.spec)
			b.start()
			b.eventually(60*time.Second, "everybody who may be was called", func() bool {
				return int(b.sim.RingCount()) == leads-c.unknown && b.inState("unknown") == c.unknown && b.count("select "+unsettled) == 0
			})
			b.sound()
			require.Equal(t, leads-c.unknown, b.inState("placed"))
			require.Zero(t, b.count("select count(*) from henk.provider_state where breaker <> 'closed'"))
			require.Zero(t, b.count("select count(*) from henk.campaign_state where blocked_at is not null"))
			require.Positive(t, total(b.sim.Stats().Faults))
		})
	}
}

func total(counts map[string]int64) (sum int64) {
	for _, n := range counts {
		sum += n
	}
	return sum
}

// The provider is away while a worker starts and a call is under way: nothing is made up meanwhile.
func TestNothingIsMadeUpWhileTheProviderIsAway(t *testing.T) {
	t.Parallel()
	b := setup(t, nil, 3)
	b.start()
	b.eventually(20*time.Second, "a call is under way", func() bool { return b.sim.RingCount() > 0 })
	b.faults("get_503=100%,503=100%")
	time.Sleep(3 * time.Second)
	known := map[string]elevenlabssim.Ring{}
	for _, r := range b.sim.Rings() {
		known[r.ConversationID] = r
	}
	for _, id := range b.strings("select conversation_id from conversations") {
		require.Contains(t, known, id)
	}
	require.Zero(t, b.count("select count(*) from conversations where status = 'completed' and transcript is null"))
	b.faults("")
	b.eventually(60*time.Second, "the calls are on the books", func() bool { return b.count("select "+unsettled) == 0 })
	b.sound()
}

// An orderly stop lets requests under way come to their end; what had not begun waits for the next worker.
func TestStopLosesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t, nil, 30)
	b.faults("slow=700ms")
	b.config.MaxConcurrent, b.config.DialWorkers = 20, 10
	_, stop := b.start()
	b.eventually(20*time.Second, "requests are under way", func() bool { return b.inState("dialing") >= 5 })
	began := time.Now()
	stop()
	require.Less(t, time.Since(began), 8*time.Second)
	require.Zero(t, b.inState("dialing"), "every request was waited for and recorded")
	require.Zero(t, b.count("select count(*) from river.river_job where state = 'running'"))
	require.Zero(t, b.count("select count(*) from henk.workers"))
	require.Equal(t, int(b.sim.RingCount()), b.inState("placed"))

	b.faults("")
	b.start()
	b.called(30, 60*time.Second)
	b.sound()
}

// Without a key nothing is dialed and nothing breaks; the work waits for a worker that has one.
func TestWithoutAKeyTheWorkWaits(t *testing.T) {
	t.Parallel()
	b := setup(t, nil, 3)
	client := b.config.ElevenLabs
	b.config.ElevenLabs = nil
	_, stop := b.start()
	b.eventually(10*time.Second, "it was planned", func() bool {
		return b.count("select count(*) from river.river_job where kind = 'plan-campaign' and state = 'completed'") > 0
	})
	stop()
	require.Zero(t, b.sim.RingCount())
	require.Zero(t, b.count("select count(*) from call_attempts"))
	b.config.ElevenLabs = client
	b.start()
	b.called(3, 30*time.Second)
	b.sound()

	b.config.ElevenLabs, b.config.Queues = nil, []string{jobs.QueueDial}
	_, err := jobs.New(b.config)
	require.ErrorContains(t, err, "ELEVENLABS_API_KEY")
}
