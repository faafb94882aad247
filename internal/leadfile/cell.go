package leadfile

import "strings"

// defuse keeps a spreadsheet from running a cell: what begins like a formula gets an apostrophe before it. Plain numbers
// with a sign, phone numbers among them, are left: they do nothing.
func defuse(text string) string {
	if text == "" || !strings.ContainsRune("=+-@\t\r\n", rune(text[0])) || isNumber(text) {
		return text
	}
	return "'" + text
}

// undefuse takes that apostrophe off again.
func undefuse(text string) string {
	if len(text) > 1 && text[0] == '\'' && strings.ContainsRune("=+-@", rune(text[1])) {
		return text[1:]
	}
	return text
}

// isNumber tells +13125550123 and -1.5 from +1-2 and -A1.
func isNumber(text string) bool {
	digits, dots := 0, 0
	for i, c := range []byte(text) {
		switch {
		case '0' <= c && c <= '9':
			digits++
		case c == '.':
			dots++
		case i == 0 && (c == '+' || c == '-'):
		default:
			return false
		}
	}
	return digits > 0 && dots <= 1
}
