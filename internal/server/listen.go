package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"
)

const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 30 * time.Second
	writeTimeout      = 60 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 64 << 10
	// stopTimeout is how long requests may finish on stop; running jobs get their time after that (jobs.Config.SoftStop).
	stopTimeout = 10 * time.Second
)

// CheckPublic refuses an address that others can reach while no user name and password guard it.
func CheckPublic(addr, username, password string) error {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("%q is not an address to listen on; it should look like 127.0.0.1:8080 or :8080", addr)
	}
	if isLoopback(host) || (username != "" && password != "") {
		return nil
	}
	return fmt.Errorf("will not listen on %s, which others can reach, without a login: set HENK_WEB_USERNAME and HENK_WEB_PASSWORD, or listen on 127.0.0.1:%s", addr, port)
}

// isLoopback takes names other than localhost for public, and so the empty host, which means every address.
func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return host == "localhost"
	}
	return ip.Unmap().IsLoopback()
}

// ListenAndServe serves on addr until ctx ends, then lets requests finish.
func (s *Server) ListenAndServe(ctx context.Context, addr string) error {
	ln, err := s.Listen(ctx, addr)
	if err != nil {
		return err
	}
	return s.Serve(ctx, ln)
}

// Listen opens addr, for callers that want to know the port before they Serve. It refuses what CheckPublic refuses.
func (s *Server) Listen(ctx context.Context, addr string) (net.Listener, error) {
	if err := CheckPublic(addr, s.opts.Username, s.opts.Password); err != nil {
		return nil, err
	}
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listening on %s (is something else listening there? PORT chooses another port): %w", addr, err)
	}
	return ln, nil
}

// Serve serves on ln until ctx ends, then lets requests finish for stopTimeout and cuts off the rest. A stop that was
// asked for is no error. It closes ln.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	if err := s.Start(ctx); err != nil {
		_ = ln.Close()
		return err
	}
	defer s.Stop()
	httpServer := s.newHTTPServer(ctx)
	failed := make(chan error, 1)
	go func() { failed <- httpServer.Serve(ln) }()
	s.opts.Log.InfoContext(ctx, "Web is listening", "addr", ln.Addr().String())
	select {
	case err := <-failed:
		return fmt.Errorf("serving HTTP: %w", err)
	case <-ctx.Done():
	}
	// Live views and waiting callers would keep their requests for minutes.
	s.endWaits()
	s.pages.Close()
	stopCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err := httpServer.Shutdown(stopCtx); err != nil {
		_ = httpServer.Close()
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving HTTP: %w", err)
	}
	return nil
}

func (s *Server) newHTTPServer(ctx context.Context) *http.Server {
	headerTimeout := s.opts.readHeaderTimeout
	if headerTimeout == 0 {
		headerTimeout = readHeaderTimeout
	}
	return &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		// Stopping must not cancel the requests that it waits for.
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
		// What net/http reports here is clients' misbehaviour, with their addresses.
		ErrorLog: slog.NewLogLogger(s.opts.Log.Handler(), slog.LevelDebug),
	}
}
