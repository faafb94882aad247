package crm

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
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
