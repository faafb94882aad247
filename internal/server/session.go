package server

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"sync"
	"time"
)

const (
	sessionCookie = "henk_session"
	// sessionLife is a working day: whoever logs in in the morning is not thrown out before the evening.
	sessionLife = 12 * time.Hour
	// sessionRounds makes guessing the password from a stolen cookie slow (OWASP's figure for PBKDF2-SHA256).
	sessionRounds = 600_000
)

// SessionKeyFor derives a session key from the login, so that sessions outlive a restart, hold on every machine of an
// app, and end when the password is changed. It takes some tenths of a second: call it once, at the start.
func SessionKeyFor(username, password string) ([]byte, error) {
	return pbkdf2.Key(sha256.New, password, []byte("henk session "+username), sessionRounds, 32)
}

// sessionID is random and names one login.
type sessionID [16]byte

// sessions issues and checks signed cookies: nothing is stored of a session but that it was ended before its time.
type sessions struct {
	key  []byte
	path string // of the cookie
	now  func() time.Time

	mu    sync.Mutex
	ended map[sessionID]time.Time // until when each would have been valid
}

func newSessions(key []byte, path string, now func() time.Time) *sessions {
	return &sessions{key: key, path: path, now: now, ended: map[sessionID]time.Time{}}
}

// A cookie's value is base64(id | expiry in Unix seconds, 8 bytes | HMAC-SHA256 of both).
const signedLen = len(sessionID{}) + 8

func (s *sessions) sign(id sessionID, expires time.Time) string {
	b := binary.BigEndian.AppendUint64(id[:], uint64(expires.Unix()))
	return base64.RawURLEncoding.EncodeToString(append(b, s.mac(b)...))
}

func (s *sessions) mac(b []byte) []byte {
	m := hmac.New(sha256.New, s.key)
	m.Write([]byte("henk session v1\x00"))
	m.Write(b)
	return m.Sum(nil)
}

func (s *sessions) parse(value string) (id sessionID, expires time.Time, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil || len(b) != signedLen+sha256.Size || !hmac.Equal(b[signedLen:], s.mac(b[:signedLen])) {
		return id, expires, false
	}
	copy(id[:], b)
	expires = time.Unix(int64(binary.BigEndian.Uint64(b[len(id):])), 0)
	if !s.now().Before(expires) {
		return id, expires, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ended := s.ended[id]
	return id, expires, !ended
}

// of returns the request's session, if it has a valid one.
func (s *sessions) of(r *http.Request) (sessionID, bool) {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return sessionID{}, false
	}
	id, _, ok := s.parse(c.Value)
	return id, ok
}

// begin logs in: a new session, whatever the browser brought along, whose own ends.
func (s *sessions) begin(w http.ResponseWriter, r *http.Request) {
	s.endOf(r)
	var id sessionID
	_, _ = rand.Read(id[:]) // never fails
	expires := s.now().Add(sessionLife)
	s.setCookie(w, r, s.sign(id, expires), int(sessionLife/time.Second))
}

// end logs out, here and for every copy of the cookie.
func (s *sessions) end(w http.ResponseWriter, r *http.Request) {
	s.endOf(r)
	s.setCookie(w, r, "", -1)
}

func (s *sessions) endOf(r *http.Request) {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return
	}
	id, expires, ok := s.parse(c.Value)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for other, until := range s.ended {
		if !s.now().Before(until) {
			delete(s.ended, other)
		}
	}
	s.ended[id] = expires
}

func (s *sessions) setCookie(w http.ResponseWriter, r *http.Request, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{
		Name: sessionCookie, Value: value, Path: s.path, MaxAge: maxAge,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: isHTTPS(r),
	})
}
