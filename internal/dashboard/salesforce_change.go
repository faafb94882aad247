package dashboard

import (
	"context"
	"fmt"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
	"github.com/callhenk/henk-worker/jobs"
)

// salesforceAction asks for a sync, a full reconcile, or that what failed be tried again: each is a job, inserted with
// its audit row.
func (d *Dashboard) salesforceAction(w http.ResponseWriter, r *http.Request) {
	id, err := pathID(r)
	if err == nil {
		err = parseForm(r)
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), pageWithin)
	defer cancel()
	action, done := r.PostFormValue("action"), ""
	err = store.InTx(ctx, d.DB, func(tx pgx.Tx) error {
		done, err = d.actOnOrg(ctx, tx, w, r, id, action)
		return err
	})
	if err != nil {
		d.fail(w, r, err)
		return
	}
	back(w, r, "/salesforce/"+id.String(), done)
}

func (d *Dashboard) actOnOrg(ctx context.Context, tx pgx.Tx, w http.ResponseWriter, r *http.Request, id uuid.UUID, action string) (done string, err error) {
	row, err := dbsqlc.New().DashboardSalesforceLock(ctx, tx, id)
	if err != nil {
		return "", fmt.Errorf("reading the integration: %w", err)
	}
	c := change{Action: "salesforce." + action, Detail: map[string]any{"integration": id}}
	var args river.JobArgs
	switch action {
	case "sync":
		args, done = jobs.SyncSalesforceIntegrationArgs{IntegrationID: id, Mode: jobs.SyncManual}, "sync"
	case "reconcile":
		args, done = jobs.ReconcileSalesforceIntegrationArgs{IntegrationID: id}, "reconcile"
	case "resume":
		c.Action, done = "salesforce.resumed", "restarted"
		args = jobs.SyncSalesforceIntegrationArgs{IntegrationID: id, Mode: jobs.SyncManual}
		if row.Status != "error" {
			return "same", nil // somebody else was faster, or the page was old
		}
		if err := dbsqlc.New().DashboardSalesforceActivate(ctx, tx, id); err != nil {
			return "", fmt.Errorf("letting the integration go on: %w", err)
		}
		row.Status = "active"
	case "retry":
		c.Action, done = "salesforce.retried", "retried"
		args = jobs.WriteBackSalesforceArgs{IntegrationID: id, Retry: true}
	default:
		return "", badInput{"There is sync, reconcile, resume and retry."}
	}
	if row.Status != "active" || row.SyncEnabled == "false" {
		return "", badInput{"The integration is not active, so the job would do nothing. Connect Salesforce, or switch the sync on, in the web app first."}
	}
	inserted, err := d.Client.InsertTx(ctx, tx, args, nil)
	if err != nil {
		return "", fmt.Errorf("inserting the job: %w", err)
	}
	if inserted.UniqueSkippedAsDuplicate && action != "resume" {
		return "waiting", nil
	}
	c.Detail["job"] = inserted.Job.ID
	return done, d.record(ctx, tx, w, r, c)
}
