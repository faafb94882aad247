package outcome

import (
	"strings"
	"testing"
)

// BenchmarkClassify reads the test cases, repeated to calls of twenty messages.
func BenchmarkClassify(b *testing.B) {
	cases := readTestCases(b)
	var in []Input
	for _, c := range cases {
		m := c.Input()
		for len(m.Messages) > 0 && len(m.Messages) < 20 {
			m.Messages = append(m.Messages, m.Messages...)
		}
		in = append(in, m)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		Classify(in[i%len(in)])
	}
}

func BenchmarkMegabyte(b *testing.B) {
	in := Input{Messages: []Message{{Role: "user", Text: strings.Repeat("no I don't think I will give anything call me ", 22000)}}}
	b.SetBytes(int64(len(in.Messages[0].Text)))
	for b.Loop() {
		Classify(in)
	}
}
