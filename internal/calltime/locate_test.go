package calltime

import (
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	eastern, central, mountain, pacific = "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"
	indiana                             = "America/Indiana/Indianapolis"
)

var (
	newYork     = Hint{"area_code:212", []string{eastern}, []string{"NY"}}
	losAngeles  = Hint{"area_code:310", []string{pacific}, []string{"CA"}}
	chattanooga = Hint{"area_code:423", []string{central, eastern}, []string{"TN"}}
	gary        = Hint{"area_code:219", []string{central, indiana}, []string{"IN"}}
	dallas      = Hint{"area_code:214", []string{central}, []string{"TX"}}
	arizona     = Hint{"area_code:928", []string{mountain, "America/Phoenix"}, []string{"AZ"}}
	detroit     = Hint{"area_code:313", []string{"America/Detroit"}, []string{"MI"}}
	london      = Hint{"library:+44", []string{"Europe/London"}, nil}
)

func TestLocate(t *testing.T) {
	t.Parallel()
	numbers := func(h ...Hint) []Hint { return h }
	type test struct {
		name     string
		evidence Evidence
		zones    string // joined by spaces
		states   string
		explicit bool
		effects  string
		unlock   string
	}
	for _, tt := range []test{
		{"nothing", Evidence{}, "", "", false, "", "postal_code timezone state"},
		{"one zone", Evidence{Numbers: numbers(newYork)}, eastern, "NY", false, EffectBase, ""},
		{"a code of two zones", Evidence{Numbers: numbers(chattanooga)}, central + " " + eastern, "TN", false, EffectBase, "postal_code timezone"},
		{"two numbers", Evidence{Numbers: numbers(newYork, losAngeles)}, pacific + " " + eastern, "CA NY", false, EffectBase + "|" + EffectBase, "postal_code timezone"},
		{"abroad", Evidence{Numbers: numbers(london)}, "Europe/London", "", false, EffectBase, ""},

		{"the lead's zone narrows", Evidence{Numbers: numbers(chattanooga), LeadZone: eastern}, eastern, "TN", true, EffectBase + "|" + EffectNarrows, ""},
		{"by a label", Evidence{Numbers: numbers(chattanooga), LeadZone: "(GMT-05:00) Eastern Standard Time (America/New_York)"}, eastern, "TN", true, EffectBase + "|" + EffectNarrows, ""},
		{"by another name of the same clock", Evidence{Numbers: numbers(gary), LeadZone: eastern}, eastern, "IN", true, EffectBase + "|" + EffectNarrows, ""},
		{"by an alias", Evidence{Numbers: numbers(chattanooga), LeadZone: "US/Central"}, central, "TN", true, EffectBase + "|" + EffectNarrows, ""},
		{"the lead's zone contradicts", Evidence{Numbers: numbers(newYork), LeadZone: pacific}, pacific + " " + eastern, "NY", true, EffectBase + "|" + EffectAdds, "postal_code"},
		{"and is trusted", Evidence{Numbers: numbers(newYork), LeadZone: pacific, TrustLeadZone: true}, pacific, "NY", true, EffectState + "|" + EffectOnly, ""},
		{"trust without a zone", Evidence{Numbers: numbers(chattanooga), LeadZone: "EST", TrustLeadZone: true}, central + " " + eastern, "TN", false, EffectBase, "postal_code timezone"},
		{"trust leaves the states", Evidence{Numbers: numbers(london), LeadZone: pacific, PostalCode: "36067", TrustLeadZone: true}, pacific, "AL", true,
			EffectIgnored + "|" + EffectOnly + "|" + EffectState, ""},
		{"Phoenix is not Denver", Evidence{Numbers: numbers(arizona), LeadZone: "America/Phoenix"}, "America/Phoenix", "AZ", true, EffectBase + "|" + EffectNarrows, ""},
		{"a fixed offset counts as absent", Evidence{Numbers: numbers(chattanooga), LeadZone: "UTC"}, central + " " + eastern, "TN", false, EffectBase, "postal_code timezone"},
		{"only the lead's zone", Evidence{LeadZone: central}, central, "", true, EffectOnly, ""},

		{"a ZIP code narrows", Evidence{Numbers: numbers(chattanooga), PostalCode: "37402"}, eastern, "TN", true, EffectBase + "|" + EffectNarrows, ""},
		{"a ZIP code of the other side", Evidence{Numbers: numbers(chattanooga), PostalCode: "37397-1234"}, central, "TN", true, EffectBase + "|" + EffectNarrows, ""},
		{"a ZIP code contradicts", Evidence{Numbers: numbers(newYork), PostalCode: "90210"}, pacific + " " + eastern, "CA NY", true, EffectBase + "|" + EffectAdds, "timezone"},
		{"a ZIP code of another state in the same zone", Evidence{Numbers: numbers(chattanooga), PostalCode: "30301"}, eastern, "GA TN", true, EffectBase + "|" + EffectNarrows, ""},
		{"only a ZIP code", Evidence{PostalCode: "99501"}, "America/Anchorage", "AK", true, EffectOnly, ""},
		{"a ZIP code of the Navajo Nation", Evidence{Numbers: numbers(arizona), PostalCode: "86515"}, mountain, "AZ", true, EffectBase + "|" + EffectNarrows, ""},
		{"Guam", Evidence{PostalCode: "96910"}, "Pacific/Guam", "GU", true, EffectOnly, ""},
		{"military mail", Evidence{PostalCode: "09012", State: "AE"}, "", "", false, "", "postal_code timezone state"},
		{"a Canadian postal code", Evidence{PostalCode: "M5V 2T6"}, "America/Atikokan America/Toronto America/Winnipeg", "ON", true, EffectOnly, "timezone"},
		{"a Canadian postal code narrows", Evidence{Numbers: numbers(Hint{"area_code:807", []string{"America/Toronto", "America/Winnipeg"}, []string{"ON"}}), PostalCode: "R3C 4T3"},
			"America/Winnipeg", "MB ON", true, EffectBase + "|" + EffectNarrows, ""},

		{"a state that has both", Evidence{Numbers: numbers(chattanooga), State: "Tennessee"}, central + " " + eastern, "TN", true, EffectBase + "|" + EffectNarrows, "postal_code timezone"},
		{"a state that has one", Evidence{Numbers: numbers(chattanooga), State: "GA"}, eastern, "GA TN", true, EffectBase + "|" + EffectNarrows, ""},
		{"the state of one of two numbers", Evidence{Numbers: numbers(newYork, losAngeles), State: "ca"}, pacific, "CA NY", true, EffectBase + "|" + EffectBase + "|" + EffectNarrows, ""},
		{"the code's own state adds nothing", Evidence{Numbers: numbers(dallas), State: "TX"}, central, "TX", true, EffectBase + "|" + EffectNarrows, ""},
		{"another state with zones of its own", Evidence{Numbers: numbers(dallas), State: "TN"}, central + " " + eastern, "TN TX", true, EffectBase + "|" + EffectAdds, "postal_code timezone"},
		{"whose ZIP code says which", Evidence{Numbers: numbers(dallas), State: "TN", PostalCode: "37201"}, central, "TN TX", true, EffectBase + "|" + EffectNarrows + "|" + EffectNarrows, ""},
		{"another state elsewhere", Evidence{Numbers: numbers(newYork), State: "California"}, pacific + " " + eastern, "CA NY", true, EffectBase + "|" + EffectAdds, "postal_code timezone"},
		{"only a state", Evidence{State: "US-TX"}, central + " " + mountain, "TX", true, EffectOnly, "postal_code timezone"},
		{"a state and a zone of it", Evidence{State: "TX", LeadZone: mountain}, mountain, "TX", true, EffectOnly + "|" + EffectOnly, ""},
		{"a territory as the country", Evidence{Country: "Puerto Rico"}, "America/Puerto_Rico", "PR", true, EffectOnly, ""},
		{"the state of a prefix that spans states", Evidence{PostalCode: "20500", State: "DC"}, eastern, "DC", true, EffectOnly + "|" + EffectOnly, ""},

		{"a ZIP code and a state that differ", Evidence{Numbers: numbers(newYork), PostalCode: "10001", State: "AL"}, central + " " + eastern, "AL NY", true,
			EffectBase + "|" + EffectNarrows + "|" + EffectAdds, "timezone"},
		{"a zone and a ZIP code that differ", Evidence{Numbers: numbers(chattanooga), LeadZone: eastern, PostalCode: "90210"}, pacific + " " + eastern, "CA TN", true,
			EffectBase + "|" + EffectNarrows + "|" + EffectAdds, ""},
		{"a zone and a ZIP code of either side", Evidence{Numbers: numbers(chattanooga), LeadZone: eastern, PostalCode: "37397"}, central + " " + eastern, "TN", true,
			EffectBase + "|" + EffectNarrows + "|" + EffectNarrows, ""},
		{"a state does not take away what a zone added", Evidence{Numbers: numbers(newYork), LeadZone: pacific, State: "NY"}, pacific + " " + eastern, "NY", true,
			EffectBase + "|" + EffectAdds + "|" + EffectNarrows, "postal_code"},

		{"another country's address", Evidence{Numbers: numbers(dallas), Country: "Australia", State: "WA", PostalCode: "6000"}, central, "TX", false, EffectBase, ""},
		{"Paris is not in Texas", Evidence{Country: "France", PostalCode: "75001"}, "", "", false, "", "postal_code timezone state"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := Locate(tt.evidence)
			require.Equal(t, strings.Fields(tt.zones), append([]string{}, l.Zones...), "%+v", l)
			require.Equal(t, tt.states, strings.Join(l.States, " "))
			require.Equal(t, tt.explicit, l.Explicit)
			var effects []string
			for _, f := range l.Evidence {
				effects = append(effects, f.Effect)
			}
			require.Equal(t, tt.effects, strings.Join(effects, "|"))
			require.Equal(t, tt.unlock, strings.Join(l.Unlock, " "))
			require.NotEmpty(t, l.Reason())
		})
	}
}

