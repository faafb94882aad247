package salesforcesim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTaskIsStoredAndCounted(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	who := b.sim.RecordID("Contact", 0)
	body := `{"Subject":"Call","WhoId":"` + who + `","Status":"Completed","CallObject":"att-1","CallDurationInSeconds":73,"ActivityDate":"2026-03-02"}`
	var made struct {
		ID      string
		Success bool
	}
	r := b.api("POST", "/sobjects/Task", body)
	require.Equal(t, http.StatusCreated, r.status, r.body)
	b.decode(r, &made)
	rows := b.rows("query", "SELECT Id, Who.Name, CallDurationInSeconds, IsClosed, ActivityDate FROM Task WHERE CallObject = 'att-1'")
	require.Len(t, rows, 1)
	require.Equal(t, made.ID, rows[0]["Id"])
	require.Equal(t, true, rows[0]["IsClosed"])
	require.NotEmpty(t, rows[0]["Who"].(map[string]any)["Name"])
	require.Equal(t, http.StatusCreated, b.api("POST", "/sobjects/Task", body).status)
	st := b.sim.Stats()
	require.Equal(t, 2, st.Tasks["att-1"])
	require.Equal(t, 1, st.Duplicates)
	require.EqualValues(t, 2, st.Writes["Task.create"])
}

func TestWritesThatAreRefused(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.PersonAccounts = true })
	contact, lead := b.sim.RecordID("Contact", 1), firstID(b, "SELECT Id FROM Lead WHERE IsConverted = false")
	converted := firstID(b, "SELECT Id FROM Lead WHERE IsConverted = true")
	person := firstID(b, "SELECT Id FROM Contact WHERE IsPersonAccount = true")
	gone, err := b.sim.Create("Contact", map[string]any{"LastName": "Gone"})
	require.NoError(t, err)
	require.NoError(t, b.sim.Delete(gone))
	for name, c := range map[string]struct {
		method, path, body string
		status             int
		code               string
	}{
		"no last name":     {"POST", "/sobjects/Contact", `{"FirstName":"A"}`, 400, "REQUIRED_FIELD_MISSING"},
		"unknown field":    {"PATCH", "/sobjects/Contact/" + contact, `{"Nope":1}`, 400, "INVALID_FIELD"},
		"read-only field":  {"PATCH", "/sobjects/Contact/" + contact, `{"SystemModstamp":"2026-01-01T00:00:00Z"}`, 400, "INVALID_FIELD_FOR_INSERT_UPDATE"},
		"too long":         {"PATCH", "/sobjects/Contact/" + contact, `{"Phone":"` + strings.Repeat("5", 41) + `"}`, 400, "STRING_TOO_LONG"},
		"wrong type":       {"PATCH", "/sobjects/Contact/" + contact, `{"DoNotCall":"yes"}`, 400, "JSON_PARSER_ERROR"},
		"wrong email":      {"PATCH", "/sobjects/Contact/" + contact, `{"Email":"nobody"}`, 400, "INVALID_EMAIL_ADDRESS"},
		"no JSON":          {"PATCH", "/sobjects/Contact/" + contact, `{`, 400, "JSON_PARSER_ERROR"},
		"deleted":          {"PATCH", "/sobjects/Contact/" + gone, `{"DoNotCall":true}`, 404, "ENTITY_IS_DELETED"},
		"no such record":   {"PATCH", "/sobjects/Contact/003000000000000AAA", `{}`, 404, "NOT_FOUND"},
		"no id":            {"PATCH", "/sobjects/Contact/x", `{}`, 400, "MALFORMED_ID"},
		"converted lead":   {"PATCH", "/sobjects/Lead/" + converted, `{"DoNotCall":true}`, 400, "CANNOT_UPDATE_CONVERTED_LEAD"},
		"converted status": {"PATCH", "/sobjects/Lead/" + lead, `{"Status":"Closed - Converted"}`, 400, "FIELD_INTEGRITY_EXCEPTION"},
		"person's shadow":  {"PATCH", "/sobjects/Contact/" + person, `{"DoNotCall":true}`, 400, "INVALID_FIELD_FOR_INSERT_UPDATE"},
		"unknown who":      {"POST", "/sobjects/Task", `{"WhoId":"003000000000000AAA"}`, 400, "INVALID_CROSS_REFERENCE_KEY"},
		"lead with what":   {"POST", "/sobjects/Task", `{"WhoId":"` + lead + `","WhatId":"` + makeID("701", 0) + `"}`, 400, "FIELD_INTEGRITY_EXCEPTION"},
		"member of both":   {"POST", "/sobjects/CampaignMember", `{"CampaignId":"` + makeID("701", 0) + `","LeadId":"` + lead + `","ContactId":"` + contact + `"}`, 400, "FIELD_INTEGRITY_EXCEPTION"},
		"set-up object":    {"POST", "/sobjects/LeadStatus", `{"MasterLabel":"x"}`, 400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"},
		"unknown object":   {"POST", "/sobjects/Leed", `{}`, 404, "NOT_FOUND"},
		"no external id":   {"PATCH", "/sobjects/Task/Dialer_Call_Id__c/a", `{}`, 404, "NOT_FOUND"},
		"post to a query":  {"POST", "/query?q=x", `{}`, 405, "METHOD_NOT_ALLOWED"},
		"unknown locator":  {"GET", "/query/0r8xx2NTJ8FNWNIAC8-2000", "", 400, "INVALID_QUERY_LOCATOR"},
		"deleted too long": {"GET", "/sobjects/Contact/deleted?start=2026-01-01T00:00:00Z&end=2026-03-01T00:00:00Z", "", 400, "INVALID_REPLICATION_DATE"},
		"unknown resource": {"GET", "/nothing", "", 404, "NOT_FOUND"},
	} {
		r := b.api(c.method, c.path, c.body)
		require.Equal(t, c.status, r.status, "%s: %s", name, r.body)
		b.refused(r, c.status, c.code)
	}
	require.Empty(t, b.sim.Stats().Writes)
	spec, err := ParseFaults("read_only=on")
	require.NoError(t, err)
	b.sim.SetFaults(spec)
	b.refused(b.api("PATCH", "/sobjects/Contact/"+contact, `{"DoNotCall":true}`), 400, "INVALID_READ_ONLY_USER_DML")
	require.NotEmpty(t, b.rows("query", "SELECT Id FROM Contact LIMIT 1"))
}

