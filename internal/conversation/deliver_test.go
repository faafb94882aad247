package conversation

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/storetest"
)

// received keeps an event as package webhook does.
func (f *fixture) received(kind string, at int64, data any) uuid.UUID {
	f.Helper()
	body := fmt.Sprintf(`{"type":%q,"event_timestamp":%d,"data":%s}`, kind, at, asJSON(f, data))
	w, err := elevenlabs.DecodeWebhook([]byte(body))
	require.NoError(f, err)
	var id uuid.UUID
	f.scan(&id, `insert into henk.webhook_inbox (provider, dedupe_key, type, provider_conversation_id, call_sid, attempt_id, event_at, body)
		values ('elevenlabs', gen_random_uuid()::text::bytea, $1, $2, nullif($3, ''), nullif($4, '')::uuid, $5, $6) returning id`,
		w.Type, w.ConversationID, w.CallSID, w.AttemptID, w.At, w.Kept)
	return id
}

func (f *fixture) transcription(at int64, body object) uuid.UUID {
	f.Helper()
	return f.received(elevenlabs.WebhookTranscription, at, body)
}

// apply delivers an event and compares what the database says of it.
func (f *fixture) apply(event uuid.UUID) Delivery {
	f.Helper()
	var d Delivery
	require.NoError(f, store.InTx(f.Context(), f.db, func(tx pgx.Tx) (err error) {
		d, err = f.syncer.Deliver(f.Context(), tx, event)
		return err
	}))
	var state, conversation string
	f.scan(&state, "select state from henk.webhook_inbox where id = $1", event)
	f.scan(&conversation, "select coalesce(conversation_id::text, '') from henk.webhook_inbox where id = $1", event)
	require.Equal(f, d.State, state)
	if d.Conversation != uuid.Nil {
		require.Equal(f, d.Conversation.String(), conversation)
	}
	return d
}

// written is all that a call led to, for comparing; what changes with the hour is left out.
func (f *fixture) written(c call) string {
	f.Helper()
	var out string
	f.scan(&out, `select jsonb_build_array(to_jsonb(v) - 'synced_at' - 'updated_at' - 'settled_at', to_jsonb(g) - 'updated_at', to_jsonb(m) - 'updated_at',
		to_jsonb(o) - 'read_at', (select jsonb_agg(jsonb_build_array(e.sequence_number, e.event_type, e.agent_text, e.user_response, e.metadata, e.started_at) order by e.sequence_number)
			from conversation_events e where e.conversation_id = v.id))::text
		from conversations v join call_logs g on g.conversation_id = v.id join campaign_leads m on m.lead_id = v.lead_id and m.campaign_id = v.campaign_id
		left join henk.conversation_outcomes o on o.conversation_id = v.id where v.id = $1`, c.id)
	return out
}

func TestDeliverTranscription(t *testing.T) {
	t.Parallel()
	for name, adoptedSchema := range map[string]bool{"fresh": false, "adopted": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var f *fixture
			if adoptedSchema {
				f = fixtureOn(t, adopted(t), storetest.Adopted)
				f.exec("update agents set elevenlabs_agent_id = 'agent_1' where id = $1", storetest.Adopted.Agent)
			} else {
				f = newFixture(t)
			}
			c := f.placed(5*time.Minute, nil)
			event := f.transcription(100, c.body(pledge...))
			d := f.apply(event)
			require.Equal(t, EventApplied, d.State, d.Reason)
			require.Equal(t, c.id, d.Conversation)
			require.Equal(t, "pledged", d.Result.Outcome)
			require.Equal(t, 6, d.Result.NewEvents)
			require.False(t, d.Ask)
			require.Zero(t, f.asked, "no GET: it is used as delivered")
			require.NotEmpty(t, f.followed().Plan)

			before := f.written(c)
			again := f.apply(event)
			require.Equal(t, EventApplied, again.State)
			require.Zero(t, again.Result)
			repeat := f.apply(f.transcription(100, c.body(pledge...)))
			require.Equal(t, EventApplied, repeat.State)
			require.Zero(t, repeat.Result.NewEvents)
			f.answer(c.provider, c.body(pledge...))
			f.sync(c)
			require.Equal(t, before, f.written(c), "twice and polled: nothing changes")
			after := f.followed()
			require.Empty(t, after.Plan)
			require.Empty(t, after.WriteBack)
		})
	}
}