func TestLocationInWords(t *testing.T) {
	t.Parallel()
	l := Locate(Evidence{Numbers: []Hint{chattanooga}, LeadZone: "EST", PostalCode: "1234", State: "Bavaria"})
	require.Equal(t, []string{"area_code:423"}, l.Sources())
	require.Len(t, l.Notes, 3)
	require.Contains(t, l.Notes[0], "fixed offset")
	require.Contains(t, l.Notes[1], "the state is not one of")
	require.Contains(t, l.Notes[2], "no ZIP code")
	require.Equal(t, "the phone may be in America/Chicago, America/New_York; postal_code or timezone could tell", l.Reason())
	require.Equal(t, "the lead's own record says America/New_York", Locate(Evidence{Numbers: []Hint{chattanooga}, PostalCode: "37402"}).Reason())
	require.Equal(t, "the phone is in America/Detroit", Locate(Evidence{Numbers: []Hint{detroit}}).Reason())
	require.Equal(t, "nothing says where the phone is; a postal code, a state or a time zone such as America/Chicago would", Locate(Evidence{}).Reason())
	require.Equal(t, []string{"area_code:212", "timezone:America/Los_Angeles", "postal_code:90210", "state:CA"},
		Locate(Evidence{Numbers: []Hint{newYork}, LeadZone: pacific, PostalCode: "90210", State: "CA"}).Sources())
}

