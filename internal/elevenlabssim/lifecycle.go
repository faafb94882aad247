package elevenlabssim

import "time"

// Conversation states as the API spells them.
const (
	statusInitiated  = "initiated"
	statusInProgress = "in-progress"
	statusProcessing = "processing"
	statusDone       = "done"
	statusFailed     = "failed"
)

const processingSecs = 6 // between the end of the call and its analysis, in conversation seconds

// schedule is the life cycle of a call in clock time, unix nanoseconds.
type schedule struct {
	answered int64 // ringing stopped
	ended    int64 // the line is free
	final    int64 // done or failed, with the analysis
}

// times computes a call's life cycle. Nothing else in the simulator decides when anything happens.
func (b *book) times(c *call) schedule {
	if b.opt.Instant || c.instant {
		return schedule{c.start, c.start, c.start}
	}
	sc := &scenarios().list[c.scenario]
	t := schedule{answered: c.start + b.opt.scaled(int(c.ring))}
	if !sc.connects() {
		t.ended, t.final = t.answered, t.answered
		return t
	}
	t.ended = t.answered + b.opt.scaled(sc.TalkSecs)
	t.final = t.ended + b.opt.scaled(processingSecs)
	return t
}

// scaled is a span of conversation time in clock nanoseconds.
func (o *Options) scaled(secs int) int64 {
	return int64(float64(secs) / o.Speed * float64(time.Second))
}

// stage is what can be seen of a call at some time.
type stage struct {
	status string
	talked int // seconds of conversation so far
	ended  bool
	final  bool // the record will not change again
}

func (b *book) stage(c *call, now time.Time) stage {
	sc, t, at := &scenarios().list[c.scenario], b.times(c), now.UnixNano()
	switch {
	case at < t.answered:
		return stage{status: statusInitiated}
	case at < t.ended:
		talked := int(float64(at-t.answered) / float64(time.Second) * b.opt.Speed)
		return stage{status: statusInProgress, talked: min(talked, sc.TalkSecs)}
	case sc.Stuck:
		return stage{status: statusInitiated, ended: true}
	case at < t.final:
		return stage{status: statusProcessing, talked: sc.TalkSecs, ended: true}
	case sc.connects():
		return stage{status: statusDone, talked: sc.TalkSecs, ended: true, final: true}
	}
	return stage{status: statusFailed, ended: true, final: true}
}
