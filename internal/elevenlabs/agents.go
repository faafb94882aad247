package elevenlabs

import (
	"context"
	"net/url"
	"strconv"
)

const maxAgentPages = 100

// Agent is an item of the list of agents.
type Agent struct {
	AgentID           string
	Name              string
	VoiceID           string
	Tags              []string
	CreatedAtUnixSecs int64
	LastCallTimeUnix  *int64 // nil: never called, or not said
	Archived          bool
}

// Agents lists all agents of the workspace, page by page.
func (c *Client) Agents(ctx context.Context) ([]Agent, error) {
	const op = "list agents"
	var agents []Agent
	err := eachPage(op, maxAgentPages, func(cursor string) (string, error) {
		query := url.Values{"page_size": {strconv.Itoa(maxPageSize)}}
		if cursor != "" {
			query.Set("cursor", cursor)
		}
		var following string
		err := c.get(ctx, op, "/v1/convai/agents", query, limitDocument, func(body []byte) error {
			page, more, err := decodeAgents(body)
			if err == nil {
				agents, following = append(agents, page...), more
			}
			return err
		})
		return following, err
	})
	if err != nil {
		return nil, err
	}
	return agents, nil
}

func decodeAgents(body []byte) (agents []Agent, following string, err error) {
	log := &problems{}
	o, err := readObject(body, log)
	if err != nil {
		return nil, "", err
	}
	if _, ok := o.present("agents"); !ok {
		o.fail("agents", "is missing")
	}
	for _, item := range o.list("agents", o.fail) {
		var a Agent
		required(item, "agent_id", &a.AgentID)
		optional(item, "name", &a.Name)
		optional(item, "voice_id", &a.VoiceID)
		optional(item, "tags", &a.Tags)
		optional(item, "created_at_unix_secs", &a.CreatedAtUnixSecs)
		optional(item, "last_call_time_unix_secs", &a.LastCallTimeUnix)
		optional(item, "archived", &a.Archived)
		agents = append(agents, a)
	}
	var more bool
	var cursor string
	optional(o, "has_more", &more)
	optional(o, "next_cursor", &cursor)
	return agents, next(more, cursor), log.err
}

// AgentDetail is what a pre-flight of a campaign needs to know of its agent.
type AgentDetail struct {
	AgentID            string
	Name               string
	Tags               []string
	CallLimits         *CallLimits     // nil: not said
	Queueing           *QueueingConfig // nil: not said
	Overrides          map[string]any  // what a call may override
	ConversationConfig map[string]any  // prompt, voice, turn-taking, as sent; numbers are json.Number
	PhoneNumberIDs     []string        // assigned for inbound calls
	Notes              []string        // optional fields that did not fit
}

// CallLimits of an agent. AgentConcurrencyLimit -1 means none.
type CallLimits struct {
	AgentConcurrencyLimit int
	DailyLimit            int // -1: not said
	BurstingEnabled       bool
}

// QueueingConfig of an agent: where enabled, someone called may hear hold music.
type QueueingConfig struct {
	Enabled            bool
	WaitTimeoutSeconds int
}

// Agent reads one agent.
func (c *Client) Agent(ctx context.Context, id string) (*AgentDetail, error) {
	const op = "get agent"
	if err := checkID(op, "agent", id); err != nil {
		return nil, err
	}
	var agent *AgentDetail
	err := c.get(ctx, op, "/v1/convai/agents/"+url.PathEscape(id), nil, limitDocument, func(body []byte) (err error) {
		agent, err = decodeAgent(body)
		return err
	})
	if err != nil {
		return nil, err
	}
	return agent, nil
}

func decodeAgent(body []byte) (*AgentDetail, error) {
	log := &problems{}
	o, err := readObject(body, log)
	if err != nil {
		return nil, err
	}
	a := &AgentDetail{}
	required(o, "agent_id", &a.AgentID)
	optional(o, "name", &a.Name)
	optional(o, "tags", &a.Tags)
	optional(o, "conversation_config", &a.ConversationConfig)
	if settings := o.child("platform_settings"); settings != nil {
		readSettings(settings, a)
	}
	for _, item := range o.list("phone_numbers", o.noteWrong) {
		var id string
		optional(item, "phone_number_id", &id)
		if id != "" {
			a.PhoneNumberIDs = append(a.PhoneNumberIDs, id)
		}
	}
	a.Notes = log.notes
	return a, log.err
}

func readSettings(settings *object, a *AgentDetail) {
	optional(settings, "overrides", &a.Overrides)
	if limits := settings.child("call_limits"); limits != nil {
		// -1 is the provider's word for no limit; an absent field must not read as 0.
		a.CallLimits = &CallLimits{AgentConcurrencyLimit: -1, DailyLimit: -1}
		optional(limits, "agent_concurrency_limit", &a.CallLimits.AgentConcurrencyLimit)
		optional(limits, "daily_limit", &a.CallLimits.DailyLimit)
		optional(limits, "bursting_enabled", &a.CallLimits.BurstingEnabled)
	}
	if queueing := settings.child("queueing_config"); queueing != nil {
		a.Queueing = &QueueingConfig{}
		optional(queueing, "enabled", &a.Queueing.Enabled)
		optional(queueing, "wait_timeout_seconds", &a.Queueing.WaitTimeoutSeconds)
	}
}
