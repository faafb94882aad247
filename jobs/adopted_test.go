package jobs_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/pglocal"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/storetest"
)

// The database of the web app, with its triggers, constraints and row level security: its twenty leads are called.
func TestAdoptedDatabase(t *testing.T) {
	t.Parallel()
	for name, login := range map[string]string{
		"as its owner":              "",
		"as service_role":           "login bypassrls in role service_role",
		"as service_role, with RLS": "login in role service_role", // held by the policies alone
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			role, password := "henk_test_"+strings.ToLower(rand.Text()), rand.Text()
			dropRoleAtTheEnd(t, role) // before the database is made, so that it happens after that is dropped
			databaseURL := storetest.NewAdoptedURL(t)
			owner := storetest.Open(t, databaseURL)
			for range 2 {
				_, err := store.Migrate(t.Context(), owner, storetest.Log(t))
				require.NoError(t, err)
			}
			db := owner
			if login != "" {
				_, err := owner.Exec(t.Context(), fmt.Sprintf("create role %s password '%s' %s", role, password, login))
				require.NoError(t, err)
				db = storetest.Open(t, withUser(t, databaseURL, role, password))
				require.NoError(t, store.CheckSchema(t.Context(), db, storetest.Log(t)))
				var user string
				require.NoError(t, db.QueryRow(t.Context(), "select current_user").Scan(&user))
				require.Equal(t, role, user)
			}
			b := around(t, db, storetest.Adopted)
			b.config.MaxConcurrent = 8
			b.start()
			b.called(20, 60*time.Second)
			b.db = owner
			b.sound()
			require.Equal(t, 20, b.count("select count(*) from campaign_leads where attempts = 1 and contacted_at is not null"))
			require.Equal(t, 20, b.count("select contacted_leads from campaign_lead_lists"), "the app's trigger has counted")
			require.Equal(t, 2, b.count("select count(*) from call_attempts where state is null"), "what was there stays as it was")
			require.Empty(t, b.strings("select error ->> 'error' from river.river_job, unnest(errors) error"), "no job failed on the way")
		})
	}
}

func withUser(t *testing.T, databaseURL, user, password string) string {
	t.Helper()
	u, err := url.Parse(databaseURL)
	require.NoError(t, err)
	u.User = url.UserPassword(user, password)
	return u.String()
}

func dropRoleAtTheEnd(t *testing.T, role string) {
	t.Helper()
	admin := storetest.NewEmptyURL(t)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		conn, err := pgx.Connect(ctx, admin)
		if err == nil {
			defer conn.Close(ctx)
			_, err = conn.Exec(ctx, "drop role if exists "+role)
		}
		if err != nil {
			t.Logf("dropping a role of the test: %v", err)
		}
	})
}

// Postgres goes away and comes back while calls are placed: nothing is lost and nobody is called twice.
func TestPostgresRestartsInTheMiddle(t *testing.T) {
	t.Parallel()
	cluster, err := pglocal.Start(t.Context(), pglocal.Options{Log: storetest.Log(t)})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, cluster.Stop()) })
	db := storetest.Open(t, cluster.URL("postgres"))
	_, err = store.Migrate(t.Context(), db, storetest.Log(t))
	require.NoError(t, err)
	const leads = 60
	w := storetest.NewWorld(t, db, nil)
	for range leads {
		storetest.NewLead(t, db, w, nil)
	}
	b := around(t, db, w)
	b.config.MaxConcurrent, b.config.DialWorkers = 10, 20
	b.faults("slow=50ms")
	b.start()
	b.start()
	for _, n := range []int64{8, 25} {
		b.eventually(40*time.Second, "calls are under way", func() bool { return b.sim.RingCount() >= n })
		require.NoError(t, cluster.Restart(t.Context()))
	}
	b.eventually(100*time.Second, "everybody was called", func() bool {
		return b.sim.RingCount() >= leads-int64(b.inState("unknown")) && b.count("select "+unsettled) == 0
	})
	b.sound()
	require.LessOrEqual(t, b.sim.Stats().PeakConcurrent, 10)
	require.LessOrEqual(t, b.inState("unknown"), 2, "a fence whose commit was lost is undone")
}
