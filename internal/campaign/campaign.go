// Package campaign decides whom to call now: eligibility, calling windows, quotas and order, from planning to the
// explanation of why a lead is held. It takes a pool or a transaction and returns values; it does not know River.
//
// The rules and their order are those of docs/rules.md. A lead's own rules are judged once per change and cached in
// henk.candidates (refresh.go, judge.go); what depends on the moment (windows, quotas, slots) is judged by each plan
// (plan.go); the fence in internal/call judges everything once more in SQL before a phone rings.
//
// It may import store, clock, phone and calltime.
package campaign

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/calltime"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// Rule names, in the order in which they are judged.
const (
	RuleCampaignActive = "campaign_active"
	RuleCampaignDates  = "campaign_dates"
	RuleAgentReady     = "agent_ready"
	RuleLeadStatus     = "lead_status"
	RulePhoneValid     = "phone_valid"
	RuleDoNotCall      = "do_not_call"
	RuleSuppressed     = "suppressed"
	RuleDuplicatePhone = "duplicate_phone"
	RuleMaxAttempts    = "max_attempts"
	RuleRetryInterval  = "retry_interval"
	RuleZoneKnown      = "zone_known"
	RuleCallWindow     = "call_window"
	RuleRollingCap     = "rolling_cap"
	RuleBudget         = "budget"
	RuleDailyCap       = "daily_cap"
	RuleConcurrency    = "concurrency"
)

// FinalStatuses are those of campaign_leads.status, campaign_leads.outcome and leads.status after which nobody is
// called again.
var FinalStatuses = []string{"pledged", "donated", "not_interested", "do_not_call", "wrong_number", "unreachable",
	"failed", "converted", "completed"}

// ErrNotFound means that the campaign does not exist (any more).
var ErrNotFound = errors.New("campaign not found")

// Campaign is what the rules need to know of a campaign, its agent and its business.
type Campaign struct {
	dbsqlc.CampaignGetRow
	Settings  Settings
	Window    calltime.Hours
	Retry     Retry
	Overrides map[uuid.UUID]int32 // max_attempts by lead list
	problem   string              // why it cannot be decided, "" = it can
	pack      *calltime.Pack      // to be judged by; nil = the program's own
}

// Load reads a campaign. A part that cannot be read does not fail the load: it holds every lead, with the reason.
func Load(ctx context.Context, db dbsqlc.DBTX, id uuid.UUID) (*Campaign, error) {
	row, err := dbsqlc.New().CampaignGet(ctx, db, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("loading campaign: %w", err)
	}
	c := &Campaign{CampaignGetRow: row}
	if err := json.Unmarshal(row.MaxAttemptsOverrides, &c.Overrides); err != nil {
		return nil, fmt.Errorf("reading the lists' max_attempts_override: %w", err)
	}
	c.read()
	return c, nil
}

// read takes the settings out of the row.
func (c *Campaign) read() {
	var err error
	c.problem = ""
	c.Retry = ParseRetry(c.RetryLogic)
	if c.Settings, err = ParseSettings(c.Calling); err != nil {
		c.problem = "the business's calling settings cannot be read: " + err.Error()
	}
	if c.Window, err = parseWindow(c.CallWindowStart, c.CallWindowEnd); err != nil {
		c.problem = "the campaign's calling window cannot be read: " + err.Error()
	}
}

func parseWindow(start, end string) (calltime.Hours, error) {
	var h calltime.Hours
	for _, edge := range []struct {
		text string
		to   **calltime.TimeOfDay
	}{{start, &h.From}, {end, &h.To}} {
		if edge.text == "" {
			continue
		}
		t, err := calltime.ParseTimeOfDay(edge.text)
		if err != nil {
			return calltime.Hours{}, err
		}
		*edge.to = &t
	}
	return h, nil
}

// Rules are the hours in which this campaign may call.
func (c *Campaign) Rules() calltime.Rules {
	return calltime.Rules{Campaign: c.Window, Legal: c.Settings.LegalDay, Margin: c.Settings.WindowMargin,
		Pack: c.rulePack(), Exempt: c.Settings.StatePackExempt}
}

// Hold is a rule that holds the whole campaign, with one sentence why.
type Hold struct {
	Rule   string `json:"rule"`
	Reason string `json:"reason"`
}

