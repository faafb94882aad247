package conversation

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/outcome"
)

// finalStatuses are those of campaign_leads and leads after which nobody is called again, as package campaign has them
// (a test compares the two).
var finalStatuses = []string{"pledged", "donated", "not_interested", "do_not_call", "wrong_number", "unreachable",
	"failed", "converted", "completed"}

// Pauses after a call that reached nobody, where the campaign's retry_logic names no interval of its own.
const (
	retryBusy     = 30 * time.Minute
	retryNoAnswer = 2 * time.Hour
)

// leadStatus is the campaign_leads.status that an outcome leads to. A call that reached nobody, or decided nothing,
// leaves the lead callable: in campaign_leads, "failed" would end it.
func leadStatus(effective string) string {
	switch outcome.Outcome(effective) {
	case outcome.Pledged, outcome.Donated, outcome.Interested, outcome.NotInterested, outcome.DoNotCall, outcome.WrongNumber:
		return effective
	}
	return "contacted"
}

// personStatus is the leads.status that goes with a campaign_leads.status; leads knows no do_not_call (it has flags) and
// no wrong_number (the number is at fault, not the person).
func personStatus(status string) string {
	switch outcome.Outcome(status) {
	case outcome.DoNotCall, outcome.WrongNumber:
		return "contacted"
	}
	return status
}

// consequences says what the call means for the lead.
func (c *change) consequences(t times) {
	r, row := &c.reading, c.row
	effective := r.effective()
	status := leadStatus(effective)
	m := &memberRow{
		CampaignID: row.CampaignID, LeadID: row.LeadID, DialedAt: row.StartedAt, Final: true, Status: status,
		HadStatus: row.LeadStatus, HadOutcome: row.WrittenOutcome, HadPledged: orNil(row.Pledged), HadDonated: orNil(row.Donated),
		HadNext: row.NextAttemptAt,
	}
	if row.DialingAt != nil {
		m.DialedAt = *row.DialingAt
	}
	if isOutcome(effective) {
		m.Outcome = &effective
	}
	if t.ended {
		m.EndedAt, m.Duration, m.Talk = &t.end, &t.seconds, t.seconds-row.TalkSeconds
	}
	m.NextAttempt = nextAttempt(r, row.RetryLogic, t)
	amount := dollars(r.AmountCents)
	switch {
	case r.human != "":
		m.Pledged, m.Donated = m.HadPledged, m.HadDonated // the person who knows the outcome knows the amount
	case r.Outcome == outcome.Pledged:
		m.Pledged = amount
	case r.Outcome == outcome.Donated:
		m.Donated = amount
	}
	c.member = m
	c.log.Pledged, c.log.Donated, c.log.HadPledged, c.log.HadDonated = m.Pledged, m.Donated, m.HadPledged, m.HadDonated
	c.detail.LeadStatus, c.detail.NextAttemptAt, c.detail.Pledged, c.detail.Donated = &status, m.NextAttempt, m.Pledged, m.Donated

	c.lead = &leadRow{LeadID: row.LeadID}
	if status != "contacted" || r.status == statusCompleted || r.status == statusVoicemail {
		c.lead.Status = orNil(personStatus(status))
	}
	if row.LeadStatus != nil {
		c.lead.HadStatus = orNil(personStatus(*row.LeadStatus))
	}
	if c.closed && t.ended {
		c.lead.ActivityAt = &t.end
	}
}

// nextAttempt is when to call again, where the call itself says so; nil leaves it to the campaign's interval. A
// next_attempt_at overrides that interval, so an interval that the campaign names is not second-guessed.
func nextAttempt(r *reading, retryLogic string, t times) *time.Time {
	switch {
	case r.effective() == string(outcome.CallbackRequested) && r.CallbackAt != nil:
		return callbackOf(*r.CallbackAt)
	case !t.ended || r.effective() != string(outcome.Unknown) || namesInterval(retryLogic):
		return nil
	case r.status == statusBusy:
		return callbackOf(t.end.Add(retryBusy))
	case r.status == statusNoAnswer:
		return callbackOf(t.end.Add(retryNoAnswer))
	}
	return nil
}

// interval is what package campaign reads an interval from.
var interval = regexp.MustCompile(`(\d{1,9})\s*-?\s*(minute|min|hour|hr|day)s?\b`)

func namesInterval(retryLogic string) bool {
	for _, m := range interval.FindAllStringSubmatch(strings.ToLower(retryLogic), -1) {
		if n, err := strconv.Atoi(m[1]); err == nil && n > 0 {
			return true
		}
	}
	return false
}

// maxCents is what numeric(10,2) holds.
const maxCents = 99_999_999_99

// dollars spells cents for a numeric column; nil for none, for nothing, and for what no donor can mean.
func dollars(cents *int64) *string {
	if cents == nil || *cents <= 0 || *cents > maxCents {
		return nil
	}
	text := strconv.FormatInt(*cents/100, 10) + "." + strconv.FormatInt(*cents%100/10, 10) + strconv.FormatInt(*cents%10, 10)
	return &text
}

// stopEvidence is the evidence of a suppression: where it was said and how.
type stopEvidence struct {
	ConversationID uuid.UUID          `json:"conversation_id"`
	Outcome        string             `json:"outcome"`
	Evidence       []outcome.Evidence `json:"evidence,omitempty"`
}
