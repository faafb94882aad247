package conversation

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/storetest"
)

// fixture is a database with a campaign, and a provider whose answers the test sets.
type fixture struct {
	*testing.T
	db     *store.DB
	world  storetest.World
	syncer *Syncer

	mu      sync.Mutex
	bodies  map[string]string // by provider id; absent = 404
	asked   int
	follows []FollowUp
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	db := storetest.New(t)
	return fixtureOn(t, db, storetest.NewWorld(t, db, nil))
}

func fixtureOn(t *testing.T, db *store.DB, w storetest.World) *fixture {
	t.Helper()
	f := &fixture{T: t, db: db, world: w, bodies: map[string]string{}}
	server := httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(server.Close)
	f.syncer = f.syncerAt(server.URL)
	return f
}

func (f *fixture) syncerAt(base string) *Syncer {
	client, err := elevenlabs.New(elevenlabs.Config{APIKey: "key", BaseURL: base, RetryDelays: []time.Duration{}})
	require.NoError(f, err)
	return New(Options{DB: f.db, Client: client, EventsBatch: 7, FollowUp: func(_ context.Context, _ pgx.Tx, u FollowUp) error {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.follows = append(f.follows, u)
		return nil
	}})
}

func (f *fixture) serve(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	body, ok := f.bodies[strings.TrimPrefix(r.URL.Path, "/v1/convai/conversations/")]
	switch {
	case !ok:
		w.WriteHeader(http.StatusNotFound)
		body = `{"detail":{"status":"conversation_not_found","message":"not found"}}`
	case strings.HasPrefix(body, "5"):
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_, _ = w.Write([]byte(body))
}

func (f *fixture) answer(providerID string, body any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.bodies[providerID] = asJSON(f, body)
}

func (f *fixture) followed() FollowUp {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all FollowUp
	for _, u := range f.follows {
		all.Plan = append(all.Plan, u.Plan...)
		all.Archive = append(all.Archive, u.Archive...)
		all.WriteBack = append(all.WriteBack, u.WriteBack...)
	}
	f.follows = nil
	return all
}

// call is a call that the dialer has just recorded.
type call struct {
	id, lead, attempt, log uuid.UUID
	provider, phone        string
	started                time.Time
}

var calls struct {
	sync.Mutex
	n int
}

// placed inserts a call as the dialer records it, begun some time ago.
func (f *fixture) placed(ago time.Duration, lead storetest.Fields) call {
	f.Helper()
	return f.placedFor(storetest.NewLead(f, f.db, f.world, lead), ago, 1)
}

func (f *fixture) placedFor(lead uuid.UUID, ago time.Duration, number int) call {
	f.Helper()
	calls.Lock()
	calls.n++
	c := call{lead: lead, provider: fmt.Sprintf("conv_%d", calls.n), started: time.Now().Add(-ago).UTC().Truncate(time.Second)}
	calls.Unlock()
	c.attempt = storetest.NewAttempt(f, f.db, f.world, lead, storetest.Fields{"state": "placed", "result": "success", "attempt_number": number,
		"dialing_at": c.started, "ended_at": c.started, "provider_agent_id": "agent_1", "provider_conversation_id": c.provider})
	f.scan(&c.phone, "select phone_number from call_attempts where id = $1", c.attempt)
	c.id = storetest.Insert(f, f.db, "conversations", storetest.Fields{"campaign_id": f.world.Campaign, "agent_id": f.world.Agent, "lead_id": lead,
		"conversation_id": c.provider, "attempt_id": c.attempt, "started_at": c.started})
	c.log = storetest.Insert(f, f.db, "call_logs", storetest.Fields{"campaign_id": f.world.Campaign, "agent_id": f.world.Agent, "lead_id": lead,
		"conversation_id": c.id, "from_number": "+15005550006", "to_number": c.phone, "status": "initiated"})
	f.exec("update campaign_leads set status = 'contacted', attempts = $3, last_attempt_at = $4 where campaign_id = $1 and lead_id = $2",
		f.world.Campaign, lead, number, c.started)
	return c
}

func (f *fixture) exec(sql string, args ...any) {
	f.Helper()
	_, err := f.db.Exec(f.Context(), sql, args...)
	require.NoError(f, err)
}

func (f *fixture) scan(dst any, sql string, args ...any) {
	f.Helper()
	require.NoError(f, f.db.QueryRow(f.Context(), sql, args...).Scan(dst))
}

func (f *fixture) count(sql string, args ...any) int {
	f.Helper()
	var n int
	f.scan(&n, sql, args...)
	return n
}

// row is a row as JSON makes it: numbers are float64.
func (f *fixture) row(sql string, args ...any) map[string]any {
	f.Helper()
	var m map[string]any
	f.scan(&m, "select to_jsonb(x) from ("+sql+") x", args...)
	return m
}

func (f *fixture) conversation(c call) map[string]any {
	f.Helper()
	return f.row("select * from conversations where id = $1", c.id)
}

func (f *fixture) member(c call) map[string]any {
	f.Helper()
	return f.row("select * from campaign_leads where campaign_id = $1 and lead_id = $2", f.world.Campaign, c.lead)
}

// storedEvent is a row of conversation_events as tests look at it.
type storedEvent struct {
	Seq         int
	Kind        string
	Agent, User string
	Metadata    map[string]any
	At          time.Time
}

func (f *fixture) events(c call) []storedEvent {
	f.Helper()
	rows, err := f.db.Query(f.Context(), `select sequence_number, event_type::text, coalesce(agent_text, ''), coalesce(user_response, ''), metadata, started_at
		from conversation_events where conversation_id = $1 and source is not null order by sequence_number`, c.id)
	require.NoError(f, err)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[storedEvent])
	require.NoError(f, err)
	return list
}

