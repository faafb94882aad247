package dashboard

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// cursor is the key of the last row shown. It is opaque to people, and whatever they make of it is at worst a page that
// begins elsewhere.
type cursor struct {
	Phase int       `json:"p,omitempty"` // which of several lists, in order
	Key1  string    `json:"a,omitempty"`
	Key2  string    `json:"b,omitempty"`
	At    int64     `json:"t,omitempty"` // microseconds
	ID    uuid.UUID `json:"i"`
}

const (
	maxCursor = 2000
	maxPhase  = 1000
)

func (c cursor) encode() string {
	data, err := json.Marshal(c)
	if err != nil {
		panic(err) // plain fields
	}
	return base64.RawURLEncoding.EncodeToString(data)
}

// cursorOf reads ?after=; ok is false for a first page.
func cursorOf(r *http.Request) (c cursor, ok bool, err error) {
	text := r.URL.Query().Get("after")
	if text == "" {
		return c, false, nil
	}
	bad := badInput{"The page's address is damaged. Start again from the first page."}
	if len(text) > maxCursor {
		return c, false, bad
	}
	data, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || json.Unmarshal(data, &c) != nil || c.Phase < 0 || c.Phase > maxPhase ||
		!storable(c.Key1) || !storable(c.Key2) || c.At < minMicro || c.At > maxMicro {
		return cursor{}, false, bad
	}
	return c, true, nil
}

// The instants that both Go and Postgres know.
const (
	minMicro = -62_000_000_000_000_000 // about the year 5
	maxMicro = 250_000_000_000_000_000 // about the year 9892
)

func (c cursor) at() time.Time { return time.UnixMicro(c.At).UTC() }

// storable tells whether Postgres takes the text as a parameter.
func storable(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

// pager is the links below a list.
type pager struct{ First, Next string }

// pagerOf keeps the page's filters. next nil: this is the last page.
func pagerOf(r *http.Request, isFirst bool, next *cursor) pager {
	q := url.Values{}
	for name, values := range r.URL.Query() {
		if name != "after" && name != "done" {
			q[name] = values
		}
	}
	var p pager
	if !isFirst {
		p.First = address(r.URL.Path, q)
	}
	if next != nil {
		q.Set("after", next.encode())
		p.Next = address(r.URL.Path, q)
	}
	return p
}

func address(path string, q url.Values) string {
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}
