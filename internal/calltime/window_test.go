package calltime

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func clock(t *testing.T, s string) TimeOfDay {
	t.Helper()
	at, err := ParseTimeOfDay(s)
	require.NoError(t, err)
	return at
}

// hours reads "09:00-17:00", either end left out, "" for no limit.
func hours(t *testing.T, s string) Hours {
	t.Helper()
	var h Hours
	for i, c := range s {
		if c != '-' {
			continue
		}
		if i > 0 {
			from := clock(t, s[:i])
			h.From = &from
		}
		if i < len(s)-1 {
			to := clock(t, s[i+1:])
			h.To = &to
		}
	}
	return h
}

func instant(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, s)
	require.NoError(t, err)
	return at
}

func TestWindow(t *testing.T) {
	t.Parallel()
	type test struct {
		name, now       string
		zones           []string
		campaign, legal string
		margin          time.Duration
		open            bool
		opens, closes   string // "" = zero
	}
	one := func(zone string) []string { return []string{zone} }
	tests := []test{
		{"noon", "2026-11-20T17:00:00Z", one("America/New_York"), "09:00-17:00", "", time.Minute, true, "2026-11-20T14:00:00Z", "2026-11-20T21:59:00Z"},
		{"the first instant", "2026-11-20T14:00:00Z", one("America/New_York"), "09:00-17:00", "", 0, true, "2026-11-20T14:00:00Z", "2026-11-20T22:00:00Z"},
		{"just before it", "2026-11-20T13:59:59.999999999Z", one("America/New_York"), "09:00-17:00", "", 0, false, "2026-11-20T14:00:00Z", "2026-11-20T22:00:00Z"},
		{"just before the margin", "2026-11-20T21:58:59.999999999Z", one("America/New_York"), "09:00-17:00", "", time.Minute, true, "2026-11-20T14:00:00Z", "2026-11-20T21:59:00Z"},
		{"in the margin", "2026-11-20T21:59:00Z", one("America/New_York"), "09:00-17:00", "", time.Minute, false, "2026-11-21T14:00:00Z", "2026-11-21T21:59:00Z"},
		{"the close", "2026-11-20T22:00:00Z", one("America/New_York"), "09:00-17:00", "", 0, false, "2026-11-21T14:00:00Z", "2026-11-21T22:00:00Z"},
		{"no campaign window leaves the legal day", "2026-11-20T13:30:00Z", one("America/New_York"), "", "", 0, true, "2026-11-20T13:00:00Z", "2026-11-21T02:00:00Z"},
		{"only from", "2026-11-20T13:30:00Z", one("America/New_York"), "10:00-", "", 0, false, "2026-11-20T15:00:00Z", "2026-11-21T02:00:00Z"},
		{"only to", "2026-11-20T13:30:00Z", one("America/New_York"), "-10:00", "", 0, true, "2026-11-20T13:00:00Z", "2026-11-20T15:00:00Z"},
		{"the legal day bounds the campaign", "2026-11-21T02:30:00Z", one("America/New_York"), "06:00-23:00", "", 0, false, "2026-11-21T13:00:00Z", "2026-11-22T02:00:00Z"},
		{"one end of the legal day left out is the default's", "2026-11-21T02:30:00Z", one("America/New_York"), "", "09:00-", 0, false, "2026-11-21T14:00:00Z", "2026-11-22T02:00:00Z"},
		{"empty", "2026-11-20T17:00:00Z", one("America/New_York"), "09:00-09:00", "", 0, false, "", ""},
		{"nothing in common", "2026-11-20T17:00:00Z", one("America/New_York"), "22:00-23:00", "", 0, false, "", ""},
		{"crossing midnight", "2026-11-20T04:30:00Z", one("UTC"), "22:00-05:00", "00:00-24:00", 0, true, "2026-11-19T22:00:00Z", "2026-11-20T05:00:00Z"},
		{"crossing midnight leaves two pieces of the legal day", "2026-11-20T12:00:00Z", one("UTC"), "20:00-10:00", "", 0, false, "2026-11-20T20:00:00Z", "2026-11-20T21:00:00Z"},
		{"shorter than the margin", "2026-11-20T12:00:00Z", one("UTC"), "12:00-12:01", "", time.Minute, false, "", ""},
		{"never closes", "2026-11-20T12:00:00Z", one("UTC"), "", "00:00-24:00", time.Minute, true, "2026-11-17T12:00:00Z", "2026-11-28T12:00:00Z"},
		{"two coasts", "2026-11-20T15:30:00Z", []string{"America/New_York", "America/Los_Angeles"}, "", "", 0, false, "2026-11-20T16:00:00Z", "2026-11-21T02:00:00Z"},
		{"Honolulu and Guam have two hours in common", "2026-11-20T12:00:00Z", []string{"Pacific/Honolulu", "Pacific/Guam"}, "", "", 0, false, "2026-11-20T22:00:00Z", "2026-11-21T07:00:00Z"},
		{"New York and Singapore by day share nothing", "2026-11-20T12:00:00Z", []string{"America/New_York", "Asia/Singapore"}, "09:00-17:00", "", 0, false, "", ""},
		{"an alias", "2026-11-20T17:00:00Z", one("America/Shiprock"), "09:00-17:00", "", 0, true, "2026-11-20T16:00:00Z", "2026-11-21T00:00:00Z"},

		// 8 March 2026: New York skips 02:00-03:00. 1 November 2026: it repeats 01:00-02:00.
		{"an opening inside the gap is its end", "2026-03-08T05:00:00Z", one("America/New_York"), "02:30-05:00", "00:00-24:00", 0, false, "2026-03-08T07:00:00Z", "2026-03-08T09:00:00Z"},
		{"a window inside the gap waits a day", "2026-03-08T06:59:00Z", one("America/New_York"), "02:00-03:00", "00:00-24:00", 0, false, "2026-03-09T06:00:00Z", "2026-03-09T07:00:00Z"},
		{"a close inside the gap is its start", "2026-03-08T06:30:00Z", one("America/New_York"), "01:00-02:30", "00:00-24:00", 0, true, "2026-03-08T06:00:00Z", "2026-03-08T07:00:00Z"},
		{"a close inside the fold comes twice: first", "2026-11-01T05:29:00Z", one("America/New_York"), "00:00-01:30", "00:00-24:00", 0, true, "2026-11-01T04:00:00Z", "2026-11-01T05:30:00Z"},
		{"a close inside the fold comes twice: between", "2026-11-01T05:45:00Z", one("America/New_York"), "00:00-01:30", "00:00-24:00", 0, false, "2026-11-01T06:00:00Z", "2026-11-01T06:30:00Z"},
		{"a close inside the fold comes twice: second", "2026-11-01T06:29:59Z", one("America/New_York"), "00:00-01:30", "00:00-24:00", 0, true, "2026-11-01T06:00:00Z", "2026-11-01T06:30:00Z"},
		{"the legal day on the day of the change", "2026-03-08T11:30:00Z", one("America/New_York"), "", "", 0, false, "2026-03-08T12:00:00Z", "2026-03-09T01:00:00Z"},
		{"the closed hour is skipped, two days run together", "2026-03-08T12:00:00Z", one("America/New_York"), "03:00-02:00", "00:00-24:00", 0, true, "2026-03-07T08:00:00Z", "2026-03-09T06:00:00Z"},
		{"midnight is skipped in Havana", "2026-03-08T04:30:00Z", one("America/Havana"), "00:00-02:00", "00:00-24:00", 0, false, "2026-03-08T05:00:00Z", "2026-03-08T06:00:00Z"},
		{"Arizona keeps its hours while the Navajo Nation changes", "2026-07-01T14:30:00Z", []string{"America/Phoenix", "America/Denver"}, "", "", 0, false, "2026-07-01T15:00:00Z", "2026-07-02T03:00:00Z"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v := Window(instant(t, tt.now), tt.zones, Rules{Campaign: hours(t, tt.campaign), Legal: hours(t, tt.legal), Margin: tt.margin})
			require.Equal(t, tt.open, v.Open, v.Reason)
			require.NotEmpty(t, v.Reason)
			for i, want := range []string{tt.opens, tt.closes} {
				got := []time.Time{v.Opens, v.Closes}[i]
				if want == "" {
					require.Zero(t, got)
					continue
				}
				require.Equal(t, instant(t, want), got, v.Reason)
			}
		})
	}
}

