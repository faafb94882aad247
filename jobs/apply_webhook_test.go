package jobs_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/elevenlabssim"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/storetest"
	"github.com/callhenk/henk-worker/internal/webhook"
	"github.com/callhenk/henk-worker/jobs"
)

const hookSecret = "wsec_test"

// hooked is a bundle whose provider delivers webhooks, and counts what it is asked.
type hooked struct {
	*bundle
	hook *webhook.ElevenLabs
	gets sync.Map // provider ids that were asked for
}

func setupHooked(t *testing.T, db *store.DB, w storetest.World, faults string) *hooked {
	t.Helper()
	h := &hooked{bundle: around(t, db, w)}
	client, err := jobs.NewInserter(db, storetest.Log(t))
	require.NoError(t, err)
	h.hook = webhook.NewElevenLabs(webhook.Options{DB: db, Client: client, Log: storetest.Log(t), Secret: hookSecret})
	receiver := httptest.NewServer(h.hook)
	t.Cleanup(receiver.Close)
	_ = h.sim.Close()
	h.server.Close()
	h.sim = elevenlabssim.New(elevenlabssim.Options{APIKey: "key", Seed: 1, Speed: 100, Clock: time.Now, WebhookURL: receiver.URL, WebhookSecret: hookSecret,
		Agents:       []elevenlabssim.Agent{{ID: "agent_1", Name: "Agent"}},
		PhoneNumbers: []elevenlabssim.PhoneNumber{{ID: "phnum_1", Number: "+13125550100", Label: "Line"}}})
	h.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if id, ok := strings.CutPrefix(r.URL.Path, "/v1/convai/conversations/"); ok && !strings.Contains(id, "/") {
			h.gets.Store(id, true)
		}
		h.sim.ServeHTTP(w, r)
	}))
	t.Cleanup(func() { _ = h.sim.Close(); h.server.Close() })
	h.config.ElevenLabs = h.client(2 * time.Second)
	if faults != "" {
		h.faults(faults)
	}
	return h
}

func newHooked(t *testing.T, leads int, faults string) *hooked {
	t.Helper()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, nil)
	for range leads {
		storetest.NewLead(t, db, w, nil)
	}
	return setupHooked(t, db, w, faults)
}

func (h *hooked) settledEvents() bool {
	return h.count("select count(*) from henk.webhook_inbox where state in ('pending', 'unmatched')") == 0
}

// once checks that every call was written exactly once, and the same as a poll would have written it.
func (h *hooked) once() {
	h.t.Helper()
	h.sound()
	require.Empty(h.t, h.strings(`select v.id from conversations v left join henk.conversation_outcomes o on o.conversation_id = v.id
		where o.outcome is null or v.outcome is null or v.settled_at is null`), "calls without an outcome")
	require.Empty(h.t, h.strings(`select concat_ws(' ', v.status, o.events, count(e.id)) from conversations v join henk.conversation_outcomes o on o.conversation_id = v.id
		left join conversation_events e on e.conversation_id = v.id group by v.id, v.status, o.conversation_id having o.events <> count(e.id)`), "events lost or doubled")
	require.Empty(h.t, h.strings(`select concat_ws(' ', cl.total_talk_time, sum(o.talk_seconds)) from campaign_leads cl
		join conversations v on v.campaign_id = cl.campaign_id and v.lead_id = cl.lead_id join henk.conversation_outcomes o on o.conversation_id = v.id
		group by cl.id having coalesce(cl.total_talk_time, 0) <> sum(o.talk_seconds)`), "talk time counted twice or not at all")
}

// Everything comes twice, and much of it before the dialer knows the call's id.
func TestWebhooksTwiceAndBeforeTheRecord(t *testing.T) {
	t.Parallel()
	h := newHooked(t, 20, "webhook_duplicate=100%,webhook_before_response=50%")
	h.config.PollBase = 3 * time.Second // the webhooks are what brings the words
	h.start()
	h.called(20, time.Minute)
	h.eventually(20*time.Second, "all events are taken in", h.settledEvents)
	h.once()
	require.Equal(t, 20, h.count("select count(*) from henk.webhook_inbox where state = 'applied' and type = 'post_call_transcription' or type = 'call_initiation_failure'")-
		h.count("select count(*) - count(distinct (type, provider_conversation_id)) from henk.webhook_inbox"))
	require.Empty(t, h.strings("select concat_ws(' ', type, state, reason) from henk.webhook_inbox where state <> 'applied'"))
}

func TestEveryWebhookDropped(t *testing.T) {
	t.Parallel()
	h := newHooked(t, 15, "webhook_never=100%")
	h.start()
	h.called(15, time.Minute)
	h.once()
	require.Zero(t, h.count("select count(*) from henk.webhook_inbox"))
}

