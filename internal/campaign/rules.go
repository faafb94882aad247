package campaign

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/callhenk/henk-worker/internal/calltime"
	"github.com/callhenk/henk-worker/internal/phone"
)

// Verdict is what one rule says of a lead at an instant.
type Verdict struct {
	Rule   string         `json:"rule"`
	OK     bool           `json:"ok"`
	Reason string         `json:"reason"` // one sentence
	Inputs map[string]any `json:"inputs"`
}

// why words a verdict. It is called only where somebody reads it.
type why func() (reason string, inputs map[string]any)

// subject is a lead with everything that the rules look at.
type subject struct {
	c          *Campaign
	m          *moment
	l          *lead
	now        time.Time
	flagged    bool   // a lead of the business with this number is not to be called
	suppressed bool   // the number is on a list
	sameNumber *crowd // the leads of the campaign with this number; nil where nobody asks
	rings      []ring // of the number
	ahead      int    // calls to the number that are reserved before this one in the same plan
	window     *calltime.Verdict
}

type rule struct {
	name  string
	judge func(*subject) (bool, why)
}

// rules are all of them in the order in which they are judged. The planner's candidates (judge.go), the explanation and
// the plan on paper take them from here; the fence is their twin in SQL.
var rules = []rule{
	{RuleCampaignActive, func(s *subject) (bool, why) { return s.judgeCampaign(RuleCampaignActive) }},
	{RuleCampaignDates, func(s *subject) (bool, why) { return s.judgeCampaign(RuleCampaignDates) }},
	{RuleAgentReady, (*subject).judgeAgent},
	{RuleLeadStatus, (*subject).judgeStatus},
	{RulePhoneValid, (*subject).judgePhone},
	{RuleDoNotCall, (*subject).judgeDoNotCall},
	{RuleSuppressed, (*subject).judgeSuppressed},
	{RuleDuplicatePhone, (*subject).judgeDuplicate},
	{RuleMaxAttempts, (*subject).judgeAttempts},
	{RuleRetryInterval, (*subject).judgeRetry},
	{RuleZoneKnown, (*subject).judgeZone},
	{RuleCallWindow, (*subject).judgeWindow},
	{RuleRollingCap, (*subject).judgeCap},
	{RuleBudget, (*subject).judgeBudget},
	{RuleDailyCap, (*subject).judgeDailyCap},
	{RuleConcurrency, (*subject).judgeConcurrency},
}

// verdicts judges every rule.
func (s *subject) verdicts() []Verdict {
	out := make([]Verdict, len(rules))
	for i, r := range rules {
		ok, say := r.judge(s)
		reason, inputs := say()
		if inputs == nil {
			inputs = map[string]any{}
		}
		out[i] = Verdict{Rule: r.name, OK: ok, Reason: reason, Inputs: inputs}
	}
	return out
}

// firstFailing is the first of the rules that holds the lead, "" for none.
func (s *subject) firstFailing(except ...string) string {
	for _, r := range rules {
		if slices.Contains(except, r.name) {
			continue
		}
		if ok, _ := r.judge(s); !ok {
			return r.name
		}
	}
	return ""
}

func (s *subject) judgeCampaign(rule string) (bool, why) {
	hold := s.c.heldBy(rule, s.now)
	return hold == nil, func() (string, map[string]any) {
		inputs := map[string]any{"status": s.c.Status, "business_status": s.c.BusinessStatus}
		reason := "The campaign and its business are active."
		if rule == RuleCampaignDates {
			inputs = map[string]any{"start_date": s.c.StartDate, "end_date": s.c.EndDate}
			reason = "The campaign is within its dates."
		}
		if hold != nil {
			reason = hold.Reason
		}
		return reason, inputs
	}
}

