package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/crm"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/jobs"
)

// insertWorld inserts a business with its Salesforce integration, an agent and campaigns that nobody is on yet. The numbers
// of the suppression list are there before their people.
func (p *people) insertWorld(ctx context.Context, db *store.DB) error {
	config, err := json.Marshal(p.integrationConfig())
	if err != nil {
		return fmt.Errorf("writing the integration's config: %w", err)
	}
	batch := &pgx.Batch{}
	batch.Queue(`with a as (insert into accounts (name) values ('Demo account') returning id)
		insert into businesses (id, name, account_id, settings) select $1, 'Clean Rivers Trust (demo)', a.id, '{"calling": {"timezone": "America/Chicago"}}' from a`, p.business)
	batch.Queue(`insert into agents (id, name, business_id, elevenlabs_agent_id, caller_id) values ($1, 'Ingrid', $2, 'agent_sim_ingrid', 'phnum_sim_twilio')`, p.agent, p.business)
	batch.Queue(`insert into integrations (name, type, status, business_id, config, credentials) values ('Salesforce', 'crm', 'active', $1, $2, jsonb_build_object('refreshToken', $3::text))`,
		p.business, string(config), orgRefresh)
	for _, c := range p.campaigns {
		batch.Queue(`insert into campaigns (id, name, status, agent_id, business_id, script, daily_call_cap, goal_metric, dedupe_by_phone, disclosure_line)
			values ($1, $2, 'draft', $3, $4, 'Thank the donor, ask for a gift.', $5, 'pledges', true, 'This call is made by an AI assistant and may be recorded.')`,
			c.id, c.name, p.agent, p.business, c.cap)
	}
	for _, who := range p.list {
		if who.kind == suppressed {
			batch.Queue("insert into henk.suppressions (business_id, phone, source, reason) values ($1, $2, 'demo', 'asked by letter')", p.business, who.phone)
		}
	}
	err = pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error { return tx.SendBatch(ctx, batch).Close() })
	if err != nil {
		return fmt.Errorf("inserting sample data: %w", err)
	}
	return nil
}

// enrolment is what happens once, after the first sync: the leads that it brought are put on the campaigns.
type enrolment struct {
	mu   sync.Mutex
	done bool
	err  error
}

func (e *enrolment) end(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.done, e.err = err == nil, err
}

func (e *enrolment) state() (done bool, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.done, e.err
}

// startEnrolment waits for the sync and enrols in the background, so that both can be watched.
func (d *Demo) startEnrolment(ctx context.Context) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		err := d.awaitSync(ctx)
		if err == nil {
			err = pgx.BeginFunc(ctx, d.DB, func(tx pgx.Tx) error { return d.enrol(ctx, tx) })
		}
		d.enrolment.end(err)
	}()
	d.closers = append(d.closers, func() error { cancel(); <-ended; return nil })
}

const syncSQL = `
select
    (select count(*) from river.river_job where state in ('available', 'pending', 'retryable', 'running', 'scheduled')
        and kind in ('sync-salesforce-leads', 'sync-salesforce-integration', 'write-back-salesforce')),
    (select count(*) from leads where source = 'salesforce'),
    coalesce((select error_message from sync_logs order by started_at desc limit 1), '')`

// awaitSync returns when the jobs of the first sync are over and every record of the org is a lead.
func (d *Demo) awaitSync(ctx context.Context) error {
	for {
		var pending, leads int
		var problem string
		if err := d.DB.QueryRow(ctx, syncSQL).Scan(&pending, &leads, &problem); err != nil {
			return fmt.Errorf("waiting for the first sync: %w", err)
		}
		if pending == 0 {
			if want := d.people.live(); leads != want {
				return fmt.Errorf("the first sync brought %d of %d records: %s", leads, want, problem)
			}
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.New("stopped before the first sync was over")
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// live counts the records that are not deleted.
func (p *people) live() int {
	n := len(p.list)
	for _, who := range p.others {
		if who.kind != leaver {
			n++
		}
	}
	return n
}

// enrolSQL puts the members of a list on a campaign. Who was called before, or has answered, is in the arrays.
const enrolSQL = `
with l as (
    select id, lead_count from lead_lists where business_id = $2 and name = $3
), assigned as (
    insert into campaign_lead_lists (campaign_id, lead_list_id, total_leads) select $1, l.id, l.lead_count from l
)
insert into campaign_leads (campaign_id, lead_id, lead_list_id, status, attempts, last_attempt_at, added_at)
select $1, m.lead_id, l.id, coalesce(h.status, 'new'), coalesce(h.attempts, 0), h.last_attempt_at,
    now() + row_number() over (order by x.source_id) * interval '1 microsecond' -- one order in every run
from l
join lead_list_members m on m.lead_list_id = l.id
join leads x on x.id = m.lead_id
left join unnest($4::text[], $5::text[], $6::int[], $7::timestamptz[]) h (source_id, status, attempts, last_attempt_at) on h.source_id = x.source_id`

// enrol does what the charity does once its people are there: it flags who asked in the app not to be called, puts the
// lists on the campaigns and activates these.
func (d *Demo) enrol(ctx context.Context, tx pgx.Tx) error {
	var flagged []string
	for _, who := range d.people.list {
		if who.kind == dnc {
			flagged = append(flagged, who.record)
		}
	}
	if _, err := tx.Exec(ctx, "update leads set dnc = true where business_id = $1 and source = 'salesforce' and source_id = any ($2)", d.people.business, flagged); err != nil {
		return fmt.Errorf("flagging leads: %w", err)
	}
	records, statuses, attempts, times := d.people.history(d.clock.Local())
	for _, c := range d.people.campaigns {
		if _, err := tx.Exec(ctx, enrolSQL, c.id, d.people.business, c.list, records, statuses, attempts, times); err != nil {
			return fmt.Errorf("putting a list on its campaign: %w", err)
		}
		if _, err := tx.Exec(ctx, "update campaigns set status = 'active' where id = $1", c.id); err != nil {
			return fmt.Errorf("activating a campaign: %w", err)
		}
		if _, err := jobs.InsertPlanTx(ctx, tx, d.Runtime.Client, c.id); err != nil {
			return err
		}
	}
	return d.tellSalesforce(ctx, tx)
}

// history is what earlier calls left of people: the arrays of enrolSQL.
func (p *people) history(now time.Time) (records, statuses []string, attempts []int32, last []*time.Time) {
	add := func(who person, status string, n int32, ago time.Duration) {
		records, statuses, attempts = append(records, who.record), append(statuses, status), append(attempts, n)
		var at *time.Time
		if n > 0 {
			before := now.Add(-ago)
			at = &before
		}
		last = append(last, at)
	}
	for _, who := range p.list {
		switch who.kind {
		case usedUp:
			add(who, "new", 3, 72*time.Hour)
		case tooSoon:
			add(who, "contacted", 1, 5*time.Hour)
		case alreadyPledged:
			add(who, "pledged", 0, 0)
		}
	}
	return records, statuses, attempts, last
}

// tellSalesforce writes the flags that were raised here back, which a worker finds by itself within a minute.
func (d *Demo) tellSalesforce(ctx context.Context, tx pgx.Tx) error {
	due, err := crm.WalkWriteBacks(ctx, tx)
	if err != nil {
		return err
	}
	for _, id := range due {
		if _, err := d.Runtime.Client.InsertTx(ctx, tx, jobs.WriteBackSalesforceArgs{IntegrationID: id}, nil); err != nil {
			return fmt.Errorf("asking for a write-back: %w", err)
		}
	}
	return nil
}
