package calltime

import (
	"slices"
	"strings"
)

// address is what a lead's country, state and postal code say, each read for itself.
type address struct {
	postal, state       area
	postalKey, stateKey string // "37402", "M5V", "TN"; "" when nothing was found
	notes               []string
}

const maxAddressBytes = 100 // of one value; the columns hold no more

// readAddress reads the three together, since each decides how the others are read: 75001 is Dallas or Paris, and WA is
// Washington or Western Australia.
func readAddress(postalCode, stateName, country string) address {
	var a address
	in := readCountry(country)
	if in == abroad {
		if strings.TrimSpace(postalCode+stateName) != "" {
			a.notes = append(a.notes, "the address is in another country: its postal code and state count as absent")
		}
		return a
	}
	if in != "" && in != "US" && in != "CA" && strings.TrimSpace(stateName) == "" {
		stateName = in // Puerto Rico and the other territories, written as a country
	}
	t := places()
	if code, note := t.readState(stateName, in); code != "" {
		a.stateKey, a.state = code, area{zones: t.states[code].zones, states: []string{code}}
	} else if note != "" {
		a.notes = append(a.notes, note)
	}
	home := in
	if home == "" && a.stateKey != "" {
		home = t.states[a.stateKey].country
	}
	key, postal, note := t.readPostal(postalCode, home)
	a.postalKey, a.postal = key, postal
	if note != "" {
		a.notes = append(a.notes, note)
	}
	return a
}

const abroad = "abroad"

// countries holds the names under which CRMs keep the United States, their territories and Canada. A territory's own
// name gives its postal code.
var countries = map[string]string{
	"": "", "us": "US", "usa": "US", "u s": "US", "u s a": "US", "united states": "US", "united states of america": "US",
	"the united states": "US", "america": "US", "840": "US", "can": "CA", "ca": "CA", "canada": "CA", "124": "CA",
	"pr": "PR", "pri": "PR", "puerto rico": "PR", "gu": "GU", "gum": "GU", "guam": "GU", "as": "AS", "asm": "AS",
	"american samoa": "AS", "mp": "MP", "mnp": "MP", "northern mariana islands": "MP", "vi": "VI", "vir": "VI",
	"us virgin islands": "VI", "u s virgin islands": "VI", "virgin islands": "VI", "virgin islands us": "VI",
	"united states virgin islands": "VI",
}

// readCountry gives "" for none, US, CA, a territory's code, or abroad.
func readCountry(s string) string {
	if len(s) > maxAddressBytes {
		return abroad
	}
	code, ok := countries[nameKey(s)]
	if !ok {
		return abroad
	}
	return code
}

// readState gives the code of a state by its code or name, "US-TN" among them; "" and a note where there is none.
func (t placeTables) readState(name, country string) (code, note string) {
	if strings.TrimSpace(name) == "" {
		return "", ""
	}
	const unknown = "the state is not one of the United States or Canada and counts as absent"
	if len(name) > maxAddressBytes {
		return "", unknown
	}
	key := nameKey(name)
	for _, prefix := range []string{"us-", "ca-", "state of ", "province of "} {
		key = strings.TrimPrefix(key, prefix)
	}
	codes := t.names[key]
	if country == "CA" || country == "US" {
		codes = slices.DeleteFunc(slices.Clone(codes), func(c string) bool { return t.states[c].country != country })
	}
	if len(codes) != 1 {
		return "", unknown
	}
	return codes[0], ""
}

// StateCode reads a state or province by its code or name, in any case: "tn", "Tennessee", "US-TN" give "TN".
func StateCode(name string) (code string, ok bool) {
	code, _ = places().readState(name, "")
	return code, code != ""
}

// readPostal looks up a ZIP code, five digits first and then its prefix, or a Canadian postal code by its first letter.
func (t placeTables) readPostal(code, country string) (key string, found area, note string) {
	code = strings.ToUpper(strings.Join(strings.Fields(code), ""))
	if code == "" {
		return "", area{}, ""
	}
	const unread = "the postal code is no ZIP code or Canadian postal code and counts as absent"
	if len(code) > maxAddressBytes {
		return "", area{}, unread
	}
	if country != "US" && isCanadian(code) {
		return t.canadian(code)
	}
	five, rest, _ := strings.Cut(code, "-")
	if len(five) == 9 && rest == "" {
		five, rest = five[:5], five[5:]
	}
	if country == "CA" || len(five) != 5 || !digits(five) || (rest != "" && (len(rest) != 4 || !digits(rest))) {
		return "", area{}, unread
	}
	for _, key := range []string{five, five[:3]} {
		if found, ok := t.zips[key]; ok {
			if found.zones == nil {
				return "", area{}, "military mail says nothing of the place and counts as absent"
			}
			return five, found, ""
		}
	}
	return "", area{}, "the ZIP code is not assigned and counts as absent"
}

// provinces are the first letters of Canadian postal codes (Canada Post).
var provinces = map[byte][]string{
	'A': {"NL"}, 'B': {"NS"}, 'C': {"PE"}, 'E': {"NB"}, 'G': {"QC"}, 'H': {"QC"}, 'J': {"QC"}, 'K': {"ON"}, 'L': {"ON"},
	'M': {"ON"}, 'N': {"ON"}, 'P': {"ON"}, 'R': {"MB"}, 'S': {"SK"}, 'T': {"AB"}, 'V': {"BC"}, 'X': {"NT", "NU"}, 'Y': {"YT"},
}

func (t placeTables) canadian(code string) (key string, found area, note string) {
	codes, ok := provinces[code[0]]
	if !ok {
		return "", area{}, "the postal code is not assigned and counts as absent"
	}
	for _, c := range codes {
		found = area{zones: union(found.zones, t.states[c].zones), states: union(found.states, []string{c})}
	}
	return code[:3], found, ""
}

// isCanadian: a letter, a digit, a letter, and alone or with a digit, a letter, a digit.
func isCanadian(code string) bool {
	code = strings.Replace(code, "-", "", 1)
	if len(code) != 3 && len(code) != 6 {
		return false
	}
	for i := range len(code) {
		letter := 'A' <= code[i] && code[i] <= 'Z'
		if letter != (i%2 == 0) || !letter && !digits(code[i:i+1]) {
			return false
		}
	}
	return true
}

func digits(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}
