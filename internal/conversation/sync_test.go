package conversation

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
	"github.com/callhenk/henk-worker/internal/storetest"
)

func TestSyncWritesAnEndedCall(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.placed(5*time.Minute, nil)
	f.answer(c.provider, c.body(pledge...))

	res := f.sync(c)
	require.Equal(t, Result{State: StateDone, NewEvents: 6, Outcome: "pledged"}, res)

	v := f.conversation(c)
	require.Equal(t, "completed", v["status"])
	require.Equal(t, "pledged", v["outcome"])
	require.EqualValues(t, 18, v["duration_seconds"])
	require.Equal(t, "CA"+c.provider, v["call_sid"])
	require.Equal(t, "Agent: Would you give twenty dollars?\nDonor: Yes, I will pledge 25 dollars.\nAgent: Thank you so much.\nDonor: Bye.", v["transcript"])
	require.NotEmpty(t, v["key_points"])
	require.NotNil(t, v["sentiment_score"])
	require.NotNil(t, v["synced_at"])
	require.NotNil(t, v["settled_at"])
	requireTime(t, c.started.Add(24*time.Second), v["ended_at"])

	l := f.row("select * from call_logs where id = $1", c.log)
	require.Equal(t, "completed", l["status"])
	require.Equal(t, "pledged", l["outcome"])
	require.EqualValues(t, 25, l["pledged_amount"])
	require.Nil(t, l["donated_amount"])
	require.EqualValues(t, 6, l["ring_duration_seconds"])
	require.EqualValues(t, 0.055, l["call_cost"])
	require.EqualValues(t, 18, l["duration_seconds"])
	require.Equal(t, "human", l["machine_detection_result"])
	require.Equal(t, "CA"+c.provider, l["call_sid"])
	requireTime(t, c.started.Add(6*time.Second), l["answered_at"])

	m := f.member(c)
	require.Equal(t, "pledged", m["status"])
	require.Equal(t, "pledged", m["outcome"])
	require.EqualValues(t, 25, m["pledged_amount"])
	require.EqualValues(t, 18, m["total_talk_time"])
	require.EqualValues(t, 18, m["last_call_duration"])
	require.NotNil(t, m["converted_at"])
	require.Nil(t, m["next_attempt_at"])

	o := f.row("select * from henk.conversation_outcomes where conversation_id = $1", c.id)
	require.EqualValues(t, 2500, o["amount_cents"])
	require.NotEmpty(t, o["version"])
	require.NotEmpty(t, o["evidence"])
	require.Equal(t, "pledged", f.row("select status from leads where id = $1", c.lead)["status"])

	follow := f.followed()
	require.Equal(t, FollowUp{Plan: []uuid.UUID{f.world.Campaign}, Archive: []uuid.UUID{c.id}, WriteBack: []uuid.UUID{c.id}}, follow)
}

func TestSyncOfAGrowingCall(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.placed(10*time.Second, nil)

	f.answer(c.provider, c.body().with("status", "initiated").with("analysis", nil))
	res := f.sync(c)
	require.Equal(t, Result{State: StateRunning, Again: 5 * time.Second, NewEvents: 1}, res)
	require.Equal(t, "initiated", f.conversation(c)["status"])

	for n := 1; n <= len(pledge); n++ {
		f.answer(c.provider, c.body(pledge[:n]...).with("status", "in-progress").with("analysis", nil))
		res := f.sync(c)
		require.Equal(t, StateRunning, res.State)
		require.Equal(t, 1, res.NewEvents)
		require.Len(t, f.events(c), n+1)
	}
	v := f.conversation(c)
	require.Equal(t, "in_progress", v["status"])
	require.Nil(t, v["outcome"])
	require.Nil(t, v["ended_at"])
	require.Equal(t, "in_progress", f.row("select status from call_logs where id = $1", c.log)["status"])
	require.Empty(t, f.followed())

	written := f.count("select xmin::text::bigint from conversations where id = $1", c.id)
	require.Zero(t, f.sync(c).NewEvents)
	require.Equal(t, written, f.count("select xmin::text::bigint from conversations where id = $1", c.id), "a poll that brings nothing writes nothing")

	f.answer(c.provider, c.body(pledge...).with("status", "processing").with("analysis", nil))
	res = f.sync(c)
	require.Equal(t, StateRunning, res.State)
	require.Equal(t, 2*time.Second, res.Again)

	f.answer(c.provider, c.body(pledge...))
	require.Equal(t, Result{State: StateDone, NewEvents: 1, Outcome: "pledged"}, f.sync(c))
	kinds := []string{}
	for i, e := range f.events(c) {
		require.Equal(t, i, e.Seq)
		kinds = append(kinds, e.Kind)
	}
	require.Equal(t, []string{"call_started", "response_processed", "speech_detected", "response_processed", "speech_detected", "call_ended"}, kinds)
	require.Equal(t, []uuid.UUID{f.world.Campaign}, f.followed().Plan)
}

