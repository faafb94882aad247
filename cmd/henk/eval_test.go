package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const evalCases = `{"id":"a","label":"pledged","amount":20,"messages":[{"role":"agent","content":"Could you give twenty dollars?"},{"role":"user","content":"Sure, twenty is fine."}]}
{"id":"b","label":"refusal","messages":[{"role":"agent","content":"Could you give?"},{"role":"user","content":"I'll give ten dollars."}]}

{"id":"c","messages":[{"role":"user","message":"Take me off your list."}]}
`

func evalFile(t *testing.T, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "calls.jsonl")
	require.NoError(t, os.WriteFile(name, []byte(content), 0o600))
	return name
}

// eval runs the command in this process.
func eval(t *testing.T, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), append([]string{"eval"}, args...), streams{&stdout, &stderr})
	return result{code, stdout.String(), stderr.String()}
}

func TestEvalJSON(t *testing.T) {
	t.Parallel()
	r := eval(t, "outcomes", "--file", evalFile(t, evalCases), "--json")
	require.Zero(t, r.code, r.stderr)
	require.Empty(t, r.stderr)
	var doc struct {
		Cases   []map[string]json.RawMessage
		Metrics struct {
			Cases, Labelled int
			Refusals        int                       `json:"refusals"`
			Called          int                       `json:"refusals_called_commitment"`
			Balanced        float64                   `json:"balanced_accuracy"`
			Confusion       map[string]map[string]int `json:"confusion"`
			Disagreements   []map[string]any          `json:"disagreements"`
		}
	}
	dec := json.NewDecoder(strings.NewReader(r.stdout))
	require.NoError(t, dec.Decode(&doc))
	require.False(t, dec.More(), "one document")
	require.Len(t, doc.Cases, 3)
	for _, c := range doc.Cases {
		require.Len(t, c, 5)
		for _, key := range []string{"id", "outcome", "confidence", "amount_cents", "evidence"} {
			require.Contains(t, c, key)
		}
	}
	require.JSONEq(t, `"pledged"`, string(doc.Cases[0]["outcome"]))
	require.JSONEq(t, `2000`, string(doc.Cases[0]["amount_cents"]))
	require.JSONEq(t, `"do_not_call"`, string(doc.Cases[2]["outcome"]))
	require.JSONEq(t, `null`, string(doc.Cases[2]["amount_cents"]))
	require.JSONEq(t, `[{"message":0,"quote":"Take me off your list","cue":"off_the_list"}]`, string(doc.Cases[2]["evidence"]))
	require.Equal(t, 2, doc.Metrics.Labelled)
	require.Equal(t, 1, doc.Metrics.Called)
	require.InDelta(t, 0.5, doc.Metrics.Balanced, 1e-9)
	require.Equal(t, 1, doc.Metrics.Confusion["refusal"]["pledged"])
	require.Equal(t, "b", doc.Metrics.Disagreements[0]["id"])
}

func TestEvalText(t *testing.T) {
	t.Parallel()
	r := eval(t, "outcomes", "--file", evalFile(t, evalCases))
	require.Zero(t, r.code, r.stderr)
	for _, want := range []string{"3, 2 labelled", "balanced accuracy", "label \\ read as", "[1]", "b: labelled refusal, read as pledged", "I'll give ten dollars", "a second"} {
		require.Contains(t, r.stdout, want)
	}
	unlabelled := eval(t, "outcomes", "--file", evalFile(t, `{"messages":[{"role":"user","content":"I'll give ten dollars."}]}`))
	require.Zero(t, unlabelled.code)
	require.Regexp(t, `pledged +1`, unlabelled.stdout)
	require.NotContains(t, unlabelled.stdout, "disagreements")
}

func TestEvalBadInput(t *testing.T) {
	t.Parallel()
	good := `{"messages":[{"role":"user","content":"no thanks"}]}` + "\n"
	for name, c := range map[string]struct {
		args   []string
		code   int
		stderr []string
	}{
		"nothing to evaluate": {[]string{}, 2, []string{"name what to evaluate", "henk eval -h"}},
		"something else":      {[]string{"amounts", "--file", "x"}, 2, []string{"outcomes"}},
		"no file named":       {[]string{"outcomes"}, 2, []string{"--file"}},
		"unknown flag":        {[]string{"outcomes", "--fiel", "x"}, 2, []string{"fiel"}},
		"no such file":        {[]string{"outcomes", "--file", filepath.Join(t.TempDir(), "none.jsonl")}, 1, []string{"no such file"}},
		"a directory":         {[]string{"outcomes", "--file", t.TempDir()}, 1, []string{"directory"}},
		"empty":               {[]string{"outcomes", "--file", evalFile(t, "\n\n")}, 1, []string{"holds no calls", `"messages"`}},
		"every bad line is named": {[]string{"outcomes", "--file", evalFile(t, good+"nonsense\n"+good+`{"id":"x"}`+"\n"+`{"messages":[],"label":"maybe"}`)}, 1,
			[]string{"line 2: not a case", `line 4: no "messages"`, `line 5: unknown label "maybe": use an outcome`}},
		"other roles": {[]string{"outcomes", "--file", evalFile(t, `{"messages":[{"role":"assistant","content":"hi"},{"role":"human","content":"no"}]}`)}, 1,
			[]string{"line 1", `"agent"`, `"user"`}},
	} {
		r := eval(t, c.args...)
		require.Equal(t, c.code, r.code, "%s: %s", name, r.stderr)
		require.NotContains(t, r.stdout, "balanced accuracy", name)
		for _, want := range c.stderr {
			require.Contains(t, r.stderr, want, name)
		}
	}
	help := eval(t, "-h")
	require.Zero(t, help.code)
	require.Contains(t, help.stdout, "Example: henk eval outcomes --file calls.jsonl")
}

// Standard input is read where a file could stand.
func TestEvalStandardInput(t *testing.T) {
	t.Parallel()
	cmd := program(t.Context(), t, nil, "eval", "outcomes", "--file", "-", "--json")
	cmd.Stdin = strings.NewReader(evalCases)
	out, err := cmd.Output()
	require.NoError(t, err)
	require.Contains(t, string(out), `"id":"a","outcome":"pledged"`)
}
