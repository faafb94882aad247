package server

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/callhenk/henk-worker/internal/auth"
)

// errNoEntry means that a request carries nothing that would let it in.
var errNoEntry = errors.New("a valid bearer token is needed: Authorization: Bearer HENK_API_TOKEN")

// bearer is the token of the Authorization header.
func bearer(r *http.Request) (token string, given bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(token), strings.EqualFold(scheme, "bearer")
}

// machine says whether the token is that of a program. All of them are compared, so that the time tells nothing.
func (s *Server) machine(token string) bool {
	found := false
	for _, t := range s.opts.APITokens {
		if sameToken(token, t) {
			found = true
		}
	}
	return found
}

// identify finds out on whose behalf the request is made. A token counts before a cookie, so that what was let in by a
// token needs no look at where the request came from.
func (s *Server) identify(r *http.Request) (auth.Principal, error) {
	if token, given := bearer(r); given {
		if s.machine(token) {
			return auth.Principal{Kind: auth.Service}, nil
		}
		id, err := auth.VerifyUser(token, s.opts.JWTSecret, time.Now())
		if err != nil {
			return auth.Principal{}, errNoEntry
		}
		return auth.LoadUser(r.Context(), s.opts.DB, id)
	}
	if _, ok := s.sessions.of(r); ok {
		return auth.Principal{Kind: auth.Operator, Name: s.opts.Username}, nil
	}
	return auth.Principal{}, errNoEntry
}

// admit lets through whom the route is for, with the principal in the context. A person without a session is sent to the
// login and comes back from there; a program gets 401, and 403 where it is known and the route is not for it.
func (s *Server) admit(rt route, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, err := s.identify(r)
		switch {
		case errors.Is(err, errNoEntry):
			s.turnAway(w, r, rt)
			return
		case err != nil:
			s.apiFail(w, r, err)
			return
		case p.Kind == auth.User && !rt.users, p.Kind == auth.Service && !rt.machines:
			s.refuse(w, rt, http.StatusForbidden, "this route is not for this kind of token")
			return
		}
		next.ServeHTTP(w, r.WithContext(auth.With(r.Context(), p)))
	})
}

func (s *Server) turnAway(w http.ResponseWriter, r *http.Request, rt route) {
	_, given := bearer(r)
	if rt.api || given {
		w.Header().Set("WWW-Authenticate", `Bearer realm="henk"`)
		s.refuse(w, rt, http.StatusUnauthorized, errNoEntry.Error())
		return
	}
	if (r.Method == http.MethodGet || r.Method == http.MethodHead) && wantsHTML(r) {
		http.Redirect(w, r, loginURL(r.URL.RequestURI()), http.StatusSeeOther)
		return
	}
	http.Error(w, "not logged in", http.StatusUnauthorized)
}

func (s *Server) refuse(w http.ResponseWriter, rt route, status int, text string) {
	if rt.api {
		apiError(w, status, text)
		return
	}
	http.Error(w, text, status)
}

// sameOrigin refuses changes that another site's page sends along with our cookie. A request that is let in by its token
// or by its signature carries nothing of the browser's.
func (s *Server) sameOrigin(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	protection.AddInsecureBypassPattern(webhookPath)
	protection.AddInsecureBypassPattern(functionsPath)
	guarded := protection.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, given := bearer(r); given {
			next.ServeHTTP(w, r)
			return
		}
		guarded.ServeHTTP(w, r)
	})
}

// apiAnswer writes one JSON document.
func apiAnswer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // an error is the connection's
}

func apiError(w http.ResponseWriter, status int, text string) {
	apiAnswer(w, status, map[string]any{"ok": false, "error": text})
}

// badRequest is what the caller can mend.
type badRequest struct{ text string }

func (e badRequest) Error() string { return e.text }

// apiFail answers a program with what went wrong: what it can mend in words, the rest in the log.
func (s *Server) apiFail(w http.ResponseWriter, r *http.Request, err error) {
	var bad badRequest
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		apiError(w, http.StatusRequestEntityTooLarge, "the request body is too large")
	case errors.As(err, &bad):
		apiError(w, http.StatusBadRequest, bad.text)
	case errors.Is(err, auth.ErrNotFound):
		apiError(w, http.StatusNotFound, auth.ErrNotFound.Error())
	case errors.Is(err, auth.ErrReadOnly), errors.Is(err, auth.ErrOperators):
		apiError(w, http.StatusForbidden, err.Error())
	case r.Context().Err() != nil && errors.Is(err, context.Canceled):
		// the caller has left
	default:
		s.opts.Log.ErrorContext(r.Context(), "Request failed", "err", err, "request_id", requestID(r))
		if unavailable(err) {
			apiError(w, http.StatusServiceUnavailable, "the database does not answer; try again in a moment")
			return
		}
		apiError(w, http.StatusInternalServerError, "internal error, request "+requestID(r))
	}
}
