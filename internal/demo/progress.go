package demo

import (
	"context"
	"fmt"

	"github.com/callhenk/henk-worker/internal/campaign"
)

// Progress is the state of a running demo.
type Progress struct {
	Synced                          int // leads that came from Salesforce
	Placed, Answered, Active, Ended int
	Written                         int // calls that are Tasks in Salesforce
	Open                            int // attempts, calls and writes to Salesforce that are not over
	Jobs                            int // jobs that are not done, ticks and wake-ups aside
	Planned                         bool
	Held                            map[string]int64
}

// Done reports whether every call has its outcome, Salesforce has been told, and nobody more may be called now.
func (p *Progress) Done() bool { return p.Planned && p.Open == 0 && p.Jobs == 0 }

// What is to be written to Salesforce counts by its rows: a job may wait long after another has written for it.
const progressSQL = `
select
    (select count(*) from leads where source = 'salesforce'),
    (select count(*) from call_attempts where in_progress)
        + (select count(*) from conversations where status in ('initiated', 'in_progress'))
        + (select count(*) from henk.write_backs where state in ('pending', 'sending')),
    (select count(*) from river.river_job where state in ('available', 'pending', 'retryable', 'running', 'scheduled')
        and kind in ('plan-campaign', 'dial-lead', 'reconcile-attempt', 'sync-conversation', 'apply-webhook', 'campaign-orchestrator')
        and not coalesce((args ->> 'wake')::boolean, false)),
    not exists (select from campaigns c where not exists (
        select from henk.campaign_state s where s.campaign_id = c.id and s.planned_at is not null)),
    (select count(*) from conversations where status not in ('initiated', 'in_progress'))`

// Progress reads where the demo is. Its error is also that of the first sync.
func (d *Demo) Progress(ctx context.Context) (*Progress, error) {
	p := &Progress{}
	// Asked first: what the enrolment adds is then in the counts.
	enrolled, err := d.enrolment.state()
	if err != nil {
		return nil, err
	}
	if err := d.DB.QueryRow(ctx, progressSQL).Scan(&p.Synced, &p.Open, &p.Jobs, &p.Planned, &p.Ended); err != nil {
		return nil, fmt.Errorf("reading the demo's progress: %w", err)
	}
	p.Planned = p.Planned && enrolled
	now := d.clock.Local()
	for _, r := range d.sim.Rings() {
		p.Placed++
		if r.Answered {
			p.Answered++
		}
		if r.Ended.After(now) {
			p.Active++
		}
	}
	p.Written = len(d.org.sim.Stats().Tasks)
	p.Held, err = d.heldBack(ctx)
	return p, err
}

func (d *Demo) heldBack(ctx context.Context) (map[string]int64, error) {
	total := map[string]int64{}
	for _, c := range d.people.campaigns {
		held, err := campaign.HeldBack(ctx, d.DB, c.id, d.clock.Local())
		if err != nil {
			return nil, err
		}
		for rule, n := range held {
			total[rule] += n
		}
	}
	return total, nil
}
