package conversation

import (
	"time"

	"github.com/callhenk/henk-worker/internal/elevenlabs"
)

const (
	maxCallSeconds = 24 * 60 * 60
	// clockSkew is how far the provider's start of a call may be from ours before it is not believed.
	clockSkew = 15 * time.Minute
	maxRing   = 10 * time.Minute
)

// Waits, in multiples of Options.PollBase.
const (
	missingWaits  = 12  // a fresh call may be missing from the provider's index: a minute
	ringingWaits  = 120 // no phone rings for ten minutes
	analysisWaits = 120 // an analysis that is not there after ten minutes will not come
	longestPoll   = 12  // a minute
	processingDiv = 10
	runningDiv    = 60
)

func (s *Syncer) waits(n int) time.Duration { return time.Duration(n) * s.PollBase }

// times are those of a call, in whole seconds where the provider gives them.
type times struct {
	start    time.Time
	answered time.Time // zero: nobody answered, or it is not known
	end      time.Time
	ring     *int32 // seconds
	seconds  int32  // of talk
	ended    bool   // end and seconds are known
}

// callTimes reads a body's times. The provider's clock is believed as long as it agrees with ours about when the call
// began; if it does not, its start is replaced by ours and its durations are kept.
func callTimes(row *facts, b *elevenlabs.Conversation) times {
	t := times{start: row.StartedAt, ended: b.Ended()}
	skew := clockSkew
	if row.AttemptID == nil {
		skew = 24 * time.Hour // from before adoption: who knows when the row was written
	}
	provider := time.Unix(b.Metadata.StartTimeUnixSecs, 0).UTC()
	believed := b.Metadata.StartTimeUnixSecs > 0 && provider.Sub(row.StartedAt).Abs() <= skew
	if believed {
		t.start = provider
	}
	if at := b.Metadata.AcceptedTimeUnixSecs; at != nil && *at > 0 {
		if ring := time.Unix(*at, 0).UTC().Sub(provider); ring >= 0 && ring <= maxRing {
			seconds := int32(ring / time.Second)
			t.ring, t.answered = &seconds, t.start.Add(ring)
		}
	}
	t.seconds = int32(min(max(b.Metadata.CallDurationSecs, 0), maxCallSeconds))
	if t.answered.IsZero() && t.seconds > 0 {
		t.answered = t.start
	}
	t.end = t.start.Add(time.Duration(t.seconds) * time.Second)
	if !t.answered.IsZero() {
		t.end = t.answered.Add(time.Duration(t.seconds) * time.Second)
	}
	return t
}

// again says when to ask next about a call that is not over: every PollBase at first, which is when most calls end, and
// further apart the longer it lasts; sooner once it has ended and is only being processed.
func (s *Syncer) again(status string, t times, now time.Time) time.Duration {
	if status == elevenlabs.StatusProcessing {
		return min(max(now.Sub(t.end)/processingDiv, s.PollBase*2/5), s.waits(longestPoll))
	}
	return min(max(now.Sub(t.start)/runningDiv, s.PollBase), s.waits(longestPoll))
}
