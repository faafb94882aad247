package calltime

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestParseTimeOfDay(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]TimeOfDay{
		"09:00": 9 * 3600, "9:00": 9 * 3600, " 09:00 ": 9 * 3600, "00:00": 0, "24:00": 86400, "24:00:00": 86400, "23:59:59": 86399,
		"09:00:00": 9 * 3600, "09:00:00+00": 9 * 3600, "09:00:00-05": 9 * 3600, "09:00:30+05:30": 9*3600 + 30,
		"09:00:00.000000+00:00": 9 * 3600, "09:00Z": 9 * 3600, "09:00:00 +00": 9 * 3600, "09:00:00-05:30:15": 9 * 3600,
	} {
		got, err := ParseTimeOfDay(in)
		require.NoError(t, err, in)
		require.Equal(t, want, got, in)
	}
	for _, in := range []string{"", "9", "0900", "24:01", "24:00:01", "25:00", "09:60", "09:00:60", "-09:00", "09:00 AM", "09:00:00.5",
		"noon", "09:00+", "09:00:00 Europe/Berlin", "٠٩:٠٠", "09:00\x00", strings.Repeat("9", 1000)} {
		_, err := ParseTimeOfDay(in)
		require.ErrorContains(t, err, "is not a time of day: write HH:MM", in)
	}
}

func TestHoursString(t *testing.T) {
	t.Parallel()
	for _, want := range []string{"09:00-17:00", "22:00-05:00", "08:30:15-24:00"} {
		require.Equal(t, want, hours(t, want).String())
	}
	require.Equal(t, "any time", Hours{}.String())
	require.Equal(t, "from 09:00", hours(t, "09:00-").String())
	require.Equal(t, "until 17:00", hours(t, "-17:00").String())
	require.Equal(t, "08:00-21:00", DefaultLegalDay().String())
}

func TestLeadZone(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"America/Chicago":           "America/Chicago",
		" america/chicago\n":        "America/Chicago",
		"AMERICA/NEW YORK":          "America/New_York",
		"America/New_York":          "America/New_York",
		"America/Port-au-Prince":    "America/Port-au-Prince",
		"US/Central":                "America/Chicago",
		"us/east-indiana":           "America/Indiana/Indianapolis",
		"America/Shiprock":          "America/Denver",
		"America/Indianapolis":      "America/Indiana/Indianapolis",
		"America/Indiana/Tell_City": "America/Indiana/Tell_City",
		"America/St_Thomas":         "America/St_Thomas",
		"Pacific/Guam":              "Pacific/Guam",
		"Asia/Calcutta":             "Asia/Kolkata",
		"(GMT-05:00) Central Daylight Time (America/Chicago)": "America/Chicago",
		"(GMT−05:00) Eastern Standard Time (America/Panama)":  "America/Panama",
		"(GMT+00:00) Greenwich Mean Time (Europe/London)":     "Europe/London",
		"(GMT-07:00) Mountain Standard Time (US/Arizona)":     "America/Phoenix",
		"America/Chicago (same as US/Central)":                "America/Chicago",
		"(GMT-05:00) EST/EDT [America/New_York]":              "America/New_York",
	} {
		zone, ok, note := LeadZone(in)
		require.True(t, ok, in)
		require.Equal(t, want, zone, in)
		require.Empty(t, note, in)
	}
	for in, note := range map[string]string{
		"": "", "  ": "",
		"UTC": "fixed offset", "utc": "fixed offset", "GMT": "fixed offset", "Z": "fixed offset", "EST": "fixed offset", "CST6CDT": "fixed offset", "PT": "fixed offset",
		"Etc/GMT+5": "fixed offset", "Etc/UTC": "fixed offset", "-05:00": "fixed offset", "+0530": "fixed offset", "UTC-5": "fixed offset", "-300": "fixed offset",
		"(GMT-05:00) Central Daylight Time":      "fixed offset",
		"(UTC-06:00) Central Time (US & Canada)": "fixed offset",
		"Central":                                "not a known region", "Eastern Time": "not a known region", "Chicago": "not a known region", "Navajo": "not a known region", "America": "not a known region",
		"Local": "not a known region", "America/Gotham": "not a known region", "null": "not a known region", "Factory": "not a known region",
		"../../etc/passwd": "not a known region", "/usr/share/zoneinfo/America/Chicago": "not a known region", "posix/America/Chicago": "not a known region",
		"America/Chicago/../New_York": "not a known region", "../America/Chicago": "not a known region",
		"America/Chicago or America/Denver":     "more than one region",
		strings.Repeat("America/Chicago ", 100): "too long",
	} {
		zone, ok, got := LeadZone(in)
		require.False(t, ok, in)
		require.Empty(t, zone, in)
		require.Contains(t, got, note, in)
		require.Equal(t, note == "", got == "", in)
	}
}

func TestEveryRegionLoads(t *testing.T) {
	t.Parallel()
	require.Greater(t, len(regions), 500)
	for name, r := range regions {
		_, err := location(name)
		require.NoError(t, err, name)
		_, err = location(r.canonical)
		require.NoError(t, err, name)
		require.Equal(t, r.canonical, regions[r.canonical].canonical, "a canonical name is its own: %s", name)
		if name != "UTC" {
			require.Contains(t, name, "/")
			require.NotContains(t, name, "Etc/")
		}
	}
}

// An alias must show the same clock as the name it is replaced by.
func TestAliasesKeepTheTime(t *testing.T) {
	t.Parallel()
	for name, r := range regions {
		alias, err := r.location()
		require.NoError(t, err)
		canonical, err := location(r.canonical)
		require.NoError(t, err)
		for at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2028; at = at.Add(24 * time.Hour) {
			require.Equal(t, at.In(canonical).Format(time.DateTime), at.In(alias).Format(time.DateTime), name)
		}
	}
}

func FuzzParseTimeOfDay(f *testing.F) {
	for _, s := range []string{"09:00", "24:00:00", "09:00:00.25-05:30", "9:5", "٠٩:٠٠"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseTimeOfDay(s)
		if err != nil {
			require.Zero(t, got)
			return
		}
		require.True(t, got.valid())
		again, err := ParseTimeOfDay(got.String())
		require.NoError(t, err)
		require.Equal(t, got, again)
	})
}

func FuzzLeadZone(f *testing.F) {
	for _, s := range []string{"America/Chicago", "(GMT-05:00) Central Daylight Time (America/Chicago)", "../../etc/passwd", "EST", "America/New York"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		zone, ok, note := LeadZone(s)
		if !ok {
			require.Empty(t, zone)
			require.Equal(t, strings.TrimSpace(s) == "", note == "")
			return
		}
		require.Empty(t, note)
		require.Equal(t, zone, regions[zone].canonical)
		again, ok, _ := LeadZone(zone)
		require.True(t, ok)
		require.Equal(t, zone, again)
	})
}
