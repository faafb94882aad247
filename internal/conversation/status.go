package conversation

import (
	"slices"
	"strings"

	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/outcome"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// Statuses of a conversation, as the database spells them.
const (
	statusInitiated  = string(dbsqlc.ConversationStatusInitiated)
	statusInProgress = string(dbsqlc.ConversationStatusInProgress)
	statusCompleted  = string(dbsqlc.ConversationStatusCompleted)
	statusFailed     = string(dbsqlc.ConversationStatusFailed)
	statusNoAnswer   = string(dbsqlc.ConversationStatusNoAnswer)
	statusBusy       = string(dbsqlc.ConversationStatusBusy)
	statusVoicemail  = string(dbsqlc.ConversationStatusVoicemail)
)

func isOpen(status dbsqlc.ConversationStatus) bool {
	return status == dbsqlc.ConversationStatusInitiated || status == dbsqlc.ConversationStatusInProgress
}

// ended tells whether a stored provider status is the provider's last.
func ended(status *string) bool {
	return status != nil && (*status == elevenlabs.StatusDone || *status == elevenlabs.StatusFailed)
}

func callResult(b *elevenlabs.Conversation) string {
	if b.Metadata.PhoneCall == nil {
		return ""
	}
	return strings.ReplaceAll(strings.ToLower(strings.TrimSpace(b.Metadata.PhoneCall.CallResult)), "-", "_")
}

// failureReason reads the reason of a call_initiation_failure webhook, which spells "no-answer" with a hyphen.
func failureReason(reason string) string {
	switch r := strings.ReplaceAll(strings.ToLower(strings.TrimSpace(reason)), "-", "_"); r {
	case statusBusy, statusNoAnswer:
		return r
	}
	return statusFailed
}

// finalStatus is how a call ended. The carrier's result is the best word on it; where it is missing (old records, other
// carriers), the failure webhook, the termination reason and what was said stand in. A call that the provider itself
// calls failed is failed, unless one of them says more exactly why nobody talked.
func finalStatus(b *elevenlabs.Conversation, failure string, res outcome.Result) string {
	spoke := userSpoke(b)
	result := callResult(b)
	switch result {
	case elevenlabs.CallBusy, elevenlabs.CallNoAnswer, elevenlabs.CallVoicemail:
		return result
	case elevenlabs.CallFailed:
		return specific(failure, statusFailed)
	}
	reason := strings.ToLower(b.Metadata.TerminationReason)
	switch {
	case machineAnswered(res) || result == "" && mentions(reason, "voicemail", "voice mail", "answering machine"):
		return statusVoicemail
	case result == "" && !spoke && mentions(reason, "busy"):
		return statusBusy
	case result == "" && !spoke && mentions(reason, "no answer", "no-answer", "no_answer", "not answer", "unanswered"):
		return statusNoAnswer
	case b.Status == elevenlabs.StatusFailed && !spoke:
		return specific(failure, statusFailed)
	case b.Status == elevenlabs.StatusFailed:
		return statusFailed
	case result == "" && len(b.Transcript) == 0 && b.Metadata.CallDurationSecs <= 0:
		return specific(failure, statusNoAnswer) // nobody was on the line for a second
	}
	return statusCompleted
}

// specific is what the failure webhook said, where that is more than that it failed.
func specific(failure, otherwise string) string {
	if failure == statusBusy || failure == statusNoAnswer {
		return failure
	}
	return otherwise
}

func mentions(text string, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
}

func userSpoke(b *elevenlabs.Conversation) bool {
	return slices.ContainsFunc(b.Transcript, func(t elevenlabs.TranscriptItem) bool {
		return t.Role == roleUser && strings.TrimSpace(deref(t.Message)) != ""
	})
}

// machineAnswered: a message was left on a machine, or its greeting was heard and nothing of a person's.
func machineAnswered(res outcome.Result) bool {
	if res.Outcome == outcome.VoicemailLeft {
		return true
	}
	return res.Outcome == outcome.Unknown && slices.ContainsFunc(res.Evidence, func(e outcome.Evidence) bool {
		return e.Cue == "machine_greeting" || e.Cue == "provider_machine"
	})
}

// attemptResult is the call_attempts.result of a call that was placed.
func attemptResult(status string) string {
	switch status {
	case statusNoAnswer, statusBusy, statusFailed:
		return status
	}
	return "success"
}
