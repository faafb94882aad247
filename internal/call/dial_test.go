package call_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/call"
	"github.com/callhenk/henk-worker/internal/campaign"
	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/elevenlabssim"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/storetest"
)

type f = storetest.Fields

// bundle is a world, a simulated provider and a dialer between them.
type bundle struct {
	t       *testing.T
	db      *store.DB
	w       storetest.World
	sim     *elevenlabssim.Sim
	server  *httptest.Server
	options call.Options

	mu     sync.Mutex
	follow call.FollowUp
}

func setup(t *testing.T, campaignFields f) *bundle {
	t.Helper()
	b := &bundle{t: t, db: storetest.New(t)}
	b.w = storetest.NewWorld(t, b.db, campaignFields)
	b.sim = elevenlabssim.New(elevenlabssim.Options{APIKey: "key", Seed: 1, Speed: 1, Clock: time.Now, Agents: []elevenlabssim.Agent{{ID: "agent_1", Name: "A"}},
		PhoneNumbers: []elevenlabssim.PhoneNumber{{ID: "phnum_1", Number: "+13125550100", Label: "Line"}}})
	b.server = httptest.NewServer(b.sim)
	t.Cleanup(func() { b.server.Close(); _ = b.sim.Close() })
	b.options = call.Options{DB: b.db, Client: b.client("key"), Log: storetest.Log(t), WorkerID: "henk-test", FinalStatuses: campaign.FinalStatuses,
		FollowUp: func(_ context.Context, _ pgx.Tx, follow call.FollowUp) error {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.follow.Conversations = append(b.follow.Conversations, follow.Conversations...)
			b.follow.Reconcile = append(b.follow.Reconcile, follow.Reconcile...)
			b.follow.Plan = append(b.follow.Plan, follow.Plan...)
			return nil
		}}
	return b
}

func (b *bundle) client(key string) *elevenlabs.Client {
	client, err := elevenlabs.New(elevenlabs.Config{APIKey: key, BaseURL: b.server.URL, Timeout: 2 * time.Second, RetryDelays: []time.Duration{time.Millisecond}})
	require.NoError(b.t, err)
	return client
}

func (b *bundle) dialer() *call.Dialer { return call.New(b.options) }

func (b *bundle) attempt(lead, attempt f) uuid.UUID {
	b.t.Helper()
	return storetest.NewAttempt(b.t, b.db, b.w, storetest.NewLead(b.t, b.db, b.w, lead), attempt)
}

func (b *bundle) exec(sql string, args ...any) {
	b.t.Helper()
	_, err := b.db.Exec(b.t.Context(), sql, args...)
	require.NoError(b.t, err)
}

func (b *bundle) faults(spec string) {
	b.t.Helper()
	faults, err := elevenlabssim.ParseFaults(spec)
	require.NoError(b.t, err)
	b.sim.SetFaults(faults)
}

type row struct {
	State, Reason, Fault string
	Attempts             int
	Status               string
	Ended                bool
}

func (b *bundle) row(attempt uuid.UUID) row {
	b.t.Helper()
	var r row
	require.NoError(b.t, b.db.QueryRow(b.t.Context(), `
		select a.state, coalesce(a.reason, ''), coalesce(a.fault, ''), coalesce(cl.attempts, 0), cl.status, a.ended_at is not null
		from call_attempts a join campaign_leads cl using (campaign_id, lead_id) where a.id = $1`, attempt).
		Scan(&r.State, &r.Reason, &r.Fault, &r.Attempts, &r.Status, &r.Ended))
	return r
}

