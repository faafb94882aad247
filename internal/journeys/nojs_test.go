package journeys

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// withoutJavaScript: the main pages and their forms, with scripts switched off, from the login on.
func withoutJavaScript(t *testing.T, w *world) {
	p := w.tab(t, chromedp.WithNewBrowserContext())
	call(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	p.open("/")
	p.waitText("h1", "Sign in")
	p.fill("#username", username)
	p.fill("#password", password)
	p.press("Sign in")
	p.waitText("h1", "Now")
	require.False(t, eval[bool](p, `document.documentElement.classList.contains("js")`), "scripts ran")
	p.waitText("main", "Calls today")
	p.waitText(".no-live a", "Refresh") // events bring nothing: there is a link instead
	require.Empty(t, p.text(".live-state"), "a page without scripts must not say that it is live")
	p.follow("Refresh")
	p.waitText("h1", "Now")

	p.follow("Campaigns")
	p.waitText("h1", "Campaigns")
	p.follow(appeal)
	p.waitText("h1", appeal)
	p.waitText("main", "What holds leads back")
	p.press("Pause")
	p.waitText(".summary .pill", "paused")
	p.press("Resume")
	p.waitText(".summary .pill", "active")

	p.follow("Leads")
	p.waitText("h1", "Leads")
	p.fill("#q", "Castillo")
	p.press("Search")
	p.waitText("#results tbody", "Castillo")
	p.click("#results tbody tr:last-child a")
	p.waitText("h1", "Castillo")
	p.waitText("main", "Called or not, and why")
	liftOrSet(p)

	p.follow("Conversations")
	p.waitText("h1", "Conversations")
	p.choose("#outcome", "pledged")
	p.press("Show")
	p.waitText("tbody .pill", "pledged")
	p.click("tbody a")
	p.waitText("h2", "What was said")
	p.fill("#note", "Read without scripts.")
	p.press("Save my verdict")
	p.waitText("[role=status]", "Your verdict is noted")
	p.press("Sign out")
	p.waitText("h1", "Sign in")
}

// liftOrSet changes the lead's do-not-call flag to the other state, with a reason for the record.
func liftOrSet(p *tab) {
	p.Helper()
	button, notice := "Lift do not call", "are lifted"
	if eval[bool](p, `!!document.querySelector("button[value=set]")`) {
		button, notice = "Set do not call", "Nobody calls this person any more"
	}
	p.fill("#reason", "asked by letter")
	p.press(button)
	p.waitText("[role=status]", notice)
	p.waitText("section[aria-labelledby=audit]", "asked by letter")
}
