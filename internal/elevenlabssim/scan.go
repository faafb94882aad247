package elevenlabssim

import (
	"encoding/json"
	"iter"
	"unicode/utf8"
)

// Reading a request without building a tree: the body is checked once by json.Valid, after which members may walk it without
// checking anything again. At load this is several times cheaper than decoding into a map.

// members yields the key (unquoted) and raw value of each member of an object that is known to be valid JSON.
func members(object []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(key, value []byte) bool) {
		i := skipSpace(object, 1)
		for object[i] != '}' {
			end := skipValue(object, i)
			key := unquote(object[i:end])
			i = skipSpace(object, skipSpace(object, end)+1) // over the colon
			end = skipValue(object, i)
			if !yield(key, object[i:end]) {
				return
			}
			if i = skipSpace(object, end); object[i] == ',' {
				i = skipSpace(object, i+1)
			}
		}
	}
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// skipValue returns the end of the valid JSON value that starts at i.
func skipValue(b []byte, i int) int {
	switch b[i] {
	case '"':
		return skipString(b, i)
	case '{', '[':
		for depth := 0; ; i++ {
			switch b[i] {
			case '"':
				i = skipString(b, i) - 1
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			}
		}
	}
	for i < len(b) && b[i] != ',' && b[i] != '}' && b[i] != ']' && b[i] > ' ' {
		i++
	}
	return i
}

func skipString(b []byte, i int) int {
	for i++; b[i] != '"'; i++ {
		if b[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// unquote returns the text of a valid JSON string token; without escapes it is a slice of the token itself.
func unquote(token []byte) []byte {
	for _, c := range token {
		if c == '\\' {
			var text string
			if json.Unmarshal(token, &text) != nil {
				return nil // not reached: the token is valid
			}
			return []byte(text)
		}
	}
	return token[1 : len(token)-1]
}

// quoted returns text as a JSON string.
func quoted(text string) []byte { return appendQuoted(nil, text) }

func appendQuoted(b []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			enc, err := json.Marshal(text)
			if err != nil {
				return append(b, `""`...) // not reached: any string encodes
			}
			return append(b, enc...)
		}
	}
	return append(append(append(b, '"'), text...), '"')
}
