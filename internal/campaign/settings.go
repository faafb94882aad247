package campaign

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/callhenk/henk-worker/internal/calltime"
)

// Settings are businesses.settings -> 'calling'; what is absent has its default.
type Settings struct {
	Countries          []string       // whose numbers may be called; nil = US, CA and their territories, empty = none
	Timezone           *time.Location // whose calendar day the daily cap counts by; default UTC
	LegalDay           calltime.Hours // default 08:00-21:00 at the callee
	WindowMargin       time.Duration  // no call in the last moments before a close; default 60 s
	TrustLeadTimezone  bool
	ExcludeDNCMayBeOff bool
	MaxPerNumber24h    int      // calls to one number by all campaigns of the business; default 3
	MaxPerNumber30d    *int     // nil = no limit
	StatePackExempt    []string // states whose rows of the rule pack do not bind, by their postal codes
}

// defaultPerNumber24h calls a day go to one number at most, where nothing is set.
const (
	defaultPerNumber24h = 3
	maxPerNumber        = 1_000_000 // more is no limit
)

type rawSettings struct {
	Countries          []string        `json:"countries"`
	Timezone           string          `json:"timezone"`
	LegalDay           json.RawMessage `json:"legal_day"`
	LegalDayOverride   bool            `json:"legal_day_override"`
	WindowMargin       *float64        `json:"window_margin_seconds"`
	TrustLeadTimezone  bool            `json:"trust_lead_timezone"`
	ExcludeDNCMayBeOff bool            `json:"exclude_dnc_may_be_off"`
	MaxPerNumber24h    *int            `json:"max_per_number_24h"`
	MaxPerNumber30d    *int            `json:"max_per_number_30d"`
	StatePackExempt    []string        `json:"state_pack_exempt"`
}

// ParseSettings reads the jsonb. An unreadable setting is an error that names it: what cannot be decided is not dialed.
func ParseSettings(data []byte) (Settings, error) {
	s := Settings{Timezone: time.UTC, LegalDay: calltime.DefaultLegalDay(), WindowMargin: time.Minute, MaxPerNumber24h: defaultPerNumber24h}
	if len(data) == 0 || string(data) == "null" {
		return s, nil
	}
	var raw rawSettings
	if err := json.Unmarshal(data, &raw); err != nil {
		return s, fmt.Errorf("settings.calling: %w", err)
	}
	s.TrustLeadTimezone, s.ExcludeDNCMayBeOff = raw.TrustLeadTimezone, raw.ExcludeDNCMayBeOff
	if raw.Countries != nil {
		s.Countries = make([]string, 0, len(raw.Countries)) // an empty list enables no country; only an absent one is the default
	}
	for _, country := range raw.Countries {
		s.Countries = append(s.Countries, strings.ToUpper(strings.TrimSpace(country)))
	}
	if raw.MaxPerNumber24h != nil {
		s.MaxPerNumber24h = min(max(*raw.MaxPerNumber24h, 0), maxPerNumber)
	}
	if raw.MaxPerNumber30d != nil {
		n := min(max(*raw.MaxPerNumber30d, 0), maxPerNumber)
		s.MaxPerNumber30d = &n
	}
	for _, name := range raw.StatePackExempt {
		code, ok := calltime.StateCode(name)
		if !ok {
			return s, fmt.Errorf("settings.calling.state_pack_exempt: %q is not a state; use codes such as FL", name)
		}
		s.StatePackExempt = append(s.StatePackExempt, code)
	}
	if raw.Timezone != "" {
		zone, ok, note := calltime.LeadZone(raw.Timezone)
		if !ok && !slices.Contains([]string{"UTC", "ETC/UTC", "GMT", "Z"}, strings.ToUpper(strings.TrimSpace(raw.Timezone))) {
			return s, fmt.Errorf("settings.calling.timezone is not an IANA region: %s", note)
		}
		if ok {
			loc, err := time.LoadLocation(zone)
			if err != nil {
				return s, fmt.Errorf("settings.calling.timezone: %w", err)
			}
			s.Timezone = loc
		}
	}
	if raw.WindowMargin != nil {
		if *raw.WindowMargin < 0 || *raw.WindowMargin > 3600 {
			return s, fmt.Errorf("settings.calling.window_margin_seconds must be between 0 and 3600")
		}
		s.WindowMargin = time.Duration(*raw.WindowMargin * float64(time.Second))
	}
	return s, s.setLegalDay(raw.LegalDay, raw.LegalDayOverride)
}

// setLegalDay narrows the legal day; it is widened only with the override, and otherwise cut to the default.
func (s *Settings) setLegalDay(raw json.RawMessage, override bool) error {
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	from, to, err := parseDay(raw)
	if err != nil {
		return fmt.Errorf(`settings.calling.legal_day must be like {"from": "09:00", "to": "20:00"}: %w`, err)
	}
	if !override {
		if from > to {
			return fmt.Errorf("settings.calling.legal_day crosses midnight; that needs legal_day_override")
		}
		from, to = max(from, *s.LegalDay.From), min(to, *s.LegalDay.To)
		if from > to {
			from = to // nothing of the legal day is left: an empty window
		}
	}
	s.LegalDay = calltime.Hours{From: &from, To: &to}
	return nil
}

// parseDay accepts {"from","to"} (or "start","end"), ["09:00","20:00"] and "09:00-20:00".
func parseDay(raw json.RawMessage) (from, to calltime.TimeOfDay, err error) {
	var text string
	var pair []string
	var object map[string]string
	switch {
	case json.Unmarshal(raw, &text) == nil:
		pair = strings.Split(strings.ReplaceAll(text, "–", "-"), "-")
	case json.Unmarshal(raw, &pair) == nil:
	case json.Unmarshal(raw, &object) == nil:
		pair = []string{object["from"] + object["start"], object["to"] + object["end"]}
	}
	if len(pair) != 2 || slices.Contains(pair, "") {
		return 0, 0, fmt.Errorf("two times of day are needed")
	}
	if from, err = calltime.ParseTimeOfDay(strings.TrimSpace(pair[0])); err != nil {
		return 0, 0, err
	}
	to, err = calltime.ParseTimeOfDay(strings.TrimSpace(pair[1]))
	return from, to, err
}
