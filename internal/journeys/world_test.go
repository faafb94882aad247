package journeys

import (
	"context"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/dashboard"
	"github.com/callhenk/henk-worker/internal/demo"
	"github.com/callhenk/henk-worker/internal/server"
	"github.com/callhenk/henk-worker/internal/storetest"
)

const (
	username = "olga"
	password = "correct horse battery"
)

// world is a running demo, its web side and a browser. There are more people than can be called while the tests run, so
// that at every moment somebody is on the line.
type world struct {
	demo    *demo.Demo
	url     string          // of the web side, without a slash at the end
	browser context.Context // its first tab stays empty
}

func newWorld(t *testing.T) *world {
	t.Helper()
	began := time.Now()
	d, err := demo.Start(t.Context(), demo.Options{DatabaseURL: storetest.NewEmptyURL(t), Leads: 600, Seed: 5, Log: storetest.Log(t), Version: "v1.2.3", Speed: 12, Concurrent: 8})
	require.NoError(t, err)
	t.Cleanup(func() {
		// Dials that wait for a free line would keep it for the time of its soft stop.
		require.NoError(t, d.Runtime.Client.StopAndCancel(context.WithoutCancel(t.Context())))
		require.NoError(t, d.Close())
	})
	w := &world{demo: d, browser: startBrowser(t)}
	w.serve(t)
	t.Logf("the world is up after %v", time.Since(began).Round(time.Millisecond))
	return w
}

// serve starts the web side as the commands do.
func (w *world) serve(t *testing.T) {
	t.Helper()
	d := w.demo
	srv, err := server.New(server.Options{Client: d.Runtime.Client, DB: d.DB, Log: storetest.Log(t), Username: username, Password: password, Version: d.Version,
		Clock: d.Clock(), Webhook: d.Webhook, Storage: d.Runtime.Storage, AccountConcurrent: d.Concurrent,
		SalesforceQuota: func(context.Context, uuid.UUID) (dashboard.Quota, error) {
			return dashboard.Quota{Used: 812, Allowed: 100_000}, nil
		},
		Doctor: func(context.Context) []dashboard.Check {
			return []dashboard.Check{{Name: "database", Status: "ok", Message: "It answers."}, {Name: "webhook", Status: "warn", Message: "None came for a day.", Mend: "look at its address"},
				{Name: "cron", Status: "fail", Message: "It runs beside the worker.", Mend: "remove it"}}
		}})
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w.url = "http://" + listener.Addr().String()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ctx, listener) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-served)
	})
}

// rings is how many phones rang so far, as the provider's simulator counts.
func (w *world) rings(t *testing.T) int {
	t.Helper()
	p, err := w.demo.Progress(t.Context())
	require.NoError(t, err)
	return p.Placed
}

// client is a program that has logged in as a person does.
func (w *world) client(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	c := &http.Client{Jar: jar, Timeout: patience}
	res, err := c.Post(w.url+"/login", "application/x-www-form-urlencoded",
		strings.NewReader(url.Values{"username": {username}, "password": {password}, "next": {"/"}}.Encode()))
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, http.StatusOK, res.StatusCode)
	return c
}

// query is the one value of a query's one row.
func query[T any](t *testing.T, w *world, sql string, args ...any) (v T) {
	t.Helper()
	require.NoError(t, w.demo.DB.QueryRow(t.Context(), sql, args...).Scan(&v), sql)
	return v
}

// eventually waits for what happens outside the browser.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	require.Eventually(t, done, patience, 50*time.Millisecond, what)
}