// Held judges the campaign-level rules at now; nil means that its leads may be judged.
func (c *Campaign) Held(now time.Time) *Hold {
	for _, rule := range []string{RuleCampaignActive, RuleCampaignDates, RuleAgentReady} {
		if h := c.heldBy(rule, now); h != nil {
			return h
		}
	}
	return nil
}

// heldBy judges one of the campaign-level rules.
func (c *Campaign) heldBy(rule string, now time.Time) *Hold {
	var reason string
	switch rule {
	case RuleCampaignActive:
		switch {
		case c.Status != dbsqlc.CampaignStatusActive:
			reason = fmt.Sprintf("The campaign is %s.", c.Status)
		case c.BusinessStatus != "active":
			reason = "The business is not active."
		}
	case RuleCampaignDates:
		switch {
		case c.StartDate != nil && now.Before(*c.StartDate):
			reason = "The campaign has not started."
		case c.EndDate != nil && now.After(*c.EndDate):
			reason = "The campaign has ended."
		}
	case RuleAgentReady:
		switch {
		case c.AgentID == nil || c.AgentStatus == "":
			reason = "The campaign has no agent."
		case c.AgentStatus != "active":
			reason = fmt.Sprintf("The agent is %s.", c.AgentStatus)
		case blank(c.ElevenlabsAgentID):
			reason = "The agent has no elevenlabs_agent_id."
		case blank(c.CallerID):
			reason = "The agent has no caller_id."
		case c.problem != "":
			reason = "Not decidable: " + c.problem + "."
		}
	}
	if reason == "" {
		return nil
	}
	return &Hold{rule, reason}
}

func blank(s *string) bool { return s == nil || strings.TrimSpace(*s) == "" }

// BlockedBecause says which fault of the agent or the account keeps the campaign from dialing; "" when none does.
func (c *Campaign) BlockedBecause() string {
	if !c.Blocked || c.BlockedReason == nil {
		return ""
	}
	return *c.BlockedReason
}

// OverBudget reports whether the recorded cost has reached the campaign's budget.
func (c *Campaign) OverBudget(ctx context.Context, db dbsqlc.DBTX) (bool, error) {
	if c.Budget == "" {
		return false, nil
	}
	_, over, err := c.spent(ctx, db)
	return over, err
}

// spent is the recorded cost of the campaign's calls, and whether it has reached the budget.
func (c *Campaign) spent(ctx context.Context, db dbsqlc.DBTX) (text string, over bool, err error) {
	if text, err = dbsqlc.New().CampaignSpent(ctx, db, c.ID); err != nil {
		return "", false, fmt.Errorf("adding up the campaign's cost: %w", err)
	}
	if c.Budget == "" {
		return text, false, nil
	}
	budget, ok := new(big.Rat).SetString(c.Budget)
	if !ok {
		return text, true, nil // NaN: not decidable
	}
	spent, ok := new(big.Rat).SetString(text)
	return text, !ok || spent.Cmp(budget) >= 0, nil
}

// fingerprint digests what the lead-level rules take from the campaign and the rule pack: when it changes, every lead is
// judged again.
func (c *Campaign) fingerprint(now time.Time) string {
	h := sha256.New()
	fmt.Fprintf(h, "%d %s %d %q %t %t %q %q %t", judgeVersion, c.BusinessID, c.MaxAttempts, c.RetryLogic, c.ExcludeDnc, c.DedupeByPhone,
		c.Calling, c.MaxAttemptsOverrides, blank(c.DisclosureLine))
	fmt.Fprintf(h, " %s %v", calltime.CurrentPack().Version, packChanges(now))
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// packChanges counts the first and last days of caps and disclosures that have passed: with the next one, leads are to be
// judged again. (Hours are judged at the moment.)
func packChanges(now time.Time) (passed int) {
	today := now.UTC().Format(time.DateOnly)
	for _, r := range calltime.CurrentPack().Rows() {
		if r.LeftOut || (r.Kind != calltime.KindCap && r.Kind != calltime.KindDisclose) {
			continue
		}
		if r.From != "" && r.From <= today {
			passed++
		}
		if r.Until != "" && r.Until < today {
			passed++
		}
	}
	return passed
}

// day is the calendar day of the business that contains now, as a date and as the instants it spans.
func (c *Campaign) day(now time.Time) (date, start, end time.Time) {
	local := now.In(c.Settings.Timezone)
	y, m, d := local.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC),
		time.Date(y, m, d, 0, 0, 0, 0, c.Settings.Timezone),
		time.Date(y, m, d+1, 0, 0, 0, 0, c.Settings.Timezone)
}
