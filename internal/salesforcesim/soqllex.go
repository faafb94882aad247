package salesforcesim

import (
	"strings"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokEnd    tokenKind = iota
	tokWord             // names, paths, keywords, numbers, dates
	tokString           // unescaped text
	tokSign             // ( ) , = != < <= > >= :
)

type token struct {
	kind tokenKind
	text string
	pos  int // in bytes
}

// keyword compares without case.
func (t token) is(word string) bool { return t.kind != tokString && strings.EqualFold(t.text, word) }

func isWordByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '.' || c == '-' || c == '+' || c == ':'
}

// lex cuts a statement into tokens.
func lex(soql string) ([]token, *apiError) {
	var list []token
	for i := 0; i < len(soql); {
		c := soql[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case c == '\'':
			s, next, ok := lexString(soql, i+1)
			if !ok {
				return nil, malformed("line 1:%d mismatched character '<EOF>' expecting '''", i)
			}
			list = append(list, token{tokString, s, i})
			i = next
		case isWordByte(c):
			from := i
			for i < len(soql) && isWordByte(soql[i]) {
				i++
			}
			list = append(list, token{tokWord, soql[from:i], from})
		case (c == '!' || c == '<' || c == '>') && i+1 < len(soql) && (soql[i+1] == '=' || c == '<' && soql[i+1] == '>'):
			list = append(list, token{tokSign, soql[i : i+2], i})
			i += 2
		case strings.IndexByte("(),=<>", c) >= 0:
			list = append(list, token{tokSign, soql[i : i+1], i})
			i++
		default:
			r, _ := utf8.DecodeRuneInString(soql[i:])
			return nil, malformed("line 1:%d no viable alternative at character '%c'", i, r)
		}
	}
	return append(list, token{tokEnd, "<EOF>", len(soql)}), nil
}

// lexString reads text up to its closing quote.
func lexString(soql string, i int) (s string, next int, ok bool) {
	var b strings.Builder
	for ; i < len(soql); i++ {
		switch c := soql[i]; c {
		case '\'':
			return b.String(), i + 1, true
		case '\\':
			if i++; i >= len(soql) {
				return "", 0, false
			}
			switch soql[i] {
			case 'n':
				b.WriteByte('\n')
			case 'r':
				b.WriteByte('\r')
			case 't':
				b.WriteByte('\t')
			case '%', '_': // kept for LIKE
				b.WriteString(soql[i-1 : i+1])
			default:
				b.WriteByte(soql[i])
			}
		default:
			b.WriteByte(c)
		}
	}
	return "", 0, false
}
