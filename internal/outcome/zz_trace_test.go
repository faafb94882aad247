package outcome

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestZZTrace(t *testing.T) {
	fn := os.Getenv("TRACE_FILE")
	if fn == "" {
		return
	}
	f, _ := os.Open(fn)
	cases, err := ReadCases(f)
	if err != nil {
		t.Fatal(err)
	}
	ids := os.Getenv("IDS")
	for _, c := range cases {
		res := Classify(c.Input())
		if ids == "" && (c.Label == nil || Agrees(*c.Label, res.Outcome)) {
			continue
		}
		if ids != "" && !strings.Contains(","+ids+",", ","+c.ID+",") {
			continue
		}
		l := ""
		if c.Label != nil {
			l = *c.Label
		}
		fmt.Printf("=== %s label %s got %s %.2f\n", c.ID, l, res.Outcome, res.Confidence)
		var r reader
		for _, m := range c.Messages {
			if m.Role == "agent" {
				a := readAsk(r.scan.scan(m.Content))
				fmt.Printf("  A[%d] %s\n", a.kind, m.Content)
				continue
			}
			r.listen(m.Content)
			fmt.Printf("  U %s\n", m.Content)
			for _, h := range r.heard {
				for _, mk := range h.marks {
					fmt.Printf("       %d/%s %q later=%v more=%v\n", mk.kind, mk.name, m.Content[h.tok[mk.from].start:h.tok[mk.to-1].end], mk.later, mk.moreOnly)
				}
			}
		}
	}
}
