package conversation

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/outcome"
)

// Why a conversation was closed without the provider's last word; henk.conversation_outcomes.closed_because.
const (
	becauseMissing       = "missing"        // the provider does not know it
	becauseDeleted       = "deleted"        // the provider has forgotten it; our own events are what is left
	becauseNeverAnswered = "never_answered" // still "initiated" when no phone rings any more
	becauseNeverEnded    = "never_ended"    // still open when no call lasts any more
)

// change is what a sighting means for the database. It is decided without looking anything up.
type change struct {
	row    *facts
	place  int // in the list of sightings
	result Result
	write  bool
	// together: if a write fails, the conversation is written again alone, so it need not be careful.
	together bool

	events  *eventChange
	reading reading
	conv    conversationRow
	log     callLogRow
	detail  outcomeRow
	member  *memberRow // nil while the call runs
	lead    *leadRow
	attempt string // call_attempts.result, "" leaves it

	closed, archive, writeBack bool
}

// reading is what an ended call comes to.
type reading struct {
	outcome.Result
	status  string // of the conversation
	human   string // what a person entered, which stays
	because string // see becauseMissing and its like; "" = the provider's last word
}

// effective is the outcome that counts: a person's entry, else ours.
func (r *reading) effective() string {
	if r.human != "" {
		return r.human
	}
	return string(r.Outcome)
}

func (s *Syncer) read(row *facts, g sighting, words []word, now time.Time) (*change, error) {
	c := &change{row: row, detail: detailOf(row), conv: conversationRow{ID: row.ID}}
	c.result.Outcome = deref(row.Outcome)
	switch {
	case g.missing:
		s.readMissing(c, words, now)
	case g.body == nil:
		s.readFailure(c, g.failure, g.at)
	default:
		if err := belongs(row, g.body); err != nil {
			return nil, err
		}
		s.readBody(c, g.body, now)
	}
	return c, nil
}

// belongs refuses a body of another conversation. The id alone should do; the rest guards against an id that was
// entered or matched wrongly, because what a call says stops calls to a person.
func belongs(row *facts, b *elevenlabs.Conversation) error {
	if b.ConversationID != row.ProviderID {
		return fmt.Errorf("%w: its id differs", ErrForeign)
	}
	agent := row.ProviderAgentID // as it was when the call was placed
	if agent == nil {
		agent = row.ElevenlabsAgentID
	}
	if agent != nil && *agent != "" && *agent != b.AgentID {
		return fmt.Errorf("%w: it is another agent's", ErrForeign)
	}
	for name, ours := range map[string]*uuid.UUID{"attempt_id": row.AttemptID, "campaign_id": &row.CampaignID, "lead_id": &row.LeadID} {
		theirs, err := uuid.Parse(b.Variable(name))
		if err == nil && ours != nil && theirs != *ours {
			return fmt.Errorf("%w: its %s differs", ErrForeign, name)
		}
	}
	return nil
}

func (s *Syncer) readBody(c *change, b *elevenlabs.Conversation, now time.Time) {
	row, over := c.row, b.Ended()
	if !over && (ended(row.ProviderStatus) || row.FailureReason != nil && len(b.Transcript) == 0) {
		c.result.State = StateDone // an older answer than the one taken in
		return
	}
	if over && b.Transcript == nil && !unanswered(b) {
		c.result.State, c.result.Again = StateRunning, s.PollBase*2/5
		if ended(row.ProviderStatus) {
			c.result.State, c.result.Again = StateDone, 0
		}
		return
	}
	t := callTimes(row, b)
	because := s.givenUp(b, t, now)
	t.ended = over || because != "" && t.seconds > 0
	c.events = compareEvents(events(b, t, over), int(row.Events), row.EventsDigest, over)
	c.detail.ProviderStatus = orNil(clean(b.Status, maxName))
	c.conv.CallSID = callSID(b)
	c.log.CallSID = c.conv.CallSID
	c.conv.StartedAt = &t.start
	if !over && because == "" {
		s.readRunning(c, b, t, now)
		return
	}
	r := reading{Result: outcome.Classify(input(row, b, t)), because: because}
	switch {
	case because == becauseNeverAnswered:
		r.status = statusNoAnswer
	case because != "" && b.Status != elevenlabs.StatusProcessing && !userSpoke(b):
		r.status = statusFailed
	case because != "":
		r.status = statusCompleted
	default:
		r.status = finalStatus(b, deref(row.FailureReason), r.Result)
	}
	settle := s.settles(b, t, because, now)
	if because != "" && !settle && deref(row.ClosedBecause) == because && c.events == nil {
		c.result.State = StateMissing // closed already, and nothing is new
		return
	}
	c.detail.Analysis = analysis(b)
	c.conv.Transcript = orNil(transcript(b))
	logOf(&c.log, b, t, r.status)
	s.finish(c, r, t, settle)
	c.archive = b.HasAudio && !row.Recorded
}

// unanswered tells whether a body without a transcript is complete all the same: nobody talked.
func unanswered(b *elevenlabs.Conversation) bool {
	switch callResult(b) {
	case elevenlabs.CallBusy, elevenlabs.CallNoAnswer, elevenlabs.CallFailed:
		return true
	}
	return false
}

