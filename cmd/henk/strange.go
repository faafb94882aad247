package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/callhenk/henk-worker/internal/config"
)

// ownNames are variables of ours that are no settings of the program: of the tests, the Makefile and the documents.
var ownNames = []string{"HENK_PG_BIN", "HENK_SCREENSHOTS", "HENK_REQUIRE_POOLER", "HENK_CHAOS", "HENK_TEST_BE_THE_PROGRAM", "HENK_URL"}

// strangeSettings says of each variable that looks like a setting and is none what was probably meant. A setting that is
// misspelt would be left out in silence. The environment holds other programs' variables too, so without our prefix a
// name must be long and a letter or two off.
func strangeSettings(environ []string) []string {
	known := slices.Clone(ownNames)
	for _, s := range config.Show() {
		known = append(known, s.Name)
	}
	said := []string{}
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if slices.Contains(known, name) {
			continue
		}
		meant, off := nearest(name, known)
		switch {
		case off <= 2 && len(meant) >= 12:
			said = append(said, fmt.Sprintf("%s is no setting of henk; did you mean %s?", name, meant))
		case strings.HasPrefix(name, "HENK_"):
			said = append(said, fmt.Sprintf("%s is no setting of henk; `henk config` lists them all", name))
		}
	}
	slices.Sort(said)
	return said
}

// nearest is the known name with the fewest letters to change, put in or leave out.
func nearest(name string, known []string) (string, int) {
	best, least := "", len(name)+1
	for _, k := range known {
		if d := distance(strings.ToUpper(name), k); d < least {
			best, least = k, d
		}
	}
	return best, least
}

// distance is Levenshtein's, by bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := corner
			if a[i] != b[j] {
				change++
			}
			corner = row[j+1]
			row[j+1] = min(change, corner+1, row[j]+1)
		}
	}
	return row[len(b)]
}
