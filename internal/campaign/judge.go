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
const judgeVersion = 1

// verdict is what the lead-level rules say of a lead; one row of henk.candidates.
type verdict struct {
	LeadID  uuid.UUID  `json:"lead_id"`
	State   string     `json:"state"`
	Hold    *string    `json:"hold"`
	ZoneSet *int32     `json:"zone_set"`
	DueAt   *time.Time `json:"due_at"`
	Rank    int64      `json:"rank"`
	LastAt  *time.Time `json:"last_at"`
	AddedAt *time.Time `json:"added_at"`
	Phone   *string    `json:"phone"`
	Tail    *string    `json:"tail"`
	Number  int32      `json:"number"` // of the next attempt
	Inputs  string     `json:"inputs"` // digest of what the zones came from

	zones []string
}

// lead is a lead of the campaign with its facts, its number once parsed.
type lead struct {
	dbsqlc.CandidateClaimDirtyRow
	number    phone.Number
	numberErr error
	tail      string
}

func (c *Campaign) parseLead(row dbsqlc.CandidateClaimDirtyRow) lead {
	l := lead{CandidateClaimDirtyRow: row}
	l.number, l.numberErr = phone.Choose(row.Phone, row.MobilePhone, c.Settings.Countries)
	if l.numberErr == nil {
		l.tail = phone.Tail(l.number.E164)
	}
	return l
}

// judge applies the lead-level rules in order; the first that fails holds the lead.
func (c *Campaign) judge(l lead, flaggedTails, suppressed map[string]bool, now time.Time) verdict {
	v := verdict{LeadID: l.LeadID, State: "held", Rank: rank(l), LastAt: l.LastAttemptAt, AddedAt: l.AddedAt,
		Number: 1 + max(l.made(), l.LastNumber), Inputs: l.Inputs}
	if l.numberErr == nil {
		v.Phone, v.Tail = &l.number.E164, &l.tail
	}
	due := c.dueAt(l)
	v.DueAt = &due
	if rule := c.firstFailing(l, flaggedTails, suppressed); rule != "" {
		v.Hold = &rule
		return v
	}
	if v.zones = zonesOf(l); len(v.zones) == 0 {
		rule := RuleZoneKnown
		v.Hold = &rule
		return v
	}
	v.State = "waiting"
	if !due.After(now) {
		v.State = "ready"
	}
	return v
}

func (c *Campaign) firstFailing(l lead, flaggedTails, suppressed map[string]bool) string {
	imported := isTrue(l.DoNotCall) && !c.liftsImportedFlag()
	switch {
	case l.LeadBusinessID == nil || *l.LeadBusinessID != c.BusinessID || l.InProgress > 0 ||
		final(l.Status) || final(l.Outcome) || final(l.LeadStatus):
		return RuleLeadStatus
	case l.numberErr != nil:
		return RulePhoneValid
	case isTrue(l.Dnc) || imported || flaggedTails[l.tail]:
		return RuleDoNotCall
	case suppressed[l.number.E164]:
		return RuleSuppressed
	case l.made() >= c.maxAttempts(l):
		return RuleMaxAttempts
	}
	return ""
}

// liftsImportedFlag: exclude_dnc off lifts a flag that was imported, where the business allows it, and never an
// opt-out that was heard.
func (c *Campaign) liftsImportedFlag() bool {
	return !c.ExcludeDnc && c.Settings.ExcludeDNCMayBeOff
}

func (c *Campaign) maxAttempts(l lead) int32 {
	if l.LeadListID != nil {
		if n, ok := c.Overrides[*l.LeadListID]; ok {
			return n
		}
	}
	return c.MaxAttempts
}

// made counts attempts: what the app counted, or those that rang or may have, whichever is more.
func (l lead) made() int32 {
	var counted int32
	if l.Attempts != nil {
		counted = *l.Attempts
	}
	return max(counted, l.Rang)
}

// dueAt is the first instant the retry interval allows. Attempts that ended without a ring cost the lead nothing, but
// each within the last hour doubles a short pause, so that a lead whose reservations keep failing cannot spin.
func (c *Campaign) dueAt(l lead) time.Time {
	due := time.Unix(0, 0).UTC()
	switch {
	case l.NextAttemptAt != nil:
		due = *l.NextAttemptAt
	case l.LastAttemptAt != nil:
		due = l.LastAttemptAt.Add(c.RetryInterval)
	}
	if l.Voided > 0 {
		pause := min(time.Second<<min(l.Voided-1, 10), 5*time.Minute)
		if after := l.LastVoidedAt.Add(pause); after.After(due) {
			due = after
		}
	}
	return due
}

// zonesOf says where the phone may be: the lead's own time zone where it is a usable one, else every zone its number
// may be in.
func zonesOf(l lead) []string {
	if l.Timezone != nil {
		if zone, ok, _ := calltime.LeadZone(*l.Timezone); ok {
			return []string{zone}
		}
	}
	return phone.Zones(l.number)
}

// rank packs the first keys of the order into one number, smaller first: due call-backs, then quality hot, warm, cold,
// everything else, then lead_score descending with none last.
func rank(l lead) int64 {
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
