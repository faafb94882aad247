package phone

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/nyaruka/phonenumbers"
	"github.com/stretchr/testify/require"
)

func eachAreaCode(do func(a AreaCode)) {
	for _, a := range areaCodes {
		if a.Code != 0 {
			do(a)
		}
	}
}

// clockOf digests what a zone's wall clock shows over three years: zones of one clock are interchangeable here.
func clockOf(t *testing.T, zone string) string {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	require.NoError(t, err, zone)
	var b strings.Builder
	for at := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC); at.Year() < 2029; at = at.Add(24 * time.Hour) {
		_, offset := at.In(loc).Zone()
		b.WriteString(strconv.Itoa(offset) + ",")
	}
	return b.String()
}

func clocksOf(t *testing.T, clocks map[string]string, zones []string) map[string]bool {
	t.Helper()
	set := map[string]bool{}
	for _, zone := range zones {
		if clocks[zone] == "" {
			clocks[zone] = clockOf(t, zone)
		}
		set[clocks[zone]] = true
	}
	return set
}

func TestAreaCodeRowsAreWhole(t *testing.T) {
	t.Parallel()
	kinds := map[string]int{}
	eachAreaCode(func(a AreaCode) {
		kinds[a.Kind]++
		require.NotEmpty(t, a.Source, a.Code)
		_, err := time.Parse(time.DateOnly, a.Checked)
		require.NoError(t, err, a.Code)
		require.Contains(t, []string{"high", "medium", "low"}, a.Confidence)
		require.Equal(t, slices.Compact(slices.Clone(a.Zones)), a.Zones)
		placed := a.Kind == "geographic" || a.Kind == "caribbean"
		require.Equal(t, placed, len(a.Zones) > 0, a.Code)
		require.Equal(t, a.Kind == "geographic", len(a.States) > 0, a.Code)
		if a.Confidence != "high" {
			require.NotEmpty(t, a.Reason, "a row that is not certain says why: %d", a.Code)
		}
		for _, zone := range a.Zones {
			require.True(t, strings.HasPrefix(zone, "America/") || strings.HasPrefix(zone, "Pacific/") || zone == "Atlantic/Bermuda", zone)
			_, err := time.LoadLocation(zone)
			require.NoError(t, err)
			require.NotContains(t, renamed, zone)
		}
		for _, parent := range a.OverlayOf {
			p, ok := LookupAreaCode(parent)
			require.True(t, ok, a.Code)
			require.NotEqual(t, a.Code, parent)
			require.Subset(t, a.Zones, p.Zones, "an overlay is wherever its parent is: %d", a.Code)
			require.Equal(t, p.Country, a.Country, a.Code)
		}
	})
	require.Equal(t, map[string]int{"geographic": 436, "caribbean": 21, "tollfree": 8, "premium": 1, "personal": 19, "nongeo": 5}, kinds)
}

// Codes whose territory spans clocks, by the states that do (49 CFR 71, provincial practice). Every one must be here, and
// every code of the table that spans is here: a change is decided, not slipped in.
func TestCodesThatSpanClocks(t *testing.T) {
	t.Parallel()
	want := []int{
		208, 986, 219, 574, 812, 930, 270, 364, 606, 308, 402, 531, 334, 483, 423, 729, 931, 432, 915, 458, 541, 580, 605, 620,
		689, 701, 775, 785, 850, 448, 906, 907, 928, // the United States
		236, 250, 257, 672, 778, 273, 367, 418, 581, 306, 474, 639, 709, 879, 807, 867, // Canada
	}
	slices.Sort(want)
	var got []int
	clocks := map[string]string{}
	eachAreaCode(func(a AreaCode) {
		if len(clocksOf(t, clocks, a.Zones)) > 1 {
			got = append(got, a.Code)
		}
	})
	require.Equal(t, want, got)
}

// The table lacks no clock that the library knows for any exchange of a code, not even the ones it most likely has wrong
// (689, 709, 867, 907): the row says so.
func TestAreaCodesHoldTheLibrarysClocks(t *testing.T) {
	t.Parallel()
	clocks, unknown := map[string]string{}, []int{}
	for code := 200; code < 1000; code++ {
		own := map[string]bool{}
		for exchange := 200; exchange < 1000; exchange++ {
			for _, zone := range libraryZones(strconv.Itoa(1_000_000 + code*1000 + exchange)) {
				own[zone] = true
			}
		}
		row, assigned := LookupAreaCode(code)
		if len(own) == 0 {
			if len(row.Zones) > 0 {
				unknown = append(unknown, code)
			}
			continue
		}
		require.True(t, assigned, "the library knows area code %d: add it", code)
		for zone := range own {
			require.Subset(t, clocksOf(t, clocks, row.Zones), clocksOf(t, clocks, []string{zone}), "%d: the library says %s", code, zone)
		}
	}
	for _, code := range unknown {
		row, _ := LookupAreaCode(code)
		require.NotEmpty(t, row.OverlayOf, "%d is too new for the library and overlays nothing it knows", code)
	}
}

// A valid number of the library has a row, and one of a placed kind where the library calls it an ordinary number.
func TestEveryValidNumberHasARow(t *testing.T) {
	t.Parallel()
	regions := map[string]string{"PR": "US", "VI": "US", "GU": "US", "AS": "US", "MP": "US"}
	for code := 200; code < 1000; code++ {
		for _, exchange := range []int{223, 266, 420, 555, 867, 989} {
			text := "+1" + strconv.Itoa(code) + strconv.Itoa(exchange) + "4567"
			n, err := phonenumbers.Parse(text, "")
			require.NoError(t, err)
			if !phonenumbers.IsValidNumber(n) {
				continue
			}
			row, ok := LookupAreaCode(code)
			require.True(t, ok, code)
			region := phonenumbers.GetRegionCodeForNumber(n)
			switch phonenumbers.GetNumberType(n) {
			case phonenumbers.FIXED_LINE_OR_MOBILE:
				if other, ok := regions[region]; ok {
					require.Equal(t, []string{region}, row.States, code)
					region = other
				}
				if row.Kind == "geographic" || row.Kind == "caribbean" {
					require.Equal(t, region, row.Country, code)
				}
			case phonenumbers.TOLL_FREE:
				require.Equal(t, "tollfree", row.Kind, code)
			case phonenumbers.PREMIUM_RATE:
				require.Equal(t, "premium", row.Kind, code)
			}
		}
	}
}

func TestReadAreaCodesRefuses(t *testing.T) {
	t.Parallel()
	const head = "code,country,states,zones,overlay_of,kind,confidence,source,checked,reason\n"
	for name, rows := range map[string]string{
		"too few columns": "201,US\n",
		"no number":       "x,US,NJ,America/New_York,,geographic,high,nanpa,2026-11-23,\n",
		"out of range":    "199,US,NJ,America/New_York,,geographic,high,nanpa,2026-11-23,\n",
		"twice":           strings.Repeat("201,US,NJ,America/New_York,,geographic,high,nanpa,2026-11-23,\n", 2),
		"bad parent":      "201,US,NJ,America/New_York,x,geographic,high,nanpa,2026-11-23,\n",
	} {
		_, err := readAreaCodes(head + rows)
		require.Error(t, err, name)
	}
	require.Panics(t, func() { mustReadAreaCodes("") })
	_, ok := LookupAreaCode(199)
	require.False(t, ok)
}