func TestWebhooksOnAnAdoptedDatabase(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.NewAdoptedURL(t))
	_, err := store.Migrate(t.Context(), db, storetest.Log(t))
	require.NoError(t, err)
	h := setupHooked(t, db, storetest.Adopted, "")
	h.exec("update agents set elevenlabs_agent_id = 'agent_1' where id = $1", storetest.Adopted.Agent)
	h.exec("update campaigns set status = 'paused'") // nobody else is called
	h.config.NoTicks = true
	h.start()
	for range 5 {
		id, body := h.recorded(5 * time.Minute)
		h.post(body)
		h.post(body)
		h.eventually(20*time.Second, "it is taken in", func() bool {
			return h.count("select count(*) from conversations where id = $1 and settled_at is not null and outcome = 'pledged'", id) == 1
		})
		require.Equal(t, 22, h.count("select count(*) from conversation_events where conversation_id = $1", id))
	}
	require.Equal(t, 5, h.count("select count(*) from henk.webhook_inbox where state = 'applied'"))
	h.gets.Range(func(id, _ any) bool {
		t.Errorf("asked for %v, which was delivered", id)
		return true
	})
}

// recorded inserts a call that the dialer has recorded, and the body that its webhook brings.
func (h *hooked) recorded(ago time.Duration) (id uuid.UUID, body string) {
	h.t.Helper()
	lead := storetest.NewLead(h.t, h.db, h.w, nil)
	provider := "conv_" + uuid.NewString()
	began := time.Now().Add(-ago).Truncate(time.Second)
	attempt := storetest.NewAttempt(h.t, h.db, h.w, lead, f{"state": "placed", "result": "success", "dialing_at": began, "ended_at": began,
		"provider_agent_id": "agent_1", "provider_conversation_id": provider})
	id = storetest.Insert(h.t, h.db, "conversations", f{"campaign_id": h.w.Campaign, "agent_id": h.w.Agent, "lead_id": lead,
		"conversation_id": provider, "attempt_id": attempt, "started_at": began})
	storetest.Insert(h.t, h.db, "call_logs", f{"campaign_id": h.w.Campaign, "agent_id": h.w.Agent, "lead_id": lead, "conversation_id": id,
		"from_number": "+15005550006", "to_number": "+13125550123", "status": "initiated"})
	var turns []string
	for i := range 20 {
		turns = append(turns, fmt.Sprintf(`{"role":%q,"message":"Line %d, and I will pledge 25 dollars.","time_in_call_secs":%d}`, []string{"agent", "user"}[i%2], i, 3*i))
	}
	return id, fmt.Sprintf(`{"type":"post_call_transcription","event_timestamp":%d,"data":{"agent_id":"agent_1","conversation_id":%q,"status":"done","has_audio":false,
		"transcript":[%s],"metadata":{"start_time_unix_secs":%d,"call_duration_secs":60,"phone_call":{"type":"twilio","call_result":"answered"}},
		"analysis":{"call_successful":"success","transcript_summary":"A call."},
		"conversation_initiation_client_data":{"dynamic_variables":{"attempt_id":%q}}}}`, time.Now().Unix(), provider, strings.Join(turns, ","), began.Unix(), attempt)
}

func (h *hooked) post(body string) *httptest.ResponseRecorder {
	h.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/webhooks/elevenlabs", strings.NewReader(body))
	r.Header.Set("ElevenLabs-Signature", elevenlabs.SignatureHeader([]byte(body), hookSecret, time.Now()))
	rec := httptest.NewRecorder()
	h.hook.ServeHTTP(rec, r)
	require.Equal(h.t, 200, rec.Code, rec.Body)
	return rec
}

