package dashboard

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/clock"
	"github.com/callhenk/henk-worker/internal/storetest"
)

func TestTomorrow(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Clock = clock.At(time.Date(2031, 5, 14, 20, 0, 0, 0, time.UTC)) // a Wednesday
	w := storetest.NewWorld(t, b.db, storetest.Fields{"daily_call_cap": 6, "retry_logic": "Wait 24 hours"})
	b.exec(`update businesses set settings = '{"calling": {"timezone": "America/Chicago", "window_margin_seconds": 0}}'`)
	for i := range 5 {
		storetest.NewLead(t, b.db, w, nil) // in Chicago
		storetest.NewLead(t, b.db, w, storetest.Fields{"phone": "+1503555010" + string(rune('0'+i)), "timezone": "America/Los_Angeles"})
	}
	storetest.NewLead(t, b.db, w, storetest.Fields{"do_not_call": true})
	storetest.NewLead(t, b.db, w, storetest.Fields{"cl.last_attempt_at": b.Clock.Local().Add(30 * time.Hour), "cl.attempts": 1})
	page := "/campaigns/" + w.Campaign.String() + "/tomorrow"
	shown := text(b.get(page))
	require.Contains(t, shown, "Thursday 15 May, America/Chicago")
	require.Contains(t, shown, "Calls 6 the daily cap is 6")
	require.Contains(t, shown, "Callable 10 leads, some time in the day")
	require.Regexp(t, `0[89]:00 5 1[01]:00 5`, shown, "Chicago before Los Angeles, by Chicago's clock")
	require.Contains(t, shown, "Later 1 leads, on a day after")
	require.Contains(t, shown, "do not call 1 Flagged as do not call")
	require.Contains(t, shown, "no call has been made yet")
	require.Equal(t, int64(0), value[int64](b, "select count(*) from call_attempts"), "on paper")

	b.exec("update campaigns set status = 'paused'")
	b.tomorrows.stale(w.Campaign)
	require.Eventually(t, func() bool { return b.contains(page, "campaign active 12") }, 20*time.Second, 50*time.Millisecond)
	require.Equal(t, http.StatusNotFound, b.do("GET", "/campaigns/"+uuid.NewString()+"/tomorrow", nil).Code)
}

func (b *bundle) contains(target, says string) bool {
	return strings.Contains(text(b.get(target)), says)
}

func TestThePageOfTheDoctor(t *testing.T) {
	t.Parallel()
	b := setup(t)
	require.Contains(t, text(b.get("/doctor")), "Run henk doctor where the worker runs.")
	var ran atomic.Int32
	b.Doctor = func(context.Context) []Check {
		ran.Add(1)
		return []Check{{"database", "ok", "PostgreSQL 17", ""}, {"agents", "warn", "one has no number", "give it one"}, {"schema", "fail", "is old", "run henk migrate"}, {"odd", "maybe", "", ""}}
	}
	shown := text(b.get("/doctor"))
	require.Contains(t, shown, "2 failed 1 to look at 4 checks")
	require.Contains(t, shown, "agents warn one has no number Mend: give it one")
	b.get("/doctor")
	require.EqualValues(t, 1, ran.Load(), "not for each look")
	rec := b.post("/doctor")
	require.Equal(t, "/doctor?done=checking", rec.Header().Get("Location"))
	require.Eventually(t, func() bool { b.get("/doctor"); return ran.Load() == 2 }, 20*time.Second, 20*time.Millisecond)
}

func TestAPageDoesNotWaitForTheDoctor(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.patience = time.Millisecond
	hold := make(chan struct{})
	b.Doctor = func(ctx context.Context) []Check {
		select {
		case <-hold:
		case <-ctx.Done():
		}
		return []Check{{"database", "ok", "", ""}}
	}
	page := b.get("/doctor")
	require.Contains(t, page, "The checks are running.")
	require.Contains(t, page, `hx-get="/doctor"`)
	require.Contains(t, page, `<a href="/doctor">Refresh</a>`, "without scripts too")
	close(hold)
	require.Eventually(t, func() bool { return b.contains("/doctor", "all is well") }, 20*time.Second, 20*time.Millisecond)
}
