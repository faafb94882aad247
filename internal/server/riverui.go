package server

import (
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"riverqueue.com/riverui"
)

const (
	riverUIPrefix = "/riverui"
	// riverUICSP: its scripts are files; its toasts and its theme switch insert style elements, its style sheet holds
	// images as data, and the workflow page of River Pro is not there.
	riverUICSP = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

func newRiverUI(client *river.Client[pgx.Tx], log *slog.Logger, prefix string) (*riverui.Handler, error) {
	h, err := riverui.NewHandler(&riverui.HandlerOpts{
		Endpoints: riverui.NewEndpoints(client, nil),
		Logger:    log,
		Prefix:    prefix,
	})
	if err != nil {
		return nil, fmt.Errorf("building River UI: %w", err)
	}
	return h, nil
}

// riverUIHandler lets browsers keep River UI's files, which carry a hash in their names; the login is still asked for
// a file that is not kept.
func (s *Server) riverUIHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		file := strings.TrimPrefix(r.URL.Path, riverUIPrefix+"/")
		if strings.HasPrefix(file, "assets/") {
			if info, err := fs.Stat(riverui.FrontendIndex, "dist/"+file); err == nil && info.Mode().IsRegular() {
				w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
			}
		}
		s.riverUI.ServeHTTP(w, withBase(s.opts.BasePath, r))
	})
}

// withBase undoes what underBase has cut off: River UI routes with its prefix.
func withBase(base string, r *http.Request) *http.Request {
	if base == "" {
		return r
	}
	r2 := r.Clone(r.Context())
	r2.URL.Path = base + r.URL.Path
	if r.URL.RawPath != "" {
		r2.URL.RawPath = base + r.URL.RawPath
	}
	return r2
}
