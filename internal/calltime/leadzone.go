package calltime

import (
	"regexp"
	"strings"
)

const maxLabelBytes = 200

// fixedOffset matches what names an offset and not a place: UTC, GMT+5, -05:00, EST, CST6CDT, Etc/GMT+5, (GMT-05:00) Central.
// It serves the wording of the note only.
var fixedOffset = regexp.MustCompile(`(?i)^\(?(utc|gmt|z$|etc/|[+-]?\d|[a-z]{1,3}[sd]?t(\d[a-z]*)?$)`)

// LeadZone reads leads.timezone: an IANA region name in any case, alone ("America/Chicago", "america/new york",
// "US/Central") or inside a label ("(GMT-05:00) Central Daylight Time (America/Chicago)"). zone is the name in use.
//
// Anything else counts as absent (ok is false) and the note says why: a fixed offset or abbreviation does not say where
// somebody is nor whether daylight saving applies. An empty value is absent without a note.
func LeadZone(raw string) (zone string, ok bool, note string) {
	raw = strings.TrimSpace(raw)
	switch {
	case raw == "":
		return "", false, ""
	case len(raw) > maxLabelBytes:
		return "", false, "the lead's time zone is too long to be a region name and counts as absent"
	}
	if zone, ok := Region(strings.Join(strings.Fields(raw), "_")); ok {
		return zone, true, ""
	}
	for _, word := range strings.FieldsFunc(raw, notInName) {
		named, known := Region(word)
		if known && ok && named != zone {
			return "", false, "the lead's time zone names more than one region and counts as absent"
		}
		if known {
			zone, ok = named, true
		}
	}
	if ok {
		return zone, true, ""
	}
	if fixedOffset.MatchString(raw) {
		return "", false, "the lead's time zone is a fixed offset or an abbreviation, not a region such as America/Chicago, and counts as absent"
	}
	return "", false, "the lead's time zone is not a known region name such as America/Chicago and counts as absent"
}

func notInName(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return false
	}
	return !strings.ContainsRune("/_+-.", r)
}
