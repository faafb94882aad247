package server

import (
	"net/http"
	"regexp"
	"strings"
)

// Pages are written as if they were at the root of their host. Where a proxy shows them under a prefix and passes the
// prefix on, it is cut off on the way in and put in front of our addresses on the way out: in Location, in cookies
// (session.go) and in the attributes of pages and of live fragments. River UI knows its prefix itself.

// address is an attribute of ours that holds a path from the root.
var address = regexp.MustCompile(`\b(href|src|action|formaction|poster|hx-[a-z]+|sse-connect)="/([^/"]|")`)

// underBase serves next under base; "" = at the root. Probes are answered at the root too.
func underBase(base string, next http.Handler) http.Handler {
	if base == "" {
		return next
	}
	replacement := []byte(`$1="` + base + `/$2`)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" || r.URL.Path == "/readyz" {
			next.ServeHTTP(w, r)
			return
		}
		if r.URL.Path == base {
			http.Redirect(w, r, base+"/", http.StatusMovedPermanently)
			return
		}
		if !strings.HasPrefix(r.URL.Path, base+"/") {
			http.Error(w, "there is nothing here; everything is under "+base+"/", http.StatusNotFound)
			return
		}
		own := strings.HasPrefix(r.URL.Path, base+riverUIPrefix+"/")
		http.StripPrefix(base, next).ServeHTTP(&baseWriter{ResponseWriter: w, base: base, replacement: replacement, asIs: own}, r)
	})
}

// baseWriter puts the prefix in. Pages are written whole and events one at a time, so no attribute is cut in two.
type baseWriter struct {
	http.ResponseWriter
	base        string
	replacement []byte
	asIs        bool
	decided     bool
}

func (w *baseWriter) WriteHeader(status int) {
	if !w.decided && status >= 200 {
		w.decided = true
		h := w.Header()
		if to := h.Get("Location"); strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "//") && !strings.HasPrefix(to, w.base+"/") {
			h.Set("Location", w.base+to)
		}
		kind, _, _ := strings.Cut(h.Get("Content-Type"), ";")
		if w.asIs = w.asIs || (kind != "text/html" && kind != "text/event-stream"); !w.asIs {
			h.Del("Content-Length")
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *baseWriter) Write(p []byte) (int, error) {
	if !w.decided {
		if w.Header().Get("Content-Type") == "" {
			w.Header().Set("Content-Type", http.DetectContentType(p))
		}
		w.WriteHeader(http.StatusOK)
	}
	if w.asIs {
		return w.ResponseWriter.Write(p)
	}
	if _, err := w.ResponseWriter.Write(address.ReplaceAll(p, w.replacement)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Unwrap lets http.ResponseController flush and set deadlines.
func (w *baseWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
