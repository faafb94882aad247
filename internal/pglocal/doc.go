// Package pglocal finds a PostgreSQL server on this machine, or fetches one, and runs a private cluster of it for the
// demo, the tests and the benchmarks. The cluster is thrown away at the end, however the process ends: an orderly
// Stop removes it, and a reaper process removes it after Ctrl-C or a crash.
//
// No other user of the machine gets in: the directory is private, the server listens on 127.0.0.1 alone and wants a
// random password that exists only in memory (for Shared: in a file that only its user can read).
//
// It works on Linux and macOS. It imports nothing of ours.
package pglocal

import (
	"errors"
	"log/slog"
)

// Options says how Start runs the cluster. The zero value is a throw-away cluster for tests.
type Options struct {
	// Dir is the directory in which the cluster's own directory is made; created when missing. Empty means the
	// system's temporary directory.
	Dir string
	// Log hears what is worth knowing, such as a server that was skipped because of its age. Nil means silence.
	Log *slog.Logger
	// Settings are further lines of postgresql.conf. They win over the defaults of this package.
	Settings map[string]string
	// Durable keeps fsync and its kin as a production server has them, which a benchmark needs. Otherwise the
	// cluster does not survive a crash of the machine, and is several times faster.
	Durable bool
}

// ErrNoBinaries is wrapped by FindBinaries when no usable PostgreSQL server is installed.
var ErrNoBinaries = errors.New("no PostgreSQL server (version 15 or newer) is installed")
