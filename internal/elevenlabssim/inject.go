package elevenlabssim

import (
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// faultState is the faults in force and when they came into force.
type faultState struct {
	Faults
	since     time.Time
	hasCall   bool // some rule concerns outbound-call
	hasGet    bool
	hasAudio  bool
	callsBase uint64 // outbound-call requests before these faults
	getsBase  uint64
	audioBase uint64
}

// SetFaults replaces the faults and starts their schedule now. It panics on an unknown mode; text from outside goes through ParseFaults.
func (s *Sim) SetFaults(f Faults) {
	if err := f.check(); err != nil {
		panic("elevenlabssim: " + err.Error())
	}
	if f.HangFor == 0 {
		f.HangFor = 2 * time.Minute
	}
	st := &faultState{Faults: f, since: s.opt.Clock(), getsBase: s.getSeq.Load(), audioBase: s.audioSeq.Load()}
	for _, r := range f.Rules {
		_, call := callModes[r.Mode]
		st.hasCall, st.hasGet, st.hasAudio = st.hasCall || call, st.hasGet || getModes[r.Mode], st.hasAudio || audioModes[r.Mode]
	}
	s.mu.RLock()
	st.callsBase = s.book.callRequests
	s.mu.RUnlock()
	s.faults.Store(st)
}

// request is what decides about a fault: which request since the faults were set, when, and two independent draws.
type request struct {
	seq         uint64
	since       time.Duration
	fault, slow float64
}

// pick returns the first rule of the family that applies and how long to wait before; nil without a fault.
func (st *faultState) pick(req request, family map[string]bool) (hit *FaultRule, delay time.Duration) {
	sum := 0.0
	for i := range st.Rules {
		rule := &st.Rules[i]
		if _, ok := family[rule.Mode]; !ok {
			continue
		}
		if rule.Mode == modeSlow || rule.Mode == modeGetSlow {
			if rule.scheduled(req) || req.slow < rule.Share {
				delay = max(delay, rule.Delay)
			}
			continue
		}
		sum += rule.Share
		if hit == nil && (rule.scheduled(req) || req.fault < sum) {
			hit = rule
		}
	}
	return hit, delay
}

func (r *FaultRule) scheduled(req request) bool {
	return req.seq < uint64(r.First) || r.For > 0 && req.since >= r.From && req.since < r.From+r.For
}

// drawn decides about a webhook of a call; question separates the decisions.
func (st *faultState) drawn(chance float64, seed int64, id callID, question uint64) bool {
	high, low := id.words()
	return chance > 0 && share(draw(seed, drawWebhook, high, low, question)) < chance
}

// callFault decides about an outbound-call request. The draw depends on the number and how often it was asked for, not on the
// order of requests. A slow rule waits here.
func (s *Sim) callFault(req *callRequest) (*FaultRule, *faultState) {
	st := s.faults.Load()
	if !st.hasCall {
		return nil, st
	}
	to, _ := parseNumber(req.to)
	s.mu.Lock()
	count := s.book.numbers[to]
	nth := uint64(count.requests)
	count.requests++
	s.book.numbers[to] = count
	seq := s.book.callRequests - st.callsBase
	s.book.callRequests++
	s.mu.Unlock()
	hit, delay := st.pick(request{
		seq: seq, since: s.opt.Clock().Sub(st.since),
		fault: share(draw(s.opt.Seed, drawFault, to, nth)), slow: share(draw(s.opt.Seed, drawSlow, to, nth)),
	}, callModes)
	if delay > 0 {
		s.injected.add(modeSlow)
		s.wait(nil, delay)
	}
	if hit != nil && hit.Mode == modeOK {
		hit = nil
	}
	return hit, st
}

// injectGet answers a GET request with a fault; false when there is none. Its draw depends on the order of GET requests.
func (s *Sim) injectGet(w http.ResponseWriter, r *http.Request) bool {
	st := s.faults.Load()
	if !st.hasGet {
		return false
	}
	seq := s.getSeq.Add(1) - 1
	hit, delay := st.pick(request{
		seq: seq - st.getsBase, since: s.opt.Clock().Sub(st.since),
		fault: share(draw(s.opt.Seed, drawGet, seq)), slow: share(draw(s.opt.Seed, drawGetSlow, seq)),
	}, getModes)
	if delay > 0 {
		s.injected.add(modeGetSlow)
		s.wait(r, delay)
	}
	if hit == nil {
		return false
	}
	s.inject(w, r, hit, st, nil)
	return true
}

// inject answers with the fault. answer is what the client would have got, where the phone rang.
func (s *Sim) inject(w http.ResponseWriter, r *http.Request, rule *FaultRule, st *faultState, answer []byte) {
	s.injected.add(rule.Mode)
	switch rule.Mode {
	case "drop", "reset_before", "get_reset":
		abort(w, nil)
	case "half_response":
		head := "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(answer)) + "\r\n\r\n"
		abort(w, append([]byte(head), answer[:len(answer)/2]...))
	case "hang", "hang_before":
		s.wait(r, st.HangFor)
		abort(w, nil)
	default:
		e := *refusals[rule.Mode]
		if e.status == http.StatusTooManyRequests || e.status == http.StatusServiceUnavailable {
			e.retryAfter = st.RetryAfter
		}
		e.send(w)
	}
}

// wait holds a request until the time is up, the client gives up, or the simulator closes.
func (s *Sim) wait(r *http.Request, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	var gone <-chan struct{}
	if r != nil {
		gone = r.Context().Done()
	}
	select {
	case <-timer.C:
	case <-gone:
	case <-s.closing:
	}
}

// abort ends the connection: with a reset when nothing is to be sent, else after the given bytes of an unfinished response.
func abort(w http.ResponseWriter, partial []byte) {
	conn, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // no connection to get hold of; the server closes it
	}
	defer conn.Close()
	if partial != nil {
		_, _ = rw.Write(partial) // a client that has gone is what this is about
		_ = rw.Flush()
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // makes the close a reset; without it the client sees an orderly end
	}
}

