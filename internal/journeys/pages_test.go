package journeys

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/dashboard"
	"github.com/callhenk/henk-worker/internal/storetest"
)

// maxWeight is the bytes on the wire of a page with all that it needs, on a first visit.
const maxWeight = 150_000

// everyPage audits all pages that the dashboard routes, those that come later too, and some states that look different.
func everyPage(t *testing.T, w *world) {
	p := w.tab(t)
	call(p, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true})
	for _, path := range append(pages(t, w), heldPage(t, w), "/conversations?outcome=pledged", "/leads?q=Nobody+of+that+name") {
		p.audit(path)
	}
	p.seen.expect("/nothing/here", http.StatusNotFound)
	p.audit("/nothing/here")
	stranger := w.tab(t, chromedp.WithNewBrowserContext())
	stranger.audit("/login")
}

// pages are the addresses of all routes that answer with a page. For an {id} the page above it is asked: it links to one.
func pages(t *testing.T, w *world) []string {
	t.Helper()
	d := dashboard.New(dashboard.Options{DB: w.demo.DB, Client: w.demo.Runtime.Client, Clock: w.demo.Clock(), Log: storetest.Log(t)})
	defer d.Close()
	c := w.client(t)
	var found []string
	for _, r := range d.Routes() {
		path, ok := strings.CutPrefix(r.Pattern, "GET ")
		if !ok {
			continue
		}
		path = strings.TrimSuffix(path, "{$}")
		if list, rest, ok := strings.Cut(path, "/{id}"); ok {
			id := idOn(t, c, w.url+list, list)
			path = list + "/" + id.String() + rest
		}
		res := get(t, c, w.url+path)
		require.NoError(t, res.Body.Close())
		if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") && res.StatusCode == http.StatusOK {
			found = append(found, path)
		}
	}
	require.Greater(t, len(found), 6, "the pages: %v", found)
	return found
}

func get(t *testing.T, c *http.Client, address string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	require.NoError(t, err)
	req.Header.Set("Accept", "text/html")
	res, err := c.Do(req)
	require.NoError(t, err)
	return res
}

// idOn is the first id that a list links to.
func idOn(t *testing.T, c *http.Client, address, list string) uuid.UUID {
	t.Helper()
	res := get(t, c, address)
	defer res.Body.Close()
	var body strings.Builder
	require.NoError(t, res.Write(&body))
	m := regexp.MustCompile(`href="` + regexp.QuoteMeta(list) + `/([0-9a-f-]{36})"`).FindStringSubmatch(body.String())
	require.NotNil(t, m, "%s links to nothing: give the demo something to show there", list)
	return uuid.MustParse(m[1])
}

// heldPage is a campaign's leads that one reason holds back.
func heldPage(t *testing.T, w *world) string {
	t.Helper()
	return "/leads?hold=do_not_call&campaign=" + query[uuid.UUID](t, w, "select id from campaigns where name = $1", appeal).String()
}

// facts are what can be said of a page without looking at it.
type facts struct {
	Title, Lang, Viewport string
	Headings              int      // of the first level
	NoAlt                 []string // images that say nothing of themselves
}

const readFacts = `({title: document.title, lang: document.documentElement.lang,
	viewport: document.querySelector("meta[name=viewport]")?.content ?? "", headings: document.querySelectorAll("h1").length,
	noAlt: [...document.querySelectorAll("img, area, input[type=image]")].filter((e) => !e.hasAttribute("alt")).map((e) => e.outerHTML)})`

// tooWide are the elements that make a page scroll sideways.
const tooWide = `(() => {
	const wide = document.documentElement.clientWidth;
	if (document.documentElement.scrollWidth <= wide) return [];
	return [...document.body.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > wide + 0.5 && !e.closest(".scroll"))
		.slice(0, 5).map((e) => e.tagName + "." + e.getAttribute("class") + " ends at " + Math.round(e.getBoundingClientRect().right));
})()`

// audit looks at one page as on a desk in the light and on a phone in the dark. Its findings do not keep the next page
// from being looked at.
func (p *tab) audit(path string) {
	p.Helper()
	p.screen(desk, "light")
	p.do(chromedp.Navigate("about:blank"))
	p.seen.forget()
	p.open(path)
	p.waitFor("the page to be whole", `document.readyState === "complete"`)
	if w := p.seen.weight(); w > maxWeight || w == 0 {
		assert.Fail(p, "weight", "%s weighs %d bytes; between 1 and %d are wanted", path, w, maxWeight)
	}
	f := eval[facts](p, readFacts)
	assert.Regexp(p, `\S.* · henk$`, f.Title, path)
	assert.Equal(p, "en", f.Lang, path)
	assert.Contains(p, f.Viewport, "width=device-width", path)
	assert.NotContains(p, f.Viewport, "user-scalable=no", path)
	assert.Equal(p, 1, f.Headings, "%s: first-level headings", path)
	assert.Empty(p, f.NoAlt, path)
	p.shownWell(path)
	p.screen(phone, "dark")
	p.shownWell(path)
}

// shownWell: nothing sticks out at the side, once charts have been drawn anew, and axe-core finds nothing serious.
func (p *tab) shownWell(path string) {
	p.Helper()
	var wide []string
	for range 40 {
		if wide = eval[[]string](p, tooWide); len(wide) == 0 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	width := eval[int](p, "innerWidth")
	assert.Empty(p, wide, "%s at %d px scrolls sideways", path, width)
	for _, b := range p.barriers() {
		if b.serious() {
			assert.Fail(p, "barrier", "%s at %d px: %s", path, width, b)
		} else {
			p.Logf("%s at %d px: %s", path, width, b)
		}
	}
}
