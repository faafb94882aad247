package leadfile

import (
	"strings"

	"github.com/nyaruka/phonenumbers"

	"github.com/callhenk/henk-worker/internal/phone"
)

// everywhere lists all regions: a number that must not be called is taken whatever its country.
var everywhere = func() []string {
	var regions []string
	for region := range phonenumbers.GetSupportedRegions() {
		regions = append(regions, region)
	}
	return regions
}()

// suppressible reads the number of a suppression list as E.164. It is more liberal than what may be dialed: a North
// American number is taken even if its area code is not known today, because tomorrow it may be.
func suppressible(text string) (e164, problem string) {
	text = strings.TrimSpace(text)
	if e164 := northAmerican(text); e164 != "" {
		return e164, ""
	}
	n, err := phone.Parse(text, everywhere)
	if err != nil {
		return "", err.Error()
	}
	return n.E164, ""
}

// northAmerican reads the shapes that nearly all lines have, ten digits or eleven with a leading 1, in one run or grouped
// as a number is, and AAA,NNNNNNN; "" for any other.
func northAmerican(text string) string {
	if len(text) < 10 || len(text) > 24 {
		return ""
	}
	e164 := [12]byte{'+', '1'}
	var groups [4]int
	digits, group, comma := 0, -1, false
	for i := range len(text) {
		switch c := text[i]; {
		case '0' <= c && c <= '9':
			if i == 0 || text[i-1] < '0' || text[i-1] > '9' {
				if group++; group == len(groups) {
					return ""
				}
			}
			if digits == 11 {
				return ""
			}
			groups[group]++
			if digits++; digits <= 10 {
				e164[digits+1] = c
			} else if e164[2] == '1' {
				copy(e164[2:], e164[3:])
				e164[11] = c
			} else {
				return ""
			}
		case c == '+' && i == 0, c == ' ', c == '-', c == '.', c == '(', c == ')', c == '/':
		case c == ',' && group == 0 && groups[0] == 3 && !comma:
			comma = true
		default:
			return ""
		}
	}
	switch {
	case digits < 10, digits == 10 && text[0] == '+', e164[2] < '2', e164[5] < '2', comma && groups != [4]int{3, 7}:
		return ""
	}
	switch groups {
	case [4]int{10}, [4]int{3, 7}, [4]int{3, 3, 4}, [4]int{11}, [4]int{1, 10}, [4]int{1, 3, 7}, [4]int{1, 3, 3, 4}:
		return string(e164[:])
	}
	return ""
}
