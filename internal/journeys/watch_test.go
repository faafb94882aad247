package journeys

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/jobs"
)

const appeal, givers = "Spring appeal", "Monthly givers" // the demo's campaigns, a large and a small one

// logIn: a page that was asked for leads to the login and, after it, is shown. The session stays for the tabs that follow.
func logIn(t *testing.T, w *world) {
	p := w.tab(t)
	p.open("/campaigns")
	p.waitText("h1", "Sign in")
	p.fill("#username", username)
	p.fill("#password", "a wrong one")
	p.seen.expect("/login", http.StatusUnauthorized)
	p.press("Sign in")
	p.waitText("[role=alert]", "User name or password is wrong.")
	p.fill("#username", username)
	p.fill("#password", password)
	p.press("Sign in")
	p.waitText("h1", "Campaigns")
	require.Contains(t, p.text("main"), appeal)
	cookies := call(p, network.GetCookies, network.GetCookiesParams{}).Cookies
	require.Len(t, cookies, 1)
	require.True(t, cookies[0].HTTPOnly, "a script must not read the session")

	// By keyboard alone: the first stop of a page leads past the navigation.
	p.do(chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter))
	p.waitFor("the focus on the content", `document.activeElement.id === "content"`)
	p.do(chromedp.KeyEvent(kb.Tab))
	campaign := eval[string](p, "document.activeElement.innerText")
	require.Contains(t, []string{appeal, givers}, campaign, "the next stop is the first campaign")
	p.do(chromedp.KeyEvent(kb.Enter))
	p.waitText("h1", campaign)
}

// openCampaign goes to a campaign's page as a person finds it and waits for the live view.
func (p *tab) openCampaign(name string) {
	p.Helper()
	p.open("/campaigns")
	p.follow(name)
	p.waitText("h1", name)
	p.waitText("[data-live-text]", "live")
}

// tile reads a number from the live figures of a campaign's page, counted from 1.
func tile(n int) string {
	return fmt.Sprintf(`Number(document.querySelector("[sse-swap=status] .tiles > div:nth-of-type(%d) dd").innerText.match(/[\d,]+/)[0].replace(/,/g, ""))`, n)
}

const (
	onTheLine = 1 // tiles of a campaign's page
	usedToday = 2
)

// watchCampaign: the figures grow under the operator's eyes. A mark on the window is gone after a reload.
func watchCampaign(t *testing.T, w *world) {
	p := w.tab(t)
	p.openCampaign(appeal)
	eval[chromedp.Void](p, `window.stayed = true`)
	used := eval[int](p, tile(usedToday))
	p.waitFor("more calls", fmt.Sprintf(`%s >= %d`, tile(usedToday), used+3))
	p.waitFor("somebody on the line", tile(onTheLine)+" > 0")
	p.waitFor("progress in the funnel", `document.querySelectorAll("[sse-swap=progress] .bars li").length > 3`)
	require.True(t, eval[bool](p, `window.stayed === true`), "the page was reloaded")

	p.press("Pause updates")
	p.waitText("[data-live-text]", "paused")
	used = eval[int](p, tile(usedToday))
	rang := w.rings(t)
	eventually(t, "calls go on", func() bool { return w.rings(t) >= rang+2 })
	require.Equal(t, used, eval[int](p, tile(usedToday)), "paused updates stand still")
}

// pauseCampaign: after stop and pause no phone rings any more, though slots become free and plans run; after resume they
// ring again. The provider's simulator counts.
func pauseCampaign(t *testing.T, w *world) {
	p := w.tab(t)
	p.openCampaign(givers)
	p.press("Stop now")
	p.waitText(".note.warn", "Stopped")
	p.openCampaign(appeal)
	p.press("Pause")
	p.waitText("[sse-swap=status] .pill", "paused")
	// A call that had passed the fence may still be on its way to the provider.
	eventually(t, "the last dial to be over", func() bool {
		return query[int](t, w, "select count(*) from call_attempts where state = 'dialing'") == 0
	})
	rang := w.rings(t)
	for _, name := range []string{appeal, givers} {
		w.plan(t, query[uuid.UUID](t, w, "select id from campaigns where name = $1", name))
	}
	p.waitFor("the calls on the line to end", tile(onTheLine)+" === 0")
	eventually(t, "the plans to run", func() bool {
		return query[int](t, w, `select count(*) from river.river_job where kind in ('plan-campaign', 'dial-lead')
			and state in ('available', 'pending', 'retryable', 'running') and not coalesce((args ->> 'wake')::boolean, false)`) == 0
	})
	require.Equal(t, rang, w.rings(t), "a phone rang while both campaigns stood still")

	p.press("Resume")
	p.waitText("[sse-swap=status] .pill", "active")
	eventually(t, "phones to ring again", func() bool { return w.rings(t) > rang })
	require.Contains(t, p.text("section[aria-labelledby=audit]"), username)
}

// plan asks for a plan of a campaign, as its tick does.
func (w *world) plan(t *testing.T, campaign uuid.UUID) {
	t.Helper()
	tx, err := w.demo.DB.Begin(t.Context())
	require.NoError(t, err)
	_, err = jobs.InsertPlanTx(t.Context(), tx, w.demo.Runtime.Client, campaign)
	require.NoError(t, err)
	require.NoError(t, tx.Commit(t.Context()))
}
