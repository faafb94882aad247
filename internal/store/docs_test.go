package store_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/storetest"
)

// What is added to the web app's tables is named in docs/deploy.md, and what is named there is added: whoever adopts a
// database decides by that page.
func TestDeployDocNamesWhatIsAdded(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.NewAdoptedURL(t))
	names := func() map[string]bool {
		rows, err := db.Query(t.Context(), `
			select column_name::text from information_schema.columns where table_schema = 'public'
				and table_name in ('call_attempts', 'conversations', 'conversation_events', 'call_logs', 'leads', 'campaigns', 'campaign_leads')
			union select indexname::text from pg_indexes where schemaname = 'public'
			union select conname::text from pg_constraint where connamespace = 'public'::regnamespace
			union select tgname::text from pg_trigger join pg_class c on c.oid = tgrelid
				where not tgisinternal and c.relnamespace = 'public'::regnamespace`)
		require.NoError(t, err)
		defer rows.Close()
		out := map[string]bool{}
		for rows.Next() {
			var name string
			require.NoError(t, rows.Scan(&name))
			out[name] = true
		}
		require.NoError(t, rows.Err())
		return out
	}
	before := names()
	_, err := store.Migrate(t.Context(), db, storetest.Log(t))
	require.NoError(t, err)
	after := names()

	page, err := os.ReadFile("../../docs/deploy.md")
	require.NoError(t, err)
	named := map[string]bool{}
	for _, m := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(string(page), -1) {
		named[m[1]] = true
	}
	for name := range after {
		if !before[name] {
			require.True(t, named[name], "docs/deploy.md does not name %s", name)
		}
	}
	for name := range named {
		if len(name) > 5 && name[:5] == "henk_" {
			require.True(t, after[name], "docs/deploy.md names %s, which is not there", name)
		}
	}
}
