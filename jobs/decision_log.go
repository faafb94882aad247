package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/callhenk/henk-worker/internal/campaign"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

const (
	// monthsAhead of the decision log have their partition, so that none is missing if housekeeping stands still.
	monthsAhead = 2
	// decisionYears are kept: the Telemarketing Sales Rule asks for records of five years (16 CFR 310.5).
	decisionYears = 5
)

// keepDecisions makes the log's next partitions, drops those that are too old, and checks the log once a night. What it
// did goes into done.
func (r *Runtime) keepDecisions(ctx context.Context, done map[string]any) error {
	q := dbsqlc.New()
	now, err := q.DecisionClock(ctx, r.DB)
	if err != nil {
		return fmt.Errorf("reading the clock of the decision log: %w", err)
	}
	first := time.Date(now.UTC().Year(), now.UTC().Month(), 1, 0, 0, 0, 0, time.UTC)
	for i := range monthsAhead + 1 {
		if _, err := q.DecisionMakePartition(ctx, r.DB, first.AddDate(0, i, 0)); err != nil {
			return fmt.Errorf("making a partition of the decision log: %w", err)
		}
	}
	dropped, err := q.DecisionDropOld(ctx, r.DB, first.AddDate(-decisionYears, 0, 0))
	if err != nil {
		return fmt.Errorf("dropping old partitions of the decision log: %w", err)
	}
	done["decision_months_dropped"] = dropped
	check, err := campaign.CheckLogNightly(ctx, r.DB)
	if err != nil || check == nil {
		return err
	}
	done["decisions_checked"], done["decisions_disagreeing"] = check.Checked, len(check.Disagreements)
	for _, d := range check.Disagreements[:min(len(check.Disagreements), 10)] {
		r.Log.WarnContext(ctx, "A decision of the log does not stand when it is judged again; henk.self_checks has all of them",
			"decision", d.DecisionID, "campaign_id", d.CampaignID, "lead_id", d.LeadID, "logged", d.Logged, "judged", d.Judged)
	}
	return nil
}
