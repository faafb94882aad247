package phone

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/nyaruka/phonenumbers"
)

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

// Zones returns the IANA names of every time zone the number may be in, sorted. nil is no evidence at all: toll-free,
// satellite and worldwide networks, area codes that are not assigned, anything that is no E.164 number.
//
// A North American number may be wherever any exchange of its area code is, or of the code it overlays: the library
// knows single landline exchanges, gives one default for the rest, mobiles among them, and that default is often wrong
// (423, mostly Eastern: "Chicago"). Elsewhere it is the library's set, and the whole country for a mobile.
// Numbers are portable and people move: this is a hint, and can only ever narrow when a call may be made.
func Zones(n Number) []string {
	if area, ok := areaCode(n.E164); ok {
		return slices.Clone(areaZones[area-200]())
	}
	number, err := phonenumbers.Parse(n.E164, "")
	if err != nil || number.GetCountryCode() == northAmerica || !phonenumbers.IsValidNumber(number) {
		return nil
	}
	switch phonenumbers.GetNumberType(number) {
	case phonenumbers.FIXED_LINE, phonenumbers.FIXED_LINE_OR_MOBILE:
		return sorted(libraryZones(n.E164))
	case phonenumbers.MOBILE:
		return sorted(libraryZones(strconv.Itoa(int(number.GetCountryCode()))))
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

// areaZones answers for each area code from 200 on; an answer asks the library about 800 exchanges and is kept.
var areaZones = func() (answers [800]func() []string) {
	for i := range answers {
		answers[i] = sync.OnceValue(func() []string { return sorted(widen(200 + i)) })
	}
	return answers
}()

// widen gathers the zones of an area code: of all its exchanges, of the codes it shares its territory with, and what the
// library lacks.
func widen(area int) map[string]bool {
	zones := map[string]bool{}
	for _, code := range append([]int{area}, overlaid[area]...) {
		for exchange := 200; exchange < 1000; exchange++ {
			for zone := range libraryZones(strconv.Itoa(northAmerica*1_000_000 + code*1000 + exchange)) {
				zones[zone] = true
			}
		}
		for _, zone := range alsoIn[code] {
			zones[zone] = true
		}
	}
	return zones
}

// northAmericaWide is the library's answer for what it cannot place: every zone with country code 1.
var northAmericaWide = sync.OnceValue(func() int {
	all, _ := phonenumbers.GetTimezonesForPrefix(strconv.Itoa(northAmerica))
	return len(all)
})

// libraryZones returns what the library knows of a number or the beginning of one, under names in use; empty when that
// says nothing.
func libraryZones(prefix string) map[string]bool {
	names, err := phonenumbers.GetTimezonesForPrefix(prefix)
	if err != nil || len(names) >= northAmericaWide() {
		return nil
	}
	zones := make(map[string]bool, len(names))
	for _, name := range names {
		if name == phonenumbers.UNKNOWN_TIMEZONE {
			return nil
		}
		if now, ok := renamed[name]; ok {
			name = now
		}
		zones[name] = true
	}
	return zones
}

func sorted(zones map[string]bool) []string {
	if len(zones) == 0 {
		return nil
	}
	names := make([]string, 0, len(zones))
	for name := range zones {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
