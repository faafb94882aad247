package elevenlabs

import (
	"context"
	"net/url"
)

// Subscription is the workspace's plan. It has no concurrency limit: the API
// names none anywhere.
type Subscription struct {
	Tier                        string
	Status                      string // trialing, active, incomplete, past_due, free, free_disabled, ..
	CharacterCount              int64  // credits used in this period
	CharacterLimit              int64  // credits of this period
	CanExtendCharacterLimit     bool
	MaxCreditLimitExtension     int64 // credits beyond the limit; 0 = none
	UnlimitedExtension          bool  // max_credit_limit_extension is "unlimited"
	NextCharacterCountResetUnix *int64
	HasOpenInvoices             bool
	Notes                       []string // optional fields that did not fit
}

// Remaining gives the credits left in this period, with the extension that the
// plan allows, never below 0. unlimited means that the extension has no bound.
func (s *Subscription) Remaining() (credits int64, unlimited bool) {
	return max(0, s.CharacterLimit-s.CharacterCount+s.MaxCreditLimitExtension), s.UnlimitedExtension
}

// Subscription reads the plan. A key with narrow permissions gets KindAccount
// here though calls may work: take that for "not known", not for "down".
func (c *Client) Subscription(ctx context.Context) (*Subscription, error) {
	var subscription *Subscription
	err := c.get(ctx, "get subscription", "/v1/user/subscription", nil, limitControl, func(body []byte) (err error) {
		subscription, err = decodeSubscription(body)
		return err
	})
	if err != nil {
		return nil, err
	}
	return subscription, nil
}

func decodeSubscription(body []byte) (*Subscription, error) {
	log := &problems{}
	o, err := readObject(body, log)
	if err != nil {
		return nil, err
	}
	s := &Subscription{}
	required(o, "tier", &s.Tier)
	required(o, "status", &s.Status)
	required(o, "character_count", &s.CharacterCount)
	required(o, "character_limit", &s.CharacterLimit)
	optional(o, "can_extend_character_limit", &s.CanExtendCharacterLimit)
	optional(o, "next_character_count_reset_unix", &s.NextCharacterCountResetUnix)
	optional(o, "has_open_invoices", &s.HasOpenInvoices)
	if jsonString(o.fields["max_credit_limit_extension"]) == "unlimited" {
		s.UnlimitedExtension = true
	} else {
		optional(o, "max_credit_limit_extension", &s.MaxCreditLimitExtension)
	}
	s.Notes = log.notes
	return s, log.err
}

// LiveCount gives the number of conversations under way, of one agent or, with
// "", of the workspace.
func (c *Client) LiveCount(ctx context.Context, agentID string) (int, error) {
	query := url.Values{}
	if agentID != "" {
		query.Set("agent_id", agentID)
	}
	var count int
	err := c.get(ctx, "count live conversations", "/v1/convai/analytics/live-count", query, limitControl, func(body []byte) error {
		log := &problems{}
		o, err := readObject(body, log)
		if err != nil {
			return err
		}
		required(o, "count", &count)
		return log.err
	})
	return count, err
}

// Ping asks for one conversation of the list: the cheapest request that shows
// that the API answers and takes the key.
func (c *Client) Ping(ctx context.Context) error {
	_, err := c.ListConversations(ctx, ListParams{PageSize: 1})
	return err
}
