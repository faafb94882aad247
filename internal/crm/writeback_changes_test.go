package crm

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/salesforcesim"
	"github.com/callhenk/henk-worker/internal/storetest"
)

// A person's correction changes the Task that is there.
func TestACorrectionUpdatesTheTask(t *testing.T) {
	t.Parallel()
	f := newWriteWorld(t, set{"leadStatus": set{"pledged": "Working - Contacted", "not_interested": "Closed - Not Converted"}}, nil)
	record := f.leadRecord(5)
	call := f.call(f.lead(record, nil), "not_interested", nil)
	f.add(call)
	require.Equal(t, 2, f.run().Done)
	require.Equal(t, "Closed - Not Converted", f.field(record, "Status"))

	f.exec("update conversations set outcome = 'pledged' where id = $1", call)
	require.Equal(t, []uuid.UUID{f.integration}, f.walk())
	require.Equal(t, 2, f.run().Done)
	require.Equal(t, "Pledged", f.task(call)["CallDisposition"])
	require.Equal(t, "Working - Contacted", f.field(record, "Status"))

	f.exec("update henk.conversation_outcomes set corrected_outcome = 'interested', corrected_at = now() where conversation_id = $1", call)
	f.run()
	require.Equal(t, "Interested", f.task(call)["CallDisposition"])
	require.Equal(t, "Working - Contacted", f.field(record, "Status"), "no status goes with it")

	f.exec("update conversations set outcome = 'talked to her husband' where id = $1", call)
	f.exec("update henk.conversation_outcomes set corrected_outcome = null where conversation_id = $1", call)
	f.run()
	require.Equal(t, "talked to her husband", f.task(call)["CallDisposition"])

	id := f.text("select salesforce_id from henk.write_backs where action = 'task'")
	require.NoError(t, f.sim.Delete(id))
	f.exec("update conversations set outcome = 'donated' where id = $1", call)
	f.run()
	require.Equal(t, "done", f.state(call, "task"), "a Task that somebody deleted stays deleted")
	require.Equal(t, 1, f.sim.Stats().Tasks[call.String()])
}

// A correction that comes while the call is being sent is sent after it.
func TestACorrectionWhileSending(t *testing.T) {
	t.Parallel()
	f := newWriteWorld(t, nil, nil)
	call := f.call(f.lead(f.contact(1), nil), "interested", nil)
	f.add(call)
	var once sync.Once
	f.before = func(r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/composite/sobjects") {
			once.Do(func() { f.exec("update conversations set outcome = 'pledged' where id = $1", call) })
		}
	}
	res, err := f.writer.Run(t.Context(), WriteBackScope{ConversationID: call})
	require.NoError(t, err)
	require.Equal(t, "pending", f.state(call, "task"))
	require.Positive(t, res.Again)
	f.run()
	require.Equal(t, "Pledged", f.task(call)["CallDisposition"])
}

func TestConvertedMergedAndLaterCalls(t *testing.T) {
	t.Parallel()
	f := newWriteWorld(t, set{"leadStatus": set{"pledged": "Working - Contacted", "not_interested": "Closed - Not Converted"}}, nil)
	contact, err := f.sim.Convert(f.leadRecord(1), "")
	require.NoError(t, err)
	require.NoError(t, f.sim.Merge(f.leadRecord(2), nil, f.leadRecord(3)))
	converted := f.call(f.lead(f.leadRecord(1), nil), "pledged", nil)
	f.exec("insert into henk.crm_successors (integration_id, source_id, successor_id) values ($1, $2, $3)", f.integration, f.leadRecord(1), contact)
	merged := f.call(f.lead(f.leadRecord(3), nil), "pledged", nil)
	twice := f.lead(f.leadRecord(4), nil)
	older := f.call(twice, "pledged", storetest.Fields{"started_at": time.Now().Add(-3 * time.Hour)})
	newer := f.call(twice, "not_interested", nil)
	missed := f.call(twice, "unknown", storetest.Fields{"started_at": time.Now().Add(-time.Minute), "status": "no_answer"})
	f.add(converted, merged, older, newer, missed)
	f.run()
	require.Equal(t, contact, f.task(converted)["WhoId"])
	require.Equal(t, "skipped", f.state(converted, "lead_status"))
	require.Equal(t, f.leadRecord(2), f.task(merged)["WhoId"])
	require.Equal(t, "Working - Contacted", f.field(f.leadRecord(2), "Status"))
	require.Equal(t, "skipped", f.state(older, "lead_status"))
	require.Equal(t, "done", f.state(newer, "lead_status"))
	require.Equal(t, "Closed - Not Converted", f.field(f.leadRecord(4), "Status"))
	require.Equal(t, "skipped", f.state(missed, "task"), "nobody answered")
}

func TestCampaignMembers(t *testing.T) {
	t.Parallel()
	f := newWriteWorld(t, nil, nil)
	campaign := ""
	require.NoError(t, f.sim.Each("Campaign", func(r salesforcesim.Record) bool { campaign = r.ID; return false }))
	require.NotEmpty(t, campaign)
	f.configure(set{"campaigns": set{strings.ToUpper(f.world.Campaign.String()): campaign}, "memberStatus": set{"pledged": "Pledged", "not_interested": "Refused", "donated": "Nonsense"}})
	known, err := f.sim.Create("CampaignMember", map[string]any{"CampaignId": campaign, "ContactId": f.contact(101), "Status": "Sent"})
	require.NoError(t, err)
	was := f.call(f.lead(f.contact(101), nil), "pledged", nil)
	added := f.call(f.lead(f.contact(102), nil), "not_interested", nil)
	lead := f.call(f.lead(f.leadRecord(7), nil), "pledged", nil)
	wrong := f.call(f.lead(f.contact(103), nil), "donated", nil)
	f.add(was, added, lead, wrong)
	f.faults("drop=first:1")
	f.run()
	f.faults("")
	f.run()
	f.run()
	require.Equal(t, "Pledged", f.field(known, "Status"))
	member := f.text("select salesforce_id from henk.write_backs where conversation_id = $1 and action = 'member_status'", added)
	require.Equal(t, "Refused", f.field(member, "Status"))
	require.Equal(t, "done", f.state(lead, "member_status"))
	require.Equal(t, "failed", f.state(wrong, "member_status"))
	require.Equal(t, campaign, f.task(was)["WhatId"], "a Contact's Task is related to the Campaign")
	n, _, err := f.sim.Count("CampaignMember")
	require.NoError(t, err)
	members := 0
	require.NoError(t, f.sim.Each("CampaignMember", func(r salesforcesim.Record) bool {
		if r.Fields["CampaignId"] == campaign && (r.Fields["ContactId"] == f.contact(102) || r.Fields["LeadId"] == f.leadRecord(7)) {
			members++
		}
		return true
	}))
	require.Equal(t, 2, members, "of %d", n)
}
