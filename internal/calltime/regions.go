package calltime

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // a slim container without zone files must not fall back to UTC
)

// regionList holds one region a line, followed by its deprecated aliases. Source: zone.tab and the links of the IANA tz
// database 2025b, written by gen_regions.go.
//
//go:embed regions.txt
var regionList string

// region is one IANA name, loaded when it is first asked for.
type region struct {
	canonical string
	location  func() (*time.Location, error)
	clock     func() string
}

// regions maps every name that may be loaded to its region. Only names in it ever reach time.LoadLocation, which reads
// files: a hostile name cannot, and what is cached is bounded by the list.
var regions, lowerRegions = readRegions(regionList)

func readRegions(list string) (exact, lower map[string]region) {
	exact, lower = make(map[string]region), make(map[string]region)
	for line := range strings.Lines(list + "UTC") {
		names := strings.Fields(line)
		for _, name := range names {
			load := sync.OnceValues(func() (*time.Location, error) { return time.LoadLocation(name) })
			exact[name] = region{canonical: names[0], location: load, clock: digestClock(load)}
			lower[strings.ToLower(name)] = exact[name]
		}
	}
	// UTC is a zone to compute in, never evidence of where somebody is.
	delete(lower, "utc")
	return exact, lower
}

// Region returns the IANA name in use for a known region or deprecated alias, whatever its case:
// "us/central" gives "America/Chicago". Fixed offsets, UTC and Etc/* are no regions.
func Region(name string) (canonical string, ok bool) {
	r, ok := lowerRegions[strings.ToLower(name)]
	return r.canonical, ok
}

func location(name string) (*time.Location, error) {
	r, ok := regions[name]
	if !ok {
		return nil, fmt.Errorf("%q is not a known time zone; use an IANA region name such as America/Chicago", clip(name))
	}
	return r.location()
}

// clip keeps hostile input from filling a log line.
func clip(s string) string {
	const most = 40
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
