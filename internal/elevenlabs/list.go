package elevenlabs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	opList         = "list conversations"
	maxPageSize    = 100
	maxSearchPages = 10
)

// ListParams filters GET /v1/convai/conversations. Zero values are left out.
type ListParams struct {
	AgentID         string
	UserID          string
	Cursor          string
	PageSize        int       // at most 100 are asked for; the provider's default is 30
	CallStartAfter  time.Time // whole seconds
	CallStartBefore time.Time
	DynamicVariable map[string]string // name -> wanted value; "" means that it is not set
	ExcludeStatuses []string
	SummaryMode     string // "exclude" or "include"
}

// ConversationPage is one page. The last has no NextCursor.
type ConversationPage struct {
	Conversations []ConversationSummary
	HasMore       bool
	NextCursor    string
	Notes         []string // optional fields that did not fit
}

// ConversationSummary is what a list tells of a conversation: neither number nor
// dynamic variables, for which Conversation is needed.
type ConversationSummary struct {
	ConversationID    string
	AgentID           string
	AgentName         string
	Status            string
	StartTimeUnixSecs int64
	CallDurationSecs  int
	MessageCount      int
	CallSuccessful    string
	TerminationReason string
	Direction         string
	TranscriptSummary string // with SummaryMode "include"
	CallSummaryTitle  string
	MainLanguage      string
}

// ListConversations reads one page, newest first.
func (c *Client) ListConversations(ctx context.Context, params ListParams) (*ConversationPage, error) {
	query, err := params.query()
	if err != nil {
		return nil, &Error{Op: opList, Kind: KindRefused, Fault: FaultAgent, Message: "not sent: " + clean(err.Error(), c.key(), maxMessageBytes)}
	}
	var page *ConversationPage
	err = c.get(ctx, opList, "/v1/convai/conversations", query, limitDocument, func(body []byte) (err error) {
		page, err = decodePage(body)
		return err
	})
	if err != nil {
		return nil, err
	}
	return page, nil
}

func (p ListParams) query() (url.Values, error) {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	set("agent_id", p.AgentID)
	set("user_id", p.UserID)
	set("cursor", p.Cursor)
	set("summary_mode", p.SummaryMode)
	if p.PageSize < 0 {
		return nil, errors.New("the page size is negative")
	}
	if p.PageSize > 0 {
		q.Set("page_size", strconv.Itoa(min(p.PageSize, maxPageSize)))
	}
	if !p.CallStartAfter.IsZero() {
		q.Set("call_start_after_unix", strconv.FormatInt(p.CallStartAfter.Unix(), 10))
	}
	if !p.CallStartBefore.IsZero() {
		q.Set("call_start_before_unix", strconv.FormatInt(p.CallStartBefore.Unix(), 10))
	}
	for _, name := range slices.Sorted(maps.Keys(p.DynamicVariable)) {
		if name == "" || strings.Contains(name, ":") {
			return nil, fmt.Errorf("dynamic variable %q cannot be filtered by: its name is empty or holds a colon", name)
		}
		q.Add("dynamic_variable_params", name+":eq:"+p.DynamicVariable[name])
	}
	for _, status := range p.ExcludeStatuses {
		q.Add("exclude_statuses", status)
	}
	return q, nil
}

func decodePage(body []byte) (*ConversationPage, error) {
	log := &problems{}
	o, err := readObject(body, log)
	if err != nil {
		return nil, err
	}
	page := &ConversationPage{}
	if _, ok := o.present("conversations"); !ok {
		o.fail("conversations", "is missing")
	}
	for _, item := range o.list("conversations", o.fail) {
		page.Conversations = append(page.Conversations, readSummary(item))
	}
	optional(o, "has_more", &page.HasMore)
	optional(o, "next_cursor", &page.NextCursor)
	page.Notes = log.notes
	return page, log.err
}

