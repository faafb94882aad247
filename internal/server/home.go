package server

import (
	"context"
	"net/http"
	"time"

	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/web"
)

// home shows what is going on, on one page.
func (s *Server) home(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
	defer cancel()
	view, err := s.overview(ctx)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.render(w, r, http.StatusOK, "home", web.Page{Title: "Overview", Here: "/", SignedIn: true, Body: view})
}

// fail logs the error and shows a person a safe sentence.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	s.opts.Log.ErrorContext(r.Context(), "Request failed", "err", err, "request_id", requestID(r))
	if store.Unavailable(err) {
		s.message(w, r, http.StatusServiceUnavailable, "The database does not answer", "Try again in a moment. If it lasts, look at /readyz and at the log.")
		return
	}
	s.message(w, r, http.StatusInternalServerError, "Something went wrong", "The log says more, under the request's id.")
}
