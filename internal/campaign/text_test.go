package campaign

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/calltime"
	"github.com/callhenk/henk-worker/internal/phone"
	"github.com/callhenk/henk-worker/internal/storetest"
)

func TestParseRetry(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"Wait 24 hours before retry":         24 * time.Hour,
		"":                                   24 * time.Hour,
		"as you like":                        24 * time.Hour,
		"0 hours":                            24 * time.Hour,
		"0 hours, then 45 minutes":           45 * time.Minute,
		"Retry after 2 Days":                 48 * time.Hour,
		"every 90min":                        90 * time.Minute,
		"1-hour pause":                       time.Hour,
		"3 hrs":                              3 * time.Hour,
		"5 daylight savings":                 24 * time.Hour,
		"999999999 days":                     366 * 24 * time.Hour,
		"99999999999999999999 hours":         366 * 24 * time.Hour,
		"1000000001 minutes":                 366 * 24 * time.Hour,
		"max 3 attempts, wait 6 hours apart": 6 * time.Hour,
	} {
		require.Equal(t, want, ParseRetry(text).Interval, "%q", text)
	}
}

func TestParseSettings(t *testing.T) {
	t.Parallel()
	day := func(from, to string) calltime.Hours {
		f, err := calltime.ParseTimeOfDay(from)
		require.NoError(t, err)
		u, err := calltime.ParseTimeOfDay(to)
		require.NoError(t, err)
		return calltime.Between(f, u)
	}
	for text, want := range map[string]calltime.Hours{
		``:                                  day("08:00", "21:00"),
		`null`:                              day("08:00", "21:00"),
		`{}`:                                day("08:00", "21:00"),
		`{"legal_day": "09:00-20:00"}`:      day("09:00", "20:00"),
		`{"legal_day": ["10:00", "20:00"]}`: day("10:00", "20:00"),
		`{"legal_day": {"from": "06:00", "to": "23:00"}}`:                              day("08:00", "21:00"),
		`{"legal_day": {"start": "06:00", "end": "23:00"}, "legal_day_override":true}`: day("06:00", "23:00"),
		`{"legal_day": {"from": "22:00", "to": "23:00"}}`:                              day("21:00", "21:00"),
	} {
		got, err := ParseSettings([]byte(text))
		require.NoError(t, err, text)
		require.Equal(t, want, got.LegalDay, text)
	}
	for _, text := range []string{`[]`, `{"legal_day": "noon"}`, `{"legal_day": {"from": "09:00"}}`, `{"legal_day": {"from": "22:00", "to": "06:00"}}`,
		`{"timezone": "EST"}`, `{"timezone": "../../etc/passwd"}`, `{"window_margin_seconds": -1}`, `{"countries": "US"}`} {
		_, err := ParseSettings([]byte(text))
		require.Error(t, err, text)
	}
}

// The number's tail is computed in SQL (triggers, indexes, fence) and in Go (judging): they must agree.
func TestPhoneTailIsTheSameInSQL(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	for _, raw := range []string{"+13125550142", "(312) 555-0142", "1-312-555-0142 ext 4", "3125550142x12", "312.555.0142 #9", "+44 20 7946 0018",
		"020 7946 0018", "12", "", "ask at the office", "+290 12345", "EXT", "５５５01423125", "312555;0142", "tel:+1-312-555-0142;ext=7"} {
		var tail string
		require.NoError(t, db.QueryRow(t.Context(), "select henk.phone_tail($1)", raw).Scan(&tail))
		require.Equal(t, phone.Tail(raw), tail, "%q", raw)
	}
}