func firstID(b *bundle, soql string) string {
	b.t.Helper()
	rows := b.rows("query", soql+" LIMIT 1")
	require.Len(b.t, rows, 1)
	return rows[0]["Id"].(string)
}

type saveResult struct {
	ID      string
	Success bool
	Errors  []struct{ StatusCode string }
}

func TestCollections(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.TaskExternalID = true })
	who := b.sim.RecordID("Contact", 0)
	send := func(allOrNone bool) []saveResult {
		r := b.api("POST", "/composite/sobjects", fmt.Sprintf(`{"allOrNone":%t,"records":[{"attributes":{"type":"Task"},"WhoId":"%s","CallObject":"a"},{"attributes":{"type":"Task"},"Nope":1},{"attributes":{"type":"Task"},"CallObject":"b"}]}`, allOrNone, who))
		require.Equal(t, http.StatusOK, r.status, r.body)
		var list []saveResult
		b.decode(r, &list)
		return list
	}
	list := send(false)
	require.True(t, list[0].Success && !list[1].Success && list[2].Success)
	require.Equal(t, "INVALID_FIELD", list[1].Errors[0].StatusCode)
	require.Len(t, b.rows("query", "SELECT Id FROM Task"), 2)
	list = send(true)
	require.Equal(t, "ALL_OR_NONE_OPERATION_ROLLED_BACK", list[0].Errors[0].StatusCode)
	require.Len(t, b.rows("query", "SELECT Id FROM Task"), 2)
	require.Equal(t, 1, b.sim.Stats().Tasks["a"], "what was rolled back is not counted")

	var upserted []struct{ Created bool }
	for _, created := range []bool{true, false} {
		b.decode(b.api("PATCH", "/composite/sobjects/Task/Dialer_Call_Id__c", `{"records":[{"attributes":{"type":"Task"},"Dialer_Call_Id__c":"x1","Subject":"Call"}]}`), &upserted)
		require.Equal(t, created, upserted[0].Created)
	}
	spec, err := ParseFaults("lock=first:1")
	require.NoError(t, err)
	b.sim.SetFaults(spec)
	list = send(false)
	require.Equal(t, "UNABLE_TO_LOCK_ROW", list[0].Errors[0].StatusCode)
	require.True(t, list[2].Success)
	many := make([]map[string]any, 201)
	for i := range many {
		many[i] = map[string]any{"attributes": map[string]string{"type": "Task"}}
	}
	body, err := json.Marshal(map[string]any{"records": many})
	require.NoError(t, err)
	b.refused(b.api("POST", "/composite/sobjects", string(body)), 400, "EXCEEDED_MAX_SIZE_REQUEST")
}

