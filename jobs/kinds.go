package jobs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
)

// kinds builds each kind's arguments from JSON; what app code, the CLI and the API may insert.
var kinds = map[string]func([]byte) (river.JobArgs, error){
	CampaignOrchestratorArgs{}.Kind():           read[CampaignOrchestratorArgs],
	PlanCampaignArgs{}.Kind():                   read[PlanCampaignArgs],
	DialLeadArgs{}.Kind():                       read[DialLeadArgs],
	ReconcileAttemptArgs{}.Kind():               read[ReconcileAttemptArgs],
	ConversationOrchestratorArgs{}.Kind():       read[ConversationOrchestratorArgs],
	SyncConversationArgs{}.Kind():               read[SyncConversationArgs],
	ApplyWebhookArgs{}.Kind():                   read[ApplyWebhookArgs],
	ArchiveRecordingArgs{}.Kind():               read[ArchiveRecordingArgs],
	GenerateAudioArgs{}.Kind():                  read[GenerateAudioArgs],
	SyncSalesforceLeadsArgs{}.Kind():            read[SyncSalesforceLeadsArgs],
	SyncSalesforceIntegrationArgs{}.Kind():      read[SyncSalesforceIntegrationArgs],
	ReconcileSalesforceIntegrationArgs{}.Kind(): read[ReconcileSalesforceIntegrationArgs],
	WriteBackSalesforceArgs{}.Kind():            read[WriteBackSalesforceArgs],
	HousekeepingArgs{}.Kind():                   read[HousekeepingArgs],
}

// Bounds of what a conversation tick may be asked for: a year, and what fits one insert.
const (
	MaxLookbackHours = 8760
	MaxBatchLimit    = 10_000
)

// Kinds lists the kinds of jobs there are.
func Kinds() []string {
	names := make([]string, 0, len(kinds))
	for name := range kinds {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// ParseArgs reads the arguments of a job of the kind from a JSON object. Unknown kinds and fields, missing ids and
// numbers below zero are errors that say what there is.
func ParseArgs(kind string, data []byte) (river.JobArgs, error) {
	build, ok := kinds[kind]
	if !ok {
		return nil, fmt.Errorf("there is no job kind %q; kinds are %v", kind, Kinds())
	}
	args, err := build(data)
	if err != nil {
		return nil, fmt.Errorf("arguments of %s: %w", kind, err)
	}
	for _, id := range ids(args) {
		if id == uuid.Nil {
			return nil, fmt.Errorf("arguments of %s: an id is missing; it takes %s", kind, shape(args))
		}
	}
	if c, ok := args.(ConversationOrchestratorArgs); ok && (c.LookbackHours < 0 || c.BatchLimit < 0) {
		return nil, fmt.Errorf("arguments of %s: lookback_hours and batch_limit must not be negative; leave them out for the configured ones", kind)
	} else if c.LookbackHours > MaxLookbackHours || c.BatchLimit > MaxBatchLimit {
		return nil, fmt.Errorf("arguments of %s: lookback_hours must be %d at most and batch_limit %d", kind, MaxLookbackHours, MaxBatchLimit)
	}
	if c, ok := args.(interface{ check() error }); ok {
		if err := c.check(); err != nil {
			return nil, fmt.Errorf("arguments of %s: %w; it takes %s", kind, err, shape(args))
		}
	}
	return args, nil
}

func read[A river.JobArgs](data []byte) (river.JobArgs, error) {
	var args A
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&args); err != nil {
		return nil, fmt.Errorf("%w; it takes %s", err, shape(args))
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) || string(bytes.TrimSpace(data)) == "null" {
		return nil, fmt.Errorf("one JSON object is wanted, such as %s", shape(args))
	}
	return args, nil
}

func ids(args river.JobArgs) []uuid.UUID {
	switch a := args.(type) {
	case PlanCampaignArgs:
		return []uuid.UUID{a.CampaignID}
	case DialLeadArgs:
		return []uuid.UUID{a.AttemptID}
	case ReconcileAttemptArgs:
		return []uuid.UUID{a.AttemptID}
	case SyncSalesforceIntegrationArgs:
		return []uuid.UUID{a.IntegrationID}
	case ReconcileSalesforceIntegrationArgs:
		return []uuid.UUID{a.IntegrationID}
	case SyncConversationArgs:
		return []uuid.UUID{a.ConversationID}
	case ArchiveRecordingArgs:
		return []uuid.UUID{a.ConversationID}
	case GenerateAudioArgs:
		return []uuid.UUID{a.AudioGenerationID}
	case ApplyWebhookArgs:
		return []uuid.UUID{a.WebhookEventID}
	}
	return nil
}

func shape(args any) string {
	if _, ok := args.(WriteBackSalesforceArgs); ok {
		return `{"conversation_id":"UUID"} or {"integration_id":"UUID"}, and "retry":true for what failed`
	}
	data, err := json.Marshal(args)
	if err != nil {
		return "a JSON object"
	}
	return string(bytes.ReplaceAll(data, []byte(uuid.Nil.String()), []byte("UUID")))
}

// CheckQueues says which of the names is no queue.
func CheckQueues(names []string) error {
	for _, name := range names {
		if !slices.Contains(Queues(), name) {
			return fmt.Errorf("there is no queue %q; queues are %v", name, Queues())
		}
	}
	return nil
}
