package campaign

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// LoggedDecision is a row of the decision log.
type LoggedDecision struct {
	At           time.Time       `json:"at"`
	About        string          `json:"about"`   // lead, place (all leads of its zones and states) or campaign (all its leads)
	Verdict      string          `json:"verdict"` // call, hold, free
	FirstFailing *string         `json:"first_failing"`
	Failing      []string        `json:"failing"`
	AttemptID    *uuid.UUID      `json:"attempt_id,omitempty"`
	RulePack     string          `json:"rule_pack"`
	Inputs       json.RawMessage `json:"inputs,omitempty"`
}

// Logged is what the decision log says of a lead up to an instant.
type Logged struct {
	// Agrees: the latest decision about the lead, judged again with its inputs, comes out the same, and the rules of the
	// lead's own say the same now. Nil where there is nothing to compare; Note says why.
	Agrees    *bool            `json:"agrees"`
	Note      string           `json:"note"`
	Decisions []LoggedDecision `json:"decisions"` // the latest first
}

const (
	shownDecisions = 10
	aboutLead      = "lead"
	aboutPlace     = "place"
	aboutCampaign  = "campaign"
)

// logged reads what the log says and holds it against the explanation.
func (c *Campaign) logged(ctx context.Context, tx pgx.Tx, e *Explanation) (Logged, error) {
	out := Logged{Decisions: []LoggedDecision{}}
	q := dbsqlc.New()
	rows, err := q.DecisionsOfLead(ctx, tx, dbsqlc.DecisionsOfLeadParams{LeadID: e.LeadID, CampaignID: c.ID, At: e.At, Count: shownDecisions})
	if err != nil {
		return out, fmt.Errorf("reading the decision log: %w", err)
	}
	candidate, err := q.DecisionCandidate(ctx, tx, dbsqlc.DecisionCandidateParams{CampaignID: c.ID, LeadID: e.LeadID})
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return out, fmt.Errorf("reading how the lead was judged: %w", err)
	}
	wide, err := q.DecisionsOfCampaign(ctx, tx, dbsqlc.DecisionsOfCampaignParams{CampaignID: c.ID, At: e.At, ZoneSet: candidate.ZoneSet})
	if err != nil {
		return out, fmt.Errorf("reading the decision log: %w", err)
	}
	for _, d := range rows {
		out.Decisions = append(out.Decisions, LoggedDecision{At: d.At.UTC(), About: aboutLead, Verdict: d.Verdict, FirstFailing: orNone(d.FirstFailing),
			Failing: d.Failing, AttemptID: d.AttemptID, RulePack: d.RulePack, Inputs: d.Inputs})
	}
	for _, d := range wide {
		about := aboutCampaign
		if d.ZoneSet != nil {
			about = aboutPlace
		}
		out.Decisions = append(out.Decisions, LoggedDecision{At: d.At.UTC(), About: about, Verdict: d.Verdict, FirstFailing: orNone(d.FirstFailing),
			Failing: orEmpty(one(d.FirstFailing)), RulePack: d.RulePack, Inputs: d.Inputs})
	}
	slices.SortStableFunc(out.Decisions, func(a, b LoggedDecision) int { return b.At.Compare(a.At) })
	out.Agrees, out.Note, err = c.compare(ctx, tx, e, rows, candidate)
	return out, err
}

func orNone(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// compare judges the latest decision again, and holds it against the rules as they see the lead now.
func (c *Campaign) compare(ctx context.Context, tx pgx.Tx, e *Explanation, rows []dbsqlc.DecisionsOfLeadRow, candidate dbsqlc.DecisionCandidateRow) (*bool, string, error) {
	no := false
	if len(rows) > 0 && rows[0].Verdict != verdictCall {
		d := rows[0]
		failing, err := newReplayer(tx).judge(ctx, dbsqlc.DecisionSampleRow{ID: d.ID, At: d.At, CampaignID: c.ID, LeadID: e.LeadID, Verdict: d.Verdict,
			FirstFailing: d.FirstFailing, Failing: d.Failing, Inputs: d.Inputs, Settings: d.Settings, RulePack: d.RulePack}, nil)
		switch {
		case errors.Is(err, errNoReplay):
		case err != nil:
			return nil, "", err
		case !agrees(dbsqlc.DecisionSampleRow{Verdict: d.Verdict, FirstFailing: d.FirstFailing, Failing: d.Failing}, failing):
			return &no, "The latest decision, judged again with its inputs, comes out otherwise.", nil
		}
	}
	switch {
	case candidate.State == "":
		return nil, "No plan has judged the lead yet.", nil
	case candidate.State == "dirty":
		return nil, "The lead has changed since it was judged; the next plan judges it anew.", nil
	case c.RulesFingerprint == nil || *c.RulesFingerprint != c.fingerprint(e.At):
		return nil, "The campaign's rules have changed since it was judged; the next plan judges it anew.", nil
	}
	agrees, note := compareNow(e, candidate)
	return agrees, note, nil
}

// compareNow holds what the log says last of the lead against the explanation. A rule that depends on the time may have
// passed since, and a suppression that was added or lifted is seen by the next plan that comes to the lead.
func compareNow(e *Explanation, candidate dbsqlc.DecisionCandidateRow) (*bool, string) {
	yes, no := true, false
	failing := map[string]bool{}
	for _, v := range e.Rules {
		failing[v.Rule] = !v.OK
	}
	calling := candidate.State == "ready" && failing[RuleLeadStatus] // its attempt is in progress: the log says call
	switch said := candidate.Logged; {
	case failing[RuleSuppressed] != (candidate.Hold == RuleSuppressed) && (said == RuleSuppressed || !never(said)):
		return nil, "The number was suppressed, or is not any more, since the lead was judged."
	case said == "" || said == verdictFree || said == verdictCall || timely(said):
		for _, rule := range []string{RulePhoneValid, RuleDoNotCall, RuleMaxAttempts, RuleZoneKnown, RuleLeadStatus} {
			if failing[rule] && !timely(said) && !(rule == RuleLeadStatus && calling) && candidate.Hold != rule {
				return &no, "The log has nothing of " + rule + ", which holds the lead now."
			}
		}
	case !failing[said]:
		return &no, "The log says " + said + ", which does not hold the lead now."
	}
	return &yes, "The latest decision, judged again, comes out the same."
}
