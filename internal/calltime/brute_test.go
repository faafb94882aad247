package calltime

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// bruteOpen is the rule as it is written, for one instant: the wall clock of every zone is inside both windows, on a day
// of the campaign, and inside what every state asks of that day.
func bruteOpen(at time.Time, locs []*time.Location, states []string, r Rules) bool {
	for _, loc := range locs {
		local := at.In(loc)
		h, m, s := local.Clock()
		wall := TimeOfDay(h*3600 + m*60 + s)
		if !bruteInside(wall, r.Campaign) || !bruteInside(wall, r.Legal) {
			return false
		}
		if r.Days != 0 && r.Days&WeekdaySet(local.Weekday()) == 0 {
			return false
		}
		for _, state := range states {
			if r.Pack != nil && !slices.Contains(r.Exempt, state) && !bruteStateOpen(r.Pack, state, local, wall) {
				return false
			}
		}
	}
	return true
}

// bruteStateOpen reads the texts of the pack's rows again, plainly.
func bruteStateOpen(p *Pack, state string, local time.Time, wall TimeOfDay) bool {
	for _, row := range rowsOf(p, state) {
		if (row.Kind != KindHours && row.Kind != KindClosed) || !bruteInForce(row, local) {
			continue
		}
		if !bruteDays(row.Days, local, p, state) {
			continue
		}
		if row.Kind == KindClosed {
			return false
		}
		text := strings.Split(row.Value, "-")
		from, _ := ParseTimeOfDay(text[0])
		to, _ := ParseTimeOfDay(text[1])
		if wall < from || wall >= to {
			return false
		}
	}
	return true
}

func bruteInForce(row Row, day time.Time) bool {
	text := day.Format(time.DateOnly)
	return (row.From == "" || row.From <= text) && (row.Until == "" || text <= row.Until)
}

func bruteDays(days string, day time.Time, p *Pack, state string) bool {
	for _, part := range strings.Split(days, "+") {
		switch part {
		case "all":
			return true
		case "holidays":
			if bruteHoliday(p, state, day) {
				return true
			}
		case "mon-sat":
			if day.Weekday() != time.Sunday {
				return true
			}
		case "sun":
			if day.Weekday() == time.Sunday {
				return true
			}
		default:
			panic("the evaluator does not know the days " + part)
		}
	}
	return false
}

// rowsOf and holidayMemo only keep the evaluator from reading the same text for every minute.
func rowsOf(p *Pack, state string) []Row {
	key := fmt.Sprintf("%p %s", p, state)
	if kept, ok := rowsMemo.Load(key); ok {
		return slices.Clone(kept.([]Row))
	}
	rows := slices.DeleteFunc(p.Rows(), func(r Row) bool { return r.State != state || r.LeftOut })
	rowsMemo.Store(key, rows)
	return slices.Clone(rows)
}

var rowsMemo, holidayMemo sync.Map

func bruteHoliday(p *Pack, state string, day time.Time) bool {
	key := fmt.Sprintf("%p %s %s", p, state, day.Format(time.DateOnly))
	is, ok := holidayMemo.Load(key)
	if !ok {
		is = bruteIsHoliday(p, state, day)
		holidayMemo.Store(key, is)
	}
	return is.(bool)
}

// bruteIsHoliday asks whether the day is a holiday itself, or the day to which yesterday's or tomorrow's moves.
func bruteIsHoliday(p *Pack, state string, day time.Time) bool {
	moves := ""
	for _, row := range rowsOf(p, state) {
		if row.Kind == KindObserved {
			moves = row.Value
		}
	}
	noon := time.Date(day.Year(), day.Month(), day.Day(), 12, 0, 0, 0, time.UTC)
	yesterday, tomorrow := noon.AddDate(0, 0, -1), noon.AddDate(0, 0, 1)
	for _, row := range append(rowsOf(p, "US"), rowsOf(p, state)...) {
		if row.Kind != KindHoliday {
			continue
		}
		is := func(d time.Time) bool { return bruteInForce(row, d) && bruteDate(row.Days, d) }
		switch {
		case is(noon):
			return true
		case strings.Contains(moves, "sun>mon") && yesterday.Weekday() == time.Sunday && is(yesterday):
			return true
		case strings.Contains(moves, "sat>fri") && tomorrow.Weekday() == time.Saturday && is(tomorrow):
			return true
		}
	}
	return false
}

// Easter Sundays (the almanac's, not the algorithm's).
var easters = []string{"2010-04-04", "2011-04-24", "2012-04-08", "2025-04-20", "2026-04-05", "2027-03-28", "2028-04-16", "2029-04-01", "2030-04-21"}

