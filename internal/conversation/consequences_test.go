package conversation

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/campaign"
	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/storetest"
)

func TestFinalStatusesAreTheCampaigns(t *testing.T) {
	t.Parallel()
	require.Equal(t, campaign.FinalStatuses, finalStatuses)
}

func TestOptOut(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.placed(5*time.Minute, nil)
	// Reserved meanwhile: the same person in another campaign, somebody else with the same number, and a stranger.
	second := f.world
	second.Campaign = storetest.NewCampaign(t, f.db, f.world, nil)
	storetest.Insert(t, f.db, "campaign_leads", storetest.Fields{"campaign_id": second.Campaign, "lead_id": c.lead})
	same := storetest.NewAttempt(t, f.db, second, c.lead, nil)
	mate := storetest.NewLead(t, f.db, second, storetest.Fields{"phone": c.phone})
	mates := storetest.NewAttempt(t, f.db, second, mate, nil)
	stranger := storetest.NewAttempt(t, f.db, second, storetest.NewLead(t, f.db, second, nil), nil)
	elsewhere := storetest.NewWorld(t, f.db, nil)
	others := storetest.NewAttempt(t, f.db, elsewhere, storetest.NewLead(t, f.db, elsewhere, storetest.Fields{"phone": c.phone}), nil)
	state := func(id uuid.UUID) any { return f.row("select state from call_attempts where id = $1", id)["state"] }

	conv, err := elevenlabs.DecodeConversation([]byte(asJSON(t, c.body(optOut...))))
	require.NoError(t, err)
	tx, err := f.db.Begin(t.Context())
	require.NoError(t, err)
	res, err := f.syncer.Apply(t.Context(), tx, c.id, conv)
	require.NoError(t, err)
	require.Equal(t, "do_not_call", res.Outcome)
	require.Equal(t, "reserved", state(same), "nothing is visible before the commit")
	require.Zero(t, f.count("select count(*) from henk.suppressions"))
	require.NoError(t, tx.Commit(t.Context()))

	require.Equal(t, "skipped", state(same))
	require.Equal(t, "skipped", state(mates))
	require.Equal(t, "reserved", state(stranger))
	require.Equal(t, "reserved", state(others), "another business has not been asked to stop")
	l := f.row("select do_not_call, dnc, status from leads where id = $1", c.lead)
	require.Equal(t, map[string]any{"do_not_call": true, "dnc": true, "status": "contacted"}, l)
	s := f.row("select * from henk.suppressions")
	require.Equal(t, c.phone, s["phone"])
	require.Equal(t, "call", s["source"])
	require.Equal(t, f.world.Business.String(), s["business_id"])
	require.Equal(t, c.id.String(), s["evidence"].(decoded)["conversation_id"])
	require.NotEmpty(t, s["evidence"].(decoded)["evidence"])
	require.Equal(t, "do_not_call", f.member(c)["status"])
	require.ElementsMatch(t, []uuid.UUID{f.world.Campaign, second.Campaign}, f.followed().Plan)

	// Never undone: not by a later reading without it, and not by a sync that lowers a flag in between.
	f.exec("update leads set do_not_call = false where id = $1", c.lead)
	res, err = f.deliver(c, c.body(pledge...))
	require.NoError(t, err)
	require.Equal(t, "do_not_call", res.Outcome)
	require.Equal(t, "do_not_call", f.member(c)["status"])
	require.Nil(t, f.member(c)["pledged_amount"])
	require.Equal(t, true, f.row("select do_not_call from leads where id = $1", c.lead)["do_not_call"])
	require.Equal(t, 1, f.count("select count(*) from henk.suppressions"))
}

func TestOptOutOfTheProvidersAnalysisAlone(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.placed(5*time.Minute, nil)
	b := c.body(refusal...).with("analysis.data_collection_results", object{"do_not_call": object{"data_collection_id": "do_not_call", "value": "yes", "rationale": ""}})
	res, err := f.deliver(c, b)
	require.NoError(t, err)
	require.Equal(t, "do_not_call", res.Outcome)
	require.Equal(t, 1, f.count("select count(*) from leads where id = $1 and dnc", c.lead))
}

