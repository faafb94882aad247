package outcome

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	askForGift = "Would you like to make a donation today?"
	askName    = "Hi, this is Henk. Is this Linda?"
)

func reply(ask string, said ...string) Result {
	in := Input{Messages: []Message{{Role: "agent", Text: ask}}}
	for _, s := range said {
		in.Messages = append(in.Messages, Message{Role: "user", Text: s})
	}
	return Classify(in)
}

// The phrases that the original system's documentation lists, said plainly.
// "donate" in any form is a promise: donated needs evidence of payment.
func TestOriginalPhrases(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		said string
		want Outcome
	}{
		{"I will pledge", Pledged},
		{"I'll pledge", Pledged},
		{"Yes, I'll pledge", Pledged},
		{"I'd like to pledge", Pledged},
		{"count me in", Pledged},
		{"donate", Pledged},
		{"I'll donate", Pledged},
		{"I will donate", Pledged},
		{"not interested", NotInterested},
		{"no thanks", NotInterested},
		{"not right now", NotInterested},
		{"I don't want to", NotInterested},
		{"I'm interested", Interested},
	} {
		for _, said := range []string{c.said, c.said + ".", strings.ToUpper(c.said), strings.ReplaceAll(c.said, "'", "’")} {
			assert.Equal(t, c.want, reply(askForGift, said).Outcome, said)
		}
	}
	require.Equal(t, NotInterested, reply("", "no thanks").Outcome)
	require.Equal(t, Pledged, reply("", "I'll donate").Outcome)
}

// Sentences that hold a trigger and mean something else.
func TestTraps(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		ask, said string
		want      Outcome
	}{
		{askForGift, "I know, I know, it's another good cause", Interested}, // "no" inside know and another
		{askForGift, "I wouldn't say no", Pledged},
		{askForGift, "no problem, I'll give ten dollars", Pledged},
		{askForGift, "I can't wait to donate, put me down for ten", Pledged},
		{askForGift, "I can't give more than ten dollars, but ten I will give", Pledged},
		{askForGift, "it's not that I don't want to, I have no money", NotInterested},
		{askForGift, "stop by my house and see", Unknown},
		{askForGift, "please don't stop calling, I like to hear from you, and yes I'll give ten", Pledged},
		{askForGift, "I didn't say take me off your list, I said not today", NotInterested},
		{askForGift, "would I donate to a scam? no.", NotInterested},
		{askForGift, "I donated blood once", Unknown},
		{askForGift, "I can give you a call when I know", Interested},
		{askForGift, "I'd like to donate zero dollars", NotInterested},
		{askForGift, "I'll give it some thought", Interested},
		{askForGift, "Do you donate yourself?", Interested},
		{askForGift, "I would have donated if you had asked last year", Unknown},
		{"Have you heard of our food bank?", "No.", Unknown},
		{"Do you have any questions?", "No.", NotInterested},
		{askName, "What number is this?", Unknown},
		{askName, "is this the wrong number?", Unknown},
		{askName, "I got your voicemail, what is this about?", Unknown},
		{askName, "he's not available, can I take a message?", CallbackRequested},
		{askName, "no, this is her daughter", Unknown},
		{askName, "my mother passed away", WrongNumber},
		{askForGift, "my mother passed away last month so I can't this year", NotInterested},
	} {
		res := reply(c.ask, c.said)
		if c.said == "I got your voicemail, what is this about?" || c.ask == "Do you have any questions?" {
			assert.NotContains(t, []Outcome{VoicemailLeft, Pledged, Donated, DoNotCall}, res.Outcome, c.said)
			continue
		}
		assert.Equal(t, c.want, res.Outcome, "%s -> %v", c.said, res.Evidence)
		assert.False(t, res.OptOut, c.said)
	}
}

