package crm

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/callhenk/henk-worker/internal/calltime"
	"github.com/callhenk/henk-worker/internal/outcome"
	"github.com/callhenk/henk-worker/internal/salesforce"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// Objects that are written, by the prefix of their ids.
const (
	typeContact = "Contact"
	typeLead    = "Lead"
	typeAccount = "Account"
	typeTask    = "Task"
	typeMember  = "CampaignMember"
)

func typeOf(id string) string {
	if salesforce.ValidID(id) {
		switch id[:3] {
		case "003":
			return typeContact
		case "00Q":
			return typeLead
		case "001":
			return typeAccount
		}
	}
	return ""
}

// What Salesforce's fields of a Task hold, in characters.
const (
	maxSubject     = 255
	maxDisposition = 255
	maxDescription = 4000 // of 32,000: a note, not the transcript
)

var dispositions = map[outcome.Outcome]string{
	outcome.Donated: "Donated", outcome.Pledged: "Pledged", outcome.Interested: "Interested", outcome.NotInterested: "Not interested",
	outcome.CallbackRequested: "Callback requested", outcome.VoicemailLeft: "Voicemail left", outcome.WrongNumber: "Wrong number",
	outcome.DoNotCall: "Do not call", outcome.Unknown: "Completed",
}

// disposition is how the call ended, in words. A person may have entered any text as the outcome.
func disposition(row *dbsqlc.WriteBackReadRow) string {
	if row.Outcome == "" || row.Outcome == string(outcome.Unknown) {
		switch row.Status {
		case "no_answer":
			return "No answer"
		case "busy":
			return "Busy"
		case "voicemail":
			return "Voicemail"
		}
	}
	if text, ok := dispositions[outcome.Outcome(row.Outcome)]; ok {
		return text
	}
	return clipped(row.Outcome, maxDisposition)
}

// wantsTask tells whether a call becomes a Task.
func wantsTask(row *dbsqlc.WriteBackReadRow, tasks string) bool {
	switch row.Status {
	case "completed", "voicemail":
		return tasks != TasksNone
	case "no_answer", "busy":
		return tasks == TasksAll
	}
	return false
}

// taskFields is the call as a Task. What identifies it and whom it is about is for creating it only.
func taskFields(row *dbsqlc.WriteBackReadRow, s *WriteBackSettings, create bool) map[string]any {
	ends := disposition(row)
	fields := map[string]any{
		"Subject": clipped(s.TaskSubject+": "+ends, maxSubject), "Status": "Completed", "CallType": "Outbound",
		"CallDisposition": ends, "Description": describeCall(row),
	}
	if row.DurationSeconds != nil && *row.DurationSeconds >= 0 {
		fields["CallDurationInSeconds"] = int(*row.DurationSeconds)
	}
	if row.StartedAt != nil {
		fields["ActivityDate"] = row.StartedAt.In(zoneOf(row.Timezone)).Format(time.DateOnly)
	}
	if create {
		fields["TaskSubtype"], fields["WhoId"], fields["CallObject"] = "Call", whom(row), row.ConversationID.String()
		if s.TaskKeyField != "" {
			fields[s.TaskKeyField] = row.ConversationID.String()
		}
		// A Task of a Lead must not be related to anything else.
		if campaign := s.campaign(*row.CampaignID); campaign != "" && typeOf(whom(row)) == typeContact {
			fields["WhatId"] = campaign
		}
	}
	return fields
}

// whom is the record that a row is about.
func whom(row *dbsqlc.WriteBackReadRow) string {
	if row.TargetID != "" {
		return row.TargetID
	}
	return row.SourceID
}

// zoneOf is where the day of a call is reckoned: at the lead's.
func zoneOf(raw *string) *time.Location {
	if raw != nil {
		if name, ok, _ := calltime.LeadZone(*raw); ok {
			if zone, err := time.LoadLocation(name); err == nil {
				return zone
			}
		}
	}
	return time.UTC
}

// describeCall is the note on the Task: what came of the call and what was said of importance.
func describeCall(row *dbsqlc.WriteBackReadRow) string {
	var lines []string
	if row.CampaignName != nil {
		lines = append(lines, "Campaign: "+clipped(*row.CampaignName, 255))
	}
	lines = append(lines, "Result: "+disposition(row))
	for name, amount := range map[string]string{"Pledged": row.Pledged, "Donated": row.Donated} {
		if strings.Trim(amount, "0.") != "" && strings.EqualFold(row.Outcome, name) {
			lines = append(lines, name+" amount: "+amount)
		}
	}
	var points []string
	if json.Unmarshal(row.KeyPoints, &points) == nil {
		for _, point := range points {
			if point = clipped(point, 500); point != "" {
				lines = append(lines, "- "+point)
			}
		}
	}
	lines = append(lines, fmt.Sprintf("Call id: %s", row.ConversationID))
	return clipped(strings.Join(lines, "\n"), maxDescription)
}