func TestWindowFailsClosed(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 20, 17, 0, 0, 0, time.UTC)
	late, below := endOfDay+1, TimeOfDay(-1)
	for name, v := range map[string]Verdict{
		"no zone":              Window(noon, nil, DefaultRules(Hours{})),
		"unknown zone":         Window(noon, []string{"America/Gotham"}, DefaultRules(Hours{})),
		"one of two unknown":   Window(noon, []string{"America/New_York", ""}, DefaultRules(Hours{})),
		"a path":               Window(noon, []string{"../../etc/passwd"}, DefaultRules(Hours{})),
		"Local":                Window(noon, []string{"Local"}, DefaultRules(Hours{})),
		"campaign out of day":  Window(noon, []string{"America/New_York"}, DefaultRules(Hours{To: &late})),
		"legal before the day": Window(noon, []string{"America/New_York"}, Rules{Legal: Hours{From: &below}}),
	} {
		require.False(t, v.Open, name)
		require.Zero(t, v.Opens, name)
		require.NotEmpty(t, v.Reason, name)
	}
	require.True(t, Window(noon, []string{"America/New_York"}, DefaultRules(Hours{})).Open)
	require.True(t, Window(noon, []string{"America/New_York"}, Rules{Margin: -time.Hour}).Open)
	require.Equal(t, Window(noon, []string{"America/New_York"}, Rules{}), Window(noon, []string{"America/New_York"}, Rules{Margin: -time.Hour}))
}

