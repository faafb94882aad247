package dashboard

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/web"
)

// pageRows is how many rows a list shows.
const pageRows = 50

// notice is one sentence above a page's content, after a change or instead of one.
type notice struct{ Tone, Text string }

// notices are what a redirect may name in ?done=: the address holds a word, never a text of somebody else's.
var notices = map[string]notice{
	"paused":    {"ok", "Paused. What is reserved is not dialed any more; calls on the line go on."},
	"stopped":   {"ok", "Stopped. No further call passes the fence; what was reserved has been withdrawn."},
	"resumed":   {"ok", "Active again. The next calls are being planned."},
	"saved":     {"ok", "Saved. The next plan and every fence from now on go by it."},
	"same":      {"", "Nothing was changed."},
	"flagged":   {"ok", "Nobody calls this person any more. What was reserved has been withdrawn."},
	"lifted":    {"ok", "The do-not-call flags and the business's own suppressions of these numbers are lifted."},
	"corrected": {"ok", "Your verdict is noted. The machine's stays beside it."},

	"sync":      {"ok", "A sync is asked for. It begins as soon as a worker is free."},
	"reconcile": {"ok", "A full reconcile is asked for. It compares every record, behind what is more urgent."},
	"waiting":   {"", "The same is waiting already, and takes in what has changed until it begins."},
	"restarted": {"ok", "The integration is active again, and a sync is asked for. If it stops again, what is wrong is shown here."},
	"retried":   {"ok", "What failed is tried again."},
	"started":   {"ok", "The import has begun. You may leave this page."},
	"stopping":  {"ok", "The import stops. What it has stored stays."},
	"mapped":    {"", "The rows are shown by the new mapping."},
	"discarded": {"ok", "The file is thrown away."},
	"checking":  {"", "The checks are running again."},
}

func noticeOf(r *http.Request) *notice {
	if n, ok := notices[r.URL.Query().Get("done")]; ok {
		return &n
	}
	return nil
}

// back redirects to a page of ours after a change, so that a reload does not repeat it.
func back(w http.ResponseWriter, r *http.Request, path, done string) {
	http.Redirect(w, r, path+"?done="+url.QueryEscape(done), http.StatusSeeOther)
}

func (d *Dashboard) render(w http.ResponseWriter, r *http.Request, status int, name string, p web.Page) {
	p.Version, p.SignedIn = d.Version, true
	if err := web.Render(w, status, name, p); err != nil {
		d.Log.ErrorContext(r.Context(), "Page not rendered", "err", err, "request_id", requestID(w))
		if w.Header().Get("Content-Type") == "" {
			http.Error(w, "internal error, request "+requestID(w), http.StatusInternalServerError)
		}
	}
}

// requestID is what the server has put on the answer.
func requestID(w http.ResponseWriter) string { return w.Header().Get("X-Request-Id") }

// messageBody is what message.html shows.
type messageBody struct{ Text, RequestID string }

func (d *Dashboard) message(w http.ResponseWriter, r *http.Request, status int, title, text string) {
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.Error(w, text, status)
		return
	}
	d.render(w, r, status, "message", web.Page{Title: title, Body: messageBody{text, requestID(w)}})
}

// errGone means that what a page is about does not exist (any more).
var errGone = errors.New("there is no such row")

// badInput is what a person can mend.
type badInput struct{ text string }

func (e badInput) Error() string { return e.text }

// fail answers with what went wrong: a sentence for a person, the rest for the log.
func (d *Dashboard) fail(w http.ResponseWriter, r *http.Request, err error) {
	var bad badInput
	switch {
	case errors.Is(err, errGone), errors.Is(err, pgx.ErrNoRows):
		d.message(w, r, http.StatusNotFound, "Not found", "There is nothing under this address. It may have been deleted since the link was made.")
		return
	case errors.As(err, &bad):
		d.message(w, r, http.StatusBadRequest, "That cannot be done", bad.text)
		return
	case r.Context().Err() != nil:
		return // the reader has left
	}
	d.Log.ErrorContext(r.Context(), "Request failed", "err", err, "request_id", requestID(w))
	if store.Unavailable(err) {
		d.message(w, r, http.StatusServiceUnavailable, "The database does not answer", "Try again in a moment. If it lasts, look at /readyz and at the log.")
		return
	}
	d.message(w, r, http.StatusInternalServerError, "Something went wrong", "The log says more, under the request's id.")
}

// pathID is the {id} of a route.
func pathID(r *http.Request) (uuid.UUID, error) {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil || len(r.PathValue("id")) != 36 {
		return uuid.Nil, errGone
	}
	return id, nil
}

// maxText bounds what a person types as a reason.
const maxText = 500

// formText reads a field of a form: trimmed, bounded, without what Postgres does not take.
func formText(r *http.Request, name string, limit int) (string, error) {
	text := strings.TrimSpace(r.PostFormValue(name))
	if len(text) > limit {
		return "", badInput{"The field " + name + " is too long."}
	}
	return strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), ""), nil
}

func parseForm(r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return badInput{"The form is too large."}
		}
		return badInput{"The form cannot be read. Go back, reload the page and try again."}
	}
	return nil
}

// personName is a lead's name as a link shows it.
func personName(first, last *string) string {
	name := strings.TrimSpace(deref(first) + " " + deref(last))
	if name == "" {
		return "(no name)"
	}
	return name
}

func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