// A lead is its attempt's until the call is over: no second call meanwhile, and it is judged again at the end.
func TestTheEndOfACallFreesItsLead(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.placed(time.Minute, nil)
	gone := f.placed(time.Minute, nil)
	f.exec("update call_attempts set in_progress = true where id = any ($1)", []uuid.UUID{c.attempt, gone.attempt})
	f.exec("update henk.candidates set state = 'held', hold = 'max_attempts'")
	f.exec("update campaign_leads set attempts = 7 where lead_id = $1", c.lead)
	held := func(lead uuid.UUID) bool {
		return f.count("select count(*) from henk.candidates where state = 'held' and lead_id = $1", lead) == 1
	}
	require.True(t, held(c.lead))

	f.answer(c.provider, c.body(pledge...).with("status", "in-progress"))
	f.sync(c)
	require.Equal(t, 1, f.count("select count(*) from call_attempts where in_progress and id = $1", c.attempt))
	f.answer(c.provider, c.body(pledge...))
	f.sync(c)
	require.Zero(t, f.count("select count(*) from call_attempts where in_progress and id = $1", c.attempt))
	require.False(t, held(c.lead))

	// The app may delete a conversation, or end it.
	f.exec("delete from conversations where id = $1", gone.id)
	require.True(t, held(gone.lead))
	ended, err := dbsqlc.New().ConversationEndAttempts(t.Context(), f.db)
	require.NoError(t, err)
	require.Equal(t, int64(1), ended)
	require.False(t, held(gone.lead))
}

