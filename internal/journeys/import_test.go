package journeys

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// importLeads: a file is previewed, its columns are mapped, and what cannot be taken is said with its line.
func importLeads(t *testing.T, w *world) {
	file := filepath.Join(t.TempDir(), "gala.csv")
	require.NoError(t, os.WriteFile(file, []byte("Given name,Family name,Phone,Remark\n"+
		"Ida,Wells,+1 312 555 0142,guest\nRosa,Parks,,guest\nAmelia,Boynton,+1 334 555 0117,\n"), 0o600))
	p := w.tab(t)
	upload := func() {
		t.Helper()
		p.open("/import")
		p.do(chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{file}))
		p.fill("#list", "Gala guests")
		p.press("Upload and preview")
		p.waitText("h1", "gala.csv")
		p.waitText("section[aria-labelledby=rows]", "+1 312 555 0142")
	}
	upload()
	p.choose("#m4", "notes")
	p.press("Show the rows by this mapping")
	p.waitText("section[aria-labelledby=rows]", "guest")
	p.press("Import")
	p.waitText("#state", "done")
	p.waitText("#problems ~ ul", "Line 3 there is no phone")
	require.Equal(t, 2, query[int](t, w, `select count(*) from leads where last_name in ('Wells', 'Boynton') and source = 'csv'`))
	p.open("/import")
	p.waitText("#uploads", "Files of the last")
	upload() // stays a preview, which the audit of every page looks at
}
