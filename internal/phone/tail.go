package phone

import "strings"

// Tail returns the last ten ASCII digits of a number as it was written, its extension cut; "" when there are fewer than
// seven. It finds rows that may hold the same number, whatever their punctuation or country code. The database indexes
// the same text, so for every raw it must equal
//
//	right(regexp_replace(regexp_replace(lower(raw), '(x|ext|#|;).*$', ''), '[^0-9]', '', 'g'), 10), or '' if that is shorter than 7
//
// For a North American number written in ASCII digits that Parse accepts, it is the last ten digits of its E164.
func Tail(raw string) string {
	if cut := strings.IndexAny(raw, "xX#;"); cut >= 0 { // every "ext" holds an x, and no digit before it
		raw = raw[:cut]
	}
	digits := onlyDigits(raw)
	if len(digits) < 7 {
		return ""
	}
	return digits[max(0, len(digits)-10):]
}
