package dashboard

import (
	"time"

	"github.com/callhenk/henk-worker/internal/crm"
)

// orgProgress is how far a sync is. Share is of the whole, 0 to 100, and counts only what is known: an object whose size
// nobody knows counts when it is through.
type orgProgress struct {
	Running bool
	What    string
	Share   float64
	Exact   bool // no object of unknown size is being read
	Objects []objectView
}

// objectView is one object. State is done, reading, comparing, waiting or never.
type objectView struct {
	Name, State string
	Share       float64 // 0 to 100
	Exact       bool
	Members     int64
	HasMembers  bool
	Watermark   time.Time // what changed before is here
	ReadTo      time.Time // of a scan under way
	Bulk        bool
}

// scanLookback is how far below the watermark a scan begins, where the settings say nothing else.
const scanLookback = 10 * time.Minute

// progressOf works it out from the cursors alone. Objects are read one after the other, in crm's order.
func progressOf(row *orgRow) orgProgress {
	p := orgProgress{Running: row.Running, Exact: true}
	var this *runRow
	reconcile := false
	for i, run := range row.Runs {
		if row.Running && run.Run != "" && run.Run == row.RunID {
			this, reconcile = &row.Runs[i], run.Kind == "reconcile"
			p.What = newRunView(run, row, nil).What
		}
	}
	names := crm.Objects()
	ahead := -1 // the last object that is being read: those before it are through
	found := make([]objectRow, len(names))
	for i, name := range names {
		for _, o := range row.Objects {
			if o.Object == name {
				found[i] = o
			}
		}
		if (reconcile && !found[i].ReconcileFrom.IsZero()) || (!reconcile && !found[i].UpperBound.IsZero()) {
			ahead = i
		}
	}
	total := 0.0
	for i, o := range found {
		v := newObjectView(names[i], o)
		switch {
		case this == nil:
		case reconcile:
			v.compare(o, i < ahead)
		default:
			v.read(o, i < ahead, o.Age < this.Age)
		}
		total += v.Share
		p.Exact = p.Exact && v.Exact
		p.Objects = append(p.Objects, v)
	}
	p.Share = total / float64(max(len(found), 1))
	return p
}

// sooner shows the org's instants on the clock of everything else on the page: only a demo has an org whose clock is ahead.
func (p *orgProgress) sooner(by time.Duration) {
	for i := range p.Objects {
		for _, at := range []*time.Time{&p.Objects[i].Watermark, &p.Objects[i].ReadTo} {
			if !at.IsZero() {
				*at = at.Add(-by)
			}
		}
	}
}

func newObjectView(name string, o objectRow) objectView {
	v := objectView{Name: name, State: "never", Exact: true, Watermark: o.Watermark, Bulk: o.Bulk}
	if o.Members != nil {
		v.Members, v.HasMembers = *o.Members, true
	}
	if !o.Watermark.IsZero() {
		v.State = "done"
	}
	if !o.UpperBound.IsZero() {
		v.State, v.ReadTo = "unfinished", o.AtStamp
	}
	return v
}

// read is for a sync: records come in the order of their stamps, so the share of the time is that of the way, as far as
// it can be known. A first sync begins with the oldest record, of which nobody knows how old it is, and a bulk job has
// no order. touched: this run has moved the cursor. A watermark does not tell: the last run's
// may be younger than a clock is exact.
func (v *objectView) read(o objectRow, passed, touched bool) {
	switch {
	case passed, touched && o.UpperBound.IsZero() && !o.Watermark.IsZero():
		v.State, v.Share = "done", 100
	case o.UpperBound.IsZero():
		v.State = "waiting"
	case o.Bulk || o.Watermark.IsZero() || o.AtStamp.IsZero():
		v.State, v.Exact = "reading", false
	default:
		from := o.Watermark.Add(-scanLookback)
		v.State, v.Share = "reading", shareOf(o.AtStamp.Sub(from).Seconds(), o.UpperBound.Sub(from).Seconds())
	}
}

// compare is for a reconcile, which reads every id: as many as the list has members, about.
func (v *objectView) compare(o objectRow, passed bool) {
	switch {
	case passed:
		v.State, v.Share = "done", 100
	case o.ReconcileFrom.IsZero():
		v.State = "waiting"
	case !v.HasMembers || v.Members == 0:
		v.State, v.Exact = "comparing", false
	default:
		v.State, v.Share = "comparing", shareOf(float64(o.ReconcileSeen), float64(v.Members))
	}
}

// shareOf stays below the whole: it is reached when the object is through.
func shareOf(part, whole float64) float64 {
	if whole <= 0 || part <= 0 {
		return 0
	}
	return min(99, 100*part/whole)
}
