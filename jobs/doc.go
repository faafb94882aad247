// Package jobs is the table of contents of what henk does: one file per job kind (arguments and a thin worker), the
// queues, the schedule, and Insert functions for app code.
//
//	kind                       queue        inserted by                             on failure
//	campaign-orchestrator      orchestrate  every 5 min, worker start, CLI          retry; the next tick covers it
//	plan-campaign              orchestrate  tick; a call ended (refill); wake-up    retry
//	dial-lead                  dial         plan, in the reservation's transaction  per the dial protocol, never blind
//	reconcile-attempt          dial         an ambiguous dial; sweeper              retry until the provider answers
//	conversation-orchestrator  orchestrate  every 10 min, worker start, CLI         retry; the next tick covers it
//	sync-conversation          sync         tick, dial-lead, apply-webhook          snooze while the call runs; backoff
//	apply-webhook              sync         webhook, in the event's transaction     backoff; the poll covers it
//	archive-recording          media        a conversation with audio has ended     backoff
//	generate-audio             media        app; sweeper, for rows that are pending backoff, then the row says failed
//	sync-salesforce-leads      orchestrate  every 15 min, worker start, CLI         retry; the next tick covers it
//	sync-salesforce-integration       crm   tick; the run before it left a rest; app  backoff; goes on at its cursor
//	reconcile-salesforce-integration  crm   tick, once a night                      backoff; goes on where it was
//	write-back-salesforce      crm          a final outcome, in its transaction; watch      per row: waits, or gives up with the reason
//	housekeeping               orchestrate  hourly                                  retry
//
// Arguments hold ids only, never a number, a name or a transcript: River UI shows them. A state change and the jobs
// that follow from it commit together.
//
// It may import the domain packages, the clients and store. Only jobs, the server's packages and cmd know River.
package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// Queues, each with its own number of workers.
const (
	QueueOrchestrate = "orchestrate" // ticks and plans: decide, never wait for a provider
	QueueDial        = "dial"        // calls
	QueueSync        = "sync"        // conversations
	QueueMedia       = "media"       // recordings and speech
	QueueCRM         = "crm"         // Salesforce
)

// Queues lists all queues.
func Queues() []string { return []string{QueueOrchestrate, QueueDial, QueueSync, QueueMedia, QueueCRM} }

// Client is a River client on pgx.
type Client = river.Client[pgx.Tx]

// onePending keeps a second equal job from being inserted while one waits or runs.
var onePending = river.UniqueOpts{
	ByArgs: true,
	ByState: []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning,
		rivertype.JobStateRetryable, rivertype.JobStateScheduled},
}

// InsertPlanTx asks for a plan of a campaign, in the caller's transaction: its leads will be called as soon as the rules
// allow. A plan that is pending already serves; the job is nil then.
func InsertPlanTx(ctx context.Context, tx pgx.Tx, client *Client, campaignID uuid.UUID) (*rivertype.JobRow, error) {
	return insertTx(ctx, tx, client, PlanCampaignArgs{CampaignID: campaignID}, time.Time{})
}

// InsertSyncConversationTx asks for the state of a conversation (conversations.id), in the caller's transaction.
func InsertSyncConversationTx(ctx context.Context, tx pgx.Tx, client *Client, conversationID uuid.UUID) (*rivertype.JobRow, error) {
	return insertTx(ctx, tx, client, SyncConversationArgs{ConversationID: conversationID}, time.Time{})
}

// InsertCampaignOrchestratorTx asks for a tick over all active campaigns, in the caller's transaction.
func InsertCampaignOrchestratorTx(ctx context.Context, tx pgx.Tx, client *Client) (*rivertype.JobRow, error) {
	return insertTx(ctx, tx, client, CampaignOrchestratorArgs{}, time.Time{})
}

// InsertConversationOrchestratorTx asks for a sync of all open conversations, in the caller's transaction.
func InsertConversationOrchestratorTx(ctx context.Context, tx pgx.Tx, client *Client, args ConversationOrchestratorArgs) (*rivertype.JobRow, error) {
	return insertTx(ctx, tx, client, args, time.Time{})
}

func insertTx(ctx context.Context, tx pgx.Tx, client *Client, args river.JobArgs, at time.Time) (*rivertype.JobRow, error) {
	res, err := client.InsertTx(ctx, tx, args, &river.InsertOpts{ScheduledAt: at})
	if err != nil {
		return nil, fmt.Errorf("inserting %s: %w", args.Kind(), err)
	}
	if res.UniqueSkippedAsDuplicate {
		return nil, nil
	}
	return res.Job, nil
}
