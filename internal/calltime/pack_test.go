package calltime

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What the pack makes of a week with a holiday (Thanksgiving, 26 November 2026), by state: weekdays, Saturday, Sunday,
// the holiday, and the rows this comes from. "" is no call at all. It was typed from the sources, not from the file.
var goldenHours = map[string]struct{ week, saturday, sunday, holiday, rows string }{
	"AL": {"08:00-20:00", "08:00-20:00", "", "", "al-hours al-sunday al-holidays"},
	"CT": {"09:00-20:00", "09:00-20:00", "09:00-20:00", "09:00-20:00", "ct-hours"},
	"FL": {"08:00-20:00", "08:00-20:00", "08:00-20:00", "08:00-20:00", "fl-hours"},
	"IL": {"09:00-21:00", "09:00-21:00", "09:00-21:00", "09:00-21:00", "il-hours"},
	"KY": {"10:00-21:00", "10:00-21:00", "10:00-21:00", "10:00-21:00", "ky-hours"},
	"LA": {"08:00-20:00", "08:00-20:00", "", "", "la-hours la-sunday la-holidays"},
	"MA": {"08:00-20:00", "08:00-20:00", "08:00-20:00", "08:00-20:00", "ma-hours"},
	"MD": {"08:00-20:00", "08:00-20:00", "08:00-20:00", "08:00-20:00", "md-hours"},
	"MI": {"09:00-21:00", "09:00-21:00", "09:00-21:00", "09:00-21:00", "mi-hours"},
	"MN": {"09:00-21:00", "09:00-21:00", "09:00-21:00", "09:00-21:00", "mn-hours"},
	"MS": {"08:00-20:00", "08:00-20:00", "", "08:00-20:00", "ms-hours ms-sunday"},
	"NE": {"08:00-21:00", "08:00-21:00", "13:00-21:00", "13:00-21:00", "ne-recorded"},
	"NM": {"09:00-21:00", "09:00-21:00", "09:00-21:00", "09:00-21:00", "nm-hours"},
	"NV": {"09:00-20:00", "09:00-20:00", "09:00-20:00", "09:00-20:00", "nv-hours"},
	"OK": {"09:00-20:00", "09:00-20:00", "09:00-20:00", "09:00-20:00", "ok-hours ok-announcing"},
	"WA": {"08:00-20:00", "08:00-20:00", "08:00-20:00", "08:00-20:00", "wa-hours"},
}

// hoursOn gives the spans of a local day of New York in words.
func hoursOn(t *testing.T, day string, states []string, r Rules) string {
	t.Helper()
	loc, err := location("America/New_York")
	require.NoError(t, err)
	from, err := time.ParseInLocation(time.DateOnly, day, loc)
	require.NoError(t, err)
	spans, err := Spans(from, from.AddDate(0, 0, 1), Place{[]string{"America/New_York"}, states}, r)
	require.NoError(t, err)
	var words []string
	for _, s := range spans {
		words = append(words, s.From.In(loc).Format("15:04")+"-"+s.To.In(loc).Format("15:04"))
	}
	return strings.Join(words, " ")
}

func TestHoursOfEveryState(t *testing.T) {
	t.Parallel()
	pack := CurrentPack()
	used := map[string]bool{}
	for code := range places().states {
		want, ok := goldenHours[code]
		if !ok {
			want.week, want.saturday, want.sunday, want.holiday = "08:00-21:00", "08:00-21:00", "08:00-21:00", "08:00-21:00"
		}
		r := Rules{Pack: pack}
		for day, hours := range map[string]string{"2026-11-25": want.week, "2026-11-28": want.saturday, "2026-11-29": want.sunday, "2026-11-26": want.holiday} {
			require.Equal(t, hours, hoursOn(t, day, []string{code}, r), "%s on %s", code, day)
			r := Rules{Pack: pack, Exempt: []string{code}}
			require.Equal(t, "08:00-21:00", hoursOn(t, day, []string{code}, r), "%s exempt on %s", code, day)
			require.Equal(t, "08:00-21:00", hoursOn(t, day, []string{code}, Rules{}), "no pack")
		}
		require.Equal(t, ok, len(pack.Binding([]string{code})) == 1, code)
		for _, id := range strings.Fields(want.rows) {
			used[id] = true
		}
	}
	for _, row := range pack.Rows() {
		if row.Kind == KindHours || row.Kind == KindClosed {
			require.Equal(t, !row.LeftOut, used[row.ID], "a row is in the golden table just when it binds: %s", row.ID)
		}
	}
}

