package journeys

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// findBrowser is CHROMIUM, else the first of the usual names that is on the machine.
func findBrowser(t *testing.T) string {
	t.Helper()
	names := []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}
	if given := os.Getenv("CHROMIUM"); given != "" {
		names = []string{given}
	}
	if runtime.GOOS == "darwin" {
		names = append(names, "/Applications/Chromium.app/Contents/MacOS/Chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatalf("there is no Chromium (looked for %v): install it (apt-get install chromium), or name one in CHROMIUM", names)
	return ""
}

// startBrowser starts a Chromium with an empty profile and returns the context that tabs are made from.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(findBrowser(t)), chromedp.Flag("headless", "new"),
		chromedp.Flag("lang", "en-US"), chromedp.Env("TZ=America/Chicago", "LANGUAGE=en_US"))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium's sandbox refuses root
	}
	allocator, endAllocator := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	browser, endBrowser := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		require.NoError(t, chromedp.Cancel(browser))
		endBrowser()
		endAllocator()
	})
	require.NoError(t, chromedp.Do(browser), "starting Chromium")
	return browser
}
