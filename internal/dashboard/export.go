package dashboard

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/leadfile"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

const (
	// exportsAtOnce keeps connections free: each export has one, with a snapshot, until its reader has it all.
	exportsAtOnce = 3
	exportWithin  = time.Hour
)

// exportTypes are the formats and their content types.
var exportTypes = map[string]string{"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl; charset=utf-8"}

// export streams ?what= calls, conversations or leads of a campaign as ?format= csv or jsonl. That somebody took the data
// out is in the audit.
func (d *Dashboard) export(w http.ResponseWriter, r *http.Request) {
	id, err := pathID(r)
	what, format := r.URL.Query().Get("what"), r.URL.Query().Get("format")
	if format == "" {
		format = "csv"
	}
	if err == nil && (!slices.Contains([]string{"calls", "conversations", "leads"}, what) || exportTypes[format] == "") {
		err = badInput{"An export is of calls, conversations or leads, as csv or jsonl: ?what=leads&format=csv."}
	}
	if err == nil {
		err = d.auditExport(r.Context(), w, r, id, what, format)
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	select {
	case d.exports <- struct{}{}:
		defer func() { <-d.exports }()
	default:
		w.Header().Set("Retry-After", "30")
		d.message(w, r, http.StatusServiceUnavailable, "Too much at once", "Other exports are under way. Try again in a moment.")
		return
	}
	h := w.Header()
	h.Set("Content-Type", exportTypes[format])
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%s.%s"`, what, id, format))
	if r.Method == http.MethodHead {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), exportWithin)
	defer cancel()
	s := &steady{w: w, ctl: http.NewResponseController(w)}
	if _, err := leadfile.Export(ctx, d.DB, s, leadfile.ExportOptions{What: what, CampaignID: id, Format: format}); err != nil {
		d.breakOff(w, r, s, err)
	}
}

// auditExport notes it, of a campaign that is there.
func (d *Dashboard) auditExport(ctx context.Context, w http.ResponseWriter, r *http.Request, id uuid.UUID, what, format string) error {
	ctx, cancel := context.WithTimeout(ctx, pageWithin)
	defer cancel()
	return store.InTx(ctx, d.DB, func(tx pgx.Tx) error {
		if _, err := dbsqlc.New().DashboardCampaignDay(ctx, tx, id); err != nil {
			return fmt.Errorf("looking for the campaign: %w", err)
		}
		if r.Method == http.MethodHead {
			return nil
		}
		return d.record(ctx, tx, w, r, change{Action: "campaign.exported", Campaign: &id, Detail: map[string]any{"what": what, "format": format}})
	})
}

// breakOff ends an answer that cannot be ended well. Where some of it is sent the connection is cut, so that nobody takes
// half a file for a whole one.
func (d *Dashboard) breakOff(w http.ResponseWriter, r *http.Request, s *steady, err error) {
	if !s.begun {
		w.Header().Del("Content-Disposition")
		if errors.Is(err, leadfile.ErrNoCampaign) {
			err = errGone
		}
		d.fail(w, r, err)
		return
	}
	if r.Context().Err() == nil {
		d.Log.ErrorContext(r.Context(), "Export broken off", "err", err, "request_id", requestID(w))
	}
	panic(http.ErrAbortHandler)
}

// steady gives each part of a long answer its own time.
type steady struct {
	w     http.ResponseWriter
	ctl   *http.ResponseController
	begun bool
}

// partWithin is how long 64 KB may take: whoever reads slower than 1 KB a second is dropped.
const partWithin = time.Minute

func (s *steady) Write(p []byte) (int, error) {
	s.begun = true
	// Not every writer has deadlines (tests' recorders have none); a failing write tells the same.
	_ = s.ctl.SetWriteDeadline(time.Now().Add(partWithin))
	return s.w.Write(p)
}
