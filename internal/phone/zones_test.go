package phone

import (
	"strconv"
	"testing"
	"time"

	"github.com/nyaruka/phonenumbers"
	"github.com/stretchr/testify/require"
)

func zonesOf(e164 string) []string { return Zones(Number{E164: e164}) }

func TestZones(t *testing.T) {
	t.Parallel()
	const eastern, central, pacific, indiana = "America/New_York", "America/Chicago", "America/Los_Angeles", "America/Indiana/Indianapolis"
	southernIndiana := []string{central, indiana, "America/Indiana/Marengo", "America/Indiana/Petersburg", "America/Indiana/Tell_City",
		"America/Indiana/Vevay", "America/Indiana/Vincennes", "America/Kentucky/Louisville", eastern}
	interior := []string{"America/Creston", "America/Dawson_Creek", "America/Edmonton", "America/Fort_Nelson", "America/Vancouver"}
	saskatchewan := []string{"America/Edmonton", "America/Regina", "America/Swift_Current", "America/Winnipeg"}
	for e164, want := range map[string][]string{
		"+12125550123": {eastern},
		"+13125550123": {central},
		"+14232274567": {central, eastern}, // the library alone: Chicago
		"+14232664567": {central, eastern}, // the library alone: New York
		"+12196704567": {central, indiana},
		"+18124804567": southernIndiana,
		"+18502554567": {central, eastern},
		"+14482004567": {central, eastern}, // overlays: the library alone knows New York only
		"+19302004567": southernIndiana,
		"+17292665555": {central, eastern}, // too new for the library
		"+16892004567": {central, eastern},
		"+12085550123": {"America/Boise", pacific},
		"+19865550123": {"America/Boise", pacific},
		"+15415550123": {"America/Boise", pacific},
		"+14585550123": {"America/Boise", pacific},
		"+19285550123": {"America/Denver", "America/Phoenix"}, // the Navajo Nation keeps daylight saving
		"+16025550123": {"America/Phoenix"},
		"+13065550123": saskatchewan,
		"+14745550123": saskatchewan,
		"+17785550123": interior,
		"+16045550123": {"America/Vancouver"},
		"+18085550123": {"Pacific/Honolulu"},
		"+16715550123": {"Pacific/Guam"},
		"+16846331234": {"Pacific/Pago_Pago"},
		"+16705550123": {"Pacific/Saipan"},
		"+17875550123": {"America/Puerto_Rico"},
		"+13405550123": {"America/St_Thomas"},
		"+18765550123": {"America/Jamaica"},

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
	row, _ := LookupAreaCode(212)
	row.Zones[0] = "spoiled"
	require.Equal(t, []string{"America/New_York"}, zonesOf("+12125550123"))
}

func TestHints(t *testing.T) {
	t.Parallel()
	text := func(s string) *string { return &s }
	const eastern, pacific = "America/New_York", "America/Los_Angeles"
	newYork := Hint{"area_code:212", []string{eastern}, []string{"NY"}}
	losAngeles := Hint{"area_code:310", []string{pacific}, []string{"CA"}}
	for _, tt := range []struct {
		name          string
		phone, mobile *string
		want          []Hint
	}{
		{"none", nil, nil, nil},
		{"empty", text(""), text(" "), nil},
		{"one", text("(212) 555-0123"), nil, []Hint{newYork}},
		{"with an extension", text("212-555-0123 x12"), nil, []Hint{newYork}},
		{"only a mobile", nil, text("3105550123"), []Hint{losAngeles}},
		{"two places", text("212 555 0123"), text("+1 310 555 0123"), []Hint{newYork, losAngeles}},
		{"one place twice", text("212 555 0123"), text("212 555 0199"), []Hint{newYork}},
		{"not dialable, but the code is assigned", text("212-155-0123"), text("310 555 0123"), []Hint{newYork, losAngeles}},
		{"an overlay too new for the library", text("729 266 5555"), nil, []Hint{{"area_code:729", []string{"America/Chicago", eastern}, []string{"TN"}}}},
		{"toll-free says nothing", text("800 555 0123"), text("310 555 0123"), []Hint{losAngeles}},
		{"unassigned, premium, satellite, text", text("999 555 0123"), text("900 555 0123"), nil},
		{"a short code", text("911"), text("+8816 12345678"), nil},
		{"garbage", text("call me"), text("2125550123 or 3105550123"), nil},
		{"abroad", text("+44 20 7946 0123"), nil, []Hint{{Source: "library:+44", Zones: []string{"Europe/London"}}}},
	} {
		require.Equal(t, tt.want, Hints(tt.phone, tt.mobile, nil), tt.name)
	}
	require.Equal(t, "library:+44", Hints(text("020 7946 0123"), nil, []string{"GB"})[0].Source, "read as of the first country enabled")
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

// Whatever Zones says of a number that may be dialed, Hints says too.
func FuzzHints(f *testing.F) {
	for _, s := range []string{"(212) 555-0123 x12", "+44 20 7946 0123", "1-800-FLOWERS", "+1 (423) 227-4567 ext. 5", "729 266 5555", "911", "+881612345678", "+1212155"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, phone, mobile string) {
		hints := Hints(&phone, &mobile, nil)
		require.LessOrEqual(t, len(hints), 2)
		for _, h := range hints {
			require.NotEmpty(t, h.Source)
			require.NotEmpty(t, h.Zones)
		}
		if n, err := Parse(phone, nil); err == nil {
			zones := Zones(n)
			require.Equal(t, zones != nil, len(Hints(&phone, nil, nil)) == 1)
			if zones != nil {
				require.Equal(t, zones, hints[0].Zones)
			}
		}
	})
}

func BenchmarkHints(b *testing.B) {
	phone, mobile := "(423) 227-4567", "+1 310 555 0123"
	for b.Loop() {
		Hints(&phone, &mobile, nil)
	}
}
