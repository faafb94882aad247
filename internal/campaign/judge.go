package campaign

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/calltime"
	"github.com/callhenk/henk-worker/internal/phone"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// judgeVersion is part of the rules' fingerprint: a new version judges every lead again after a deploy.
const judgeVersion = 4

// verdict is what the lead-level rules say of a lead; one row of henk.candidates.
type verdict struct {
	LeadID    uuid.UUID  `json:"lead_id"`
	State     string     `json:"state"`
	Hold      *string    `json:"hold"`
	ZoneSet   *int32     `json:"zone_set"`
	DueAt     *time.Time `json:"due_at"`   // of the lead and of its number
	RetryAt   *time.Time `json:"retry_at"` // of the lead alone
	Rank      int64      `json:"rank"`
	LastAt    *time.Time `json:"last_at"`
	AddedAt   *time.Time `json:"added_at"`
	Phone     *string    `json:"phone"`
	Tail      *string    `json:"tail"`
	Number    int32      `json:"number"`   // of the next attempt
	Inputs    string     `json:"inputs"`   // digest of what the zones came from
	Caps      []int32    `json:"caps"`     // nil = the business's own
	Disclose  *string    `json:"disclose"` // rows of the rule pack, by comma
	Attempted bool       `json:"attempted"`
	Final     bool       `json:"final"`
	Logged    *string    `json:"logged"` // what the log says last of the lead

	place calltime.Place // reduced; no zones = held
}

func (v *verdict) hold(rule string) { v.State, v.Hold, v.ZoneSet = "held", &rule, nil }

// rivals: but for another lead with its number it would be called, or held by a rule that comes after duplicate_phone.
func (v *verdict) rivals() bool {
	return v.State != "held" || *v.Hold == RuleMaxAttempts || *v.Hold == RuleZoneKnown
}

// lead is a lead of the campaign with its facts, its number once parsed.
type lead struct {
	dbsqlc.CandidateClaimDirtyRow
	number    phone.Number
	numberErr error
	tail      string
	c         *Campaign
	located   *calltime.Location
}

func (c *Campaign) parseLead(row dbsqlc.CandidateClaimDirtyRow) lead {
	l := lead{CandidateClaimDirtyRow: row, c: c}
	l.number, l.numberErr = phone.Choose(row.Phone, row.MobilePhone, c.Settings.Countries)
	if l.numberErr == nil {
		l.tail = phone.Tail(l.number.E164)
	}
	return l
}

