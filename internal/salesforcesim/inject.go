package salesforcesim

import (
	"sync"
	"time"
)

// faultState is the faults in force and how many requests of each class they have seen.
type faultState struct {
	mu sync.Mutex
	Faults
	since time.Time
	seen  [classCount]uint64
	total uint64
	done  map[string]int64 // injected, by mode
}

// SetFaults replaces the faults and starts their schedule now. It panics on an unknown mode; text from outside goes through ParseFaults.
func (s *Sim) SetFaults(f Faults) {
	if err := f.check(); err != nil {
		panic("salesforcesim: " + err.Error())
	}
	st := &s.faults
	st.mu.Lock()
	defer st.mu.Unlock()
	st.Faults, st.since, st.seen = f, s.opt.Clock(), [classCount]uint64{}
	if st.done == nil {
		st.done = map[string]int64{}
	}
}

// switches are the faults that do not depend on the request.
func (s *Sim) switches() Faults {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	return s.faults.Faults
}

// fault decides about the next request of a class: the mode that hits it, or none, and how long to wait before.
func (s *Sim) fault(class faultClass) (mode string, delay time.Duration) {
	st := &s.faults
	st.mu.Lock()
	defer st.mu.Unlock()
	if len(st.Rules) == 0 {
		return "", 0
	}
	seq, since, sum := st.seen[class], s.opt.Clock().Sub(st.since), 0.0
	st.seen[class]++
	st.total++
	hit, slow := share(draw(s.opt.Seed, drawFault, st.total)), share(draw(s.opt.Seed, drawSlow, st.total))
	for i := range st.Rules {
		r := &st.Rules[i]
		if modes[r.Mode] != class {
			continue
		}
		on := seq < uint64(r.First) || r.For > 0 && since >= r.From && since < r.From+r.For
		if isSlow(r.Mode) {
			if on || slow < r.Share {
				delay = max(delay, r.Delay)
				st.done[r.Mode]++
			}
			continue
		}
		sum += r.Share
		if mode == "" && (on || hit < sum) {
			mode = r.Mode
			st.done[mode]++
		}
	}
	return mode, delay
}
