package crm

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/salesforcesim"
)

func TestFiftyThousandRecordsOfOneSecond(t *testing.T) {
	t.Parallel()
	b := setup(t, salesforcesim.Options{Contacts: 6000, Ties: 5000, PlainBodies: true})
	b.cfg.MaxRecords = 1777
	b.sync()
	b.equal()
	require.Equal(t, 6000, b.count("select count(*) from leads")+b.count("select count(*) from henk.crm_rejects")+gone(b))
}

func gone(b *bundle) int {
	_, deleted, err := b.sim.Count("Contact")
	require.NoError(b.t, err)
	return deleted
}

func TestEditedDuringTheScan(t *testing.T) {
	t.Parallel()
	b := setup(t, salesforcesim.Options{Contacts: 1000})
	b.cfg.Client.BatchSize, b.cfg.MaxRecords = 200, 10_000
	first, edited := b.sim.RecordID("Contact", 1), b.sim.RecordID("Contact", 990)
	n := 0
	b.cfg.Client.Transport = transport(func(r *http.Request) (*http.Response, error) {
		if strings.Contains(r.URL.Path, "/query/") && n == 0 {
			n++
			require.NoError(t, b.sim.Update(first, map[string]any{"LastName": "Edited"}))
			require.NoError(t, b.sim.Update(edited, map[string]any{"LastName": "Edited"}))
		}
		return http.DefaultTransport.RoundTrip(r)
	})
	b.sync()
	b.pass(time.Minute)
	b.sync()
	b.equal()
	require.Equal(t, "Edited|Edited", b.lead(first, "last_name")+"|"+b.lead(edited, "last_name"))
}

func TestLateCommitBelowTheWatermark(t *testing.T) {
	t.Parallel()
	b := setup(t, salesforcesim.Options{Contacts: 20})
	tx := b.sim.Begin()
	id, err := tx.Create("Contact", contact(nil))
	require.NoError(t, err)
	tx.CommitAfter(5 * time.Minute)
	b.pass(time.Minute)
	b.create("Contact", map[string]any{"LastName": "Later"})
	b.sync()
	require.Zero(t, b.count("select count(*) from leads where source_id = $1", id))
	b.pass(6 * time.Minute)
	b.sync()
	require.Equal(t, 1, b.count("select count(*) from leads where source_id = $1", id))
	b.equal()
}

func TestClockOfSalesforceDiffers(t *testing.T) {
	t.Parallel()
	b := setup(t, salesforcesim.Options{Contacts: 20})
	b.pass(-3 * time.Hour) // this machine's clock is three hours ahead of the org's
	for range 3 {
		b.create("Contact", nil)
		b.pass(20 * time.Minute)
		b.sync()
		b.equal()
	}
	b.faults("date_skew=4m")
	b.create("Contact", nil)
	b.pass(time.Minute)
	b.sync()
	b.create("Contact", nil)
	b.pass(10 * time.Minute)
	b.sync()
	b.equal()
}
