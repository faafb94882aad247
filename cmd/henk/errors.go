package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
)

// usageError is a mistake on the command line: exit code 2.
type usageError struct{ msg string }

func (e usageError) Error() string { return e.msg }

func usagef(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

// exitCode says what went wrong, in one line with its mend where that is known: 0 ok, 1 failed, 2 bad usage.
func exitCode(ctx context.Context, err error, name string, out streams) int {
	var bad usageError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &bad):
		fmt.Fprintf(out.stderr, "henk %s: %s\nTry: henk %s -h\n", name, bad.msg, name)
		return 2
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		doing := strings.TrimSuffix(inOneLine(err.Error()), ": context canceled")
		fmt.Fprintf(out.stderr, "henk %s: interrupted: %s\n", name, doing)
		return 1
	default:
		fmt.Fprintf(out.stderr, "henk %s: %s\n", name, withMend(inOneLine(err.Error())))
		return 1
	}
}

// inOneLine joins the lines of a text, each line once: drivers and lists of errors break them.
func inOneLine(text string) string {
	var joined string
	seen := map[string]bool{}
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || seen[line] {
			continue
		}
		seen[line] = true
		switch {
		case joined == "":
			joined = line
		case strings.HasSuffix(joined, ":"):
			joined += " " + line
		default:
			joined += "; " + line
		}
	}
	return joined
}

const (
	wrongPassword = "the user or the password in DATABASE_URL is wrong"
	noDatabase    = "create the database, or correct its name at the end of DATABASE_URL"
)

// mends says what to do about what Postgres answers. The first that fits counts. The code is looked for in the text: an
// error of a connection is kept as text alone, for its details hold the password.
var mends = []struct{ sign, mend string }{
	{"SQLSTATE 28P01", wrongPassword},
	{"password authentication failed", wrongPassword}, // pgbouncer has one code for everything
	{"SQLSTATE 28000", "the server does not let this user in from here: look at its pg_hba.conf, or try ?sslmode=require at the end of DATABASE_URL"},
	{"SQLSTATE 3D000", noDatabase},
	{"does not exist (SQLSTATE 08P01)", noDatabase},
	{"SQLSTATE 53300", "the server has no connection left; ?pool_max_conns=5 at the end of DATABASE_URL takes fewer"},
	{"SQLSTATE 42501", "the role in DATABASE_URL may not do this: take the owner of the tables, or service_role"},
	{"SQLSTATE 25006", "the server only reads: let DATABASE_URL name the primary"},
	{"SQLSTATE 42P01", "is the database migrated? `henk migrate status` shows it"},
	{"SQLSTATE 57P03", "the server is starting or stopping: try again in a moment"},
	{"connecting to Postgres at", "is Postgres running there, and may this machine reach it? DATABASE_URL says where it is"},
}

// withMend appends what to do, unless the message says it already.
func withMend(message string) string {
	if strings.Contains(message, "the role in DATABASE_URL") {
		return message
	}
	if strings.HasSuffix(message, "server refused TLS connection") { // else it was tried without
		return message + "; the server has no TLS: leave sslmode out of DATABASE_URL"
	}
	for _, m := range mends {
		if strings.Contains(message, m.sign) {
			return message + "; " + m.mend
		}
	}
	return message
}
