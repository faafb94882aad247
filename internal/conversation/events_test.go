package conversation

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/jackc/pgx/v5"
)

func TestEventsOfEveryKind(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.placed(5*time.Minute, nil)
	turns := []object{
		{"role": "agent", "message": "Hello, this is He—", "original_message": "Hello, this is Henk calling.", "interrupted": true, "time_in_call_secs": 0},
		{"role": "user", "message": "Who is this?", "time_in_call_secs": 3, "source_medium": "audio", "id": "item_2"},
		{"role": "agent", "message": nil, "time_in_call_secs": 5,
			"tool_calls":   []object{{"request_id": "r1", "tool_name": "look_up", "params_as_json": `{"id": 7}`, "tool_has_been_called": true, "type": "webhook"}},
			"tool_results": []object{{"request_id": "r1", "tool_name": "look_up", "result_value": `{"ok": true}`, "is_error": false, "tool_has_been_called": true, "tool_latency_secs": 0.25}}},
		{"role": "user", "message": nil, "time_in_call_secs": 8, "platform_event": "user_turn_timeout"},
		{"role": "narrator", "message": "I pledge 100 dollars.", "time_in_call_secs": 9},
	}
	f.answer(c.provider, c.body(turns...))
	require.Equal(t, Result{State: StateDone, NewEvents: 7, Outcome: "unknown"}, f.sync(c), "a role that is not known decides nothing")

	list := f.events(c)
	require.Len(t, list, 7)
	require.Equal(t, "call_started", list[0].Kind)
	require.Equal(t, "Hello, this is He—", list[1].Agent)
	require.Equal(t, map[string]any{"time_in_call_secs": 0.0, "interrupted": true, "original_message": "Hello, this is Henk calling."}, list[1].Metadata)
	require.Equal(t, "speech_detected", list[2].Kind)
	require.Equal(t, "Who is this?", list[2].User)
	require.Equal(t, map[string]any{"time_in_call_secs": 3.0, "source_medium": "audio", "item_id": "item_2"}, list[2].Metadata)
	require.True(t, c.started.Add(3*time.Second).Equal(list[2].At))
	require.Equal(t, "response_processed", list[3].Kind)
	require.Empty(t, list[3].Agent)
	require.Equal(t, []any{map[string]any{"request_id": "r1", "tool_name": "look_up", "params": `{"id": 7}`, "called": true, "type": "webhook"}}, list[3].Metadata["tool_calls"])
	require.Equal(t, []any{map[string]any{"request_id": "r1", "tool_name": "look_up", "result": `{"ok": true}`, "latency_seconds": 0.25}}, list[3].Metadata["tool_results"])
	require.Equal(t, "user_turn_timeout", list[4].Metadata["platform_event"])
	require.Empty(t, list[5].Agent+list[5].User)
	require.Equal(t, "narrator", list[5].Metadata["role"])
	require.Equal(t, "I pledge 100 dollars.", list[5].Metadata["message"])
	require.Equal(t, "call_ended", list[6].Kind)
	require.Equal(t, map[string]any{"call_result": "answered", "termination_reason": "end_call tool was called.", "duration_seconds": 12.0}, list[6].Metadata)
	require.Equal(t, 7, f.count("select count(*) from conversation_events where conversation_id = $1 and call_log_id = $2 and source = 'elevenlabs'", c.id, c.log))
}

