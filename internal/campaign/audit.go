package campaign

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/calltime"
	"github.com/callhenk/henk-worker/internal/phone"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// AuditOptions say which attempts are judged, and by what.
type AuditOptions struct {
	Since      time.Time      // attempts dialed from then on
	CampaignID *uuid.UUID     // nil: of all campaigns
	Pack       *calltime.Pack // nil: the program's own
	Progress   func(done, all int64)
}

// Refused is an attempt that rang, or may have, and would not have been dialed.
type Refused struct {
	AttemptID  uuid.UUID `json:"attempt_id"`
	CampaignID uuid.UUID `json:"campaign_id"`
	LeadID     uuid.UUID `json:"lead_id"`
	DialingAt  time.Time `json:"dialing_at"`
	Pack       string    `json:"rule_pack"` // by which it was reserved; "" where that is not known
	Failing    []Hold    `json:"failing"`   // in the order of the rules
}

// AuditReport sums up an audit.
type AuditReport struct {
	Judged  int64            `json:"judged"`
	Refused int64            `json:"refused"`
	ByRule  map[string]int64 `json:"by_rule"` // first failing rule
}

// auditBatch attempts are read at a time.
const auditBatch = 1000

// Audit judges every past attempt at the instant at which it was dialed by another rule pack and by what is known today of
// where the phone is and of who is suppressed, and hands over those that would have been refused, in the order in which they were reserved. What a
// pack and such data decide is judged: agent_ready (disclosures), suppressed, zone_known, call_window and rolling_cap. The
// campaign's own settings are those the call was decided by, where the log has them, else today's. It changes nothing and
// holds no more than a batch in memory.
func Audit(ctx context.Context, db *store.DB, o AuditOptions, refused func(Refused) error) (AuditReport, error) {
	report := AuditReport{ByRule: map[string]int64{}}
	q := dbsqlc.New()
	all, err := q.AuditCount(ctx, db, dbsqlc.AuditCountParams{Since: o.Since, CampaignID: o.CampaignID})
	if err != nil {
		return report, fmt.Errorf("counting attempts: %w", err)
	}
	a := &auditor{o: o, db: db, settings: newReplayer(db), now: map[uuid.UUID]*Campaign{}}
	after := uuid.Nil
	for {
		page, err := q.AuditPage(ctx, db, dbsqlc.AuditPageParams{Since: o.Since, After: after, CampaignID: o.CampaignID, Count: auditBatch})
		if err != nil {
			return report, fmt.Errorf("reading attempts: %w", err)
		}
		found, err := a.judge(ctx, page)
		if err != nil {
			return report, err
		}
		for _, r := range found {
			report.Refused++
			report.ByRule[r.Failing[0].Rule]++
			if err := refused(r); err != nil {
				return report, err
			}
		}
		report.Judged += int64(len(page))
		if o.Progress != nil {
			o.Progress(report.Judged, all)
		}
		if len(page) < auditBatch {
			return report, nil
		}
		after = page[len(page)-1].ID
	}
}

// auditor judges pages of attempts.
type auditor struct {
	o        AuditOptions
	db       *store.DB
	settings *replayer
	now      map[uuid.UUID]*Campaign // as they are today
}

// campaign is the one of an attempt, with the settings it was decided by, to be judged by the other pack.
func (a *auditor) campaign(ctx context.Context, row *dbsqlc.AuditPageRow) (*Campaign, error) {
	if row.Settings != "" {
		c, err := a.settings.campaign(ctx, row.CampaignID, row.Settings)
		if err == nil {
			c.pack = a.o.Pack
			return c.Campaign, nil
		}
		if !errors.Is(err, errNoReplay) {
			return nil, err
		}
	}
	c, ok := a.now[row.CampaignID]
	if !ok {
		var err error
		if c, err = Load(ctx, a.db, row.CampaignID); err != nil {
			return nil, err
		}
		c.pack = a.o.Pack
		a.now[row.CampaignID] = c
	}
	return c, nil
}

// judge judges a page.
func (a *auditor) judge(ctx context.Context, page []dbsqlc.AuditPageRow) ([]Refused, error) {
	known, err := a.lookUp(ctx, page)
	if err != nil {
		return nil, err
	}
	var out []Refused
	for i := range page {
		row := &page[i]
		c, err := a.campaign(ctx, row)
		if err != nil {
			return nil, err
		}
		if failing := judgePast(c, row, known); len(failing) > 0 {
			out = append(out, Refused{AttemptID: row.ID, CampaignID: row.CampaignID, LeadID: row.LeadID, DialingAt: row.DialingAt.UTC(),
				Pack: row.RulePack, Failing: failing})
		}
	}
	return out, nil
}

// judgePast judges one attempt by the rules that a pack, the place and the lists decide.
func judgePast(c *Campaign, row *dbsqlc.AuditPageRow, known *pastNumbers) (failing []Hold) {
	l := lead{c: c}
	l.Phone, l.MobilePhone, l.Timezone, l.PostalCode, l.State, l.Country = row.Phone, row.MobilePhone, row.Timezone, row.PostalCode, row.State, row.Country
	if phone.Tail(text(l.Phone)) != row.Tail && phone.Tail(text(l.MobilePhone)) != row.Tail {
		l.Phone, l.MobilePhone = &row.PhoneNumber, nil // the lead is gone, or has another number by now
	}
	s := &subject{c: c, l: &l, now: row.DialingAt, rings: known.before(row)}
	add := func(rule, reason string) { failing = append(failing, Hold{rule, reason}) }
	if ok, say := s.judgeAgentDisclosure(); !ok {
		add(RuleAgentReady, say)
	}
	if why := known.suppressed(row); why != "" {
		add(RuleSuppressed, why)
	}
	if ok, say := s.judgeZone(); !ok {
		reason, _ := say()
		add(RuleZoneKnown, reason)
	} else if ok, say := s.judgeWindow(); !ok {
		reason, _ := say()
		add(RuleCallWindow, reason)
	}
	if ok, say := s.judgeCap(); !ok {
		reason, _ := say()
		add(RuleRollingCap, reason)
	}
	return failing
}

// judgeAgentDisclosure: what the pack asks to be said, and whether the campaign has a line for it.
func (s *subject) judgeAgentDisclosure() (bool, string) {
	asked := s.c.disclosures(s.l, s.now)
	if len(asked) == 0 || !blank(s.c.DisclosureLine) {
		return true, ""
	}
	return false, "A disclosure is required where the phone may be (" + asked[0].ID + ") and the campaign had no disclosure_line."
}
