package phone

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/nyaruka/phonenumbers"
)

// Hint is what one number says of where it may be.
type Hint struct {
	Source string   // "area_code:423", or "library:+44" for a number outside North America
	Zones  []string // IANA names, sorted, never empty
	States []string // postal codes, sorted; nil where there are none
}

// Hints says where a lead's numbers may be, one hint for each that says anything, equal ones once. A number that may not
// be dialed still counts while its area code is assigned: it is the lead's all the same, and one more zone can only
// shorten the calling day. countries is as for Parse. The zones and states are the package's own: do not change them.
func Hints(phone, mobile *string, countries []string) []Hint {
	countries = enabled(countries)
	var hints []Hint
	for _, raw := range []*string{phone, mobile} {
		if raw == nil || *raw == "" {
			continue
		}
		if h, ok := hint(*raw, countries); ok && (len(hints) == 0 || hints[0].Source != h.Source || !slices.Equal(hints[0].Zones, h.Zones)) {
			hints = append(hints, h)
		}
	}
	return hints
}

func hint(raw string, countries []string) (Hint, bool) {
	w, refused := read(raw)
	if refused != nil {
		return Hint{}, false
	}
	number, refused := w.number(homeRegion(countries))
	if refused != nil {
		return Hint{}, false
	}
	return hintOf(number)
}

// hintOf answers for a number the library has parsed, valid or not.
func hintOf(number *phonenumbers.PhoneNumber) (Hint, bool) {
	if number.GetCountryCode() == northAmerica {
		national := number.GetNationalNumber()
		if national < 2_000_000_000 || national > 9_999_999_999 {
			return Hint{}, false
		}
		return areaHint(int(national / 10_000_000))
	}
	zones := foreignZones(number)
	if zones == nil {
		return Hint{}, false
	}
	return Hint{Source: "library:+" + strconv.Itoa(int(number.GetCountryCode())), Zones: zones}, true
}

func areaHint(code int) (Hint, bool) {
	row := &areaCodes[code-200]
	if row.Zones == nil {
		return Hint{}, false
	}
	return Hint{Source: "area_code:" + strconv.Itoa(code), Zones: row.Zones, States: row.States}, true
}

// Zones returns the IANA names of every time zone the number may be in, sorted. nil is no evidence at all: toll-free,
// satellite and worldwide networks, area codes that are not assigned, anything that is no E.164 number.
//
// A North American number may be wherever its area code is, or the codes it overlays. Elsewhere it is the library's set,
// and the whole country for a mobile. Numbers are portable and people move: this is a hint, and can only ever narrow
// when a call may be made.
func Zones(n Number) []string {
	if area, ok := areaCode(n.E164); ok {
		return slices.Clone(areaCodes[area-200].Zones)
	}
	number, err := phonenumbers.Parse(n.E164, "")
	if err != nil || number.GetCountryCode() == northAmerica {
		return nil
	}
	return foreignZones(number)
}

func foreignZones(number *phonenumbers.PhoneNumber) []string {
	if !phonenumbers.IsValidNumber(number) {
		return nil
	}
	switch phonenumbers.GetNumberType(number) {
	case phonenumbers.FIXED_LINE, phonenumbers.FIXED_LINE_OR_MOBILE:
		return libraryZones(phonenumbers.Format(number, phonenumbers.E164))
	case phonenumbers.MOBILE:
		return libraryZones(strconv.Itoa(int(number.GetCountryCode())))
	}
	return nil
}

// areaCode returns the area code of a North American E.164 number, 200 to 999.
func areaCode(e164 string) (int, bool) {
	national, ok := strings.CutPrefix(e164, "+1")
	if !ok || len(national) != 10 || onlyDigits(national) != national || national[0] < '2' {
		return 0, false
	}
	area, err := strconv.Atoi(national[:3])
	return area, err == nil
}

// renamed replaces zone names the library still uses by those in use (IANA tz database, file "backward").
var renamed = map[string]string{
	"Africa/Asmera":        "Africa/Asmara",
	"America/Buenos_Aires": "America/Argentina/Buenos_Aires",
	"America/Godthab":      "America/Nuuk",
	"Asia/Calcutta":        "Asia/Kolkata",
	"Asia/Choibalsan":      "Asia/Ulaanbaatar",
	"Asia/Katmandu":        "Asia/Kathmandu",
	"Asia/Rangoon":         "Asia/Yangon",
	"Atlantic/Faeroe":      "Atlantic/Faroe",
	"Pacific/Enderbury":    "Pacific/Kanton",
	"Pacific/Ponape":       "Pacific/Pohnpei",
	"Pacific/Truk":         "Pacific/Chuuk",
}

// northAmericaWide is the library's answer for what it cannot place: every zone with country code 1.
var northAmericaWide = sync.OnceValue(func() int {
	all, _ := phonenumbers.GetTimezonesForPrefix(strconv.Itoa(northAmerica))
	return len(all)
})

// libraryZones returns what the library knows of a number or the beginning of one, under names in use, sorted; nil when
// that says nothing.
func libraryZones(prefix string) []string {
	names, err := phonenumbers.GetTimezonesForPrefix(prefix)
	if err != nil || len(names) == 0 || len(names) >= northAmericaWide() {
		return nil
	}
	zones := make([]string, 0, len(names))
	for _, name := range names {
		if name == phonenumbers.UNKNOWN_TIMEZONE {
			return nil
		}
		if now, ok := renamed[name]; ok {
			name = now
		}
		zones = append(zones, name)
	}
	slices.Sort(zones)
	return slices.Compact(zones)
}
