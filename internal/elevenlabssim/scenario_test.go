package elevenlabssim

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func nowFunc() time.Time { return time.Now() }

func TestTheDialoguesAreWhole(t *testing.T) {
	t.Parallel()
	list := Scenarios()
	require.GreaterOrEqual(t, len(list), 48)
	outcomes := []string{"pledged", "donated", "not_interested", "do_not_call", "callback_requested", "interested", "voicemail_left", "wrong_number", "unknown"}
	names := map[string]bool{}
	for _, sc := range list {
		require.False(t, names[sc.Name], "%s twice", sc.Name)
		names[sc.Name] = true
		require.Contains(t, outcomes, sc.Outcome, sc.Name)
		require.True(t, slices.ContainsFunc(mix[:], func(m struct {
			class  string
			weight int
		}) bool {
			return m.class == sc.Class
		}), "%s: class %s never answers", sc.Name, sc.Class)
		require.Contains(t, []string{"answered", "voicemail", "busy", "no_answer", "failed"}, sc.CallResult, sc.Name)
		require.Contains(t, []string{"success", "failure", "unknown"}, sc.Successful, sc.Name)
		require.NotEmpty(t, sc.TerminationReason, sc.Name)
		require.NotEmpty(t, sc.Summary, sc.Name)
		require.Positive(t, sc.RingSecs, sc.Name)
		require.Equal(t, sc.CallResult == "answered" || sc.CallResult == "voicemail", sc.connects(), sc.Name)
		require.Equal(t, sc.Outcome == "pledged" || sc.Outcome == "donated", sc.AmountCents > 0, sc.Name)
		last := 0
		for _, m := range sc.Messages {
			require.GreaterOrEqual(t, m.AtSecs, last, sc.Name)
			last = m.AtSecs
			require.NotEqual(t, m.Text == "", m.Tool == "", sc.Name)
			rest := strings.NewReplacer("{{donor_name}}", "", "{{campaign_name}}", "").Replace(m.Text)
			require.NotContains(t, rest, "{{", sc.Name)
		}
		require.LessOrEqual(t, last, sc.TalkSecs)
	}
	require.True(t, names["no_answer"], "ringing timeouts end in it")
	for _, m := range mix {
		require.NotEmpty(t, scenarios().byClass[m.class], m.class)
	}
}

func TestParseScenariosSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"class: x":                          `line 1: expected "== name" first`,
		"== a\nnonsense":                    `line 2: expected "key: value"`,
		"== a\nclass: x\noutcome: y\nB: hi": `line 4: unknown key "B"`,
		"== a\nring: soon":                  "line 2: strconv.Atoi",
		"== a\nT: end_call {}":              `tool line without " => "`,
		"== a\nD+x: hi":                     `pause of "D+x"`,
		"== a\nclass: x":                    `scenario "a": class and outcome are required`,
	} {
		_, err := parseScenarios(text)
		require.ErrorContains(t, err, want)
	}
}