func TestLeftOutRows(t *testing.T) {
	t.Parallel()
	var left []string
	for _, row := range CurrentPack().Rows() {
		if row.LeftOut {
			left = append(left, row.ID)
			require.NotEmpty(t, row.Note, "why it is left out: %s", row.ID)
		}
	}
	require.Equal(t, []string{"co-disclose", "la-new-orleans", "la-all-saints", "me-disclose", "ms-holidays", "pa-saturday", "pa-holidays", "pa-flag-day",
		"ri-weekdays", "ri-saturday", "ri-sunday", "ri-holidays", "ri-victory-day", "sc-hours", "sd-hours", "sd-sunday", "tn-hours", "tx-hours",
		"tx-sunday", "ut-sunday", "ut-holidays", "ut-pioneer-day", "ut-disclose", "wy-hours"}, left)
}

func TestHolidays(t *testing.T) {
	t.Parallel()
	federal := []string{"2026-01-01", "2026-01-19", "2026-02-16", "2026-05-25", "2026-06-19", "2026-07-04", "2026-09-07", "2026-10-12",
		"2026-11-11", "2026-11-26", "2026-12-25"}
	for state, more := range map[string][]string{
		"US": nil,
		"AL": {"2026-02-17", "2026-04-27", "2026-06-01", "2026-07-03", "2026-12-01"}, // Independence Day is a Saturday
		"LA": {"2026-02-17", "2026-04-03", "2026-07-03", "2026-11-27"},
		"MS": nil, // moves from Sunday only
		"NE": {"2026-07-03"},
		"NY": nil,
	} {
		require.Equal(t, sortedCopy(federal, more), holidaysIn(state, 2026), state)
	}
	federal = []string{"2027-01-01", "2027-01-18", "2027-02-15", "2027-05-31", "2027-06-19", "2027-07-04", "2027-09-06", "2027-10-11", "2027-11-11", "2027-11-25", "2027-12-25"}
	for state, more := range map[string][]string{
		"US": nil,
		"AL": {"2027-02-09", "2027-04-26", "2027-06-07", "2027-06-18", "2027-07-05", "2027-12-01", "2027-12-24", "2027-12-31"}, // New Year's Day 2028 is a Saturday
		"LA": {"2027-02-09", "2027-03-26", "2027-06-18", "2027-07-05", "2027-11-26", "2027-12-24", "2027-12-31"},
		"MS": {"2027-07-05"},
		"NE": {"2027-06-18", "2027-07-05", "2027-12-24", "2027-12-31"},
	} {
		require.Equal(t, sortedCopy(federal, more), holidaysIn(state, 2027), state)
	}
	require.Empty(t, CurrentPack().Holiday("AL", 2020, 6, 19), "Juneteenth is one since 2021")
	require.Equal(t, "Juneteenth", CurrentPack().Holiday("AL", 2021, 6, 19))
	require.Equal(t, "Independence Day (observed)", CurrentPack().Holiday("AL", 2026, 7, 3))
}

func sortedCopy(a, b []string) []string { return union(slices.Clone(a), b) }

func holidaysIn(state string, year int) (days []string) {
	for at := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() == year; at = at.AddDate(0, 0, 1) {
		if CurrentPack().Holiday(state, year, at.Month(), at.Day()) != "" {
			days = append(days, at.Format(time.DateOnly))
		}
	}
	return days
}

func TestDateRules(t *testing.T) {
	t.Parallel()
	for rule, want := range map[string]string{
		"jan 1": "2026-01-01", "feb 29": "2026-03-01", "1st mon sep": "2026-09-07", "2nd tue sep": "2026-09-08", "last mon may": "2026-05-25",
		"last thu dec": "2026-12-31", "4th thu nov+1": "2026-11-27", "1st thu jan-1": "2025-12-31", "easter": "2026-04-05", "easter-47": "2026-02-17", "easter+1": "2026-04-06",
	} {
		r, err := parseDateRule(rule)
		require.NoError(t, err, rule)
		require.Equal(t, want, r.in(2026).civil().Format(time.DateOnly), rule)
	}
	for _, rule := range []string{"", "jan", "jan 0", "jan 32", "feb 30", "xxx 1", "5th mon jan", "1st xxx jan", "1st mon xxx", "Jan 1", "easter-", "easter-1000", "jan 1+1"} {
		_, err := parseDateRule(rule)
		require.ErrorContains(t, err, "is not a date rule", rule)
	}
	for year, want := range map[int]string{1999: "1999-04-04", 2000: "2000-04-23", 2008: "2008-03-23", 2011: "2011-04-24", 2026: "2026-04-05", 2038: "2038-04-25", 2285: "2285-03-22"} {
		require.Equal(t, want, easter(year).civil().Format(time.DateOnly))
	}
	require.Equal(t, time.Wednesday, dateOf(1969, 12, 31).weekday())
	require.Equal(t, time.Monday, dateOf(2026, 11, 23).weekday())
}

