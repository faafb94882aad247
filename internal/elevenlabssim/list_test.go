package elevenlabssim

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// listAll pages to the end and returns the conversation ids in the order they came.
func listAll(b *bench, query string) (ids []string, pages int) {
	b.t.Helper()
	cursor := ""
	for {
		v := b.getJSON("/v1/convai/conversations?" + query + cursor)
		pages++
		for _, item := range v["conversations"].([]any) {
			ids = append(ids, item.(map[string]any)["conversation_id"].(string))
		}
		if v["has_more"] == false {
			require.Nil(b.t, v["next_cursor"])
			return ids, pages
		}
		cursor = "&cursor=" + url.QueryEscape(v["next_cursor"].(string))
		require.Less(b.t, pages, 200)
	}
}

func TestPagingReachesEveryCallOnce(t *testing.T) {
	t.Parallel()
	b := setup(t, Options{Instant: true})
	var placed []string
	for n := range 125 {
		placed = append(placed, b.dial(number(n), attemptID(n)))
		if n%3 == 0 {
			b.clock.Add(time.Second) // the others share a start time
		}
	}
	newestFirst := slices.Clone(placed)
	slices.Reverse(newestFirst)
	for _, size := range []int{1, 7, 30, 100} {
		got, pages := listAll(b, fmt.Sprintf("page_size=%d", size))
		require.Equal(t, newestFirst, got)
		require.Equal(t, (len(placed)+size-1)/size, pages)
		got, _ = listAll(b, fmt.Sprintf("page_size=%d&sort_direction=asc", size))
		require.Equal(t, placed, got)
	}
	require.Len(t, b.getJSON("/v1/convai/conversations")["conversations"], 30, "default page size")
}

func TestACursorSurvivesNewCallsAndDeletions(t *testing.T) {
	t.Parallel()
	b := setup(t, Options{Instant: true})
	var placed []string
	for n := range 9 {
		placed = append(placed, b.dial(number(n), attemptID(n)))
		b.clock.Add(time.Second)
	}
	first := b.getJSON("/v1/convai/conversations?page_size=3")
	b.dial(number(50), attemptID(50))
	b.send(http.MethodDelete, "/v1/convai/conversations/"+placed[6], "") // the one the cursor stands on
	got, _ := listAll(b, "page_size=100&cursor="+first["next_cursor"].(string))
	require.Equal(t, []string{placed[5], placed[4], placed[3], placed[2], placed[1], placed[0]}, got)
}

func TestAClockThatGoesBackKeepsTheOrder(t *testing.T) {
	t.Parallel()
	b := setup(t, Options{Instant: true})
	late := b.dial(number(1), attemptID(1))
	b.clock.Add(-time.Hour)
	early := b.dial(number(2), attemptID(2))
	got, _ := listAll(b, "page_size=1")
	require.Equal(t, []string{late, early}, got)
}

func TestListFilters(t *testing.T) {
	t.Parallel()
	names := []string{"pledge_monthly_twenty", "busy", "refuse_hard", "voicemail_left_message"}
	b := setup(t, Options{Script: func(to string, _ int, _ map[string]any) string {
		n, err := strconv.Atoi(to[len(to)-1:])
		require.NoError(t, err)
		return names[n%len(names)]
	}})
	var ids []string
	for n := range 4 {
		ids = append(ids, b.dial(number(n), attemptID(n)))
		b.clock.Add(time.Minute)
	}
	b.clock.Add(10 * time.Minute)
	running := b.dial(number(4), attemptID(4))
	all := append(slices.Clone(ids), running)
	unix := func(minutes int) int64 { return noon.Add(time.Duration(minutes) * time.Minute).Unix() }
	for _, tt := range []struct {
		query string
		want  []string
	}{
		{"", all},
		{"unknown_filter=1", all},
		{"agent_id=agent_sim_henk", all},
		{"agent_id=agent_sim_ingrid", nil},
		{"user_id=" + attemptID(2), ids[2:3]},
		{"user_id=nobody", nil},
		{fmt.Sprintf("call_start_after_unix=%d", unix(2)), all[2:]},
		{fmt.Sprintf("call_start_before_unix=%d", unix(1)), ids[:2]},
		{fmt.Sprintf("call_start_after_unix=%d&call_start_before_unix=%d&sort_direction=desc", unix(1), unix(2)), ids[1:3]},
		{"exclude_statuses=initiated", ids},
		{"exclude_statuses=initiated&exclude_statuses=failed", []string{ids[0], ids[2], ids[3]}},
		{"call_successful=success", []string{ids[0], ids[3]}},
		{"call_successful=failure", []string{ids[1], ids[2]}},
		{"call_successful=error", ids[1:2]},
		{"call_duration_min_secs=1", []string{ids[0], ids[2], ids[3]}},
		{"dynamic_variable_params=" + url.QueryEscape("attempt_id:eq:"+attemptID(3)), ids[3:4]},
		{"dynamic_variable_params=attempt_id:eq:none", nil},
		{"dynamic_variable_params=attempt_id:neq:" + attemptID(0), all[1:]},
		{"dynamic_variable_params=" + url.QueryEscape("attempt_id:in:"+attemptID(0)+"|"+attemptID(4)), []string{ids[0], running}},
		{"dynamic_variable_params=attempt_no:gte:2&dynamic_variable_params=attempt_no:lt:3", all},
		{"dynamic_variable_params=attempt_no:gt:2", nil},
		{"dynamic_variable_params=attempt_no:lte:1", nil},
		{"dynamic_variable_params=note:eq:", all},
		{"dynamic_variable_params=absent:eq:", all},
		{"dynamic_variable_params=donor_name:eq:", nil},
		{"dynamic_variable_params=" + url.QueryEscape(`donor_name:eq:Ada "Lace"`), all},
		{"dynamic_variable_params=vip:eq:true", all},
	} {
		got, _ := listAll(b, tt.query)
		require.ElementsMatch(t, tt.want, got, tt.query)
	}
}

func TestIndexLagHidesAFreshCallFromListsOnly(t *testing.T) {
	t.Parallel()
	b := setup(t, Options{Faults: Faults{IndexLag: 5 * time.Second}})
	id := b.dial(number(1), attemptID(1))
	query := "dynamic_variable_params=attempt_id:eq:" + attemptID(1)
	got, _ := listAll(b, query)
	require.Empty(t, got)
	require.Equal(t, http.StatusOK, b.get("/v1/convai/conversations/"+id).status)
	b.clock.Add(5 * time.Second)
	got, _ = listAll(b, query)
	require.Equal(t, []string{id}, got)
}
