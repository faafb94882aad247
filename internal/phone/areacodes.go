package phone

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// areaCodesCSV holds every area code of the North American Numbering Plan with its states and zones. Its head says what
// the columns mean, where each row comes from and when it was checked. It exists because the library's answer for a
// number it does not know singly, a mobile for instance, is one default zone per code, and often the minority's.
//
//go:embed data/area-codes.csv
var areaCodesCSV string

// AreaCode is what is known of one North American area code.
type AreaCode struct {
	Code       int      // 200 to 999
	Country    string   // ISO region; Puerto Rico and the other territories are "US" here, their States "PR" and so on; "" where it has none
	States     []string // postal codes of states and provinces, sorted; nil outside the United States and Canada
	Zones      []string // IANA names, sorted; nil where nothing can be said of the place
	OverlayOf  []int    // the codes whose territory it shares
	Kind       string   // geographic, caribbean, tollfree, premium, personal or nongeo
	Confidence string   // high, medium or low
	Source     string
	Checked    string // "2026-11-23"
	Reason     string // why these zones, where that was to be decided
}

// areaCodes is indexed by code - 200; Code 0 is one that is not assigned.
var areaCodes = mustReadAreaCodes(areaCodesCSV)

// LookupAreaCode returns the row of an area code. ok is false for one that is not assigned.
func LookupAreaCode(code int) (row AreaCode, ok bool) {
	if code < 200 || code > 999 {
		return AreaCode{}, false
	}
	row = areaCodes[code-200]
	row.States, row.Zones, row.OverlayOf = slices.Clone(row.States), slices.Clone(row.Zones), slices.Clone(row.OverlayOf)
	return row, row.Code != 0
}

func mustReadAreaCodes(text string) *[800]AreaCode {
	table, err := readAreaCodes(text)
	if err != nil {
		panic("phone: data/area-codes.csv: " + err.Error()) // part of the program: a test reads it too
	}
	return table
}

func readAreaCodes(text string) (*[800]AreaCode, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comment, r.FieldsPerRecord = '#', 10
	rows, err := r.ReadAll()
	if err != nil {
		return nil, err
	}
	var table [800]AreaCode
	for _, row := range rows[1:] { // the first names the columns
		code, err := strconv.Atoi(row[0])
		if err != nil || code < 200 || code > 999 || table[code-200].Code != 0 {
			return nil, fmt.Errorf("%q is no area code, or stands there twice", row[0])
		}
		a := AreaCode{Code: code, Country: row[1], States: list(row[2]), Zones: list(row[3]), Kind: row[5], Confidence: row[6],
			Source: row[7], Checked: row[8], Reason: row[9]}
		for _, parent := range list(row[4]) {
			p, err := strconv.Atoi(parent)
			if err != nil {
				return nil, fmt.Errorf("area code %d overlays %q", code, parent)
			}
			a.OverlayOf = append(a.OverlayOf, p)
		}
		table[code-200] = a
	}
	return &table, nil
}

// list reads "a|b", sorted.
func list(s string) []string {
	if s == "" {
		return nil
	}
	items := strings.Split(s, "|")
	slices.Sort(items)
	return items
}
