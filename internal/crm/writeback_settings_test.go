package crm

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/storetest"
)

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
