package dashboard

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
)

// topic is what a stream is about: a kind of page, and the row that it shows.
type topic struct {
	kind string
	id   uuid.UUID
}

// Kinds of topics with an id are what /events takes as a parameter.
const (
	kindCampaign   = "campaign"
	kindSalesforce = "salesforce"
	kindImport     = "import"
)

var topicNow = topic{kind: "now"}

const (
	// backlog is how many events a reader may be behind before it is dropped; its browser connects anew and gets the
	// present state.
	backlog = 8
	// maxReaders bounds the streams of one process.
	maxReaders = 1000
	loadWithin = 5 * time.Second
)

// event is one named fragment.
type event struct {
	name string
	data []byte
}

// hub looks once in a while at each topic that somebody watches and sends what has changed to all who do.
type hub struct {
	ctx   context.Context
	log   *slog.Logger
	every time.Duration
	load  func(context.Context, topic) (map[string][]byte, error)

	mu      sync.Mutex
	topics  map[topic]*watch
	readers int
}

// watch is a topic that somebody watches.
type watch struct {
	readers map[*reader]bool
	last    map[string][]byte
	stop    context.CancelFunc
}

// reader is one stream. Its channel is closed when it was too slow or the program stops.
type reader struct{ events chan event }

func newHub(ctx context.Context, log *slog.Logger, every time.Duration, load func(context.Context, topic) (map[string][]byte, error)) *hub {
	return &hub{ctx: ctx, log: log, every: every, load: load, topics: map[topic]*watch{}}
}

// subscribe returns nil when there are too many streams already. The present state comes first.
func (h *hub) subscribe(t topic) (r *reader, leave func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.readers >= maxReaders || h.ctx.Err() != nil {
		return nil, nil
	}
	w := h.topics[t]
	if w == nil {
		ctx, cancel := context.WithCancel(h.ctx)
		w = &watch{readers: map[*reader]bool{}, last: map[string][]byte{}, stop: cancel}
		h.topics[t] = w
		go h.run(ctx, t, w)
	}
	r = &reader{events: make(chan event, backlog)}
	for name, data := range w.last {
		r.events <- event{name, data} // fewer fragments than the backlog
	}
	w.readers[r] = true
	h.readers++
	return r, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.drop(t, w, r)
	}
}

// drop forgets a reader and, with the last one, the topic. The caller holds the lock.
func (h *hub) drop(t topic, w *watch, r *reader) {
	if !w.readers[r] {
		return
	}
	delete(w.readers, r)
	close(r.events)
	h.readers--
	if len(w.readers) == 0 {
		w.stop()
		delete(h.topics, t)
	}
}

func (h *hub) run(ctx context.Context, t topic, w *watch) {
	ticker := time.NewTicker(h.every)
	defer ticker.Stop()
	failed := false
	for {
		found, err := h.look(ctx, t)
		if err != nil && ctx.Err() == nil && !failed {
			h.log.WarnContext(ctx, "Live view not read", "err", err) // once, not each second
		}
		failed = err != nil
		h.publish(t, w, found)
		select {
		case <-ctx.Done():
			h.dropAll(t, w)
			return
		case <-ticker.C:
		}
	}
}

func (h *hub) look(ctx context.Context, t topic) (map[string][]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, loadWithin)
	defer cancel()
	return h.load(ctx, t)
}

// publish sends what differs from the last time. A reader whose backlog is full is dropped.
func (h *hub) publish(t topic, w *watch, found map[string][]byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for name, data := range found {
		if bytes.Equal(w.last[name], data) {
			continue
		}
		w.last[name] = data
		for r := range w.readers {
			select {
			case r.events <- event{name, data}:
			default:
				h.drop(t, w, r)
			}
		}
	}
}

func (h *hub) dropAll(t topic, w *watch) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for r := range w.readers {
		h.drop(t, w, r)
	}
}