func TestStatuses(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	voicemail := says("Hello?", "Hi, you have reached Ada. Please leave a message after the tone.", "This is Henk from the charity, I will call again.")
	tests := []struct {
		name    string
		body    func(c call) object
		failure string
		status  string
		result  string
		outcome string
	}{
		{"answered", func(c call) object { return c.body(refusal...) }, "", "completed", "success", "not_interested"},
		{"busy", func(c call) object { return c.failedBody("busy") }, "", "busy", "busy", "unknown"},
		{"no answer", func(c call) object { return c.failedBody("no_answer") }, "", "no_answer", "no_answer", "unknown"},
		{"no answer with a hyphen", func(c call) object { return c.failedBody("no-answer") }, "", "no_answer", "no_answer", "unknown"},
		{"failed", func(c call) object { return c.failedBody("failed") }, "", "failed", "failed", "unknown"},
		{"failed without a result", func(c call) object { return c.failedBody("") }, "", "failed", "failed", "unknown"},
		{"failed, busy by webhook", func(c call) object { return c.failedBody("") }, "busy", "busy", "busy", "unknown"},
		{"failed, no answer by webhook", func(c call) object { return c.failedBody("failed") }, "no-answer", "no_answer", "no_answer", "unknown"},
		{"failed, unknown by webhook", func(c call) object { return c.failedBody("") }, "unknown", "failed", "failed", "unknown"},
		{"failed while talking", func(c call) object { return c.body(refusal...).with("status", "failed") }, "", "failed", "failed", "not_interested"},
		{"voicemail by carrier", func(c call) object { return c.body(voicemail...).with("metadata.phone_call.call_result", "voicemail") }, "", "voicemail", "success", "voicemail_left"},
		{"voicemail by its greeting", func(c call) object { return c.body(voicemail...) }, "", "voicemail", "success", "voicemail_left"},
		{"voicemail by termination", func(c call) object {
			return c.body(says("Hello?")...).with("metadata.phone_call", nil).with("metadata.termination_reason", "Voicemail detected")
		}, "", "voicemail", "success", "voicemail_left"},
		{"busy by termination", func(c call) object {
			return c.failedBody("").with("metadata.termination_reason", "Line busy")
		}, "", "busy", "busy", "unknown"},
		{"no answer by termination", func(c call) object {
			return c.failedBody("").with("metadata.termination_reason", "The call was not answered")
		}, "", "no_answer", "no_answer", "unknown"},
		{"old record, talked", func(c call) object { return c.body(refusal...).with("metadata.phone_call", nil) }, "", "completed", "success", "not_interested"},
		{"old record, empty", func(c call) object { return c.body().with("metadata.phone_call", nil) }, "", "no_answer", "no_answer", "unknown"},
		{"unknown result", func(c call) object { return c.body(refusal...).with("metadata.phone_call.call_result", "teleported") }, "", "completed", "success", "not_interested"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &fixture{T: t, db: f.db, world: f.world, syncer: f.syncer, bodies: f.bodies}
			c := f.placed(3*time.Minute, nil)
			if tt.failure != "" {
				res := f.fail(Failure{ConversationID: c.provider, Reason: tt.failure})
				require.Equal(t, StateDone, res.State)
			}
			res, err := f.deliver(c, tt.body(c))
			require.NoError(t, err)
			require.Equal(t, StateDone, res.State)
			require.Equal(t, tt.status, f.conversation(c)["status"])
			require.Equal(t, tt.outcome, f.conversation(c)["outcome"])
			require.Equal(t, tt.status, f.row("select status from call_logs where id = $1", c.log)["status"])
			require.Equal(t, tt.result, f.row("select result, state from call_attempts where id = $1", c.attempt)["result"])
			if tt.outcome == "unknown" || tt.outcome == "voicemail_left" {
				require.Equal(t, "contacted", f.member(c)["status"], "the lead stays callable")
			}
		})
	}
}

func TestAnUnreachableProviderWritesNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.placed(48*time.Hour, nil)
	before := f.conversation(c)
	f.bodies[c.provider] = "503 from a proxy"
	_, err := f.syncer.Sync(t.Context(), c.id)
	require.Error(t, err)
	_, err = f.syncer.CloseStale(t.Context(), 10)
	require.Error(t, err)
	f.bodies[c.provider] = `{"conversation_id":`
	_, err = f.syncer.Sync(t.Context(), c.id)
	require.Error(t, err)
	require.Equal(t, before, f.conversation(c))
	require.Zero(t, f.count("select count(*) from conversation_events"))
	require.Zero(t, f.count("select count(*) from henk.conversation_outcomes"))
}

