package dashboard

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/outcome"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// corrections streams the conversations that people corrected as labelled cases for `henk eval outcomes`, one JSON
// object a line, read in batches.
func (d *Dashboard) corrections(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/jsonl")
	w.Header().Set("Content-Disposition", `attachment; filename="corrections.jsonl"`)
	ctl, lines := http.NewResponseController(w), json.NewEncoder(w)
	p := dbsqlc.DashboardCorrectionsParams{After: time.Unix(0, 0).UTC(), ID: uuid.Nil, MaxRows: 500}
	for first := true; ; first = false {
		rows, err := dbsqlc.New().DashboardCorrections(r.Context(), d.DB, p)
		if err != nil {
			if first {
				w.Header().Del("Content-Disposition")
				d.fail(w, r, fmt.Errorf("reading corrections: %w", err))
				return
			}
			d.Log.ErrorContext(r.Context(), "Export cut off", "err", err, "request_id", requestID(w))
			panic(http.ErrAbortHandler) // what was sent must not look whole
		}
		for _, row := range rows {
			if err := lines.Encode(newCase(row)); err != nil {
				return // the reader has left
			}
			p.After, p.ID = row.CorrectedAt, row.ConversationID
		}
		if len(rows) < int(p.MaxRows) {
			return
		}
		_ = ctl.SetWriteDeadline(time.Now().Add(time.Minute))
		_ = ctl.Flush()
	}
}

func newCase(row dbsqlc.DashboardCorrectionsRow) outcome.Case {
	c := outcome.Case{ID: row.ConversationID.String(), Messages: messagesOf(row.Transcript), Label: &row.Label}
	if c.Messages == nil {
		c.Messages = []outcome.CaseMessage{}
	}
	if row.CorrectedAmountCents != nil {
		amount := float64(*row.CorrectedAmountCents) / 100
		c.Amount = &amount
	}
	return c
}
