package outcome

import (
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func FuzzClassify(f *testing.F) {
	for _, c := range readTestCases(f)[:60] {
		var text []string
		for _, m := range c.Messages {
			text = append(text, m.Content)
		}
		f.Add(strings.Join(text, "\n"), "answered", "America/New_York")
	}
	f.Add("0C?\nYeA", "", "")
	f.Add("call me \xff at 99:99 on the 31st of february, $999999999999999999.999 a hundred hundred thousand thousand", "voicemail", "Nowhere")
	f.Add("$ . .5 5. $.¢ % 12% -- ' '' n't 'll don't''", "", "UTC")
	f.Fuzz(func(t *testing.T, text, callResult, zone string) {
		in := Input{CallResult: callResult, TerminationReason: callResult, Zone: zone, CallEndedAt: time.Date(2026, 11, 23, 20, 0, 0, 0, time.UTC), Collected: map[string]any{"outcome": callResult}}
		for i, line := range strings.Split(text, "\n") {
			in.Messages = append(in.Messages, Message{Role: []string{"agent", "user", "user"}[i%3], Text: line})
		}
		res := Classify(in)
		require.Equal(t, res, Classify(in), "deterministic")
		require.Contains(t, All, res.Outcome)
		require.False(t, math.IsNaN(res.Sentiment) || math.Abs(res.Sentiment) > 1)
		require.True(t, res.Confidence >= 0 && res.Confidence <= 1)
		require.True(t, !res.OptOut || res.Outcome == DoNotCall)
		require.LessOrEqual(t, len(res.Evidence), maxEvidence)
		require.LessOrEqual(t, len(res.KeyPoints), 5)
		for _, e := range res.Evidence {
			require.True(t, utf8.ValidString(e.Quote) && len(e.Quote) <= 200 && !strings.ContainsRune(e.Quote, 0))
			require.Less(t, e.Message, len(in.Messages))
		}
		if res.AmountCents != nil {
			require.True(t, *res.AmountCents > 0 && *res.AmountCents <= maxCents)
		}
		if res.CallbackAt != nil {
			require.True(t, res.CallbackAt.After(in.CallEndedAt))
			require.True(t, res.CallbackAt.Hour() >= firstHour && res.CallbackAt.Hour() <= lastHour)
		}
	})
}
