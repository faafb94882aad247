package bench

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/store"
)

// zones are spread over the leads; at the benchmark's hour some of their windows are closed.
var zones = []string{"America/New_York", "America/Detroit", "America/Toronto", "America/Chicago", "America/Winnipeg", "America/Denver",
	"America/Boise", "America/Edmonton", "America/Phoenix", "America/Los_Angeles", "America/Vancouver", "America/Anchorage",
	"Pacific/Honolulu", "America/Halifax", "America/St_Johns", "America/Regina", "America/Puerto_Rico",
	"America/Indiana/Indianapolis", "America/Kentucky/Louisville", "Pacific/Guam"}

// newCampaign inserts a campaign with n leads, of which a third is not due if notDue is set.
func newCampaign(ctx context.Context, db *store.DB, n int, notDue bool) (uuid.UUID, error) {
	business, agent, id := uuid.New(), uuid.New(), uuid.New()
	for _, step := range []struct {
		sql  string
		args []any
	}{
		{"insert into accounts (id, name) values ($1, 'bench')", []any{business}},
		{"insert into businesses (id, name, account_id) values ($1, 'bench', $1)", []any{business}},
		{"insert into agents (id, name, business_id, elevenlabs_agent_id, caller_id) values ($1, 'bench', $2, 'agent_1', 'phnum_1')", []any{agent, business}},
		{`insert into campaigns (id, name, status, script, agent_id, business_id, daily_call_cap, disclosure_line) values ($1, 'bench', 'active', '', $2, $3, 100000000, 'An AI assistant calls.')`, []any{id, agent, business}},
		{`insert into leads (id, business_id, source_id, first_name, last_name, company, phone, timezone, lead_score, quality_rating)
			select gen_random_uuid(), $1, 'b' || n, 'First' || n, 'Last' || n, 'Company', '+1' || (array['212', '312', '214', '303', '602', '213', '206', '503'])[1 + n % 8]
					|| lpad((200 + n / 8 / 10000 % 800)::text, 3, '0') || lpad((n / 8 % 10000)::text, 4, '0'),
				($3::text[])[1 + n % cardinality($3::text[])], (hashint4(n) % 100 + 100) % 100, (array['hot', 'warm', 'cold', 'unrated'])[1 + (hashint4(n + 7) % 4 + 4) % 4]
			from generate_series(1, $2::int) n`, []any{business, n, zones}},
		{`insert into campaign_leads (campaign_id, lead_id, attempts, last_attempt_at)
			select $1, id, case when late then 1 else 0 end, case when late then now() - interval '1 hour' end
			from (select id, $3 and hashtext(id::text) % 3 = 0 as late from leads where business_id = $2) l`, []any{id, business, notDue}},
	} {
		if _, err := db.Exec(ctx, step.sql, step.args...); err != nil {
			return uuid.Nil, fmt.Errorf("inserting the benchmark's leads: %w", err)
		}
	}
	return id, nil
}

// suppressed numbers are on one list, as large as a national one; some of the leads of every campaign are among them.
const suppressed = 10_000_000

// suppress puts a list in force. Its index is built when all of it is there, which is what makes this bearable.
func suppress(ctx context.Context, db *store.DB) error {
	for _, sql := range []string{
		"drop index henk.suppression_entries_phone_idx",
		`with l as (insert into henk.suppression_lists (name) values ('bench') returning id)
			insert into henk.suppression_versions (list_id, state, in_force_until, source, imported_by, imported_at, entries)
			select id, 'in_force', 'infinity', 'bench', 'bench', now(), ` + fmt.Sprint(suppressed) + ` from l`,
		`insert into henk.suppression_entries (phone, version)
			select '+1' || (2010000000 + n * 799::bigint)::text, v.id from henk.suppression_versions v, generate_series(1, ` + fmt.Sprint(suppressed) + `) n`,
		`insert into henk.suppression_entries (phone, version)
			select distinct l.phone, v.id from henk.suppression_versions v, leads l where hashtext(l.phone) % 50 = 0`,
		"create index suppression_entries_phone_idx on henk.suppression_entries (phone)",
		"vacuum analyze henk.suppression_entries",
	} {
		if _, err := db.Exec(ctx, sql); err != nil {
			return fmt.Errorf("inserting the benchmark's suppressions: %w", err)
		}
	}
	return nil
}

// capNumbers limits how often a number is called, in 24 hours and in 30 days, and gives every tenth lead a call of the
// last weeks that counts.
func capNumbers(ctx context.Context, db *store.DB, campaign uuid.UUID) error {
	for _, sql := range []string{
		`update businesses b set settings = '{"calling": {"max_per_number_30d": 8}}' from campaigns c where c.id = $1 and b.id = c.business_id`,
		`insert into call_attempts (campaign_id, lead_id, attempt_number, scheduled_at, attempted_at, dialing_at, ended_at, phone_number, state,
				business_day, business_id, number_tail, number_turn, rule_pack)
			select c.id, l.id, 1, at, at, at, at, l.phone, 'placed', (at at time zone 'UTC')::date, c.business_id, henk.phone_tail(l.phone), 1, 'bench'
			from campaigns c join leads l on l.business_id = c.business_id,
				lateral (select now() - (2 + abs(hashtext(l.phone) % 20)) * interval '1 day' as at) past
			where c.id = $1 and hashtext(l.id::text) % 10 = 0`,
		`update campaign_leads cl set attempts = 1, last_attempt_at = coalesce(cl.last_attempt_at, a.dialing_at)
			from call_attempts a where a.campaign_id = $1 and cl.campaign_id = a.campaign_id and cl.lead_id = a.lead_id`,
	} {
		if _, err := db.Exec(ctx, sql, campaign); err != nil {
			return fmt.Errorf("inserting the benchmark's past calls: %w", err)
		}
	}
	return nil
}

// settle does what autovacuum would have done by the time a real campaign is planned.
func settle(ctx context.Context, db *store.DB) error {
	return vacuum(ctx, db, "public.leads", "public.campaign_leads", "henk.candidates", "public.call_attempts", "henk.decisions")
}

// vacuum keeps autovacuum from doing it while something is measured.
func vacuum(ctx context.Context, db *store.DB, tables ...string) error {
	for _, table := range tables {
		if _, err := db.Exec(ctx, "vacuum analyze "+table); err != nil {
			return fmt.Errorf("vacuuming %s: %w", table, err)
		}
	}
	return nil
}