func TestWrongNumber(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.placed(5*time.Minute, nil)
	mate := storetest.NewLead(t, f.db, f.world, storetest.Fields{"phone": c.phone})
	reserved := storetest.NewAttempt(t, f.db, f.world, mate, nil)
	res, err := f.deliver(c, c.body(wrong...))
	require.NoError(t, err)
	require.Equal(t, "wrong_number", res.Outcome)
	require.Equal(t, "wrong_number", f.member(c)["status"])
	s := f.row("select phone, source from henk.suppressions")
	require.Equal(t, map[string]any{"phone": c.phone, "source": "wrong_number"}, s)
	l := f.row("select do_not_call, dnc, status from leads where id = $1", c.lead)
	require.Equal(t, map[string]any{"do_not_call": false, "dnc": false, "status": "contacted"}, l, "the number, not the person")
	require.Equal(t, "skipped", f.row("select state from call_attempts where id = $1", reserved)["state"])
}

func TestRepeatedAndUnorderedDeliveries(t *testing.T) {
	t.Parallel()
	final := func(c call) object { return c.body(pledge...) }
	running := func(c call) object { return c.body(pledge[:2]...).with("status", "in-progress").with("analysis", nil) }
	ringing := func(c call) object { return c.body().with("status", "initiated").with("analysis", nil) }
	orders := map[string][]func(c call) object{
		"in order":       {ringing, running, final},
		"twice":          {final, final, final},
		"webhook first":  {final, running, ringing},
		"webhook midway": {ringing, final, running, final},
	}
	f := newFixture(t)
	for name, order := range orders {
		f.followed()
		c := f.placed(5*time.Minute, nil)
		f.exec("update campaign_leads set total_talk_time = 100 where lead_id = $1", c.lead)
		for _, body := range order {
			_, err := f.deliver(c, body(c))
			require.NoError(t, err, name)
		}
		require.Equal(t, "completed", f.conversation(c)["status"], name)
		require.Equal(t, "pledged", f.conversation(c)["outcome"], name)
		require.Len(t, f.events(c), 6, name)
		m := f.member(c)
		require.EqualValues(t, 118, m["total_talk_time"], name)
		require.EqualValues(t, 25, m["pledged_amount"], name)
		follow := f.followed()
		require.Equal(t, []uuid.UUID{f.world.Campaign}, follow.Plan, name)
		require.Equal(t, []uuid.UUID{c.id}, follow.WriteBack, name)
	}
}

func TestAnIdenticalDeliveryWritesNoRow(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.placed(5*time.Minute, nil)
	_, err := f.deliver(c, c.body(optOut...))
	require.NoError(t, err)
	versions := func() map[string]any {
		return f.row(`select v.xmin::text as v, q.xmin::text as q, cl.xmin::text as cl, l.xmin::text as l, o.xmin::text as o, a.xmin::text as a, s.xmin::text as s,
			(select max(e.xmin::text::bigint) from conversation_events e where e.conversation_id = v.id) as e
			from conversations v join call_logs q on q.conversation_id = v.id join leads l on l.id = v.lead_id join campaign_leads cl on cl.lead_id = l.id
			join henk.conversation_outcomes o on o.conversation_id = v.id join call_attempts a on a.id = v.attempt_id cross join henk.suppressed_numbers s
			where v.id = $1`, c.id)
	}
	before := versions()
	_, err = f.deliver(c, c.body(optOut...))
	require.NoError(t, err)
	require.Equal(t, before, versions())
}

