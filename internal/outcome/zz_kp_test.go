package outcome

import (
	"fmt"
	"os"
	"testing"
)

func TestZZAmounts(t *testing.T) {
	for _, n := range []string{"fresh-1", "fresh-2", "fresh-3"} {
		f, _ := os.Open("testdata/" + n + ".jsonl")
		cs, _ := ReadCases(f)
		for _, c := range cs {
			r := Classify(c.Input())
			if c.Amount != nil && (r.AmountCents == nil || *r.AmountCents != int64(*c.Amount*100+0.5)) {
				v := int64(-1)
				if r.AmountCents != nil {
					v = *r.AmountCents
				}
				fmt.Println(c.ID, *c.Amount, v, r.Outcome, c.Messages[len(c.Messages)-1].Content)
			}
		}
	}
	f, _ := os.Open("/work/shared/data/outcomes-train.jsonl")
	cs, _ := ReadCases(f)
	for i, c := range cs {
		if i%14 == 0 {
			r := Classify(c.Input())
			fmt.Println(c.ID, r.Outcome, r.Sentiment)
			for _, k := range r.KeyPoints {
				fmt.Println("    ", k)
			}
		}
	}
	for _, s := range []string{"hi", "i hate you people", "Not now, thanks.", "I'm not happy with how you spend it, so no.", "Love it! put me down for fifty", "my husband just died and I can't deal with this", "Sure, whatever", "This is so sad, those poor kids. I'll give ten.", "Get lost you scammer", "thank you so much for all you do"} {
		fmt.Println(s, reply(askForGift, s).Outcome, reply(askForGift, s).Sentiment)
	}
}
