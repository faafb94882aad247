package jobs_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/crm"
	"github.com/callhenk/henk-worker/internal/salesforce"
	"github.com/callhenk/henk-worker/internal/salesforcesim"
	"github.com/callhenk/henk-worker/internal/storetest"
	"github.com/callhenk/henk-worker/jobs"
)

// withSalesforce makes the leads of the bundle Salesforce's, and enables write-back unless config says otherwise.
func (b *bundle) withSalesforce(config string) *salesforcesim.Sim {
	b.t.Helper()
	org := salesforcesim.New(salesforcesim.Options{Seed: 5, Contacts: 200, Leads: 100, ClientID: "client", ClientSecret: "secret", RefreshToken: "refresh-0", Rotate: true})
	server := httptest.NewServer(org)
	b.t.Cleanup(server.Close)
	b.config.Salesforce = crm.Config{LoginURL: server.URL, Client: salesforce.Config{RetryDelays: []time.Duration{0, 0, 0}}}
	storetest.Insert(b.t, b.db, "integrations", f{"business_id": b.w.Business, "name": "Salesforce", "type": "crm", "status": "active", "config": config,
		"credentials": `{"clientId":"client","clientSecret":"secret","refreshToken":"refresh-0"}`})
	i := 0
	for _, id := range b.strings("select id from leads order by created_at, id") {
		for ; ; i++ {
			if rec, ok := org.Get(org.RecordID("Lead", i)); ok && !rec.Deleted && rec.Fields["IsConverted"] != true && rec.Fields["DoNotCall"] != true {
				break
			}
		}
		b.exec("update leads set source = 'salesforce', source_id = $2 where id = $1", id, org.RecordID("Lead", i))
		i++
	}
	return org
}

// hurry makes waiting write-backs due.
func (b *bundle) hurry() {
	b.exec("update henk.write_backs set due_at = clock_timestamp() where state = 'pending'")
	b.exec("update river.river_job set scheduled_at = now(), state = 'available' where kind = 'write-back-salesforce' and state in ('retryable', 'scheduled')")
}

const openWriteBacks = "select count(*) from henk.write_backs where state in ('pending', 'sending')"

// What happened on the phone is in Salesforce: one Task for each call that was answered, opt-outs and statuses, although
// the org loses answers.
func TestCallsAreWrittenBackToSalesforce(t *testing.T) {
	t.Parallel()
	b := setup(t, nil, 25)
	org := b.withSalesforce(`{"writeBack": {"enabled": true, "leadStatus": {"pledged": "Working - Contacted", "not_interested": "Closed - Not Converted"}}}`)
	faults, err := salesforcesim.ParseFaults("lock=10%,503=first:2")
	require.NoError(t, err)
	org.SetFaults(faults)
	b.start()
	b.called(25, 30*time.Second)
	b.eventually(40*time.Second, "all is written back", func() bool {
		b.hurry()
		return b.count("select count(*) from henk.write_backs") > 0 && b.count(openWriteBacks) == 0 &&
			b.count("select count(*) from river.river_job where kind = 'write-back-salesforce' and finalized_at is null") == 0
	})
	require.Empty(t, b.strings("select concat_ws(' ', action, state, error_code, error) from henk.write_backs where state not in ('done', 'skipped')"))
	stats := org.Stats()
	require.Zero(t, stats.Duplicates)
	answered := b.strings("select id from conversations where status in ('completed', 'voicemail')")
	require.NotEmpty(t, answered)
	require.Len(t, stats.Tasks, len(answered))
	for _, id := range answered {
		require.Equal(t, 1, stats.Tasks[id])
	}
	for _, id := range b.strings("select source_id from leads where do_not_call or dnc") {
		rec, _ := org.Get(id)
		require.Equal(t, true, rec.Fields["DoNotCall"])
	}
	for _, id := range b.strings("select l.source_id from conversations v join leads l on l.id = v.lead_id where v.outcome = 'pledged'") {
		rec, _ := org.Get(id)
		require.Equal(t, "Working - Contacted", rec.Fields["Status"])
	}
	require.Zero(t, b.count("select count(*) from river.river_job where kind = 'write-back-salesforce' and state in ('discarded', 'cancelled')"))
}

// An opt-out in the app has no call and no job: the watch finds it. So does a correction.
func TestTheWatchFindsOptOutsInTheApp(t *testing.T) {
	t.Parallel()
	b := setup(t, f{"status": "paused"}, 2)
	org := b.withSalesforce(`{"writeBack": {"enabled": true}}`)
	b.exec("update leads set do_not_call = true where source_id = $1", org.RecordID("Lead", 0))
	lead := uuid.MustParse(b.strings("select id from leads where not coalesce(do_not_call, false) limit 1")[0])
	b.exec("update leads set dnc = true where id = $1", lead)
	b.start()
	record := b.strings("select source_id from leads where dnc")[0]
	b.eventually(20*time.Second, "the opt-out is in Salesforce", func() bool {
		rec, _ := org.Get(record)
		return rec.Fields["DoNotCall"] == true
	})
}

// Without write-back nothing of it costs a job, a row or a request.
func TestWithoutWriteBackNothingIsInserted(t *testing.T) {
	t.Parallel()
	b := setup(t, nil, 4)
	org := b.withSalesforce(`{}`)
	b.start()
	b.called(4, 30*time.Second)
	require.Zero(t, b.count("select count(*) from henk.write_backs"))
	require.Zero(t, b.count("select count(*) from river.river_job where kind = 'write-back-salesforce'"))
	require.Zero(t, org.Stats().Writes["Task.create"])
	require.Zero(t, b.count("select count(*) from henk.write_backs"))
}

// The job and the rows are the caller's transaction's.
func TestWriteBackOfACallIsTransactional(t *testing.T) {
	t.Parallel()
	b := setup(t, nil, 0)
	client := b.inserter()
	id, gone := uuid.New(), errors.New("gone")
	err := pgx.BeginFunc(t.Context(), b.db, func(tx pgx.Tx) error {
		job, err := jobs.InsertWriteBackSalesforceTx(context.WithoutCancel(t.Context()), tx, client, id)
		require.NoError(t, err)
		require.Equal(t, "crm", job.Queue)
		again, err := jobs.InsertWriteBackSalesforceTx(t.Context(), tx, client, id)
		require.NoError(t, err)
		require.Nil(t, again)
		return gone
	})
	require.ErrorIs(t, err, gone)
	require.Zero(t, b.count("select count(*) from river.river_job"))
}
