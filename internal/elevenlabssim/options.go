package elevenlabssim

import (
	"crypto/sha256"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// DefaultSpeed is how many conversation seconds pass per second of the clock when Options.Speed is unset; at this speed every
// scripted call is over within ten seconds.
const DefaultSpeed = 20

// Over-limit answers for Options.OverLimit. What the provider does is undocumented, so both are offered.
const (
	OverLimit429          = "429"
	OverLimitSuccessFalse = "success_false"
)

// Options configures a Sim. The zero value works, except that without an APIKey every request is refused.
type Options struct {
	APIKey        string // the only accepted xi-api-key
	WebhookSecret string // signs webhooks, with Clock's time; unset: they carry no signature
	WebhookURL    string // where webhooks go; unset: none are sent
	Seed          int64
	Speed         float64 // conversation seconds per clock second; 0 = DefaultSpeed
	Instant       bool    // load tests: calls end the moment they are accepted
	Clock         func() time.Time
	Agents        []Agent       // nil = DefaultAgents
	PhoneNumbers  []PhoneNumber // nil = DefaultPhoneNumbers
	MaxConcurrent int           // calls on the line at once; 0 = no limit
	OverLimit     string        // OverLimit429 (default) or OverLimitSuccessFalse
	RecordingSecs int           // length of a recording, whatever was said; 0 = 1
	CreditLimit   int           // credits of the subscription; 0 = never used up
	Faults        Faults
	// Script names the scenario that answers; "" leaves it to the seed. It runs under the simulator's lock: it must not call back.
	Script         func(to string, ordinal int, vars map[string]any) string
	Log            *slog.Logger
	AcceptAnyAgent bool // load tests: any agent id, phone number id and voice id is known
}

// Agent is a conversational agent of the simulated workspace.
type Agent struct {
	ID, Name, VoiceID string
	ConcurrencyLimit  int // calls at once with this agent; 0 = none, reported as -1
}

// PhoneNumber is a number of the simulated workspace that calls go out from.
type PhoneNumber struct {
	ID, Number, Label string // ID is what calls need; Number is E.164
	Provider          string // "twilio" (also when empty), "sip_trunk" or "exotel"
	NoOutbound        bool
	AgentID           string // agent assigned for inbound calls, may be empty
}

// DefaultAgents are the agents of a simulator that was given none.
func DefaultAgents() []Agent {
	return []Agent{
		{ID: "agent_sim_henk", Name: "Henk", VoiceID: voices[0].id},
		{ID: "agent_sim_ingrid", Name: "Ingrid", VoiceID: voices[1].id},
	}
}

// DefaultPhoneNumbers are the numbers of a simulator that was given none: one that calls can go out from, one of another provider
// and one that cannot place calls, so that a client's checks have something to find.
func DefaultPhoneNumbers() []PhoneNumber {
	return []PhoneNumber{
		{ID: "phnum_sim_twilio", Number: "+15005550006", Label: "Main line", Provider: providerTwilio, AgentID: "agent_sim_henk"},
		{ID: "phnum_sim_sip", Number: "+15005550007", Label: "SIP trunk", Provider: providerSIP},
		{ID: "phnum_sim_inbound", Number: "+15005550008", Label: "Inbound only", Provider: providerTwilio, NoOutbound: true},
	}
}

// Sim is the simulator. It is an http.Handler and safe for concurrent use.
type Sim struct {
	opt    Options
	keySum [sha256.Size]byte

	routeNames [routeCount]string
	requests   [routeCount + 1]atomic.Int64 // by route; the last one counts requests that match none
	getSeq     atomic.Uint64
	audioSeq   atomic.Uint64 // requests for audio while a fault of theirs was set
	speechSeq  atomic.Uint64
	faults     atomic.Pointer[faultState]
	injected   faultCounts
	courier    *courier
	closing    chan struct{}
	closeOnce  sync.Once

	mu   sync.RWMutex
	book *book // every call so far; guarded by mu
}

// New returns a simulator. It panics when Options.Faults names an unknown mode, which is a programming error: text from outside
// goes through ParseFaults. With a WebhookURL it starts one background loop, which Close stops.
func New(opt Options) *Sim {
	if opt.Clock == nil {
		opt.Clock = time.Now
	}
	if opt.Speed <= 0 {
		opt.Speed = DefaultSpeed
	}
	if opt.RecordingSecs <= 0 {
		opt.RecordingSecs = 1
	}
	if opt.OverLimit == "" {
		opt.OverLimit = OverLimit429
	}
	if opt.Agents == nil {
		opt.Agents = DefaultAgents()
	}
	if opt.PhoneNumbers == nil {
		opt.PhoneNumbers = DefaultPhoneNumbers()
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	s := &Sim{opt: opt, keySum: sha256.Sum256([]byte(opt.APIKey)), closing: make(chan struct{})}
	for i, r := range routes {
		s.routeNames[i] = r.method + " " + r.path
	}
	s.book = newBook(&s.opt)
	s.SetFaults(opt.Faults)
	if opt.WebhookURL != "" {
		s.courier = newCourier(s)
		go s.courier.run()
	}
	return s
}

// Reset forgets every call, count and pending webhook, and starts the fault schedule again. Ids repeat after it.
func (s *Sim) Reset() {
	s.mu.Lock()
	s.book = newBook(&s.opt)
	s.mu.Unlock()
	for i := range s.requests {
		s.requests[i].Store(0)
	}
	s.getSeq.Store(0)
	s.audioSeq.Store(0)
	s.speechSeq.Store(0)
	s.injected.reset()
	s.SetFaults(s.faults.Load().Faults)
	if s.courier != nil {
		s.courier.reset()
	}
}

// Close stops webhook deliveries and lets go of hanging requests. It returns when the background loop has ended.
func (s *Sim) Close() error {
	s.closeOnce.Do(func() { close(s.closing) })
	if s.courier != nil {
		<-s.courier.done
	}
	return nil
}