func bruteDate(rule string, day time.Time) bool {
	words := strings.Fields(rule)
	switch {
	case strings.HasPrefix(rule, "easter"):
		off, _ := strconv.Atoi(strings.TrimPrefix(rule, "easter"))
		return slices.Contains(easters, day.AddDate(0, 0, -off).Format(time.DateOnly))
	case len(words) == 2:
		return strings.ToLower(day.Format("Jan 2")) == rule
	}
	if month, more, ok := strings.Cut(words[2], "+"); ok {
		off, _ := strconv.Atoi(more)
		words[2], day = month, day.AddDate(0, 0, -off)
	}
	if !strings.EqualFold(day.Format("Mon Jan"), words[1]+" "+words[2]) {
		return false
	}
	if words[0] == "last" {
		return day.AddDate(0, 0, 7).Month() != day.Month()
	}
	return strconv.Itoa((day.Day()-1)/7+1) == words[0][:1]
}

func bruteInside(wall TimeOfDay, h Hours) bool {
	switch {
	case h.From == nil && h.To == nil:
		return true
	case h.From == nil:
		return wall < *h.To
	case h.To == nil:
		return wall >= *h.From
	case *h.From <= *h.To:
		return *h.From <= wall && wall < *h.To
	}
	return wall >= *h.From || wall < *h.To
}

// bruteWindow finds the verdict by trying every minute: from three days back, the usable span around now or the next one
// that begins within eight days.
func bruteWindow(now time.Time, locs []*time.Location, states []string, r Rules) (open bool, opens, closes time.Time) {
	start, horizon := now.Add(-72*time.Hour), now.Add(8*24*time.Hour)
	inside := false
	for at := start; ; at = at.Add(time.Minute) {
		is := bruteOpen(at, locs, states, r)
		if is && !inside {
			opens = at
		}
		if !is && inside {
			if end := at.Add(-r.Margin); now.Before(end) && opens.Before(end) {
				return !opens.After(now), opens, end
			}
		}
		inside = is
		if !at.Before(horizon) && !inside {
			return false, time.Time{}, time.Time{}
		}
		if !at.Before(horizon) && !opens.After(now) {
			return true, opens, horizon
		}
	}
}

var awkwardZones = []string{
	"America/New_York", "America/Chicago", "America/Denver", "America/Shiprock", "America/Phoenix", "America/Boise",
	"America/Los_Angeles", "America/Anchorage", "America/Adak", "Pacific/Honolulu", "Pacific/Guam", "Pacific/Pago_Pago",
	"Pacific/Apia", "America/Indiana/Indianapolis", "America/Indiana/Knox", "America/Indiana/Petersburg", "America/Puerto_Rico",
	"America/Havana", "America/St_Johns", "America/Regina", "America/North_Dakota/Center", "Australia/Lord_Howe",
	"Australia/Adelaide", "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Chatham", "Pacific/Kiritimati", "Africa/Casablanca",
	"America/Santiago", "Asia/Beirut", "America/Asuncion", "America/Nuuk", "Antarctica/Troll", "Europe/London", "UTC",
}

// Days around which some of the zones change their clocks.
var changeDays = []time.Time{
	time.Date(2026, 3, 8, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC),
	time.Date(2027, 3, 14, 0, 0, 0, 0, time.UTC), time.Date(2027, 11, 7, 0, 0, 0, 0, time.UTC),
	time.Date(2026, 4, 5, 0, 0, 0, 0, time.UTC), time.Date(2026, 10, 4, 0, 0, 0, 0, time.UTC),
	time.Date(2027, 4, 4, 0, 0, 0, 0, time.UTC), time.Date(2027, 10, 3, 0, 0, 0, 0, time.UTC),
	time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC), time.Date(2027, 10, 31, 0, 0, 0, 0, time.UTC),
	time.Date(2026, 7, 4, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC), // holidays
	time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2027, 2, 9, 0, 0, 0, 0, time.UTC),
	time.Date(2026, 2, 15, 0, 0, 0, 0, time.UTC), time.Date(2011, 12, 30, 0, 0, 0, 0, time.UTC), // Apia left this day out
}

var packStates = []string{"AL", "LA", "MS", "CT", "FL", "KY", "NE", "NV", "OK", "WA", "NY", "TX"}

