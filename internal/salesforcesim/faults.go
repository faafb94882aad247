package salesforcesim

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Faults says how often what goes wrong. The zero value is a provider without faults.
type Faults struct {
	Rules       []FaultRule // the first one of its class that applies wins
	RetryAfter  time.Duration
	ReadOnly    bool          // no record can be written, and no Bulk job made
	Maintenance bool          // everything answers 503 with HTML
	DateSkew    time.Duration // of the Date header against the clock
	DateBehind  bool          // the skew is into the past
}

// FaultRule is one fault: by share of requests, for the first few, or during a time after the faults were set.
type FaultRule struct {
	Mode  string
	Share float64       // 0..1 of the requests of its class; shares of one class add up
	First int           // the first N requests of its class instead
	From  time.Duration // with For: every request in [From, From+For) after the faults were set
	For   time.Duration
	Delay time.Duration // of the slow modes
}

type faultClass uint8

const (
	classToken faultClass = iota + 1
	classData
	classQuery  // a first page
	classMore   // a further page
	classBulk   // creating a Bulk job
	classJob    // how a Bulk query job ends
	classRecord // one record of a write
	classCount
)

const (
	modeSlow      = "slow"
	modeTokenSlow = "token_slow"
)

// modes are the known faults and what they concern.
var modes = map[string]faultClass{
	"token_drop": classToken, "token_revoked": classToken, "token_busy": classToken, "token_403": classToken, "token_429": classToken,
	"token_503": classToken, "token_reset": classToken, modeTokenSlow: classToken,
	"401": classData, "401_header": classData, "403_daily": classData, "403_concurrent": classData, "406": classData, "420": classData, "429": classData,
	"500": classData, "503": classData, "503_html": classData, "reset": classData, "drop": classData, "half": classData, modeSlow: classData,
	"query_timeout": classQuery, "short_pages": classMore, "locator_gone": classMore,
	"bulk_403": classBulk, "bulk_limit": classBulk, "bulk_identity": classBulk, "bulk_failed": classJob, "lock": classRecord,
}

func isSlow(mode string) bool { return mode == modeSlow || mode == modeTokenSlow }

// ParseFaults reads a fault list such as "401=5%,drop=3%,503_html=burst:10s@30s,lock=first:2,slow=20ms,retry_after=2". A value is a
// share ("5%" or "0.05"), "first:N", or "burst:LENGTH@START"; the slow modes take a duration and may add a share ("slow=2s:10%").
// read_only and maintenance are on or off, date_skew is a duration with a sign. The empty list is no faults. Errors name the entry and
// what it should have been.
func ParseFaults(spec string) (Faults, error) {
	var f Faults
	for entry := range strings.SplitSeq(spec, ",") {
		if entry = strings.TrimSpace(entry); entry == "" {
			continue
		}
		mode, value, ok := strings.Cut(entry, "=")
		if !ok {
			return Faults{}, fmt.Errorf("fault %q: write it as mode=value, such as 401=5%%", entry)
		}
		if err := f.set(mode, value); err != nil {
			return Faults{}, fmt.Errorf("fault %q: %w", entry, err)
		}
	}
	return f, f.check()
}

func (f *Faults) set(mode, value string) (err error) {
	switch mode {
	case "retry_after":
		f.RetryAfter, err = seconds(value)
	case "read_only":
		f.ReadOnly, err = parseSwitch(value)
	case "maintenance":
		f.Maintenance, err = parseSwitch(value)
	case "date_skew":
		value, f.DateBehind = strings.CutPrefix(value, "-")
		f.DateSkew, err = seconds(value)
	default:
		if modes[mode] == 0 {
			return unknownMode(mode)
		}
		rule, err := parseRule(mode, value)
		f.Rules = append(f.Rules, rule)
		return err
	}
	return err
}

func unknownMode(mode string) error {
	known := append(slices.Collect(maps.Keys(modes)), "retry_after", "read_only", "maintenance", "date_skew")
	slices.Sort(known)
	return fmt.Errorf("unknown mode %q; known are %s", mode, strings.Join(known, ", "))
}

func parseRule(mode, value string) (FaultRule, error) {
	rule := FaultRule{Mode: mode}
	var err error
	if isSlow(mode) {
		delay, rest, more := strings.Cut(value, ":")
		if rule.Delay, err = seconds(delay); err != nil {
			return rule, err
		}
		if value = "100%"; more {
			value = rest
		}
	}
	if count, ok := strings.CutPrefix(value, "first:"); ok {
		if rule.First, err = strconv.Atoi(count); err != nil || rule.First < 1 {
			return rule, fmt.Errorf("%q is not a count of requests above 0, such as first:3", count)
		}
		return rule, nil
	}
	if burst, ok := strings.CutPrefix(value, "burst:"); ok {
		length, start, _ := strings.Cut(burst, "@")
		if rule.For, err = seconds(length); err != nil || rule.For == 0 {
			return rule, fmt.Errorf("burst %q: write it as burst:LENGTH@START, such as burst:10s@30s", burst)
		}
		if start != "" {
			rule.From, err = seconds(start)
		}
		return rule, err
	}
	rule.Share, err = parseShare(value)
	return rule, err
}

func parseShare(text string) (float64, error) {
	digits, percent := strings.CutSuffix(text, "%")
	part, err := strconv.ParseFloat(digits, 64)
	if percent {
		part /= 100
	}
	if err != nil || !(part >= 0 && part <= 1) {
		return 0, fmt.Errorf("%q is not a share; write 5%% or 0.05, first:3, or burst:10s@30s", text)
	}
	return part, nil
}

// seconds reads a duration; a bare number counts seconds.
func seconds(text string) (time.Duration, error) {
	if n, err := strconv.Atoi(text); err == nil {
		text = strconv.Itoa(n) + "s"
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is not a duration; write 20ms, 2s or a number of seconds", text)
	}
	return d, nil
}

func parseSwitch(text string) (bool, error) {
	switch text {
	case "on":
		return true, nil
	case "off":
		return false, nil
	}
	return false, fmt.Errorf("%q is neither on nor off", text)
}

// check refuses unknown modes and shares of a class that add up to more than every request.
func (f *Faults) check() error {
	var sums [classCount]float64
	for _, r := range f.Rules {
		class := modes[r.Mode]
		if class == 0 {
			return unknownMode(r.Mode)
		}
		if !isSlow(r.Mode) {
			sums[class] += r.Share
		}
		if sums[class] > 1+1e-9 {
			return fmt.Errorf("shares add up to more than 100%%: lower some of them")
		}
	}
	return nil
}
