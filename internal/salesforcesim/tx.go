package salesforcesim

import (
	"slices"
	"time"
)

// Tx is a transaction of the org. Its records get their SystemModstamp when they are written and become visible when it commits, so a
// late commit brings records below a watermark that has passed.
type Tx struct {
	s   *Sim
	ops []op
}

type op struct {
	stamp int64
	do    func() *apiError
}

type pendingTx struct {
	at time.Time
	tx *Tx
}

// stamp is the SystemModstamp of what is written now. The caller holds the lock.
func (s *Sim) stamp() int64 {
	if s.writing != 0 {
		return s.writing
	}
	return s.opt.Clock().Unix()
}

// Begin starts a transaction.
func (s *Sim) Begin() *Tx { return &Tx{s: s} }

func (tx *Tx) add(do func() *apiError) {
	tx.ops = append(tx.ops, op{tx.s.opt.Clock().Unix(), do})
}

// Commit makes the transaction visible, all of it or nothing. What the org refuses is an error.
func (tx *Tx) Commit() error {
	tx.s.mu.Lock()
	defer tx.s.mu.Unlock()
	return tx.apply()
}

func (tx *Tx) apply() error {
	s := tx.s
	if len(tx.ops) > 1 {
		before, ledger := s.savepoint(true)
		defer func() {
			if s.writing < 0 {
				s.now, s.ledger = before, ledger
			}
			s.writing = 0
		}()
	}
	for _, o := range tx.ops {
		s.writing = o.stamp
		if refused := o.do(); refused != nil {
			s.writing = -1
			if len(tx.ops) == 1 {
				s.writing = 0
			}
			return refused.asError()
		}
	}
	s.writing, tx.ops = 0, nil
	return nil
}

// CommitAfter commits with the first request that arrives once d has passed on the clock; what the org then refuses is dropped.
func (tx *Tx) CommitAfter(d time.Duration) {
	tx.s.mu.Lock()
	defer tx.s.mu.Unlock()
	tx.s.pending = append(tx.s.pending, pendingTx{tx.s.opt.Clock().Add(d), tx})
}

func (s *Sim) commitDue() {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.opt.Clock()
	s.pending = slices.DeleteFunc(s.pending, func(p pendingTx) bool {
		if p.at.After(now) {
			return false
		}
		if p.tx.apply() != nil {
			s.counts.add("late_commit_refused")
		}
		return true
	})
}

// Create writes a new record and returns its id.
func (tx *Tx) Create(object string, fields map[string]any) (string, error) {
	o, err := knownObject(object)
	if err != nil {
		return "", err
	}
	tx.s.mu.Lock()
	number := tx.s.reserve(o)
	tx.s.mu.Unlock()
	tx.add(func() *apiError {
		_, refused := tx.s.insertAs(o, number, fields, nil)
		return refused
	})
	return makeID(o.prefix, number), nil
}

// Update changes fields of a record, also those that clients may not write. Without fields it moves SystemModstamp alone.
func (tx *Tx) Update(id string, fields map[string]any) error {
	o, number, err := numbered(id)
	if err == nil {
		tx.add(func() *apiError { return tx.s.update(o, number, fields, nil) })
	}
	return err
}

// Delete moves a record to the recycle bin.
func (tx *Tx) Delete(id string) error { return tx.bin(id, true) }

// Undelete brings a record back from it.
func (tx *Tx) Undelete(id string) error { return tx.bin(id, false) }

func (tx *Tx) bin(id string, deleted bool) error {
	o, number, err := numbered(id)
	if err == nil {
		var changes []change
		if f, ok := o.byName["masterrecordid"]; ok {
			changes = []change{{f, null}} // whoever comes back is no loser of a merge any more
		}
		tx.add(func() *apiError { return tx.s.remove(o, number, deleted, changes...) })
	}
	return err
}