func TestReadAddress(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"TN": "TN", "tn": "TN", " Tennessee ": "TN", "Tenn.": "TN", "US-TN": "TN", "State of Tennessee": "TN", "N. Dakota": "ND", "N.D.": "ND", "D.C.": "DC",
		"Washington, D.C.": "DC", "WASHINGTON": "WA", "District of  Columbia": "DC", "Québec": "QC", "CA-BC": "BC", "Hawai'i": "HI", "U.S. Virgin Islands": "VI",
		"": "", "XX": "", "Bavaria": "", "T N": "", "T": "", strings.Repeat("x", 200): "",
	} {
		require.Equal(t, want, readAddress("", in, "").stateKey, in)
		code, ok := StateCode(in)
		require.Equal(t, want, code)
		require.Equal(t, want != "", ok)
	}
	for _, tt := range []struct{ postal, state, country, want string }{
		{"37402", "", "", "37402"}, {" 37402 ", "", "US", "37402"}, {"37402-1234", "", "", "37402"}, {"374021234", "", "", "37402"}, {"10001", "", "USA", "10001"},
		{"37402-12", "", "", ""}, {"3740", "", "", ""}, {"374022", "", "", ""}, {"00000", "", "", ""}, {"09012", "", "", ""}, {"3740A", "", "", ""}, {"३७४०२", "", "", ""},
		{"m5v2t6", "", "", "M5V"}, {"M5V-2T6", "", "Canada", "M5V"}, {"M5V", "", "", "M5V"}, {"M5V 2T6", "", "US", ""}, {"D5V 2T6", "", "", ""}, {"37402", "", "Canada", ""}, {"37402", "ON", "", ""},
		{"37402", "", "Germany", ""}, {strings.Repeat("1", 200), "", "", ""},
	} {
		require.Equal(t, tt.want, readAddress(tt.postal, tt.state, tt.country).postalKey, "%v", tt)
	}
	require.Equal(t, "", readAddress("", "CA", "Canada").stateKey, "California is not in Canada")
	require.Equal(t, "GU", readAddress("", "", "Guam").stateKey)
	require.Equal(t, "CA", readAddress("", "CA", "U.S.A.").stateKey)
	require.Equal(t, abroad, readCountry(strings.Repeat("x", 200)))
}

