package crm

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/salesforce"
	"github.com/callhenk/henk-worker/internal/salesforcesim"
)

// What a provider does wrong, and the mirror is the org nevertheless.
func TestPassingFaults(t *testing.T) {
	t.Parallel()
	for name, spec := range map[string]string{
		"session ends in mid-pagination": "401=8%",
		"locator gone":                   "locator_gone=70%",
		"short pages":                    "short_pages=90%",
		"half pages":                     "half=15%",
		"connections dropped":            "drop=8%",
		"server errors":                  "503=10%,500=5%",
		"maintenance page":               "503_html=10%",
		"too many at once":               "403_concurrent=10%",
		"query timeout":                  "query_timeout=60%",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, salesforcesim.Options{Contacts: 900, Leads: 300, Rotate: true})
			b.cfg.MaxRecords, b.cfg.Client.BatchSize = 700, 200
			b.faults(spec)
			for try := 0; ; try++ {
				require.Less(t, try, 60)
				res, err := Sync(t.Context(), b.db, b.cfg, Request{IntegrationID: b.integration})
				require.False(t, NeedsPerson(err), "%v", err)
				if err == nil && !res.More {
					break
				}
			}
			b.equal()
			require.NotEmpty(t, b.sim.Stats().Faults, b.sim.Stats().Requests)
		})
	}
}

func TestMaintenanceIsNotForever(t *testing.T) {
	t.Parallel()
	b := setup(t, salesforcesim.Options{Contacts: 30})
	b.faults("maintenance=on")
	err := b.fails()
	require.True(t, salesforce.KindOf(err).Temporary(), "%v", err)
	require.Equal(t, "active", b.text("select status from integrations where id = $1", b.integration))
	require.Equal(t, "failed", b.text("select sync_status from sync_logs"))
	b.faults("read_only=on")
	b.sync()
	b.equal()
}

func TestFieldRemovedBetweenDescribeAndQuery(t *testing.T) {
	t.Parallel()
	b := setup(t, salesforcesim.Options{Contacts: 60, Leads: 20})
	b.cfg.Client.Transport = transport(func(r *http.Request) (*http.Response, error) {
		if strings.Contains(r.URL.Path, "queryAll") {
			require.NoError(t, b.sim.HideField("Contact.Department", true))
			require.NoError(t, b.sim.HideField("Contact.Title", true))
		}
		return http.DefaultTransport.RoundTrip(r)
	})
	res := b.sync()
	b.equal()
	require.Contains(t, strings.Join(res.Warnings, " "), "Department")
	b.cfg.Client.Transport = nil
	before := b.sim.Stats().Requests["queryall"]
	b.sync() // nothing is read anew because of it
	require.Equal(t, before+2, b.sim.Stats().Requests["queryall"])
}

func TestQuotaStopsPolitely(t *testing.T) {
	t.Parallel()
	b := setup(t, salesforcesim.Options{Contacts: 500, DailyLimit: 1000})
	b.cfg.Client.BatchSize = 200
	b.sim.SetUsage(900)
	err := b.fails()
	require.Equal(t, salesforce.KindQuota, salesforce.KindOf(err), "%v", err)
	require.False(t, NeedsPerson(err))
	b.sim.SetUsage(10)
	b.sync()
	b.equal()
}

func TestBulkRefusedFallsBack(t *testing.T) {
	t.Parallel()
	for _, spec := range []string{"", "bulk_403=first:9", "bulk_limit=first:9", "bulk_identity=first:9", "bulk_failed=first:9", "read_only=on"} {
		t.Run("faults "+spec, func(t *testing.T) {
			t.Parallel()
			b := setup(t, salesforcesim.Options{Contacts: 700, Leads: 150})
			b.cfg.BulkThreshold, b.cfg.BulkPage = 100, 130
			b.faults(spec)
			b.sync()
			b.equal()
			require.Equal(t, spec == "", b.sim.Stats().Requests["bulk_results"] > 0)
		})
	}
}

func TestBulkJobThatTakesLong(t *testing.T) {
	t.Parallel()
	b := setup(t, salesforcesim.Options{Contacts: 300, BulkDelay: time.Hour})
	b.cfg.BulkThreshold = 100
	for range 2 {
		res, err := Sync(t.Context(), b.db, b.cfg, Request{IntegrationID: b.integration, Until: time.Now().Add(300 * time.Millisecond)})
		require.NoError(t, err)
		require.True(t, res.More)
		require.Zero(t, res.Processed)
	}
	b.pass(2 * time.Hour)
	b.sync()
	b.equal()
	require.Equal(t, int64(1), b.sim.Stats().Requests["bulk_create"], b.sim.Stats().Requests)
}

func TestCountThatTimesOut(t *testing.T) {
	t.Parallel()
	b := setup(t, salesforcesim.Options{Contacts: 300})
	b.faults("query_timeout=first:1")
	b.sync()
	b.equal()
	require.Positive(t, b.sim.Stats().Requests["bulk_results"], b.sim.Stats().Requests)
}

func TestAPICallsAreFew(t *testing.T) {
	t.Parallel()
	b := setup(t, salesforcesim.Options{Contacts: 5500, Leads: 1500, PlainBodies: true})
	b.cfg.MaxRecords = 100_000
	b.sync()
	calls := b.sim.Stats().APICalls
	require.LessOrEqual(t, calls, int64(3+1+5), "one for 2,000 records and five more")
	b.sim.ResetStats()
	b.sync()
	require.LessOrEqual(t, b.sim.Stats().APICalls, int64(4))
}
