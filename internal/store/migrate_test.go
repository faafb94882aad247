package store_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/storetest"
)

func TestMigrateFreshTwice(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.NewEmptyURL(t))
	log := storetest.Log(t)

	require.ErrorIs(t, store.CheckSchema(t.Context(), db, log), store.ErrOldSchema)
	first, err := store.Migrate(t.Context(), db, log)
	require.NoError(t, err)
	require.False(t, first.Adopted)
	require.Contains(t, first.CreatedTables, "campaigns")
	require.NoError(t, store.CheckSchema(t.Context(), db, log))

	second, err := store.Migrate(t.Context(), db, log)
	require.NoError(t, err)
	require.False(t, second.Adopted)
	require.Empty(t, second.CreatedTables)
	require.Empty(t, second.Applied)

	// What we created in public is not served to browsers.
	var open []string
	require.NoError(t, db.QueryRow(t.Context(), `select coalesce(array_agg(relname::text), '{}') from pg_class
		where relnamespace = 'public'::regnamespace and relkind = 'r' and not relrowsecurity`).Scan(&open))
	require.Empty(t, open)
}

func TestMigrateAdoptedTwiceOnlyAdds(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.NewAdoptedURL(t))
	log := storetest.Log(t)
	before := publicShape(t, db)

	res, err := store.Migrate(t.Context(), db, log)
	require.NoError(t, err)
	require.True(t, res.Adopted)
	require.Empty(t, res.CreatedTables)
	_, err = store.Migrate(t.Context(), db, log)
	require.NoError(t, err)
	require.NoError(t, store.CheckSchema(t.Context(), db, log))

	after := publicShape(t, db)
	for item := range before {
		require.True(t, after[item], "something of the web app's is gone or changed: %s", item)
	}
	var invalid int
	require.NoError(t, db.QueryRow(t.Context(), "select count(*) from pg_index where not indisvalid").Scan(&invalid))
	require.Zero(t, invalid)
}

// publicShape lists every column, constraint, index, trigger, policy and row count of schema public.
func publicShape(t *testing.T, db *store.DB) map[string]bool {
	t.Helper()
	rows, err := db.Query(t.Context(), `
		select 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '')
		from information_schema.columns where table_schema = 'public'
		union all select 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) from pg_constraint where connamespace = 'public'::regnamespace
		union all select 'index ' || indexdef from pg_indexes where schemaname = 'public'
		union all select 'trigger ' || pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
		union all select 'policy ' || tablename || ' ' || policyname || ' ' || coalesce(qual, '') from pg_policies where schemaname = 'public'
		union all select 'rls ' || relname || relrowsecurity from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
		union all select 'rows ' || (select count(*) from public.campaign_leads) || ' ' || (select count(*) from public.call_attempts) || ' ' || (select count(*) from public.conversation_events)`)
	require.NoError(t, err)
	defer rows.Close()
	shape := map[string]bool{}
	for rows.Next() {
		var s string
		require.NoError(t, rows.Scan(&s))
		shape[s] = true
	}
	require.NoError(t, rows.Err())
	return shape
}

func TestMigrateSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.NewAdoptedURL(t))
	for _, stmt := range []string{
		"alter table public.campaigns drop column call_window_start",
		"alter table public.leads alter column lead_score type text using lead_score::text",
	} {
		_, err := db.Exec(t.Context(), stmt)
		require.NoError(t, err)
	}
	_, err := store.Migrate(t.Context(), db, storetest.Log(t))
	var incompatible *store.IncompatibleError
	require.ErrorAs(t, err, &incompatible)
	require.Equal(t, []string{
		"column public.campaigns.call_window_start (timetz) is missing",
		"column public.leads.lead_score is of type text, needed is integer",
	}, incompatible.Problems)
	var schemas int
	require.NoError(t, db.QueryRow(t.Context(), "select count(*) from pg_namespace where nspname in ('henk', 'river')").Scan(&schemas))
	require.Zero(t, schemas, "nothing may have been changed")
}

func TestMigrateManyAtOnce(t *testing.T) {
	t.Parallel()
	databaseURL := storetest.NewEmptyURL(t)
	errs := make(chan error, 4)
	for range cap(errs) {
		go func() {
			db, err := store.Open(context.Background(), databaseURL, 4)
			if err == nil {
				_, err = store.Migrate(context.Background(), db, storetest.Log(t))
				db.Close()
			}
			errs <- err
		}()
	}
	for range cap(errs) {
		require.NoError(t, <-errs)
	}
}

func TestServiceRoleMayWork(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.NewAdoptedURL(t))
	_, err := store.Migrate(t.Context(), db, storetest.Log(t))
	require.NoError(t, err)
	tx, err := db.Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = tx.Rollback(context.Background()) }()
	_, err = tx.Exec(t.Context(), "set local role service_role")
	require.NoError(t, err)
	// A user of the web app triggers our bookkeeping without seeing it; the worker as service_role may do all.
	_, err = tx.Exec(t.Context(), "update public.leads set dnc = true where phone = '+13125551000'")
	require.NoError(t, err)
	var dirty int
	require.NoError(t, tx.QueryRow(t.Context(), "select count(*) from river.river_job").Scan(&dirty))
	_, err = tx.Exec(t.Context(), "set local role authenticated; set local request.jwt.claim.sub = '00000000-0000-0000-0000-0000000000a1'")
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), "update public.leads set dnc = false where phone = '+13125551000'")
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), "select * from henk.candidates")
	require.ErrorContains(t, err, "permission denied")
}
