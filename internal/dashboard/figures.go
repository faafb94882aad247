package dashboard

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
)

const (
	figuresFresh = 2 * time.Second // younger figures are not worked out again
	// figuresShare keeps the work for one key below a twentieth of one connection's time, however large the campaign.
	figuresShare  = 20
	figuresWithin = time.Minute
	figuresAtOnce = 2
	figuresKept   = 10 * time.Minute // after the last look
)

// figures are values that cost more than a page may take: worked out in the background when somebody asks, kept with
// their age, and worked out again only when asked for again.
type figures[T any] struct {
	ctx     context.Context
	log     *slog.Logger
	name    string // of the key, in the log
	workOut func(context.Context, uuid.UUID) (T, error)
	slots   chan struct{}

	mu   sync.Mutex
	kept map[uuid.UUID]*figure[T]
}

type figure[T any] struct {
	value T
	at    time.Time     // zero = never worked out
	tried time.Time     // the last time it was tried
	took  time.Duration // the last time
	asked time.Time
	busy  chan struct{} // closed when the present work is done; nil = none
}

func newFigures[T any](ctx context.Context, log *slog.Logger, name string, workOut func(context.Context, uuid.UUID) (T, error)) *figures[T] {
	return &figures[T]{ctx: ctx, log: log, name: name, workOut: workOut, slots: make(chan struct{}, figuresAtOnce), kept: map[uuid.UUID]*figure[T]{}}
}

// get returns what is known and when it was worked out. Where nothing is, it waits for it as long as patience; a zero
// time means that it is still being worked out.
func (f *figures[T]) get(ctx context.Context, key uuid.UUID, patience time.Duration) (T, time.Time) {
	f.mu.Lock()
	e := f.kept[key]
	if e == nil {
		e = &figure[T]{}
		f.kept[key] = e
		f.forget()
	}
	e.asked = time.Now()
	if e.busy == nil && time.Since(e.tried) > max(figuresFresh, figuresShare*e.took) && f.ctx.Err() == nil {
		e.busy = make(chan struct{})
		go f.run(key, e)
	}
	value, at, busy := e.value, e.at, e.busy
	f.mu.Unlock()
	if !at.IsZero() || busy == nil || patience <= 0 {
		return value, at
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-busy:
	case <-timer.C:
	case <-ctx.Done():
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return e.value, e.at
}

func (f *figures[T]) run(key uuid.UUID, e *figure[T]) {
	f.slots <- struct{}{}
	defer func() { <-f.slots }()
	ctx, cancel := context.WithTimeout(f.ctx, figuresWithin)
	defer cancel()
	start := time.Now()
	value, err := f.workOut(ctx, key)
	if err != nil && f.ctx.Err() == nil {
		f.log.WarnContext(ctx, "Figures not worked out", f.name, key, "err", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	e.took, e.tried = time.Since(start), time.Now()
	if err == nil {
		e.value, e.at = value, e.tried
	}
	close(e.busy)
	e.busy = nil
}

// stale makes the next question work the figures out again, after a change that a person made.
func (f *figures[T]) stale(key uuid.UUID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if e := f.kept[key]; e != nil {
		e.tried = time.Time{}
	}
}

// forget drops what nobody has asked for in a while. The caller holds the lock.
func (f *figures[T]) forget() {
	for key, e := range f.kept {
		if e.busy == nil && !e.asked.IsZero() && time.Since(e.asked) > figuresKept {
			delete(f.kept, key)
		}
	}
}

// peek returns what is known, and sets nothing off.
func (f *figures[T]) peek(key uuid.UUID) (value T, at time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if e := f.kept[key]; e != nil {
		return e.value, e.at
	}
	return value, at
}
