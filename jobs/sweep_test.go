package jobs_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/storetest"
	"github.com/callhenk/henk-worker/jobs"
)

// runningBy makes all jobs that wait look as if a client had taken them a while ago.
func (b *bundle) runningBy(client string, ago time.Duration) {
	b.t.Helper()
	b.exec(`update river.river_job set state = 'running', attempt = 1, attempted_by = $1, attempted_at = now() - $2::interval
		where state = 'available'`, []string{client}, ago)
}

func (b *bundle) beat(client string, ago time.Duration) {
	b.t.Helper()
	b.exec("insert into henk.workers (client_id, beat_at) values ($1, clock_timestamp() - $2::interval)", client, ago)
}

// What a dead worker had taken is worked by a live one; what a live one has taken is left alone.
func TestJobsOfADeadWorkerAreHandedOn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		client       string
		beaten, took time.Duration
		signedOff    bool
		handedOn     bool
	}{
		"killed":                      {client: "henk-dead", beaten: 35 * time.Second, took: 40 * time.Second, handedOn: true},
		"beats":                       {client: "henk-alive", beaten: 25 * time.Second, took: 10 * time.Minute},
		"signed off, its job did not": {client: "henk-off", signedOff: true, took: 65 * time.Second, handedOn: true},
		"has just begun":              {client: "henk-new", signedOff: true, took: 40 * time.Second},
		"somebody else's client":      {client: "app-1", signedOff: true, took: 10 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, nil, 0)
			attempt := b.reserved(nil)
			b.runningBy(c.client, c.took)
			if !c.signedOff {
				b.beat(c.client, c.beaten)
			}
			rt, _ := b.start()
			if !c.handedOn {
				for range 3 {
					require.NoError(t, rt.Sweep(t.Context()))
				}
				require.Equal(t, "reserved", b.state(attempt))
				require.Equal(t, 1, b.count("select count(*) from river.river_job where kind = 'dial-lead' and state = 'running'"))
				return
			}
			b.called(1, 20*time.Second)
			b.sound()
			require.Equal(t, "placed", b.state(attempt))
			b.eventually(5*time.Second, "the job is done", func() bool {
				return b.count("select count(*) from river.river_job where kind = 'dial-lead' and state = 'completed' and attempt = 1") == 1
			})
		})
	}
}

// A reservation whose job somebody cancelled or deleted is released, and its lead called by a later plan.
func TestReservationWithoutAJobIsReleased(t *testing.T) {
	t.Parallel()
	b := setup(t, nil, 0)
	b.config.NoTicks = true // it is the sweep that asks for the plan
	lost := storetest.NewAttempt(t, b.db, b.w, storetest.NewLead(t, b.db, b.w, nil), f{"created_at": time.Now().Add(-2 * time.Minute)})
	cancelled := b.reserved(f{"created_at": time.Now().Add(-2 * time.Minute)})
	b.exec("update river.river_job set state = 'cancelled', finalized_at = now()")
	young := storetest.NewAttempt(t, b.db, b.w, storetest.NewLead(t, b.db, b.w, nil), nil)
	b.start()
	b.eventually(20*time.Second, "both leads are called", func() bool { return b.sim.RingCount() == 2 })
	require.Equal(t, "released job_gone", b.state(lost))
	require.Equal(t, "released job_gone", b.state(cancelled))
	require.Equal(t, "reserved", b.state(young), "its job may be on its way")
	for _, r := range b.sim.Rings() {
		require.NotContains(t, []string{lost.String(), cancelled.String(), young.String()}, r.AttemptID)
	}
}

// dialed is an attempt that passed the fence and whose worker then died, with or without having sent its request.
func (b *bundle) dialed(state string, ago time.Duration, rang bool) uuid.UUID {
	b.t.Helper()
	id := storetest.NewAttempt(b.t, b.db, b.w, storetest.NewLead(b.t, b.db, b.w, nil), f{"state": state, "worker_id": "henk-dead",
		"dialing_at": time.Now().Add(-ago), "created_at": time.Now().Add(-ago), "provider_agent_id": "agent_1"})
	if rang {
		var phone string
		require.NoError(b.t, b.db.QueryRow(b.t.Context(), "select phone_number from call_attempts where id = $1", id).Scan(&phone))
		_, err := b.client(time.Second).PlaceCall(b.t.Context(), elevenlabs.OutboundCall{AgentID: "agent_1", AgentPhoneNumberID: "phnum_1", ToNumber: phone,
			DynamicVariables: map[string]any{"attempt_id": id.String(), "campaign_id": b.w.Campaign.String()}})
		require.NoError(b.t, err)
	}
	return id
}

