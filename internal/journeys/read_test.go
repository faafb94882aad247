package journeys

import (
	"path"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// readHeldLead: from the reason on the campaign's page to the leads behind it, and to the rule with its inputs.
func readHeldLead(t *testing.T, w *world) {
	p := w.tab(t)
	p.openCampaign(appeal)
	p.waitText("section[aria-labelledby=held] a", "do not call")
	p.follow("do not call")
	p.waitText("#results .note", "do not call")
	name := p.text("#results tbody a")
	p.click("#results tbody a")
	p.waitText("h1", name)
	require.Equal(t, "held", p.text(".why .verdict .pill"))
	require.Contains(t, p.text(".rules .fail.first details[open] summary"), "do not call")
	require.NotEmpty(t, p.text(".rules .fail.first .inputs dd"), "the rule's inputs")
	lead := path.Base(eval[string](p, "location.pathname"))
	require.True(t, query[bool](t, w, "select do_not_call or dnc from leads where id = $1::uuid", lead))

	// Another rule says why it lets the lead through.
	p.click(".rules .pass summary")
	p.waitFor("a rule that passes, unfolded", `document.querySelector(".rules .pass details[open]")`)
}

// correctOutcome: the sentence that the verdict rests on is marked; a person's verdict stands beside the machine's.
func correctOutcome(t *testing.T, w *world) {
	const recorded = "select id from conversations where outcome = 'pledged' and recording_url is not null order by started_at desc limit 1"
	eventually(t, "a pledge with its recording", func() bool { return query[bool](t, w, "select exists ("+recorded+")") })
	conversation := query[uuid.UUID](t, w, recorded)
	p := w.tab(t)
	p.open("/conversations")
	p.choose("#outcome", "pledged")
	p.press("Show")
	p.waitText("tbody .pill", "pledged")
	p.click(`tbody a[href$="` + conversation.String() + `"]`)
	p.waitText(".verdict", "pledged")
	require.NotEmpty(t, p.text(".dialogue .evidence mark"), "the sentence that the verdict rests on")
	require.Contains(t, p.text(".dialogue .evidence .cue"), "the verdict rests on this")
	require.Contains(t, p.text(".facts"), "pledged")
	p.waitFor("the recording to be playable", `document.querySelector("audio").duration > 0`)

	p.choose("#right", "interested")
	p.fill("#note", "They will think about it first.")
	p.press("Save my verdict")
	p.waitText("[role=status]", "Your verdict is noted")
	p.waitText(".verdict", "interested")
	require.Contains(t, p.text(".facts"), "Machine pledged")
	require.Contains(t, p.text(".facts"), "Person interested")
	require.Equal(t, "pledged interested "+username, query[string](t, w, `select outcome || ' ' || corrected_outcome || ' ' || corrected_by
		from henk.conversation_outcomes where conversation_id = $1`, conversation))
	p.open("/conversations?outcome=interested")
	p.waitText("tbody .pill", "corrected")
}
