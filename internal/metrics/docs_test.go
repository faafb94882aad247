package metrics_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/storetest"
)

// The table in docs/operations.md names every metric that is shown, and none that is not.
func TestMetricsAreDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/operations.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(text), "\n## Metrics\n")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n## ")
	documented := map[string]bool{}
	for _, name := range regexp.MustCompile(`henk_[a-z_]+`).FindAllString(section, -1) {
		documented[name] = true
	}
	db := storetest.New(t)
	fill(t, db)
	m := newMetrics(t, db)
	m.Dialed("skipped", "do_not_call")
	m.HTTP("GET /", 200, 0)
	m.Provider("elevenlabs")(t.Context(), "place call", 200, time.Now(), nil)
	shown, _ := scrape(t, m)
	for _, match := range regexp.MustCompile(`(?m)^# TYPE (henk_\S+)`).FindAllStringSubmatch(shown, -1) {
		require.True(t, documented[match[1]], "%s is not in the table", match[1])
		delete(documented, match[1])
	}
	// They have no series before the first job ran.
	for _, name := range []string{"henk_job_duration_seconds", "henk_river_fetch_duration_seconds", "henk_river_fetched_jobs"} {
		require.True(t, documented[name], name)
		delete(documented, name)
	}
	require.Empty(t, documented, "documented and not shown")
}