func TestParseDays(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]Weekdays{
		"all": everyDay, "sun": WeekdaySet(time.Sunday), "mon-fri": 0b0111110, "fri-mon": 0b1100011, "sun+holidays": 1 | holidays, "sat+mon-tue": 0b1000110,
	} {
		got, err := parseDays(s)
		require.NoError(t, err, s)
		require.Equal(t, want, got, s)
	}
	for _, s := range []string{"", "mon-", "-mon", "monday", "mon-fri-sat", "mon,tue", "+"} {
		_, err := parseDays(s)
		require.ErrorContains(t, err, "are not days", s)
	}
}

func TestPackHead(t *testing.T) {
	t.Parallel()
	p := CurrentPack()
	require.Equal(t, "2026.11.1", p.Version)
	require.Equal(t, "2026-11-23", p.Reviewed.Format(time.DateOnly))
	require.LessOrEqual(t, p.ReviewBy.Sub(p.Reviewed), 90*24*time.Hour)
	require.False(t, p.Stale(instant(t, "2027-02-21T23:59:59Z")))
	require.True(t, p.Stale(instant(t, "2027-02-22T00:00:00Z")))
	for _, row := range p.Rows() {
		require.True(t, strings.HasPrefix(row.ID, strings.ToLower(row.State)+"-"), row.ID)
		if row.State != "US" {
			require.Contains(t, places().states, row.State)
		}
	}
}

func TestCapsAndDisclosures(t *testing.T) {
	t.Parallel()
	p, now := CurrentPack(), instant(t, "2026-11-23T18:00:00Z")
	require.Equal(t, []Cap{{3, 24 * time.Hour, "fl-cap"}, {1, 8 * time.Hour, "me-cap"}}, p.Caps([]string{"FL", "NY", "ME"}, now))
	require.Equal(t, []Cap{{3, 24 * time.Hour, "md-cap"}, {3, 24 * time.Hour, "ok-cap"}}, p.Caps([]string{"MD", "OK"}, now))
	require.Empty(t, p.Caps([]string{"AL", "TX"}, now))
	said := p.Disclosures([]string{"CA", "WA", "CO", "NY"}, now)
	require.Len(t, said, 2)
	require.Equal(t, "ca-disclose wa-disclose", said[0].ID+" "+said[1].ID)
	require.Empty(t, p.Disclosures([]string{"CA"}, instant(t, "2024-12-31T18:00:00Z")), "since 2025")
}

const packHead = "# version: 1\n# reviewed: 2026-01-01\n# review by: 2026-02-01\nid,state,kind,days,value,from,until,source,reviewer,checked,status,note\n"

// A pack that replaces the one built in: rows bind between their dates, of the day in each zone.
func TestRowsBindBetweenTheirDates(t *testing.T) {
	t.Parallel()
	p, err := ReadPack(packHead + "tx-new,TX,hours,all,10:00-18:00,2026-06-02,2026-06-03,law,me,2026-01-01,in_force,\ntx-out,TX,closed,all,,,,law,me,2026-01-01,left_out,why\n")
	require.NoError(t, err)
	r := Rules{Pack: p}
	for day, want := range map[string]string{"2026-06-01": "08:00-21:00", "2026-06-02": "10:00-18:00", "2026-06-03": "10:00-18:00", "2026-06-04": "08:00-21:00"} {
		require.Equal(t, want, hoursOn(t, day, []string{"TX"}, r))
	}
	v := Judge(instant(t, "2026-06-02T13:30:00Z"), Place{[]string{"America/New_York"}, []string{"TX"}}, r)
	require.Equal(t, "1", v.Pack)
	require.Equal(t, []Clock{{"America/New_York", "Tue 2026-06-02 09:30", []string{"TX: 10:00-18:00 on Tuesday (tx-new)"}}}, v.Clocks)
}