func TestComposite(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	lead := firstID(b, "SELECT Id FROM Lead WHERE IsConverted = false AND Status = 'Open - Not Contacted'")
	run := func(status string) []struct{ HTTPStatusCode int } {
		var out struct {
			CompositeResponse []struct{ HTTPStatusCode int }
		}
		b.decode(b.api("POST", "/composite", `{"allOrNone":true,"compositeRequest":[{"method":"POST","url":"/services/data/v66.0/sobjects/Task","referenceId":"t","body":{"WhoId":"`+lead+`"}},
			{"method":"PATCH","url":"/services/data/v66.0/sobjects/Lead/`+lead+`","referenceId":"l","body":{"Status":"`+status+`","Description":"task @{t.id}"}}]}`), &out)
		return out.CompositeResponse
	}
	bad := run("Closed - Converted")
	require.Equal(t, []struct{ HTTPStatusCode int }{{400}, {400}}, bad)
	require.Empty(t, b.rows("query", "SELECT Id FROM Task"))
	good := run("Working - Contacted")
	require.Equal(t, []struct{ HTTPStatusCode int }{{201}, {204}}, good)
	task := firstID(b, "SELECT Id FROM Task")
	rec, ok := b.sim.Get(lead)
	require.True(t, ok)
	require.Equal(t, "task "+task, rec.Fields["Description"])
	require.Equal(t, b.clock.now(), rec.Stamp)
	var batch struct {
		HasErrors bool
		Results   []struct{ StatusCode int }
	}
	b.decode(b.api("POST", "/composite/batch", `{"batchRequests":[{"method":"GET","url":"v66.0/sobjects/Contact/describe"},{"method":"GET","url":"v66.0/nothing"}]}`), &batch)
	require.True(t, batch.HasErrors)
	require.Equal(t, 200, batch.Results[0].StatusCode)
}

