package crm

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/salesforcesim"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/storetest"
)

// leadID is the lead of a record.
func (b *bundle) leadID(id string) uuid.UUID {
	b.t.Helper()
	return uuid.MustParse(b.lead(id, "id"))
}

func (b *bundle) compareAll() Result {
	b.t.Helper()
	for range 100 {
		res, err := Reconcile(b.t.Context(), b.db, b.cfg, Request{IntegrationID: b.integration})
		require.NoError(b.t, err)
		if !res.More {
			return res
		}
	}
	b.t.Fatal("the comparison does not come to an end")
	return Result{}
}

func TestAnOptOutIsNeverUndone(t *testing.T) {
	t.Parallel()
	b := setup(t, salesforcesim.Options{})
	here, there := b.create("Contact", nil), b.create("Lead", map[string]any{"DoNotCall": true, "HasOptedOutOfEmail": true})
	b.sync()
	require.Equal(t, "true|true", b.text("select do_not_call || '|' || email_opt_out from leads where source_id = $1", there))
	b.exec("update leads set do_not_call = true, dnc = true where source_id = $1", here)

	for _, id := range []string{here, there} { // Salesforce says that it may be called, louder and louder
		require.NoError(t, b.sim.Update(id, map[string]any{"DoNotCall": true}))
		require.NoError(t, b.sim.Update(id, map[string]any{"DoNotCall": false, "HasOptedOutOfEmail": false, "LastName": "Changed"}))
	}
	b.pass(time.Minute)
	b.sync()
	_, err := Sync(t.Context(), b.db, b.cfg, Request{IntegrationID: b.integration, Full: "all"})
	require.NoError(t, err)
	b.compareAll()
	require.Equal(t, "Changed|true|true", b.text("select last_name || '|' || do_not_call || '|' || dnc from leads where source_id = $1", here))
	require.Equal(t, "Changed|true|true", b.text("select last_name || '|' || do_not_call || '|' || email_opt_out from leads where source_id = $1", there))
}

// A flag that comes from Salesforce takes back what is reserved, in the transaction that stores it.
func TestAnOptOutCancelsReservedCalls(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]struct {
		do     func(b *bundle, id string) error
		reason string
	}{
		"flagged": {func(b *bundle, id string) error { return b.sim.Update(id, map[string]any{"DoNotCall": true}) }, "do_not_call"},
		"deleted": {func(b *bundle, id string) error { return b.sim.Delete(id) }, "lead_status"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, salesforcesim.Options{})
			id := b.create("Contact", nil)
			b.sync()
			lead := b.leadID(id)
			b.exec("insert into campaign_leads (campaign_id, lead_id, status) values ($1, $2, 'new')", b.w.Campaign, lead)
			storetest.NewAttempt(t, b.db, b.w, lead, nil)
			require.NoError(t, change.do(b, id))
			b.pass(time.Minute)
			var plan []uuid.UUID
			_, err := Sync(t.Context(), b.db, b.cfg, Request{IntegrationID: b.integration, Follow: func(_ context.Context, _ pgx.Tx, f FollowUp) error {
				plan = append(plan, f.Plan...)
				return nil
			}})
			require.NoError(t, err)
			require.Equal(t, []uuid.UUID{b.w.Campaign}, plan)
			require.Equal(t, "skipped|"+change.reason, b.text("select state || '|' || reason from call_attempts where lead_id = $1", lead))
		})
	}
}

func TestDeletedAndBack(t *testing.T) {
	t.Parallel()
	b := setup(t, salesforcesim.Options{})
	id := b.create("Contact", nil)
	b.sync()
	b.exec("update leads set status = 'contacted' where source_id = $1", id)
	require.NoError(t, b.sim.Delete(id))
	b.pass(time.Minute)
	b.sync()
	require.Equal(t, "deleted|unreachable", b.lead(id, "sync_status, status"))
	b.equal()
	require.NoError(t, b.sim.Undelete(id))
	b.pass(time.Minute)
	b.sync()
	require.Equal(t, "active|contacted", b.lead(id, "sync_status, status"))
	b.equal()
}

