package journeys

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

//go:embed testdata/axe-core/axe.min.js.gz
var axeGzip []byte

var axeSource = sync.OnceValues(func() (string, error) {
	r, err := gzip.NewReader(bytes.NewReader(axeGzip))
	if err != nil {
		return "", err
	}
	source, err := io.ReadAll(r)
	return string(source), err
})

// barrier is a rule of axe-core that a page breaks.
type barrier struct {
	Rule, Impact, Help string
	Where              []string // selectors, and what is wrong there
}

func (b barrier) String() string {
	return fmt.Sprintf("%s (%s): %s\n    %s", b.Rule, b.Impact, b.Help, strings.Join(b.Where, "\n    "))
}

// serious is what axe-core calls serious or critical.
func (b barrier) serious() bool { return b.Impact == "serious" || b.Impact == "critical" }

const runAxe = `axe.run(document, {resultTypes: ["violations"]}).then((r) => r.violations.map((v) => ({
	rule: v.id, impact: v.impact || "unknown", help: v.help,
	where: v.nodes.map((n) => n.target.join(" ") + ": " + (n.failureSummary || "").split("\n").slice(1).join(";") + " " + n.html.slice(0, 160))})))`

// barriers are what axe-core finds on the page as it is shown now. The page's Content-Security-Policy does not bind what
// the protocol evaluates.
func (p *tab) barriers() []barrier {
	p.Helper()
	source, err := axeSource()
	require.NoError(p, err)
	if !eval[bool](p, `typeof axe === "object"`) {
		eval[chromedp.Void](p, source)
	}
	return eval[[]barrier](p, runAxe)
}
