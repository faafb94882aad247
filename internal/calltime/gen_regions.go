//go:build ignore

// Command gen_regions writes regions.txt from a tz database distribution:
//
//	go run gen_regions.go DIR > regions.txt
//
// DIR holds its tzdata.zi (zones and links) and zone.tab (the names in use, by country). Run it when a new release
// adds a zone; a name is kept only if this Go release can load it.
package main

import (
	"bufio"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	_ "time/tzdata"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: go run gen_regions.go DIR > regions.txt")
	}
	aliases := map[string][]string{}
	for _, f := range fields(filepath.Join(os.Args[1], "zone.tab")) {
		if !strings.HasPrefix(f[0], "#") && len(f) > 2 {
			aliases[f[2]] = nil
		}
	}
	target := map[string]string{}
	for _, f := range fields(filepath.Join(os.Args[1], "tzdata.zi")) {
		if f[0] == "L" {
			target[f[2]] = f[1]
		}
	}
	for alias := range target {
		if _, inUse := aliases[alias]; inUse || !strings.Contains(alias, "/") || strings.HasPrefix(alias, "Etc/") {
			continue
		}
		name := alias
		for ok := true; ok; name = target[name] {
			if _, inUse := aliases[name]; inUse {
				break
			}
			_, ok = target[name]
		}
		if _, inUse := aliases[name]; inUse && loads(alias) {
			aliases[name] = append(aliases[name], alias)
		}
	}
	names := make([]string, 0, len(aliases))
	for name, old := range aliases {
		if loads(name) {
			slices.Sort(old)
			names = append(names, strings.Join(append([]string{name}, old...), " "))
		}
	}
	slices.Sort(names)
	fmt.Println(strings.Join(names, "\n"))
}

func loads(name string) bool {
	_, err := time.LoadLocation(name)
	return err == nil
}

func fields(path string) [][]string {
	file, err := os.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	var lines [][]string
	for scan := bufio.NewScanner(file); scan.Scan(); {
		if f := strings.Fields(scan.Text()); len(f) > 0 {
			lines = append(lines, f)
		}
	}
	return lines
}
