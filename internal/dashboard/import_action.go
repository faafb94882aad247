package dashboard

import (
	"context"
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/web"
)

// importAction maps the columns, begins, stops or throws away.
func (d *Dashboard) importAction(w http.ResponseWriter, r *http.Request) {
	u, err := d.uploadOf(r)
	if err == nil {
		err = parseForm(r)
	}
	if err != nil {
		d.failImport(w, r, err)
		return
	}
	page := "/import/" + u.id.String()
	switch action := r.PostFormValue("action"); action {
	case "preview":
		u.setMapping(r)
		back(w, r, page, "mapped")
	case "import":
		u.setMapping(r)
		d.startImport(w, r, u, r.PostFormValue("force") != "")
	case "stop":
		u.stop()
		back(w, r, page, "stopping")
	case "discard":
		if u.running() {
			d.fail(w, r, badInput{"The import runs. Stop it first."})
			return
		}
		d.imports.drop(u)
		back(w, r, "/import", "discarded")
	default:
		d.fail(w, r, badInput{"There is preview, import, stop and discard."})
	}
}

// setMapping takes what the form says of each column: fields m1, m2 and so on. A form without them changes nothing.
func (u *upload) setMapping(r *http.Request) {
	mapping := map[string]string{}
	for i := 1; i <= mapColumnsMost; i++ {
		name := strconv.Itoa(i)
		if values, ok := r.PostForm["m"+name]; ok {
			if mapping["#"+name] = values[0]; values[0] == "" {
				mapping["#"+name] = "-"
			}
		}
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.state == stateReady && len(mapping) > 0 {
		u.mapping = mapping
	}
}

func (u *upload) stop() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.cancel != nil {
		u.cancel()
	}
}

// startImport begins unless the file cannot be read as it is mapped. The import goes on when the request is over.
func (d *Dashboard) startImport(w http.ResponseWriter, r *http.Request, u *upload, force bool) {
	view := importView{}
	if u.now().State == stateReady {
		if err := u.preview(&view); err != nil {
			d.fail(w, r, err)
			return
		}
	}
	if view.Problem != "" {
		d.showImport(w, r, http.StatusUnprocessableEntity, u, &notice{"bad", "Not begun: what is wrong stands below."})
		return
	}
	ctx, cancel := context.WithCancel(d.imports.ctx)
	if !u.begin(cancel) { // somebody else was faster, or the page was old
		cancel()
		back(w, r, "/import/"+u.id.String(), "same")
		return
	}
	run := importRun{d: d, u: u, force: force, actor: d.Actor(r), request: requestID(w)}
	if err := run.note(r.Context(), "import.started", nil); err != nil {
		u.end(stateReady, nil, "")
		cancel()
		d.fail(w, r, err)
		return
	}
	go run.do(ctx)
	back(w, r, "/import/"+u.id.String(), "started")
}

// importFragments are what changes while an import runs.
func (d *Dashboard) importFragments(id uuid.UUID) (map[string][]byte, error) {
	u := d.imports.get(id)
	if u == nil {
		return nil, errGone
	}
	data, err := web.Fragment("upload", "run", u.now())
	return map[string][]byte{"run": data}, err
}
