package crm

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/salesforcesim"
	"github.com/callhenk/henk-worker/internal/storetest"
)

func TestACompletedCallBecomesATask(t *testing.T) {
	t.Parallel()
	f := newWriteWorld(t, set{"leadStatus": set{"pledged": "Working - Contacted"}}, nil)
	record := f.leadRecord(3)
	call := f.call(f.lead(record, nil), "pledged", nil)
	require.Equal(t, []AddedWriteBack{{ConversationID: call}}, f.add(call))
	res, err := f.writer.Run(t.Context(), WriteBackScope{ConversationID: call})
	require.NoError(t, err)
	require.Equal(t, WriteBackResult{Done: 2}, res)

	task := f.task(call)
	require.Equal(t, record, task["WhoId"])
	require.Nil(t, task["WhatId"])
	require.Equal(t, "Fundraising call: Pledged", task["Subject"])
	require.Equal(t, "Call", task["TaskSubtype"])
	require.Equal(t, "Completed", task["Status"])
	require.Equal(t, "Outbound", task["CallType"])
	require.EqualValues(t, 73, task["CallDurationInSeconds"])
	require.Equal(t, "Pledged", task["CallDisposition"])
	require.Equal(t, call.String(), task["CallObject"])
	require.Contains(t, task["Description"], "Pledged amount: 25.00\n- Gives each spring\nCall id: "+call.String())
	require.Equal(t, "Working - Contacted", f.field(record, "Status"))

	again, err := f.writer.Run(t.Context(), WriteBackScope{ConversationID: call})
	require.NoError(t, err)
	require.Equal(t, WriteBackResult{}, again)
	f.task(call)
}

// Enabled on no integration, or switched off: nothing is noted and nothing is sent.
func TestADisabledIntegrationWritesNothing(t *testing.T) {
	t.Parallel()
	for name, settings := range map[string]set{"not enabled": {"enabled": false}, "enabled as a text": {"enabled": "yes"}, "no settings": nil} {
		f := newWriteWorld(t, settings, nil)
		if settings == nil {
			f.exec("update integrations set config = '{}'")
		}
		call := f.call(f.lead(f.contact(1), nil), "do_not_call", nil)
		require.Empty(t, f.add(call), name)
		require.Empty(t, f.walk(), name)
		res, err := f.writer.Run(t.Context(), WriteBackScope{ConversationID: call})
		require.NoError(t, err)
		require.Contains(t, res.Reason, "write-back is not enabled", name)
		require.Zero(t, f.count("select count(*) from henk.write_backs"), name)
		require.Zero(t, f.answered.Load(), name)
	}
	for name, change := range map[string]string{
		"inactive": "update integrations set status = 'inactive'", "not synced": `update integrations set config = config || '{"syncEnabled": false}'`,
		"off again": `update integrations set config = '{"writeBack": {"enabled": false}}'`, "bad config": `update integrations set config = '[]'`,
		"bad settings": `update integrations set config = '{"writeBack": {"enabled": true, "tasks": "some"}}'`,
	} {
		f := newWriteWorld(t, nil, nil)
		call := f.call(f.lead(f.contact(1), nil), "pledged", nil)
		require.Len(t, f.add(call), 1, name)
		f.exec(change)
		res, err := f.writer.Run(t.Context(), WriteBackScope{ConversationID: call})
		require.NoError(t, err, name)
		require.NotEmpty(t, res.Reason, name)
		require.Zero(t, f.answered.Load(), name)
		require.Equal(t, "pending", f.state(call, "task"), "%s: it waits", name)
	}
	// Leads that did not come from Salesforce, and those of another business.
	f := newWriteWorld(t, nil, nil)
	require.Empty(t, f.add(f.call(storetest.NewLead(t, f.db, f.world, nil), "pledged", nil)))
}

// The request was done, and its answer or this process was lost: one Task.
func TestOneTaskWhateverIsLost(t *testing.T) {
	t.Parallel()
	for _, spec := range []string{"drop=first:1", "reset=first:1", "500=first:1", "503=first:1", "503_html=first:2", "half=first:1", "429=first:2", "401=first:1", "drop=40%,reset=20%,500=10%"} {
		t.Run(spec, func(t *testing.T) {
			t.Parallel()
			f := newWriteWorld(t, nil, nil)
			var calls []uuid.UUID
			for i := range 30 {
				calls = append(calls, f.call(f.lead(f.contact(i), nil), "interested", nil))
			}
			f.add(calls...)
			f.faults(spec)
			f.run()
			f.run()
			f.faults("")
			for range 3 {
				f.run()
			}
			for _, call := range calls {
				f.task(call)
				require.Equal(t, "done", f.state(call, "task"))
			}
		})
	}
}