func readSummary(o *object) ConversationSummary {
	var s ConversationSummary
	required(o, "conversation_id", &s.ConversationID)
	optional(o, "agent_id", &s.AgentID)
	optional(o, "agent_name", &s.AgentName)
	optional(o, "status", &s.Status)
	optional(o, "start_time_unix_secs", &s.StartTimeUnixSecs)
	optional(o, "call_duration_secs", &s.CallDurationSecs)
	optional(o, "message_count", &s.MessageCount)
	optional(o, "call_successful", &s.CallSuccessful)
	optional(o, "termination_reason", &s.TerminationReason)
	optional(o, "direction", &s.Direction)
	optional(o, "transcript_summary", &s.TranscriptSummary)
	optional(o, "call_summary_title", &s.CallSummaryTitle)
	optional(o, "main_language", &s.MainLanguage)
	return s
}

// ErrManyPages is in the chain of an error about a list that went on for too long.
var ErrManyPages = errors.New("too many pages")

// clockSkew is allowed between our clock and the provider's when conversations are looked for by time.
const clockSkew = 2 * time.Minute

// FindByAttempt lists the conversations of an agent whose dynamic variable
// attempt_id is attemptID, or else whose user id it is, and which began at or
// after placedAfter, less two minutes for clocks that disagree. None found does
// not prove that there was no call: the provider's index lags by an undocumented
// time. What is found should be read and compared before it is trusted. More than
// 10 pages is an error, ErrManyPages: the filter was then ignored, as one attempt is one call.
func (c *Client) FindByAttempt(ctx context.Context, agentID, attemptID string, placedAfter time.Time) ([]ConversationSummary, error) {
	const op = "find conversation of attempt"
	if agentID == "" || attemptID == "" {
		// An empty value would match every conversation without the variable.
		return nil, &Error{Op: op, Kind: KindRefused, Fault: FaultAgent, Message: "not sent: the agent id or the attempt id is empty"}
	}
	params := ListParams{AgentID: agentID}
	if !placedAfter.IsZero() {
		params.CallStartAfter = placedAfter.Add(-clockSkew)
	}
	params.DynamicVariable = map[string]string{"attempt_id": attemptID}
	found, err := c.search(ctx, op, params)
	if err != nil || len(found) > 0 {
		return found, err
	}
	params.DynamicVariable, params.UserID = nil, attemptID
	return c.search(ctx, op, params)
}

// FindStarted lists an agent's conversations that began between two instants,
// both widened by two minutes for clocks that disagree. More than 10 pages is an error, ErrManyPages.
func (c *Client) FindStarted(ctx context.Context, agentID string, from, to time.Time) ([]ConversationSummary, error) {
	const op = "find conversations by time"
	if agentID == "" || from.IsZero() || to.Before(from) {
		return nil, &Error{Op: op, Kind: KindRefused, Fault: FaultAgent, Message: "not sent: no agent id, or no span of time"}
	}
	return c.search(ctx, op, ListParams{AgentID: agentID, CallStartAfter: from.Add(-clockSkew), CallStartBefore: to.Add(clockSkew)})
}

// search reads all pages of a filtered list.
func (c *Client) search(ctx context.Context, op string, params ListParams) ([]ConversationSummary, error) {
	params.PageSize = maxPageSize
	var found []ConversationSummary
	err := eachPage(op, maxSearchPages, func(cursor string) (string, error) {
		params.Cursor = cursor
		page, err := c.ListConversations(ctx, params)
		if err != nil {
			return "", err
		}
		found = append(found, page.Conversations...)
		return next(page.HasMore, page.NextCursor), nil
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// next is the cursor to go on with; "" at the end. A cursor without has_more is
// the end, and so is has_more without a cursor.
func next(hasMore bool, cursor string) string {
	if !hasMore {
		return ""
	}
	return cursor
}

// eachPage follows cursors until read returns none. A cursor that comes again
// would go round for ever; it and more than limit pages are errors, since to stop
// quietly would lose the rest.
func eachPage(op string, limit int, read func(cursor string) (string, error)) error {
	seen := map[string]bool{}
	for cursor, pages := "", 0; ; pages++ {
		if pages == limit {
			return &Error{Op: op, Kind: KindUnknown, cause: ErrManyPages, Message: fmt.Sprintf("more than %d pages: the provider seems to ignore the filter", limit)}
		}
		following, err := read(cursor)
		if err != nil || following == "" {
			return err
		}
		if seen[following] {
			return &Error{Op: op, Kind: KindUnknown, Message: "the provider repeated a cursor: the list cannot be read to its end"}
		}
		seen[following], cursor = true, following
	}
}
