package phone

import (
	"slices"
	"strconv"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/nyaruka/phonenumbers"
	"github.com/stretchr/testify/require"
)

func zonesOf(e164 string) []string { return Zones(Number{E164: e164}) }

func TestZones(t *testing.T) {
	t.Parallel()
	const eastern, central, mountain, pacific = "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"
	for e164, want := range map[string][]string{
		"+12125550123": {eastern},
		"+13125550123": {central},
		"+14232274567": {central, eastern}, // the library alone: Chicago
		"+14232664567": {central, eastern}, // the library alone: New York
		"+12196704567": {central, eastern},
		"+18124804567": {central, eastern},
		"+18502554567": {central, eastern},
		"+12702004567": {central, eastern},
		"+13642004567": {central, eastern}, // overlays: the library alone knows New York only
		"+14482004567": {central, eastern},
		"+19302004567": {central, eastern},
		"+17292665555": {central, eastern},
		"+16892004567": {central, eastern}, // the library alone: Chicago, for Orlando
		"+12085550123": {"America/Boise", mountain, pacific},
		"+19865550123": {"America/Boise", mountain, pacific},
		"+15415550123": {mountain, pacific},
		"+14585550123": {mountain, pacific},
		"+19285550123": {mountain, "America/Phoenix"}, // the Navajo Nation keeps daylight saving
		"+16025550123": {"America/Phoenix"},
		"+13065550123": {"America/Edmonton", "America/Regina"},
		"+14745550123": {"America/Edmonton", "America/Regina", "America/Winnipeg"},
		"+17785550123": {"America/Dawson_Creek", "America/Edmonton", "America/Vancouver"},
		"+16045550123": {"America/Vancouver"},
		"+18085550123": {"Pacific/Honolulu"},
		"+16715550123": {"Pacific/Guam"},
		"+16846331234": {"Pacific/Pago_Pago"},
		"+16705550123": {"Pacific/Saipan"},
		"+17875550123": {"America/Puerto_Rico"},
		"+13405550123": {"America/St_Thomas"},

		"+442079460123": {"Europe/London"},
		"+541123456789": {"America/Argentina/Buenos_Aires"},
		"+61291234567":  {"Australia/Sydney"},
		"+61491570006":  {"Australia/Adelaide", "Australia/Brisbane", "Australia/Eucla", "Australia/Lord_Howe", "Australia/Perth", "Australia/Sydney", "Indian/Christmas", "Indian/Cocos"},
	} {
		require.Equal(t, want, zonesOf(e164), e164)
	}
	for _, e164 := range []string{
		"+18005550123", "+18885550123", "+18335550123", "+19005550123", "+15005550123", "+16005550123", "+17105550123", "+19995550123", "+15555550123",
		"+881612345678", "+80012345678", "+448001111111", "+44123", "+1", "+1212555012", "+121255501234", "+11125550123", "+1212555012x", "", "+", "2125550123", "garbage", "+12125550१२३",
	} {
		require.Nil(t, zonesOf(e164), e164)
	}
}

func TestZonesAreACopy(t *testing.T) {
	t.Parallel()
	zonesOf("+12125550123")[0] = "spoiled"
	require.Equal(t, []string{"America/New_York"}, zonesOf("+12125550123"))
}

// Whatever the library says of one number is among the zones, sorted, without doubles, loadable, and by a name in use.
func TestZonesHoldTheLibrarysAnswer(t *testing.T) {
	t.Parallel()
	assigned := 0
	for area := 200; area < 1000; area++ {
		zones := zonesOf("+1" + strconv.Itoa(area) + "5550123")
		require.True(t, slices.IsSorted(zones) && len(slices.Compact(slices.Clone(zones))) == len(zones))
		require.Less(t, len(zones), 10, area)
		for _, zone := range zones {
			require.NotContains(t, renamed, zone)
			_, err := time.LoadLocation(zone)
			require.NoError(t, err)
		}
		if zones == nil {
			continue
		}
		assigned++
		for exchange := 200; exchange < 1000; exchange += 7 {
			names, err := phonenumbers.GetTimezonesForPrefix("1" + strconv.Itoa(area) + strconv.Itoa(exchange) + "4567")
			require.NoError(t, err)
			if len(names) < northAmericaWide() {
				require.Subset(t, zones, names)
			}
		}
	}
	require.Greater(t, assigned, 400)
}

func TestEveryNameOfTheLibraryLoads(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for prefix := 1; prefix < 100_000; prefix++ {
		names, err := phonenumbers.GetTimezonesForPrefix(strconv.Itoa(prefix))
		require.NoError(t, err)
		for _, name := range names {
			seen[name] = true
		}
	}
	delete(seen, phonenumbers.UNKNOWN_TIMEZONE)
	require.Greater(t, len(seen), 250)
	for name := range seen {
		if now, ok := renamed[name]; ok {
			name = now
		}
		_, err := time.LoadLocation(name)
		require.NoError(t, err, name)
	}
}

func TestOverlaysAndExtrasAreNeeded(t *testing.T) {
	t.Parallel()
	own := func(area int) map[string]bool {
		zones := map[string]bool{}
		for exchange := 200; exchange < 1000; exchange++ {
			for zone := range libraryZones(strconv.Itoa(1_000_000 + area*1000 + exchange)) {
				zones[zone] = true
			}
		}
		return zones
	}
	for area, parents := range overlaid {
		require.NotEqual(t, own(area), widen(area), area)
		for _, parent := range parents {
			require.NotEmpty(t, own(parent), parent)
			require.Empty(t, overlaid[parent], "a parent is no overlay: chains are not followed")
		}
	}
	for area, zones := range alsoIn {
		for _, zone := range zones {
			require.NotContains(t, own(area), zone)
			_, err := time.LoadLocation(zone)
			require.NoError(t, err)
		}
	}
}

func BenchmarkZones(b *testing.B) {
	for name, e164 := range map[string]string{"kept": "+14232274567", "foreign": "+442079460123"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				zonesOf(e164)
			}
		})
	}
	b.Run("first of an area code", func(b *testing.B) {
		for b.Loop() {
			widen(423)
		}
	})
}