func TestLastDecisionWins(t *testing.T) {
	t.Parallel()
	yesThenNo := Classify(Input{Messages: []Message{
		{Role: "agent", Text: askForGift}, {Role: "user", Text: "Sure, I'll give fifty dollars."},
		{Role: "agent", Text: "Thank you!"}, {Role: "user", Text: "Actually, no. I'm not going to donate."},
	}})
	require.Equal(t, NotInterested, yesThenNo.Outcome)
	require.Nil(t, yesThenNo.AmountCents)
	noThenYes := Classify(Input{Messages: []Message{
		{Role: "agent", Text: askForGift}, {Role: "user", Text: "Not interested."},
		{Role: "agent", Text: "Even five dollars would help."}, {Role: "user", Text: "Oh fine, I'll do five."},
	}})
	require.Equal(t, Pledged, noThenYes.Outcome)
	require.Equal(t, int64(500), *noThenYes.AmountCents)
	require.True(t, noThenYes.NeedsReview)
	require.Less(t, noThenYes.Confidence, 0.9)
	// "No" to another question does not take a promise back.
	kept := Classify(Input{Messages: []Message{
		{Role: "agent", Text: askForGift}, {Role: "user", Text: "Yes, ten dollars."},
		{Role: "agent", Text: "Do you have any questions?"}, {Role: "user", Text: "No thanks."},
		{Role: "agent", Text: "Could you make it a hundred?"}, {Role: "user", Text: "No."},
	}})
	require.Equal(t, Pledged, kept.Outcome)
	require.Equal(t, int64(1000), *kept.AmountCents)
}

func TestScheduling(t *testing.T) {
	t.Parallel()
	for said, optOut := range map[string]bool{
		"don't call me tomorrow, call Friday":             false,
		"don't call me at work":                           false,
		"never call before ten":                           false,
		"don't call me now":                               false,
		"stop calling so early, call me after noon":       false,
		"don't call me again until after christmas":       false,
		"don't call me tomorrow or ever again":            true,
		"don't call me at this number":                    true,
		"stop calling me at work":                         true, // no other time is offered
		"don't ever call me at work again":                true,
		"don't call here anymore":                         true,
		"do not call":                                     true,
		"I said don't call":                               true,
		"you don't have to take me off the list":          false,
		"no need to take me off your list":                false,
		"I'm not saying take me off your list":            false,
		"they don't call me very often":                   false,
		"no take me off":                                  true,
		"I do not want to have to tell you, stop calling": true,
	} {
		assert.Equal(t, optOut, reply(askName, said).OptOut, said)
	}
}

func TestVoicemail(t *testing.T) {
	t.Parallel()
	greeting := Message{Role: "user", Text: "You've reached the Halls, please leave a message after the beep."}
	agent := Message{Role: "agent", Text: "Hello, this is Henk."}
	human := Message{Role: "user", Text: "Hello? Sorry, I was screening. Sure, put me down for ten dollars."}
	require.Equal(t, VoicemailLeft, Classify(Input{Messages: []Message{greeting, agent}}).Outcome)
	require.Equal(t, Unknown, Classify(Input{Messages: []Message{agent, greeting}}).Outcome, "nothing was left")
	require.Equal(t, Pledged, Classify(Input{Messages: []Message{greeting, agent, human}}).Outcome)
	// The provider's detection outranks the words, but for an opt-out.
	detected := Classify(Input{Messages: []Message{{Role: "user", Text: "Hi."}, agent}, CallResult: "voicemail"})
	require.Equal(t, VoicemailLeft, detected.Outcome)
	require.Equal(t, SourceProvider, detected.Source)
	require.Equal(t, VoicemailLeft, Classify(Input{Messages: []Message{agent}, TerminationReason: "Voicemail detected by tool"}).Outcome)
	require.Equal(t, Unknown, Classify(Input{CallResult: "voicemail"}).Outcome)
	require.Equal(t, Unknown, Classify(Input{CallResult: "no_answer"}).Outcome)
}

