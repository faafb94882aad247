package salesforce

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Usage is the org's API usage of the last 24 hours as an answer told it. The figures lag and may exceed the maximum.
type Usage struct {
	Used, Allowed       int       // of the whole org, all apps together
	AppUsed, AppAllowed int       // of our own app, where the org limits apps; else 0
	App                 string    // that app's name
	At                  time.Time // when the answer came, local time
}

// Share is Used over Allowed; 0 when nothing is allowed, which no org has.
func (u Usage) Share() float64 { return share(u.Used, u.Allowed) }

func share(used, allowed int) float64 {
	if allowed <= 0 {
		return 0
	}
	return float64(used) / float64(allowed)
}

var (
	usageForm = regexp.MustCompile(`^([0-9]{1,9})/([0-9]{1,9})(?:\(appName=(.*)\))?$`)
)

// ParseUsage reads a Sforce-Limit-Info header: "api-usage=25/5000", or followed by
// "; per-app-api-usage=17/250(appName=x)". Unknown segments are passed over; false without api-usage.
func ParseUsage(header string) (Usage, bool) {
	var u Usage
	known := false
	for segment := range strings.FieldsFuncSeq(header, func(r rune) bool { return r == ';' || r == ',' }) {
		name, value, _ := strings.Cut(strings.TrimSpace(segment), "=")
		found := usageForm.FindStringSubmatch(strings.TrimSpace(value))
		if found == nil {
			continue
		}
		used, _ := strconv.Atoi(found[1])
		allowed, _ := strconv.Atoi(found[2])
		switch strings.TrimSpace(name) {
		case "api-usage":
			u.Used, u.Allowed, known = used, allowed, true
		case "per-app-api-usage":
			u.AppUsed, u.AppAllowed, u.App = used, allowed, found[3]
		}
	}
	return u, known
}

// Usage is what the latest answer told; false before the first.
func (c *Client) Usage() (Usage, bool) {
	if u := c.usage.Load(); u != nil {
		return *u, true
	}
	return Usage{}, false
}

// guardQuota stops reads at the configured share of the org's day, since the allowance is shared with everything else
// the charity runs on it. It is the figure of the latest answer: after QuotaRecheck one read is let through to learn
// whether it fell. Writes pass: an opt-out must reach Salesforce while it can.
func (c *Client) guardQuota(op string) *Error {
	u := c.usage.Load()
	if u == nil || c.cfg.QuotaStop >= 1 {
		return nil
	}
	if u.Share() < c.cfg.QuotaStop && share(u.AppUsed, u.AppAllowed) < c.cfg.QuotaStop {
		return nil
	}
	wait := c.cfg.QuotaRecheck - c.now().Sub(u.At)
	if wait <= 0 {
		renewed := *u
		renewed.At = c.now()
		if c.usage.CompareAndSwap(u, &renewed) { // one of many goes; the others wait for what it learns
			return nil
		}
		wait = c.cfg.QuotaRecheck
	}
	return &Error{
		Op: op, Kind: KindQuota, RetryAfter: wait,
		Message: fmt.Sprintf("%d of the org's %d API requests of the day are used; reads stop at %.0f %%", u.Used, u.Allowed, 100*c.cfg.QuotaStop),
		Mend:    "it goes on by itself when usage falls; ask the Salesforce administrator for more API requests a day if it stays",
	}
}