func TestAHumansEntryStays(t *testing.T) {
	t.Parallel()
	f := newFixture(t)

	entered := f.placed(5*time.Minute, nil) // before the call was read
	f.exec("update conversations set outcome = 'donated' where id = $1", entered.id)
	f.exec("update campaign_leads set status = 'donated', donated_amount = 500 where lead_id = $1", entered.lead)
	f.exec("update call_logs set outcome = 'donated', donated_amount = 500 where id = $1", entered.log)
	for range 2 {
		res, err := f.deliver(entered, entered.body(refusal...))
		require.NoError(t, err)
		require.Equal(t, "donated", res.Outcome)
	}
	require.Equal(t, "donated", f.conversation(entered)["outcome"])
	require.Equal(t, "donated", f.row("select outcome from call_logs where id = $1", entered.log)["outcome"])
	require.EqualValues(t, 500, f.row("select donated_amount from call_logs where id = $1", entered.log)["donated_amount"])
	m := f.member(entered)
	require.Equal(t, "donated", m["status"])
	require.EqualValues(t, 500, m["donated_amount"])
	require.Equal(t, "not_interested", f.row("select outcome from henk.conversation_outcomes where conversation_id = $1", entered.id)["outcome"], "ours is kept beside it")

	changed := f.placed(5*time.Minute, nil) // after
	_, err := f.deliver(changed, changed.body(pledge...))
	require.NoError(t, err)
	f.exec("update conversations set outcome = 'talked to her husband' where id = $1", changed.id)
	f.exec("update campaign_leads set status = 'not_interested', pledged_amount = 10 where lead_id = $1", changed.lead)
	_, err = f.deliver(changed, changed.body(append(pledge[:3:3], says("", "Make that 30 dollars.")[1].at(20))...))
	require.NoError(t, err)
	require.Equal(t, "talked to her husband", f.conversation(changed)["outcome"])
	require.EqualValues(t, 10, f.member(changed)["pledged_amount"])
	require.Equal(t, "not_interested", f.member(changed)["status"])

	corrected := f.placed(5*time.Minute, nil)
	_, err = f.deliver(corrected, corrected.body(refusal...))
	require.NoError(t, err)
	f.exec("update henk.conversation_outcomes set corrected_outcome = 'interested', corrected_by = 'someone', corrected_at = now() where conversation_id = $1", corrected.id)
	f.exec("update conversations set outcome = 'interested' where id = $1", corrected.id)
	res, err := f.deliver(corrected, corrected.body(pledge...))
	require.NoError(t, err)
	require.Equal(t, "interested", res.Outcome)
	require.Equal(t, "interested", f.conversation(corrected)["outcome"])
	require.Equal(t, "interested", f.row("select corrected_outcome from henk.conversation_outcomes where conversation_id = $1", corrected.id)["corrected_outcome"])

	heard := f.placed(5*time.Minute, nil) // an opt-out is heard whatever somebody entered
	f.exec("update conversations set outcome = 'interested' where id = $1", heard.id)
	_, err = f.deliver(heard, heard.body(optOut...))
	require.NoError(t, err)
	require.Equal(t, 1, f.count("select count(*) from leads where id = $1 and dnc and do_not_call", heard.lead))
	require.Equal(t, "interested", f.conversation(heard)["outcome"])

	asked := f.placed(5*time.Minute, nil) // and somebody's "do not call" counts
	f.exec("update conversations set outcome = 'do_not_call' where id = $1", asked.id)
	_, err = f.deliver(asked, asked.body(pledge...))
	require.NoError(t, err)
	require.Equal(t, 1, f.count("select count(*) from leads where id = $1 and dnc and do_not_call", asked.lead))
}

func TestCallbackAndRetries(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.placed(5*time.Minute, nil)
	callback := says("Do you have a minute?", "I am driving, call me back tomorrow at 3 pm.", "I will.")
	res, err := f.deliver(c, c.body(callback...))
	require.NoError(t, err)
	require.Equal(t, "callback_requested", res.Outcome)
	m := f.member(c)
	require.Equal(t, "contacted", m["status"])
	require.Equal(t, "callback_requested", m["outcome"])
	chicago, err := time.LoadLocation("America/Chicago")
	require.NoError(t, err)
	y, mo, d := c.started.In(chicago).AddDate(0, 0, 1).Date()
	requireTime(t, time.Date(y, mo, d, 15, 0, 0, 0, chicago), m["next_attempt_at"])

	res, err = f.deliver(c, c.body(refusal...)) // corrected: no call-back after all
	require.NoError(t, err)
	require.Equal(t, "not_interested", res.Outcome)
	require.Nil(t, f.member(c)["next_attempt_at"])

	busy := f.placed(5*time.Minute, nil) // the campaign names an interval: it is not second-guessed
	_, err = f.deliver(busy, busy.failedBody("busy"))
	require.NoError(t, err)
	require.Nil(t, f.member(busy)["next_attempt_at"])

	f.exec("update campaigns set retry_logic = 'as soon as sensible'")
	for result, pause := range map[string]time.Duration{"busy": 30 * time.Minute, "no_answer": 2 * time.Hour, "failed": 0} {
		c := f.placed(5*time.Minute, nil)
		_, err := f.deliver(c, c.failedBody(result))
		require.NoError(t, err)
		next := f.member(c)["next_attempt_at"]
		if pause == 0 {
			require.Nil(t, next)
			continue
		}
		requireTime(t, c.started.Add(pause), next)
	}
}

