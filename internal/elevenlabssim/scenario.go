package elevenlabssim

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed dialogues.txt
var dialogues string

// Scenario is one scripted donor: what happens on the line, what is said, and what an outcome classifier should make of it.
type Scenario struct {
	Name              string
	Class             string // pledge, donate, refuse, opt_out, callback, interested, voicemail, wrong_number, language, no_answer, busy, failed
	Outcome           string // the wanted outcome: pledged, donated, not_interested, do_not_call, callback_requested, interested, voicemail_left, wrong_number, unknown
	AmountCents       int64  // the gift agreed on; 0 when there is none
	CallResult        string // answered, voicemail, busy, no_answer, failed
	RingSecs          int
	TalkSecs          int // length of the conversation; 0 when nobody picked up
	TerminationReason string
	Successful        string // the provider's own analysis: success, failure, unknown. Not an outcome.
	Language          string
	Summary           string
	Stuck             bool // the record stays "initiated" for good, as some unanswered calls do; never chosen by the seed
	Messages          []Message

	json []template // the messages as JSON, with holes for the call's variables
}

// Message is one turn. A tool turn has no text.
type Message struct {
	Role                         string // "agent" or "user"
	Text                         string // may hold {{donor_name}} and {{campaign_name}}
	AtSecs                       int    // seconds after the call was picked up
	Tool, ToolParams, ToolResult string // params and result are JSON text
}

// connects tells whether somebody or something picked up.
func (sc *Scenario) connects() bool { return len(sc.Messages) > 0 }

// credits is what the provider charges for the call, about 500 a minute.
func (sc *Scenario) credits() int { return sc.TalkSecs * 25 / 3 }

// mix is how often each class answers, in parts of their sum.
var mix = []struct {
	class  string
	weight int
}{
	{"pledge", 25}, {"donate", 8}, {"refuse", 17}, {"opt_out", 5}, {"callback", 8}, {"interested", 7}, {"voicemail", 12},
	{"wrong_number", 3}, {"language", 1}, {"no_answer", 10}, {"busy", 4}, {"failed", 1},
}

type cast struct {
	list    []Scenario
	byName  map[string]uint16
	byClass map[string][]uint16 // those the seed may choose
	weights int
}

// scenarios is the parsed data file. A mistake in it panics at first use, which every test would show.
var scenarios = sync.OnceValue(func() *cast {
	list, err := parseScenarios(dialogues)
	if err != nil {
		panic(fmt.Sprintf("elevenlabssim: dialogues.txt: %v", err))
	}
	c := &cast{list: list, byName: map[string]uint16{}, byClass: map[string][]uint16{}}
	for i := range list {
		c.byName[list[i].Name] = uint16(i)
		if !list[i].Stuck {
			c.byClass[list[i].Class] = append(c.byClass[list[i].Class], uint16(i))
		}
	}
	for _, m := range mix {
		c.weights += m.weight
	}
	return c
})

// Scenarios returns every scripted donor, so that a classifier's verdict can be compared with the wanted outcome.
func Scenarios() []Scenario {
	list := slices.Clone(scenarios().list)
	for i := range list {
		list[i].Messages = slices.Clone(list[i].Messages)
	}
	return list
}

// choose is who answers the given call.
func (c *cast) choose(seed int64, to uint64, ordinal uint32) uint16 {
	h := draw(seed, drawScenario, to, uint64(ordinal))
	left := int(h % uint64(c.weights))
	for _, m := range mix {
		if left -= m.weight; left < 0 {
			members := c.byClass[m.class]
			return members[(h>>32)%uint64(len(members))]
		}
	}
	return 0 // not reached: left is below the sum of the weights
}

// parseScenarios reads the data file: "== name" opens a scenario, "key: value" lines describe it, and "A:", "D:" and "T:" lines are
// what the agent says, what the donor says and a tool the agent used. "D+8:" waits eight seconds longer before the line.
func parseScenarios(text string) ([]Scenario, error) {
	var list []Scenario
	for n, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if name, ok := strings.CutPrefix(line, "== "); ok {
			list = append(list, Scenario{Name: name, CallResult: "answered", RingSecs: 8, Successful: "unknown", Language: "en"})
			continue
		}
		if len(list) == 0 {
			return nil, fmt.Errorf("line %d: expected \"== name\" first", n+1)
		}
		if err := list[len(list)-1].addLine(line); err != nil {
			return nil, fmt.Errorf("line %d: %w", n+1, err)
		}
	}
	for i := range list {
		if list[i].Class == "" || list[i].Outcome == "" {
			return nil, fmt.Errorf("scenario %q: class and outcome are required", list[i].Name)
		}
		list[i].json = compile(list[i].Messages)
	}
	return list, nil
}

func (sc *Scenario) addLine(line string) (err error) {
	key, value, ok := strings.Cut(line, ": ")
	if !ok {
		return fmt.Errorf("expected \"key: value\", got %q", line)
	}
	switch key {
	case "class":
		sc.Class = value
	case "outcome":
		sc.Outcome = value
	case "amount":
		sc.AmountCents, err = strconv.ParseInt(value, 10, 64)
	case "result":
		sc.CallResult = value
	case "ring":
		sc.RingSecs, err = strconv.Atoi(value)
	case "ended":
		sc.TerminationReason = value
	case "successful":
		sc.Successful = value
	case "language":
		sc.Language = value
	case "summary":
		sc.Summary = value
	case "stuck":
		sc.Stuck, err = strconv.ParseBool(value)
	default:
		return sc.addTurn(key, value)
	}
	return err
}

// addTurn times a turn as speech: two and a half words a second, and a breath between turns.
func (sc *Scenario) addTurn(key, text string) (err error) {
	who, wait, _ := strings.Cut(key, "+")
	pause := 0
	if wait != "" {
		if pause, err = strconv.Atoi(wait); err != nil {
			return fmt.Errorf("pause of %q: %w", key, err)
		}
	}
	m := Message{AtSecs: sc.TalkSecs + pause}
	switch who {
	case "A":
		m.Role, m.Text = "agent", text
	case "D":
		m.Role, m.Text = "user", text
	case "T":
		m.Role = "agent"
		head, result, ok := strings.Cut(text, " => ")
		m.Tool, m.ToolParams, _ = strings.Cut(head, " ")
		if m.ToolResult = result; !ok {
			return fmt.Errorf("tool line without \" => \": %q", text)
		}
	default:
		return fmt.Errorf("unknown key %q", key)
	}
	sc.Messages = append(sc.Messages, m)
	sc.TalkSecs = m.AtSecs + 1 + len(strings.Fields(m.Text))*2/5
	return nil
}
