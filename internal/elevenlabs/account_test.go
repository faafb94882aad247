package elevenlabs

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAgentsReadsAllPages(t *testing.T) {
	t.Parallel()
	base, requests, last := pages(t, func(page int64) string {
		if page < 4 {
			return fmt.Sprint("c", page)
		}
		return ""
	})
	agents, err := newClient(t, base).Agents(context.Background())
	require.NoError(t, err)
	require.Equal(t, []Agent{{AgentID: "agent_1"}, {AgentID: "agent_2"}, {AgentID: "agent_3"}, {AgentID: "agent_4"}}, agents)
	require.EqualValues(t, 4, requests.Load())
	require.Equal(t, "c3", last.Get("cursor"))

	base, _, _ = pages(t, func(int64) string { return "same" })
	_, err = newClient(t, base).Agents(context.Background())
	require.ErrorContains(t, err, "repeated a cursor")
}

func TestAgent(t *testing.T) {
	t.Parallel()
	base, _ := serve(t, respond(200, `{"agent_id":"agent_1","name":"A","conversation_config":{"agent":{"first_message":"Hi","n":1}},"metadata":{},
		"platform_settings":{"call_limits":{"agent_concurrency_limit":-1,"daily_limit":100000,"bursting_enabled":true},
		"queueing_config":{"enabled":true,"wait_timeout_seconds":300},"overrides":{"x":true}},"phone_numbers":[{"phone_number_id":"phnum_1"},7],"tags":["t"]}`))
	agent, err := newClient(t, base).Agent(context.Background(), "agent_1")
	require.NoError(t, err)
	require.Equal(t, &AgentDetail{
		AgentID: "agent_1", Name: "A", Tags: []string{"t"},
		CallLimits:         &CallLimits{AgentConcurrencyLimit: -1, DailyLimit: 100000, BurstingEnabled: true},
		Queueing:           &QueueingConfig{Enabled: true, WaitTimeoutSeconds: 300},
		Overrides:          map[string]any{"x": true},
		ConversationConfig: map[string]any{"agent": map[string]any{"first_message": "Hi", "n": json.Number("1")}},
		PhoneNumberIDs:     []string{"phnum_1"},
		Notes:              []string{"phone_numbers[1] is of an unexpected type: number, left out"},
	}, agent)

	base, _ = serve(t, respond(200, `{"agent_id":"agent_1","platform_settings":{"call_limits":{}}}`))
	agent, err = newClient(t, base).Agent(context.Background(), "agent_1")
	require.NoError(t, err)
	require.Equal(t, &CallLimits{AgentConcurrencyLimit: -1, DailyLimit: -1}, agent.CallLimits, "absent is not zero")
	require.Nil(t, agent.Queueing)

	base, _ = serve(t, respond(404, `{"detail":{"status":"agent_not_found","message":"x"}}`))
	_, err = newClient(t, base).Agent(context.Background(), "agent_1")
	require.Equal(t, KindNotFound, AsError(err).Kind)
}

func TestSubscription(t *testing.T) {
	t.Parallel()
	const head = `{"tier":"pro","status":"active","character_count":90,"character_limit":100`
	for body, want := range map[string]struct {
		credits   int64
		unlimited bool
	}{
		head + `}`: {10, false},
		head + `,"max_credit_limit_extension":25,"next_character_count_reset_unix":null}`: {35, false},
		head + `,"max_credit_limit_extension":"unlimited"}`:                               {10, true},
		head + `,"character_count":200,"max_credit_limit_extension":null}`:                {0, false},
	} {
		base, _ := serve(t, respond(200, body))
		s, err := newClient(t, base).Subscription(context.Background())
		require.NoError(t, err)
		credits, unlimited := s.Remaining()
		require.Equal(t, want.credits, credits, body)
		require.Equal(t, want.unlimited, unlimited, body)
	}
	base, _ := serve(t, respond(200, `{"tier":"pro"}`))
	_, err := newClient(t, base).Subscription(context.Background())
	require.ErrorContains(t, err, "required field status is missing")
}

func TestLiveCount(t *testing.T) {
	t.Parallel()
	base, _ := serve(t, respond(200, `{"count":12}`))
	count, err := newClient(t, base).LiveCount(context.Background(), "agent_1")
	require.NoError(t, err)
	require.Equal(t, 12, count)
	base, _ = serve(t, respond(200, `{}`))
	_, err = newClient(t, base).LiveCount(context.Background(), "")
	require.ErrorContains(t, err, "required field count is missing")
}
