package dashboard

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/callhenk/henk-worker/jobs"
)

// orgJob is a River job of an integration.
type orgJob struct {
	What, State, Link string
	At                time.Time // when it runs, or ran last

	kind              string
	created, finished time.Time
	live              bool
}

// waits is true of a job that is still to run, or runs.
func (j orgJob) waits() bool { return j.live }

var orgJobNames = map[string]string{
	jobs.SyncSalesforceIntegrationArgs{}.Kind():      "sync",
	jobs.ReconcileSalesforceIntegrationArgs{}.Kind(): "reconcile",
	jobs.WriteBackSalesforceArgs{}.Kind():            "write-back",
}

// orgJobs are the integration's latest jobs. River keeps finished ones for a day.
func (d *Dashboard) orgJobs(ctx context.Context, id uuid.UUID) ([]orgJob, error) {
	args, err := json.Marshal(map[string]string{"integration_id": id.String()})
	if err != nil {
		return nil, fmt.Errorf("looking for jobs: %w", err)
	}
	kinds := make([]string, 0, len(orgJobNames))
	for kind := range orgJobNames {
		kinds = append(kinds, kind)
	}
	found, err := d.Client.JobList(ctx, river.NewJobListParams().Kinds(kinds...).Where("args @> @args::jsonb", river.NamedArgs{"args": string(args)}).
		OrderBy(river.JobListOrderByID, river.SortOrderDesc).First(100))
	if err != nil {
		return nil, fmt.Errorf("looking for jobs: %w", err)
	}
	list := make([]orgJob, 0, len(found.Jobs))
	for _, job := range found.Jobs {
		j := orgJob{What: orgJobNames[job.Kind], State: string(job.State), Link: "/riverui/jobs/" + strconv.FormatInt(job.ID, 10), At: job.ScheduledAt,
			kind: job.Kind, created: job.CreatedAt}
		if job.FinalizedAt != nil {
			j.finished = *job.FinalizedAt
		}
		switch job.State {
		case rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled:
			j.live = true
		}
		list = append(list, j)
	}
	return list, nil
}

// jobOf is the page of the job that a run belongs to: the latest of its kind that was there when it began and had not
// ended. The runs of one integration take turns, so that this is it.
func jobOf(run runRow, all []orgJob) string {
	kind := jobs.SyncSalesforceIntegrationArgs{}.Kind()
	if run.Kind == "reconcile" {
		kind = jobs.ReconcileSalesforceIntegrationArgs{}.Kind()
	}
	for _, j := range all {
		if j.kind == kind && !j.created.After(run.StartedAt) && (j.live || !j.finished.Before(run.StartedAt)) {
			return j.Link
		}
	}
	return ""
}