func TestProvider(t *testing.T) {
	t.Parallel()
	value := func(v any) map[string]any { return map[string]any{"value": v, "rationale": "because"} }
	chat := []Message{{Role: "agent", Text: askForGift}, {Role: "user", Text: "mhm well you know how it is"}}
	refusal := []Message{{Role: "agent", Text: askForGift}, {Role: "user", Text: "No, I'm not interested."}}
	for name, c := range map[string]struct {
		messages  []Message
		collected map[string]any
		want      Outcome
		review    bool
	}{
		"in the enum":                   {chat, map[string]any{"outcome": value("interested")}, Interested, false},
		"bare value, other spelling":    {chat, map[string]any{"outcome": " Not Interested "}, NotInterested, false},
		"donated needs payment":         {chat, map[string]any{"outcome": value("donated")}, Pledged, true},
		"against an explicit refusal":   {refusal, map[string]any{"outcome": value("pledged")}, Pledged, true},
		"not in the enum":               {refusal, map[string]any{"outcome": value("success")}, NotInterested, false},
		"call_successful is no outcome": {refusal, map[string]any{"call_successful": "success"}, NotInterested, false},
		"null":                          {refusal, map[string]any{"outcome": nil}, NotInterested, false},
		"wrong types":                   {refusal, map[string]any{"outcome": []any{"pledged"}, "do_not_call": map[string]any{"value": []any{true}}}, NotInterested, false},
		"its opt-out counts":            {refusal, map[string]any{"do_not_call": value(true)}, DoNotCall, false},
		"as a string":                   {refusal, map[string]any{"opt_out": "Yes"}, DoNotCall, false},
		"false is none":                 {refusal, map[string]any{"dnc": value(false)}, NotInterested, false},
		"outcome do_not_call":           {chat, map[string]any{"outcome": value("do_not_call")}, DoNotCall, false},
	} {
		res := Classify(Input{Messages: c.messages, Collected: c.collected})
		assert.Equal(t, c.want, res.Outcome, name)
		assert.Equal(t, c.review, res.NeedsReview, name)
		assert.Equal(t, c.want == DoNotCall, res.OptOut, name)
	}
}

func TestSentimentAndKeyPoints(t *testing.T) {
	t.Parallel()
	warm := Classify(Input{
		Messages: []Message{
			{Role: "agent", Text: askForGift}, {Role: "user", Text: "I love what you do! Where does the money go?"},
			{Role: "agent", Text: "To meals. Could you help?"}, {Role: "user", Text: "Money is tight. But I'll gladly give twenty dollars."},
			{Role: "agent", Text: "Thank you."}, {Role: "user", Text: "Call me back tomorrow at five for the card."},
		},
		CallEndedAt: time.Date(2026, 11, 23, 20, 30, 0, 0, time.UTC), Zone: "America/Chicago",
	})
	require.Equal(t, []string{
		"Decision: “But I'll gladly give twenty dollars”", "Reason: “Money is tight”",
		"Question: “Where does the money go?”", "Call-back: “Call me back tomorrow at five for the card”",
	}, warm.KeyPoints)
	require.Equal(t, Pledged, warm.Outcome)
	require.Equal(t, "2026-11-24T17:00:00-06:00", warm.CallbackAt.Format(time.RFC3339))
	polite := reply(askForGift, "No thank you, but it's a wonderful cause and I appreciate it.")
	rude := reply(askForGift, "No, and go to hell you stupid idiots.")
	require.Equal(t, NotInterested, polite.Outcome)
	require.Equal(t, NotInterested, rude.Outcome)
	require.Greater(t, warm.Sentiment, polite.Sentiment)
	require.Greater(t, polite.Sentiment, 0.0)
	require.Less(t, rude.Sentiment, -0.3)
	require.Zero(t, reply(askName, "uh").Sentiment)
}

func TestBadInput(t *testing.T) {
	t.Parallel()
	require.Equal(t, Unknown, Classify(Input{}).Outcome)
	require.Equal(t, Version, Classify(Input{}).Version)
	require.Equal(t, Unknown, Classify(Input{Messages: []Message{{}, {Role: "user"}, {Role: "tool", Text: "take me off your list"}, {Role: "USER", Text: "I'll donate"}}}).Outcome)
	res := reply(askForGift, "I'll\x00 give \xff\xfe fifty dollars\x00")
	require.Equal(t, Pledged, res.Outcome)
	require.Equal(t, int64(5000), *res.AmountCents)
	require.NotContains(t, res.Evidence[0].Quote, "\x00")
	require.Equal(t, Unknown, reply(askForGift, "我不明白您在说什么").Outcome)
	require.Equal(t, Unknown, reply(askForGift, "٥٠ ریال").Outcome)

	many := Input{}
	for i := range 5000 {
		many.Messages = append(many.Messages, Message{Role: []string{"agent", "user"}[i%2], Text: fmt.Sprintf("Well, that is item %d.", i)})
	}
	many.Messages[2501].Text = "Please take me off your list."
	require.True(t, Classify(many).OptOut)

	filler := strings.Repeat("and then you know the weather was ", 15000)
	long := reply(askForGift, filler+"stop calling me "+filler)
	require.True(t, long.OptOut, "an opt-out in the middle of half a megabyte without a full stop")
	require.LessOrEqual(t, len(long.Evidence[0].Quote), 200)
}