func TestMissing(t *testing.T) {
	t.Parallel()
	f := newFixture(t)

	young := f.placed(30*time.Second, nil)
	require.Equal(t, Result{State: StateRunning, Again: 5 * time.Second}, f.sync(young))
	require.Equal(t, "initiated", f.conversation(young)["status"])

	c := f.placed(2*time.Minute, nil)
	require.Equal(t, Result{State: StateMissing, Outcome: "unknown"}, f.sync(c))
	v := f.conversation(c)
	require.Equal(t, "failed", v["status"])
	require.Nil(t, v["transcript"])
	require.Nil(t, v["ended_at"])
	require.Nil(t, v["settled_at"], "the index may lag: asked once more")
	require.Zero(t, f.count("select count(*) from conversation_events where conversation_id = $1", c.id))
	require.Equal(t, "missing", f.row("select error_code from call_logs where id = $1", c.log)["error_code"])
	require.Equal(t, "contacted", f.member(c)["status"])
	require.Equal(t, []uuid.UUID{f.world.Campaign}, f.followed().Plan)
	require.Equal(t, StateMissing, f.sync(c).State)
	require.Empty(t, f.followed())

	f.answer(c.provider, c.body(pledge...)) // found after all
	require.Equal(t, Result{State: StateDone, NewEvents: 6, Outcome: "pledged"}, f.sync(c))
	require.Equal(t, "completed", f.conversation(c)["status"])
	require.Equal(t, []uuid.UUID{c.id}, f.followed().WriteBack)

	old := f.placed(20*time.Minute, nil)
	require.Equal(t, StateMissing, f.sync(old).State)
	require.NotNil(t, f.conversation(old)["settled_at"])

	adopted := f.placed(time.Hour, nil) // closed by the old system, and forgotten by the provider
	f.exec("update conversations set status = 'completed', attempt_id = null, outcome = 'pledged' where id = $1", adopted.id)
	require.Equal(t, Result{State: StateDone, Outcome: "pledged"}, f.sync(adopted))
	require.Equal(t, "completed", f.conversation(adopted)["status"])
	require.NotNil(t, f.conversation(adopted)["settled_at"])

	res, err := f.syncer.Sync(t.Context(), uuid.New())
	require.NoError(t, err)
	require.Equal(t, Result{State: StateGone}, res)
}

func TestForgottenByTheProviderWithWords(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.placed(2*time.Minute, nil)
	f.answer(c.provider, c.body(optOut...).with("status", "in-progress").with("analysis", nil))
	require.Equal(t, StateRunning, f.sync(c).State)
	delete(f.bodies, c.provider)
	require.Equal(t, Result{State: StateMissing, Outcome: "do_not_call"}, f.sync(c))
	require.Equal(t, "completed", f.conversation(c)["status"])
	require.Len(t, f.events(c), 4, "what was said stays")
	require.Equal(t, 1, f.count("select count(*) from leads where id = $1 and dnc and do_not_call", c.lead))
	require.Equal(t, "deleted", f.row("select closed_because from henk.conversation_outcomes where conversation_id = $1", c.id)["closed_because"])
}

func TestNeverAnsweredAndNeverEnded(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ringing := func(c call) object {
		return c.body().with("status", "initiated").with("analysis", nil).with("metadata.accepted_time_unix_secs", nil)
	}

	c := f.placed(9*time.Minute, nil)
	f.answer(c.provider, ringing(c))
	require.Equal(t, StateRunning, f.sync(c).State)

	c = f.placed(11*time.Minute, nil)
	f.answer(c.provider, ringing(c))
	require.Equal(t, StateMissing, f.sync(c).State)
	require.Equal(t, "no_answer", f.conversation(c)["status"])
	require.Nil(t, f.conversation(c)["settled_at"])
	require.Equal(t, StateMissing, f.sync(c).State)
	require.Equal(t, []uuid.UUID{f.world.Campaign}, f.followed().Plan, "the slot is free, once")

	stuck := f.placed(7*time.Hour, nil)
	f.answer(stuck.provider, stuck.body(optOut...).with("status", "in-progress").with("analysis", nil))
	gone := f.placed(8*time.Hour, nil)
	running := f.placed(5*time.Hour, nil)
	f.answer(running.provider, running.body(pledge...).with("status", "in-progress").with("analysis", nil))
	closed, err := f.syncer.CloseStale(t.Context(), 10)
	require.NoError(t, err)
	require.Equal(t, 2, closed)
	require.Equal(t, "do_not_call", f.conversation(stuck)["outcome"])
	require.NotNil(t, f.conversation(stuck)["settled_at"])
	require.Equal(t, "failed", f.conversation(gone)["status"])
	require.Equal(t, "initiated", f.conversation(running)["status"])
	require.Equal(t, StateRunning, f.sync(running).State)
}

func TestForeignBodiesAreRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c, other := f.placed(time.Minute, nil), f.placed(time.Minute, nil)
	for name, body := range map[string]object{
		"id":       other.body(optOut...),
		"agent":    c.body(optOut...).with("agent_id", "agent_2"),
		"attempt":  c.body(optOut...).with("conversation_initiation_client_data.dynamic_variables.attempt_id", other.attempt.String()),
		"campaign": c.body(optOut...).with("conversation_initiation_client_data.dynamic_variables.campaign_id", uuid.NewString()),
		"lead":     c.body(optOut...).with("conversation_initiation_client_data.dynamic_variables.lead_id", other.lead.String()),
	} {
		_, err := f.deliver(c, body)
		require.ErrorIs(t, err, ErrForeign, name)
	}
	require.Equal(t, "initiated", f.conversation(c)["status"])
	require.Zero(t, f.count("select count(*) from henk.conversation_outcomes"))
	require.Zero(t, f.count("select count(*) from leads where dnc"))

	// A foreign body in a group does not keep the others from being written.
	f.answer(c.provider, c.body(pledge...).with("agent_id", "agent_2"))
	f.answer(other.provider, other.body(pledge...))
	foreign, err := elevenlabs.DecodeConversation([]byte(f.bodies[c.provider]))
	require.NoError(t, err)
	right, err := elevenlabs.DecodeConversation([]byte(f.bodies[other.provider]))
	require.NoError(t, err)
	out, err := f.syncer.commit(t.Context(), []sighting{{id: c.id, body: foreign}, {id: other.id, body: right}, {id: other.id, body: right}})
	require.NoError(t, err)
	require.ErrorIs(t, out[0].err, ErrForeign)
	require.Equal(t, Result{State: StateDone, NewEvents: 6, Outcome: "pledged"}, out[1].result)
	require.Equal(t, Result{State: StateDone, Outcome: "pledged"}, out[2].result)
}

func TestPollingPace(t *testing.T) {
	t.Parallel()
	s := New(Options{})
	now := time.Now()
	at := func(status string, age time.Duration) time.Duration {
		return s.again(status, times{start: now.Add(-age), end: now.Add(-age)}, now)
	}
	require.Equal(t, 5*time.Second, at("initiated", 0))
	require.Equal(t, 5*time.Second, at("in-progress", 4*time.Minute))
	require.Equal(t, 10*time.Second, at("in-progress", 10*time.Minute))
	require.Equal(t, time.Minute, at("in-progress", 3*time.Hour))
	require.Equal(t, 2*time.Second, at("processing", 5*time.Second))
	require.Equal(t, 6*time.Second, at("processing", time.Minute))
	require.Equal(t, 2*time.Second, s.again("processing", times{end: now.Add(time.Hour)}, now))
	s = New(Options{PollBase: 300 * time.Millisecond})
	require.Equal(t, 300*time.Millisecond, s.again("in-progress", times{start: now.Add(-10 * time.Second)}, now))
}

func TestAdoptedConversationWithoutAnAttempt(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	lead := storetest.NewLead(t, f.db, f.world, nil)
	c := call{lead: lead, provider: "conv_adopted", started: time.Now().Add(-time.Hour).UTC().Truncate(time.Second), attempt: uuid.New()}
	c.id = storetest.Insert(t, f.db, "conversations", storetest.Fields{"campaign_id": f.world.Campaign, "agent_id": f.world.Agent, "lead_id": lead,
		"conversation_id": c.provider, "started_at": c.started})
	f.answer(c.provider, c.body(optOut...))
	require.Equal(t, "do_not_call", f.sync(c).Outcome)
	require.Equal(t, 1, f.count(`select count(*) from henk.suppressions s join leads l on l.phone = s.phone where l.id = $1 and s.source = 'call'`, lead))
}

func requireTime(t *testing.T, want time.Time, got any) {
	t.Helper()
	at, err := time.Parse(time.RFC3339, got.(string))
	require.NoError(t, err)
	require.WithinDuration(t, want, at, time.Millisecond)
}
