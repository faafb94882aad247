package crm

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/salesforcesim"
)

func TestFirstSyncIsTheOrg(t *testing.T) {
	t.Parallel()
	b := setup(t, salesforcesim.Options{Contacts: 300, Leads: 120, PersonAccounts: true, Rotate: true})
	res := b.sync()
	require.Positive(t, res.Created)
	b.equal()
	require.Equal(t, "partial", b.text("select string_agg(distinct sync_status, ',') from sync_logs"))
	require.Equal(t, res.Failed, b.count("select count(*) from henk.crm_rejects"))
}