func TestAnEarlierCallOfTheSameLead(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	first := f.placed(26*time.Hour, nil)
	second := f.placedFor(first.lead, 5*time.Minute, 2)
	_, err := f.deliver(second, second.body(says("Hello?", "I like what you do.", "Thanks.")...))
	require.NoError(t, err)
	status := f.member(second)["status"]

	_, err = f.deliver(first, first.failedBody("busy"))
	require.NoError(t, err)
	require.Equal(t, status, f.member(second)["status"], "an older call does not reopen the lead")
	_, err = f.deliver(first, first.body(append(optOut[:3:3], object{"role": "user", "message": "Bye.", "time_in_call_secs": 15})...))
	require.NoError(t, err)
	require.Equal(t, "do_not_call", f.member(second)["status"], "but it may end it")
	require.EqualValues(t, 13, f.member(second)["last_call_duration"])
	require.EqualValues(t, 31, f.member(second)["total_talk_time"])
}

func TestTwoCallsOfALeadInOneGroup(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	first := f.placed(26*time.Hour, nil)
	second := f.placedFor(first.lead, 5*time.Minute, 2)
	var list []sighting
	for _, c := range []call{first, second} {
		conv, err := elevenlabs.DecodeConversation([]byte(asJSON(t, c.body(refusal...))))
		require.NoError(t, err)
		list = append(list, sighting{id: c.id, body: conv})
	}
	_, err := f.syncer.commit(t.Context(), list)
	require.NoError(t, err)
	require.EqualValues(t, 26, f.member(second)["total_talk_time"])
}

func TestFailureWebhooks(t *testing.T) {
	t.Parallel()
	f := newFixture(t)

	c := f.placed(5*time.Minute, nil)
	f.exec("update call_logs set call_sid = 'CA77' where conversation_id = $1", c.id)
	res := f.fail(Failure{ConversationID: "conv_unheard_of", CallSID: "CA77", Reason: "busy", At: c.started.Add(20 * time.Second)})
	requireTime(t, c.started.Add(20*time.Second), f.conversation(c)["ended_at"])
	require.Equal(t, Result{State: StateDone, Outcome: "unknown", NewEvents: 2}, res)
	require.Equal(t, "busy", f.conversation(c)["status"])
	require.Len(t, f.events(c), 2, "its start and its end, as the poll would have told; nothing was said")
	require.Equal(t, []uuid.UUID{f.world.Campaign}, f.followed().Plan)
	require.Equal(t, "contacted", f.member(c)["status"])
	f.answer(c.provider, c.body().with("status", "initiated").with("analysis", nil)) // a poll that was under way
	require.Equal(t, StateDone, f.sync(c).State)
	require.Equal(t, "busy", f.conversation(c)["status"])

	late := f.placed(5*time.Minute, nil) // after the poll, which only knew that it failed
	_, err := f.deliver(late, late.failedBody(""))
	require.NoError(t, err)
	f.fail(Failure{ConversationID: late.provider, Reason: "no-answer"})
	require.Equal(t, "no_answer", f.conversation(late)["status"])
	require.Equal(t, "no_answer", f.row("select result from call_attempts where id = $1", late.attempt)["result"])

	talked := f.placed(5*time.Minute, nil) // contradicted by what was said
	_, err = f.deliver(talked, talked.body(pledge...))
	require.NoError(t, err)
	f.fail(Failure{ConversationID: talked.provider, Reason: "busy"})
	require.Equal(t, "completed", f.conversation(talked)["status"])

	err = store.InTx(t.Context(), f.db, func(tx pgx.Tx) error {
		_, err := f.syncer.ApplyFailure(t.Context(), tx, Failure{ConversationID: "conv_nobodys", Reason: "busy"})
		return err
	})
	require.ErrorIs(t, err, ErrUnknown)
}

