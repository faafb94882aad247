package salesforce_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/salesforce"
	"github.com/callhenk/henk-worker/internal/salesforcesim"
)

// TestAgainstTheSimulator runs the client against the simulator, which shares no code with it: both read the same
// documents, so what they agree on is not one author's mistake.
func TestAgainstTheSimulator(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	sim := salesforcesim.New(salesforcesim.Options{
		Seed: 7, Contacts: 4500, Leads: 300, Ties: 2500, Rotate: true, TaskExternalID: true,
		ClientID: "client", ClientSecret: "secret", RefreshToken: "refresh-0", Hidden: []string{"Contact.DoNotCall"},
	})
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	store := salesforce.NewMemoryStore(salesforce.Credentials{
		LoginURL: server.URL, ClientID: "client", ClientSecret: salesforce.NewSecret("secret"), RefreshToken: salesforce.NewSecret("refresh-0"),
	}, salesforce.Token{})
	c, err := salesforce.New(salesforce.Config{RetryDelays: []time.Duration{0, 0, 0}, BatchSize: 1000}, store)
	require.NoError(t, err)
	t.Cleanup(c.Close)

	contact, err := c.Describe(ctx, "Contact")
	require.NoError(t, err)
	_, visible := contact.Field("DoNotCall")
	require.False(t, visible)
	_, err = c.Query(ctx, "SELECT Id, DoNotCall FROM Contact", fieldsOf(t, "Id", "DoNotCall"), func(salesforce.Row) error { return nil })
	require.Equal(t, salesforce.KindField, salesforce.KindOf(err))
	require.Equal(t, []string{"DoNotCall"}, salesforce.AsError(err).Fields)

	// Every record once, in order, with the token replaced between pages.
	fields := fieldsOf(t, "Id", "SystemModstamp", "LastName", "Account.Name", "MobilePhone")
	before, ok := c.ServerTime()
	require.True(t, ok)
	query := salesforce.Select{Object: "Contact", Fields: fields, Where: salesforce.Keyset(time.Time{}, "", before), OrderBy: []string{"SystemModstamp", "Id"}}
	soql, err := query.SOQL()
	require.NoError(t, err)
	rest := map[string]string{}
	keep := func(into map[string]string) func(salesforce.Row) error {
		return func(row salesforce.Row) error {
			_, twice := into[row.Text(0)]
			require.False(t, twice)
			_, err := row.Time(1)
			into[row.Text(0)] = row.Text(2) + "|" + row.Text(3) + "|" + row.Text(4)
			return err
		}
	}
	page, err := c.Query(ctx, soql, fields, keep(rest))
	for err == nil && !page.Done {
		sim.ExpireSessions()
		page, err = c.QueryMore(ctx, page.Next, fields, keep(rest))
	}
	require.NoError(t, err)
	require.Len(t, rest, page.Total)
	counted, err := c.Count(ctx, "SELECT COUNT() FROM Contact")
	require.NoError(t, err)
	require.Equal(t, counted, len(rest))
	require.NotZero(t, counted)

	// Bulk says the same.
	query.OrderBy = nil
	soql, err = query.SOQL()
	require.NoError(t, err)
	job, err := c.CreateBulkQuery(ctx, soql, false)
	require.NoError(t, err)
	_, err = c.WaitBulkJob(ctx, job.ID)
	require.NoError(t, err)
	bulk := map[string]string{}
	for locator, first := "", true; first || locator != ""; first = false {
		results, err := c.BulkResults(ctx, job.ID, locator, 1000, fields, keep(bulk))
		require.NoError(t, err)
		locator = results.Locator
	}
	require.Equal(t, rest, bulk)
	require.NoError(t, c.DeleteBulkJob(ctx, job.ID))

	// Writes.
	var someone string
	for id := range rest {
		someone = max(someone, id)
	}
	task := salesforce.Record{Type: "Task", Fields: map[string]any{"Subject": "Call", "Status": "Completed", "WhoId": someone, "CallObject": "attempt-1"}}
	bad := salesforce.Record{Type: "Task", Fields: map[string]any{"Subject": "Call", "Nonsense__c": 1}}
	results, err := c.CreateRecords(ctx, []salesforce.Record{task, bad})
	require.NoError(t, err)
	require.NoError(t, results[0].Err())
	require.Error(t, results[1].Err())
	found, err := salesforce.Select{Object: "Task", Where: salesforce.Where("CallObject", "=", salesforce.Text("attempt-1"))}.SOQL()
	require.NoError(t, err)
	n, err := c.Count(ctx, found)
	require.NoError(t, err)
	require.Equal(t, 1, n)

	limits, err := c.Limits(ctx)
	require.NoError(t, err)
	require.Positive(t, limits[salesforce.LimitDailyAPIRequests].Remaining)
	usage, ok := c.Usage()
	require.True(t, ok)
	require.Positive(t, usage.Used)
}