// The decision is the plainest sentence of the stance that stands, not the last.
func TestKeyPointsDecision(t *testing.T) {
	t.Parallel()
	call := func(said ...string) []string {
		in := Input{}
		for i, s := range said {
			in.Messages = append(in.Messages, Message{Role: []string{"agent", "user"}[i%2], Text: s})
		}
		return Classify(in).KeyPoints
	}
	require.Equal(t, []string{"Decision: “I'll give five dollars”"},
		call(askForGift, "I'll give five dollars.", "Wonderful, so five dollars?", "Okay.", "Would you take our newsletter?", "Sounds good."))
	require.Equal(t, []string{"Decision: “Actually no, I can't do it”"},
		call(askForGift, "Sure, ten dollars.", "Thank you!", "Actually no, I can't do it."), "what was taken back is no amount")
	require.Equal(t, []string{"Decision: “Let me think about it”", "Question: “Where does the money go exactly?”"},
		call(askForGift, "That's a wonderful cause. Where does the money go exactly?", "To meals.", "Let me think about it."))
	require.Equal(t, []string{"Decision: “Take me off your list”"}, call(askForGift, "I'd love to help. Take me off your list."))
	require.Empty(t, call(askName, "Hello?"))
}

// Before anything is mended the classifier answers a foreign call with unknown or
// rightly, never with a gift.
func TestOtherLanguages(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]Outcome{
		"Sí, con mucho gusto, apúnteme con cincuenta.": Pledged, "No me interesa, gracias.": NotInterested, "Ahora no puedo.": NotInterested,
		"Non merci.": NotInterested, "Ça ne m'intéresse pas.": NotInterested, "Nein danke.": NotInterested, "Kein Interesse.": NotInterested,
		"Não obrigado.": NotInterested, "No grazie.": NotInterested, "Ich möchte nichts spenden.": NotInterested,
		"Je ne comprends pas.": Unknown, "Ich verstehe Sie nicht.": Unknown, "Che cosa vuole?": Unknown, "Wie bitte, wer ist da": Unknown,
		"No me llame más": DoNotCall, "Quíteme de la lista": DoNotCall, "Ne m'appelez plus": DoNotCall, "Rufen Sie mich nicht mehr an": DoNotCall,
	} {
		got := reply(askForGift, said).Outcome
		if want == Unknown {
			require.Contains(t, []Outcome{Unknown, Interested}, got, said)
			continue
		}
		require.Equal(t, want, got, said)
	}
}

// The time grows with the text and not with its square.
func TestLinearTime(t *testing.T) {
	took := func(n int) time.Duration {
		best := time.Hour
		text := strings.Repeat("no I don't think I will give fifty dollars a month, call me ", n)
		for range 3 {
			start := time.Now()
			reply(askForGift, text)
			best = min(best, time.Since(start))
		}
		return best
	}
	small, large := took(500), took(8000)
	require.Less(t, large, 16*4*small+50*time.Millisecond, "16 times the text took %v against %v", large, small)
}

// "Ten's fine" answers the hour that was asked about, and a sum where a sum was.
func TestAnHourIsNoAmount(t *testing.T) {
	t.Parallel()
	call := Classify(Input{Messages: []Message{
		{Role: "agent", Text: "Am I speaking to Linda?"},
		{Role: "user", Text: "you are but don't call me at work please call me saturday morning"},
		{Role: "agent", Text: "Saturday morning. Is ten o'clock alright?"},
		{Role: "user", Text: "ten's fine yeah gotta go"},
	}})
	require.Equal(t, CallbackRequested, call.Outcome, "%v", call.Evidence)
	require.False(t, call.OptOut)
	require.Equal(t, Pledged, reply("Could you do ten dollars?", "ten's fine yeah gotta go").Outcome)
}