func TestDeliverAfterThePoll(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.placed(5*time.Minute, nil)
	f.answer(c.provider, c.body(pledge...))
	f.sync(c)
	before := f.written(c)
	f.followed()
	d := f.apply(f.transcription(100, c.body(pledge...)))
	require.Equal(t, EventApplied, d.State)
	require.Equal(t, before, f.written(c))
	after := f.followed()
	require.Empty(t, after.Plan)
	require.Empty(t, after.WriteBack)
	asked := f.asked
	res, err := f.syncer.Poll(t.Context(), c.id)
	require.NoError(t, err)
	require.Equal(t, StateDone, res.State)
	require.Equal(t, asked, f.asked, "a poll that is left over asks nobody")
	f.sync(c)
	require.Equal(t, asked+1, f.asked, "whoever wants to know again is told")
}

func TestDeliverBeforeOurRecord(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.placed(time.Minute, nil)
	f.exec("update conversations set conversation_id = null, attempt_id = null where id = $1", c.id)
	event := f.transcription(100, c.body(refusal...))
	for range 2 {
		d := f.apply(event)
		require.Equal(t, EventUnmatched, d.State)
		require.Equal(t, uuid.Nil, d.Conversation)
		require.NotEmpty(t, d.Reason)
	}
	f.exec("update conversations set conversation_id = $2, attempt_id = $3 where id = $1", c.id, c.provider, c.attempt)
	d := f.apply(event)
	require.Equal(t, EventApplied, d.State, d.Reason)
	require.Equal(t, "not_interested", d.Result.Outcome)
}

func TestDeliverRefusesWhatBelongsElsewhere(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c, other := f.placed(time.Minute, nil), f.placed(time.Minute, nil)
	variables := "conversation_initiation_client_data.dynamic_variables"
	for name, body := range map[string]object{
		"another attempt":                c.body(optOut...).with(variables, object{"attempt_id": other.attempt.String()}),
		"another campaign":               c.body(optOut...).with(variables, object{"campaign_id": uuid.NewString()}),
		"another lead":                   c.body(optOut...).with(variables, object{"lead_id": other.lead.String()}),
		"another agent":                  c.body(optOut...).with("agent_id", "agent_2"),
		"another id for our own attempt": c.body(optOut...).with("conversation_id", "conv_unheard_of"),
		"another id, upper-case attempt": c.body(optOut...).with("conversation_id", "conv_x").with(variables, object{"attempt_id": strings.ToUpper(c.attempt.String())}),
	} {
		before, beforeOther := f.written(c), f.written(other)
		d := f.apply(f.transcription(100, body))
		require.Equal(t, EventFailed, d.State, name)
		require.Contains(t, d.Reason, "not the one of this call", name)
		require.Equal(t, before, f.written(c), name)
		require.Equal(t, beforeOther, f.written(other), name)
	}
	require.Empty(t, f.followed())
	var suppressed int
	f.scan(&suppressed, "select count(*) from henk.suppressions")
	require.Zero(t, suppressed)
}

func TestDeliverTheLaterWordCounts(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.placed(5*time.Minute, nil)
	early := f.transcription(100, c.body(says("Would you give?", "Yes, I will pledge 25 dollars.")...))
	late := f.transcription(200, c.body(says("Would you give?", "Yes, I will pledge 35 dollars.")...))
	require.Equal(t, EventApplied, f.apply(late).State)
	before := f.written(c)
	require.Contains(t, before, `"pledged": 35`)
	d := f.apply(early)
	require.Equal(t, EventIgnored, d.State)
	require.Contains(t, d.Reason, "later event")
	require.Equal(t, before, f.written(c))

	c = f.placed(5*time.Minute, nil)
	require.Equal(t, EventApplied, f.apply(f.transcription(100, c.body(says("Would you give?", "Yes, I will pledge 25 dollars.")...))).State)
	require.Equal(t, EventApplied, f.apply(f.transcription(200, c.body(says("Would you give?", "Yes, I will pledge 35 dollars.")...))).State)
	require.Contains(t, f.written(c), `"pledged": 35`, "a transcript that the provider corrects is corrected here")
}

