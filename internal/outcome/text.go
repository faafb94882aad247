package outcome

import (
	"strings"
	"unicode/utf8"
)

// fold maps the accented Latin letters of the languages we know phrases in to
// their plain letters, so that "mañana" and "manana" are one word. ASR drops
// accents as often as it writes them.
var fold = func() map[rune]rune {
	m := map[rune]rune{}
	for plain, accented := range map[rune]string{
		'a': "áàâäãåā", 'e': "éèêëē", 'i': "íìîïī", 'o': "óòôöõøō",
		'u': "úùûüū", 'n': "ñ", 'c': "ç", 'y': "ýÿ",
	} {
		for _, r := range accented {
			m[r] = plain
		}
	}
	return m
}()

// foldRune lower-cases r and strips its accent. Combining marks become 0.
func foldRune(r rune) rune {
	switch {
	case r >= 'A' && r <= 'Z':
		return r + 'a' - 'A'
	case r < utf8.RuneSelf:
		return r
	case r >= 0x300 && r <= 0x36f:
		return 0
	case r == '’' || r == '‘' || r == 'ʼ' || r == '`' || r == '´':
		return '\''
	}
	if r >= 'À' && r <= 'Þ' && r != '×' {
		r += 0x20
	}
	if p, ok := fold[r]; ok {
		return p
	}
	return r
}

// quote cuts s to at most 200 bytes of valid UTF-8 on one line, with an
// ellipsis where it was cut.
func quote(s string) string {
	const limit = 200
	long := len(s) > 2*limit
	if long {
		s = s[:2*limit]
	}
	s = strings.ToValidUTF8(s, "")
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if len(s) <= limit && !long {
		return s
	}
	cut := min(limit-len("…"), len(s))
	for cut > 0 && !utf8.RuneStart(s[cut-1]) {
		cut--
	}
	// s[:cut] may end in the first byte of a rune: ToValidUTF8 drops it.
	return strings.TrimSpace(strings.ToValidUTF8(s[:cut], "")) + "…"
}

func isLetter(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= utf8.RuneSelf && r != utf8.RuneError && !isSymbol(r)
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// isSymbol tells the punctuation beyond ASCII that ends a word.
func isSymbol(r rune) bool {
	switch r {
	case '…', '“', '”', '«', '»', '¿', '¡', '–', '—', '£', '€', '¢', '•', '。', '，', '？', '！', 0xa0, '\u2028':
		return true
	}
	return r >= 0x2000 && r <= 0x206f || r >= 0x1f000
}