func TestCorrectedTranscript(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.placed(5*time.Minute, nil)
	f.answer(c.provider, c.body(pledge...))
	f.sync(c)
	first := f.count("select xmin::text::bigint from conversation_events where conversation_id = $1 and sequence_number = 1", c.id)

	corrected := says("Would you give twenty dollars?", "No, I am not interested.")
	res, err := f.deliver(c, c.body(corrected...))
	require.NoError(t, err)
	require.Equal(t, Result{State: StateDone, Outcome: "not_interested"}, res)
	list := f.events(c)
	require.Len(t, list, 4)
	require.Equal(t, "No, I am not interested.", list[2].User)
	require.Equal(t, "call_ended", list[3].Kind)
	require.Equal(t, first, f.count("select xmin::text::bigint from conversation_events where conversation_id = $1 and sequence_number = 1", c.id), "an item that is equal is not written")

	require.Equal(t, "not_interested", f.conversation(c)["outcome"])
	m := f.member(c)
	require.Equal(t, "not_interested", m["status"])
	require.Equal(t, "not_interested", m["outcome"])
	require.Nil(t, m["pledged_amount"])
	require.Nil(t, m["converted_at"])
	require.EqualValues(t, 8, m["total_talk_time"], "the corrected length replaces the first")
	require.Nil(t, f.row("select pledged_amount from call_logs where id = $1", c.log)["pledged_amount"])
	require.Equal(t, "not_interested", f.row("select status from leads where id = $1", c.lead)["status"])

	res, err = f.deliver(c, c.body(pledge...))
	require.NoError(t, err)
	require.Equal(t, 2, res.NewEvents)
	require.Len(t, f.events(c), 6)
	require.Equal(t, "pledged", f.member(c)["status"])
}

func TestFiveThousandItems(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.syncer.EventsBatch = 50
	c := f.placed(time.Hour, nil)
	turns := make([]object, 5000)
	for i := range turns {
		turns[i] = object{"role": []string{"agent", "user"}[i%2], "message": fmt.Sprintf("Sentence number %d.", i), "time_in_call_secs": i / 2}
	}
	f.answer(c.provider, c.body(turns...))
	require.Equal(t, 5002, f.sync(c).NewEvents)
	require.Equal(t, 5002, f.count("select count(distinct sequence_number) from conversation_events where conversation_id = $1", c.id))
	require.Zero(t, f.sync(c).NewEvents)
}

func TestHostileText(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.placed(5*time.Minute, nil)
	turns := []object{
		{"role": "agent", "message": "a\x00b", "time_in_call_secs": 0},
		{"role": "user", "message": strings.Repeat("é", 1<<20), "time_in_call_secs": -5},
		{"role": "agent\x00", "message": strings.Repeat("x", 100), "time_in_call_secs": 1 << 30},
		{"role": "agent", "message": "ok", "time_in_call_secs": 4, "tool_results": []object{{"tool_name": "t\x00", "result_value": strings.Repeat("y", 1<<20)}}},
		{"role": "user", "message": "您好，我不感兴趣。", "time_in_call_secs": 6},
	}
	raw := strings.ReplaceAll(asJSON(t, c.body(turns...)), `"ok"`, "\"ok \xff\xfe\"") // invalid UTF-8 on the wire
	f.answer(c.provider, raw)
	require.Equal(t, 7, f.sync(c).NewEvents)
	list := f.events(c)
	require.LessOrEqual(t, len(list[2].User), maxMessage)
	require.True(t, strings.HasSuffix(list[2].User, cutMark))
	require.True(t, utf8.ValidString(list[2].User))
	require.True(t, c.started.Equal(list[2].At), "a time before the call is its start")
	require.Equal(t, 24*time.Hour, list[3].At.Sub(c.started))
	require.LessOrEqual(t, len(list[4].Metadata["tool_results"].([]any)[0].(decoded)["result"].(string)), maxToolText)
	require.Equal(t, "您好，我不感兴趣。", list[5].User)

	// A body that did not come through the decoder is cleaned all the same.
	text, c2 := "n\x00ul \xff", f.placed(5*time.Minute, nil)
	b := &elevenlabs.Conversation{ConversationID: c2.provider, AgentID: "agent_1", Status: "done",
		Transcript: []elevenlabs.TranscriptItem{{Role: "user\x00", Message: &text, ToolCalls: make([]elevenlabs.ToolCall, 100),
			ToolResults: []elevenlabs.ToolResult{{Type: "system", Result: map[string]any{"x": "\x00"}}}}},
		Metadata: elevenlabs.Metadata{TerminationReason: text, MainLanguage: text, Error: &elevenlabs.CallError{Code: 1 << 40, Reason: text}},
		Analysis: &elevenlabs.Analysis{TranscriptSummary: text}}
	require.NoError(t, store.InTx(t.Context(), f.db, func(tx pgx.Tx) error {
		_, err := f.syncer.Apply(t.Context(), tx, c2.id, b)
		return err
	}))
	require.Len(t, f.events(c2), 3)
	require.Len(t, f.events(c2)[1].Metadata["tool_calls"], maxTools)
}

