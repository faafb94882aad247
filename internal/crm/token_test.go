package crm

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/salesforcesim"
)

func TestRevokedTokenNeedsAPerson(t *testing.T) {
	t.Parallel()
	b := setup(t, salesforcesim.Options{Contacts: 10, Rotate: true})
	b.sync()
	b.sim.Revoke()
	require.True(t, NeedsPerson(b.fails()))
	require.Equal(t, "error", b.text("select status from integrations where id = $1", b.integration))
	require.Contains(t, b.text("select config -> 'syncHealth' from integrations where id = $1", b.integration), "mend")
	require.Equal(t, "failed", b.text("select sync_status from sync_logs order by started_at desc limit 1"))
	_, err := Sync(t.Context(), b.db, b.cfg, Request{IntegrationID: b.integration})
	require.ErrorIs(t, err, ErrInactive)

	b.sim.Authorize("refresh-9")
	b.exec(`update integrations set status = 'active', credentials = credentials || '{"refreshToken": "refresh-9"}' where id = $1`, b.integration)
	b.sync()
	b.equal()
	require.Equal(t, "<null>", b.text("select config -> 'syncHealth' from integrations where id = $1", b.integration))
}

func TestRotationIsKeptAndSharedBetweenWorkers(t *testing.T) {
	t.Parallel()
	b := setup(t, salesforcesim.Options{Contacts: 50, Rotate: true})
	b.sync()
	require.NotEqual(t, "refresh-0", b.text("select credentials ->> 'refreshToken' from integrations where id = $1", b.integration))
	require.Equal(t, b.sim.RefreshToken(), b.text("select credentials ->> 'refreshToken' from integrations where id = $1", b.integration))
	require.Equal(t, `{"by": "us"}`, b.text("select credentials -> 'kept' from integrations where id = $1", b.integration))
	b.sim.ExpireSessions()
	b.sync()
	require.Zero(t, b.sim.Stats().Requests["reused_refresh_token"])

	// A sibling with its own connection refreshes meanwhile: this one has a dead session, finds the new token, and asks for none.
	conn, err := Open(t.Context(), b.db, b.integration, b.cfg)
	require.NoError(t, err)
	defer conn.Close()
	_, err = conn.Client.Describe(t.Context(), "Contact")
	require.NoError(t, err)
	b.sim.ExpireSessions()
	b.sync()
	refreshed := b.sim.Stats().Requests["refreshed"]
	_, err = conn.Client.Describe(t.Context(), "Contact")
	require.NoError(t, err)
	require.Equal(t, refreshed, b.sim.Stats().Requests["refreshed"])
	require.Zero(t, b.sim.Stats().Requests["reused_refresh_token"])
}

// A sibling that knows nothing of our lock, such as the web app, has rotated the token and stored the new one.
func TestRotatedByASibling(t *testing.T) {
	t.Parallel()
	b := setup(t, salesforcesim.Options{Contacts: 20, Rotate: true})
	b.sync()
	b.sim.ExpireSessions()
	b.exec("update integrations set credentials = credentials || jsonb_build_object('refreshToken', $2::text) where id = $1", b.integration, b.sim.RotateBySibling())
	b.create("Contact", nil)
	b.sync()
	b.equal()
	require.Zero(t, b.sim.Stats().Requests["reused_refresh_token"])
	require.Equal(t, b.sim.RefreshToken(), b.text("select credentials ->> 'refreshToken' from integrations where id = $1", b.integration))
}

func TestLostReplyOfARefresh(t *testing.T) {
	t.Parallel()
	for name, rotate := range map[string]bool{"without rotation": false, "with rotation": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, salesforcesim.Options{Contacts: 10, Rotate: rotate})
			b.faults("token_drop=first:1")
			_, err := Sync(t.Context(), b.db, b.cfg, Request{IntegrationID: b.integration})
			if !rotate {
				require.NoError(t, err)
				b.equal()
				return
			}
			// The only good token was in the lost answer: a person must help, and is told why.
			require.True(t, NeedsPerson(err))
			require.Contains(t, b.text("select config -> 'syncHealth' ->> 'error' from integrations where id = $1", b.integration), "lost")
		})
	}
}

func TestInstanceMoved(t *testing.T) {
	t.Parallel()
	b := setup(t, salesforcesim.Options{Contacts: 20, Rotate: true})
	b.sync()
	moved := strings.Replace(b.server.URL, "127.0.0.1", "localhost", 1)
	b.sim.MoveInstance(b.server.URL, moved)
	b.create("Contact", nil)
	b.sync()
	b.equal()
	require.Equal(t, moved, b.text("select config ->> 'instanceUrl' from integrations where id = $1", b.integration))
}