func (f *fixture) sync(c call) Result {
	f.Helper()
	res, err := f.syncer.Sync(f.Context(), c.id)
	require.NoError(f, err)
	return res
}

// deliver applies a body as a webhook would bring it.
func (f *fixture) deliver(c call, body any) (Result, error) {
	f.Helper()
	conv, err := elevenlabs.DecodeConversation([]byte(asJSON(f, body)))
	require.NoError(f, err)
	var res Result
	err = store.InTx(f.Context(), f.db, func(tx pgx.Tx) error {
		res, err = f.syncer.Apply(f.Context(), tx, c.id, conv)
		return err
	})
	return res, err
}

func asJSON(t require.TestingT, v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	data, err := json.Marshal(v)
	require.NoError(t, err)
	return string(data)
}

// object is JSON that the provider sends, decoded what the database gives back.
type (
	object  map[string]any
	decoded = map[string]any
)

// body is a conversation of the provider's that is over, answered, and judged.
func (c call) body(turns ...object) object {
	if turns == nil {
		turns = []object{}
	}
	last := 0
	if len(turns) > 0 {
		last = turns[len(turns)-1]["time_in_call_secs"].(int) + 3
	}
	return object{
		"agent_id": "agent_1", "conversation_id": c.provider, "status": "done", "transcript": turns, "has_audio": true,
		"metadata": object{"start_time_unix_secs": c.started.Unix(), "accepted_time_unix_secs": c.started.Unix() + 6, "call_duration_secs": last,
			"termination_reason": "end_call tool was called.", "cost": 250, "cost_fiat": 0.055,
			"phone_call": object{"type": "twilio", "direction": "outbound", "external_number": c.phone, "call_sid": "CA" + c.provider, "call_result": "answered"}},
		"analysis":                            object{"call_successful": "success", "transcript_summary": "A call."},
		"conversation_initiation_client_data": object{"dynamic_variables": object{"attempt_id": c.attempt.String()}},
	}
}

// failedBody is a conversation in which nobody talked.
func (c call) failedBody(result string) object {
	b := c.body()
	b["status"], b["analysis"], b["has_audio"] = "failed", nil, false
	b["metadata"].(object)["accepted_time_unix_secs"] = nil
	b["metadata"].(object)["phone_call"].(object)["call_result"] = result
	return b
}

// with replaces a field, named by its path.
func (b object) with(path string, value any) object {
	at, keys := b, strings.Split(path, ".")
	for _, k := range keys[:len(keys)-1] {
		at = at[k].(object)
	}
	at[keys[len(keys)-1]] = value
	return b
}

// says makes turns of alternating speakers, the agent first, five seconds apart.
func says(lines ...string) []object {
	turns := make([]object, len(lines))
	for i, line := range lines {
		turns[i] = object{"role": []string{"agent", "user"}[i%2], "message": line, "time_in_call_secs": 5 * i}
	}
	return turns
}

var (
	pledge  = says("Would you give twenty dollars?", "Yes, I will pledge 25 dollars.", "Thank you so much.", "Bye.")
	refusal = says("Would you give twenty dollars?", "No, I am not interested.", "All right, goodbye.")
	optOut  = says("Would you give twenty dollars?", "Take me off your list and do not call me again.", "Understood.")
	wrong   = says("Is this Ada?", "You have the wrong number, nobody by that name here.", "I am sorry.")
)

func (f *fixture) fail(x Failure) Result {
	f.Helper()
	var res Result
	require.NoError(f, store.InTx(f.Context(), f.db, func(tx pgx.Tx) (err error) {
		res, err = f.syncer.ApplyFailure(f.Context(), tx, x)
		return err
	}))
	return res
}

func mustHex(t *testing.T, s string) []byte {
	t.Helper()
	data, err := hex.DecodeString(s)
	require.NoError(t, err)
	return data
}

// adopted is a database of the web app's, with its triggers, that henk has migrated.
func adopted(t *testing.T) *store.DB {
	t.Helper()
	db := storetest.Open(t, storetest.NewAdoptedURL(t))
	_, err := store.Migrate(t.Context(), db, storetest.Log(t))
	require.NoError(t, err)
	return db
}