// Everything in the tables loads and agrees: a ZIP code lies in zones of its states, and a state has every zone of its codes.
func TestPlacesAreWhole(t *testing.T) {
	t.Parallel()
	tables := places()
	require.Len(t, tables.states, 72)
	for code, s := range tables.states {
		require.NotEmpty(t, s.zones, code)
		require.Contains(t, []string{"US", "CA"}, s.country)
		for _, zone := range s.zones {
			canonical, ok := Region(zone)
			require.True(t, ok && canonical == zone, "%s: %s", code, zone)
		}
	}
	for name, codes := range tables.names {
		require.Len(t, codes, 1, "%q means one state", name)
	}
	require.Len(t, tables.zips, 935+1786+8)
	five := 0
	for key, a := range tables.zips {
		if len(key) == 5 {
			five++
			require.Subset(t, tables.zips[key[:3]].zones, a.zones, key)
			require.Subset(t, tables.zips[key[:3]].states, a.states, key)
		}
		var zones []string
		for _, s := range a.states {
			if s != "AA" && s != "AE" && s != "AP" {
				zones = union(zones, tables.states[s].zones)
			}
		}
		for _, zone := range a.zones {
			require.True(t, hasClock(zones, zone) || zone == "Pacific/Wake", "%s: %s is in no zone of %v", key, zone, a.states)
		}
		require.Equal(t, slices.ContainsFunc(a.states, func(s string) bool { return tables.states[s].zones == nil }), a.zones == nil, key)
	}
	require.Equal(t, 1786+8, five)
}

// The area codes are another package's; here only their file is read. A state has every clock of its codes, but for the
// ones that a code keeps although most likely wrong.
func TestStatesHoldTheirAreaCodes(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../phone/data/area-codes.csv")
	require.NoError(t, err)
	rows, err := readCSV(string(text), 10)
	require.NoError(t, err)
	kept := map[string]string{"907": "Pacific/Honolulu", "709": "America/Puerto_Rico", "879": "America/Puerto_Rico", "867": "America/Vancouver"}
	for _, row := range rows {
		var zones []string
		for _, code := range splitList(row[2]) {
			require.Contains(t, places().states, code, row[0])
			zones = union(zones, places().states[code].zones)
		}
		for _, zone := range splitList(row[3]) {
			canonical, ok := Region(zone)
			require.True(t, ok && canonical == zone, "%s: %s is not a name in use", row[0], zone)
			if row[5] == "geographic" {
				require.True(t, hasClock(zones, zone) != (kept[row[0]] == zone), "%s: %s", row[0], zone)
			}
		}
	}
	require.Len(t, rows, 490)
}

