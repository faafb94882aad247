package dashboard

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/outcome"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
	"github.com/callhenk/henk-worker/jobs"
	"github.com/callhenk/henk-worker/web"
)

// conversationView is what conversation.html shows.
type conversationView struct {
	Notice                            *notice
	ID, Campaign, Lead                uuid.UUID
	CampaignName, LeadName, Agent     string
	Status, Outcome, Length, Provider string
	Started                           time.Time
	Machine                           *machineView
	Person                            *personView
	KeyPoints                         []string
	Sentiment                         string
	Notes                             string
	Turns                             []turn
	Recording, RecordingSays          string
	Form                              correctForm
	Jobs                              []fact
	Audit                             []auditRow
	ClosedBecause                     string
}

// machineView is the classifier's verdict.
type machineView struct {
	Outcome, Confidence, Source, Version, Amount string
	Level                                        float64
	CallbackAt                                   *time.Time
	OptOut, Review                               bool
	Evidence                                     []outcome.Evidence
}

// personView is a person's verdict.
type personView struct {
	Outcome, Amount, By string
	At                  time.Time
}

// correctForm is the correction as typed.
type correctForm struct {
	Outcomes     []choice
	Amount, Note string
}

// conversationPage shows what was said, and what it was taken for.
func (d *Dashboard) conversationPage(w http.ResponseWriter, r *http.Request) {
	id, err := pathID(r)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	d.showConversation(w, r, http.StatusOK, id, noticeOf(r), nil)
}

func (d *Dashboard) showConversation(w http.ResponseWriter, r *http.Request, status int, id uuid.UUID, n *notice, form *correctForm) {
	ctx, cancel := context.WithTimeout(r.Context(), pageWithin)
	defer cancel()
	view, err := d.readConversation(ctx, id)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	view.Notice = n
	if form != nil {
		view.Form = *form
	}
	d.render(w, r, status, "conversation", web.Page{Title: "Conversation with " + view.LeadName, Here: "/conversations", Body: view})
}

func (d *Dashboard) readConversation(ctx context.Context, id uuid.UUID) (*conversationView, error) {
	q := dbsqlc.New()
	row, err := q.DashboardConversation(ctx, d.DB, id)
	if err != nil {
		return nil, fmt.Errorf("reading the conversation: %w", err)
	}
	v := newConversationView(&row)
	words, err := q.DashboardTranscript(ctx, d.DB, id)
	if err != nil {
		return nil, fmt.Errorf("reading the transcript: %w", err)
	}
	var evidence []outcome.Evidence
	if v.Machine != nil {
		evidence = v.Machine.Evidence
	}
	if v.Turns = turnsOf(words, evidence); len(v.Turns) == 0 {
		v.Turns = turnsOfText(row.Transcript, evidence)
	}
	d.recordingOf(v, row.RecordingUrl, row.Recording)
	audit, err := q.AuditListOfConversation(ctx, d.DB, id)
	if err != nil {
		return nil, fmt.Errorf("reading the conversation's audit: %w", err)
	}
	for _, a := range audit {
		v.Audit = append(v.Audit, newAuditRow(a.At, a.Actor, a.Action, a.Detail))
	}
	return v, d.linkConversation(ctx, v, row.AttemptID)
}

func newConversationView(r *dbsqlc.DashboardConversationRow) *conversationView {
	v := &conversationView{ID: r.ID, Campaign: r.CampaignID, Lead: r.LeadID, CampaignName: r.Campaign, LeadName: personName(r.FirstName, r.LastName), Agent: r.Agent,
		Status: string(r.Status), Outcome: r.Outcome, Started: deref(r.StartedAt), Notes: r.Notes, Provider: r.ProviderID, ClosedBecause: deref(r.ClosedBecause)}
	if r.DurationSeconds != nil {
		v.Length = minutes(time.Duration(*r.DurationSeconds) * time.Second)
	}
	if json.Unmarshal(r.KeyPoints, &v.KeyPoints) != nil {
		v.KeyPoints = nil // the app may keep something else there
	}
	if r.Status == dbsqlc.ConversationStatusCompleted {
		v.Sentiment = sentimentOf(r.Sentiment)
	}
	selected := r.Outcome
	if r.ReadOutcome != nil {
		m := &machineView{Outcome: *r.ReadOutcome, Confidence: fmt.Sprintf("%.0f%%", 100*r.Confidence), Level: 100 * r.Confidence, Source: r.Source, Version: r.Version,
			Amount: dollars(r.AmountCents), CallbackAt: r.CallbackAt, OptOut: r.OptOut, Review: r.NeedsReview}
		if m.Amount != "" && r.AmountRange {
			m.Amount += " or more"
		}
		if m.Amount != "" && r.Monthly {
			m.Amount += " a month"
		}
		_ = json.Unmarshal(r.Evidence, &m.Evidence) // what cannot be read is not shown
		v.Machine, selected = m, *r.ReadOutcome
		v.Form.Amount = strings.TrimPrefix(dollars(r.AmountCents), "$")
	}
	if r.CorrectedOutcome != nil {
		v.Person = &personView{Outcome: *r.CorrectedOutcome, Amount: dollars(r.CorrectedAmountCents), By: deref(r.CorrectedBy), At: deref(r.CorrectedAt)}
		selected = *r.CorrectedOutcome
		v.Form.Amount = strings.TrimPrefix(v.Person.Amount, "$")
	}
	v.Form.Outcomes = outcomeChoices(selected)
	return v
}

func dollars(cents *int64) string {
	if cents == nil {
		return ""
	}
	if *cents%100 == 0 {
		return "$" + strconv.FormatInt(*cents/100, 10)
	}
	return fmt.Sprintf("$%d.%02d", *cents/100, *cents%100)
}

func sentimentOf(score float64) string {
	switch {
	case score > 1: // none
		return ""
	case score >= 0.25:
		return fmt.Sprintf("friendly (%+.2f)", score)
	case score <= -0.25:
		return fmt.Sprintf("annoyed (%+.2f)", score)
	}
	return fmt.Sprintf("neutral (%+.2f)", score)
}

// linkConversation finds the jobs that dialed, brought back and archived the call.
func (d *Dashboard) linkConversation(ctx context.Context, v *conversationView, attempt *uuid.UUID) error {
	for _, kind := range []struct {
		name, kind, arg string
		id              *uuid.UUID
	}{
		{"Dial", jobs.DialLeadArgs{}.Kind(), "attempt_id", attempt},
		{"Sync", jobs.SyncConversationArgs{}.Kind(), "conversation_id", &v.ID},
		{"Recording", jobs.ArchiveRecordingArgs{}.Kind(), "conversation_id", &v.ID},
	} {
		if kind.id == nil {
			continue
		}
		found, err := d.jobsOf(ctx, kind.kind, kind.arg, []uuid.UUID{*kind.id})
		if err != nil {
			return err
		}
		if link := found[*kind.id]; link != "" {
			v.Jobs = append(v.Jobs, fact{kind.name, link})
		}
	}
	return nil
}
