package server

import (
	"errors"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/callhenk/henk-worker/web"
)

// loginBody is what login.html shows.
type loginBody struct {
	Possible bool   // a user name and a password are set
	Problem  string // why the last try failed
	Next     string // local path to go to afterwards
}

// loginURL is the login that comes back to next.
func loginURL(next string) string {
	if next = localPath(next); next == "/" {
		return "/login"
	}
	return "/login?next=" + url.QueryEscape(next)
}

// maxNext is longer than any address of ours.
const maxNext = 1000

// localPath returns next where it is a path of this server and "/" where it is anything else. Browsers take a
// backslash for a slash and drop control characters, so that what begins with one slash may mean another host.
func localPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || len(next) > maxNext || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") ||
		strings.ContainsFunc(next, func(c rune) bool { return c == '\\' || c <= ' ' || c == 0x7f }) ||
		u.Scheme != "" || u.Host != "" || u.User != nil || strings.HasPrefix(u.Path, "/login") || strings.HasPrefix(u.Path, "/logout") {
		return "/"
	}
	return next
}

// loginPage shows the form; with the demo's token it logs in.
func (s *Server) loginPage(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	next := localPath(query.Get("next"))
	if query.Has("token") {
		s.loginByToken(w, r, query.Get("token"), next)
		return
	}
	if _, ok := s.sessions.of(r); ok {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return
	}
	s.loginForm(w, r, http.StatusOK, "", next)
}

func (s *Server) loginByToken(w http.ResponseWriter, r *http.Request, token, next string) {
	s.try(w, r, next, "This login link is not valid (any more).", func() bool { return sameToken(token, s.opts.LoginToken) })
}

func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			http.Error(w, "the request body is too large", http.StatusRequestEntityTooLarge)
			return
		}
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return
	}
	username, password := r.PostForm.Get("username"), r.PostForm.Get("password")
	s.try(w, r, localPath(r.PostForm.Get("next")), "User name or password is wrong.", func() bool { return s.creds.match(username, password) })
}

// try judges one attempt to log in, within the limits.
func (s *Server) try(w http.ResponseWriter, r *http.Request, next, problem string, right func() bool) {
	addr := s.clientAddr(r)
	ok, wait := s.limit.take(addr)
	if !ok {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(max(wait, time.Second).Seconds()))))
		s.loginForm(w, r, http.StatusTooManyRequests, "Too many failed attempts. Wait a minute and try again.", next)
		return
	}
	if !right() {
		s.opts.Log.WarnContext(r.Context(), "Login failed", "request_id", requestID(r))
		s.loginForm(w, r, http.StatusUnauthorized, problem, next)
		return
	}
	s.limit.giveBack(addr)
	s.sessions.begin(w, r)
	http.Redirect(w, r, next, http.StatusSeeOther)
}

func (s *Server) loginForm(w http.ResponseWriter, r *http.Request, status int, problem, next string) {
	s.render(w, r, status, "login", web.Page{Title: "Sign in", Body: loginBody{Possible: s.creds.set, Problem: problem, Next: next}})
}

func (s *Server) logout(w http.ResponseWriter, r *http.Request) {
	s.sessions.end(w, r)
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}