func TestReadPlacesRefuses(t *testing.T) {
	t.Parallel()
	_, err := readPlaces("x", zipCSV)
	require.Error(t, err)
	_, err = readPlaces(statesCSV, "zip,states\n1,2\n")
	require.Error(t, err)
	_, err = readPlaces("", zipCSV)
	require.Error(t, err)
}

func TestClocks(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{{eastern, "America/Detroit"}, {eastern, indiana}, {central, "America/Menominee"}, {mountain, "America/Boise"}, {"America/Phoenix", "America/Creston"}, {eastern, "US/Eastern"}} {
		require.True(t, sameClock(pair[0], pair[1]), pair)
	}
	for _, pair := range [][2]string{{eastern, "America/Panama"}, {mountain, "America/Phoenix"}, {"America/Anchorage", "Pacific/Honolulu"}, {eastern, "America/Gotham"}, {"America/Gotham", "America/Metropolis"}} {
		require.False(t, sameClock(pair[0], pair[1]), pair)
	}
	require.True(t, sameClock("America/Gotham", "America/Gotham"))
}

// What is known more never drops a zone that some evidence alone would leave, unless evidence narrows to others: the
// zones that remain are always some that a source named, and there is always one while any source names any.
func TestLocateKeepsToItsEvidence(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(11, 12))
	hints := []Hint{newYork, losAngeles, chattanooga, gary, dallas, arizona, detroit, london}
	pick := func(from ...string) string { return from[rng.IntN(len(from))] }
	for range 20_000 {
		var e Evidence
		for range rng.IntN(3) {
			e.Numbers = append(e.Numbers, hints[rng.IntN(len(hints))])
		}
		e.LeadZone = pick("", "", eastern, central, pacific, "America/Detroit", "EST", "UTC")
		e.PostalCode = pick("", "", "37402", "37397", "10001", "90210", "86515", "M5V 2T6", "464", "46402")
		e.State = pick("", "", "TN", "NY", "California", "AZ", "IN", "AL", "TX", "ON", "nowhere")
		e.Country = pick("", "", "US", "Canada", "France")
		e.TrustLeadZone = rng.IntN(4) == 0
		l := Locate(e)
		var all []string
		states := []string{}
		for _, f := range l.Evidence {
			all = union(all, f.Zones)
			states = union(states, f.States)
			require.NotEmpty(t, f.Effect)
		}
		require.Equal(t, len(all) > 0, len(l.Zones) > 0, "%+v", e)
		require.Subset(t, all, l.Zones)
		require.ElementsMatch(t, states, l.States)
		require.True(t, slices.IsSorted(l.Zones) && slices.IsSorted(l.States))
		// No source of the lead's own record is left without any zone open for it.
		for _, f := range l.Evidence {
			if f.Effect == EffectNarrows || f.Effect == EffectAdds || f.Effect == EffectOnly {
				require.NotNil(t, withClockOf(l.Zones, f.Zones), "%+v: %+v", e, l)
			}
		}
	}
}

func FuzzLocate(f *testing.F) {
	f.Add("America/Chicago", "37402-1234", "TN", "US", true)
	f.Add("(GMT-05:00) Central Daylight Time (America/Chicago)", "M5V 2T6", "Québec", "Canada", false)
	f.Add("EST", "75001", "WA", "Australia", false)
	f.Fuzz(func(t *testing.T, zone, postal, state, country string, trust bool) {
		for _, numbers := range [][]Hint{nil, {chattanooga}, {newYork, london}} {
			l := Locate(Evidence{Numbers: numbers, LeadZone: zone, PostalCode: postal, State: state, Country: country, TrustLeadZone: trust})
			require.True(t, numbers == nil || len(l.Zones) > 0)
			for _, z := range l.Zones {
				_, err := location(z)
				require.NoError(t, err)
			}
			for _, s := range l.States {
				require.Contains(t, places().states, s)
			}
			require.NotEmpty(t, l.Reason())
		}
	})
}

func BenchmarkLocate(b *testing.B) {
	e := Evidence{Numbers: []Hint{chattanooga, newYork}, LeadZone: eastern, PostalCode: "37402", State: "TN", Country: "United States"}
	Locate(e)
	for b.Loop() {
		Locate(e)
	}
}