func TestMergeConvertUndelete(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	winner, loser := b.sim.RecordID("Contact", 2), b.sim.RecordID("Contact", 3)
	task, err := b.sim.Create("Task", map[string]any{"WhoId": loser})
	require.NoError(t, err)
	b.clock.pass(time.Minute)
	require.NoError(t, b.sim.Merge(winner, map[string]any{"DoNotCall": true}, loser))
	lost, _ := b.sim.Get(loser)
	won, _ := b.sim.Get(winner)
	moved, _ := b.sim.Get(task)
	require.True(t, lost.Deleted)
	require.Equal(t, winner, lost.Fields["MasterRecordId"])
	require.Equal(t, b.clock.now(), lost.Stamp)
	require.Equal(t, true, won.Fields["DoNotCall"])
	require.Equal(t, winner, moved.Fields["WhoId"])
	require.Error(t, b.sim.Delete(loser))
	require.NoError(t, b.sim.Undelete(loser))
	lost, _ = b.sim.Get(loser)
	require.False(t, lost.Deleted)
	require.Nil(t, lost.Fields["MasterRecordId"])

	lead, err := b.sim.Create("Lead", map[string]any{"LastName": "L", "Company": "C", "DoNotCall": true, "Phone": "(423) 555-0101"})
	require.NoError(t, err)
	into, err := b.sim.Create("Contact", map[string]any{"LastName": "Have"})
	require.NoError(t, err)
	_, err = b.sim.Convert(lead, into)
	require.NoError(t, err)
	have, _ := b.sim.Get(into)
	require.Equal(t, "Have", have.Fields["LastName"])
	require.Equal(t, "(423) 555-0101", have.Fields["Phone"])
	require.Equal(t, false, have.Fields["DoNotCall"], "a checkbox is never empty")
	converted, _ := b.sim.Get(lead)
	require.Equal(t, true, converted.Fields["IsConverted"])
	require.Equal(t, into, converted.Fields["ConvertedContactId"])
	_, err = b.sim.Convert(lead, "")
	require.ErrorContains(t, err, "CANNOT_UPDATE_CONVERTED_LEAD")

	all, deleted, err := b.sim.Count("Contact")
	require.NoError(t, err)
	require.NoError(t, b.sim.Conceal(winner))
	after, _, err := b.sim.Count("Contact")
	require.NoError(t, err)
	require.Equal(t, all-1, after)
	require.NoError(t, b.sim.Reveal(winner))
	again, _ := b.sim.Get(winner)
	require.Equal(t, won, again)
	require.Positive(t, deleted)
	var gone struct{ DeletedRecords []struct{ ID string } }
	require.NoError(t, b.sim.Delete(into))
	b.decode(b.api("GET", "/sobjects/Contact/deleted/?start=2026-03-02T12:00:00Z&end=2026-03-02T12:05:00%2B00:00", ""), &gone)
	require.Len(t, gone.DeletedRecords, 1)
	require.Equal(t, into, gone.DeletedRecords[0].ID)
}

func TestPersonAccounts(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.PersonAccounts = true })
	rows := b.rows("query", "SELECT Id, Name, AccountId, DoNotCall, Account.Name, Account.IsPersonAccount, Account.PersonDoNotCall FROM Contact WHERE IsPersonAccount = true")
	require.NotEmpty(t, rows)
	for _, r := range rows {
		a := r["Account"].(map[string]any)
		require.Equal(t, true, a["IsPersonAccount"])
		require.Equal(t, r["DoNotCall"], a["PersonDoNotCall"])
	}
	require.Equal(t, 204, b.api("PATCH", "/sobjects/Account/"+rows[0]["AccountId"].(string), `{"PersonDoNotCall":true}`).status)
	rec, _ := b.sim.Get(rows[0]["Id"].(string))
	require.Equal(t, true, rec.Fields["DoNotCall"])
	require.Equal(t, b.clock.now(), rec.Stamp)
}

func TestHostileText(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Contacts = 0 })
	name := "Zoë 🎄 \"q\" \\ \x00\t\n" + strings.Repeat("é", 10_000)
	_, err := b.sim.Create("Contact", map[string]any{"LastName": name, "Description": strings.Repeat("ü", 10_000)})
	require.NoError(t, err)
	rows := b.rows("query", "SELECT LastName, Description FROM Contact")
	require.Equal(t, name, rows[0]["LastName"])
	j := b.job("query", "SELECT LastName FROM Contact")
	require.Equal(t, "\"LastName\"\n\""+strings.ReplaceAll(name, `"`, `""`)+"\"\n", b.api("GET", "/jobs/query/"+j.ID+"/results", "").body)
}