func TestDialPlacesAndRecords(t *testing.T) {
	t.Parallel()
	b := setup(t, f{"name": "Spring", "disclosure_line": "This call is recorded.", "goal_metric": "pledges"})
	id := b.attempt(f{"company": "ACME", "cl.next_attempt_at": time.Now().Add(-time.Minute)}, nil)
	out, err := b.dialer().Dial(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, call.Outcome{State: "placed"}, out)
	require.Equal(t, row{State: "placed", Attempts: 1, Status: "contacted", Ended: true}, b.row(id))
	require.Len(t, b.follow.Conversations, 1)

	rings := b.sim.Rings()
	require.Len(t, rings, 1)
	require.Equal(t, id.String(), rings[0].AttemptID)
	var conversationID, status, outbound, from, to string
	var active, cleared bool
	require.NoError(t, b.db.QueryRow(t.Context(), `
		select v.conversation_id, v.status::text, g.direction, g.from_number, g.to_number, l.last_activity_at is not null, cl.next_attempt_at is null
		from call_attempts a join conversations v on v.attempt_id = a.id and v.id = a.conversation_id join call_logs g on g.id = a.call_log_id and g.conversation_id = v.id
		join leads l on l.id = a.lead_id join campaign_leads cl on cl.lead_id = l.id`).
		Scan(&conversationID, &status, &outbound, &from, &to, &active, &cleared))
	require.Equal(t, []any{rings[0].ConversationID, "initiated", "outbound", "phnum_1", rings[0].To, true, true},
		[]any{conversationID, status, outbound, from, to, active, cleared})

	// However often the job runs again, nobody is called twice.
	for range 3 {
		out, err = b.dialer().Dial(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, "placed", out.State)
	}
	require.EqualValues(t, 1, b.sim.RingCount())
}

// Every rule is judged again by the fence: what changed between reservation and dial holds the call.
func TestFenceJudgesEveryRuleAgain(t *testing.T) {
	t.Parallel()
	const lifted = `update businesses set settings = '{"calling": {"exclude_dnc_may_be_off": true}}';
		update campaigns set exclude_dnc = false; update leads set do_not_call = true;`
	const heard = `with other as (insert into campaigns (name, status, script, agent_id, business_id, daily_call_cap)
			select 'Other', 'completed', '', agent_id, business_id, 1 from campaigns returning id)
		insert into campaign_leads (campaign_id, lead_id, outcome) select other.id, leads.id, 'do_not_call' from other, leads`
	cases := map[string]struct {
		attempt    f
		sql        string
		state, why string
	}{
		"campaign paused":         {sql: "update campaigns set status = 'paused'", state: "skipped", why: "campaign_active"},
		"business suspended":      {sql: "update businesses set status = 'suspended'", state: "skipped", why: "campaign_active"},
		"campaign over":           {sql: "update campaigns set end_date = now() - interval '1 second'", state: "skipped", why: "campaign_dates"},
		"agent gone":              {sql: "update campaigns set agent_id = null", state: "skipped", why: "agent_ready"},
		"agent paused":            {sql: "update agents set status = 'agent_paused'", state: "skipped", why: "agent_ready"},
		"caller id gone":          {sql: "update agents set caller_id = ''", state: "skipped", why: "agent_ready"},
		"left the campaign":       {sql: "delete from campaign_leads", state: "skipped", why: "lead_status"},
		"pledged elsewhere":       {sql: "update campaign_leads set status = 'pledged'", state: "skipped", why: "lead_status"},
		"outcome by hand":         {sql: "update campaign_leads set outcome = 'not_interested'", state: "skipped", why: "lead_status"},
		"do_not_call":             {sql: "update leads set do_not_call = true", state: "skipped", why: "do_not_call"},
		"dnc":                     {sql: "update leads set dnc = true", state: "skipped", why: "do_not_call"},
		"shared number flagged":   {sql: "insert into leads (business_id, phone, dnc) select business_id, replace(phone, '+1', '1 '), true from leads", state: "skipped", why: "do_not_call"},
		"imported flag, lifted":   {sql: lifted, state: "released", why: "inputs_changed"}, // no flag holds it: the next rule does
		"lifted, but was heard":   {sql: lifted + heard, state: "skipped", why: "do_not_call"},
		"suppressed":              {sql: "insert into henk.suppressions (phone, source) select phone, 'test' from leads", state: "skipped", why: "suppressed"},
		"attempts used up":        {sql: "update campaigns set max_attempts = 0", state: "skipped", why: "max_attempts"},
		"called by somebody else": {sql: "update campaign_leads set attempts = 1", state: "skipped", why: "retry_interval"},
		"call-back put off":       {sql: "update campaign_leads set next_attempt_at = now() + interval '1 hour'", state: "skipped", why: "retry_interval"},
		"window has closed":       {attempt: f{"dial_before": time.Now().Add(-time.Second)}, state: "expired", why: "call_window"},
		"clock went back":         {attempt: f{"dial_after": time.Now().Add(time.Hour)}, state: "expired", why: "call_window"},
		"no window known":         {attempt: f{"dial_before": nil}, state: "expired", why: "call_window"},
		"window edited":           {sql: "update campaigns set call_window_start = '09:00'", state: "released", why: "inputs_changed"},
		"settings edited":         {sql: `update businesses set settings = '{"calling": {"legal_day": "09:00-10:00"}}'`, state: "released", why: "inputs_changed"},
		"lead moved":              {sql: "update leads set timezone = 'Pacific/Honolulu'", state: "released", why: "inputs_changed"},
		"number edited":           {sql: "update leads set phone = '+13125550177'", state: "released", why: "inputs_changed"},
		"budget spent":            {sql: "update campaigns set budget = 0", state: "skipped", why: "budget"},
		"cap lowered":             {sql: "update campaigns set daily_call_cap = 0", state: "skipped", why: "daily_cap"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, nil)
			id := b.attempt(nil, c.attempt)
			if c.sql != "" {
				b.exec(c.sql)
			}
			out, err := b.dialer().Dial(t.Context(), id)
			require.NoError(t, err)
			require.Equal(t, call.Outcome{State: c.state, Reason: c.why}, out)
			var state, reason string
			require.NoError(t, b.db.QueryRow(t.Context(), "select state, reason from call_attempts where id = $1", id).Scan(&state, &reason))
			require.Equal(t, []string{c.state, c.why}, []string{state, reason})
			require.Zero(t, b.sim.RingCount())
			require.Equal(t, []uuid.UUID{b.w.Campaign}, b.follow.Plan, "the slot is free for somebody else")
		})
	}
}

