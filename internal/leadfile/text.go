package leadfile

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// plainName is a column's name as it is compared: letters and digits, lower case.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// tidy makes one line of a cell: NULs and invisible characters go, control characters become spaces.
func tidy(text string) string { return strings.TrimSpace(clean(text, false)) }

// tidyLines is tidy that keeps line ends and tabs.
func tidyLines(text string) string { return strings.TrimSpace(clean(text, true)) }

func clean(text string, lines bool) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == 0, r == '\uFEFF', r == '\u200B', r == '\u00AD':
			return -1
		case lines && (r == '\n' || r == '\t'):
			return r
		case unicode.IsControl(r), r == '\u2028', r == '\u2029', r == '\u00A0':
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

// fit cuts a text to n characters, as varchar(n) counts them.
func fit(text string, n int) (string, bool) {
	if len(text) <= n || utf8.RuneCountInString(text) <= n {
		return text, false
	}
	for i := range text {
		if n == 0 {
			return strings.TrimSpace(text[:i]), true
		}
		n--
	}
	return text, false
}
