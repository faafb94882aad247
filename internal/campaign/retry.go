package campaign

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	defaultRetry = 24 * time.Hour
	maxRetry     = 366 * 24 * time.Hour
)

var retryAfter = regexp.MustCompile(`\b(\d+)\s*-?\s*(minute|min|hour|hr|day)s?\b`)

// parseRetry reads the interval out of campaigns.retry_logic, free text such as "Wait 24 hours before retry": the
// first "N minutes / hours / days" with N above zero, else 24 hours.
func parseRetry(text string) time.Duration {
	for _, m := range retryAfter.FindAllStringSubmatch(strings.ToLower(text), -1) {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			return maxRetry // more digits than a number holds
		}
		if n == 0 {
			continue
		}
		unit := time.Minute
		switch m[2] {
		case "hour", "hr":
			unit = time.Hour
		case "day":
			unit = 24 * time.Hour
		}
		if n > int(maxRetry/unit) {
			return maxRetry
		}
		return time.Duration(n) * unit
	}
	return defaultRetry
}