func TestWindowReason(t *testing.T) {
	t.Parallel()
	zones := []string{"America/New_York", "America/Los_Angeles"}
	at := func(s string) string { return Window(instant(t, s), zones, DefaultRules(Hours{})).Reason }
	require.Equal(t, "inside the calling hours of every zone: America/New_York, America/Los_Angeles", at("2026-11-20T18:00:00Z"))
	require.Equal(t, "outside the calling hours, it is 07:30 in America/Los_Angeles (legal day 08:00-21:00)", at("2026-11-20T15:30:00Z"))
	require.Equal(t, "the calling hours end in no more than the margin of 1m0s, zones America/New_York, America/Los_Angeles", at("2026-11-21T01:59:30Z"))
	require.Equal(t, "the campaign and legal hours have no time of day in common",
		Window(instant(t, "2026-11-20T15:30:00Z"), zones, DefaultRules(Between(22*3600, 23*3600))).Reason)
	require.Equal(t, "outside the calling hours, it is 22:00 in Asia/Singapore (campaign hours 09:00-17:00; legal day 08:00-21:00); no hour of the next 8 days is open in every zone",
		Window(instant(t, "2026-11-20T14:00:00Z"), []string{"America/New_York", "Asia/Singapore"}, DefaultRules(Between(9*3600, 17*3600))).Reason)
}

func BenchmarkWindow(b *testing.B) {
	zones := []string{"America/New_York", "America/Chicago"}
	rules := DefaultRules(Between(9*3600, 20*3600))
	for name, now := range map[string]time.Time{
		"open":   time.Date(2026, 11, 20, 17, 0, 0, 0, time.UTC),
		"closed": time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Window(now, zones, rules)
			}
		})
	}
	b.Run("never", func(b *testing.B) {
		for b.Loop() {
			Window(time.Date(2026, 11, 20, 17, 0, 0, 0, time.UTC), []string{"America/New_York", "Asia/Singapore"}, DefaultRules(Between(9*3600, 17*3600)))
		}
	})
}
