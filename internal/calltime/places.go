package calltime

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// The heads of these files say what the columns mean, where the facts come from and when they were checked.
//
//go:embed data/states.csv
var statesCSV string

//go:embed data/zip.csv
var zipCSV string

// state is a state, district, territory or province.
type state struct {
	code, country string
	zones         []string
}

// area is what an address narrows the place to.
type area struct{ zones, states []string }

// places are read when the first address is looked up.
var places = sync.OnceValue(func() placeTables {
	tables, err := readPlaces(statesCSV, zipCSV)
	if err != nil {
		panic("calltime: data: " + err.Error()) // part of the program: a test reads it too
	}
	return tables
})

type placeTables struct {
	states map[string]state // by code
	names  map[string][]string
	zips   map[string]area // by five digits or three
}

func readPlaces(statesText, zipText string) (placeTables, error) {
	t := placeTables{states: map[string]state{}, names: map[string][]string{}, zips: map[string]area{}}
	rows, err := readCSV(statesText, 6)
	if err != nil {
		return t, fmt.Errorf("states: %w", err)
	}
	for _, row := range rows {
		s := state{code: row[0], country: row[1], zones: splitList(row[4])}
		t.states[s.code] = s
		for _, name := range slices.Concat([]string{s.code, row[2]}, splitList(row[3])) {
			key := nameKey(name)
			t.names[key] = append(t.names[key], s.code)
		}
	}
	rows, err = readCSV(zipText, 4)
	if err != nil {
		return t, fmt.Errorf("ZIP codes: %w", err)
	}
	for _, row := range rows {
		t.zips[row[0]] = area{states: splitList(row[1]), zones: splitList(row[2])}
	}
	return t, nil
}

// readCSV reads the rows below the column names; lines that begin with # are its head.
func readCSV(text string, columns int) ([][]string, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comment, r.FieldsPerRecord = '#', columns
	rows, err := r.ReadAll()
	if err != nil {
		return nil, err
	}
	if len(rows) < 2 {
		return nil, fmt.Errorf("no rows")
	}
	return rows[1:], nil
}

func splitList(s string) []string {
	if s == "" {
		return nil
	}
	items := strings.Split(s, "|")
	slices.Sort(items)
	return items
}

// nameKey folds case, dots, and doubled spaces, so that "N. Dakota", "n dakota" and "N.Dakota" are one.
func nameKey(s string) string {
	return strings.Join(strings.Fields(strings.ToLower(punctuation.Replace(s))), " ")
}

var punctuation = strings.NewReplacer(".", " ", ",", " ", "’", "'")