func TestDeliverBadBodies(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	huge := make([]object, 5000)
	for i := range huge {
		huge[i] = object{"role": "user", "message": fmt.Sprint("line ", i), "time_in_call_secs": i}
	}
	turns := says("Would you give?", "No, I am not interested.")
	for name, c := range map[string]struct {
		turns  []object
		change func(object) object
		state  string
		ask    bool
	}{
		"NUL bytes":        {says("Hi\x00", "No, I am not\x00 interested."), nil, EventApplied, false},
		"a megabyte":       {says("Hi", strings.Repeat("word ", 200_000)), nil, EventApplied, false},
		"5,000 items":      {huge, nil, EventApplied, false},
		"null messages":    {[]object{{"role": "agent", "message": nil, "time_in_call_secs": 1}, {"role": "user", "message": nil, "time_in_call_secs": 2}}, nil, EventApplied, false},
		"role unknown":     {[]object{{"role": "martian", "message": "Zorp", "time_in_call_secs": 1}}, nil, EventApplied, false},
		"another language": {says("Bonjour", "Não, obrigado. Нет."), nil, EventApplied, false},
		"analysis missing": {turns, func(o object) object { return o.with("analysis", nil) }, EventApplied, false},
		"analysis a list":  {turns, func(o object) object { return o.with("analysis", []int{1}) }, EventApplied, false},
		"collected of any type": {turns, func(o object) object {
			return o.with("analysis", object{"data_collection_results": object{"x": 7, "y": object{"value": object{"a": nil}}}})
		}, EventApplied, false},
		"clock a day ahead": {turns, func(o object) object {
			return o.with("metadata.start_time_unix_secs", time.Now().Add(24*time.Hour).Unix())
		}, EventApplied, false},
		"clock at the beginning": {turns, func(o object) object { return o.with("metadata.start_time_unix_secs", 0) }, EventApplied, false},
		"transcript left out":    {turns, func(o object) object { return o.with("transcript", nil) }, EventApplied, true},
		"not over yet":           {turns, func(o object) object { return o.with("status", "processing") }, EventApplied, true},
		"transcript a text":      {turns, func(o object) object { return o.with("transcript", "No") }, EventFailed, true},
		"role a number":          {[]object{{"role": 7, "message": "x", "time_in_call_secs": 1}}, nil, EventFailed, true},
		"no metadata":            {turns, func(o object) object { return o.with("metadata", nil) }, EventFailed, true},
		"status null":            {turns, func(o object) object { return o.with("status", nil) }, EventFailed, true},
	} {
		call := f.placed(time.Minute, nil)
		body := call.body(c.turns...)
		if c.change != nil {
			body = c.change(body)
		}
		d := f.apply(f.transcription(100, body))
		require.Equal(t, c.state, d.State, "%s: %s", name, d.Reason)
		require.Equal(t, c.ask, d.Ask, name)
		require.Equal(t, call.id, d.Conversation, name)
		var status string
		f.scan(&status, "select status::text from conversations where id = $1", call.id)
		if !c.ask {
			require.Equal(t, "completed", status, name)
		}
	}
	var n int
	f.scan(&n, "select max(n) from (select count(*) n from conversation_events group by conversation_id) x")
	require.Equal(t, 5002, n)
}

func TestDeliverInvalidUTF8(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.placed(time.Minute, nil)
	event := f.transcription(100, c.body(says("Hi", "No, I am not interested, XXX.")...))
	f.exec(`update henk.webhook_inbox set body = decode(replace(encode(body, 'hex'), encode('XXX', 'hex'), 'fffefd'), 'hex') where id = $1`, event)
	require.Equal(t, EventApplied, f.apply(event).State)
	require.Contains(t, f.written(c), "not interested, \ufffd")
	f.exec(`update henk.webhook_inbox set state = 'pending', body = '\x00ff' where id = $1`, event)
	d := f.apply(event)
	require.Equal(t, EventFailed, d.State, "not even JSON: only a hand can have put it there")
	require.Contains(t, d.Reason, "not valid JSON")
}