// place says where the phone may be, weighing all the evidence.
func (l *lead) place() *calltime.Location {
	if l.located == nil {
		e := calltime.Evidence{LeadZone: text(l.Timezone), PostalCode: text(l.PostalCode), State: text(l.State), Country: text(l.Country),
			TrustLeadZone: l.c.Settings.TrustLeadTimezone}
		for _, h := range phone.Hints(l.Phone, l.MobilePhone, l.c.Settings.Countries) {
			e.Numbers = append(e.Numbers, calltime.Hint(h))
		}
		loc := calltime.Locate(e)
		l.located = &loc
	}
	return l.located
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// candidateRules are those that depend on the lead and not on the moment. A lead that is not due yet waits; window, caps,
// budget and slots are judged by each plan.
var candidateRules = leadRules()

func leadRules() (out []rule) {
	for _, r := range rules {
		switch r.name {
		case RuleLeadStatus, RulePhoneValid, RuleDoNotCall, RuleSuppressed, RuleMaxAttempts, RuleZoneKnown:
			out = append(out, r)
		}
	}
	return out
}

// candidate applies the lead-level rules in order; the first that fails holds the lead. What the campaign lacks itself is
// left to the plan, except a disclosure that this lead's states ask for.
func (s *subject) candidate() verdict {
	l, c := s.l, s.c
	m := memberOf(l)
	v := verdict{LeadID: l.LeadID, State: "held", Rank: m.rank, LastAt: l.LastAttemptAt, AddedAt: l.AddedAt,
		Number: 1 + max(l.made(), l.LastNumber), Inputs: l.Inputs, Attempted: m.attempted, Final: m.final}
	if l.numberErr == nil {
		v.Phone, v.Tail = &l.number.E164, &l.tail
	}
	retry := c.dueAt(l)
	due := retry
	v.RetryAt, v.DueAt = &retry, &due
	asked := c.disclosures(l, s.now)
	if len(asked) > 0 && blank(c.DisclosureLine) {
		v.hold(RuleAgentReady)
		return v
	}
	for _, r := range candidateRules {
		if ok, _ := r.judge(s); !ok {
			v.hold(r.name)
			return v
		}
	}
	loc := l.place()
	v.place = c.Rules().Reduce(loc.Place)
	limits := c.limits(loc.States, s.now)
	if caps := packed(limits); !slices.Equal(caps, packed(c.limits(nil, s.now))) {
		v.Caps = caps
	}
	if len(asked) > 0 {
		ids := make([]string, len(asked))
		for i, r := range asked {
			ids[i] = r.ID
		}
		joined := strings.Join(ids, ",")
		v.Disclose = &joined
	}
	due = later(due, freeAt(s.rings, limits, s.now, 0))
	v.State = "waiting"
	if !due.After(s.now) {
		v.State = "ready"
	}
	return v
}

// disclosures are what the rule pack asks to be said where the phone may be.
func (c *Campaign) disclosures(l *lead, now time.Time) []calltime.Row {
	rows := c.rulePack().Disclosures(l.place().States, now)
	return slices.DeleteFunc(rows, func(r calltime.Row) bool { return slices.Contains(c.Settings.StatePackExempt, r.State) })
}

// liftsImportedFlag: exclude_dnc off lifts a flag that was imported, where the business allows it, and never an
// opt-out that was heard.
func (c *Campaign) liftsImportedFlag() bool {
	return !c.ExcludeDnc && c.Settings.ExcludeDNCMayBeOff
}

func (c *Campaign) maxAttempts(l *lead) int32 {
	if l.LeadListID != nil {
		if n, ok := c.Overrides[*l.LeadListID]; ok {
			return n
		}
	}
	return c.MaxAttempts
}

// made counts attempts: what the app counted, or those that rang or may have, whichever is more.
func (l *lead) made() int32 {
	var counted int32
	if l.Attempts != nil {
		counted = *l.Attempts
	}
	return max(counted, l.Rang)
}

// dueAt is the first instant the retry interval allows. Attempts that ended without a ring cost the lead nothing, but
// each within the last hour doubles a short pause, so that a lead whose reservations keep failing cannot spin.
func (c *Campaign) dueAt(l *lead) time.Time {
	due := time.Unix(0, 0).UTC()
	switch {
	case l.NextAttemptAt != nil:
		due = *l.NextAttemptAt
	case l.LastAttemptAt != nil:
		due = l.LastAttemptAt.Add(c.Retry.After(l.LastCall))
	}
	if l.Voided > 0 {
		pause := min(time.Second<<min(l.Voided-1, 10), 5*time.Minute)
		if after := l.LastVoidedAt.Add(pause); after.After(due) {
			due = after
		}
	}
	return due
}

// rank packs the first keys of the order into one number, smaller first: call-backs, then quality hot, warm, cold,
// everything else, then lead_score descending with none last. (A call-back that is not due is not called, so it may stand
// first all the same; among leads with one number it goes before the others.)
func rank(l *lead) int64 {
	callback := int64(1)
	if l.NextAttemptAt != nil {
		callback = 0
	}
	quality := int64(3)
	if l.QualityRating != nil {
		if i := slices.Index([]string{"hot", "warm", "cold"}, strings.ToLower(strings.TrimSpace(*l.QualityRating))); i >= 0 {
			quality = int64(i)
		}
	}
	score := int64(1) << 32
	if l.LeadScore != nil {
		score = math.MaxInt32 - int64(*l.LeadScore)
	}
	return callback<<40 | quality<<36 | score
}

func final(status *string) bool { return status != nil && slices.Contains(FinalStatuses, *status) }

func isTrue(b *bool) bool { return b != nil && *b }
