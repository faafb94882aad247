package outcome

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func readTestCases(t testing.TB) []Case {
	t.Helper()
	f, err := os.Open("testdata/cases.jsonl")
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	cases, err := ReadCases(f)
	require.NoError(t, err)
	return cases
}

// TestCases holds the rules to the figures that matter on phone-like calls of
// every outcome. The cases were written for this package.
func TestCases(t *testing.T) {
	t.Parallel()
	cases := readTestCases(t)
	require.GreaterOrEqual(t, len(cases), 500)
	m := Evaluate(cases).Metrics
	for _, d := range m.Disagreements {
		t.Logf("%s: labelled %s, read as %s by %s %q", d.ID, d.Label, d.Outcome, d.Evidence.Cue, d.Evidence.Quote)
	}
	require.GreaterOrEqual(t, *m.MacroF1, 0.95)
	require.Zero(t, m.OptOutsMissed)
	require.Less(t, *m.RefusalsCommitmentPct, 0.05)
	require.GreaterOrEqual(t, *m.BalancedAccuracy, 0.95)
	require.GreaterOrEqual(t, float64(m.AmountsEqual), 0.9*float64(m.Amounts))
	for _, o := range All {
		require.GreaterOrEqual(t, m.Classes[string(o)].Cases, 10, o)
		require.GreaterOrEqual(t, *m.Classes[string(o)].Recall, 0.85, o)
	}
}

// An opt-out is never undone by what follows, and never by a promise.
func TestOptOutIsSticky(t *testing.T) {
	t.Parallel()
	for _, c := range readTestCases(t) {
		if *c.Label != string(DoNotCall) {
			continue
		}
		in := c.Input()
		in.Messages = append(in.Messages,
			Message{Role: "agent", Text: "I am sorry to hear that. Could you still give fifty dollars today?"},
			Message{Role: "user", Text: "Okay sure, I'll give fifty dollars. You can call me back tomorrow."})
		in.Collected = map[string]any{"outcome": "pledged"}
		in.CallResult = "voicemail"
		res := Classify(in)
		require.True(t, res.OptOut, c.ID)
		require.Equal(t, DoNotCall, res.Outcome, c.ID)
	}
}

// What the agent says decides nothing, whatever it says.
func TestAgentNeverDecides(t *testing.T) {
	t.Parallel()
	for _, c := range readTestCases(t) {
		in := c.Input()
		for i := range in.Messages {
			in.Messages[i].Role = "agent"
		}
		res := Classify(in)
		require.Equal(t, Unknown, res.Outcome, c.ID)
		require.False(t, res.OptOut || res.WrongNumber, c.ID)
		require.Nil(t, res.AmountCents, c.ID)
	}
}

// Every outcome but unknown rests on a quote that stands in the transcript.
func TestEvidenceIsQuoted(t *testing.T) {
	t.Parallel()
	for _, c := range readTestCases(t) {
		res := Classify(c.Input())
		if res.Outcome == Unknown {
			continue
		}
		require.NotEmpty(t, res.Evidence, c.ID)
		for _, e := range res.Evidence {
			require.Contains(t, c.Messages[e.Message].Content, e.Quote, c.ID)
			require.Equal(t, "user", c.Messages[e.Message].Role, c.ID)
			require.NotEmpty(t, e.Cue)
		}
		require.LessOrEqual(t, len(res.KeyPoints), 5)
		require.InDelta(t, 0, res.Sentiment, 1)
		require.InDelta(t, 0.5, res.Confidence, 0.5)
	}
}