func TestRowsFromBeforeAdoptionAreLeftAlone(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.placed(5*time.Minute, nil)
	for range 2 { // duplicates are possible there
		f.exec("insert into conversation_events (conversation_id, event_type, sequence_number, agent_text) values ($1, 'intro_played', 1, 'old')", c.id)
	}
	f.answer(c.provider, c.body(pledge[:2]...).with("status", "in-progress").with("analysis", nil))
	require.Equal(t, 2, f.sync(c).NewEvents)
	f.answer(c.provider, c.body(pledge...))
	require.Equal(t, 3, f.sync(c).NewEvents)
	_, err := f.deliver(c, c.body(refusal...))
	require.NoError(t, err)
	require.Equal(t, 2, f.count("select count(*) from conversation_events where conversation_id = $1 and agent_text = 'old'", c.id))
	seqs := []int{}
	for _, e := range f.events(c) {
		seqs = append(seqs, e.Seq)
	}
	require.Equal(t, []int{0, 2, 3, 4}, seqs)
}

// Somebody wrote in our name, or removed what we noted about the conversation: nothing is lost or written twice.
func TestEventsThatAreThereAlready(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.placed(time.Minute, nil)
	f.answer(c.provider, c.body(pledge...))
	require.Equal(t, StateDone, f.sync(c).State)
	before := f.events(c)
	f.exec("delete from henk.conversation_outcomes where conversation_id = $1", c.id)
	f.exec("update conversation_events set agent_text = 'garbled' where conversation_id = $1 and sequence_number = 1", c.id)
	require.Equal(t, StateDone, f.sync(c).State)
	require.Equal(t, before, f.events(c))
}

func TestCompareEvents(t *testing.T) {
	t.Parallel()
	at := time.Unix(1_700_000_000, 0)
	list := func(texts ...string) []event {
		var l []event
		for _, s := range texts {
			l = append(l, event{kind: "response_processed", agent: s, metadata: "{}", at: at})
		}
		return l
	}
	c := compareEvents(list("a", "b"), 0, nil, false)
	require.Equal(t, 0, c.from)
	stored := mustHex(t, c.digest)
	require.Nil(t, compareEvents(list("a", "b"), 2, stored, false), "nothing new")
	require.Nil(t, compareEvents(list("a"), 2, stored, false), "an older answer")
	require.Equal(t, 2, compareEvents(list("a", "b", "c"), 2, stored, false).from, "only what is new")
	require.Equal(t, 0, compareEvents(list("a", "B", "c"), 2, stored, false).from, "corrected")
	require.True(t, compareEvents(list("a"), 2, stored, true).surplus, "made shorter")
	require.NotNil(t, compareEvents(list("ab", ""), 2, stored, false), "the digest knows where a text ends")
}

func FuzzClean(f *testing.F) {
	f.Add("hello", 3)
	f.Add("\xff\x00é", 4)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		limit = 3 + max(limit, -limit)%1000
		out := clean(s, max(limit, 3))
		if !utf8.ValidString(out) || strings.ContainsRune(out, 0) || len(out) > max(limit, 3) {
			t.Fatalf("clean(%q, %d) = %q", s, limit, out)
		}
	})
}
