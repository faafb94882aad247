package calltime

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// bruteOpen is the rule as it is written, for one instant: the wall clock of every zone is inside both windows.
func bruteOpen(at time.Time, locs []*time.Location, campaign, legal Hours) bool {
	for _, loc := range locs {
		h, m, s := at.In(loc).Clock()
		wall := TimeOfDay(h*3600 + m*60 + s)
		if !bruteInside(wall, campaign) || !bruteInside(wall, legal) {
			return false
		}
	}
	return true
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
func bruteWindow(now time.Time, locs []*time.Location, r Rules) (open bool, opens, closes time.Time) {
	start, horizon := now.Add(-72*time.Hour), now.Add(8*24*time.Hour)
	inside := false
	for at := start; ; at = at.Add(time.Minute) {
		is := bruteOpen(at, locs, r.Campaign, r.Legal)
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
	time.Date(2026, 2, 15, 0, 0, 0, 0, time.UTC), time.Date(2011, 12, 30, 0, 0, 0, 0, time.UTC), // Apia left this day out
}

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
func randomCase(rng *rand.Rand, unit int) (now time.Time, zones []string, r Rules) {
	now = changeDays[rng.IntN(len(changeDays))].Add(time.Duration(rng.IntN(9*24*3600/unit)*unit)*time.Second - 108*time.Hour)
	for range 1 + rng.IntN(3) {
		zones = append(zones, awkwardZones[rng.IntN(len(awkwardZones))])
	}
	r.Campaign, r.Legal = randomHours(rng, unit), DefaultLegalDay()
	if rng.IntN(2) == 0 {
		if r.Legal = randomHours(rng, unit); r.Legal.From == nil || r.Legal.To == nil {
			r.Legal = Between(0, endOfDay)
		}
	}
	r.Margin = []time.Duration{0, time.Minute, time.Hour}[rng.IntN(3)]
	return now, zones, r
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
	cases := 800
	if testing.Short() {
		cases = 100
	}
	rng := rand.New(rand.NewPCG(1, 2))
	opened, closed := 0, 0
	for range cases {
		now, zones, r := randomCase(rng, 60)
		open, opens, closes := bruteWindow(now, load(t, zones), r)
		v := Window(now, zones, r)
		require.Equal(t, open, v.Open, "%s %v %v", now, zones, r)
		require.True(t, opens.Equal(v.Opens), "opens %s, want %s: %s %v %v %v", v.Opens, opens, now, zones, r.Campaign, r.Legal)
		require.True(t, closes.Equal(v.Closes), "closes %s, want %s: %s %v %v %v", v.Closes, closes, now, zones, r.Campaign, r.Legal)
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
		now, zones, r := randomCase(rng, 1)
		now = now.Add(time.Duration(rng.IntN(3)) * 499_999_999)
		locs := load(t, zones)
		is := func(at time.Time) bool { return bruteOpen(at, locs, r.Campaign, r.Legal) }
		v := Window(now, zones, r)
		if v.Open {
			require.True(t, is(now), "%s %v %v", now, zones, r)
			require.False(t, now.Before(v.Opens))
			require.True(t, now.Before(v.Closes))
		}
		if v.Opens.IsZero() {
			require.False(t, is(now) && is(now.Add(r.Margin)), "%s %v %v", now, zones, r)
			continue
		}
		require.True(t, is(v.Opens))
		if v.Opens.After(now.Add(-71 * time.Hour)) {
			require.False(t, is(v.Opens.Add(-1)))
		}
		if v.Closes.Before(now.Add(7 * 24 * time.Hour)) {
			require.False(t, is(v.Closes.Add(r.Margin)), "%s %v %v", now, zones, r)
			require.True(t, is(v.Closes.Add(r.Margin-1)))
		}
	}
}
