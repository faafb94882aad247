package salesforcesim

import (
	"maps"
	"sync"
)

// counts is what reached the simulator, by kind.
type counts struct {
	mu    sync.Mutex
	n     map[string]int64
	calls int64 // metered, since the start
	used  int   // of the day's allowance
}

func (c *counts) add(kind string) { c.addN(kind, 1) }

func (c *counts) addN(kind string, n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == nil {
		c.n = map[string]int64{}
	}
	c.n[kind] += n
}

// meter counts a request against the allowance; over says that it was used up before.
func (c *counts) meter(limit int) (used int, over bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.used >= limit {
		return c.used, true
	}
	c.calls++
	c.used++
	return c.used, false
}

func (c *counts) usage() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.used
}

// SetUsage sets how much of the day's allowance is used, by whomever.
func (s *Sim) SetUsage(requests int) {
	s.counts.mu.Lock()
	defer s.counts.mu.Unlock()
	s.counts.used = requests
}

// ledger is what was written, and how often the same thing.
type ledger struct {
	writes map[string]int64 // by object and operation, such as Task.create
	tasks  map[string]int   // created Tasks by CallObject, or by Dialer_Call_Id__c
}

func (l *ledger) note(o *object, op string) {
	if l.writes == nil {
		l.writes = map[string]int64{}
	}
	l.writes[o.name+"."+op]++
}

func (l *ledger) task(key string) {
	if l.tasks == nil {
		l.tasks = map[string]int{}
	}
	l.tasks[key]++
}

// Stats is what the simulator counted since the start or the last ResetStats.
type Stats struct {
	// Requests by kind: token, versions, query, queryall, query_more, describe, limits, sobjects_get, collection_post, bulk_create,
	// bulk_poll, bulk_results and so on; and what came of them: refreshed, rotated, reused_refresh_token, refused_session,
	// refused_query, records (rendered).
	Requests map[string]int64 `json:"requests"`
	APICalls int64            `json:"api_calls"` // metered
	Usage    int              `json:"usage"`     // of the day's allowance
	Faults   map[string]int64 `json:"faults"`    // injected, by mode
	Writes   map[string]int64 `json:"writes"`    // that succeeded through the API, such as Task.create
	// Tasks counts created Tasks by CallObject or, without one, by Dialer_Call_Id__c; those with neither are under "".
	Tasks      map[string]int `json:"tasks"`
	Duplicates int            `json:"duplicates"` // Tasks beyond the first of their id
}

// Stats returns the counts.
func (s *Sim) Stats() Stats {
	st := Stats{Requests: map[string]int64{}, Faults: map[string]int64{}, Writes: map[string]int64{}, Tasks: map[string]int{}}
	s.counts.mu.Lock()
	maps.Copy(st.Requests, s.counts.n)
	st.APICalls, st.Usage = s.counts.calls, s.counts.used
	s.counts.mu.Unlock()
	s.faults.mu.Lock()
	maps.Copy(st.Faults, s.faults.done)
	s.faults.mu.Unlock()
	s.mu.Lock()
	maps.Copy(st.Writes, s.ledger.writes)
	maps.Copy(st.Tasks, s.ledger.tasks)
	s.mu.Unlock()
	for id, n := range st.Tasks {
		if id != "" && n > 1 {
			st.Duplicates += n - 1
		}
	}
	return st
}

// ResetStats sets all counts back to nothing; the org stays as it is.
func (s *Sim) ResetStats() {
	s.counts.mu.Lock()
	s.counts.n, s.counts.calls = nil, 0
	s.counts.mu.Unlock()
	s.faults.mu.Lock()
	s.faults.done = map[string]int64{}
	s.faults.mu.Unlock()
	s.mu.Lock()
	s.ledger = ledger{}
	s.mu.Unlock()
}
