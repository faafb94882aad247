package crm

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/salesforcesim"
)

func contact(extra map[string]any) map[string]any {
	fields := map[string]any{"FirstName": "Ada", "LastName": "Lovelace", "Phone": "(312) 555-0100", "Email": "ada@example.org"}
	for k, v := range extra {
		fields[k] = v
	}
	return fields
}

func (b *bundle) create(object string, extra map[string]any) string {
	b.t.Helper()
	fields := contact(extra)
	if object == "Lead" {
		if _, ok := fields["Company"]; !ok {
			fields["Company"] = "Acme"
		}
	}
	id, err := b.sim.Create(object, fields)
	require.NoError(b.t, err)
	b.pass(10 * time.Second)
	return id
}

func TestHostileTextsOfRecords(t *testing.T) {
	t.Parallel()
	b := setup(t, salesforcesim.Options{PlainBodies: true})
	phone := "(312) 555-0100 after 5pm; ask for\tAda \\!"
	require.Len(t, phone, 40)
	id := b.create("Contact", map[string]any{"Phone": phone, "LastName": "Löve👩‍🚀", "Description": "a\x00b\tc\\d\ne\r'; drop table leads; --"})
	require.Equal(t, 1, b.sync().Created)
	require.Equal(t, phone, b.lead(id, "phone"), "a phone is kept as entered")
	require.Equal(t, "Löve👩‍🚀", b.lead(id, "last_name"))
	require.Equal(t, "ab\tc\\d\ne\r'; drop table leads; --", b.lead(id, "description"))

	// Salesforce would not hold such a name; whatever answers here may.
	long := strings.Repeat("🚀", 10_000)
	b.cfg.Client.Transport = rewriting(`"LastName":"Lovelace"`, `"LastName":"`+long+`"`)
	id = b.create("Contact", nil)
	b.sync()
	require.Equal(t, strings.Repeat("🚀", 255), b.lead(id, "last_name"))
	require.Equal(t, "active|last_name was cut to 255 characters.", b.lead(id, "sync_status, sync_error"))
	b.cfg.Client.Transport = rewriting(`"LastName":"Lovelace"`, `"LastName":"\ud83d \u0000 x"`)
	id = b.create("Contact", nil)
	b.sync()
	require.Equal(t, "\uFFFD  x", b.lead(id, "last_name"), "half a character")
}

// rewriting changes what Salesforce answers.
func rewriting(from, to string) transport {
	return func(r *http.Request) (*http.Response, error) {
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err != nil || !strings.Contains(r.URL.Path, "quer") {
			return resp, err
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body = io.NopCloser(strings.NewReader(strings.ReplaceAll(string(body), from, to)))
		resp.ContentLength = -1
		resp.Header.Del("Content-Length")
		return resp, err
	}
}

func TestRecordsThatCannotBeLeads(t *testing.T) {
	t.Parallel()
	b := setup(t, salesforcesim.Options{})
	good := b.create("Contact", nil)
	bad := b.create("Contact", map[string]any{"Phone": nil, "Email": nil})
	res := b.sync()
	require.Equal(t, 1, res.Failed)
	require.Equal(t, "partial", b.text("select sync_status from sync_logs order by started_at desc limit 1"))
	require.Contains(t, b.text("select error_details from sync_logs order by started_at desc limit 1"), bad)
	require.Contains(t, b.text("select error_details from sync_logs order by started_at desc limit 1"), "no phone number")
	b.equal()

	// It loses what it was reached by: it stays, is not called, and comes back.
	require.NoError(t, b.sim.Update(good, map[string]any{"Phone": nil, "Email": nil}))
	require.NoError(t, b.sim.Update(bad, map[string]any{"Phone": "312-555-0199"}))
	b.pass(time.Minute)
	b.sync()
	require.Equal(t, "rejected|unreachable|(312) 555-0100", b.lead(good, "sync_status, status, phone"))
	require.Equal(t, "active|new", b.lead(bad, "sync_status, status"))
	b.equal()
	require.NoError(t, b.sim.Update(good, map[string]any{"Email": "ada@example.org"}))
	b.pass(time.Minute)
	b.sync()
	require.Equal(t, "active|new|ada@example.org", b.lead(good, "sync_status, status, email"))
	b.equal()
}

func TestMappingOverrides(t *testing.T) {
	t.Parallel()
	b := setup(t, salesforcesim.Options{})
	b.configure(map[string]any{"mapping": map[string]any{"Contact": map[string]any{"phone": []string{"HomePhone", "Phone"}, "title": "External_Id__c", "department": "No_Such__c"}}})
	one := b.create("Contact", map[string]any{"HomePhone": "312-555-0111", "External_Id__c": "X-1"})
	two := b.create("Contact", nil)
	res := b.sync()
	require.Equal(t, "312-555-0111|X-1", b.lead(one, "phone, title"))
	require.Equal(t, "(312) 555-0100", b.lead(two, "phone"))
	require.Contains(t, strings.Join(res.Warnings, " "), "No_Such__c")
	require.Contains(t, b.text("select config -> 'syncHealth' from integrations where id = $1", b.integration), "No_Such__c")

	b.configure(nil) // another mapping is another mirror: all is read again
	b.sync()
	require.Equal(t, "(312) 555-0100", b.lead(one, "phone"))
}

func TestRatingsAndSource(t *testing.T) {
	t.Parallel()
	b := setup(t, salesforcesim.Options{})
	for rating, want := range map[string]string{"Hot": "90|hot", "Warm": "70|warm", "Cold": "30|cold", "": "50|unrated"} {
		extra := map[string]any{}
		if rating != "" {
			extra["Rating"] = rating
		}
		id := b.create("Lead", extra)
		b.sync()
		require.Equal(t, want, b.lead(id, "lead_score, quality_rating"))
		require.Equal(t, "salesforce|"+id+"|Lead", b.lead(id, "source, source_id, source_metadata ->> 'type'"))
	}
	id := b.create("Contact", nil)
	b.sync()
	require.Equal(t, "50|unrated|Contact", b.lead(id, "lead_score, quality_rating, source_metadata ->> 'type'"))
}

func TestUnchangedWritesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t, salesforcesim.Options{Contacts: 300, Leads: 100})
	b.cfg.MaxRecords = 1000
	b.sync()
	before := b.text("select md5(string_agg(xmin::text || xmax::text, ',' order by id)) from leads")
	for _, full := range []string{"", "all"} {
		res, err := Sync(t.Context(), b.db, b.cfg, Request{IntegrationID: b.integration, Full: full})
		require.NoError(t, err)
		require.Zero(t, res.Created+res.Updated)
	}
	require.Equal(t, before, b.text("select md5(string_agg(xmin::text || xmax::text, ',' order by id)) from leads"))
	var metadata struct {
		Contacts int `json:"contacts_synced"`
	}
	require.NoError(t, json.Unmarshal([]byte(b.text("select metadata from sync_logs order by started_at desc limit 1")), &metadata))
	require.Positive(t, metadata.Contacts)
}
