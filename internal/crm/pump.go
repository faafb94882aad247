package crm

import (
	"context"
	"fmt"
	"time"

	"github.com/callhenk/henk-worker/internal/salesforce"
	"github.com/callhenk/henk-worker/internal/store"
)

// reader reads the page that follows the cursor and moves the cursor behind it. anew: not the page that would follow the
// one read last, which was undone. done: nothing follows.
type reader func(ctx context.Context, w *writer, at *cursor, anew bool) (done bool, err error)

// pump stores page after page, and reads the next one while the last is being merged. A page that breaks off, or cannot be
// stored for the moment, is undone and asked for again.
func (r *run) pump(ctx context.Context, o *objectRun, read reader) error {
	w := &writer{plan: o.plan, seen: map[[18]byte]struct{}{}}
	var behind chan error // of the page that is being merged
	at, tries, anew, done := o.cursor, 0, false, false
	for {
		after, taken := at, o.taken
		var st *staged
		var err error
		if !done {
			st, err = r.load(ctx, w, func(each func(salesforce.Row) error) (err error) {
				done, err = read(ctx, w, &after, anew)
				return err
			})
		}
		if behind != nil {
			behindErr := <-behind
			if behind = nil; behindErr != nil {
				st.discard(ctx)
				err, at, taken = behindErr, o.cursor, o.stored // the page before is undone as well
			} else {
				tries = 0
			}
		}
		if err != nil {
			anew, done, o.taken = true, false, taken
			if tries++; !passes(err) || tries > pageTries {
				return err
			}
			if err := pause(ctx, tries); err != nil {
				return err
			}
			continue
		}
		if st == nil {
			return nil
		}
		anew, at, taken = false, after, o.taken
		done = r.late(&after) || done
		behind = make(chan error, 1)
		go func(behind chan<- error) {
			err := r.put(ctx, st, o, &after)
			if err == nil {
				o.cursor, o.stored = after, taken
			}
			behind <- err
		}(behind)
	}
}

// late ends a run that has gone on for long; the next one follows at once.
func (r *run) late(after *cursor) bool {
	if r.until.IsZero() || time.Now().Before(r.until) || !after.scanning() {
		return false
	}
	r.more = true
	return true
}

// passes is true for what may be gone the next moment: the page is worth another try, unless the run itself is to end,
// which pause finds.
func passes(err error) bool {
	switch salesforce.KindOf(err) {
	case salesforce.KindNoAnswer, salesforce.KindUnavailable, salesforce.KindConcurrency, salesforce.KindNotSent:
		return true
	}
	return store.Retryable(err)
}

func pause(ctx context.Context, try int) error {
	select {
	case <-ctx.Done():
		return fmt.Errorf("waiting to read a page again: %w", context.Cause(ctx))
	case <-time.After(time.Duration(try*try) * 100 * time.Millisecond):
		return nil
	}
}
