package elevenlabs

import (
	"errors"
	"net"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxMessageBytes = 500
	maxCodeBytes    = 80
	phoneDigits     = 7 // this many digits in a run may be a phone number
)

// clean makes foreign text fit for an error or a log: valid UTF-8 on one line,
// no key, no phone number, at most max bytes.
func clean(text, key string, max int) string {
	// Far more than max, since redaction shrinks; bounds the work.
	if len(text) > 64*1024 {
		text = text[:64*1024]
	}
	text = strings.ToValidUTF8(text, "\uFFFD")
	// Invisible characters become spaces before anything is searched for:
	// dropping them later could put a key or a number together again.
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Zs) {
			return ' '
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if key != "" {
		text = strings.ReplaceAll(text, key, "[key]")
	}
	return cut(redactNumbers(text), max)
}

// redactNumbers replaces every run of 7 or more digits, with phone punctuation
// allowed between them, by "[number]". Dates with a time and long ids go too:
// a log that says too little is better than one that names a donor.
func redactNumbers(s string) string {
	var out strings.Builder
	runStart, runEnd, digits := -1, 0, 0 // the run is s[runStart:runEnd], ending in a digit
	flush := func(next int) {
		switch {
		case runStart < 0:
			return
		case digits >= phoneDigits:
			out.WriteString("[number]")
			out.WriteString(s[runEnd:next])
		default:
			out.WriteString(s[runStart:next])
		}
		runStart, digits = -1, 0
	}
	for i, r := range s {
		switch {
		case unicode.IsDigit(r):
			if runStart < 0 {
				runStart = i
			}
			digits++
			runEnd = i + utf8.RuneLen(r)
		case r == '+' && runStart < 0:
			runStart, runEnd = i, i+1
		case isPhonePunctuation(r) && runStart >= 0:
		default:
			flush(i)
			out.WriteRune(r)
		}
	}
	flush(len(s))
	return out.String()
}

func isPhonePunctuation(r rune) bool {
	return strings.ContainsRune("+-.()/ ", r) || unicode.Is(unicode.Pd, r)
}

// cut shortens s to max bytes without splitting a character.
func cut(s string, max int) string {
	if len(s) <= max {
		return s
	}
	const dots = "..."
	end := max - len(dots)
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + dots
}

// describe gives the text of a network error without the addresses, which say
// nothing that helps and look like phone numbers.
func describe(err error) string {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Err != nil {
		return op.Op + ": " + op.Err.Error()
	}
	return err.Error()
}
