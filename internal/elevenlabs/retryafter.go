package elevenlabs

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const maxRetryAfter = time.Hour

// retryAfter reads how long the provider asks to wait: Retry-After in seconds or
// as an HTTP date, else X-RateLimit-Reset as unix seconds, the order in which
// the provider's own SDKs look. 0..1h; 0 means nothing usable was given.
func retryAfter(header http.Header, now time.Time) time.Duration {
	if text := strings.TrimSpace(header.Get("Retry-After")); text != "" {
		if seconds, ok := finite(text); ok {
			return clampWait(seconds)
		}
		if at, err := http.ParseTime(text); err == nil {
			return clampWait(at.Sub(now).Seconds())
		}
	}
	if unix, ok := finite(strings.TrimSpace(header.Get("X-RateLimit-Reset"))); ok {
		return clampWait(unix - float64(now.UnixMilli())/1000)
	}
	return 0
}

func finite(text string) (float64, bool) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil && !math.IsInf(f, 0) {
		return 0, false
	}
	// A number too large for a float64 is a wish to wait long, not nonsense;
	// the words "inf" and "nan", which ParseFloat also takes, are.
	if math.IsNaN(f) || (err == nil && math.IsInf(f, 0)) {
		return 0, false
	}
	return f, true
}

func clampWait(seconds float64) time.Duration {
	switch {
	case seconds <= 0:
		return 0
	case seconds >= maxRetryAfter.Seconds():
		return maxRetryAfter
	default:
		return time.Duration(seconds * float64(time.Second))
	}
}
