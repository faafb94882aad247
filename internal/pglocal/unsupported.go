//go:build !linux && !darwin

package pglocal

import (
	"context"
	"errors"
)

var errUnsupported = errors.New("a private PostgreSQL can be run on Linux and macOS only; set DATABASE_URL to a server that runs already")

// Server is a running cluster. There is none on this system.
type Server struct{}

// Start reports that it cannot work on this system.
func Start(context.Context, Options) (*Server, error) { return nil, errUnsupported }

// Shared reports that it cannot work on this system.
func Shared(context.Context) (*Server, error) { return nil, errUnsupported }

// FindBinaries reports that it cannot work on this system.
func FindBinaries() (string, error) { return "", errUnsupported }

// URL is empty: there is no server.
func (*Server) URL(string) string { return "" }

// Stop has nothing to stop.
func (*Server) Stop() error { return nil }

// Restart reports that it cannot work on this system.
func (*Server) Restart(context.Context) error { return errUnsupported }
