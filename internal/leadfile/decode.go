package leadfile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// maxLine bytes are kept of a line. No row of leads is longer, and a file without line ends must not fill the memory.
const maxLine = 256 << 10

// ErrPacked is returned for an archive.
var ErrPacked = errors.New("this is a packed file: unpack it and import what is in it")

// lineReader hands out the lines of a text in UTF-8, UTF-16 or Windows-1252, without their ends.
type lineReader struct {
	r         *bufio.Reader
	end       byte
	line      int64
	converted int64 // lines that were not UTF-8 and were read as Windows-1252
	pushed    []textLine
}

type textLine struct {
	n    int64
	text []byte // valid until the next line is read, unless pushed back
	long bool   // cut at maxLine
}

func newLineReader(r io.Reader) (*lineReader, error) {
	raw := bufio.NewReaderSize(r, 64<<10)
	head, err := raw.Peek(4096)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading the file: %w", err)
	}
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte{0x1f, 0x8b}) {
		return nil, ErrPacked
	}
	l := &lineReader{r: raw, end: '\n'}
	if order, is := utf16Order(head); is {
		decoder := unicode.UTF16(order, unicode.UseBOM).NewDecoder()
		l.r = bufio.NewReaderSize(transform.NewReader(raw, decoder), 64<<10)
		if head, err = l.r.Peek(2048); err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("reading the file: %w", err)
		}
	}
	if bytes.HasPrefix(head, []byte("\xEF\xBB\xBF")) {
		_, _ = l.r.Discard(3) // it was peeked
	}
	if bytes.IndexByte(head, '\n') < 0 && bytes.IndexByte(head, '\r') >= 0 {
		l.end = '\r'
	}
	return l, nil
}

// utf16Order recognises UTF-16 by its mark or, where that is missing, by the zero in every other byte of Latin text.
func utf16Order(head []byte) (unicode.Endianness, bool) {
	switch {
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}):
		return unicode.LittleEndian, true
	case bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		return unicode.BigEndian, true
	}
	var zeros [2]int
	for i, b := range head {
		if b == 0 {
			zeros[i%2]++
		}
	}
	most := len(head) * 2 / 5
	switch {
	case len(head) >= 4 && zeros[1] >= most && zeros[0] < most/4+1:
		return unicode.LittleEndian, true
	case len(head) >= 4 && zeros[0] >= most && zeros[1] < most/4+1:
		return unicode.BigEndian, true
	}
	return unicode.LittleEndian, false
}

// next returns io.EOF after the last line.
func (l *lineReader) next() (textLine, error) {
	if len(l.pushed) > 0 {
		t := l.pushed[0]
		l.pushed = l.pushed[1:]
		return t, nil
	}
	text, long, err := l.read()
	if err != nil {
		return textLine{}, err
	}
	l.line++
	text = bytes.TrimSuffix(text, []byte{'\r'})
	if !utf8.Valid(text) && !long {
		l.converted++
		if text, err = charmap.Windows1252.NewDecoder().Bytes(text); err != nil {
			return textLine{}, fmt.Errorf("reading line %d: %w", l.line, err)
		}
	}
	return textLine{l.line, text, long}, nil
}

func (l *lineReader) read() (text []byte, long bool, err error) {
	text, err = l.r.ReadSlice(l.end)
	if errors.Is(err, bufio.ErrBufferFull) { // longer than the buffer: from here on it is copied
		text = bytes.Clone(text)
		for errors.Is(err, bufio.ErrBufferFull) {
			var more []byte
			more, err = l.r.ReadSlice(l.end)
			if room := maxLine - len(text); len(more) > room {
				more, long = more[:room], true
			}
			text = append(text, more...)
		}
	}
	if errors.Is(err, io.EOF) && len(text) > 0 {
		err = nil
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, false, fmt.Errorf("reading the file after line %d: %w", l.line, err)
	}
	return bytes.TrimSuffix(text, []byte{l.end}), long, err
}

// push gives lines back, to be read again in this order. Their texts must be copies.
func (l *lineReader) push(lines ...textLine) { l.pushed = append(lines, l.pushed...) }
