package server

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"strings"
	"time"
)

// pageCSP allows our own pages exactly what they use: files from here, forms to here.
const pageCSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// around is what every request goes through, from the outside in.
func (s *Server) around(h http.Handler) http.Handler {
	h = s.sameOrigin(h)
	if s.opts.Trace != nil { // below the base path, so that spans are named without it
		h = s.opts.Trace(h)
	}
	h = underBase(s.opts.BasePath, h)
	h = secureHeaders(h)
	h = s.recoverPanics(h)
	h = compress(h)
	return s.logAccess(h)
}

// entry is what the access log says of a request beyond the request itself.
type entry struct {
	id    string
	level slog.Level
}

type entryKey struct{}

func accessEntry(r *http.Request) *entry {
	e, _ := r.Context().Value(entryKey{}).(*entry)
	return e
}

// requestID is the id that the answer's X-Request-Id and the access log carry.
func requestID(r *http.Request) string {
	if e := accessEntry(r); e != nil {
		return e.id
	}
	return ""
}

// acceptableID keeps what a caller or a proxy sends from forging log lines.
var acceptableID = regexp.MustCompile(`^[A-Za-z0-9._-]{8,64}$`)

// logAccess gives the request its id and writes one line when it is answered: the path without its query, which may
// hold a token or a search, and no address.
func (s *Server) logAccess(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		e := &entry{id: r.Header.Get("X-Request-Id"), level: slog.LevelInfo}
		if !acceptableID.MatchString(e.id) {
			e.id = rand.Text()
		}
		w.Header().Set("X-Request-Id", e.id)
		rec := &recorder{ResponseWriter: w}
		path := r.URL.Path
		defer func() {
			if rec.status == 0 {
				rec.status = http.StatusOK
			}
			if rec.status >= http.StatusInternalServerError {
				e.level = slog.LevelWarn
			}
			s.opts.Log.LogAttrs(r.Context(), e.level, "Request", slog.String("method", shorten(r.Method, 20)), slog.String("path", shorten(path, 200)),
				slog.Int("status", rec.status), slog.Int64("bytes", rec.bytes),
				slog.Float64("duration_ms", float64(time.Since(start).Microseconds())/1000), slog.String("request_id", e.id))
		}()
		next.ServeHTTP(rec, r.WithContext(context.WithValue(r.Context(), entryKey{}, e)))
	})
}

func shorten(text string, limit int) string {
	if len(text) > limit {
		return strings.ToValidUTF8(text[:limit], "") + "…"
	}
	return text
}

// recorder notes the status and the size of an answer.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController flush and set deadlines.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// recoverPanics answers 500 and logs the stack. An answer that has begun is cut off, so that nobody takes it for whole.
func (s *Server) recoverPanics(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := &recorder{ResponseWriter: w}
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler {
				panic(p)
			}
			s.opts.Log.ErrorContext(r.Context(), "Request panicked", "panic", p, "request_id", requestID(r), "stack", string(debug.Stack()))
			if rec.status != 0 {
				panic(http.ErrAbortHandler)
			}
			http.Error(rec, "internal error, request "+requestID(r), http.StatusInternalServerError)
		}()
		next.ServeHTTP(rec, r)
	})
}

// secureHeaders sets what holds for every answer; a route may loosen its policy, a file its caching.
func secureHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", pageCSP)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		// Not no-referrer: browsers would then send "Origin: null" with our own forms, and they would be refused.
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
		h.Set("Cache-Control", "no-store")
		if isHTTPS(r) {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// isHTTPS says whether the browser spoke https, be it to a proxy in front of us. A forged header only ever makes a
// cookie stricter.
func isHTTPS(r *http.Request) bool {
	proto, _, _ := strings.Cut(r.Header.Get("X-Forwarded-Proto"), ",")
	return r.TLS != nil || strings.EqualFold(strings.TrimSpace(proto), "https")
}
