package salesforce

import (
	"encoding/json"
	"errors"
	"io"
	"strconv"
)

// scanner reads JSON from a stream by hand: encoding/json takes several times as long and allocates for each value.
// It is looser than the
// standard only in what is passed over. Texts go to an arena.
type scanner struct {
	src  io.Reader
	buf  []byte // the unread part is buf[pos:end]
	pos  int
	end  int
	err  error // why there is no more
	keys []byte
}

const maxDepth = 64

var (
	errSyntax = errors.New("the answer is not valid JSON")
	errRecord = errors.New("a record is larger than any should be")
)

func newScanner(src io.Reader) *scanner { return &scanner{src: src, buf: make([]byte, 64<<10)} }

// fill reads more when everything is used up.
func (s *scanner) fill() bool {
	for empty := 0; s.err == nil && empty < 100; empty++ {
		var n int
		n, s.err = s.src.Read(s.buf)
		s.pos, s.end = 0, n
		if n > 0 {
			return true
		}
	}
	if s.err == nil {
		s.err = io.ErrNoProgress
	}
	return false
}

// failed is the error at the end of what could be read: the stream's own, or a document cut short.
func (s *scanner) failed() error {
	if s.err == nil || s.err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return s.err
}

// peek gives the next byte that is no white space.
func (s *scanner) peek() (byte, error) {
	for {
		for s.pos < s.end {
			if b := s.buf[s.pos]; b != ' ' && b != '\n' && b != '\t' && b != '\r' {
				return b, nil
			}
			s.pos++
		}
		if !s.fill() {
			return 0, s.failed()
		}
	}
}

func (s *scanner) expect(want byte) error {
	b, err := s.peek()
	if err != nil {
		return err
	}
	if b != want {
		return errSyntax
	}
	s.pos++
	return nil
}

// list walks over an object or array: item is called before each one.
func (s *scanner) list(open, shut byte, item func() error) error {
	if err := s.expect(open); err != nil {
		return err
	}
	b, err := s.peek()
	if err != nil {
		return err
	}
	if b == shut {
		s.pos++
		return nil
	}
	for {
		if err := item(); err != nil {
			return err
		}
		if b, err = s.peek(); err != nil {
			return err
		}
		s.pos++
		switch b {
		case shut:
			return nil
		case ',':
		default:
			return errSyntax
		}
	}
}

// key reads a key with its colon; valid until the next key.
func (s *scanner) key() ([]byte, error) {
	var err error
	if s.keys, err = s.text(s.keys[:0]); err != nil {
		return nil, err
	}
	return s.keys, s.expect(':')
}

var escapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// bare appends a number, true, false or null as it stands.
func (s *scanner) bare(dst []byte) ([]byte, error) {
	from := len(dst)
	for {
		for s.pos < s.end {
			b := s.buf[s.pos]
			if b == ',' || b == '}' || b == ']' || b == ' ' || b == '\n' || b == '\r' || b == '\t' || len(dst)-from > 64 {
				return dst, checkBare(dst[from:])
			}
			dst = append(dst, b)
			s.pos++
		}
		if !s.fill() {
			return dst, s.failed()
		}
	}
}

// checkBare lets nothing through that JSON has no name for. The decoder judges numbers, which are rare among records.
func checkBare(text []byte) error {
	switch string(text) {
	case "true", "false", "null":
		return nil
	}
	if len(text) == 1 && text[0] >= '0' && text[0] <= '9' {
		return nil
	}
	if len(text) == 0 || len(text) > 64 || !json.Valid(text) {
		return errSyntax
	}
	return nil
}

// skip passes over any value; keep appends it to dst unchanged. Within it only strings and brackets are looked at.
func (s *scanner) skip() error {
	_, err := s.raw(nil, false)
	return err
}

func (s *scanner) keep(dst []byte) ([]byte, error) {
	from := len(dst)
	dst, err := s.raw(dst, true)
	if err == nil && !json.Valid(dst[from:]) {
		err = errSyntax
	}
	return dst, err
}

func (s *scanner) raw(dst []byte, keep bool) ([]byte, error) {
	b, err := s.peek()
	if err != nil {
		return dst, err
	}
	if b != '{' && b != '[' && b != '"' {
		s.keys, err = s.bare(s.keys[:0])
		if keep {
			dst = append(dst, s.keys...)
		}
		return dst, err
	}
	depth, quoted, escaped := 0, false, false
	for {
		from := s.pos
		for s.pos < s.end {
			b := s.buf[s.pos]
			s.pos++
			switch {
			case escaped:
				escaped = false
			case quoted && b == '\\':
				escaped = true
			case b == '"':
				quoted = !quoted
			case quoted:
				continue
			case b == '{' || b == '[':
				if depth++; depth > maxDepth {
					return dst, errSyntax
				}
			case b == '}' || b == ']':
				depth--
			}
			if depth <= 0 && !quoted {
				if keep {
					dst = append(dst, s.buf[from:s.pos]...)
				}
				return dst, nil
			}
		}
		if keep {
			if dst = append(dst, s.buf[from:s.end]...); len(dst) > maxRecordBytes {
				return dst, errRecord
			}
		}
		if !s.fill() {
			return dst, s.failed()
		}
	}
}

// integer reads a whole number or null (0).
func (s *scanner) integer() (int, error) {
	if _, err := s.peek(); err != nil {
		return 0, err
	}
	var err error
	if s.keys, err = s.bare(s.keys[:0]); err != nil || string(s.keys) == "null" {
		return 0, err
	}
	n, err := strconv.ParseFloat(string(s.keys), 64)
	if err != nil || n != float64(int(n)) {
		return 0, errSyntax
	}
	return int(n), nil
}
