package store

import (
	"context"
	"sync"
)

// Group commits the work of many callers together: whoever comes while a flush is under way joins the next one. One
// row of a campaign is hot in an adopted database, and a commit for each dial caps the whole system.
type Group[I, O any] struct {
	max     int                                            // members of one flush
	flushes int                                            // at once
	flush   func(ctx context.Context, in []I) ([]O, error) // returns one output for each input, in order

	mu      sync.Mutex
	waiting []*member[I, O]
	running int
}

type member[I, O any] struct {
	in   I
	out  O
	err  error
	done chan struct{}
}

// NewGroup returns a group whose flushes have at most limit members and run at most flushes at once. flush returns one
// output for each input, in order; its error is every member's.
func NewGroup[I, O any](limit, flushes int, flush func(context.Context, []I) ([]O, error)) *Group[I, O] {
	return &Group[I, O]{max: limit, flushes: flushes, flush: flush}
}

// Do joins the next flush. It waits for the result even when ctx has ended: a flush under way may commit, and its outcome must not be lost.
func (g *Group[I, O]) Do(ctx context.Context, in I) (O, error) {
	m := &member[I, O]{in: in, done: make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, m)
	start := g.running < g.flushes
	if start {
		g.running++
	}
	g.mu.Unlock()
	if start {
		go g.run(context.WithoutCancel(ctx))
	}
	<-m.done
	return m.out, m.err
}

func (g *Group[I, O]) run(ctx context.Context) {
	for {
		batch := g.take()
		if len(batch) == 0 {
			return
		}
		in := make([]I, len(batch))
		for i, m := range batch {
			in[i] = m.in
		}
		out, err := g.flush(ctx, in)
		for i, m := range batch {
			if m.err = err; err == nil {
				m.out = out[i]
			}
			close(m.done)
		}
	}
}

func (g *Group[I, O]) take() []*member[I, O] {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(len(g.waiting), g.max)
	batch := g.waiting[:n:n]
	g.waiting = g.waiting[n:]
	if n == 0 {
		g.waiting = nil
		g.running--
	}
	return batch
}
