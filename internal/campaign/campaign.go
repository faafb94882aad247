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
	Settings      Settings
	Window        calltime.Hours
	RetryInterval time.Duration
	Overrides     map[uuid.UUID]int32 // max_attempts by lead list
	problem       string              // why it cannot be decided, "" = it can
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
	c := &Campaign{CampaignGetRow: row, RetryInterval: parseRetry(row.RetryLogic)}
	if c.Settings, err = ParseSettings(row.Calling); err != nil {
		c.problem = "the business's calling settings cannot be read: " + err.Error()
	}
	if c.Window, err = parseWindow(row.CallWindowStart, row.CallWindowEnd); err != nil {
		c.problem = "the campaign's calling window cannot be read: " + err.Error()
	}
	if err := json.Unmarshal(row.MaxAttemptsOverrides, &c.Overrides); err != nil {
		return nil, fmt.Errorf("reading the lists' max_attempts_override: %w", err)
	}
	return c, nil
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
	return calltime.Rules{Campaign: c.Window, Legal: c.Settings.LegalDay, Margin: c.Settings.WindowMargin}
}

// Hold is a rule that holds the whole campaign, with one sentence why.
type Hold struct {
	Rule   string `json:"rule"`
	Reason string `json:"reason"`
}

// Held judges the campaign-level rules at now; nil means that its leads may be judged.
func (c *Campaign) Held(now time.Time) *Hold {
	switch {
	case c.Status != dbsqlc.CampaignStatusActive:
		return &Hold{RuleCampaignActive, fmt.Sprintf("The campaign is %s.", c.Status)}
	case c.BusinessStatus != "active":
		return &Hold{RuleCampaignActive, "The business is not active."}
	case c.StartDate != nil && now.Before(*c.StartDate):
		return &Hold{RuleCampaignDates, "The campaign has not started."}
	case c.EndDate != nil && now.After(*c.EndDate):
		return &Hold{RuleCampaignDates, "The campaign has ended."}
	case c.AgentID == nil || c.AgentStatus == "":
		return &Hold{RuleAgentReady, "The campaign has no agent."}
	case c.AgentStatus != "active":
		return &Hold{RuleAgentReady, fmt.Sprintf("The agent is %s.", c.AgentStatus)}
	case blank(c.ElevenlabsAgentID):
		return &Hold{RuleAgentReady, "The agent has no elevenlabs_agent_id."}
	case blank(c.CallerID):
		return &Hold{RuleAgentReady, "The agent has no caller_id."}
	case c.problem != "":
		return &Hold{RuleAgentReady, "Not decidable: " + c.problem + "."}
	}
	return nil
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
	budget, ok := new(big.Rat).SetString(c.Budget)
	if !ok {
		return true, nil // NaN: not decidable
	}
	text, err := dbsqlc.New().CampaignSpent(ctx, db, c.ID)
	if err != nil {
		return false, fmt.Errorf("adding up the campaign's cost: %w", err)
	}
	spent, ok := new(big.Rat).SetString(text)
	return !ok || spent.Cmp(budget) >= 0, nil
}

// fingerprint digests what the lead-level rules take from the campaign: when it changes, every lead is judged again.
func (c *Campaign) fingerprint() string {
	h := sha256.New()
	fmt.Fprintf(h, "%d %s %d %q %t %t %q %q", judgeVersion, c.BusinessID, c.MaxAttempts, c.RetryLogic, c.ExcludeDnc, c.DedupeByPhone,
		c.Calling, c.MaxAttemptsOverrides)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// day is the calendar day of the business that contains now, as a date and as the instants it spans.
func (c *Campaign) day(now time.Time) (date, start, end time.Time) {
	local := now.In(c.Settings.Timezone)
	y, m, d := local.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC),
		time.Date(y, m, d, 0, 0, 0, 0, c.Settings.Timezone),
		time.Date(y, m, d+1, 0, 0, 0, 0, c.Settings.Timezone)
}
