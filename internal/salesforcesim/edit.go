package salesforcesim

// alone runs one operation as a transaction of its own.
func (s *Sim) alone(write func(tx *Tx) error) error {
	tx := s.Begin()
	if err := write(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// Create writes a new record, as somebody in the org does, and returns its id.
func (s *Sim) Create(object string, fields map[string]any) (id string, err error) {
	err = s.alone(func(tx *Tx) error {
		id, err = tx.Create(object, fields)
		return err
	})
	return id, err
}

// Update changes fields of a record, also those that clients may not write.
func (s *Sim) Update(id string, fields map[string]any) error {
	return s.alone(func(tx *Tx) error { return tx.Update(id, fields) })
}

// Delete moves a record to the recycle bin.
func (s *Sim) Delete(id string) error {
	return s.alone(func(tx *Tx) error { return tx.Delete(id) })
}

// Undelete brings a record back from the recycle bin.
func (s *Sim) Undelete(id string) error {
	return s.alone(func(tx *Tx) error { return tx.Undelete(id) })
}

// Merge deletes the losers in favour of the winner, which gets fields.
func (s *Sim) Merge(winner string, fields map[string]any, losers ...string) error {
	return s.alone(func(tx *Tx) error { return tx.Merge(winner, fields, losers...) })
}

// Convert turns a Lead into a Contact, a new one or the one named into, and returns the Contact's id.
func (s *Sim) Convert(lead, into string) (contact string, err error) {
	err = s.alone(func(tx *Tx) error {
		contact, err = tx.Convert(lead, into)
		return err
	})
	return contact, err
}

// HardDelete removes a record without a trace.
func (s *Sim) HardDelete(id string) error { return s.vanish(id, false) }

// Conceal takes a record out of the user's sight, as a change of sharing does: it is not deleted, and its stamp does not move.
func (s *Sim) Conceal(id string) error { return s.vanish(id, true) }

func (s *Sim) vanish(id string, comesBack bool) error {
	o, number, err := numbered(id)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.writable(o)
	at, ok := t.find(number)
	if !ok {
		return errNotFound.asError()
	}
	if comesBack {
		t.away[number] = t.revise(at, t.stampOf(at), nil)
	}
	t.take(number)
	return nil
}

// Reveal brings a concealed record back, with the stamp that it had.
func (s *Sim) Reveal(id string) error {
	o, number, err := numbered(id)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.writable(o)
	rec := t.away[number]
	if rec == nil {
		return errNotFound.asError()
	}
	delete(t.away, number)
	t.put(rec)
	return nil
}
