package elevenlabssim

import (
	"container/heap"
	"slices"
	"time"
)

// call is what is kept of an accepted call: about seventy bytes here, eighty of packed variables, forty in the indexes.
type call struct {
	id       callID
	start    int64 // unix nanoseconds
	to       uint64
	attempt  uint64 // hash of the attempt_id variable, to find it without unpacking every call
	vars     string // packed
	agent    uint32 // index into book.agents
	phone    uint32 // index into book.phones
	scenario uint16
	ring     uint16 // seconds of ringing
	deleted  bool
	instant  bool // over the moment it was accepted
}

const callsPerChunk = 512 // chunks never move, so a growing book copies nothing

type perNumber struct {
	requests, calls uint32
}

// book is every call since the start, with what is needed to answer about them. The Sim's lock guards it.
type book struct {
	opt     *Options
	began   time.Time
	chunks  []*[callsPerChunk]call
	n       uint32
	byID    map[callID]uint32
	numbers map[uint64]perNumber
	order   []uint32 // calls by (start, index); the clock may have gone back
	vars    *packer

	agents   []Agent
	agentIDs map[string]uint32
	phones   []PhoneNumber
	phoneIDs map[string]uint32

	active        endings
	activeByAgent map[uint32]int
	peakActive    int
	windowHead    uint32 // first call of the last second
	peakPerSecond int
	lastFinal     int64 // when the last life cycle completes, unix nanoseconds
	credits       int64 // used up
	callRequests  uint64
	unknownScript int64
}

func newBook(opt *Options) *book {
	b := &book{
		opt: opt, began: opt.Clock(), byID: map[callID]uint32{}, numbers: map[uint64]perNumber{}, vars: newPacker(),
		agentIDs: map[string]uint32{}, phoneIDs: map[string]uint32{}, activeByAgent: map[uint32]int{},
	}
	for _, a := range opt.Agents {
		b.addAgent(a)
	}
	for _, p := range opt.PhoneNumbers {
		if p.Provider == "" {
			p.Provider = providerTwilio
		}
		b.addPhone(p)
	}
	return b
}

func (b *book) addAgent(a Agent) uint32 {
	b.agents = append(b.agents, a)
	b.agentIDs[a.ID] = uint32(len(b.agents) - 1)
	return b.agentIDs[a.ID]
}

func (b *book) addPhone(p PhoneNumber) uint32 {
	b.phones = append(b.phones, p)
	b.phoneIDs[p.ID] = uint32(len(b.phones) - 1)
	return b.phoneIDs[p.ID]
}

func (b *book) at(i uint32) *call { return &b.chunks[i/callsPerChunk][i%callsPerChunk] }

// add files a call that was accepted now.
func (b *book) add(c call, now time.Time) {
	if b.n%callsPerChunk == 0 {
		b.chunks = append(b.chunks, new([callsPerChunk]call))
	}
	i := b.n
	*b.at(i) = c
	b.n++
	b.byID[c.id] = i
	b.file(i)

	t := b.times(&c)
	b.lastFinal = max(b.lastFinal, t.final)
	b.credits += int64(scenarios().list[c.scenario].credits())
	if t.ended > c.start {
		heap.Push(&b.active, ending{at: t.ended, agent: c.agent})
		b.activeByAgent[c.agent]++
	}
	b.peakActive = max(b.peakActive, len(b.active), 1)
	for b.windowHead < i && b.at(b.windowHead).start <= now.UnixNano()-int64(time.Second) {
		b.windowHead++
	}
	b.peakPerSecond = max(b.peakPerSecond, int(b.n-b.windowHead))
}

// file puts call i in its place by start time, which is the end unless the clock went back.
func (b *book) file(i uint32) {
	start := b.at(i).start
	if len(b.order) == 0 || b.at(b.order[len(b.order)-1]).start <= start {
		b.order = append(b.order, i)
		return
	}
	b.order = slices.Insert(b.order, b.position(start, i), i)
}

// position is where (start, index) stands or would stand in the order.
func (b *book) position(start int64, index uint32) int {
	pos, _ := slices.BinarySearchFunc(b.order, start, func(i uint32, start int64) int {
		if s := b.at(i).start; s != start {
			return compare(s, start)
		}
		return compare(int64(i), int64(index))
	})
	return pos
}

func compare(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// hangUp forgets the calls whose line has ended.
func (b *book) hangUp(now time.Time) {
	for len(b.active) > 0 && b.active[0].at <= now.UnixNano() {
		e := heap.Pop(&b.active).(ending)
		b.activeByAgent[e.agent]--
	}
}

// ending is when a call on the line will end.
type ending struct {
	at    int64
	agent uint32
}

// endings is a min-heap by time.
type endings []ending

func (e endings) Len() int           { return len(e) }
func (e endings) Less(i, j int) bool { return e[i].at < e[j].at }
func (e endings) Swap(i, j int)      { e[i], e[j] = e[j], e[i] }
func (e *endings) Push(x any)        { *e = append(*e, x.(ending)) }
func (e *endings) Pop() any {
	old := *e
	last := old[len(old)-1]
	*e = old[:len(old)-1]
	return last
}
