package conversation

import (
	"strings"
	"unicode/utf8"
)

// Bounds of what is stored, in bytes. They are far above anything said on a phone and below what would hurt a reader.
const (
	maxMessage    = 64 << 10
	maxTranscript = 2 << 20
	maxToolText   = 4 << 10
	maxTools      = 20
	maxName       = 200
)

const cutMark = "…"

// clean makes foreign text fit for Postgres and bounds it: valid UTF-8, no NULs, at most limit bytes.
func clean(s string, limit int) string {
	if len(s) > 4*limit {
		s = s[:4*limit] // bounds the work; cut below goes further
	}
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	return cut(s, limit)
}

// cut shortens s to limit bytes without splitting a character, and marks that it did.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	end := limit - len(cutMark)
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:max(end, 0)] + cutMark
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// orNil is nil for "", which the queries read as "leave it".
func orNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
