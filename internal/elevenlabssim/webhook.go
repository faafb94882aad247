package elevenlabssim

import (
	"bytes"
	"container/heap"
	"context"
	"io"
	"net/http"
	"sync"
	"time"
)

const (
	deliveriesAtOnce  = 8
	maxPendingRetries = 100 // the provider drops what is beyond
	deliveryTimeout   = 10 * time.Second
	pollEvery         = 10 * time.Millisecond // while something is pending: the clock may not be the wall's
)

// retryAfter is when a failed transcription is tried again, in conversation time.
var retryAfter = [...]int{30, 120, 480, 1800}

// courier delivers webhooks from one background loop.
type courier struct {
	sim    *Sim
	client *http.Client
	wake   chan struct{}
	done   chan struct{}

	mu                sync.Mutex
	queue             eventQueue
	retries           int
	delivered, failed int64
}

func newCourier(s *Sim) *courier {
	return &courier{sim: s, client: &http.Client{Timeout: deliveryTimeout}, wake: make(chan struct{}, 1), done: make(chan struct{})}
}

func (c *courier) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queue, c.retries, c.delivered, c.failed = nil, 0, 0, 0
}

func (c *courier) schedule(list []event) {
	c.mu.Lock()
	for _, e := range list {
		heap.Push(&c.queue, e)
	}
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default: // the loop is about to look anyway
	}
}

// run delivers what is due, a few at a time, until the simulator closes.
func (c *courier) run() {
	defer close(c.done)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-c.sim.closing:
			cancel()
		case <-ctx.Done():
		}
	}()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		batch, pending := c.takeDue(c.sim.opt.Clock())
		if len(batch) > 0 {
			c.deliver(ctx, batch)
			continue
		}
		poll := tick.C
		if !pending {
			poll = nil
		}
		select {
		case <-ctx.Done():
		case <-c.wake:
		case <-poll:
		}
	}
}

func (c *courier) takeDue(now time.Time) (batch []event, pending bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.queue) > 0 && len(batch) < deliveriesAtOnce && c.queue[0].due <= now.UnixNano() {
		e := heap.Pop(&c.queue).(event)
		if e.tries > 0 {
			c.retries--
		}
		batch = append(batch, e)
	}
	return batch, len(c.queue) > 0
}

func (c *courier) deliver(ctx context.Context, batch []event) {
	var wg sync.WaitGroup
	for _, e := range batch {
		wg.Go(func() { c.attempt(ctx, e) })
	}
	wg.Wait()
}

// deliverAll delivers before it returns: for webhooks that overtake the answer to the dial.
func (c *courier) deliverAll(list []event) {
	ctx, cancel := context.WithTimeout(context.Background(), deliveryTimeout)
	defer cancel()
	c.deliver(ctx, list)
}

// attempt posts one event once and plans the next try where the provider would.
func (c *courier) attempt(ctx context.Context, e event) {
	now := c.sim.opt.Clock()
	body, ok := c.sim.eventBody(e, now)
	if !ok {
		return // the conversation was deleted, or the simulator reset
	}
	status := c.post(ctx, e.kind, body, now)
	c.mu.Lock()
	defer c.mu.Unlock()
	if status >= 200 && status < 300 {
		c.delivered++
		return
	}
	c.failed++
	retryable := status == 0 || status >= 500 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout
	if !retryable || !c.sim.faults.Load().Webhook.Retry || e.kind != eventTranscription || e.tries >= len(retryAfter) || c.retries >= maxPendingRetries {
		return
	}
	e.due = now.UnixNano() + c.sim.opt.scaled(retryAfter[e.tries])
	e.tries++
	c.retries++
	heap.Push(&c.queue, e)
}

// post sends a signed event and returns the status, 0 without an answer. Every try is signed anew.
func (c *courier) post(ctx context.Context, kind string, body []byte, now time.Time) int {
	var reader io.Reader = bytes.NewReader(body)
	if kind == eventAudio {
		reader = io.MultiReader(reader) // hides the length: audio is sent chunked
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.sim.opt.WebhookURL, reader)
	if err != nil {
		c.sim.opt.Log.Error("webhook url is not usable", "kind", kind)
		return 0
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "ElevenLabs/1.0")
	if c.sim.opt.WebhookSecret != "" {
		req.Header.Set("ElevenLabs-Signature", sign(c.sim.opt.WebhookSecret, now.Unix(), body))
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // so that the connection can be used again
	return resp.StatusCode
}

// eventQueue is a min-heap by due time.
type eventQueue []event

func (q eventQueue) Len() int           { return len(q) }
func (q eventQueue) Less(i, j int) bool { return q[i].due < q[j].due }
func (q eventQueue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *eventQueue) Push(x any)        { *q = append(*q, x.(event)) }
func (q *eventQueue) Pop() any {
	old := *q
	last := old[len(old)-1]
	*q = old[:len(old)-1]
	return last
}
