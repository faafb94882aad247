package crm

import (
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/salesforcesim"
)

// optOutsStay holds that no flag was ever lowered.
func (h *history) optOutsStay() {
	h.t.Helper()
	now := h.mirror()
	for id := range h.optedOut {
		require.True(h.t, now[id].NoCall, "the opt-out of %s is gone", id)
	}
	for id, lead := range now {
		if lead.NoCall {
			h.optedOut[id] = true
		}
	}
}

// successorsAreFlagged holds that an opt-out went with the person, from a merge's loser and from a converted Lead.
func (h *history) successorsAreFlagged() {
	h.t.Helper()
	now := h.mirror()
	for _, name := range Objects() {
		require.NoError(h.t, h.sim.Each(name, func(rec salesforcesim.Record) bool {
			next, _ := rec.Fields["MasterRecordId"].(string)
			if rec.Fields["IsConverted"] == true && !rec.Deleted {
				next, _ = rec.Fields["ConvertedContactId"].(string)
			}
			if heir, ok := now[next]; ok && (now[rec.ID].NoCall || rec.Fields["DoNotCall"] == true) {
				require.True(h.t, heir.NoCall, "%s goes on for %s, who opted out", next, rec.ID)
			}
			return true
		}))
	}
}

// statusesAreKept holds that a lead that can be dialed has the status that the app gave it, whatever it was in between.
func (h *history) statusesAreKept() {
	h.t.Helper()
	for id, lead := range h.mirror() {
		want, ok := h.called[id]
		switch {
		case lead.State != StateActive:
		case ok:
			require.Equal(h.t, want, lead.Status, id)
		default:
			require.Equal(h.t, "new", lead.Status, id)
		}
	}
}
