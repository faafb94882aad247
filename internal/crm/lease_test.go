package crm

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/salesforcesim"
	"github.com/callhenk/henk-worker/internal/storetest"
)

func TestLeaseKeepsASecondRunOut(t *testing.T) {
	t.Parallel()
	b := setup(t, salesforcesim.Options{Contacts: 30})
	inner := errors.New("none yet")
	first := b.cfg
	first.fault = func(point string) error {
		if point == "staged" {
			_, inner = Sync(context.WithoutCancel(t.Context()), b.db, b.cfg, Request{IntegrationID: b.integration})
		}
		return nil
	}
	_, err := Sync(t.Context(), b.db, first, Request{IntegrationID: b.integration})
	require.NoError(t, err)
	require.ErrorIs(t, inner, ErrBusy)
	b.equal()
}

func TestRunTakenForDeadChangesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t, salesforcesim.Options{Contacts: 30})
	dead := b.cfg
	dead.fault = func(point string) error {
		if point == "staged" { // it sleeps until its lease has run out, and another run has done its work
			b.exec("update henk.crm_syncs set lease_until = now() - interval '1 second'")
			b.sync()
			require.NoError(t, b.sim.Update(b.sim.RecordID("Contact", 3), map[string]any{"LastName": "Newer"}))
			b.pass(time.Minute)
			b.sync()
		}
		return nil
	}
	_, err := Sync(t.Context(), b.db, dead, Request{IntegrationID: b.integration})
	require.True(t, IsTakenOver(err), "%v", err)
	b.equal()
}

func TestDeadRunsAreClosed(t *testing.T) {
	t.Parallel()
	b := setup(t, salesforcesim.Options{Contacts: 3})
	storetest.Insert(t, b.db, "sync_logs", f{"integration_id": b.integration, "business_id": b.w.Business, "sync_type": "full", "sync_status": "running",
		"started_at": time.Now().Add(-time.Hour), "metadata": fmt.Sprintf(`{"run": %q}`, uuid.New())})
	b.sync()
	require.Zero(t, b.count("select count(*) from sync_logs where sync_status = 'running' or completed_at is null"))
	require.Equal(t, 1, b.count("select count(*) from sync_logs where sync_status = 'failed' and error_message like 'The worker stopped%'"))
}
