package elevenlabssim

import (
	"maps"
	"time"
)

// Ring is one phone that rang, as the simulator saw it: counted when the call was accepted, whether or not the client learnt of it.
type Ring struct {
	ConversationID string    `json:"conversation_id"`
	AttemptID      string    `json:"attempt_id"` // the dynamic variables of that name; empty when not sent
	CampaignID     string    `json:"campaign_id"`
	LeadID         string    `json:"lead_id"`
	To             string    `json:"to"`       // E.164
	At             time.Time `json:"at"`       // by Options.Clock
	Ended          time.Time `json:"ended"`    // when the line is, or will be, free
	Answered       bool      `json:"answered"` // by a person
	Scenario       string    `json:"scenario"`
}

// Rings returns every phone that rang so far, in the order they rang.
func (s *Sim) Rings() []Ring {
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := make([]Ring, s.book.n)
	for i := range list {
		c := s.book.at(uint32(i))
		sc, vars := &scenarios().list[c.scenario], s.book.vars.unpack(c.vars)
		list[i] = Ring{
			ConversationID: c.id.conversation(), AttemptID: textOf(vars, "attempt_id"), CampaignID: textOf(vars, "campaign_id"), LeadID: textOf(vars, "lead_id"),
			To: formatNumber(c.to), At: time.Unix(0, c.start), Ended: time.Unix(0, s.book.times(c).ended),
			Answered: sc.CallResult == "answered", Scenario: sc.Name,
		}
	}
	return list
}

func textOf(vars []variable, key string) string {
	if v, ok := lookup(vars, key); ok {
		return v.plain()
	}
	return ""
}

// RingsPerAttempt counts the rings by attempt_id; any count above one is a double dial. Calls without an attempt_id count under "".
func (s *Sim) RingsPerAttempt() map[string]int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	counts := make(map[string]int, s.book.n)
	for i := range s.book.n {
		counts[textOf(s.book.vars.unpack(s.book.at(i).vars), "attempt_id")]++
	}
	return counts
}

// RingCount is the number of rings so far.
func (s *Sim) RingCount() int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return int64(s.book.n)
}

// AllEnded reports that every call's life cycle is complete: no record will change any more. It says nothing about webhooks.
func (s *Sim) AllEnded() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.book.lastFinal <= s.opt.Clock().UnixNano()
}

// Stats is what the simulator counted since the start or the last Reset.
type Stats struct {
	Requests          map[string]int64 `json:"requests"` // by route, such as "GET /v1/convai/conversations/{id}"; "other" matched none
	Faults            map[string]int64 `json:"faults"`   // injected, by mode
	Rings             int64            `json:"rings"`
	Active            int              `json:"active"` // calls on the line now
	PeakConcurrent    int              `json:"peak_concurrent"`
	PeakPerSecond     int              `json:"peak_per_second"` // most calls accepted within any one second of the clock
	WebhooksDelivered int64            `json:"webhooks_delivered"`
	WebhooksFailed    int64            `json:"webhooks_failed"` // tries, not events
	WebhooksPending   int              `json:"webhooks_pending"`
	UnknownScenarios  int64            `json:"unknown_scenarios"` // names the script made up
}

// Stats returns the counts.
func (s *Sim) Stats() Stats {
	st := Stats{Requests: map[string]int64{}}
	for i := range s.requests {
		name := "other"
		if i < len(s.routeNames) {
			name = s.routeNames[i]
		}
		if n := s.requests[i].Load(); n > 0 {
			st.Requests[name] = n
		}
	}
	s.injected.mu.Lock()
	st.Faults = maps.Clone(s.injected.n)
	s.injected.mu.Unlock()
	if st.Faults == nil {
		st.Faults = map[string]int64{}
	}
	s.mu.Lock()
	s.book.hangUp(s.opt.Clock())
	st.Rings, st.Active = int64(s.book.n), len(s.book.active)
	st.PeakConcurrent, st.PeakPerSecond, st.UnknownScenarios = s.book.peakActive, s.book.peakPerSecond, s.book.unknownScript
	s.mu.Unlock()
	if c := s.courier; c != nil {
		c.mu.Lock()
		st.WebhooksDelivered, st.WebhooksFailed, st.WebhooksPending = c.delivered, c.failed, len(c.queue)
		c.mu.Unlock()
	}
	return st
}
