package outcome

import (
	"fmt"
	"os"
	"strconv"
	"testing"
)

func TestDev(t *testing.T) {
	f, _ := os.Open(os.Getenv("CASES"))
	cs, err := ReadCases(f)
	if err != nil {
		t.Fatal(err)
	}
	half := os.Getenv("HALF")
	var in []Case
	for i, c := range cs {
		if half == "" || strconv.Itoa(i%2) == half || "q"+strconv.Itoa(i%4) == half {
			c.ID = strconv.Itoa(i)
			in = append(in, c)
		}
	}
	r := Evaluate(in)
	if os.Getenv("SHOW") == "" {
		r.Metrics.Disagreements = nil
	}
	r.WriteText(os.Stdout)
	if id := os.Getenv("ID"); id != "" {
		for k, c := range r.Cases {
			if c.ID == id {
				for i, m := range in[k].Messages {
					fmt.Println(i, m.Role, ":", m.Content)
				}
				for _, e := range c.Evidence {
					fmt.Printf("  %d %s %q\n", e.Message, e.Cue, e.Quote)
				}
				fmt.Println(c.Outcome, c.Confidence)
			}
		}
	}
}