// judgeAgent: what the campaign lacks, what the provider has against it, and a disclosure that the lead's states ask for.
func (s *subject) judgeAgent() (bool, why) {
	hold := s.c.heldBy(RuleAgentReady, s.now)
	if hold == nil && s.m != nil && s.m.blocked != "" {
		hold = &Hold{RuleAgentReady, "Blocked: " + s.m.blocked}
	}
	asked := s.c.disclosures(s.l, s.now)
	missing := len(asked) > 0 && blank(s.c.DisclosureLine)
	return hold == nil && !missing, func() (string, map[string]any) {
		inputs := map[string]any{"agent_status": s.c.AgentStatus, "elevenlabs_agent_id": !blank(s.c.ElevenlabsAgentID),
			"caller_id": !blank(s.c.CallerID), "disclosure_line": !blank(s.c.DisclosureLine)}
		var ids []string
		for _, r := range asked {
			ids = append(ids, r.ID)
		}
		if ids != nil {
			inputs["disclosures_required"] = ids
		}
		switch {
		case hold != nil:
			return hold.Reason, inputs
		case missing:
			return fmt.Sprintf("A disclosure is required where the phone may be (%s) and the campaign has no disclosure_line.", strings.Join(ids, ", ")), inputs
		}
		return "The agent is ready to call.", inputs
	}
}

func (s *subject) judgeStatus() (bool, why) {
	l := s.l
	var reason string
	switch {
	case l.LeadBusinessID == nil || *l.LeadBusinessID != s.c.BusinessID:
		reason = "The lead belongs to another business."
	case final(l.Status):
		reason = fmt.Sprintf("The lead's status in the campaign is final: %s.", *l.Status)
	case final(l.Outcome):
		reason = fmt.Sprintf("The lead's outcome in the campaign is final: %s.", *l.Outcome)
	case final(l.LeadStatus):
		reason = fmt.Sprintf("The lead's own status is final: %s.", *l.LeadStatus)
	case l.InProgress > 0:
		reason = "An attempt is in progress."
	}
	return reason == "", func() (string, map[string]any) {
		inputs := map[string]any{"status": l.Status, "outcome": l.Outcome, "lead_status": l.LeadStatus, "attempt_in_progress": l.InProgress > 0}
		if reason == "" {
			reason = "The lead is open."
		}
		return reason, inputs
	}
}

func (s *subject) judgePhone() (bool, why) {
	return s.l.numberErr == nil, func() (string, map[string]any) {
		countries := s.c.Settings.Countries
		if countries == nil {
			countries = phone.DefaultCountries()
		}
		inputs := map[string]any{"phone": s.l.Phone != nil, "mobile_phone": s.l.MobilePhone != nil, "countries": countries}
		if s.l.numberErr != nil {
			return sentence(s.l.numberErr.Error()), inputs
		}
		inputs["country"], inputs["tail"] = s.l.number.Country, lastDigits(s.l.number.E164)
		return "The number may be dialed.", inputs
	}
}

func (s *subject) judgeDoNotCall() (bool, why) {
	lifted := s.c.liftsImportedFlag()
	own := isTrue(s.l.Dnc) || isTrue(s.l.DoNotCall) && !lifted
	return !own && !s.flagged, func() (string, map[string]any) {
		inputs := map[string]any{"do_not_call": isTrue(s.l.DoNotCall), "dnc": isTrue(s.l.Dnc), "same_number_flagged": s.flagged, "imported_flag_lifted": lifted}
		switch {
		case own:
			return "The lead is flagged as do not call.", inputs
		case s.flagged && lifted:
			return "Somebody with this number asked on a call not to be called, which no setting lifts.", inputs
		case s.flagged:
			return "A lead of the business with the same number is flagged as do not call.", inputs
		}
		return "No do-not-call flag is on the lead or its number.", inputs
	}
}

func (s *subject) judgeSuppressed() (bool, why) {
	return !s.suppressed, func() (string, map[string]any) {
		if s.suppressed {
			return "The number is on a suppression list.", nil
		}
		return "The number is on no suppression list.", nil
	}
}

func (s *subject) judgeAttempts() (bool, why) {
	made, most := s.l.made(), s.c.maxAttempts(s.l)
	return made < most, func() (string, map[string]any) {
		inputs := map[string]any{"attempts": made, "max_attempts": most}
		if made < most {
			return fmt.Sprintf("%d of %d attempts were made.", made, most), inputs
		}
		return fmt.Sprintf("All attempts were made: %d of %d.", made, most), inputs
	}
}