func TestCampaignDeletedWhileItsJobWaits(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	id := b.attempt(nil, nil)
	b.exec("delete from campaigns")
	out, err := b.dialer().Dial(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, "gone", out.State)
	require.Zero(t, b.sim.RingCount())
}

// Each line of the dial protocol's table.
func TestWhatTheProviderSays(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		faults, sql string
		want        row
		rings       int64
		breaker     string
		reconcile   bool
	}{
		"credentials refused":  {faults: "success_false=1", want: row{"refused", "provider_refused", "agent", 0, "new", true}},
		"request refused":      {faults: "422=1", want: row{"refused", "provider_refused", "agent", 0, "new", true}},
		"agent unknown":        {sql: "update agents set elevenlabs_agent_id = 'agent_9'", want: row{"refused", "provider_refused", "agent", 0, "new", true}},
		"caller id unknown":    {sql: "update agents set caller_id = '+13125550111'", want: row{"refused", "provider_refused", "agent", 0, "new", true}},
		"caller id as E.164":   {sql: "update agents set caller_id = '+13125550100'", want: row{"placed", "", "", 1, "contacted", true}, rings: 1},
		"key refused":          {faults: "401=1", want: row{"refused", "provider_account", "account", 0, "new", true}, breaker: "open"},
		"forbidden":            {faults: "403=1", want: row{"refused", "provider_account", "account", 0, "new", true}, breaker: "open"},
		"out of credits":       {faults: "quota_exceeded=1", want: row{"refused", "provider_account", "account", 0, "new", true}, breaker: "open"},
		"busy":                 {faults: "429=1", want: row{"released", "rate_limited", "", 0, "new", true}},
		"reset before":         {faults: "reset_before=1", want: row{"unknown", "no_answer_from_provider", "", 0, "new", false}, reconcile: true},
		"accepted, then reset": {faults: "drop=1", want: row{"unknown", "no_answer_from_provider", "", 0, "new", false}, rings: 1, reconcile: true},
		"half an answer":       {faults: "half_response=1", want: row{"unknown", "no_answer_from_provider", "", 0, "new", false}, rings: 1, reconcile: true},
		"unavailable":          {faults: "503=1", want: row{"unknown", "no_answer_from_provider", "", 0, "new", false}, reconcile: true},
		"hangs":                {faults: "hang=1", want: row{"unknown", "no_answer_from_provider", "", 0, "new", false}, rings: 1, reconcile: true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, nil)
			if c.faults != "" {
				b.faults(c.faults)
			}
			id := b.attempt(nil, nil)
			if c.sql != "" {
				b.exec(c.sql)
			}
			_, err := b.dialer().Dial(t.Context(), id)
			require.NoError(t, err)
			require.Equal(t, c.want, b.row(id))
			require.Equal(t, c.rings, b.sim.RingCount())
			if c.reconcile {
				require.Equal(t, []uuid.UUID{id}, b.follow.Reconcile)
			}
			var breaker string
			require.NoError(t, b.db.QueryRow(t.Context(), "select breaker from henk.provider_state").Scan(&breaker))
			require.Equal(t, max(c.breaker, "closed"), breaker)
		})
	}
}

