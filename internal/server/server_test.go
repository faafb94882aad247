package server

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/storetest"
)

const (
	testUser     = "operator"
	testPassword = "correct horse"
)

// logBuffer collects what is logged, as JSON lines.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// bundle is a server with a login, on a database of its own.
type bundle struct {
	*Server
	t   *testing.T
	db  *store.DB
	log *logBuffer
}

func setup(t *testing.T, change ...func(*Options)) *bundle {
	t.Helper()
	return setupOn(t, storetest.New(t), change...)
}

func setupOn(t *testing.T, db *store.DB, change ...func(*Options)) *bundle {
	t.Helper()
	client, err := river.NewClient(riverpgxv5.New(db.Pool), &river.Config{Schema: store.RiverSchema, Logger: storetest.Log(t)})
	require.NoError(t, err)
	log := &logBuffer{}
	opts := Options{Client: client, DB: db, Version: "v1.2.3", Username: testUser, Password: testPassword,
		Log: slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	for _, fn := range change {
		fn(&opts)
	}
	s, err := New(opts)
	require.NoError(t, err)
	return &bundle{Server: s, t: t, db: db, log: log}
}

type header map[string]string

// do sends a request as a browser on another machine would.
func (b *bundle) do(method, target string, body io.Reader, headers ...header) *httptest.ResponseRecorder {
	b.t.Helper()
	ctx := b.t.Context()
	if strings.HasPrefix(target, "/events") { // a stream, which ends with its reader
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, 300*time.Millisecond)
		defer cancel()
	}
	r := httptest.NewRequestWithContext(ctx, method, target, body)
	r.RemoteAddr = "203.0.113.7:4711"
	for _, h := range headers {
		for k, v := range h {
			r.Header.Set(k, v)
		}
	}
	rec := httptest.NewRecorder()
	b.handler.ServeHTTP(rec, r)
	return rec
}

var (
	asHTML = header{"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
	asForm = header{"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
)

func form(pairs ...string) io.Reader {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return strings.NewReader(v.Encode())
}

func (b *bundle) tryLogin(username, password string, headers ...header) *httptest.ResponseRecorder {
	b.t.Helper()
	return b.do("POST", "/login", form("username", username, "password", password), append([]header{asForm}, headers...)...)
}

// cookie logs in and returns the header that carries the session.
func (b *bundle) cookie() header {
	b.t.Helper()
	rec := b.tryLogin(testUser, testPassword)
	require.Equal(b.t, http.StatusSeeOther, rec.Code)
	return cookieOf(b.t, rec)
}

func cookieOf(t *testing.T, rec *httptest.ResponseRecorder) header {
	t.Helper()
	cookies := rec.Result().Cookies()
	require.Len(t, cookies, 1)
	require.Equal(t, sessionCookie, cookies[0].Name)
	return header{"Cookie": cookies[0].Name + "=" + cookies[0].Value}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	good := setup(t).opts
	for name, c := range map[string]struct {
		change func(*Options)
		says   string
	}{
		"no database":      {func(o *Options) { o.DB = nil }, "database"},
		"no client":        {func(o *Options) { o.Client = nil }, "job client"},
		"no logger":        {func(o *Options) { o.Log = nil }, "logger"},
		"user name only":   {func(o *Options) { o.Password = "" }, "HENK_WEB_PASSWORD is not"},
		"password only":    {func(o *Options) { o.Username = "" }, "HENK_WEB_USERNAME is not"},
		"broken bcrypt":    {func(o *Options) { o.Password = "$2b$10$abc" }, "bcrypt"},
		"argon2":           {func(o *Options) { o.Password = "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA" }, "Argon2"},
		"short cookie key": {func(o *Options) { o.SessionKey = []byte("short") }, "at least 32"},
	} {
		opts := good
		c.change(&opts)
		_, err := New(opts)
		require.ErrorContains(t, err, c.says, name)
		require.NotContains(t, err.Error(), testPassword, name)
	}
}
