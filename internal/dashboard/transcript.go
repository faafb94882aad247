package dashboard

import (
	"encoding/json"
	"strings"

	"github.com/callhenk/henk-worker/internal/outcome"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// turn is one thing said. Pieces are its words; those that the verdict rests on are marked.
type turn struct {
	Agent  bool
	Who    string
	At     string // into the call
	Pieces []piece
	Tools  []string
	Cues   []string
}

type piece struct {
	Text   string
	Marked bool
}

// eventFacts are the parts of an event's metadata that the page shows.
type eventFacts struct {
	Seconds   *int   `json:"time_in_call_secs"`
	Message   string `json:"message"`
	Role      string `json:"role"`
	ToolCalls []struct {
		Name string `json:"tool_name"`
	} `json:"tool_calls"`
	Interrupted bool `json:"interrupted"`
}

// turnsOf renders events. An event of ours with sequence number n is the transcript's item n-1, which evidence counts by.
func turnsOf(rows []dbsqlc.DashboardTranscriptRow, evidence []outcome.Evidence) []turn {
	var turns []turn
	seen := map[int32]bool{}
	for _, r := range rows {
		text := strings.TrimSpace(r.AgentText + r.UserResponse)
		var facts eventFacts
		_ = json.Unmarshal(r.Metadata, &facts) // what cannot be read is not shown
		t := turn{Agent: r.UserResponse == "", Who: "Agent"}
		if !t.Agent {
			t.Who = "Donor"
		}
		for _, call := range facts.ToolCalls {
			t.Tools = append(t.Tools, call.Name)
		}
		if facts.Seconds != nil {
			t.At = clockOf(*facts.Seconds)
		}
		// A row of the app's own may repeat a number of ours; ours come first.
		if text == "" && len(t.Tools) == 0 || r.Source == "" && seen[r.SequenceNumber] {
			continue
		}
		seen[r.SequenceNumber] = true
		t.Pieces, t.Cues = mark(text, int(r.SequenceNumber)-1, evidence)
		turns = append(turns, t)
	}
	return turns
}

// turnsOfText renders the transcript's text, for calls from before adoption: a line a turn, "Agent: .." and "Donor: ..".
func turnsOfText(text string, evidence []outcome.Evidence) []turn {
	var turns []turn
	for i, m := range messagesOf(text) {
		t := turn{Agent: m.Role != "user", Who: "Agent"}
		if !t.Agent {
			t.Who = "Donor"
		}
		t.Pieces, t.Cues = mark(m.Content, i, evidence)
		turns = append(turns, t)
	}
	return turns
}

// messagesOf takes the stored text of a transcript apart again. A line without a speaker goes on with the one before.
func messagesOf(text string) []outcome.CaseMessage {
	var list []outcome.CaseMessage
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		name, words, found := strings.Cut(line, ": ")
		role := ""
		switch strings.ToLower(name) {
		case "agent", "assistant", "ai":
			role = "agent"
		case "donor", "user", "customer", "lead":
			role = "user"
		}
		switch {
		case line == "":
		case found && role != "":
			list = append(list, outcome.CaseMessage{Role: role, Content: words})
		case len(list) > 0:
			list[len(list)-1].Content += "\n" + line
		default:
			list = append(list, outcome.CaseMessage{Role: "agent", Content: line})
		}
	}
	return list
}

// mark splits a text at the quotes of its evidence.
func mark(text string, message int, evidence []outcome.Evidence) (pieces []piece, cues []string) {
	pieces = []piece{{Text: text}}
	for _, e := range evidence {
		if e.Message != message {
			continue
		}
		cues = append(cues, strings.ReplaceAll(e.Cue, "_", " "))
		quote := strings.TrimSpace(strings.TrimSuffix(e.Quote, "…"))
		found := false
		for i := 0; i < len(pieces) && quote != ""; i++ {
			before, after, ok := strings.Cut(pieces[i].Text, quote)
			if pieces[i].Marked || !ok {
				continue
			}
			split := []piece{{Text: quote, Marked: true}}
			if before != "" {
				split = append([]piece{{Text: before}}, split...)
			}
			if after != "" {
				split = append(split, piece{Text: after})
			}
			pieces = append(pieces[:i], append(split, pieces[i+1:]...)...)
			found = true
			break
		}
		if !found && len(pieces) == 1 {
			pieces[0].Marked = true // the sentence was cleaned or cut: the whole turn then
		}
	}
	return pieces, cues
}

func clockOf(seconds int) string {
	if seconds < 0 || seconds > 1<<20 {
		return ""
	}
	return minutes(secondsOf(seconds))
}
