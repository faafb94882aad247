package journeys

import (
	"bytes"
	"fmt"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// takePictures keeps a picture of the main pages, on a desk and a phone, light and dark, for people to look at: in
// HENK_SCREENSHOTS, else with the test's artifacts.
func takePictures(t *testing.T, w *world) {
	dir := os.Getenv("HENK_SCREENSHOTS")
	if dir == "" {
		dir = t.ArtifactDir()
	}
	require.NoError(t, os.MkdirAll(dir, 0o755))
	p := w.tab(t)
	of := func(sql string, args ...any) string { return query[uuid.UUID](t, w, sql, args...).String() }
	for _, shown := range []struct{ name, path string }{
		{"now", "/"},
		{"campaign", "/campaigns/" + of("select id from campaigns where name = $1", appeal)},
		{"lead", "/leads/" + of("select id from leads where do_not_call and exists (select from campaign_leads c where c.lead_id = leads.id) order by id limit 1")},
		{"conversation", "/conversations/" + of("select conversation_id from henk.conversation_outcomes where outcome = 'pledged' order by confidence desc, events desc, conversation_id limit 1")},
		{"salesforce", "/salesforce/" + of("select id from integrations where name = 'Salesforce'")},
	} {
		for _, width := range []int64{desk, phone} {
			p.screen(width, "light")
			p.open(shown.path)
			p.waitFor("the page to be whole", `document.readyState === "complete" && (!document.querySelector("[data-live]") || !document.querySelector(".live-state").hidden)`)
			for _, scheme := range []string{"light", "dark"} {
				p.screen(width, scheme)
				picture := p.picture()
				require.Greater(t, colours(t, picture, int(width)), 20, "%s is a blank page", shown.name)
				require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%d-%s.png", shown.name, width, scheme)), picture, 0o644))
			}
		}
	}
}

// picture is the whole page as a PNG file.
func (p *tab) picture() []byte {
	p.Helper()
	whole := true
	return call(p, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatPng, CaptureBeyondViewport: &whole}).Data
}

// colours counts the different ones of a picture, at every fourth dot, and checks its width.
func colours(t *testing.T, data []byte, width int) int {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(data))
	require.NoError(t, err)
	require.Equal(t, width, img.Bounds().Dx())
	seen := map[color.Color]bool{}
	for y := 0; y < img.Bounds().Dy(); y += 4 {
		for x := 0; x < img.Bounds().Dx(); x += 4 {
			seen[img.At(x, y)] = true
		}
	}
	return len(seen)
}
