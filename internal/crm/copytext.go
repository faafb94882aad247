package crm

import (
	"bytes"
	"encoding/json"
	"io"
	"unicode"
	"unicode/utf8"
)

// copyFlush is how much text is kept before it goes on its way.
const copyFlush = 32 << 10

// copyText writes rows in the text format of COPY.
type copyText struct {
	to    io.Writer
	buf   []byte
	first bool
}

func (w *copyText) begin() { w.first = true }

func (w *copyText) next() {
	if !w.first {
		w.buf = append(w.buf, '\t')
	}
	w.first = false
}

func (w *copyText) null() {
	w.next()
	w.buf = append(w.buf, '\\', 'N')
}

func (w *copyText) bool(b bool) {
	w.next()
	if b {
		w.buf = append(w.buf, 't')
	} else {
		w.buf = append(w.buf, 'f')
	}
}

// plain writes what needs no escaping.
func (w *copyText) plain(s string) {
	w.next()
	w.buf = append(w.buf, s...)
}

// text writes any text; NULs, which Postgres does not take, are left out.
func (w *copyText) text(b []byte) {
	w.next()
	for {
		i := bytes.IndexAny(b, "\x00\t\n\r\\")
		if i < 0 {
			w.buf = append(w.buf, b...)
			return
		}
		w.buf = append(w.buf, b[:i]...)
		switch b[i] {
		case '\t':
			w.buf = append(w.buf, '\\', 't')
		case '\n':
			w.buf = append(w.buf, '\\', 'n')
		case '\r':
			w.buf = append(w.buf, '\\', 'r')
		case '\\':
			w.buf = append(w.buf, '\\', '\\')
		}
		b = b[i+1:]
	}
}

// end finishes the row.
func (w *copyText) end() error {
	w.buf = append(w.buf, '\n')
	if len(w.buf) < copyFlush {
		return nil
	}
	return w.flush()
}

func (w *copyText) flush() error {
	if len(w.buf) == 0 {
		return nil
	}
	_, err := w.to.Write(w.buf)
	w.buf = w.buf[:0]
	return err
}

// tidy trims a text and strips its NULs. It allocates only where there are NULs inside.
func tidy(b []byte) []byte {
	if bytes.IndexByte(b, 0) >= 0 {
		b = bytes.ReplaceAll(b, []byte{0}, nil)
	}
	return bytes.TrimFunc(b, unicode.IsSpace)
}

// fit cuts a text to so many characters.
func fit(b []byte, length int) (cut []byte, wasCut bool) {
	if length == 0 || len(b) <= length || utf8.RuneCount(b) <= length {
		return b, false
	}
	at := 0
	for range length {
		_, size := utf8.DecodeRune(b[at:])
		at += size
	}
	return bytes.TrimRightFunc(b[:at], unicode.IsSpace), true
}

// quoteJSON appends a text as a JSON string.
func quoteJSON(dst, b []byte) []byte {
	for _, c := range b {
		if c < 0x20 || c == '"' || c == '\\' || c >= 0x80 {
			quoted, err := json.Marshal(string(b))
			if err != nil { // a string always has a JSON form
				return append(dst, `""`...)
			}
			return append(dst, quoted...)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, b...)
	return append(dst, '"')
}