func (s *subject) judgeRetry() (bool, why) {
	due := s.c.dueAt(s.l)
	ok := !due.After(s.now)
	return ok, func() (string, map[string]any) {
		inputs := map[string]any{"last_attempt_at": s.l.LastAttemptAt, "next_attempt_at": s.l.NextAttemptAt,
			"retry_logic": s.c.RetryLogic, "understood": s.c.Retry.String()}
		if s.l.LastCall != "" {
			inputs["last_call"] = s.l.LastCall
		}
		if ok {
			return "The lead is due.", inputs
		}
		inputs["due_at"] = due.UTC().Format(time.RFC3339)
		return "The lead is due at " + due.UTC().Format(time.RFC3339) + ".", inputs
	}
}

func (s *subject) judgeZone() (bool, why) {
	loc := s.l.place()
	return len(loc.Zones) > 0, func() (string, map[string]any) {
		return sentence(loc.Reason()), map[string]any{"zones": orEmpty(loc.Zones), "states": orEmpty(loc.States), "evidence": loc.Sources(),
			"findings": loc.Evidence, "notes": orEmpty(loc.Notes), "unlock": orEmpty(loc.Unlock)}
	}
}

func (s *subject) judgeWindow() (bool, why) {
	loc := s.l.place()
	v := s.window
	if v == nil {
		judged := calltime.Judge(s.now, loc.Place, s.c.Rules())
		v = &judged
	}
	return v.Open, func() (string, map[string]any) {
		inputs := map[string]any{"zones": orEmpty(loc.Zones), "states": orEmpty(loc.States), "evidence": loc.Sources(),
			"clocks": v.Clocks, "pack": v.Pack, "opens": nil, "closes": nil}
		if !v.Opens.IsZero() {
			inputs["opens"], inputs["closes"] = v.Opens.Format(time.RFC3339), v.Closes.Format(time.RFC3339)
		}
		return sentence(v.Reason), inputs
	}
}

func (s *subject) judgeBudget() (bool, why) {
	return !s.m.overBudget, func() (string, map[string]any) {
		inputs := map[string]any{"budget": nil, "spent": s.m.spent}
		switch {
		case s.c.Budget == "":
			return "The campaign has no budget.", inputs
		case s.m.overBudget:
			inputs["budget"] = s.c.Budget
			return "The campaign's recorded cost has reached its budget.", inputs
		}
		inputs["budget"] = s.c.Budget
		return "The campaign's recorded cost is below its budget.", inputs
	}
}

func (s *subject) judgeDailyCap() (bool, why) {
	ok := s.m.used < int64(s.c.DailyCallCap)
	return ok, func() (string, map[string]any) {
		inputs := map[string]any{"daily_call_cap": s.c.DailyCallCap, "used": s.m.used, "day": s.m.day.Format(time.DateOnly), "timezone": s.c.Settings.Timezone.String()}
		if ok {
			return fmt.Sprintf("%d of %d calls count today.", s.m.used, s.c.DailyCallCap), inputs
		}
		return fmt.Sprintf("No call is left today: %d count, %d are allowed.", s.m.used, max(s.c.DailyCallCap, 0)), inputs
	}
}

func (s *subject) judgeConcurrency() (bool, why) {
	ok := s.m.slotFree()
	return ok, func() (string, map[string]any) {
		inputs := map[string]any{"active_calls": s.m.active, "account_limit": nilIfZero(s.m.limits.AccountConcurrent),
			"campaign_active_calls": s.m.campaignActive, "campaign_limit": s.c.MaxConcurrent}
		if ok {
			return "A slot is free.", inputs
		}
		return "No slot is free.", inputs
	}
}

func nilIfZero(n int) any {
	if n <= 0 {
		return nil
	}
	return n
}

func orEmpty(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// sentence gives a clause a capital and a full stop.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	s = strings.ToUpper(s[:1]) + s[1:]
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}

func lastDigits(e164 string) string { return "…" + e164[max(0, len(e164)-2):] }
