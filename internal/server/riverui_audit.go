package server

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// audited notes what a person changes in River UI: which jobs were cancelled, retried or deleted, which queue was paused.
// River UI commits by itself, so that the row follows the change.
func (s *Server) audited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body) // bounded by the route
		r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), failing{err}))
		rec := &recorder{ResponseWriter: w}
		next.ServeHTTP(rec, r)
		if rec.status >= 300 {
			return
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), 5*time.Second)
		defer cancel()
		err = dbsqlc.New().AuditInsert(ctx, s.opts.DB, dbsqlc.AuditInsertParams{Actor: s.actor(r), RequestID: requestID(r),
			Action: "jobs." + strings.Trim(strings.TrimPrefix(r.URL.Path, riverUIPrefix+"/api"), "/"), Detail: idsOf(body)})
		if err != nil {
			s.opts.Log.ErrorContext(ctx, "Audit not written", "err", err, "request_id", requestID(r))
		}
	})
}

// failing ends a reader the way the original ended.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err == nil {
		return 0, io.EOF
	}
	return 0, f.err
}

// idsOf keeps the jobs' ids of a request, and nothing else of it.
func idsOf(body []byte) []byte {
	var request struct {
		IDs []json.Number `json:"ids"`
	}
	var quoted struct {
		IDs []string `json:"ids"`
	}
	detail := map[string]any{}
	if json.Unmarshal(body, &quoted) == nil && len(quoted.IDs) > 0 {
		detail["ids"] = strings.Join(quoted.IDs[:min(len(quoted.IDs), 100)], " ")
	} else if json.Unmarshal(body, &request) == nil && len(request.IDs) > 0 {
		detail["ids"] = request.IDs[:min(len(request.IDs), 100)]
	}
	data, err := json.Marshal(detail)
	if err != nil {
		return []byte("{}")
	}
	return data
}
