package dashboard

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/web"
)

// Check is one thing that `henk doctor` looks at. Status is ok, warn or fail; Mend says what to do.
type Check struct{ Name, Status, Message, Mend string }

// doctorView is what doctor.html shows.
type doctorView struct {
	Notice   *notice
	Possible bool
	Known    bool
	Age      string
	Fails    int64
	Warns    int64
	Checks   []Check
}

func (d *Dashboard) runChecks(ctx context.Context, _ uuid.UUID) ([]Check, error) {
	return d.Doctor(ctx), ctx.Err()
}

// doctor shows the checks. They ask other machines, so they run behind the page.
func (d *Dashboard) doctor(w http.ResponseWriter, r *http.Request) {
	view := doctorView{Notice: noticeOf(r), Possible: d.Doctor != nil}
	if view.Possible {
		var at time.Time
		view.Checks, at = d.checks.get(r.Context(), uuid.Nil, d.patience)
		view.Known, view.Age = !at.IsZero(), ageOf(at)
	}
	for _, c := range view.Checks {
		switch c.Status {
		case "ok":
		case "warn":
			view.Warns++
		default: // a word that is not known is no comfort
			view.Fails++
		}
	}
	d.render(w, r, http.StatusOK, "doctor", web.Page{Title: "Doctor", Here: "/doctor", Body: view})
}

func (d *Dashboard) doctorAgain(w http.ResponseWriter, r *http.Request) {
	d.checks.stale(uuid.Nil)
	back(w, r, "/doctor", "checking")
}
