package elevenlabssim

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
	Rules      []FaultRule // the first one that applies wins
	RetryAfter time.Duration
	HangFor    time.Duration // how long a hanging request is held at most, wall time; 0 = 2 minutes
	IndexLag   time.Duration // how long a new conversation is missing from lists, by the clock
	Webhook    WebhookFaults
}

// FaultRule is one fault: by share of requests, for the first few, or during a time after the simulator started.
type FaultRule struct {
	Mode  string
	Share float64       // 0..1 of the requests; shares of one family add up
	First int           // the first N requests instead
	From  time.Duration // with For: every request in [From, From+For) after the faults were set
	For   time.Duration
	Delay time.Duration // of the slow modes
}

// WebhookFaults are shares of the events, 0..1.
type WebhookFaults struct {
	Never, Duplicate float64
	BeforeResponse   float64 // delivered, with the call over, before the outbound-call request is answered
	Retry            bool    // the workspace opted in to retries of post_call_transcription: 30 s, 2 min, 8 min, 30 min
	Audio            bool    // post_call_audio is sent too, chunked
}

const ringsAnyway = true

// callModes are the faults of outbound-call and whether the phone rings all the same.
var callModes = map[string]bool{
	"ok": ringsAnyway, "success_false": false, "400": false, "401": false, "403": false, "422": false,
	"quota_exceeded": false, "quota_exceeded_400": false, "429": false, "429_new": false, "429_rate": false, "429_busy": false,
	"500": false, "503": false, "503_ring": ringsAnyway, "hang": ringsAnyway, "hang_before": false, "drop": ringsAnyway,
	"reset_before": false, "half_response": ringsAnyway, modeSlow: ringsAnyway,
}

// getModes are the faults of GET requests.
var getModes = map[string]bool{"get_401": true, "get_429": true, "get_500": true, "get_503": true, "get_reset": true, modeGetSlow: true}

// audioModes are the faults of recordings and of speech; audio_404 is a recording that is not ready yet.
var audioModes = map[string]bool{"audio_404": true, "audio_429": true, "audio_503": true, "audio_cut": true, "audio_hang": true}

const (
	modeOK      = "ok"
	modeSlow    = "slow"
	modeGetSlow = "get_slow"
)

func rings(mode string) bool { return callModes[mode] }

// ParseFaults reads a fault list such as "429=5%,drop=3%,401=burst:10s@30s,503=first:2,slow=20ms,retry_after=2". A value is a share
// ("5%" or "0.05"), "first:N", or "burst:LENGTH@START"; the slow modes take a duration and may add a share ("slow=2s:10%"). The empty list
// is no faults. Errors name the entry and what it should have been.
func ParseFaults(spec string) (Faults, error) {
	var f Faults
	for entry := range strings.SplitSeq(spec, ",") {
		if entry = strings.TrimSpace(entry); entry == "" {
			continue
		}
		mode, value, ok := strings.Cut(entry, "=")
		if !ok {
			return Faults{}, fmt.Errorf("fault %q: write it as mode=value, such as 429=5%%", entry)
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
	case "hang_for":
		f.HangFor, err = seconds(value)
	case "index_lag":
		f.IndexLag, err = seconds(value)
	case "webhook_never":
		f.Webhook.Never, err = parseShare(value)
	case "webhook_duplicate":
		f.Webhook.Duplicate, err = parseShare(value)
	case "webhook_before_response":
		f.Webhook.BeforeResponse, err = parseShare(value)
	case "webhook_retry":
		f.Webhook.Retry, err = parseSwitch(value)
	case "webhook_audio":
		f.Webhook.Audio, err = parseSwitch(value)
	default:
		if _, call := callModes[mode]; !call && !getModes[mode] && !audioModes[mode] {
			return unknownMode(mode)
		}
		rule, err := parseRule(mode, value)
		f.Rules = append(f.Rules, rule)
		return err
	}
	return err
}

func unknownMode(mode string) error {
	known := slices.Concat(slices.Collect(maps.Keys(callModes)), slices.Collect(maps.Keys(getModes)), slices.Collect(maps.Keys(audioModes)),
		[]string{"retry_after", "hang_for", "index_lag", "webhook_never", "webhook_duplicate", "webhook_before_response", "webhook_retry", "webhook_audio"})
	slices.Sort(known)
	return fmt.Errorf("unknown mode %q; known are %s", mode, strings.Join(known, ", "))
}

func parseRule(mode, value string) (FaultRule, error) {
	rule := FaultRule{Mode: mode}
	var err error
	if mode == modeSlow || mode == modeGetSlow {
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
	number, percent := strings.CutSuffix(text, "%")
	share, err := strconv.ParseFloat(number, 64)
	if percent {
		share /= 100
	}
	if err != nil || !(share >= 0 && share <= 1) {
		return 0, fmt.Errorf("%q is not a share; write 5%% or 0.05, first:3, or burst:10s@30s", text)
	}
	return share, nil
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

// check refuses unknown modes and shares that add up to more than every request.
func (f *Faults) check() error {
	var call, get, audio float64
	for _, r := range f.Rules {
		_, isCall := callModes[r.Mode]
		switch {
		case audioModes[r.Mode]:
			audio += r.Share
		case !isCall && !getModes[r.Mode]:
			return unknownMode(r.Mode)
		case r.Mode == modeSlow || r.Mode == modeGetSlow:
		case isCall:
			call += r.Share
		default:
			get += r.Share
		}
	}
	if max(call, get, audio) > 1+1e-9 {
		return fmt.Errorf("shares add up to more than 100%%: lower some of them")
	}
	return nil
}
