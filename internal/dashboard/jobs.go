package dashboard

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"github.com/callhenk/henk-worker/jobs"
)

// linkAttempts finds the River job of each attempt. Finished jobs are kept for a day, so that old attempts have none.
func (d *Dashboard) linkAttempts(ctx context.Context, list []attemptView) error {
	ids := make([]uuid.UUID, 0, len(list))
	for _, a := range list {
		ids = append(ids, a.ID)
	}
	found, err := d.jobsOf(ctx, jobs.DialLeadArgs{}.Kind(), "attempt_id", ids)
	if err != nil {
		return err
	}
	for i := range list {
		list[i].Job = found[list[i].ID]
	}
	return nil
}

// jobsOf maps ids to the page of the latest job of the kind whose argument names them.
func (d *Dashboard) jobsOf(ctx context.Context, kind, arg string, ids []uuid.UUID) (map[uuid.UUID]string, error) {
	links := map[uuid.UUID]string{}
	for part := range slices.Chunk(ids, 20) {
		where, args := "", river.NamedArgs{}
		for i, id := range part {
			if i > 0 {
				where += " or "
			}
			name := "id" + strconv.Itoa(i)
			where += "args @> @" + name + "::jsonb" // River has an index for this operator
			data, err := json.Marshal(map[string]string{arg: id.String()})
			if err != nil {
				return nil, fmt.Errorf("looking for jobs: %w", err)
			}
			args[name] = string(data)
		}
		found, err := d.Client.JobList(ctx, river.NewJobListParams().Kinds(kind).Where("("+where+")", args).OrderBy(river.JobListOrderByID, river.SortOrderAsc).First(200))
		if err != nil {
			return nil, fmt.Errorf("looking for jobs: %w", err)
		}
		for _, job := range found.Jobs {
			var named map[string]any
			if json.Unmarshal(job.EncodedArgs, &named) != nil {
				continue
			}
			text, _ := named[arg].(string)
			if id, err := uuid.Parse(text); err == nil {
				links[id] = "/riverui/jobs/" + strconv.FormatInt(job.ID, 10)
			}
		}
	}
	return links, nil
}