func randomHours(rng *rand.Rand, unit int) Hours {
	pick := func() *TimeOfDay {
		t := TimeOfDay(rng.IntN(int(endOfDay)/unit+1) * unit)
		if rng.IntN(3) == 0 {
			t = TimeOfDay(rng.IntN(13) * 1800) // near the hours in which clocks change
		}
		return &t
	}
	switch rng.IntN(8) {
	case 0:
		return Hours{}
	case 1:
		return Hours{From: pick()}
	case 2:
		return Hours{To: pick()}
	case 3:
		same := pick()
		return Hours{From: same, To: same}
	case 4:
		return Between(0, endOfDay)
	}
	return Hours{From: pick(), To: pick()}
}

// randomCase draws rules whose legal day has both ends, so that none is filled in.
func randomCase(rng *rand.Rand, unit int) (now time.Time, place Place, r Rules) {
	now = changeDays[rng.IntN(len(changeDays))].Add(time.Duration(rng.IntN(9*24*3600/unit)*unit)*time.Second - 108*time.Hour)
	for range 1 + rng.IntN(3) {
		zones := awkwardZones
		if rng.IntN(2) == 0 {
			zones = allZones()
		}
		place.Zones = append(place.Zones, zones[rng.IntN(len(zones))])
	}
	if rng.IntN(2) == 0 {
		r.Pack = CurrentPack()
		for range 1 + rng.IntN(2) {
			place.States = append(place.States, packStates[rng.IntN(len(packStates))])
		}
		if rng.IntN(4) == 0 {
			r.Exempt = []string{packStates[rng.IntN(len(packStates))]}
		}
	}
	if rng.IntN(4) == 0 {
		r.Days = Weekdays(rng.IntN(128))
	}
	r.Campaign, r.Legal = randomHours(rng, unit), DefaultLegalDay()
	if rng.IntN(2) == 0 {
		if r.Legal = randomHours(rng, unit); r.Legal.From == nil || r.Legal.To == nil {
			r.Legal = Between(0, endOfDay)
		}
	}
	r.Margin = []time.Duration{0, time.Minute, time.Hour}[rng.IntN(3)]
	return now, place, r
}

func load(t *testing.T, zones []string) []*time.Location {
	t.Helper()
	var locs []*time.Location
	for _, zone := range zones {
		loc, err := time.LoadLocation(zone)
		require.NoError(t, err)
		locs = append(locs, loc)
	}
	return locs
}

func TestWindowAgreesWithEveryMinute(t *testing.T) {
	t.Parallel()
	cases := 400
	if testing.Short() {
		cases = 100
	}
	rng := rand.New(rand.NewPCG(1, 2))
	opened, closed := 0, 0
	for range cases {
		now, place, r := randomCase(rng, 60)
		open, opens, closes := bruteWindow(now, load(t, place.Zones), place.States, r)
		v := Judge(now, place, r)
		require.Equal(t, open, v.Open, "%s %v %v", now, place, r)
		require.True(t, opens.Equal(v.Opens), "opens %s, want %s: %s %v %v %v", v.Opens, opens, now, place, r.Campaign, r.Legal)
		require.True(t, closes.Equal(v.Closes), "closes %s, want %s: %s %v %v %v", v.Closes, closes, now, place, r.Campaign, r.Legal)
		if open {
			opened++
		} else if !opens.IsZero() {
			closed++
		}
	}
	require.Greater(t, opened, cases/10, "the cases must reach open windows")
	require.Greater(t, closed, cases/10, "and closed ones that open later")
}

// The minutes cannot see an edge between them: here the edges have seconds, and the verdict is tried at its own edges.
func TestWindowToTheSecond(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 4))
	for range 4000 {
		now, place, r := randomCase(rng, 1)
		now = now.Add(time.Duration(rng.IntN(3)) * 499_999_999)
		locs := load(t, place.Zones)
		is := func(at time.Time) bool { return bruteOpen(at, locs, place.States, r) }
		v := Judge(now, place, r)
		if v.Open {
			require.True(t, is(now), "%s %v %v", now, place, r)
			require.False(t, now.Before(v.Opens))
			require.True(t, now.Before(v.Closes))
		}
		if v.Opens.IsZero() {
			require.False(t, is(now) && is(now.Add(r.Margin)), "%s %v %v", now, place, r)
			continue
		}
		require.True(t, is(v.Opens))
		if v.Opens.After(now.Add(-71 * time.Hour)) {
			require.False(t, is(v.Opens.Add(-1)))
		}
		if v.Closes.Before(now.Add(7 * 24 * time.Hour)) {
			require.False(t, is(v.Closes.Add(r.Margin)), "%s %v %v", now, place, r)
			require.True(t, is(v.Closes.Add(r.Margin-1)))
		}
	}
}
