package campaign

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// changeable are the columns of public.campaigns that Change takes.
var changeable = map[string]func(c *Campaign, value string) error{
	"daily_call_cap": func(c *Campaign, v string) error { return setInt(&c.DailyCallCap, v) },
	"max_attempts":   func(c *Campaign, v string) error { return setInt(&c.MaxAttempts, v) },
	"max_concurrent": func(c *Campaign, v string) error {
		if v == "" {
			c.MaxConcurrent = nil
			return nil
		}
		c.MaxConcurrent = new(int32)
		return setInt(c.MaxConcurrent, v)
	},
	"retry_logic":     func(c *Campaign, v string) error { c.RetryLogic = v; return nil },
	"disclosure_line": func(c *Campaign, v string) error { c.DisclosureLine = &v; return nil },
	"dedupe_by_phone": func(c *Campaign, v string) error { return setBool(&c.DedupeByPhone, v) },
	"exclude_dnc":     func(c *Campaign, v string) error { return setBool(&c.ExcludeDnc, v) },
	"start_date":      func(c *Campaign, v string) error { return setTime(&c.StartDate, v) },
	"end_date":        func(c *Campaign, v string) error { return setTime(&c.EndDate, v) },
	"call_window_start": func(c *Campaign, v string) error {
		c.CallWindowStart = v
		return nil
	},
	"call_window_end": func(c *Campaign, v string) error {
		c.CallWindowEnd = v
		return nil
	},
	"budget": func(c *Campaign, v string) error {
		if _, ok := new(big.Rat).SetString(v); !ok && v != "" {
			return fmt.Errorf("must be an amount such as 250.00")
		}
		c.Budget = v
		return nil
	},
}

// Change sets a column of the campaign, or one of the business's calling settings, as "key=value", on paper. An empty
// value clears it. Settings take JSON, or a plain word: legal_day=09:00-20:00, state_pack_exempt=["FL"].
func (c *Campaign) Change(assignment string) error {
	key, value, ok := strings.Cut(assignment, "=")
	key = strings.TrimSpace(key)
	if !ok || key == "" {
		return fmt.Errorf("a change is written key=value, such as daily_call_cap=200")
	}
	if set, ok := changeable[key]; ok {
		if err := set(c, value); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	} else if err := c.changeSetting(key, value); err != nil {
		return err
	}
	c.read()
	if c.problem != "" {
		return fmt.Errorf("with %s, %s", key, c.problem)
	}
	return nil
}

// knownSettings are those of businesses.settings -> 'calling'.
var knownSettings = []string{"countries", "timezone", "legal_day", "legal_day_override", "window_margin_seconds", "trust_lead_timezone",
	"exclude_dnc_may_be_off", "max_per_number_24h", "max_per_number_30d", "state_pack_exempt"}

func (c *Campaign) changeSetting(key, value string) error {
	known := false
	for _, k := range knownSettings {
		known = known || k == key
	}
	if !known {
		return fmt.Errorf("%q is neither a column of the campaign that can be changed on paper nor a calling setting; docs/rules.md lists the settings", key)
	}
	calling := map[string]json.RawMessage{}
	if len(c.Calling) > 0 {
		if err := json.Unmarshal(c.Calling, &calling); err != nil {
			return fmt.Errorf("reading the business's calling settings: %w", err)
		}
	}
	if calling == nil {
		calling = map[string]json.RawMessage{}
	}
	switch raw := json.RawMessage(value); {
	case value == "":
		delete(calling, key)
	case json.Valid(raw):
		calling[key] = raw
	default:
		quoted, err := json.Marshal(value)
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		calling[key] = quoted
	}
	data, err := json.Marshal(calling)
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	c.Calling = data
	return nil
}

func setInt(to *int32, value string) error {
	n, err := strconv.ParseInt(value, 10, 32)
	if err != nil {
		return fmt.Errorf("must be a whole number")
	}
	*to = int32(n)
	return nil
}

func setBool(to *bool, value string) error {
	b, err := strconv.ParseBool(value)
	if err != nil {
		return fmt.Errorf("must be true or false")
	}
	*to = b
	return nil
}

func setTime(to **time.Time, value string) error {
	if value == "" {
		*to = nil
		return nil
	}
	t, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return fmt.Errorf("must be a time such as 2026-11-23T18:00:00Z")
	}
	*to = &t
	return nil
}