// givenUp says why a call that the provider calls open is closed here; "" while it may still be one.
func (s *Syncer) givenUp(b *elevenlabs.Conversation, t times, now time.Time) string {
	age := now.Sub(t.start)
	switch {
	case b.Ended():
		return ""
	case b.Status == elevenlabs.StatusInitiated && len(b.Transcript) == 0 && age >= s.waits(ringingWaits):
		return becauseNeverAnswered
	case age >= s.StaleAfter:
		return becauseNeverEnded
	}
	return ""
}

// settles tells whether the provider need not be asked again: it has ended the call and judged it, or nobody said
// anything to judge, or the judgement is not coming. What was given up on is asked about once more, later.
func (s *Syncer) settles(b *elevenlabs.Conversation, t times, because string, now time.Time) bool {
	if because != "" {
		return now.Sub(t.start) >= s.StaleAfter
	}
	return b.Analysis != nil || !userSpoke(b) || now.Sub(t.end) >= s.waits(analysisWaits)
}

func (s *Syncer) readRunning(c *change, b *elevenlabs.Conversation, t times, now time.Time) {
	c.result = Result{State: StateRunning, Again: s.again(b.Status, t, now)}
	status := statusInProgress
	if b.Status == elevenlabs.StatusInitiated {
		status = statusInitiated
		if string(c.row.Status) == statusInProgress {
			status = "" // an older answer
		}
	} else {
		c.log.Status = orNil(statusInProgress)
		if !t.answered.IsZero() {
			c.log.AnsweredAt, c.log.Ring = &t.answered, t.ring
		}
	}
	c.conv.Status = orNil(status)
	changed := status != "" && status != string(c.row.Status)
	if !changed {
		c.log = callLogRow{CallSID: c.log.CallSID}
	}
	stale := c.row.SyncedAt == nil || now.Add(-s.Clock.Shift).Sub(*c.row.SyncedAt) > resync
	sid := c.row.CallSid == nil && c.conv.CallSID != nil
	c.write = changed || stale || sid || c.events != nil || deref(c.detail.ProviderStatus) != deref(c.row.ProviderStatus)
}

// resync is how often synced_at of a running conversation is written; query ConversationWrite knows it too.
const resync = 5 * time.Minute

// readMissing closes a conversation that the provider does not know (any more). A young one is not closed for good: the
// provider's index may only lag.
func (s *Syncer) readMissing(c *change, words []word, now time.Time) {
	row := c.row
	age := now.Sub(row.StartedAt)
	settle := age >= s.waits(ringingWaits)
	adopted := !isOpen(row.Status) && row.ReadOutcome == nil // somebody else closed it and knows why
	if ended(row.ProviderStatus) || row.FailureReason != nil || adopted {
		c.result.State = StateDone
		c.conv.Settled, c.write = true, row.SettledAt == nil
		return
	}
	r := reading{because: becauseMissing, status: statusFailed}
	t := times{start: row.StartedAt}
	in := outcome.Input{CallEndedAt: row.StartedAt, Zone: zone(row)}
	for _, w := range words {
		in.Messages = append(in.Messages, outcome.Message{Role: w.role, Text: w.text, Seconds: int(w.at.Sub(t.start) / time.Second)})
		if w.role == roleUser {
			r.status = statusCompleted
		}
	}
	if len(words) > 0 {
		last := words[len(words)-1].at
		in.CallEndedAt, t.end, t.ended = last, last, true
		t.seconds = int32(min(max(last.Sub(t.start)/time.Second, 0), maxCallSeconds))
	}
	if row.Events > 0 {
		r.because = becauseDeleted
	}
	if deref(row.ClosedBecause) == r.because && !settle {
		c.result.State = StateMissing
		return
	}
	r.Result = outcome.Classify(in)
	c.log.Status = orNil(r.status)
	c.log.ErrorCode, c.log.ErrorMessage = &r.because, orNil("ElevenLabs has no record of this call's end.")
	s.finish(c, r, t, settle)
}

// readFailure takes in that a call could not be set up. It is the last word only where nothing better is known.
func (s *Syncer) readFailure(c *change, reason string, at time.Time) {
	row := c.row
	t := times{start: row.StartedAt, end: row.StartedAt, ended: true}
	if since := at.Sub(row.StartedAt); since > 0 && since <= clockSkew {
		t.end = at.UTC()
	}
	c.detail.FailureReason = &reason
	c.write = deref(row.FailureReason) != reason
	switch {
	case ended(row.ProviderStatus) && string(row.Status) == statusFailed && reason != statusFailed:
		c.conv.Status, c.log.Status, c.attempt = &reason, &reason, reason
		c.result.State, c.write = StateDone, true
		return
	case ended(row.ProviderStatus):
		c.result.State = StateDone
		return
	case row.FailureReason != nil && row.SettledAt != nil: // told before
		c.result.State = StateDone
		return
	case row.Events > 1: // somebody talked: the provider will tell how it ended
		c.result.State, c.result.Again = StateRunning, s.PollBase
		return
	}
	c.events = compareEvents(failureEvents(reason, t), int(row.Events), row.EventsDigest, true)
	c.log.Status = &reason
	c.log.ErrorCode = orNil("initiation_failed")
	c.log.ErrorMessage = orNil("The call could not be set up: " + strings.ReplaceAll(reason, "_", " ") + ".")
	s.finish(c, reading{Result: outcome.Classify(outcome.Input{}), status: reason}, t, true)
}
