package server

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/callhenk/henk-worker/web"
)

// defaultMaxBody bounds a request's body where a route says nothing else.
const defaultMaxBody = 1 << 20

// route is one line of the table of contents. Its zero values are the safe ones: a session is needed, bodies are small.
type route struct {
	pattern  string
	open     bool  // no session needed, or the handler asks for what it needs
	machines bool  // programs with a token are let in too
	users    bool  // app users are let in too; the handler keeps them to their businesses (auth.Check)
	api      bool  // answers in JSON, also when it turns away
	quiet    bool  // logged at debug level when all is well: probes and files
	maxBody  int64 // bytes; 0 = defaultMaxBody
	ownBody  bool  // the handler bounds the body itself: it judges the request before it reads
	csp      string
	handler  http.Handler
}

// routes is everything that is served. Who calls it stands beside it.
func (s *Server) routes() []route {
	page := func(pattern string, h http.HandlerFunc) route { return route{pattern: pattern, handler: h} }
	all := []route{
		// probes: the platform's health checks
		{pattern: "GET /healthz", open: true, quiet: true, handler: http.HandlerFunc(s.healthz)},
		{pattern: "GET /readyz", open: true, quiet: true, handler: http.HandlerFunc(s.readyz)},
		// browsers
		{pattern: "GET " + web.StaticPrefix, open: true, quiet: true, handler: web.Static()},
		{pattern: "GET /login", open: true, handler: http.HandlerFunc(s.loginPage)},
		{pattern: "POST /login", open: true, maxBody: 16 << 10, handler: http.HandlerFunc(s.login)},
		page("POST /logout", s.logout),
		{pattern: riverUIPrefix + "/", csp: riverUICSP, handler: s.audited(s.riverUIHandler())},
		// providers: signed, so neither a session nor an origin is asked for
		{pattern: webhookPath, open: true, ownBody: true, handler: s.webhook()},
		// everything else, and known paths with another method
		page("/", s.notFound),
	}
	api := func(pattern string, h http.HandlerFunc) route {
		return route{pattern: pattern, machines: true, users: true, api: true, maxBody: 64 << 10, handler: h}
	}
	all = append(all,
		// programs and the web app
		api("POST /api/v1/jobs", s.insertJob),
		api("GET /api/v1/campaigns/{id}/plan", s.plan),
		api("GET /api/v1/campaigns/{id}/explain", s.explain),
		api("/api/", func(w http.ResponseWriter, _ *http.Request) {
			apiError(w, http.StatusNotFound, "there is nothing under this address for this method")
		}),
		route{pattern: "GET /metrics", machines: true, quiet: true, handler: s.metrics()},
	)
	for _, f := range functions() {
		rt := route{pattern: functionsPath + f.name, open: true, machines: true, api: true, maxBody: 64 << 10}
		rt.handler = s.functionHandler(rt, f)
		all = append(all, rt)
	}
	for _, r := range s.pages.Routes() {
		all = append(all, route{pattern: r.Pattern, handler: r.Handler, ownBody: r.OwnBody})
	}
	return all
}

// webhookPath is what is entered at ElevenLabs.
const webhookPath = "/webhooks/elevenlabs"

func (s *Server) webhook() http.Handler {
	if s.opts.Webhook != nil {
		return s.opts.Webhook
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "this server takes no webhooks", http.StatusServiceUnavailable)
	})
}

func (s *Server) mux() http.Handler {
	mux := http.NewServeMux()
	for _, r := range s.routes() {
		mux.Handle(r.pattern, s.prepare(r))
	}
	return mux
}

// prepare puts in front of a route's handler what the route needs.
func (s *Server) prepare(r route) http.Handler {
	h := r.handler
	if !r.open {
		h = s.admit(r, h)
	}
	maxBody := r.maxBody
	if maxBody == 0 {
		maxBody = defaultMaxBody
	}
	if s.opts.Observe != nil {
		h = observed(r.pattern, s.opts.Observe, h)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if s.opts.Route != nil {
			s.opts.Route(req.Context(), r.pattern)
		}
		if r.csp != "" {
			w.Header().Set("Content-Security-Policy", r.csp)
		}
		if entry := accessEntry(req); entry != nil && r.quiet {
			entry.level = slog.LevelDebug
		}
		if r.ownBody {
			h.ServeHTTP(w, req)
			return
		}
		if req.ContentLength > maxBody {
			s.refuse(w, r, http.StatusRequestEntityTooLarge, "the request body is too large")
			return
		}
		req.Body = http.MaxBytesReader(w, req.Body, maxBody)
		h.ServeHTTP(w, req)
	})
}

// metrics are counted elsewhere; without them the route says so.
func (s *Server) metrics() http.Handler {
	if s.opts.Metrics != nil {
		return s.opts.Metrics
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "this server counts nothing", http.StatusNotFound)
	})
}

// observed tells how a route answered: its pattern, which is one of few, the status and the time.
func observed(pattern string, tell func(string, int, time.Duration), next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start, rec := time.Now(), &recorder{ResponseWriter: w}
		defer func() { tell(pattern, rec.status, time.Since(start)) }()
		next.ServeHTTP(rec, r)
	})
}

func wantsHTML(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/html")
}

func (s *Server) notFound(w http.ResponseWriter, r *http.Request) {
	s.message(w, r, http.StatusNotFound, "Not found", "There is nothing under this address.")
}

// messageBody is what message.html shows.
type messageBody struct{ Text, RequestID string }

// message answers a person with a page and a program with one line. Only signed-in requests get here.
func (s *Server) message(w http.ResponseWriter, r *http.Request, status int, title, text string) {
	if !wantsHTML(r) {
		http.Error(w, text, status)
		return
	}
	s.render(w, r, status, "message", web.Page{Title: title, SignedIn: true, Body: messageBody{text, requestID(r)}})
}

// render writes a page. A page that cannot be rendered is a fault of the program.
func (s *Server) render(w http.ResponseWriter, r *http.Request, status int, name string, p web.Page) {
	p.Version = s.opts.Version
	if err := web.Render(w, status, name, p); err != nil {
		s.opts.Log.ErrorContext(r.Context(), "Page not rendered", "err", err, "request_id", requestID(r))
		if w.Header().Get("Content-Type") == "" {
			http.Error(w, "internal error, request "+requestID(r), http.StatusInternalServerError)
		}
	}
}
