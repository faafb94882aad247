package outcome

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReadCases(t *testing.T) {
	t.Parallel()
	cases, err := ReadCases(strings.NewReader("\ufeff" + `{"id":"a","messages":[null,{"role":"user","content":"no thanks"}],"label":"refusal","amount":0}` + "\n\n" +
		`{"id":7,"messages":[]}` + "\n" + `{"messages":[{"role":"user","content":"hi"}],"label":null}`))
	require.NoError(t, err)
	require.Len(t, cases, 3)
	require.Equal(t, []string{"a", "7", "line-4"}, []string{cases[0].ID, cases[1].ID, cases[2].ID})
	require.Len(t, cases[0].Messages, 2, "a null turn keeps its place")
	for src, want := range map[string]string{
		"{}\n": "line 1",
		`{"id":"a","messages":[]}` + "\nnonsense":  "line 2",
		`{"id":"a","messages":"hello"}`:            "line 1",
		`{"id":"a","messages":[],"label":"maybe"}`: `unknown label "maybe"`,
	} {
		_, err := ReadCases(strings.NewReader(src))
		require.ErrorContains(t, err, want)
	}
}

func TestEvaluate(t *testing.T) {
	t.Parallel()
	cases, err := ReadCases(strings.NewReader(`
{"id":"1","label":"commitment","amount":50,"messages":[{"role":"user","content":"I'll give fifty dollars."}]}
{"id":"2","label":"commitment","messages":[{"role":"user","content":"I love green tea."}]}
{"id":"3","label":"refusal","messages":[{"role":"user","content":"I'm not interested."}]}
{"id":"4","label":"refusal","messages":[{"role":"user","content":"I will donate ten dollars."}]}
{"id":"5","label":"no_decision","messages":[{"role":"user","content":"I'll think about it."}]}
{"id":"6","label":"do_not_call","messages":[{"role":"user","content":"Take me off your list."}]}
{"id":"7","messages":[{"role":"user","content":"Hello"}]}`))
	require.NoError(t, err)
	rep := Evaluate(cases)
	m := rep.Metrics
	require.Equal(t, 7, m.Cases)
	require.Equal(t, 6, m.Labelled)
	require.InDelta(t, 0.5, *m.CommitmentRecall, 1e-9)
	require.InDelta(t, 0.75, *m.Specificity, 1e-9)
	require.InDelta(t, 0.625, *m.BalancedAccuracy, 1e-9)
	require.Equal(t, 1, m.RefusalsCommitment)
	require.Equal(t, 3, m.Refusals)
	require.Zero(t, m.OptOutsMissed)
	require.Equal(t, 1, m.AmountsEqual)
	require.Equal(t, 1, m.Confusion["refusal"]["pledged"])
	require.Len(t, m.Disagreements, 2)
	require.InDelta(t, 1, *m.MacroF1, 1e-9, "only one class is present by name")

	b, err := json.Marshal(rep)
	require.NoError(t, err)
	var doc struct {
		Cases []struct {
			ID       string           `json:"id"`
			Outcome  string           `json:"outcome"`
			Cents    *int64           `json:"amount_cents"`
			Evidence []map[string]any `json:"evidence"`
		} `json:"cases"`
		Metrics map[string]any `json:"metrics"`
	}
	require.NoError(t, json.Unmarshal(b, &doc))
	require.Equal(t, int64(5000), *doc.Cases[0].Cents)
	require.Equal(t, "I'll give fifty dollars", doc.Cases[0].Evidence[0]["quote"])
	require.NotNil(t, doc.Cases[6].Evidence, "an empty list, not null")
	require.Contains(t, doc.Metrics, "balanced_accuracy")

	var text bytes.Buffer
	require.NoError(t, rep.WriteText(&text))
	for _, want := range []string{"balanced accuracy", "62.5%", "refusals called commitment", "1 of 3", "disagreements", "will_give"} {
		require.Contains(t, text.String(), want)
	}
	text.Reset()
	require.NoError(t, Evaluate(cases[6:]).WriteText(&text))
	require.Contains(t, text.String(), "unknown")
}
