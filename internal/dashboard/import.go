package dashboard

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
	"github.com/callhenk/henk-worker/web"
)

// importFormView is what import.html shows.
type importFormView struct {
	Notice     *notice
	Businesses []choice
	MaxBytes   int64
	Limit      string
	Kept       string
	Kind       string
	List       string
	Source     string
	Uploads    []uploadRow
	Campaigns  []choice
}

type uploadRow struct {
	ID                    uuid.UUID
	File, What, By, State string
	At                    time.Time
}

func (d *Dashboard) importForm(w http.ResponseWriter, r *http.Request) {
	d.showImportForm(w, r, http.StatusOK, noticeOf(r), uploadFields{})
}

// showImportForm renders the form; f is what somebody has entered and could not be taken.
func (d *Dashboard) showImportForm(w http.ResponseWriter, r *http.Request, status int, n *notice, f uploadFields) {
	// Not the request's: an upload that was refused may have taken all of that one's time.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), pageWithin)
	defer cancel()
	rows, err := dbsqlc.New().DashboardBusinesses(ctx, d.DB)
	if err != nil {
		d.fail(w, r, fmt.Errorf("listing businesses: %w", err))
		return
	}
	view := importFormView{Notice: n, MaxBytes: d.imports.max, Limit: sizeText(d.imports.max), Kept: web.Span(uploadKept), Kind: f.kind, List: f.list, Source: f.source}
	for _, b := range rows {
		view.Businesses = append(view.Businesses, choice{b.ID.String(), b.Name, b.ID.String() == f.business || (f.business == "" && len(rows) == 1)})
	}
	for _, u := range d.imports.list() {
		view.Uploads = append(view.Uploads, uploadRow{u.id, u.file, u.what(), u.by, u.now().State, u.at})
	}
	if view.Campaigns, err = d.campaignChoices(ctx, uuid.Nil); err != nil {
		d.fail(w, r, err)
		return
	}
	d.render(w, r, status, "import", web.Page{Title: "Import", Here: "/import", Body: view})
}

// importPage shows what would become of the file, how far it is, or what became of it.
func (d *Dashboard) importPage(w http.ResponseWriter, r *http.Request) {
	u, err := d.uploadOf(r)
	if err != nil {
		d.failImport(w, r, err)
		return
	}
	d.showImport(w, r, http.StatusOK, u, noticeOf(r))
}

// failImport explains an upload that is not here.
func (d *Dashboard) failImport(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, errGone) {
		d.message(w, r, http.StatusNotFound, "There is no such upload", "Files are kept for "+web.Span(uploadKept)+
			" by the process that took them, and thrown away when it stops. Upload the file again: nobody is imported twice.")
		return
	}
	d.fail(w, r, err)
}

func (d *Dashboard) uploadOf(r *http.Request) (*upload, error) {
	id, err := pathID(r)
	if err != nil {
		return nil, err
	}
	u := d.imports.get(id)
	if u == nil {
		return nil, errGone
	}
	return u, nil
}

func (d *Dashboard) showImport(w http.ResponseWriter, r *http.Request, status int, u *upload, n *notice) {
	view := importView{Notice: n, ID: u.id, File: u.file, Size: sizeText(u.size), What: u.what(), Leads: u.kind == kindLeads, Business: u.businessName,
		List: u.list, Run: u.now()}
	if view.Run.State == stateReady {
		if err := u.preview(&view); err != nil {
			d.fail(w, r, err)
			return
		}
	}
	d.render(w, r, status, "upload", web.Page{Title: "Import", Here: "/import", Body: view})
}

func sizeText(n int64) string {
	switch {
	case n >= 1<<20:
		return strconv.FormatInt(n>>20, 10) + " MB"
	case n >= 1<<10:
		return strconv.FormatInt(n>>10, 10) + " KB"
	}
	return strconv.FormatInt(n, 10) + " bytes"
}

// importRejects sends the rows that were not taken.
func (d *Dashboard) importRejects(w http.ResponseWriter, r *http.Request) {
	u, err := d.uploadOf(r)
	if err == nil && u.now().Rejected == 0 {
		err = errGone
	}
	if err != nil {
		d.failImport(w, r, err)
		return
	}
	in, size, err := u.rejected()
	if err != nil {
		d.fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="rejects-%s.csv"`, u.id))
	h.Set("Content-Length", strconv.FormatInt(size, 10))
	s := &steady{w: w, ctl: http.NewResponseController(w)}
	if _, err := io.Copy(s, in); err != nil {
		d.breakOff(w, r, s, err)
	}
}