func TestARefusedNumberHasSpentItsAttempt(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	b.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"success": false, "message": "The phone number you are attempting to call, +13125550123, is not valid. (21211)", "conversation_id": null, "callSid": null}`)
	})
	id := b.attempt(nil, nil)
	_, err := b.dialer().Dial(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, row{"refused", "provider_refused", "lead", 1, "new", true}, b.row(id))
	var message string
	require.NoError(t, b.db.QueryRow(t.Context(), "select error_message from call_attempts where id = $1", id).Scan(&message))
	require.NotContains(t, message, "3125550123")
}

func TestNothingListens(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	b.server.Close()
	id := b.attempt(nil, nil)
	_, err := b.dialer().Dial(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, row{"released", "not_sent", "", 0, "new", true}, b.row(id))
	// Everybody holds back for a while, without a new attempt being spent.
	next := b.attempt(nil, nil)
	impatient, cancel := context.WithCancel(t.Context())
	cancel() // told to wait, it gives the attempt back instead of waiting
	out, err := b.dialer().Dial(impatient, next)
	require.NoError(t, err)
	require.Equal(t, "reserved", out.State)
	require.Positive(t, out.Again)
	require.Equal(t, "reserved", b.row(next).State)
}

func TestReconcileFindsTheCall(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	b.faults("drop=1")
	id := b.attempt(nil, nil)
	d := b.dialer()
	_, err := d.Dial(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, "unknown", b.row(id).State)
	out, err := d.Reconcile(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, call.Outcome{State: "placed", Reason: "found"}, out)
	require.Equal(t, row{State: "placed", Attempts: 1, Status: "contacted", Ended: true}, b.row(id))
	require.EqualValues(t, 1, b.sim.RingCount())
}

func TestReconcileGivesUpForGood(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	b.faults("503=1")
	id := b.attempt(nil, nil)
	d := b.dialer()
	_, err := d.Dial(t.Context(), id)
	require.NoError(t, err)
	for _, step := range []struct {
		age   string
		again bool
	}{{"5 seconds", true}, {"9 minutes", true}, {"11 minutes", true}, {"71 minutes", false}} {
		b.exec("update call_attempts set dialing_at = now() - $1::text::interval where id = $2", step.age, id)
		out, err := d.Reconcile(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, step.again, out.Again > 0, step.age)
	}
	require.Equal(t, row{State: "unknown", Reason: "not_listed", Attempts: 1, Status: "new", Ended: true}, b.row(id))
	require.Zero(t, b.sim.RingCount())
}

func TestBreakerHealsByItself(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	b.faults("401=1,get_401=1")
	first, second := b.attempt(nil, nil), b.attempt(nil, nil)
	d := b.dialer()
	_, err := d.Dial(t.Context(), first)
	require.NoError(t, err)
	out, err := d.Dial(t.Context(), second)
	require.NoError(t, err)
	require.Equal(t, "reserved", out.State, "the breaker stops the rest")
	require.Positive(t, out.Again)
	require.NoError(t, d.Probe(t.Context(), true))
	var breaker string
	state := func() string {
		require.NoError(t, b.db.QueryRow(t.Context(), "select breaker from henk.provider_state").Scan(&breaker))
		return breaker
	}
	require.Equal(t, "open", state(), "the account does not work yet")
	b.sim.SetFaults(elevenlabssim.Faults{})
	require.NoError(t, d.Probe(t.Context(), true))
	require.Equal(t, "half_open", state())
	require.Contains(t, b.follow.Plan, b.w.Campaign)
	out, err = d.Dial(t.Context(), second)
	require.NoError(t, err)
	require.Equal(t, "placed", out.State)
	require.Equal(t, "closed", state())
}

func TestAgentFaultsBlockTheCampaign(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	b.exec("update agents set elevenlabs_agent_id = 'agent_9'")
	d := b.dialer()
	for range 3 {
		_, err := d.Dial(t.Context(), b.attempt(nil, nil))
		require.NoError(t, err)
	}
	held := b.attempt(nil, nil)
	out, err := d.Dial(t.Context(), held)
	require.NoError(t, err)
	require.Equal(t, call.Outcome{State: "released", Reason: "agent_blocked"}, out)
	// Mending the agent lifts the block at once.
	b.exec("update agents set elevenlabs_agent_id = 'agent_1', updated_at = now()")
	out, err = d.Dial(t.Context(), b.attempt(nil, nil))
	require.NoError(t, err)
	require.Equal(t, "placed", out.State)
}

func TestAHundredWorkersRaceForOneSlot(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	b.options.MaxConcurrent = 1
	var ids []uuid.UUID
	for range 100 {
		ids = append(ids, b.attempt(nil, nil))
	}
	var wg sync.WaitGroup
	placed := make(chan string, len(ids))
	for _, id := range ids {
		wg.Add(1)
		go func() {
			defer wg.Done()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			out, err := b.dialer().Dial(ctx, id) // a dialer each, as in a process each
			if err == nil && out.State == "placed" {
				placed <- out.State
			}
		}()
	}
	wg.Wait()
	require.Len(t, placed, 1)
	require.EqualValues(t, 1, b.sim.RingCount())
}

func TestCallsPerSecondOverAllWorkers(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	b.options.CallsPerSecond = 10
	began := time.Now()
	var wg sync.WaitGroup
	for range 15 {
		id, d := b.attempt(nil, nil), b.dialer()
		wg.Add(1)
		go func() {
			defer wg.Done()
			for {
				out, err := d.Dial(context.Background(), id)
				if err != nil || out.Again == 0 {
					return
				}
				time.Sleep(out.Again)
			}
		}()
	}
	wg.Wait()
	require.EqualValues(t, 15, b.sim.RingCount())
	require.GreaterOrEqual(t, time.Since(began), 1350*time.Millisecond)
}

// The state machine holds in SQL: no update, however it comes about, leads back to a ring.
func TestNoWayBackInSQL(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	id := b.attempt(nil, nil)
	_, err := b.dialer().Dial(t.Context(), id)
	require.NoError(t, err)
	for _, state := range []string{"reserved", "dialing", "unknown", "released"} {
		_, err := b.db.Exec(t.Context(), "update call_attempts set state = $1 where id = $2", state, id)
		require.ErrorContains(t, err, "cannot go from placed")
	}
	lead := storetest.NewLead(t, b.db, b.w, nil)
	storetest.NewAttempt(t, b.db, b.w, lead, nil)
	_, err = b.db.Exec(t.Context(), `insert into call_attempts (campaign_id, lead_id, attempt_number, scheduled_at, phone_number, state)
		select campaign_id, lead_id, 2, now(), phone_number, 'reserved' from call_attempts where lead_id = $1`, lead)
	require.ErrorContains(t, err, "henk_call_attempts_open_key")
}
