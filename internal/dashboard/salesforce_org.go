package dashboard

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
	"github.com/callhenk/henk-worker/web"
)

// orgRow is what query DashboardSalesforce returns.
type orgRow struct {
	ID           uuid.UUID       `json:"id"`
	Status       string          `json:"status"`
	Business     string          `json:"business"`
	Config       json.RawMessage `json:"config"`
	LastSyncAt   time.Time       `json:"last_sync_at"`
	Now          time.Time       `json:"now"`
	ReconciledAt time.Time       `json:"reconciled_at"`
	RunID        string          `json:"run_id"`
	Running      bool            `json:"running"`
	Objects      []objectRow     `json:"objects"`
	Runs         []runRow        `json:"runs"`
}

// objectRow is how far one Salesforce object is in; henk.crm_cursors describes it. Zero times are null.
type objectRow struct {
	Object        string    `json:"object"`
	Watermark     time.Time `json:"watermark"`
	UpperBound    time.Time `json:"upper_bound"`
	AtStamp       time.Time `json:"at_stamp"`
	Bulk          bool      `json:"bulk"`
	BulkBegun     bool      `json:"bulk_begun"`
	ReconcileFrom time.Time `json:"reconcile_from"`
	ReconcileSeen int64     `json:"reconcile_seen"`
	Members       *int64    `json:"members"`
	Age           int64     `json:"age"` // how many transactions ago it was written
}

// runRow is one of sync_logs.
type runRow struct {
	ID          uuid.UUID `json:"id"`
	SyncType    string    `json:"sync_type"`
	Status      string    `json:"sync_status"`
	StartedAt   time.Time `json:"started_at"`
	CompletedAt time.Time `json:"completed_at"`
	DurationMS  int64     `json:"duration_ms"`
	Processed   int64     `json:"processed"`
	Created     int64     `json:"created"`
	Updated     int64     `json:"updated"`
	Failed      int64     `json:"failed"`
	Error       string    `json:"error"`
	Kind        string    `json:"kind"`
	Run         string    `json:"run"`
	Age         int64     `json:"age"` // as an object's; a run is written when it begins and when it ends
}

// orgView is what integration.html shows.
type orgView struct {
	Notice  *notice
	Status  orgStatus
	Rejects []rejectView
	Pager   pager
	Writes  []writeView
	More    bool // there are more failed writes
	Audit   []auditRow
}

// orgStatus is what changes while somebody watches.
type orgStatus struct {
	ID                           uuid.UUID
	Business, State, Env, Host   string
	Problem, Mend                string
	Reauthorise, Broken, CanSync bool
	Warnings                     []string
	Policy                       string
	LastSync, Reconciled         time.Time
	WriteBack                    bool
	Quota                        *Quota
	QuotaKnown                   bool
	Progress                     orgProgress
	Runs                         []runView
	Waiting                      []orgJob
}

type runView struct {
	What, State, Took, Error, Job       string
	At                                  time.Time
	Processed, Created, Updated, Failed int64
}

type rejectView struct{ ID, Object, Reason string }

type writeView struct {
	Action, Error, Mend string
	Lead                uuid.UUID
	Conversation        *uuid.UUID
}

// shownWrites is how many failed writes a page lists.
const shownWrites = 20

// salesforcePage shows an integration.
func (d *Dashboard) salesforcePage(w http.ResponseWriter, r *http.Request) {
	id, err := pathID(r)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), pageWithin)
	defer cancel()
	view, err := d.readOrgView(ctx, r, id)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	d.render(w, r, http.StatusOK, "integration", web.Page{Title: "Salesforce of " + view.Status.Business, Here: "/salesforce", Body: view})
}

