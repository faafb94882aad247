package journeys

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// patience is how long anything may take before a test gives up. It is far more than needed: a slow machine is no fault.
const patience = 40 * time.Second

// tab is one tab of the browser, with what a person does in it. What the page complains about fails the test at its end.
type tab struct {
	*testing.T
	ctx  context.Context
	base string
	seen *traffic
}

// tab opens a tab as wide as a desk's screen. All tabs share cookies, except those of WithNewBrowserContext.
func (w *world) tab(t *testing.T, options ...chromedp.ContextOption) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(w.browser, options...)
	t.Cleanup(cancel)
	p := &tab{T: t, ctx: ctx, base: w.url, seen: newTraffic()}
	require.NoError(t, chromedp.Listen(ctx, p.seen.note))
	p.screen(desk, "light")
	t.Cleanup(func() { require.Empty(t, p.seen.complaints(), "what the browser complained about") })
	return p
}

func (p *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	require.NoError(p, chromedp.Do(ctx, steps...), "at %s", p.seen.page())
}

// call sends a command of the protocol.
func call[P, R any](p *tab, cmd cdp.Command[P, R], params P) (answer R) {
	p.Helper()
	p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) (err error) {
		answer, err = cdp.Call(ctx, t, cmd, params)
		return err
	}))
	return answer
}

// Widths of screens, in CSS pixels.
const (
	desk  = 1440
	phone = 390
)

// screen sets the width and the colour scheme, light or dark.
func (p *tab) screen(width int64, scheme string) {
	p.Helper()
	var options []chromedp.EmulateViewportOption
	if width == phone {
		options = append(options, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	p.do(chromedp.EmulateViewport(width, 900, options...))
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
}

func (p *tab) open(path string) {
	p.Helper()
	p.do(chromedp.Navigate(p.base + path))
}

// click clicks the first element that a CSS selector matches, where a person would.
func (p *tab) click(selector string) {
	p.Helper()
	p.hit(chromedp.Click(chromedp.CSS(selector)))
}

// press clicks the button that has this text.
func (p *tab) press(text string) {
	p.Helper()
	p.hit(chromedp.Click(chromedp.Search(`//button[normalize-space()="` + text + `"]`)))
}

// follow clicks the link that has this text.
func (p *tab) follow(text string) {
	p.Helper()
	p.hit(chromedp.Click(chromedp.Search(`//a[normalize-space()="` + text + `"]`)))
}

// hit tries a click again when an event has replaced the element between the look and the click.
func (p *tab) hit(click chromedp.Action[chromedp.Void]) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	for {
		err := chromedp.Do(ctx, click)
		if err == nil {
			return
		}
		var gone *cdproto.Error
		require.ErrorAs(p, err, &gone, "at %s", p.seen.page())
		require.NoError(p, ctx.Err())
	}
}

// fill types into an empty field.
func (p *tab) fill(selector, text string) {
	p.Helper()
	p.do(chromedp.SendKeys(chromedp.CSS(selector), text))
}

// choose picks an option of a list; the field says that it has changed, as it does under a person's hand.
func (p *tab) choose(selector, value string) {
	p.Helper()
	took := eval[bool](p, fmt.Sprintf(`(() => {
		const list = document.querySelector(%s);
		list.value = %s;
		list.dispatchEvent(new Event("change", {bubbles: true}));
		return list.selectedIndex >= 0;
	})()`, quote(selector), quote(value)))
	require.True(p, took, "%s has no option %s", selector, value)
}

// eval is the value of an expression on the page.
func eval[T any](p *tab, js string) T {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
	require.NoError(p, err, js)
	return v
}

// text is what an element shows, with single spaces; "" where there is no such element or it is hidden.
func (p *tab) text(selector string) string {
	p.Helper()
	// The innerText of what is hidden is not empty.
	shown := eval[string](p, fmt.Sprintf(`((e) => e?.checkVisibility() ? e.innerText : "")(document.querySelector(%s))`, quote(selector)))
	return strings.Join(strings.Fields(shown), " ")
}

// waitFor waits until an expression is true, also across pages: what fails while one page gives way to another is asked again.
func (p *tab) waitFor(what, js string) {
	p.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(40 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(p.ctx, patience)
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+js+")"))
		cancel()
		if ok && err == nil {
			return
		}
		if time.Now().After(deadline) {
			require.FailNow(p, "waited in vain for "+what, "%s\nat %s: %v\n%s", js, p.seen.page(), err, p.text("main"))
		}
	}
}

// waitText waits until an element shows a text.
func (p *tab) waitText(selector, text string) {
	p.Helper()
	p.waitFor(fmt.Sprintf("%q in %s", text, selector),
		fmt.Sprintf(`document.readyState === "complete" && [...document.querySelectorAll(%s)].some((e) => e.checkVisibility() && e.innerText.replace(/\s+/g, " ").includes(%s))`, quote(selector), quote(text)))
}

// quote is a text as JavaScript has it.
func quote(text string) string {
	data, err := json.Marshal(text)
	if err != nil {
		panic(err) // a string can be marshalled
	}
	return string(data)
}
