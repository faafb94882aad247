package crm

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/salesforcesim"
)

// pick gives an id of an object that is not locked, or "".
func (h *history) pick(object string) string {
	ids := h.ids[object]
	if len(ids) == 0 {
		return ""
	}
	id := ids[h.dice.IntN(len(ids))]
	if h.locked[id] {
		return ""
	}
	return id
}

func (h *history) object() string { return []string{"Contact", "Contact", "Lead"}[h.dice.IntN(3)] }

// transaction is one to four changes, some of which become visible long after they were stamped. Two of one record are not
// of the same second: when the second one is later than a sync looks back, nothing tells it from the first.
func (h *history) transaction() {
	h.pass(time.Second)
	h.spent += time.Second
	tx := h.sim.Begin()
	late := h.dice.IntN(4) == 0
	for range 1 + h.dice.IntN(4) {
		touched := h.change(tx)
		if late {
			for _, id := range touched {
				h.locked[id] = true
			}
		}
	}
	if late {
		most := 9 // within what a sync looks back
		if !h.fair {
			most = 25
		}
		after := time.Duration(1+h.dice.IntN(most*60)) * time.Second
		h.note("  visible after %s", after)
		h.unlockedAt = max(h.unlockedAt, h.spent+after)
		tx.CommitAfter(after)
		return
	}
	if err := tx.Commit(); err != nil {
		h.note("  refused: %v", err)
	}
}

func (h *history) change(tx *salesforcesim.Tx) (touched []string) {
	object := h.object()
	id, other := h.pick(object), h.pick(object)
	var err error
	switch n := h.dice.IntN(12); {
	case n < 3 || id == "":
		if id, err = tx.Create(object, h.fields(object, true)); err == nil {
			h.ids[object] = append(h.ids[object], id)
		}
		h.note("create %s", id)
	case n < 7:
		h.note("edit %s", id)
		err = tx.Update(id, h.fields(object, false))
	case n < 8:
		h.note("delete %s", id)
		err = tx.Delete(id)
	case n < 9:
		h.note("undelete %s", id)
		err = tx.Undelete(id)
	case n < 11 && other != "" && other != id:
		h.note("merge %s into %s", other, id)
		err = tx.Merge(id, h.fields(object, false), other)
		touched = append(touched, other)
	default:
		lead, into := h.pick("Lead"), ""
		if h.dice.IntN(2) == 0 {
			into = h.pick("Contact")
		}
		if lead == "" {
			return nil
		}
		fresh := into == ""
		into, err = tx.Convert(lead, into)
		h.note("convert %s into %s", lead, into)
		if fresh && err == nil {
			h.ids["Contact"] = append(h.ids["Contact"], into)
		}
		touched = append(touched, lead, into)
	}
	require.NoError(h.t, err)
	return append(touched, id)
}

var someTexts = []any{"Ada", "Zoë", "O'Brien \\ \t", "👩‍🚀 Ride", nil, "A\x00B"}

func (h *history) fields(object string, fresh bool) map[string]any {
	fields := map[string]any{}
	maybe := func(name string, values ...any) {
		if fresh || h.dice.IntN(4) == 0 {
			fields[name] = values[h.dice.IntN(len(values))]
		}
	}
	maybe("LastName", "Hopper", "Liskov", "Noether")
	maybe("FirstName", someTexts...)
	maybe("Phone", "(312) 555-0123", "+1 503 555 0199 x7", nil)
	maybe("MobilePhone", "312 555 0177", nil, nil)
	maybe("Email", "a@example.org", nil)
	maybe("DoNotCall", true, false, false)
	maybe("HasOptedOutOfEmail", true, false)
	if object == "Lead" {
		maybe("Company", "Acme", "Initech")
		maybe("Rating", "Hot", "Warm", "Cold", nil)
	}
	return fields
}

// visibility is what leaves no trace in SystemModstamp.
func (h *history) visibility() {
	id := h.pick(h.object())
	if id == "" {
		return
	}
	do, name := h.sim.HardDelete, "hard delete"
	switch h.dice.IntN(3) {
	case 0:
		do, name = h.sim.Conceal, "conceal"
	case 1:
		do, name = h.sim.Reveal, "reveal"
	}
	h.note("%s %s: %v", name, id, do(id))
}