// SIGKILL between the request and our commit: the row stays in sending, with nobody there to settle it.
func TestACrashBetweenTheRequestAndOurCommit(t *testing.T) {
	t.Parallel()
	f := newWriteWorld(t, nil, nil)
	f.writer.Lease = 300 * time.Millisecond
	var calls []uuid.UUID
	for i := range 12 {
		calls = append(calls, f.call(f.lead(f.contact(i), nil), "interested", nil))
	}
	f.add(calls...)
	conn, err := Open(t.Context(), f.db, f.integration, f.writer.Config)
	require.NoError(t, err)
	defer conn.Close()
	settings, err := readWriteBack(conn.Settings.WriteBack)
	require.NoError(t, err)
	s := &session{WriteBack: f.writer, conn: conn, settings: settings}
	rows, err := s.claim(t.Context(), actionTask)
	require.NoError(t, err)
	require.Len(t, rows, 12)
	verdicts := s.send(t.Context(), actionTask, rows[:7]) // five requests never left
	require.Len(t, verdicts, 7)
	require.Equal(t, 12, f.count("select count(*) from henk.write_backs where state = 'sending'"))

	res, err := f.writer.Run(t.Context(), WriteBackScope{ConversationID: calls[0]})
	require.NoError(t, err)
	require.Zero(t, res.Done, "the one who has claimed it may be alive")
	require.Positive(t, res.Again)
	time.Sleep(350 * time.Millisecond)
	queries := f.sim.Stats().Requests["queryall"]
	f.run()
	require.Equal(t, queries+1, f.sim.Stats().Requests["queryall"], "looked up before anything is sent again")
	for _, call := range calls {
		f.task(call)
		require.Equal(t, "done", f.state(call, "task"))
	}
}

func TestTwoWorkersWriteEachCallOnce(t *testing.T) {
	t.Parallel()
	f := newWriteWorld(t, nil, nil)
	var calls []uuid.UUID
	require.NoError(t, f.sim.Each("Contact", func(r salesforcesim.Record) bool {
		if !r.Deleted {
			calls = append(calls, f.call(f.lead(r.ID, nil), "interested", nil))
		}
		return len(calls) < 450
	}))
	f.add(calls...)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			_, err := f.newWriter().Run(context.WithoutCancel(t.Context()), WriteBackScope{IntegrationID: f.integration})
			require.NoError(t, err)
		})
	}
	wg.Wait()
	require.Equal(t, 450, f.count("select count(*) from henk.write_backs where action = 'task' and state = 'done'"))
	require.Len(t, f.sim.Stats().Tasks, 450)
	require.Zero(t, f.sim.Stats().Duplicates)
	require.LessOrEqual(t, f.sim.Stats().Requests["collection_post"], int64(7), "in collections of up to 200")
}

// One record's failure is its own, with its reason and mend.
func TestFailuresOfSingleRecords(t *testing.T) {
	t.Parallel()
	f := newWriteWorld(t, nil, nil)
	good, gone, strange := f.lead(f.contact(1), nil), f.lead(f.contact(2), nil), f.lead("not an id", nil)
	hard := f.lead(f.contact(3), nil)
	require.NoError(t, f.sim.Delete(f.contact(2)))
	require.NoError(t, f.sim.HardDelete(f.contact(3)))
	calls := map[uuid.UUID]uuid.UUID{}
	for _, lead := range []uuid.UUID{good, gone, strange, hard} {
		calls[lead] = f.call(lead, "interested", nil)
		f.add(calls[lead])
	}
	res := f.run()
	require.Equal(t, WriteBackResult{Done: 1, Failed: 3}, res)
	f.task(calls[good])
	reason := func(lead uuid.UUID) string {
		return f.text("select concat_ws(' ', error_code, error, mend) from henk.write_backs where conversation_id = $1 and action = 'task'", calls[lead])
	}
	require.Contains(t, reason(gone), "ENTITY_IS_DELETED the record was deleted in Salesforce restore the record")
	require.Contains(t, reason(hard), "NOT_FOUND")
	require.Contains(t, reason(strange), "MALFORMED_ID")
	require.Equal(t, WriteBackResult{}, f.run(), "failed is failed")

	require.NoError(t, f.sim.Undelete(f.contact(2)))
	res, err := f.writer.Run(t.Context(), WriteBackScope{ConversationID: calls[gone], Retry: true})
	require.NoError(t, err)
	require.Equal(t, 1, res.Done)
	f.task(calls[gone])
}

