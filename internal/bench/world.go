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

// settle does what autovacuum would have done by the time a real campaign is planned.
func settle(ctx context.Context, db *store.DB) error {
	for _, table := range []string{"public.leads", "public.campaign_leads", "henk.candidates", "public.call_attempts"} {
		if _, err := db.Exec(ctx, "vacuum analyze "+table); err != nil {
			return fmt.Errorf("vacuuming %s: %w", table, err)
		}
	}
	return nil
}
