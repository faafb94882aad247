package outcome

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFreshCases holds the rules to what they reach on calls that were written
// without them, see testdata/README.md.
func TestFreshCases(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"fresh-1", "fresh-2", "fresh-3", "fresh-4", "optouts"} {
		f, err := os.Open("testdata/" + name + ".jsonl")
		require.NoError(t, err)
		cases, err := ReadCases(f)
		require.NoError(t, f.Close())
		require.NoError(t, err)
		m := Evaluate(cases).Metrics
		for _, d := range m.Disagreements {
			t.Logf("%s: labelled %s, read as %s by %s %q", d.ID, d.Label, d.Outcome, d.Evidence.Cue, d.Evidence.Quote)
		}
		require.Zero(t, m.OptOutsMissed, name)
		require.GreaterOrEqual(t, *m.BalancedAccuracy, 0.95, name)
		require.GreaterOrEqual(t, *m.MacroF1, 0.93, name)
		require.Less(t, *m.RefusalsCommitmentPct, 0.05, name)
		require.GreaterOrEqual(t, float64(m.AmountsEqual), 0.8*float64(m.Amounts), name)
	}
}

// What resembles an opt-out and is none. A false one loses a donor for good.
func TestNoOptOut(t *testing.T) {
	t.Parallel()
	for _, said := range []string{
		"Don't call me Bob, it's Robert. Yes, ten dollars.", "You can call me again next year.", "Stop calling it that.",
		"I read your report, call me tomorrow.", "Call me back after court on Monday.", "They call for a cease fire, that's good.",
		"You have to stop by our church one day.", "I don't have any missed calls from you.", "Cut it out of my paycheck, ten dollars is fine.",
		"We make it last, money is tight.", "Your work against harassment in schools matters, I'll give ten.", "No, stop right there, I can't afford it.",
		"I get a lot of calls but yours is a nice one.", "What is the success rate of the program?", "That really wouldn't bother me at all.", "Call me anytime.", "Is my number on your list of donors?", "I was taken from my family as a child.",
	} {
		res := reply(askForGift, said)
		require.False(t, res.OptOut, "%s: %v", said, res.Evidence)
	}
	henk := Classify(Input{Messages: []Message{
		{Role: "agent", Text: "Hi, this is Henk with Riverbend."}, {Role: "user", Text: "don't call me Henk"},
	}})
	require.True(t, henk.OptOut, "a name that is the agent's own is spoken to, not of")
}