func TestALockedRowIsTriedAgain(t *testing.T) {
	t.Parallel()
	f := newWriteWorld(t, nil, nil)
	calls := []uuid.UUID{f.call(f.lead(f.contact(1), nil), "interested", nil), f.call(f.lead(f.contact(2), nil), "interested", nil)}
	f.add(calls...)
	f.faults("lock=first:1")
	require.Equal(t, WriteBackResult{Done: 1, Waiting: 1}, f.run())
	require.Equal(t, 1, f.count("select count(*) from henk.write_backs where state = 'pending' and error_code = 'UNABLE_TO_LOCK_ROW' and attempts = 1 and due_at > clock_timestamp()"))
	require.Equal(t, WriteBackResult{Done: 1}, f.run())
	f.task(calls[0])
	f.task(calls[1])
}

// What is about the connection waits, is nobody's attempt, and says what to do.
func TestTheConnectionsFailures(t *testing.T) {
	t.Parallel()
	for spec, want := range map[string]string{
		"403_daily=first:9": "REQUEST_LIMIT_EXCEEDED", "token_revoked=first:9": "invalid_grant", "401=first:9": "INVALID_SESSION_ID",
		"read_only=on": "INVALID_READ_ONLY_USER_DML", "403_concurrent=first:9": "REQUEST_LIMIT_EXCEEDED",
	} {
		f := newWriteWorld(t, nil, nil)
		call := f.call(f.lead(f.contact(1), nil), "interested", nil)
		f.add(call)
		f.faults(spec)
		res, err := f.writer.Run(t.Context(), WriteBackScope{ConversationID: call})
		require.NoError(t, err, spec)
		require.Equal(t, 1, res.Waiting, "%s %+v %s", spec, res, f.text("select json_agg(w) from henk.write_backs w"))
		require.Greater(t, res.Again, time.Second, spec)
		require.Contains(t, f.text("select error_code from henk.write_backs where action = 'task'"), want, spec)
		dead := spec == "token_revoked=first:9"
		require.Equal(t, dead, f.text("select status from integrations") == "error", spec)
		require.Equal(t, dead, f.text("select config #>> '{syncHealth,mend}' from integrations") != "", spec)
		f.faults("")
		f.exec("update integrations set status = 'active'") // a person has authorised it again
		f.exec("update integrations set credentials = jsonb_set(credentials, '{refreshToken}', to_jsonb($1::text))", f.sim.RefreshToken())
		if f.sim.RefreshToken() == "" {
			f.sim.Authorize("refresh-1")
			f.exec(`update integrations set credentials = '{"clientId":"client","clientSecret":"secret","refreshToken":"refresh-1"}'`)
		}
		require.Equal(t, 1, f.run().Done, spec)
		f.task(call)
	}
}

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

