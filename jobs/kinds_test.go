package jobs_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/jobs"
)

func TestParseArgs(t *testing.T) {
	t.Parallel()
	id := uuid.MustParse("6a0f7b0e-5c8e-4c1b-9d57-5a7c3d1f0001")
	for name, c := range map[string]struct {
		kind, json string
		want       river.JobArgs
		err        string
	}{
		"tick":                    {kind: "campaign-orchestrator", json: `{}`, want: jobs.CampaignOrchestratorArgs{}},
		"plan":                    {kind: "plan-campaign", json: `{"campaign_id": "` + id.String() + `"}`, want: jobs.PlanCampaignArgs{CampaignID: id}},
		"dial":                    {kind: "dial-lead", json: `{"attempt_id": "` + id.String() + `"}`, want: jobs.DialLeadArgs{AttemptID: id}},
		"reconcile":               {kind: "reconcile-attempt", json: `{"attempt_id": "` + id.String() + `"}`, want: jobs.ReconcileAttemptArgs{AttemptID: id}},
		"sync":                    {kind: "sync-conversation", json: `{"conversation_id": "` + id.String() + `"}`, want: jobs.SyncConversationArgs{ConversationID: id}},
		"conversations, defaults": {kind: "conversation-orchestrator", json: `{}`, want: jobs.ConversationOrchestratorArgs{}},
		"conversations":           {kind: "conversation-orchestrator", json: `{"lookback_hours": 4, "batch_limit": 7}`, want: jobs.ConversationOrchestratorArgs{LookbackHours: 4, BatchLimit: 7}},
		"housekeeping":            {kind: "housekeeping", json: `{}`, want: jobs.HousekeepingArgs{}},
		"write back, call":        {kind: "write-back-salesforce", json: `{"conversation_id": "` + id.String() + `", "retry": true}`, want: jobs.WriteBackSalesforceArgs{ConversationID: id, Retry: true}},
		"write back, integration": {kind: "write-back-salesforce", json: `{"integration_id": "` + id.String() + `"}`, want: jobs.WriteBackSalesforceArgs{IntegrationID: id}},
		"write back, neither":     {kind: "write-back-salesforce", json: `{}`, err: `exactly one of conversation_id and integration_id is wanted; it takes {"conversation_id":"UUID"} or`},
		"write back, both":        {kind: "write-back-salesforce", json: `{"conversation_id": "` + id.String() + `", "integration_id": "` + id.String() + `"}`, err: "exactly one"},
		"salesforce":              {kind: "sync-salesforce-leads", json: `{}`, want: jobs.SyncSalesforceLeadsArgs{}},
		"org":                     {kind: "sync-salesforce-integration", json: `{"integration_id": "` + id.String() + `", "mode": "full"}`, want: jobs.SyncSalesforceIntegrationArgs{IntegrationID: id, Mode: "full"}},
		"org, mode unknown":       {kind: "sync-salesforce-integration", json: `{"integration_id": "` + id.String() + `", "mode": "all"}`, err: `mode is "incremental"`},
		"org missing":             {kind: "reconcile-salesforce-integration", json: `{}`, err: "an id is missing"},
		"no such kind":            {kind: "dial", json: `{}`, err: `there is no job kind "dial"; kinds are [apply-webhook archive-recording campaign-orchestrator`},
		"unknown field":           {kind: "plan-campaign", json: `{"campaign": "x"}`, err: `unknown field "campaign"; it takes {"campaign_id":"UUID"}`},
		"id missing":              {kind: "plan-campaign", json: `{}`, err: `an id is missing; it takes {"campaign_id":"UUID"}`},
		"id null":                 {kind: "dial-lead", json: `{"attempt_id": null}`, err: "an id is missing"},
		"id of zeros":             {kind: "sync-conversation", json: `{"conversation_id": "` + uuid.Nil.String() + `"}`, err: "an id is missing"},
		"id malformed":            {kind: "dial-lead", json: `{"attempt_id": "7"}`, err: "arguments of dial-lead"},
		"id a number":             {kind: "dial-lead", json: `{"attempt_id": 7}`, err: "arguments of dial-lead"},
		"hours as text":           {kind: "conversation-orchestrator", json: `{"lookback_hours": "4"}`, err: "lookback_hours"},
		"hours negative":          {kind: "conversation-orchestrator", json: `{"lookback_hours": -1}`, err: "must not be negative"},
		"batch negative":          {kind: "conversation-orchestrator", json: `{"batch_limit": -1}`, err: "must not be negative"},
		"two objects":             {kind: "housekeeping", json: `{} {}`, err: "one JSON object is wanted"},
		"rubbish behind":          {kind: "housekeeping", json: `{}]`, err: "one JSON object is wanted"},
		"null":                    {kind: "housekeeping", json: `null`, err: "one JSON object is wanted"},
		"array":                   {kind: "housekeeping", json: `[]`, err: "arguments of housekeeping"},
		"empty":                   {kind: "housekeeping", json: ``, err: "arguments of housekeeping"},
		"cut off":                 {kind: "plan-campaign", json: `{"campaign_id": "`, err: "arguments of plan-campaign"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := jobs.ParseArgs(c.kind, []byte(c.json))
			if c.err != "" {
				require.ErrorContains(t, err, c.err)
				require.Nil(t, got)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}
}

func TestEveryKindHasAWorkerAndAQueue(t *testing.T) {
	t.Parallel()
	require.Len(t, jobs.Kinds(), 14)
	require.IsIncreasing(t, jobs.Kinds())
	require.NoError(t, jobs.CheckQueues(jobs.Queues()))
	require.NoError(t, jobs.CheckQueues(nil))
	require.ErrorContains(t, jobs.CheckQueues([]string{"dial", "dail"}), `there is no queue "dail"; queues are [orchestrate dial sync media crm]`)
}