func TestSurvivorsInherit(t *testing.T) {
	t.Parallel()
	b := setup(t, salesforcesim.Options{})
	winner, loser := b.create("Contact", nil), b.create("Contact", map[string]any{"DoNotCall": true})
	lead, into := b.create("Lead", nil), b.create("Contact", nil)
	b.sync()
	// Flagged on a call, and the merging user picks the other value.
	b.exec("update leads set do_not_call = true where source_id = $1", lead)
	b.exec("insert into campaign_leads (campaign_id, lead_id, status, attempts) values ($1, $2, 'contacted', 2)", b.w.Campaign, b.leadID(lead))
	require.NoError(t, b.sim.Merge(winner, map[string]any{"DoNotCall": false}, loser))
	_, err := b.sim.Convert(lead, into)
	require.NoError(t, err)
	b.pass(time.Minute)
	b.sync()
	require.Equal(t, "merged|unreachable", b.lead(loser, "sync_status, status"))
	require.Equal(t, "converted|converted", b.lead(lead, "sync_status, status"))
	require.Equal(t, "true", b.text("select do_not_call from leads where source_id = $1", winner))
	require.Equal(t, "true", b.text("select do_not_call from leads where source_id = $1", into))
	require.Equal(t, "contacted|2", b.text("select status || '|' || attempts from campaign_leads where lead_id = $1", b.leadID(into)))
	b.equal()

	// Merged on, along the whole chain.
	last := b.create("Contact", nil)
	require.NoError(t, b.sim.Merge(last, map[string]any{"DoNotCall": false}, into, winner))
	b.pass(time.Minute)
	b.sync()
	require.Equal(t, "true", b.text("select do_not_call from leads where source_id = $1", last))
	require.Equal(t, "contacted|2", b.text("select status || '|' || attempts from campaign_leads where lead_id = $1", b.leadID(last)))
	b.equal()
}

func TestDoNotCallThatIsHidden(t *testing.T) {
	t.Parallel()
	b := setup(t, salesforcesim.Options{Hidden: []string{"Contact.DoNotCall"}})
	id := b.create("Contact", map[string]any{"DoNotCall": true})
	flagged := b.create("Contact", nil)
	b.sync()
	require.Equal(t, "active|new", b.lead(id, "sync_status, status"), "nobody knows")
	require.Contains(t, b.text("select config -> 'syncHealth' from integrations where id = $1", b.integration), "are NOT known here")
	b.exec("update leads set do_not_call = true where source_id = $1", flagged)

	b.configure(map[string]any{"doNotCallPolicy": "strict"})
	res := b.sync()
	require.Contains(t, strings.Join(res.Warnings, " "), "strict")
	require.Equal(t, "consent_unknown|unreachable", b.lead(id, "sync_status, status"))
	require.Equal(t, 2, b.count("select count(*) from lead_list_members"), "it is in Salesforce, and so in the list")

	require.NoError(t, b.sim.HideField("Contact.DoNotCall", false)) // now it can be seen, and everything is read again
	b.sync()
	require.Equal(t, "active|new|true", b.text("select sync_status || '|' || status || '|' || do_not_call from leads where source_id = $1", id))
	require.Equal(t, "true", b.text("select do_not_call from leads where source_id = $1", flagged), "not seen is not unsaid")
	require.NotContains(t, b.text("select config from integrations where id = $1", b.integration), "syncHealth")
}

func TestComparisonFindsWhatLeavesNoTrace(t *testing.T) {
	t.Parallel()
	b := setup(t, salesforcesim.Options{Contacts: 700, Leads: 150})
	b.cfg.MaxRecords = 5000
	b.sync()
	purged, hidden := b.sim.RecordID("Contact", 3), b.sim.RecordID("Contact", 4)
	require.NoError(t, b.sim.HardDelete(purged))
	require.NoError(t, b.sim.Conceal(hidden))
	b.exec("delete from leads where source_id = $1", b.sim.RecordID("Lead", 5)) // and what got lost here
	b.sync()
	require.Equal(t, "active", b.lead(hidden, "sync_status"), "an increment cannot know")
	res := b.compareAll()
	require.Equal(t, 2, res.Missing)
	require.Equal(t, 1, res.Created)
	require.Equal(t, "not_visible|unreachable", b.lead(purged, "sync_status, status"))
	require.Equal(t, "not_visible|unreachable", b.lead(hidden, "sync_status, status"))
	b.equal()
	require.NoError(t, b.sim.Reveal(hidden))
	b.compareAll()
	require.Equal(t, "active", b.lead(hidden, "sync_status"))
	b.equal()
	require.Zero(t, b.compareAll().Created)
	require.Zero(t, b.count("select count(*) from henk.crm_reconcile"))
}

// In the web app's own database triggers count the lists, row by row.
func TestListsInAnAdoptedDatabase(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.NewAdoptedURL(t))
	_, err := store.Migrate(t.Context(), db, storetest.Log(t))
	require.NoError(t, err)
	b := around(t, db, storetest.NewWorld(t, db, nil), salesforcesim.Options{Contacts: 400, Leads: 90})
	b.cfg.MaxRecords = 150
	b.sync()
	b.equal()
	for i := range 20 {
		id := b.sim.RecordID("Contact", i)
		if rec, _ := b.sim.Get(id); !rec.Deleted {
			require.NoError(t, b.sim.Delete(id))
		}
	}
	b.pass(time.Minute)
	b.sync()
	b.equal()
	require.Equal(t, "Salesforce Contacts,Salesforce Leads", b.text("select string_agg(name, ',' order by name) from lead_lists where source = 'salesforce_sync'"))
}