func fieldsOf(t *testing.T, names ...string) *salesforce.Fields {
	t.Helper()
	f, err := salesforce.NewFields(names...)
	require.NoError(t, err)
	return f
}

// TestFaultsOfTheSimulator: what passes is passed over, and a rotated token whose answer was lost is told from it.
func TestFaultsOfTheSimulator(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rules []salesforcesim.FaultRule
		kind  salesforce.Kind // -1: none
	}{
		"one after another":  {[]salesforcesim.FaultRule{{Mode: "401", First: 1}, {Mode: "503_html", First: 2}, {Mode: "reset", First: 3}, {Mode: "403_concurrent", First: 4}}, -1},
		"busy token":         {[]salesforcesim.FaultRule{{Mode: "token_busy", First: 2}}, -1},
		"token 503":          {[]salesforcesim.FaultRule{{Mode: "token_503", First: 1}}, -1},
		"token reset":        {[]salesforcesim.FaultRule{{Mode: "token_reset", First: 1}}, -1},
		"token answer lost":  {[]salesforcesim.FaultRule{{Mode: "token_drop", First: 1}}, salesforce.KindReauthorize},
		"token revoked":      {[]salesforcesim.FaultRule{{Mode: "token_revoked", First: 9}}, salesforce.KindReauthorize},
		"daily quota":        {[]salesforcesim.FaultRule{{Mode: "403_daily", First: 9}}, salesforce.KindQuota},
		"token, daily quota": {[]salesforcesim.FaultRule{{Mode: "token_403", First: 9}}, salesforce.KindQuota},
		"always 401":         {[]salesforcesim.FaultRule{{Mode: "401", First: 9}}, salesforce.KindSession},
		"always 420":         {[]salesforcesim.FaultRule{{Mode: "420", First: 9}}, salesforce.KindUnavailable},
		"half an answer":     {[]salesforcesim.FaultRule{{Mode: "half", First: 1}}, -1},
		"query timeout":      {[]salesforcesim.FaultRule{{Mode: "query_timeout", First: 1}}, salesforce.KindQueryTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(salesforcesim.New(salesforcesim.Options{
				Seed: 7, Contacts: 30, Rotate: true, ClientID: "client", ClientSecret: "secret", RefreshToken: "refresh-0",
				Faults: salesforcesim.Faults{Rules: test.rules},
			}))
			t.Cleanup(server.Close)
			c, err := salesforce.New(salesforce.Config{RetryDelays: []time.Duration{0, 0, 0}}, salesforce.NewMemoryStore(salesforce.Credentials{
				LoginURL: server.URL, ClientID: "client", ClientSecret: salesforce.NewSecret("secret"), RefreshToken: salesforce.NewSecret("refresh-0"),
			}, salesforce.Token{}))
			require.NoError(t, err)
			t.Cleanup(c.Close)
			n, err := c.Count(t.Context(), "SELECT COUNT() FROM Contact")
			if test.kind < 0 {
				require.NoError(t, err)
				require.NotZero(t, n)
				return
			}
			require.Equal(t, test.kind.String(), salesforce.KindOf(err).String(), "%v", err)
		})
	}
}
