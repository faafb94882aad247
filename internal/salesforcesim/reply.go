package salesforcesim

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// call is one request to an org's resource; a composite request makes several.
type call struct {
	conn   *connection
	method string
	base   string   // /services/data/v66.0
	seg    []string // what follows it
	args   url.Values
	header http.Header
	body   []byte
}

// reply is what a resource answers.
type reply struct {
	status int
	header map[string]string
	body   []byte
	stream func(w io.Writer) // instead of body
	free   func()            // gives the body's buffer back
}

func refuse(e *apiError) *reply {
	r := &reply{status: e.status, body: e.bytes(), header: map[string]string{"Content-Type": contentJSON}}
	if e.contentType != "" {
		r.header["Content-Type"] = e.contentType
	}
	if e.retryAfter > 0 {
		r.header["Retry-After"] = strconv.Itoa(int((e.retryAfter + time.Second - 1) / time.Second))
	}
	return r
}

func answer(status int, v any) *reply {
	return &reply{status: status, body: mustJSON(v), header: map[string]string{"Content-Type": contentJSON}}
}

// refuseByFault answers with a fault that keeps the request from the org.
func (s *Sim) refuseByFault(w http.ResponseWriter, mode, token string) bool {
	var e *apiError
	switch mode {
	case "401":
		s.mu.Lock()
		s.grants.sessions[token].dead = true
		s.mu.Unlock()
		e = errSession
	case "401_header":
		e = errAuthHeader
	case "403_daily":
		e = errDaily
	case "403_concurrent":
		e = errConcurrent
	case "406", "420", "429":
		status, _ := strconv.Atoi(mode) // a number by its own list
		e = &apiError{status: status, contentType: "text/plain"}
	case "500":
		e = errUnknown
	case "503":
		e = errBusy
	case "503_html":
		e = errMaintenance
	case "reset":
		panic(http.ErrAbortHandler)
	default:
		return false
	}
	s.withRetry(e).send(w)
	return true
}

func (s *Sim) withRetry(e *apiError) *apiError {
	if d := s.switches().RetryAfter; d > 0 && (e.status == http.StatusServiceUnavailable || e.status == http.StatusTooManyRequests) {
		with := *e
		with.retryAfter = d
		return &with
	}
	return e
}

var zippers = sync.Pool{New: func() any {
	z, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic("salesforcesim: " + err.Error())
	}
	return z
}}

// send writes a reply, as far as the fault lets it.
func (s *Sim) send(w http.ResponseWriter, r *http.Request, res *reply, mode string) {
	if res.free != nil {
		defer res.free()
	}
	if mode == "drop" {
		panic(http.ErrAbortHandler)
	}
	for k, v := range res.header {
		w.Header().Set(k, v)
	}
	if mode == "half" {
		w.Header().Set("Content-Length", strconv.Itoa(max(len(res.body), 64)))
		w.WriteHeader(res.status)
		_, _ = w.Write(res.body[:len(res.body)/2])
		panic(http.ErrAbortHandler)
	}
	out := io.Writer(w)
	large := res.stream != nil || len(res.body) > 1024
	if large && !s.opt.PlainBodies && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		z := zippers.Get().(*gzip.Writer)
		z.Reset(w)
		defer zippers.Put(z)
		defer func() { _ = z.Close() }() // the client may have gone; nobody is left to tell
		out = z
	} else if res.stream == nil && res.status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.Itoa(len(res.body)))
	}
	w.WriteHeader(res.status)
	if res.stream != nil {
		res.stream(out)
		return
	}
	_, _ = out.Write(res.body) // as above
}