// It prints how long it takes from the webhook's arrival to the commit of all that it means; it judges only that it
// comes, and that the provider was not asked.
func TestFromWebhookToEverythingWritten(t *testing.T) {
	t.Parallel()
	h := newHooked(t, 0, "")
	h.config.NoTicks = true
	h.config.PollJobs = time.Second // as in production
	h.exec("update campaigns set status = 'paused'")
	h.start()
	var took []time.Duration
	for range 30 {
		id, body := h.recorded(5 * time.Minute)
		time.Sleep(30 * time.Millisecond)
		began := time.Now()
		h.post(body)
		for h.count("select count(*) from conversations where id = $1 and settled_at is not null", id) == 0 {
			require.Less(t, time.Since(began), 20*time.Second, "never written")
			time.Sleep(500 * time.Microsecond)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	t.Logf("received to written: median %v, 90%% %v, longest %v", took[15], took[27], took[29])
	require.Equal(t, 30, h.count("select count(*) from conversations where outcome = 'pledged'"))
	h.gets.Range(func(id, _ any) bool {
		t.Errorf("asked for %v, which was delivered", id)
		return true
	})
}

func TestInlineWhereNobodyListens(t *testing.T) {
	t.Parallel()
	h := newHooked(t, 0, "")
	rt, err := jobs.New(h.config) // not started: no worker
	require.NoError(t, err)
	h.hook.Apply = rt.ApplyWebhook
	id, body := h.recorded(5 * time.Minute)
	h.post(body)
	require.Equal(t, 1, h.count("select count(*) from conversations where id = $1 and settled_at is not null and outcome = 'pledged'", id))
	require.Contains(t, h.post(body).Body.String(), `"repeat":true`)
	h.config.NoTicks = true
	h.start()
	h.eventually(10*time.Second, "its job finds it done", func() bool {
		return h.count("select count(*) from river.river_job where kind = 'apply-webhook' and state = 'completed'") == 1
	})
	require.Equal(t, 22, h.count("select count(*) from conversation_events where conversation_id = $1", id))
}

// The call is recorded long after its webhook, and the webhook's job is gone: the tick finds both.
func TestUnmatchedIsMatchedByTheTick(t *testing.T) {
	t.Parallel()
	h := newHooked(t, 0, "")
	id, body := h.recorded(5 * time.Minute)
	lost, lostBody := h.recorded(5 * time.Minute)
	var provider, attempt string
	h.query(&provider, "select conversation_id from conversations where id = $1", id)
	h.query(&attempt, "select attempt_id::text from conversations where id = $1", id)
	h.exec("update conversations set conversation_id = null, attempt_id = null where id = $1", id)
	h.post(body)
	h.post(lostBody)
	h.post(strings.ReplaceAll(strings.ReplaceAll(body, provider, "conv_of_another_program"), attempt, "unheard"))
	h.exec("delete from river.river_job")
	h.exec("update henk.webhook_inbox set received_at = received_at - interval '20 minutes'")
	h.exec("update henk.webhook_inbox set state = 'unmatched' where provider_conversation_id <> (select conversation_id from conversations where id = $1)", lost)
	h.config.ConversationInterval = time.Hour
	h.config.PollBase = time.Hour
	_, stop := h.start()
	h.eventually(20*time.Second, "the event whose job was lost is taken in", func() bool {
		return h.count("select count(*) from conversations where id = $1 and settled_at is not null", lost) == 1
	})
	stop()
	require.Equal(t, 2, h.count("select count(*) from henk.webhook_inbox where state = 'unmatched'"))
	h.exec("update conversations set conversation_id = $2, attempt_id = $3::uuid where id = $1", id, provider, attempt)
	h.start()
	h.eventually(20*time.Second, "the event is matched", func() bool {
		return h.count("select count(*) from conversations where id = $1 and settled_at is not null", id) == 1
	})
	require.Equal(t, 1, h.count("select count(*) from henk.webhook_inbox where state = 'unmatched'"), "another program's call stays what it is")
}

func TestOldWebhooksAreForgotten(t *testing.T) {
	t.Parallel()
	h := newHooked(t, 0, "")
	for i, state := range []string{"applied", "ignored", "failed", "unmatched", "pending", "applied"} {
		days := 31
		if i == 5 {
			days = 29
		}
		h.exec(`insert into henk.webhook_inbox (provider, dedupe_key, type, body, state, received_at)
			values ('elevenlabs', $1, 'x', '', $2, now() - make_interval(days => $3))`, []byte{byte(i)}, state, days)
	}
	rt, _ := h.start()
	_, err := rt.Client.Insert(t.Context(), jobs.HousekeepingArgs{}, nil)
	require.NoError(t, err)
	h.eventually(20*time.Second, "what is old and settled is gone", func() bool {
		return h.count("select count(*) from henk.webhook_inbox") == 2
	})
	require.Equal(t, []string{"applied", "pending"}, h.strings("select state from henk.webhook_inbox order by 1"))
}

// A body that the database refuses is given up after some tries, and says so.
func TestWebhookThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	h := newHooked(t, 0, "")
	h.exec(`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no' using errcode = '22023'; end $$`)
	h.exec("create trigger refuse before insert on conversation_events for each row execute function refuse()")
	id, body := h.recorded(5 * time.Minute)
	h.post(body)
	h.exec("update river.river_job set attempt = 4 where kind = 'apply-webhook'")
	h.config.NoTicks = true
	h.start()
	h.eventually(20*time.Second, "it is given up", func() bool {
		return h.count("select count(*) from henk.webhook_inbox where state = 'failed' and reason like '%22023%'") == 1
	})
	h.eventually(20*time.Second, "its job ends", func() bool {
		return h.count("select count(*) from river.river_job where kind = 'apply-webhook' and state = 'cancelled'") == 1
	})
	require.Zero(t, h.count("select count(*) from conversation_events where conversation_id = $1", id))
}