func TestReadPackRefuses(t *testing.T) {
	t.Parallel()
	row := func(kind, days, value string) string {
		return "x," + "TX," + kind + "," + days + "," + value + ",,,law,me,2026-01-01,in_force,\n"
	}
	for want, text := range map[string]string{
		"version line":           strings.Replace(packHead, "# version: 1\n", "", 1) + row("closed", "sun", ""),
		"reviewed line":          strings.Replace(packHead, "2026-01-01", "soon", 1) + row("closed", "sun", ""),
		"review by line":         strings.Replace(packHead, "2026-02-01", "2025-02-01", 1) + row("closed", "sun", ""),
		"no rows":                packHead,
		"wrong number of fields": packHead + "x,TX\n",
		"twice":                  packHead + row("closed", "sun", "") + row("closed", "sun", ""),
		"not a kind":             packHead + row("open", "sun", ""),
		"are not days":           packHead + row("hours", "never", "08:00-20:00"),
		"not a time of day":      packHead + row("hours", "sun", "8-20"),
		"is not a date rule":     packHead + row("holiday", "some day", "Some Day"),
		"is not a move":          packHead + row("observed", "", "fri>sat"),
		"a cap is written":       packHead + row("cap", "", "3 a day"),
		"must be filled":         packHead + strings.Replace(row("closed", "sun", ""), "law", "", 1),
		"checked must be":        packHead + strings.Replace(row("closed", "sun", ""), "2026-01-01", "", 1),
		"status must be":         packHead + strings.Replace(row("closed", "sun", ""), "in_force", "perhaps", 1),
		"from and until":         packHead + strings.Replace(row("closed", "sun", ""), ",,,law", ",,x,law", 1),
	} {
		_, err := ReadPack(text)
		require.ErrorContains(t, err, want)
	}
}

func TestReasonsOfAPack(t *testing.T) {
	t.Parallel()
	r := DefaultRules(Hours{})
	r.Pack = CurrentPack()
	at := func(s string, states ...string) string {
		return Judge(instant(t, s), Place{[]string{"America/Chicago"}, states}, r).Reason
	}
	require.Equal(t, "outside the calling hours, it is 12:00 in America/Chicago (AL: no calls on Thanksgiving Day (al-holidays))", at("2026-11-26T18:00:00Z", "AL"))
	require.Equal(t, "outside the calling hours, it is 12:00 in America/Chicago (LA: no calls on Sunday (la-sunday))", at("2026-11-29T18:00:00Z", "LA"))
	require.Equal(t, "outside the calling hours, it is 12:00 in America/Chicago (NE: 13:00-21:00 on Sunday (ne-recorded))", at("2026-11-29T18:00:00Z", "NE"))
	require.Equal(t, "outside the calling hours, it is 20:30 in America/Chicago (AL: 08:00-20:00 on Monday (al-hours); FL: 08:00-20:00 on Monday (fl-hours))", at("2026-11-24T02:30:00Z", "FL", "AL", "TX"))
	require.Equal(t, "inside the calling hours of every zone: America/Chicago", at("2026-11-24T02:30:00Z", "TX"))
	r.Days = WeekdaySet(time.Tuesday)
	require.Equal(t, "outside the calling hours, it is 12:00 in America/Chicago (the campaign does not call on Monday)", at("2026-11-23T18:00:00Z"))
}

func FuzzReadPack(f *testing.F) {
	f.Add(usPack)
	f.Add(packHead + "x,TX,holiday,4th thu nov+1,Day,,,law,me,2026-01-01,in_force,\nx2,TX,hours,sun+holidays,22:00-04:00,2026-01-01,,law,me,2026-01-01,in_force,\n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ReadPack(text)
		if err != nil {
			return
		}
		now := time.Date(2026, 11, 26, 17, 0, 0, 0, time.UTC)
		for _, state := range []string{"TX", "AL"} {
			v := Judge(now, Place{[]string{"America/New_York"}, []string{state}}, Rules{Pack: p})
			require.True(t, !v.Open || Judge(now, Place{Zones: []string{"America/New_York"}}, Rules{}).Open, "a pack only ever narrows")
		}
	})
}