func (d *Dashboard) readOrgView(ctx context.Context, r *http.Request, id uuid.UUID) (*orgView, error) {
	after, more, err := cursorOf(r)
	if err != nil {
		return nil, err
	}
	view := &orgView{Notice: noticeOf(r)}
	if view.Status, err = d.readOrg(ctx, id, d.patience); err != nil {
		return nil, err
	}
	q := dbsqlc.New()
	rejects, err := q.DashboardSalesforceRejects(ctx, d.DB, dbsqlc.DashboardSalesforceRejectsParams{IntegrationID: id, After: after.Key1, MaxRows: pageRows + 1})
	if err != nil {
		return nil, fmt.Errorf("listing rejected records: %w", err)
	}
	var next *cursor
	if len(rejects) > pageRows {
		rejects = rejects[:pageRows]
		next = &cursor{Key1: rejects[len(rejects)-1].SourceID}
	}
	view.Pager = pagerOf(r, !more, next)
	for _, x := range rejects {
		view.Rejects = append(view.Rejects, rejectView{x.SourceID, x.Object, x.Reason})
	}
	writes, err := q.DashboardWriteBacksFailed(ctx, d.DB, dbsqlc.DashboardWriteBacksFailedParams{IntegrationID: id, MaxRows: shownWrites + 1})
	if err != nil {
		return nil, fmt.Errorf("listing failed writes: %w", err)
	}
	view.More = len(writes) > shownWrites
	for _, x := range writes[:min(len(writes), shownWrites)] {
		view.Writes = append(view.Writes, writeView{x.Action, x.Error, x.Mend, x.LeadID, x.ConversationID})
	}
	audit, err := q.DashboardAuditOfSalesforce(ctx, d.DB, id.String())
	if err != nil {
		return nil, fmt.Errorf("reading the integration's audit: %w", err)
	}
	for _, a := range audit {
		view.Audit = append(view.Audit, newAuditRow(a.At, a.Actor, a.Action, a.Detail))
	}
	return view, nil
}

// salesforceFragments are read once a second for all who watch the integration.
func (d *Dashboard) salesforceFragments(ctx context.Context, id uuid.UUID) (map[string][]byte, error) {
	status, err := d.readOrg(ctx, id, 0)
	if err != nil {
		return nil, err
	}
	out := map[string][]byte{}
	for _, part := range []string{"org", "runs"} {
		if out[part], err = web.Fragment("integration", part, status); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// readOrg waits for the quota as long as patience; with none it takes what is known and does not ask.
func (d *Dashboard) readOrg(ctx context.Context, id uuid.UUID, patience time.Duration) (orgStatus, error) {
	data, err := dbsqlc.New().DashboardSalesforce(ctx, d.DB, id)
	if err != nil {
		return orgStatus{}, fmt.Errorf("reading the integration: %w", err)
	}
	var row orgRow
	if err := json.Unmarshal(data, &row); err != nil {
		return orgStatus{}, fmt.Errorf("reading the integration: %w", err)
	}
	c := readOrgConfig(row.Config)
	s := orgStatus{ID: row.ID, Business: row.Business, State: stateOf(row.Status, c), Env: c.Env, Host: strings.TrimPrefix(c.InstanceURL, "https://"),
		Problem: stopped(c.Health.Error), Mend: stopped(c.Health.Mend), Warnings: c.Health.Warnings, Policy: c.policy(), LastSync: row.LastSyncAt, Reconciled: row.ReconciledAt,
		WriteBack: c.WriteBack.Enabled, Broken: row.Status == "error", CanSync: row.Status == "active" && !c.off()}
	s.Reauthorise = s.Broken && strings.Contains(strings.ToLower(s.Mend+s.Problem), "authoris")
	s.Progress = progressOf(&row)
	s.Progress.sooner(d.Clock.Shift)
	if s.CanSync && d.SalesforceQuota != nil {
		var quota Quota
		var at time.Time
		if patience > 0 {
			quota, at = d.quotas.get(ctx, id, patience)
		} else {
			quota, at = d.quotas.peek(id)
		}
		if s.QuotaKnown = !at.IsZero(); s.QuotaKnown {
			s.Quota = &quota
		}
	}
	all, err := d.orgJobs(ctx, id)
	if err != nil {
		return orgStatus{}, err
	}
	for _, j := range all {
		if j.waits() {
			s.Waiting = append(s.Waiting, j)
		}
	}
	for _, run := range row.Runs {
		s.Runs = append(s.Runs, newRunView(run, &row, all))
	}
	return s, nil
}

func newRunView(run runRow, org *orgRow, all []orgJob) runView {
	v := runView{What: "sync", State: run.Status, Error: run.Error, At: run.StartedAt, Processed: run.Processed, Created: run.Created, Updated: run.Updated,
		Failed: run.Failed, Job: jobOf(run, all)}
	switch {
	case run.Kind == "reconcile":
		v.What = "reconcile"
	case run.SyncType != "incremental":
		v.What = run.SyncType + " sync"
	}
	switch {
	case !run.CompletedAt.IsZero():
		v.Took = took(time.Duration(run.DurationMS) * time.Millisecond)
	case run.Status == "running" && !(org.Running && run.Run == org.RunID):
		v.State = "interrupted" // its worker is gone; the next run closes the row
	}
	return v
}

func took(d time.Duration) string {
	if d < 10*time.Second {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return web.Span(d)
}
