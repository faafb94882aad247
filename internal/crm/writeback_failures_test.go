package crm

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

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
