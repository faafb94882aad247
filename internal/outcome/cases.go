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

// ReadCases reads JSON lines. Blank lines are skipped; a line that is not a case
// is an error that names the line.
func ReadCases(r io.Reader) ([]Case, error) {
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 0, 64<<10), maxLine)
	var cases []Case
	line := 0
	for sc.Scan() {
		line++
		b := bytes.TrimSpace(bytes.TrimPrefix(sc.Bytes(), []byte("\ufeff")))
		if len(b) == 0 {
			continue
		}
		c, err := readCase(b)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		if c.ID == "" {
			c.ID = fmt.Sprintf("line-%d", line)
		}
		cases = append(cases, c)
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("line %d: reading cases: %w", line+1, err)
	}
	return cases, nil
}

func readCase(b []byte) (Case, error) {
	var raw struct {
		ID       json.RawMessage `json:"id"`
		Messages []*CaseMessage  `json:"messages"`
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
	for _, m := range raw.Messages {
		if m == nil {
			m = &CaseMessage{} // null turns happen; positions must stay
		}
		c.Messages = append(c.Messages, *m)
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
