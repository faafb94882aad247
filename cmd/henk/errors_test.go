package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// An error is one line, and says what to do where that is known.
func TestErrorsAreOneLineWithTheirMend(t *testing.T) {
	t.Parallel()
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for name, c := range map[string]struct {
		ctx  context.Context
		err  error
		said string
	}{
		"plain":     {t.Context(), errors.New("there is no campaign"), "henk x: there is no campaign\n"},
		"list":      {t.Context(), errors.Join(errors.New("PORT is bad"), errors.New("HENK_LOG_LEVEL is bad")), "henk x: PORT is bad; HENK_LOG_LEVEL is bad\n"},
		"heading":   {t.Context(), errors.New("these cannot be used:\nPORT\n\tPORT\n"), "henk x: these cannot be used: PORT\n"},
		"password":  {t.Context(), errors.New("connecting to Postgres at db:5432: no TLS\nFATAL (SQLSTATE 28P01)"), "henk x: connecting to Postgres at db:5432: no TLS; FATAL (SQLSTATE 28P01); the user or the password in DATABASE_URL is wrong\n"},
		"pgbouncer": {t.Context(), errors.New("connecting to Postgres at db:6432: server refused TLS connection; FATAL: database \"x\" does not exist (SQLSTATE 08P01)"), "henk x: connecting to Postgres at db:6432: server refused TLS connection; FATAL: database \"x\" does not exist (SQLSTATE 08P01); create the database, or correct its name at the end of DATABASE_URL\n"},
		"no TLS":    {t.Context(), errors.New("connecting to Postgres at db:5432: tls error: server refused TLS connection"), "henk x: connecting to Postgres at db:5432: tls error: server refused TLS connection; the server has no TLS: leave sslmode out of DATABASE_URL\n"},
		"starting":  {t.Context(), errors.New("server refused TLS connection\nFATAL: starting (SQLSTATE 57P03)"), "henk x: server refused TLS connection; FATAL: starting (SQLSTATE 57P03); the server is starting or stopping: try again in a moment\n"},
		"away":      {t.Context(), errors.New("connecting to Postgres at db:5432: refused"), "henk x: connecting to Postgres at db:5432: refused; is Postgres running there, and may this machine reach it? DATABASE_URL says where it is\n"},
		"mended":    {t.Context(), errors.New("creating (the role in DATABASE_URL must own it): denied (SQLSTATE 42501)"), "henk x: creating (the role in DATABASE_URL must own it): denied (SQLSTATE 42501)\n"},
		"interrupt": {stopped, fmt.Errorf("storing numbers: %w", context.Canceled), "henk x: interrupted: storing numbers\n"},
		"late":      {stopped, errors.New("a call was lost"), "henk x: a call was lost\n"},
	} {
		var stderr bytes.Buffer
		require.Equal(t, 1, exitCode(c.ctx, c.err, "x", streams{stderr: &stderr}), name)
		require.Equal(t, c.said, stderr.String(), name)
	}
}

// What Postgres itself answers is told in one line without the password.
func TestConnectionErrors(t *testing.T) {
	t.Parallel()
	for url, said := range map[string]string{
		"postgres://henk:very-secret@127.0.0.1:1/henk":          "is Postgres running there",
		"postgres://henk:very-secret@no-such-host.invalid/henk": "is Postgres running there",
		"mysql://henk:very-secret@127.0.0.1/henk":               "DATABASE_URL is not a valid Postgres URL",
		"postgres://henk:very-secret@127.0.0.1:port/henk":       "DATABASE_URL is not a valid Postgres URL",
	} {
		r := henk(t, database(url), "migrate", "status")
		require.Equal(t, 1, r.code)
		require.Empty(t, r.stdout)
		require.Contains(t, r.stderr, said)
		require.NotContains(t, r.stderr, "very-secret")
		require.Equal(t, 1, strings.Count(r.stderr, "\n"), r.stderr)
	}
}
