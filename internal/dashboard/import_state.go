package dashboard

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/leadfile"
)

// States of an upload.
const (
	stateReady   = "ready"
	stateWaiting = "waiting"
	stateRunning = "running"
	stateDone    = "done"
	stateStopped = "stopped"
	stateFailed  = "failed"
)

// upload is a file and what becomes of it. What stands above mu does not change once it is kept.
type upload struct {
	id           uuid.UUID
	file         string // its name at the sender's, to be shown
	kind         string
	business     *uuid.UUID // nil: every business
	businessName string
	list, source string
	size         int64
	by           string
	at           time.Time
	expiry       *time.Timer

	mu      sync.Mutex
	spool   *os.File // nil once it is not needed any more
	rejects *os.File
	mapping map[string]string
	state   string
	bytes   int64
	lines   int64
	began   time.Time
	took    time.Duration
	problem string
	result  *importResult
	cancel  context.CancelFunc
}

// importResult is what either kind of import reports.
type importResult struct {
	Tallies  []tally
	Rejected int64
	Cut      bool
	Problems []leadfile.Problem
	Notes    []leadfile.Problem
	Unused   []string
}

type tally struct {
	Name  string
	Count int64
}

// runState is an import as its page shows it.
type runState struct {
	ID       uuid.UUID
	State    string
	Share    float64 // of the file that is read, 0 to 100
	Lines    int64
	Took     string
	Problem  string
	Rejected int64
	Result   *importResult
}

// Live is true while something changes by itself.
func (s runState) Live() bool { return s.State == stateWaiting || s.State == stateRunning }

func (u *upload) now() runState {
	u.mu.Lock()
	defer u.mu.Unlock()
	s := runState{ID: u.id, State: u.state, Lines: u.lines, Problem: u.problem, Result: u.result}
	if u.size > 0 {
		s.Share = min(100, 100*float64(u.bytes)/float64(u.size))
	}
	if u.took > 0 {
		s.Took = took(u.took)
	}
	if u.result != nil {
		s.Rejected = u.result.Rejected
	}
	return s
}

func (u *upload) running() bool { return u.now().Live() }

func (u *upload) what() string {
	if u.kind == kindNumbers {
		return "do-not-call list " + u.listName() + " for " + u.businessName
	}
	return "leads for " + u.businessName + ", list " + u.listName()
}

func (u *upload) listName() string {
	if u.list == "" {
		return leadfile.DefaultList
	}
	return u.list
}

var errThrownAway = badInput{"The file is not here any more. Upload it again."}

// open reads the file from its beginning; several may at once.
func (u *upload) open() (io.Reader, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.spool == nil {
		return nil, errThrownAway
	}
	return io.NewSectionReader(u.spool, 0, u.size), nil
}

func (u *upload) rejected() (io.Reader, int64, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.rejects == nil {
		return nil, 0, errThrownAway
	}
	info, err := u.rejects.Stat()
	if err != nil {
		return nil, 0, fmt.Errorf("reading the rejects: %w", err)
	}
	return io.NewSectionReader(u.rejects, 0, info.Size()), info.Size(), nil
}

// close stops what runs and lets go of the files.
func (u *upload) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.cancel != nil {
		u.cancel()
	}
	for _, f := range []**os.File{&u.spool, &u.rejects} {
		if *f != nil {
			_ = (*f).Close() // it has no name: closing it deletes it
			*f = nil
		}
	}
}

func (u *upload) mapped() map[string]string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.mapping
}

func (u *upload) begin(cancel context.CancelFunc) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.state != stateReady || u.spool == nil {
		return false
	}
	u.state, u.cancel = stateWaiting, cancel
	return true
}

// enter begins the work; what an earlier try rejected is replaced.
func (u *upload) enter(rejects *os.File) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.rejects != nil {
		_ = u.rejects.Close()
	}
	u.state, u.began, u.rejects, u.problem = stateRunning, time.Now(), rejects, ""
}

func (u *upload) end(state string, result *importResult, problem string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.state, u.result, u.problem, u.cancel = state, result, problem, nil
	if !u.began.IsZero() {
		u.took = time.Since(u.began)
	}
	if state != stateReady && u.spool != nil {
		_ = u.spool.Close() // it has no name: closing it deletes it
		u.spool = nil
	}
}