// A call that may have rung is looked for at the provider, whoever lost it and wherever its job is; it is never dialed
// again.
func TestCallsWithoutAJobAreReconciled(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		state string
		rang  bool
		job   string // dial: the dead worker's running job; "" none
		want  string
	}{
		"dialing, rang":             {"dialing", true, "", "placed"},
		"dialing, did not ring":     {"dialing", false, "", "unknown no_answer_from_provider"},
		"dialing, rang, dead job":   {"dialing", true, "dial", "placed"},
		"dialing, silent, dead job": {"dialing", false, "dial", "unknown no_answer_from_provider"},
		"unknown, rang":             {"unknown", true, "", "placed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, nil, 0)
			id := b.dialed(c.state, 90*time.Second, c.rang)
			rings := b.sim.RingCount()
			if c.job != "" {
				b.insertDial(id)
				b.runningBy("henk-dead", 90*time.Second)
			}
			b.start()
			b.eventually(20*time.Second, "the attempt is "+c.want, func() bool { return b.state(id) == c.want })
			b.eventually(20*time.Second, "the call is over", func() bool { return b.count("select "+unsettled) == 0 })
			b.sound()
			require.Equal(t, rings, b.sim.RingCount(), "nothing was dialed again")
		})
	}
}

// A call whose lead was deleted while it rang cannot be on the books of that lead. It ends all the same.
func TestLeadIsDeletedWhileItsCallIsUnknown(t *testing.T) {
	t.Parallel()
	b := setup(t, nil, 0)
	id := b.dialed("dialing", 90*time.Second, true)
	b.exec("delete from leads")
	b.start()
	b.eventually(20*time.Second, "the attempt has ended", func() bool {
		return b.count("select count(*) from call_attempts where id = $1 and ended_at is not null", id) == 1
	})
	require.EqualValues(t, 1, b.sim.RingCount())
}

// Whatever brings a finished dial job back (a rescue, a retry by hand, a restored backup of the queue), nobody is
// called twice.
func TestFinishedDialsThatComeBackDoNotDial(t *testing.T) {
	t.Parallel()
	b := setup(t, nil, 6)
	rt, _ := b.start()
	b.called(6, 30*time.Second)
	dials := "select id from river.river_job where kind = 'dial-lead'"
	b.eventually(10*time.Second, "the jobs are done", func() bool {
		return b.count("select count(*) from river.river_job where kind = 'dial-lead' and state = 'completed'") == 6
	})
	done := func(n int) {
		b.eventually(20*time.Second, "the jobs ran again", func() bool {
			return b.count("select count(*) from river.river_job where kind = 'dial-lead' and state = 'completed'") == n &&
				b.count("select count(*) from river.river_job where kind = 'dial-lead' and finalized_at is null") == 0
		})
		require.EqualValues(t, 6, b.sim.RingCount())
	}

	var ids []int64
	require.NoError(t, b.db.QueryRow(t.Context(), "select array_agg(id) from ("+dials+") s").Scan(&ids))
	for _, id := range ids {
		job, err := rt.Client.JobRetry(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, rivertype.JobStateAvailable, job.State)
	}
	done(6)

	// The queue's table as it was before the calls, restored beside attempts that went on.
	b.exec(`insert into river.river_job (args, kind, max_attempts, queue, state) select args, kind, max_attempts, queue, 'available' from river.river_job where kind = 'dial-lead'`)
	done(12)

	// A job rescued by River because it seemed stuck.
	b.exec(`update river.river_job set state = 'retryable', finalized_at = null, scheduled_at = now() where kind = 'dial-lead'`)
	done(12)

	for _, id := range b.strings("select id from call_attempts") {
		_, err := rt.Client.Insert(t.Context(), jobs.ReconcileAttemptArgs{AttemptID: uuid.MustParse(id)}, &river.InsertOpts{})
		require.NoError(t, err)
	}
	b.eventually(20*time.Second, "nothing is left to reconcile", func() bool {
		return b.count("select count(*) from river.river_job where kind = 'reconcile-attempt' and finalized_at is null") == 0
	})
	b.called(6, 20*time.Second)
	b.sound()
}

// A worker whose database went away under it may have taken jobs that it never saw, or not have been able to say that
// one is done. It lives and beats, so nobody takes them for a dead worker's.
func TestJobsThatTheirOwnWorkerDoesNotKnowAreHandedOn(t *testing.T) {
	t.Parallel()
	b := setup(t, nil, 0)
	rt, _ := b.start()
	attempt := storetest.NewAttempt(t, b.db, b.w, storetest.NewLead(t, b.db, b.w, nil), nil)
	b.exec(`insert into river.river_job (args, kind, max_attempts, queue, state, attempt, attempted_at, attempted_by)
		values (jsonb_build_object('attempt_id', $1::text), 'dial-lead', 25, 'dial', 'running', 1, now() - interval '2 minutes', $2)`,
		attempt.String(), []string{rt.ID()})
	b.eventually(20*time.Second, "the lead is called", func() bool { return b.state(attempt) == "placed" })
	b.called(1, 20*time.Second)
	b.sound()
}