func TestDeliverFailure(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for reason, want := range map[string]string{"busy": "busy", "no-answer": "no_answer", "unknown": "failed", "": "failed"} {
		c := f.placed(time.Minute, nil)
		data := object{"agent_id": "agent_1", "conversation_id": c.provider, "failure_reason": reason, "metadata": object{"type": "twilio", "body": object{"CallSid": "CA1"}}}
		for range 2 {
			d := f.apply(f.received(elevenlabs.WebhookFailure, time.Now().Unix(), data))
			require.Equal(t, EventApplied, d.State)
			require.Equal(t, c.id, d.Conversation)
			require.False(t, d.Ask)
			var status string
			f.scan(&status, "select status::text from conversations where id = $1", c.id)
			require.Equal(t, want, status)
		}
		require.Len(t, f.followed().Plan, 1, "the slot is filled once")
	}
	c := f.placed(time.Minute, nil)
	f.exec("update call_logs set call_sid = 'CA_only' where id = $1", c.log)
	d := f.apply(f.received(elevenlabs.WebhookFailure, 0, object{"conversation_id": "conv_not_known", "failure_reason": "busy",
		"metadata": object{"body": object{"CallSid": "CA_only"}}}))
	require.Equal(t, EventApplied, d.State, "found by the carrier's id")
	require.Equal(t, c.id, d.Conversation)
	talking := f.placed(time.Minute, nil)
	f.answer(talking.provider, talking.body(refusal...).with("status", "in-progress").with("analysis", nil))
	f.sync(talking)
	d = f.apply(f.received(elevenlabs.WebhookFailure, 0, object{"conversation_id": talking.provider, "failure_reason": "busy"}))
	require.True(t, d.Ask, "somebody talked: the provider will tell how it ended")
}

func TestDeliverAudioAndOthers(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.placed(time.Minute, nil)
	audio := object{"conversation_id": c.provider, "full_audio": "QUJD"}
	d := f.apply(f.received(elevenlabs.WebhookAudio, 1, audio))
	require.Equal(t, EventApplied, d.State)
	require.Equal(t, []uuid.UUID{c.id}, f.followed().Archive)
	f.exec("update conversations set recording_url = 'audio/x.mp3' where id = $1", c.id)
	require.Equal(t, EventIgnored, f.apply(f.received(elevenlabs.WebhookAudio, 1, audio)).State)
	require.Empty(t, f.followed())
	require.Equal(t, EventIgnored, f.apply(f.received("ping", 1, object{"conversation_id": c.provider})).State)
	var d2 Delivery
	require.NoError(t, store.InTx(t.Context(), f.db, func(tx pgx.Tx) (err error) {
		d2, err = f.syncer.Deliver(t.Context(), tx, uuid.New())
		return err
	}))
	require.Equal(t, EventGone, d2.State)
	f.exec("delete from conversations where id = $1", c.id)
	var left int
	f.scan(&left, "select count(*) from henk.webhook_inbox")
	require.Zero(t, left, "what was said on a call goes with it")
}

// Two deliveries of one call at the same moment, and a poll: everything is written once.
func TestDeliveriesRace(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for range 5 {
		c := f.placed(5*time.Minute, nil)
		f.answer(c.provider, c.body(pledge...))
		events := []uuid.UUID{f.transcription(100, c.body(pledge...)), f.transcription(100, c.body(pledge...))}
		done := make(chan error, 5)
		for _, event := range append(events, events...) {
			go func() {
				done <- store.InTx(t.Context(), f.db, func(tx pgx.Tx) error {
					_, err := f.syncer.Deliver(t.Context(), tx, event)
					return err
				})
			}()
		}
		go func() {
			_, err := f.syncer.Sync(t.Context(), c.id)
			done <- err
		}()
		for range 5 {
			require.NoError(t, <-done)
		}
		require.Len(t, f.followed().Plan, 1)
		require.Len(t, f.events(c), 6)
		for _, event := range events {
			require.Equal(t, EventApplied, f.apply(event).State)
		}
	}
}
