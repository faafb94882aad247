package dashboard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/campaign"
)

// explain says of a lead in a campaign what every rule says now, and which of them decides.
func (d *Dashboard) explain(ctx context.Context, m *memberView, lead uuid.UUID) error {
	e, err := campaign.Explain(ctx, d.DB, m.ID, lead, d.Clock.Local(), campaign.Limits{AccountConcurrent: d.AccountConcurrent})
	if errors.Is(err, campaign.ErrNotFound) || errors.Is(err, campaign.ErrNotInCampaign) {
		m.Why = "It was taken off the campaign a moment ago."
		return nil
	}
	if err != nil {
		return fmt.Errorf("explaining the lead: %w", err)
	}
	m.Verdict, m.Why = e.Verdict, "No rule holds this person now."
	for _, r := range e.Rules {
		v := ruleView{Rule: r.Rule, Reason: r.Reason, OK: r.OK, Inputs: inputsOf(r.Inputs)}
		if e.FirstFailing != nil && r.Rule == *e.FirstFailing {
			v.First, m.Why = true, r.Reason
		}
		m.Rules = append(m.Rules, v)
	}
	return nil
}

// inputsOf lists what a rule looked at, by name.
func inputsOf(inputs map[string]any) []fact {
	names := make([]string, 0, len(inputs))
	for name := range inputs {
		names = append(names, name)
	}
	sort.Strings(names)
	facts := make([]fact, 0, len(names))
	for _, name := range names {
		if text := inputText(inputs[name]); text != "" {
			facts = append(facts, fact{name, text})
		}
	}
	return facts
}

// maxInput bounds one input on the page; the whole is in `henk explain --json`.
const maxInput = 600

// inputText words a value, whatever its parts are.
func inputText(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	var plain any
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	decoder.UseNumber()
	if decoder.Decode(&plain) != nil {
		return string(data)
	}
	text := flat(plain)
	if len(text) > maxInput {
		text = strings.ToValidUTF8(text[:maxInput], "") + " …"
	}
	return text
}

// flat writes lists with commas and objects as their names and values.
func flat(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		if at, err := time.Parse(time.RFC3339Nano, v); err == nil {
			return at.UTC().Format("2 Jan 2006 15:04:05") + " UTC"
		}
		return v
	case bool:
		return map[bool]string{true: "yes", false: "no"}[v]
	case []any:
		parts := make([]string, 0, len(v))
		for _, item := range v {
			parts = append(parts, flat(item))
		}
		return strings.Join(parts, ", ")
	case map[string]any:
		names := make([]string, 0, len(v))
		for name := range v {
			names = append(names, name)
		}
		sort.Strings(names)
		parts := make([]string, 0, len(v))
		for _, name := range names {
			if text := flat(v[name]); text != "" {
				parts = append(parts, strings.ReplaceAll(name, "_", " ")+" "+text)
			}
		}
		return strings.Join(parts, "; ")
	}
	return fmt.Sprint(v)
}
