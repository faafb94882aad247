package journeys

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// syncSalesforce: the operator starts a sync and sees its bar move to the end. The simulated org answers slowly
// meanwhile, as a large one does.
func syncSalesforce(t *testing.T, w *world) {
	// What was synced a moment ago counts as synced by the next run too, whose bar then begins at its end.
	eventually(t, "the last sync to be some seconds old", func() bool {
		return query[bool](t, w, "select max(completed_at) < now() - interval '6 seconds' and bool_and(completed_at is not null) from sync_logs")
	})
	w.orgFaults(t, "slow=700ms")
	defer w.orgFaults(t, "")
	p := w.tab(t)
	p.open("/salesforce")
	p.waitText("tbody .pill", "active")
	p.click("tbody a")
	p.waitText("h1", "Salesforce of")
	p.waitText("#progress", "Nothing is running")
	p.press("Sync now")
	p.waitText("[role=status]", "sync")
	const width = `Number(document.querySelector(".progress .bar rect")?.getAttribute("width") ?? -1)`
	p.waitFor("the bar", width+" >= 0")
	widths := []float64{eval[float64](p, width)}
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		now, last := eval[float64](p, width), widths[len(widths)-1]
		if now < last { // it is over; perhaps the next has begun already
			break
		}
		if now > last {
			widths = append(widths, now)
		}
	}
	t.Logf("the bar went %v", widths)
	require.GreaterOrEqual(t, len(widths), 2, "the bar has not moved: %v", widths)
	p.waitText("#progress", "Nothing is running")
	p.waitText("[sse-swap=runs] tbody tr:first-child", "success")
	require.Contains(t, p.text("section[aria-labelledby=audit]"), username+" asked for a sync")
}

// orgFaults sets what goes wrong at the simulated org; "" is nothing.
func (w *world) orgFaults(t *testing.T, spec string) {
	t.Helper()
	org := w.demo.Runtime.Salesforce
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, org.LoginURL+"/_sim/faults", strings.NewReader(spec))
	require.NoError(t, err)
	req.SetBasicAuth(org.ClientID, org.ClientSecret.Reveal())
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, http.StatusOK, res.StatusCode)
}
