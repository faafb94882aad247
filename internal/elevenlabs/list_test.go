package elevenlabs

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestListParams(t *testing.T) {
	t.Parallel()
	query, err := ListParams{
		AgentID: "a", UserID: "u", Cursor: "c", PageSize: 500, SummaryMode: "include",
		CallStartAfter: time.Unix(100, 5), CallStartBefore: time.Unix(200, 0),
		DynamicVariable: map[string]string{"z": "1:2", "attempt_id": "x"}, ExcludeStatuses: []string{"done", "failed"},
	}.query()
	require.NoError(t, err)
	require.Equal(t, url.Values{
		"agent_id": {"a"}, "user_id": {"u"}, "cursor": {"c"}, "page_size": {"100"}, "summary_mode": {"include"},
		"call_start_after_unix": {"100"}, "call_start_before_unix": {"200"},
		"dynamic_variable_params": {"attempt_id:eq:x", "z:eq:1:2"}, "exclude_statuses": {"done", "failed"},
	}, query)
	query, err = ListParams{}.query()
	require.NoError(t, err)
	require.Empty(t, query)

	c := newClient(t, "http://nonexistent.invalid")
	for _, bad := range []ListParams{{PageSize: -1}, {DynamicVariable: map[string]string{"a:b": "x"}}, {DynamicVariable: map[string]string{"": "x"}}} {
		_, err := c.ListConversations(context.Background(), bad)
		require.Equal(t, KindRefused, AsError(err).Kind)
	}
}

func TestListConversations(t *testing.T) {
	t.Parallel()
	base, _ := serve(t, respond(200, `{"conversations":[{"agent_id":"a","agent_name":null,"conversation_id":"conv_1","start_time_unix_secs":5,"call_duration_secs":6,
		"message_count":7,"status":"in-progress","call_successful":"unknown","direction":"outbound","termination_reason":7,"tool_names":[],"new":1}],"has_more":true,"next_cursor":"n"}`))
	page, err := newClient(t, base).ListConversations(context.Background(), ListParams{})
	require.NoError(t, err)
	require.Equal(t, &ConversationPage{
		Conversations: []ConversationSummary{{
			ConversationID: "conv_1", AgentID: "a", Status: StatusInProgress, StartTimeUnixSecs: 5, CallDurationSecs: 6, MessageCount: 7,
			CallSuccessful: "unknown", Direction: "outbound",
		}},
		HasMore: true, NextCursor: "n",
		Notes: []string{"conversations[0].termination_reason is of an unexpected type: number, left out"},
	}, page)

	for _, body := range []string{`{}`, `[]`, `{"conversations":7}`, `{"conversations":[7]}`, `{"conversations":[{"status":"done"}]}`} {
		base, _ := serve(t, respond(200, body))
		page, err := newClient(t, base).ListConversations(context.Background(), ListParams{})
		require.Error(t, err, body)
		require.Nil(t, page, body)
	}
}

// pages answers page n with cursor(n+1); "" ends the list.
func pages(t *testing.T, cursor func(page int64) string) (base string, requests *atomic.Int64, last *url.Values) {
	var n atomic.Int64
	last = &url.Values{}
	base, requests = serve(t, func(w http.ResponseWriter, r *http.Request) {
		page := n.Add(1)
		*last = r.URL.Query()
		following := cursor(page)
		fmt.Fprintf(w, `{"conversations":[{"conversation_id":"conv_%d"}],"agents":[{"agent_id":"agent_%d"}],"has_more":%t,"next_cursor":%q}`, page, page, following != "", following)
	})
	return base, requests, last
}

func TestFindByAttempt(t *testing.T) {
	t.Parallel()
	placed := time.Unix(1764000000, 0)
	base, requests, last := pages(t, func(page int64) string {
		if page < 3 {
			return fmt.Sprint("c", page)
		}
		return ""
	})
	found, err := newClient(t, base).FindByAttempt(context.Background(), "agent_1", "attempt-1", placed)
	require.NoError(t, err)
	require.Len(t, found, 3)
	require.EqualValues(t, 3, requests.Load())
	require.Equal(t, url.Values{
		"agent_id": {"agent_1"}, "cursor": {"c2"}, "page_size": {"100"},
		"dynamic_variable_params": {"attempt_id:eq:attempt-1"}, "call_start_after_unix": {"1763999880"},
	}, *last)

	for name, cursor := range map[string]func(int64) string{
		"repeated cursor": func(int64) string { return "same" },
		"cursors circle":  func(page int64) string { return fmt.Sprint(page % 3) },
		"no end":          func(page int64) string { return fmt.Sprint(page) },
	} {
		base, requests, _ := pages(t, cursor)
		found, err := newClient(t, base).FindByAttempt(context.Background(), "agent_1", "attempt-1", placed)
		require.Equal(t, KindUnknown, AsError(err).Kind, name)
		require.Equal(t, name == "no end", errors.Is(err, ErrManyPages), name)
		require.Nil(t, found, name)
		require.LessOrEqual(t, requests.Load(), int64(maxSearchPages), name)
	}
	c := newClient(t, base)
	for _, ids := range [][2]string{{"", "x"}, {"x", ""}} {
		_, err := c.FindByAttempt(context.Background(), ids[0], ids[1], placed)
		require.Equal(t, KindRefused, AsError(err).Kind)
	}
	require.EqualValues(t, 3, requests.Load())
}

// TestFindByAttemptAsksByUserID: what was sent in both places may have arrived in one.
func TestFindByAttemptAsksByUserID(t *testing.T) {
	t.Parallel()
	base, requests := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("user_id") != "attempt-1" {
			respond(200, okPage)(w, r)
			return
		}
		respond(200, `{"conversations":[{"conversation_id":"conv_1"}],"has_more":false}`)(w, r)
	})
	found, err := newClient(t, base).FindByAttempt(context.Background(), "agent_1", "attempt-1", time.Unix(1764000000, 0))
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.EqualValues(t, 2, requests.Load())
}

func TestFindStarted(t *testing.T) {
	t.Parallel()
	base, requests, last := pages(t, func(int64) string { return "" })
	c := newClient(t, base)
	from := time.Unix(1764000000, 0)
	found, err := c.FindStarted(context.Background(), "agent_1", from, from.Add(time.Second))
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Equal(t, url.Values{"agent_id": {"agent_1"}, "page_size": {"100"},
		"call_start_after_unix": {"1763999880"}, "call_start_before_unix": {"1764000121"}}, *last)
	for _, bad := range []error{
		second(c.FindStarted(context.Background(), "", from, from)),
		second(c.FindStarted(context.Background(), "a", from, from.Add(-1))),
		second(c.FindStarted(context.Background(), "a", time.Time{}, from)),
	} {
		require.Equal(t, KindRefused, AsError(bad).Kind)
	}
	require.EqualValues(t, 1, requests.Load())
}

func second(_ []ConversationSummary, err error) error { return err }

func TestFindByAttemptFindsNothing(t *testing.T) {
	t.Parallel()
	base, _ := serve(t, respond(200, okPage))
	found, err := newClient(t, base).FindByAttempt(context.Background(), "agent_1", "attempt-1", time.Time{})
	require.NoError(t, err)
	require.Empty(t, found)
}