func TestAStatusThatTheOrgLacks(t *testing.T) {
	t.Parallel()
	f := newWriteWorld(t, set{"leadStatus": set{"pledged": "Warm", "donated": "Closed - Converted"}}, nil)
	a, b := f.call(f.lead(f.leadRecord(1), nil), "pledged", nil), f.call(f.lead(f.leadRecord(2), nil), "donated", nil)
	f.add(a, b)
	f.run()
	for _, call := range []uuid.UUID{a, b} {
		require.Equal(t, "failed", f.state(call, "lead_status"))
		require.Equal(t, "done", f.state(call, "task"), "the Task is written all the same")
		require.Contains(t, f.text("select mend from henk.write_backs where conversation_id = $1 and state = 'failed'", call), "Working - Contacted")
	}
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

// Calls from before it was enabled are written as far back as the settings say.
func TestEnabledLater(t *testing.T) {
	t.Parallel()
	f := newWriteWorld(t, set{"enabled": false}, nil)
	recent := f.call(f.lead(f.contact(1), nil), "interested", nil)
	old := f.call(f.lead(f.contact(2), nil), "interested", storetest.Fields{"ended_at": time.Now().AddDate(0, 0, -60), "started_at": time.Now().AddDate(0, 0, -60)})
	running := f.call(f.lead(f.contact(3), nil), "interested", storetest.Fields{"status": "in_progress"})
	require.Empty(t, f.add(recent, old, running))
	require.Empty(t, f.walk())
	f.configure(nil)
	require.NotEmpty(t, f.walk())
	require.Equal(t, 1, f.run().Done)
	f.task(recent)
	require.Empty(t, f.state(old, "task"))
	require.Empty(t, f.state(running, "task"))
	f.configure(set{"since": time.Now().AddDate(0, 0, -90).Format(time.DateOnly)})
	require.NotEmpty(t, f.walk())
	f.run()
	f.task(old)

	// A call that nobody noted is found within a day.
	lost := f.call(f.lead(f.contact(5), nil), "interested", nil)
	require.Empty(t, f.walk())
	f.exec("update henk.write_back_state set walked_at = walked_at - interval '25 hours'")
	require.NotEmpty(t, f.walk())
	f.run()
	f.task(lost)
}

func TestWriteBackSettings(t *testing.T) {
	t.Parallel()
	id := uuid.NewString()
	for name, c := range map[string]struct{ json, err string }{
		"nothing":       {``, ""},
		"null":          {`null`, ""},
		"all":           {`{"enabled":true,"since":"2026-11-01","tasks":"all","taskSubject":"Call","taskKeyField":"Dialer_Call_Id__c","doNotCall":false,"leadStatus":{"pledged":"Warm"},"memberStatus":{"pledged":"Pledged"},"campaigns":{"` + id + `":"701000000000001AAA"},"campaignId":"701000000000001","addMembers":false}`, ""},
		"a typing slip": {`{"enable":true}`, `unknown field "enable"`},
		"no object":     {`[1]`, "writeBack"},
		"enabled text":  {`{"enabled":"yes"}`, "writeBack.enabled in the integration's config is a string where a bool is wanted"},
		"tasks":         {`{"tasks":"some"}`, "tasks is none of completed, all and none"},
		"since":         {`{"since":"yesterday"}`, "since is neither a day"},
		"key field":     {`{"taskKeyField":"CallObject"}`, "not the name of a custom field"},
		"injection":     {`{"taskKeyField":"a' OR Id != '__c"}`, "not the name of a custom field"},
		"outcome":       {`{"leadStatus":{"promised":"x"}}`, "a key that is no outcome"},
		"empty status":  {`{"leadStatus":{"pledged":" "}}`, "leadStatus.pledged is not the name of a status"},
		"no campaign":   {`{"memberStatus":{"pledged":"x"}}`, "memberStatus needs a Salesforce Campaign"},
		"campaign id":   {`{"campaignId":"003000000000001AAA"}`, "begins with 701"},
		"campaign key":  {`{"campaigns":{"x":"701000000000001AAA"}}`, "not the id of a campaign here"},
	} {
		_, err := readWriteBack(json.RawMessage(c.json))
		if c.err == "" {
			require.NoError(t, err, name)
		} else {
			require.ErrorContains(t, err, c.err, name)
		}
	}
}

// The key field of an org that has one, filled by somebody else's write of the same call.
func TestAnExternalIDOnTasks(t *testing.T) {
	t.Parallel()
	f := newWriteWorld(t, set{"taskKeyField": "Dialer_Call_Id__c"}, func(o *salesforcesim.Options) { o.TaskExternalID = true })
	calls := []uuid.UUID{f.call(f.lead(f.contact(1), nil), "interested", nil), f.call(f.lead(f.contact(2), nil), "interested", nil)}
	f.add(calls...)
	_, err := f.sim.Create("Task", map[string]any{"Subject": "x", "CallObject": calls[1].String(), "Dialer_Call_Id__c": calls[1].String()})
	require.NoError(t, err)
	require.Equal(t, 2, f.run().Done)
	require.Equal(t, calls[0].String(), f.task(calls[0])["Dialer_Call_Id__c"])
	require.Zero(t, f.sim.Stats().Duplicates)
	require.Equal(t, "Interested", f.field(f.text("select salesforce_id from henk.write_backs where conversation_id = $1 and action = 'task'", calls[1]), "CallDisposition"))
}

func TestHostileTexts(t *testing.T) {
	t.Parallel()
	f := newWriteWorld(t, set{"taskSubject": strings.Repeat("é", 300)}, nil)
	f.exec("update campaigns set name = $1", strings.Repeat("🎄", 255))
	points, err := json.Marshal([]string{strings.Repeat("x", 5000), "a\u0007b", "'; DROP TABLE"})
	require.NoError(t, err)
	call := f.call(f.lead(f.contact(1), nil), "interested", storetest.Fields{"key_points": string(points), "duration_seconds": -5})
	f.exec("update conversations set outcome = $1", strings.Repeat("ß", 400))
	f.add(call)
	require.Equal(t, 1, f.run().Done, f.text("select error from henk.write_backs limit 1"))
	task := f.task(call)
	require.Contains(t, task["Description"], "ab")
	require.Nil(t, task["CallDurationInSeconds"])
	require.Len(t, []rune(fmt.Sprint(task["CallDisposition"])), 255)
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
