package crm

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/salesforcesim"
	"github.com/callhenk/henk-worker/internal/storetest"
)

// An opt-out goes out although the guard holds reads back, and before everything else.
func TestAnOptOutGoesOutThoughTheQuotaGuardIsClosed(t *testing.T) {
	t.Parallel()
	f := newWriteWorld(t, nil, nil)
	f.sim.SetUsage(95_000)
	record := f.contact(4)
	call := f.call(f.lead(record, nil), "do_not_call", nil)
	require.Equal(t, []AddedWriteBack{{ConversationID: call, Urgent: true}}, f.add(call))
	// The first answer tells the usage; from then on reads are held back.
	f.faults("lock=first:1")
	f.run()
	f.run()
	require.Equal(t, true, f.field(record, "DoNotCall"))
	require.Equal(t, "done", f.text("select state from henk.write_backs where action = 'do_not_call'"))
}

// However somebody opted out, Salesforce is told; once, and not of those that it told us of.
func TestOptOutsByAnyWay(t *testing.T) {
	t.Parallel()
	f := newWriteWorld(t, nil, func(o *salesforcesim.Options) { o.PersonAccounts = true })
	person := ""
	require.NoError(t, f.sim.Each("Contact", func(r salesforcesim.Record) bool {
		if r.Fields["IsPersonAccount"] == true && r.Fields["DoNotCall"] == false && !r.Deleted {
			person = r.ID
		}
		return person == ""
	}))
	require.NotEmpty(t, person)
	survivor, loser, told := f.contact(12), f.contact(13), f.contact(14)
	require.NoError(t, f.sim.Merge(survivor, nil, loser))
	require.NoError(t, f.sim.Update(told, map[string]any{"DoNotCall": true}))
	contact, err := f.sim.Convert(f.leadRecord(2), "")
	require.NoError(t, err)
	stamp := func(id string) time.Time { r, _ := f.sim.Get(id); return r.Stamp }
	before := stamp(told)
	f.lead(f.contact(20), storetest.Fields{"dnc": true})
	f.lead(loser, storetest.Fields{"do_not_call": true})
	f.lead(f.leadRecord(2), storetest.Fields{"do_not_call": true})
	f.lead(person, storetest.Fields{"do_not_call": true})
	f.lead(told, storetest.Fields{"do_not_call": true})
	f.lead(f.contact(22), nil)
	require.Equal(t, []uuid.UUID{f.integration}, f.walk())
	require.Equal(t, WriteBackResult{Done: 5}, f.run())
	for name, id := range map[string]string{"flag in the app": f.contact(20), "survivor": survivor, "contact of a converted lead": contact, "person account": person} {
		require.Equal(t, true, f.field(id, "DoNotCall"), name)
	}
	require.Equal(t, false, f.field(f.contact(22), "DoNotCall"))
	require.Equal(t, before, stamp(told), "a flag that stands there is not written again")
	require.Empty(t, f.walk(), "nothing more is due")

	// The wait after a hidden field is a person's to end.
	require.NoError(t, f.sim.HideField("Contact.DoNotCall", true))
	f.lead(f.contact(30), storetest.Fields{"dnc": true})
	f.walk()
	require.Equal(t, 1, f.run().Failed)
	require.Contains(t, f.text("select mend from henk.write_backs where state = 'failed'"), "access to the field")
	require.NoError(t, f.sim.HideField("Contact.DoNotCall", false))
	require.Zero(t, f.run().Done, "failed is failed until somebody says that it is mended")
	res, err := f.writer.Run(t.Context(), WriteBackScope{IntegrationID: f.integration, Retry: true})
	require.NoError(t, err)
	require.Equal(t, 1, res.Done)
	require.Equal(t, true, f.field(f.contact(30), "DoNotCall"))
}

// What we wrote comes back with the next sync, and says nothing new about the lead.
func TestOurOwnWritesDoNotEcho(t *testing.T) {
	t.Parallel()
	b := setup(t, salesforcesim.Options{Contacts: 30, Leads: 30})
	b.configure(map[string]any{"writeBack": map[string]any{"enabled": true, "leadStatus": map[string]any{"pledged": "Working - Contacted"}}})
	b.sync()
	w := &writeWorld{T: t, db: b.db, world: b.w, sim: b.sim, integration: b.integration, writer: &WriteBack{DB: b.db, Config: b.cfg, Grace: time.Millisecond}}
	leads := func(kind string) []uuid.UUID {
		rows, err := b.db.Query(t.Context(), `select id from leads where source_id like $1 and sync_status = 'active' and not do_not_call
			and source_metadata ->> 'status' is distinct from 'Working - Contacted' order by source_id limit 2`, kind+"%")
		require.NoError(t, err)
		ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		require.NoError(t, err)
		require.Len(t, ids, 2)
		return ids
	}
	people, prospects := leads("003"), leads("00Q")
	w.add(w.call(people[0], "do_not_call", nil), w.call(prospects[0], "do_not_call", nil), w.call(people[1], "pledged", nil), w.call(prospects[1], "pledged", nil))
	w.walk()
	w.run()
	require.Zero(t, b.count("select count(*) from henk.write_backs where state not in ('done', 'skipped')"))
	require.Equal(t, "Working - Contacted", b.text("select source_metadata ->> 'status' from leads where id = $1", prospects[1]))
	facts := "select string_agg((to_jsonb(l) - 'crm_modstamp' - 'last_synced_at' - 'updated_at')::text, '|' order by id) from leads l"
	before, writes := b.text(facts), b.sim.Stats().Writes
	for range 3 {
		b.pass(20 * time.Minute)
		b.sync()
		w.walk()
		w.run()
	}
	require.Equal(t, before, b.text(facts))
	require.Equal(t, writes, b.sim.Stats().Writes, "and nothing goes out again")
	require.Zero(t, b.count("select count(*) from henk.write_backs where state not in ('done', 'skipped')"))
}
