package campaign

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/calltime"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// Verdicts of the decision log, henk.decisions.
const (
	verdictCall = "call" // an attempt was reserved
	verdictHold = "hold"
	verdictFree = "free" // no rule of the lead's own holds it
)

// decision is a row of the log.
type decision struct {
	at      time.Time
	lead    *uuid.UUID // nil: it is about the zone set, or about all leads of the campaign
	zoneSet *int32
	first   string // the rule that holds, "" = free
	failing []string
	inputs  any
}

// ownRules are the rules of a lead's own, in order. The log follows these for each lead; what holds a campaign or a zone
// set as a whole is logged once for all.
var ownRules = func() (out []rule) {
	for _, r := range rules {
		switch r.name {
		case RuleAgentReady:
			out = append(out, rule{r.name, (*subject).judgeDisclosure})
		case RuleDuplicatePhone:
			out = append(out, rule{r.name, (*subject).judgeYields})
		case RuleLeadStatus, RulePhoneValid, RuleDoNotCall, RuleSuppressed, RuleMaxAttempts, RuleRetryInterval, RuleZoneKnown, RuleRollingCap:
			out = append(out, r)
		}
	}
	return out
}()

// judgeDisclosure is the part of agent_ready that depends on the lead.
func (s *subject) judgeDisclosure() (bool, why) {
	return !blank(s.c.DisclosureLine) || len(s.c.disclosures(s.l, s.now)) == 0, nil
}

// judgeYields is the part of duplicate_phone that lasts: another lead goes first.
func (s *subject) judgeYields() (bool, why) {
	return !s.c.DedupeByPhone || s.l.numberErr != nil || memberOf(s.l).yieldsTo(s.sameNumber) == nil, nil
}

// ownFailing are the rules of the lead's own that hold it, in order.
func (s *subject) ownFailing() []string {
	failing := []string{}
	for _, r := range ownRules {
		if ok, _ := r.judge(s); !ok {
			failing = append(failing, r.name)
		}
	}
	return failing
}

// note compares a lead's judgement with what the log says of it last, and returns the row to be written, if any. That a
// lead was always free is not worth one.
func (s *subject) note(v *verdict) (d decision, changed bool) {
	failing := s.ownFailing()
	first, says := "", verdictFree
	if len(failing) > 0 {
		first, says = failing[0], failing[0]
	}
	if s.l.Logged != "" {
		v.Logged = &s.l.Logged
	}
	if says == s.l.Logged || (says == verdictFree && s.l.Logged == "") {
		return decision{}, false
	}
	v.Logged = &says
	return decision{at: s.now, lead: &s.l.LeadID, zoneSet: v.ZoneSet, first: first, failing: failing, inputs: s.facts()}, true
}

// log writes decisions in one COPY, with the settings they were made by.
func (c *Campaign) log(ctx context.Context, tx pgx.Tx, rows []decision) error {
	if len(rows) == 0 {
		return nil
	}
	digest, err := c.keepSettings(ctx, tx)
	if err != nil {
		return err
	}
	pack := c.rulePack().Version
	_, err = tx.CopyFrom(ctx, pgx.Identifier{"henk", "decisions"},
		[]string{"at", "campaign_id", "lead_id", "zone_set", "verdict", "first_failing", "failing", "inputs", "settings", "rule_pack"},
		pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
			d := &rows[i]
			inputs, err := json.Marshal(d.inputs)
			if err != nil {
				return nil, fmt.Errorf("encoding the inputs of a decision: %w", err)
			}
			says, first, failing := verdictFree, (*string)(nil), d.failing
			if d.first != "" {
				says, first = verdictHold, &d.first
			}
			if failing == nil {
				failing = []string{}
			}
			return []any{d.at, c.ID, d.lead, d.zoneSet, says, first, failing, inputs, digest, pack}, nil
		}))
	if err != nil {
		return fmt.Errorf("writing the decision log: %w", err)
	}
	return nil
}

// settingsRecord is what decisions took from the campaign and its business, so that they can be judged again.
type settingsRecord struct {
	Version     int                 `json:"version"` // of the rules in the program
	BusinessID  uuid.UUID           `json:"business_id"`
	MaxAttempts int32               `json:"max_attempts"`
	Overrides   map[uuid.UUID]int32 `json:"max_attempts_overrides,omitempty"`
	RetryLogic  string              `json:"retry_logic"`
	ExcludeDNC  bool                `json:"exclude_dnc"`
	Dedupe      bool                `json:"dedupe_by_phone"`
	Disclosure  bool                `json:"disclosure_line"` // whether there is one
	WindowStart string              `json:"call_window_start,omitempty"`
	WindowEnd   string              `json:"call_window_end,omitempty"`
	Calling     json.RawMessage     `json:"calling,omitempty"`
}

// settingsRecord returns the campaign's and a digest that names it.
func (c *Campaign) settingsRecord() (digest string, record []byte, err error) {
	r := settingsRecord{Version: judgeVersion, BusinessID: c.BusinessID, MaxAttempts: c.MaxAttempts, Overrides: c.Overrides, RetryLogic: c.RetryLogic,
		ExcludeDNC: c.ExcludeDnc, Dedupe: c.DedupeByPhone, Disclosure: !blank(c.DisclosureLine), WindowStart: c.CallWindowStart,
		WindowEnd: c.CallWindowEnd, Calling: c.Calling}
	record, err = json.Marshal(r)
	if err != nil {
		return "", nil, fmt.Errorf("encoding the campaign's settings: %w", err)
	}
	sum := sha256.Sum256(record)
	return hex.EncodeToString(sum[:16]), record, nil
}

// keepSettings stores the settings unless they are there already, and returns the digest that decisions refer to.
func (c *Campaign) keepSettings(ctx context.Context, tx pgx.Tx) (string, error) {
	digest, record, err := c.settingsRecord()
	if err != nil {
		return "", err
	}
	err = dbsqlc.New().DecisionSettingsKeep(ctx, tx, dbsqlc.DecisionSettingsKeepParams{CampaignID: c.ID, Digest: digest, Settings: record})
	if err != nil {
		return "", fmt.Errorf("keeping the settings of decisions: %w", err)
	}
	return digest, nil
}

// restore is a campaign with the settings that decisions were made by, and the version of the program's rules.
func restore(id uuid.UUID, record []byte) (*Campaign, int, error) {
	var r settingsRecord
	if err := json.Unmarshal(record, &r); err != nil {
		return nil, 0, fmt.Errorf("reading the settings of a decision: %w", err)
	}
	c := &Campaign{Overrides: r.Overrides}
	c.ID, c.BusinessID, c.MaxAttempts, c.RetryLogic, c.ExcludeDnc, c.DedupeByPhone = id, r.BusinessID, r.MaxAttempts, r.RetryLogic, r.ExcludeDNC, r.Dedupe
	c.CallWindowStart, c.CallWindowEnd, c.Calling = r.WindowStart, r.WindowEnd, r.Calling
	if r.Disclosure {
		line := "as it was"
		c.DisclosureLine = &line
	}
	c.read()
	return c, r.Version, nil
}

// rulePack is the pack that the campaign is judged by.
func (c *Campaign) rulePack() *calltime.Pack {
	if c.pack != nil {
		return c.pack
	}
	return calltime.CurrentPack()
}
