package outcome

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Labels that say less than an outcome does. A case labelled so counts for the
// commitment figures and not for the per-class ones.
const (
	LabelCommitment = "commitment"  // pledged or donated
	LabelRefusal    = "refusal"     // the last decision is no
	LabelNoDecision = "no_decision" // neither
)

// Case is one labelled, or unlabelled, transcript.
type Case struct {
	ID       string        `json:"id"`
	Messages []CaseMessage `json:"messages"`
	Label    *string       `json:"label,omitempty"`  // an outcome, or commitment, refusal, no_decision
	Amount   *float64      `json:"amount,omitempty"` // in dollars
}

// CaseMessage is one turn as transcript files write it.
type CaseMessage struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// maxLine bounds one line of a case file.
const maxLine = 64 << 20

// maxProblems bounds how many malformed lines are told of at once.
const maxProblems = 20

// ReadCases reads JSON lines. Blank lines are skipped. A line that is not a case
// is an error that names the line and what to mend; up to twenty are joined.
func ReadCases(r io.Reader) ([]Case, error) {
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 0, 64<<10), maxLine)
	var cases []Case
	var problems []error
	line := 0
	for sc.Scan() && len(problems) < maxProblems {
		line++
		b := bytes.TrimSpace(bytes.TrimPrefix(sc.Bytes(), []byte("\ufeff")))
		if len(b) == 0 {
			continue
		}
		c, err := readCase(b)
		if err != nil {
			problems = append(problems, fmt.Errorf("line %d: %w", line, err))
			continue
		}
		if c.ID == "" {
			c.ID = fmt.Sprintf("line-%d", line)
		}
		cases = append(cases, c)
	}
	if err := sc.Err(); err != nil {
		problems = append(problems, fmt.Errorf("line %d: reading cases: %w", line+1, err))
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return cases, nil
}

// rawMessage is a turn as files have it. Exports of calls say "message" or
// "text" where case files say "content".
type rawMessage struct {
	Role    string  `json:"role"`
	Content *string `json:"content"`
	Message *string `json:"message"`
	Text    *string `json:"text"`
}

func (m *rawMessage) read() CaseMessage {
	if m == nil {
		return CaseMessage{} // null turns happen; positions must stay
	}
	for _, text := range []*string{m.Content, m.Message, m.Text} {
		if text != nil {
			return CaseMessage{m.Role, *text}
		}
	}
	return CaseMessage{Role: m.Role}
}

func readCase(b []byte) (Case, error) {
	var raw struct {
		ID       json.RawMessage `json:"id"`
		Messages []*rawMessage   `json:"messages"`
		Label    *string         `json:"label"`
		Amount   *float64        `json:"amount"`
	}
	if err := json.Unmarshal(b, &raw); err != nil {
		return Case{}, fmt.Errorf("not a case, want {\"id\",\"messages\":[{\"role\",\"content\"}],\"label\"?,\"amount\"?}: %w", err)
	}
	if raw.Messages == nil {
		return Case{}, errors.New(`no "messages": add the transcript as [{"role":"agent|user","content":".."}]`)
	}
	c := Case{ID: strings.Trim(string(raw.ID), `"`), Label: raw.Label, Amount: raw.Amount}
	var id string
	if json.Unmarshal(raw.ID, &id) == nil {
		c.ID = id
	}
	if c.ID == "null" {
		c.ID = ""
	}
	spoken, strange := false, ""
	for _, m := range raw.Messages {
		c.Messages = append(c.Messages, m.read())
		switch {
		case m == nil:
		case m.Role == "agent" || m.Role == "user":
			spoken = true
		default:
			strange = m.Role
		}
	}
	if !spoken && strange != "" {
		return Case{}, fmt.Errorf("role %q and no other: call the fundraiser \"agent\" and the called side \"user\"", cut(strange))
	}
	if c.Label != nil && *c.Label == "" {
		c.Label = nil
	}
	if c.Label != nil && !knownLabel(*c.Label) {
		return Case{}, fmt.Errorf("unknown label %q: use an outcome (%s) or commitment, refusal, no_decision", cut(*c.Label), joinOutcomes())
	}
	return c, nil
}

func cut(s string) string {
	if utf8.RuneCountInString(s) > 40 {
		return string([]rune(s)[:40]) + "…"
	}
	return s
}

func knownLabel(l string) bool {
	return slices.Contains(All, Outcome(l)) || l == LabelCommitment || l == LabelRefusal || l == LabelNoDecision
}

func joinOutcomes() string {
	var b []string
	for _, o := range All {
		b = append(b, string(o))
	}
	return strings.Join(b, ", ")
}

// Input is the case as Classify takes it.
func (c Case) Input() Input {
	in := Input{Messages: make([]Message, 0, len(c.Messages))}
	for _, m := range c.Messages {
		in.Messages = append(in.Messages, Message{Role: m.Role, Text: m.Content})
	}
	return in
}
