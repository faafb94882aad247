package jobs_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/campaign"
	"github.com/callhenk/henk-worker/internal/clock"
	"github.com/callhenk/henk-worker/jobs"
)

// Housekeeping makes the log's next months, drops old ones, looks through the log at night, and deletes what replaced
// suppression lists left.
func TestHousekeepingLooksAfterTheDecisionLog(t *testing.T) {
	t.Parallel()
	b := setup(t, nil, 1)
	b.exec("update leads set dnc = true")
	b.exec("select henk.make_decision_partition(now() - interval '6 years')")
	b.exec(`insert into henk.decisions (logged_at, at, campaign_id, verdict) values (now() - interval '6 years', now(), $1, 'free')`, b.w.Campaign)
	b.exec(`do $$ declare name text; begin
		for name in select inhrelid::regclass from pg_inherits where inhparent = 'henk.decisions'::regclass and inhrelid::regclass::text > 'henk.decisions_'
			|| to_char(now(), 'YYYY_MM') and inhrelid::regclass::text < 'henk.decisions_9' loop execute 'drop table ' || name; end loop; end $$`)
	c, err := campaign.Load(t.Context(), b.db, b.w.Campaign)
	require.NoError(t, err)
	_, err = campaign.NewRefresher(b.db, clock.Clock{}).Refresh(t.Context(), c)
	require.NoError(t, err)
	b.exec("update henk.decisions set first_failing = 'max_attempts', failing = '{max_attempts}' where lead_id is not null")
	b.exec("insert into henk.suppression_entries (phone, version) values ('+13125550123', 99)")
	b.exec("insert into henk.suppression_lists (name) values ('old')")
	b.exec("insert into henk.suppression_versions (list_id, state, source, imported_by) select id, 'removing', 'test', 'test' from henk.suppression_lists")
	b.exec("update henk.suppression_entries set version = (select id from henk.suppression_versions)")

	b.config.NoTicks = true
	rt, _ := b.start()
	_, err = rt.Client.Insert(t.Context(), jobs.HousekeepingArgs{}, nil)
	require.NoError(t, err)
	b.eventually(20*time.Second, "housekeeping is done", func() bool {
		return b.count("select count(*) from river.river_job where kind = 'housekeeping' and state = 'completed'") == 1
	})
	require.Equal(t, 1, b.count("select disagreements from henk.self_checks"))
	require.Equal(t, 1, b.count("select count(*) from henk.decisions"), "six years is too old")
	require.Zero(t, b.count("select count(*) from henk.suppression_entries"))
	for i := range 3 {
		month := time.Now().UTC().AddDate(0, 0, 1-time.Now().UTC().Day()).AddDate(0, i, 0)
		require.Equal(t, 1, b.count("select count(*) from pg_class where oid = to_regclass($1)", "henk.decisions_"+month.Format("2006_01")))
	}
}
