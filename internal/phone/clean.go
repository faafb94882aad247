package phone

import (
	"regexp"
	"strings"
	"unicode"
)

const maxTextBytes = 250

// written is a number as it was written, taken apart: the digits to dial, whether a + stood before them, the extension.
type written struct {
	digits    string
	plus      bool
	extension string
}

var (
	// numberText is one run of digits and the punctuation people put between them.
	numberText = regexp.MustCompile(`(?:\+[ ().\-/\[\]]*)?\d(?:[ ().\-/\[\]]*\d)*`)
	// extensionText follows it. It knows the marks at which Tail cuts and no others, so that a number that is accepted
	// here is always found by its tail.
	extensionText = regexp.MustCompile(`^[\s,.:()\[\]\-]*(?:;ext=|extension|extn|ext|x|#|;)[\s.:=#\-]*(\d{0,7})`)
	letters       = regexp.MustCompile(`\p{L}+`)
)

// labels may stand around a number without changing what it means. Anything else might: "do not call", "fax", a name.
// None holds a mark at which Tail cuts.
var labels = map[string]bool{
	"tel": true, "telephone": true, "phone": true, "ph": true, "p": true, "t": true, "number": true, "call": true,
	"mobile": true, "mob": true, "m": true, "cell": true, "cellular": true, "cellphone": true, "c": true,
	"home": true, "h": true, "work": true, "w": true, "office": true, "o": true, "business": true,
	"main": true, "direct": true, "landline": true, "land": true, "line": true, "primary": true, "preferred": true,
	"us": true, "usa": true, "ca": true, "canada": true,
}

// read takes a text apart, or says why it is not one number.
func read(raw string) (written, *Error) {
	if len(raw) > maxTextBytes {
		return written{}, refuse(ReasonTooLong)
	}
	text, ok := plain(raw)
	if !ok {
		return written{}, refuse(ReasonNotANumber)
	}
	at := numberText.FindStringIndex(text)
	if at == nil {
		if letters.MatchString(text) {
			return written{}, refuse(ReasonNotANumber)
		}
		return written{}, refuse(ReasonEmpty)
	}
	before, number, after := text[:at[0]], text[at[0]:at[1]], text[at[1]:]
	w := written{plus: number[0] == '+', digits: onlyDigits(number)}
	if mark := extensionText.FindStringSubmatchIndex(after); mark != nil {
		w.extension, after = after[mark[2]:mark[3]], after[mark[1]:]
	} else if startsWithLetter(after) {
		return written{}, refuse(ReasonNotANumber) // 1-800-FLOWERS and its kind: letters that are dialed
	}
	switch {
	case strings.ContainsAny(before, "+#;") || endsWithLetter(before):
		return written{}, refuse(ReasonNotANumber)
	case strings.ContainsAny(after, "0123456789"):
		return written{}, refuse(ReasonAmbiguous)
	case !w.plus && localWithMore(number):
		return written{}, refuse(ReasonAmbiguous)
	case !onlyLabels(before) || !onlyLabels(after):
		return written{}, refuse(ReasonNotANumber)
	}
	return w, nil
}

// plain folds what phones, spreadsheets and input methods make of a number to ASCII and lower case: digits of other
// scripts, full-width signs, dashes, spaces, invisible direction marks. It refuses control characters.
func plain(raw string) (text string, ok bool) {
	var b strings.Builder
	for _, r := range raw {
		if r >= '!'+0xFEE0 && r <= '~'+0xFEE0 { // full-width forms
			r -= 0xFEE0
		}
		digit, isDigit := digitValue(r)
		switch {
		case isDigit:
			b.WriteByte('0' + digit)
		case unicode.Is(unicode.Cf, r) && r != '\u00AD': // a soft hyphen is a dash somebody sees
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case unicode.IsControl(r) || r == unicode.ReplacementChar:
			return "", false
		case unicode.Is(unicode.Pd, r) || r == '\u00AD' || r == '\u2212':
			b.WriteByte('-')
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return strings.TrimSpace(b.String()), true
}

// digitValue reads a decimal digit of any script; Unicode lists each script's ten in order, from zero.
func digitValue(r rune) (value byte, ok bool) {
	if r < 0x80 {
		return byte(r - '0'), '0' <= r && r <= '9'
	}
	for _, script := range unicode.Nd.R16 {
		if lo := rune(script.Lo); lo <= r && r <= rune(script.Hi) {
			return byte((r - lo) % 10), true
		}
	}
	for _, script := range unicode.Nd.R32 {
		if lo := rune(script.Lo); lo <= r && r <= rune(script.Hi) {
			return byte((r - lo) % 10), true
		}
	}
	return 0, false
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// localWithMore tells whether the digits are grouped as a local number and three more (234-5678 901): ten digits that
// would be dialed as another number altogether.
func localWithMore(number string) bool {
	groups := strings.FieldsFunc(number, func(r rune) bool { return r < '0' || r > '9' })
	if len(groups) == 3 && len(groups[0]) == 3 {
		return len(groups[1]) == 4 && len(groups[2]) == 3
	}
	return len(groups) == 2 && len(groups[0]) == 7 && len(groups[1]) == 3
}

// onlyLabels tells whether nothing but labels and punctuation is in s.
func onlyLabels(s string) bool {
	for _, r := range s {
		if !unicode.IsLetter(r) && !strings.ContainsRune(" .,:;-()[]/|'\"_=#", r) {
			return false
		}
	}
	for _, word := range letters.FindAllString(s, -1) {
		if !labels[word] {
			return false
		}
	}
	return true
}

func startsWithLetter(s string) bool {
	at := letters.FindStringIndex(s)
	return at != nil && at[0] == 0
}

func endsWithLetter(s string) bool {
	all := letters.FindAllStringIndex(s, -1)
	return len(all) > 0 && all[len(all)-1][1] == len(s)
}
