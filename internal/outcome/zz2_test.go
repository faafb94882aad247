package outcome

import (
	"fmt"
	"os"
	"testing"
)

func TestMarks(t *testing.T) {
	var s scanner
	rev := map[wordID]string{}
	for w, id := range vocabulary {
		rev[id] = w
	}
	for _, st := range s.scan(os.Getenv("S")) {
		fmt.Println("q", st.question)
		for _, x := range st.tok {
			fmt.Printf("%s[%d] ", rev[x.id], x.val)
		}
		fmt.Println()
		for i := range st.tok {
			donorCues.at(st.tok, i, func(c cue, end int) { fmt.Println("  raw", i, end, c.name, c.kind) })
		}
		for _, m := range read(st, nil) {
			fmt.Println("  mark", m.from, m.to, m.name, m.kind, m.later, m.moreOnly)
		}
	}
	fmt.Printf("ask %+v\n", readAsk(s.scan(os.Getenv("S"))))
}
