package salesforce

import (
	"unicode/utf16"
	"unicode/utf8"
)

// text appends a string's value to dst.
func (s *scanner) text(dst []byte) ([]byte, error) {
	if err := s.expect('"'); err != nil {
		return dst, err
	}
	for {
		i := s.pos
		for i < s.end && s.buf[i] != '"' && s.buf[i] != '\\' {
			i++
		}
		dst = append(dst, s.buf[s.pos:i]...)
		s.pos = i
		switch {
		case i == s.end:
			if len(dst) > maxRecordBytes {
				return dst, errRecord
			}
			if !s.fill() {
				return dst, s.failed()
			}
		case s.buf[i] == '"':
			s.pos++
			return dst, nil
		default:
			s.pos++
			var err error
			if dst, err = s.escape(dst); err != nil {
				return dst, err
			}
		}
	}
}

func (s *scanner) next() (byte, error) {
	if s.pos == s.end && !s.fill() {
		return 0, s.failed()
	}
	s.pos++
	return s.buf[s.pos-1], nil
}

// escape reads what follows a backslash. Halves of surrogate pairs that stand alone become U+FFFD.
func (s *scanner) escape(dst []byte) ([]byte, error) {
	b, err := s.next()
	if err != nil {
		return dst, err
	}
	if b != 'u' {
		if escapes[b] == 0 {
			return dst, errSyntax
		}
		return append(dst, escapes[b]), nil
	}
	r, err := s.hex()
	for err == nil && utf16.IsSurrogate(r) {
		// Only a backslash and a u can make it whole.
		var low rune
		if b, err = s.next(); err != nil {
			return dst, err
		}
		if s.pos--; b != '\\' {
			break
		}
		s.pos++
		if b, err = s.next(); err != nil {
			return dst, err
		}
		if b != 'u' {
			dst = utf8.AppendRune(dst, utf8.RuneError)
			if escapes[b] == 0 {
				return dst, errSyntax
			}
			return append(dst, escapes[b]), nil
		}
		if low, err = s.hex(); err != nil {
			return dst, err
		}
		if whole := utf16.DecodeRune(r, low); whole != utf8.RuneError {
			return utf8.AppendRune(dst, whole), nil
		}
		dst = utf8.AppendRune(dst, utf8.RuneError)
		r = low
	}
	if err != nil {
		return dst, err
	}
	return utf8.AppendRune(dst, r), nil // a lone half becomes U+FFFD
}

func (s *scanner) hex() (rune, error) {
	var r rune
	for range 4 {
		b, err := s.next()
		if err != nil {
			return 0, err
		}
		switch {
		case b >= '0' && b <= '9':
			r = r<<4 | rune(b-'0')
		case b|0x20 >= 'a' && b|0x20 <= 'f':
			r = r<<4 | rune(b|0x20-'a'+10)
		default:
			return 0, errSyntax
		}
	}
	return r, nil
}
