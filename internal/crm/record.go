package crm

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/salesforce"
)

// States of a record, as leads.sync_status has them. All but the first keep the lead from being dialed.
const (
	StateActive         = "active"
	StateConsentUnknown = "consent_unknown" // DoNotCall is hidden, and the policy is strict
	StateConverted      = "converted"       // a Lead that became a Contact
	StateMerged         = "merged"          // lost a merge
	StateDeleted        = "deleted"
	StateNotVisible     = "not_visible" // deleted for good, or out of the user's sight
	StateRejected       = "rejected"    // there is nothing left to identify or reach the person by
)

// Reject is a record that cannot be a lead.
type Reject struct {
	Object string `json:"object"`
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

// stageColumns are the columns of the staging table that every plan has; those of plan.columns follow.
const stageColumns = `source_id text not null, modstamp timestamptz not null, new_id uuid not null, sync_state text not null, successor text, note text,
	do_not_call boolean, email_opt_out boolean, lead_score int not null, quality_rating text not null, meta jsonb not null`

// writer turns records into rows of the staging table.
type writer struct {
	*plan
	copyText
	seen    map[[18]byte]struct{} // ids of this page: a merge can take each once
	texts   [][]byte              // values of plan.columns
	json    []byte
	notes   []string
	rejects []Reject
	failed  int // also those that are too many to name
	rows    int
	last    position
}

// position is a record's place in the order of a scan.
type position struct {
	stamp time.Time
	id    string
}

// maxRejects is how many rejected records a run names.
const maxRejects = 100

func (w *writer) reset() {
	clear(w.seen)
	w.rejects, w.failed, w.rows, w.last, w.buf = nil, 0, 0, position{}, w.buf[:0]
}

// write is called with each record of a page.
func (w *writer) write(row salesforce.Row) error {
	id, ok := longID(row[w.id])
	if !ok {
		w.reject("", "It has no usable Id.")
		w.rows++
		return nil
	}
	stamp, err := row.Time(w.stamp)
	if err != nil {
		w.reject(string(id[:]), "It has no SystemModstamp.")
		w.rows++
		return nil
	}
	w.last = position{stamp: stamp, id: string(id[:])}
	if _, twice := w.seen[id]; twice {
		return nil
	}
	w.seen[id] = struct{}{}
	w.collect(row)
	state, successor, note := w.judge(row)
	if state == StateRejected {
		w.reject(w.last.id, note)
	}
	newID, err := uuid.NewV7() // in order of time: the key's index grows at its end
	if err != nil {
		return err
	}
	w.begin()
	w.text(id[:])
	w.next()
	w.buf = stamp.AppendFormat(w.buf, time.RFC3339Nano)
	w.plain(newID.String())
	w.plain(state)
	w.orNull(successor)
	w.orNull([]byte(note))
	w.flag(row, w.noCall, w.noCallHidden)
	w.flag(row, w.noEmail, len(w.noEmail) == 0)
	score, quality := rate(row, w.rating)
	w.next()
	w.buf = strconv.AppendInt(w.buf, score, 10)
	w.plain(quality)
	w.text(w.metadata(row))
	for _, text := range w.texts {
		w.orNull(text)
	}
	w.rows++
	return w.end()
}

func (w *writer) reject(id, reason string) {
	w.failed++
	if len(w.rejects) < maxRejects {
		w.rejects = append(w.rejects, Reject{w.object.name, id, reason})
	}
}

func (w *writer) orNull(b []byte) {
	if len(b) == 0 {
		w.null()
	} else {
		w.text(b)
	}
}

// flag is true when any of the fields is, null when that is not known, else false.
func (w *writer) flag(row salesforce.Row, fields []int, hidden bool) {
	for _, f := range fields {
		value, known := row.Bool(f)
		if value {
			w.bool(true)
			return
		}
		hidden = hidden || !known
	}
	if hidden {
		w.null()
	} else {
		w.bool(false)
	}
}

// collect takes the texts that fill columns, trimmed and fitted, and notes what was cut.
func (w *writer) collect(row salesforce.Row) {
	w.texts, w.notes = w.texts[:0], w.notes[:0]
	for _, c := range w.columns {
		var text []byte
		for _, f := range c.from {
			if text = tidy(row[f]); len(text) > 0 {
				break
			}
		}
		text, cut := fit(text, c.length)
		if cut {
			w.notes = append(w.notes, c.name+" was cut to "+strconv.Itoa(c.length)+" characters.")
		}
		w.texts = append(w.texts, text)
	}
}

// judge says what the record is to the dialer, who goes on for it, and what is to be noted.
func (w *writer) judge(row salesforce.Row) (state string, successor []byte, note string) {
	if gone, known := row.Bool(w.deleted); gone || !known {
		if w.master >= 0 {
			if id, ok := longID(row[w.master]); ok {
				return StateMerged, id[:], ""
			}
		}
		return StateDeleted, nil, ""
	}
	if w.converted >= 0 {
		if converted, _ := row.Bool(w.converted); converted {
			state = StateConverted
			if w.convertedTo >= 0 {
				if id, ok := longID(row[w.convertedTo]); ok {
					successor = id[:]
				}
			}
		}
	}
	if reason := w.lacks(); reason != "" {
		return StateRejected, successor, reason
	}
	if state == "" {
		state = StateActive
		if w.strict && w.noCallHidden && !anyTrue(row, w.noCall) {
			state = StateConsentUnknown
		}
	}
	return state, successor, strings.Join(w.notes, " ")
}

func anyTrue(row salesforce.Row, fields []int) bool {
	for _, f := range fields {
		if value, _ := row.Bool(f); value {
			return true
		}
	}
	return false
}

// lacks says why the record cannot be a lead; "" when it can. A lead must be reachable by the table's own constraint,
// and somebody must be able to tell who it is.
func (w *writer) lacks() string {
	named, reachable := false, false
	for i, c := range w.columns {
		if len(w.texts[i]) == 0 {
			continue
		}
		switch c.name {
		case "first_name", "last_name", "company":
			named = true
		case "email":
			named, reachable = true, true
		case "phone", "mobile_phone":
			reachable = true
		}
	}
	switch {
	case !reachable:
		return "It has no phone number and no e-mail address."
	case !named:
		return "It has no name, company or e-mail address."
	}
	return ""
}

// rate turns Salesforce's rating into the web app's score and rating.
func rate(row salesforce.Row, fields []int) (score int64, quality string) {
	for _, f := range fields {
		switch strings.ToLower(string(tidy(row[f]))) {
		case "hot":
			return 90, "hot"
		case "warm":
			return 70, "warm"
		case "cold":
			return 30, "cold"
		}
	}
	return 50, "unrated"
}

// metadata is what leads.source_metadata gets. Every key is always there, so that a value that went away is unset.
func (w *writer) metadata(row salesforce.Row) []byte {
	w.json = append(w.json[:0], `{"type":"`...)
	w.json = append(append(w.json, w.object.name...), '"')
	for _, m := range w.meta {
		w.json = append(append(append(w.json, `,"`...), m.name...), `":`...)
		value := tidy(row[m.from[0]])
		switch {
		case len(value) == 0:
			w.json = append(w.json, "null"...)
		case string(value) == "true", string(value) == "false":
			w.json = append(w.json, value...)
		default:
			w.json = quoteJSON(w.json, value)
		}
	}
	w.json = append(w.json, '}')
	return w.json
}

// longID makes the 18-character form of an id, which is the same in every collation.
func longID(b []byte) (id [18]byte, ok bool) {
	b = bytes.TrimSpace(b)
	if (len(b) != 15 && len(b) != 18) || !salesforce.ValidID(string(b)) {
		return id, false
	}
	copy(id[:], b)
	if len(b) == 18 {
		return id, true
	}
	for part := range 3 {
		bits := 0
		for i := range 5 {
			if c := b[part*5+i]; c >= 'A' && c <= 'Z' {
				bits |= 1 << i
			}
		}
		id[15+part] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[bits]
	}
	return id, true
}