// faultCounts counts injected faults by mode.
type faultCounts struct {
	mu sync.Mutex
	n  map[string]int64
}

func (f *faultCounts) add(mode string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.n == nil {
		f.n = map[string]int64{}
	}
	f.n[mode]++
}

func (f *faultCounts) reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.n = nil
}

// refusals are the faults that are an ordinary answer.
var refusals = map[string]*apiError{
	"success_false":      failedDial("HTTP 401 error: Unable to create record: Authenticate"),
	"400":                errTwilioConfig,
	"401":                errInvalidKey,
	"403":                classic(http.StatusForbidden, "missing_permissions", "The API key you used is missing the permission convai_write to execute this operation."),
	"422":                invalid(issue{Type: "missing", Loc: []any{"body", "agent_phone_number_id"}, Msg: "Field required"}),
	"quota_exceeded":     errQuota,
	"quota_exceeded_400": newer(http.StatusBadRequest, "quota_error", "quota_exceeded", "This request exceeds your quota."),
	"429":                errConcurrency,
	"429_new":            newer(http.StatusTooManyRequests, "rate_limit_error", "concurrent_limit_exceeded", "You have reached the limit of concurrent requests of your plan."),
	"429_rate":           classic(http.StatusTooManyRequests, "rate_limit_exceeded", "Rate limit exceeded. Please slow down."),
	"429_busy":           classic(http.StatusTooManyRequests, "system_busy", "The system is experiencing heavy traffic, please try again."),
	"500":                {status: http.StatusInternalServerError, contentType: "text/html", body: "<html><head><title>500 Internal Server Error</title></head><body><h1>Server Error</h1></body></html>"},
	"503":                {status: http.StatusServiceUnavailable, body: `{"detail":"Service Unavailable"}`},
	"503_ring":           {status: http.StatusServiceUnavailable, body: `{"detail":"Service Unavailable"}`},
	"get_401":            errInvalidKey,
	"get_429":            classic(http.StatusTooManyRequests, "rate_limit_exceeded", "Rate limit exceeded. Please slow down."),
	"get_500":            {status: http.StatusInternalServerError, contentType: "text/html", body: "<html><body><h1>Server Error</h1></body></html>"},
	"audio_404":          errNoAudio,
	"audio_429":          errConcurrency,
	"audio_503":          {status: http.StatusServiceUnavailable, body: `{"detail":"Service Unavailable"}`},
	"get_503":            {status: http.StatusServiceUnavailable, body: `{"detail":"Service Unavailable"}`},
}
