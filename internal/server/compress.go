package server

import (
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// compressFrom is the size in bytes below which compressing costs more than it saves.
const compressFrom = 1024

var gzips = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// compress sends text in gzip to those who accept it.
func compress(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept-Encoding")
		if r.Method == http.MethodHead || !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			next.ServeHTTP(w, r)
			return
		}
		zw := &gzipWriter{ResponseWriter: w}
		defer zw.close()
		next.ServeHTTP(zw, r)
	})
}

// gzipWriter decides when the header is written: then status, type and size are known.
type gzipWriter struct {
	http.ResponseWriter
	gz      *gzip.Writer // nil = as it is
	decided bool
}

func (w *gzipWriter) WriteHeader(status int) {
	if !w.decided && status >= 200 {
		w.decided = true
		if status != http.StatusNoContent && status != http.StatusNotModified && status != http.StatusPartialContent && compressible(w.Header()) {
			w.begin()
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *gzipWriter) begin() {
	h := w.Header()
	h.Set("Content-Encoding", "gzip")
	h.Del("Content-Length")
	h.Del("Accept-Ranges")
	w.gz = gzips.Get().(*gzip.Writer)
	w.gz.Reset(w.ResponseWriter)
}

func compressible(h http.Header) bool {
	kind, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	switch kind {
	case "text/html", "text/css", "text/javascript", "text/csv", "application/javascript", "application/json", "image/svg+xml":
	default:
		return false // also text/plain, which is short here, and event streams
	}
	size, err := strconv.Atoi(h.Get("Content-Length"))
	return h.Get("Content-Encoding") == "" && (err != nil || size >= compressFrom)
}

func (w *gzipWriter) Write(p []byte) (int, error) {
	if !w.decided {
		if w.Header().Get("Content-Type") == "" {
			w.Header().Set("Content-Type", http.DetectContentType(p))
		}
		w.WriteHeader(http.StatusOK)
	}
	if w.gz != nil {
		return w.gz.Write(p)
	}
	return w.ResponseWriter.Write(p)
}

// FlushError is what http.ResponseController calls.
func (w *gzipWriter) FlushError() error {
	if w.gz != nil {
		if err := w.gz.Flush(); err != nil {
			return err
		}
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Unwrap lets http.ResponseController set deadlines.
func (w *gzipWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *gzipWriter) close() {
	if w.gz == nil {
		return
	}
	_ = w.gz.Close() // an error is the connection's, and the request is over
	w.gz.Reset(nil)
	gzips.Put(w.gz)
	w.gz = nil
}
