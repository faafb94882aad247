package dashboard

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// Kinds of files.
const (
	kindLeads   = "leads"
	kindNumbers = "numbers"
)

// uploadFields are the form's other fields.
type uploadFields struct{ kind, business, list, source string }

// importUpload takes a file. It bounds the body itself, and answers a browser that sends too much only after it has sent
// a good part of it: one whose answer comes earlier shows a broken connection instead.
func (d *Dashboard) importUpload(w http.ResponseWriter, r *http.Request) {
	select {
	case d.imports.busy <- struct{}{}:
		defer func() { <-d.imports.busy }()
	default:
		w.Header().Set("Retry-After", "30")
		d.message(w, r, http.StatusServiceUnavailable, "Too much at once", "Other files are being uploaded. Try again in a moment.")
		return
	}
	in := &patient{body: http.MaxBytesReader(w, r.Body, 2*d.imports.max+formRoom), ctl: http.NewResponseController(w), end: time.Now().Add(uploadWithin)}
	u, fields, err := d.receive(r, in)
	if err == nil {
		err = d.place(r.Context(), u, fields)
	}
	if err == nil {
		err = d.imports.add(u)
	}
	_ = in.ctl.SetWriteDeadline(time.Now().Add(uploadPart)) // the usual one began before the file
	if err != nil {
		u.close()
		d.refuseUpload(w, r, in, fields, err)
		return
	}
	http.Redirect(w, r, "/import/"+u.id.String(), http.StatusSeeOther)
}

// errTooLarge is for a file above the limit.
var errTooLarge = errors.New("the file is too large")

func (d *Dashboard) refuseUpload(w http.ResponseWriter, r *http.Request, in io.Reader, f uploadFields, err error) {
	var bad badInput
	var large *http.MaxBytesError
	var path *os.PathError
	switch {
	case errors.Is(err, errTooLarge), errors.As(err, &large):
		_, _ = io.CopyN(io.Discard, in, d.imports.max) // so that the browser gets to read the answer
		text := "Not taken: the file is larger than " + sizeText(d.imports.max) + ". Split it, or run `henk import` on the server, which has no limit."
		d.showImportForm(w, r, http.StatusRequestEntityTooLarge, &notice{"bad", text}, f)
	case errors.Is(err, syscall.ENOSPC):
		d.Log.ErrorContext(r.Context(), "Upload not kept", "err", err, "request_id", requestID(w))
		d.showImportForm(w, r, http.StatusInsufficientStorage, &notice{"bad", "Not taken: there is no room left on the server's disk."}, f)
	case errors.As(err, &path):
		d.Log.ErrorContext(r.Context(), "Upload not kept", "err", err, "request_id", requestID(w))
		d.showImportForm(w, r, http.StatusInternalServerError, &notice{"bad", "Not taken: the server cannot keep files in its place for them. The log says why, under request " + requestID(w) + "."}, f)
	case errors.As(err, &bad):
		d.showImportForm(w, r, http.StatusUnprocessableEntity, &notice{"bad", "Not taken: " + bad.text}, f)
	default:
		d.fail(w, r, err)
	}
}

// receive reads the form as it comes and writes the file to the disk: memory does not grow with it.
func (d *Dashboard) receive(r *http.Request, in *patient) (*upload, uploadFields, error) {
	var f uploadFields
	u := &upload{id: uuid.New(), at: time.Now(), by: d.Actor(r), state: stateReady}
	r.Body = in
	parts, err := r.MultipartReader()
	if err != nil {
		return u, f, badInput{"the form cannot be read. Go back, reload the page and try again."}
	}
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || n > 20 {
			return u, f, brokenOff(err)
		}
		if part.FormName() == "file" && u.spool == nil && part.FileName() != "" {
			err = d.spool(u, part)
		} else {
			err = f.read(part)
		}
		if err != nil {
			return u, f, brokenOff(err)
		}
	}
	if u.spool == nil || u.size == 0 {
		return u, f, badInput{"choose a file that is not empty."}
	}
	return u, f, nil
}

// brokenOff words what is the sender's; other errors stay as they are.
func brokenOff(err error) error {
	var large *http.MaxBytesError
	var bad badInput
	var path *os.PathError
	if err == nil || !(errors.As(err, &large) || errors.As(err, &bad) || errors.As(err, &path) || errors.Is(err, errTooLarge)) {
		return badInput{"the upload broke off. Try again."}
	}
	return err
}

func (f *uploadFields) read(part *multipart.Part) error {
	data, err := io.ReadAll(io.LimitReader(part, 4<<10))
	if err != nil {
		return err
	}
	text := strings.TrimSpace(string(data))
	if !storable(text) || len(text) > 255 {
		return badInput{"the field " + part.FormName() + " is too long, or holds what is no text."}
	}
	switch part.FormName() {
	case "kind":
		f.kind = text
	case "business":
		f.business = text
	case "list":
		f.list = text
	case "source":
		f.source = text
	}
	return nil
}

func (d *Dashboard) spool(u *upload, part *multipart.Part) error {
	var err error
	if u.spool, err = nameless(d.UploadDir); err != nil {
		return err
	}
	u.file = short(filepath.Base(part.FileName()))
	if u.size, err = io.Copy(u.spool, io.LimitReader(part, d.imports.max+1)); err != nil {
		return err
	}
	if u.size > d.imports.max {
		return errTooLarge
	}
	return nil
}

// place finds out where the file goes.
func (d *Dashboard) place(ctx context.Context, u *upload, f uploadFields) error {
	ctx, cancel := context.WithTimeout(ctx, pageWithin)
	defer cancel()
	u.kind, u.list, u.source = f.kind, f.list, f.source
	if u.kind != kindLeads && u.kind != kindNumbers {
		return badInput{"say whether it holds leads or numbers that are not to be called."}
	}
	if u.kind == kindLeads && u.list == "" {
		return badInput{"name the list that the leads join."}
	}
	if len(u.source) > 50 {
		return badInput{"the source has at most 50 characters."}
	}
	if f.business == "" {
		if u.kind == kindLeads {
			return badInput{"choose the business whose leads they are."}
		}
		u.businessName = "every business"
		return nil
	}
	id, err := uuid.Parse(f.business)
	if err != nil {
		return badInput{"the business is not an id."}
	}
	u.business = &id
	u.businessName, err = dbsqlc.New().DashboardBusiness(ctx, d.DB, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return badInput{"there is no such business (any more)."}
	}
	if err != nil {
		return fmt.Errorf("looking for the business: %w", err)
	}
	return nil
}

// patient gives each part of a long body its own time, up to an end.
type patient struct {
	body io.ReadCloser
	ctl  *http.ResponseController
	end  time.Time
}

func (p *patient) Read(b []byte) (int, error) {
	now := time.Now()
	if now.After(p.end) {
		return 0, badInput{"the upload took too long."}
	}
	// Not every writer has deadlines (tests' recorders have none).
	_ = p.ctl.SetReadDeadline(now.Add(uploadPart))
	return p.body.Read(b)
}

func (p *patient) Close() error { return p.body.Close() }