func TestABodyWithoutItsTranscriptIsAHint(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.placed(5*time.Minute, nil)
	b := c.body(pledge...)
	delete(b, "transcript")
	res, err := f.deliver(c, b)
	require.NoError(t, err)
	require.Equal(t, StateRunning, res.State)
	require.Positive(t, res.Again)
	require.Equal(t, "initiated", f.conversation(c)["status"])

	busy := f.placed(5*time.Minute, nil)
	b = busy.failedBody("busy")
	delete(b, "transcript")
	res, err = f.deliver(busy, b)
	require.NoError(t, err)
	require.Equal(t, StateDone, res.State)
}

func TestAnalysis(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	plain := says("Would you like to help?", "Mm hm.", "Thank you.")

	missing := f.placed(time.Minute, nil)
	_, err := f.deliver(missing, missing.body(plain...).with("analysis", nil))
	require.NoError(t, err)
	require.Nil(t, f.conversation(missing)["settled_at"], "the judgement may still come")
	b := missing.body(plain...).with("analysis.data_collection_results", object{"outcome": object{"data_collection_id": "outcome", "value": "interested", "rationale": ""}})
	res, err := f.deliver(missing, b)
	require.NoError(t, err)
	require.Equal(t, "interested", res.Outcome)
	require.NotNil(t, f.conversation(missing)["settled_at"])
	res, err = f.deliver(missing, missing.body(plain...).with("analysis", nil))
	require.NoError(t, err)
	require.Equal(t, "interested", res.Outcome, "an answer without it does not forget it")

	for _, odd := range []any{"success", 5, []any{}, object{"call_successful": 7, "data_collection_results": []any{"x"}}} {
		c := f.placed(time.Hour, nil)
		res, err := f.deliver(c, c.body(pledge...).with("analysis", odd))
		require.NoError(t, err)
		require.Equal(t, "pledged", res.Outcome)
		require.NotNil(t, f.conversation(c)["settled_at"])
	}
}

func TestNumbersThatDoNotFit(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.placed(5*time.Minute, nil)
	b := c.body(says("How much?", "I pledge 999999999999 dollars.")...)
	b.with("metadata.cost_fiat", 12345.678).with("metadata.call_duration_secs", 1<<40).with("metadata.start_time_unix_secs", int64(1)<<60).with("metadata.accepted_time_unix_secs", -1)
	_, err := f.deliver(c, b)
	require.NoError(t, err)
	l := f.row("select call_cost, pledged_amount, metadata from call_logs where id = $1", c.log)
	require.EqualValues(t, 99.9999, l["call_cost"])
	require.Nil(t, l["pledged_amount"])
	require.EqualValues(t, 12345.678, l["metadata"].(decoded)["cost_usd"])
	require.EqualValues(t, 86400, f.conversation(c)["duration_seconds"])
	requireTime(t, c.started, f.conversation(c)["started_at"])
}

func TestClockSkew(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := f.placed(5*time.Minute, nil)
	skewed := c.started.Add(7 * time.Hour).Unix()
	_, err := f.deliver(c, c.body(pledge...).with("metadata.start_time_unix_secs", skewed).with("metadata.accepted_time_unix_secs", skewed+6))
	require.NoError(t, err)
	v := f.conversation(c)
	requireTime(t, c.started, v["started_at"])
	requireTime(t, c.started.Add(24*time.Second), v["ended_at"])
}

// at moves a turn to another second.
func (b object) at(seconds int) object { return b.with("time_in_call_secs", seconds) }
