package crm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/outcome"
	"github.com/callhenk/henk-worker/internal/salesforce"
)

// Which calls become Tasks.
const (
	TasksCompleted = "completed" // somebody or a machine answered
	TasksAll       = "all"       // unanswered and busy ones too
	TasksNone      = "none"
)

// WriteBackSettings are integrations.config.writeBack. Without enabled nothing is written to Salesforce at all.
type WriteBackSettings struct {
	Enabled bool `json:"enabled"`
	// Since is the day (2026-11-01) or time from which calls are written that ended before write-back was enabled;
	// "" is 30 days back.
	Since string `json:"since"`
	// Tasks is one of TasksCompleted (default), TasksAll and TasksNone.
	Tasks string `json:"tasks"`
	// TaskSubject begins the subject of Tasks; "" is "Fundraising call".
	TaskSubject string `json:"taskSubject"`
	// TaskKeyField is a field of Task that gets our id of the call as well, such as Dialer_Call_Id__c. CallObject
	// always gets it.
	TaskKeyField string `json:"taskKeyField"`
	// DoNotCall false keeps opt-outs from being written; not set is true.
	DoNotCall *bool `json:"doNotCall"`
	// LeadStatus is the Lead's Status by outcome: {"pledged": "Working - Contacted"}.
	LeadStatus map[string]string `json:"leadStatus"`
	// MemberStatus is the CampaignMember's Status by outcome.
	MemberStatus map[string]string `json:"memberStatus"`
	// Campaigns gives the Salesforce Campaign of a campaign here by its id; CampaignID is that of all others.
	Campaigns  map[string]string `json:"campaigns"`
	CampaignID string            `json:"campaignId"`
	// AddMembers false keeps people who are not members yet from being added; not set is true.
	AddMembers *bool `json:"addMembers"`

	since time.Time
}

const defaultSince = 30 * 24 * time.Hour

// readWriteBack reads integrations.config.writeBack and checks it; nothing there is not enabled. Errors say what is wrong
// and how to mend it, and quote no more than names of keys.
func readWriteBack(raw json.RawMessage) (WriteBackSettings, error) {
	var s WriteBackSettings
	if text := bytes.TrimSpace(raw); len(text) == 0 || string(text) == "null" {
		return s, nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		var shape *json.UnmarshalTypeError
		if errors.As(err, &shape) {
			return s, fmt.Errorf("writeBack.%s in the integration's config is a %s where a %s is wanted", shape.Field, shape.Value, shape.Type)
		}
		return s, fmt.Errorf("writeBack in the integration's config cannot be read: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	if err := s.check(); err != nil {
		return s, fmt.Errorf("writeBack in the integration's config: %w", err)
	}
	return s, nil
}

func (s *WriteBackSettings) check() error {
	switch s.Tasks {
	case "":
		s.Tasks = TasksCompleted
	case TasksCompleted, TasksAll, TasksNone:
	default:
		return errors.New("tasks is none of completed, all and none")
	}
	if s.TaskSubject = clipped(s.TaskSubject, 200); s.TaskSubject == "" {
		s.TaskSubject = "Fundraising call"
	}
	if s.TaskKeyField != "" && (!salesforce.ValidIdentifier(s.TaskKeyField) || !strings.HasSuffix(s.TaskKeyField, "__c")) {
		return errors.New("taskKeyField is not the name of a custom field, such as Dialer_Call_Id__c")
	}
	if s.Since != "" {
		at, err := time.Parse(time.RFC3339, s.Since)
		if err != nil {
			at, err = time.Parse(time.DateOnly, s.Since)
		}
		if err != nil {
			return errors.New("since is neither a day, such as 2026-11-01, nor a time, such as 2026-11-01T09:00:00Z")
		}
		s.since = at
	}
	for name, statuses := range map[string]map[string]string{"leadStatus": s.LeadStatus, "memberStatus": s.MemberStatus} {
		if err := checkStatuses(name, statuses); err != nil {
			return err
		}
	}
	return s.checkCampaigns()
}

func checkStatuses(name string, statuses map[string]string) error {
	for of, status := range statuses {
		if !slices.Contains(outcome.All, outcome.Outcome(of)) {
			return fmt.Errorf("%s has a key that is no outcome; outcomes are %v", name, outcome.All)
		}
		if strings.TrimSpace(status) == "" || !utf8.ValidString(status) || utf8.RuneCountInString(status) > 255 || strings.ContainsRune(status, 0) {
			return fmt.Errorf("%s.%s is not the name of a status", name, of)
		}
	}
	return nil
}

func (s *WriteBackSettings) checkCampaigns() error {
	isCampaign := func(id string) bool { return salesforce.ValidID(id) && strings.HasPrefix(id, "701") }
	if s.CampaignID != "" && !isCampaign(s.CampaignID) {
		return errors.New("campaignId is not the id of a Salesforce Campaign, which begins with 701 and has 15 or 18 characters")
	}
	for ours, theirs := range s.Campaigns {
		if _, err := uuid.Parse(ours); err != nil {
			return errors.New("campaigns has a key that is not the id of a campaign here")
		}
		if !isCampaign(theirs) {
			return fmt.Errorf("campaigns.%s is not the id of a Salesforce Campaign, which begins with 701 and has 15 or 18 characters", ours)
		}
	}
	if len(s.MemberStatus) > 0 && s.CampaignID == "" && len(s.Campaigns) == 0 {
		return errors.New("memberStatus needs a Salesforce Campaign: set campaignId, or campaigns")
	}
	return nil
}

func (s *WriteBackSettings) optOuts() bool    { return s.DoNotCall == nil || *s.DoNotCall }
func (s *WriteBackSettings) addMembers() bool { return s.AddMembers == nil || *s.AddMembers }

// from is the time from which older calls are written.
func (s *WriteBackSettings) from(now time.Time) time.Time {
	if s.since.IsZero() {
		return now.Add(-defaultSince)
	}
	return s.since
}

// campaign is the Salesforce Campaign of a campaign here; "" when there is none.
func (s *WriteBackSettings) campaign(id uuid.UUID) string {
	for ours, theirs := range s.Campaigns {
		if strings.EqualFold(ours, id.String()) {
			return theirs
		}
	}
	return s.CampaignID
}

// keys lists the outcomes that have a status.
func keys(statuses map[string]string) []string {
	list := make([]string, 0, len(statuses))
	for of := range statuses {
		list = append(list, of)
	}
	slices.Sort(list)
	return list
}

// clipped is a text without control characters, of at most so many characters.
func clipped(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	runes := []rune(text)
	return strings.TrimSpace(string(runes[:most-1])) + "…"
}
