package call_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/call"
)

// deaf is a provider that has one conversation and kept none of its variables: filters do not find it, and it tells the
// number and the time alone.
type deaf struct {
	began     time.Time
	direction string
	number    string
	endless   bool // the filters are ignored, and the list does not end
}

func (p deaf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	filtered := q.Has("dynamic_variable_params") || q.Has("user_id")
	answer := map[string]any{"conversations": []any{}, "has_more": false}
	listed := func(id string, began time.Time) map[string]any {
		return map[string]any{"conversation_id": id, "agent_id": "agent_1", "status": "in-progress", "start_time_unix_secs": began.Unix()}
	}
	switch {
	case r.URL.Path != "/v1/convai/conversations":
		answer = map[string]any{"conversation_id": "conv_deaf", "agent_id": "agent_1", "status": "in-progress", "transcript": []any{},
			"metadata": map[string]any{"start_time_unix_secs": p.began.Unix(), "call_duration_secs": 0, "phone_call": map[string]any{
				"type": "twilio", "direction": p.direction, "external_number": p.number, "call_sid": "CA1"}}}
	case p.endless && filtered:
		answer["has_more"], answer["next_cursor"] = true, fmt.Sprint("c", q.Get("cursor"))
	case !filtered && q.Has("call_start_before_unix"):
		answer["conversations"] = []any{listed("conv_deaf", p.began)}
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// TestReconcileByNumberAndTime: a provider that does not find a call by its attempt's id is asked for the calls of that
// time, once its list has had the time to catch up.
func TestReconcileByNumberAndTime(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		away      time.Duration
		direction string
		other     bool // another number
		taken     bool // the conversation belongs to another attempt
		endless   bool
		want      call.Outcome
	}{
		"same number and time": {direction: "outbound", want: call.Outcome{State: "placed", Reason: "found"}},
		"filters ignored":      {direction: "outbound", endless: true, want: call.Outcome{State: "placed", Reason: "found"}},
		"another time":         {direction: "outbound", away: 3 * time.Minute, want: call.Outcome{State: "unknown", Reason: "not_listed"}},
		"another number":       {direction: "outbound", other: true, want: call.Outcome{State: "unknown", Reason: "not_listed"}},
		"they called us":       {direction: "inbound", want: call.Outcome{State: "unknown", Reason: "not_listed"}},
		"another's":            {direction: "outbound", taken: true, want: call.Outcome{State: "unknown", Reason: "not_listed"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, nil)
			id, other := b.attempt(nil, nil), b.attempt(nil, nil)
			began := time.Now().Add(-71 * time.Minute)
			p := deaf{began: began.Add(test.away), direction: test.direction, number: b.number(id), endless: test.endless}
			if test.other {
				p.number = b.number(other)
			}
			b.server = httptest.NewServer(p)
			t.Cleanup(b.server.Close)
			b.options.Client = b.client("key")
			d := b.dialer()
			b.exec("update call_attempts set state = 'dialing', dialing_at = now(), provider_agent_id = 'agent_1' where id = $1", id)
			b.exec("update call_attempts set state = 'unknown' where id = $1", id)
			if test.taken {
				b.exec(`insert into conversations (campaign_id, agent_id, lead_id, conversation_id, attempt_id)
					select campaign_id, $2, lead_id, 'conv_deaf', id from call_attempts where id = $1`, other, b.w.Agent)
			}
			out, err := d.Reconcile(t.Context(), id)
			require.NoError(t, err)
			require.Positive(t, out.Again, "the list may catch up")
			b.exec("update call_attempts set dialing_at = $2 where id = $1", id, began)
			out, err = d.Reconcile(t.Context(), id)
			require.NoError(t, err)
			require.Equal(t, test.want, out)
		})
	}
}

// number is whom an attempt calls.
func (b *bundle) number(attempt uuid.UUID) (number string) {
	b.t.Helper()
	require.NoError(b.t, b.db.QueryRow(b.t.Context(), "select phone_number from call_attempts where id = $1", attempt).Scan(&number))
	return number
}
