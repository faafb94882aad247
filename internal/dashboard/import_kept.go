package dashboard

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
)

const (
	// maxUpload is the largest file that is taken. `henk import` has no limit.
	maxUpload = 256 << 20
	// formRoom is what the other fields and the parts' headers may take.
	formRoom = 64 << 10
	// uploadsKept bounds the disk, and uploadsAtOnce the connections that an upload may hold for as long as it takes.
	uploadsKept   = 8
	uploadsAtOnce = 4
	uploadKept    = 2 * time.Hour
	uploadWithin  = time.Hour
	// uploadPart is how long the next part of a file may take.
	uploadPart = time.Minute
)

// imports are the files that somebody has uploaded and not forgotten. They are in this process and nowhere else, and
// have no name on the disk: when the process ends, in whatever way, they are gone.
type imports struct {
	ctx  context.Context
	d    *Dashboard
	max  int64
	busy chan struct{} // uploads under way
	turn chan struct{} // imports under way

	mu   sync.Mutex
	kept map[uuid.UUID]*upload
}

func newImports(ctx context.Context, d *Dashboard) *imports {
	return &imports{ctx: ctx, d: d, max: maxUpload, busy: make(chan struct{}, uploadsAtOnce), turn: make(chan struct{}, 1), kept: map[uuid.UUID]*upload{}}
}

func (m *imports) get(id uuid.UUID) *upload {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.kept[id]
}

// list has the latest first.
func (m *imports) list() []*upload {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := make([]*upload, 0, len(m.kept))
	for _, u := range m.kept {
		list = append(list, u)
	}
	slices.SortFunc(list, func(a, b *upload) int { return b.at.Compare(a.at) })
	return list
}

var errFull = badInput{"Other people's files are still being imported. Wait until one is through, or throw one away below."}

// add keeps an upload for a while. The oldest that nobody has begun, or that is through, makes room for it.
func (m *imports) add(u *upload) error {
	all := m.list()
	for i := len(all) - 1; i >= 0 && len(all) >= uploadsKept; i-- {
		if !all[i].running() {
			m.drop(all[i])
			all = slices.Delete(all, i, i+1)
		}
	}
	if len(all) >= uploadsKept {
		return errFull
	}
	u.expiry = time.AfterFunc(uploadKept, func() { m.expire(u) })
	m.mu.Lock()
	defer m.mu.Unlock()
	m.kept[u.id] = u
	return nil
}

// expire forgets an upload unless its import runs; then it is looked at again later.
func (m *imports) expire(u *upload) {
	if u.running() && m.ctx.Err() == nil {
		u.expiry.Reset(uploadKept)
		return
	}
	m.drop(u)
}

func (m *imports) drop(u *upload) {
	m.mu.Lock()
	delete(m.kept, u.id)
	m.mu.Unlock()
	u.expiry.Stop()
	u.close()
}

// nameless makes a file that no longer has a name: it is gone when it is closed or the process ends.
func nameless(dir string) (*os.File, error) {
	f, err := os.CreateTemp(dir, "henk-upload-*")
	if err != nil {
		return nil, fmt.Errorf("making room for an upload: %w", err)
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(fmt.Errorf("making room for an upload: %w", err), f.Close())
	}
	return f, nil
}
