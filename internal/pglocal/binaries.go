//go:build linux || darwin

package pglocal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// minMajor is the oldest server that the schema and River run on.
const minMajor = 15

// installPatterns are the places of servers that packages keep off the PATH, each with versions side by side.
var installPatterns = []string{
	"/usr/lib/postgresql/*/bin",         // Debian, Ubuntu
	"/usr/pgsql-*/bin",                  // Red Hat and kin, packages of postgresql.org
	"/usr/libexec/postgresql*",          // Alpine
	"/opt/homebrew/opt/postgresql*/bin", // Homebrew on Apple silicon
	"/usr/local/opt/postgresql*/bin",    // Homebrew on Intel
	"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
}

// FindBinaries returns the directory that holds initdb, pg_ctl and postgres of version 15 or newer. It looks at
// HENK_PG_BIN, the PATH, the usual places of packages, pg_config and what an earlier Start has downloaded, in this
// order. It downloads nothing: where there is no server the error wraps ErrNoBinaries and tells what was skipped.
func FindBinaries() (string, error) {
	bindir, _, err := usualSearch().run()
	return bindir, err
}

func usualSearch() search {
	return search{chosen: os.Getenv("HENK_PG_BIN"), patterns: installPatterns, fetched: fetchedBinDir()}
}

type search struct {
	chosen   string   // the directory that the user has named; nothing else is taken then
	patterns []string // globs of directories
	fetched  string   // where a download would be
}

// run also returns notes about servers that were passed over.
func (s search) run() (bindir string, notes []string, err error) {
	if s.chosen != "" {
		bindir, err := filepath.Abs(s.chosen)
		if err == nil {
			_, err = serverVersion(bindir)
		}
		if err != nil {
			return "", nil, fmt.Errorf("HENK_PG_BIN: %w", err)
		}
		return bindir, nil, nil
	}
	groups := []func() []string{dirsOnPath} // functions, since pg_config is a program that need not be run
	for _, pattern := range s.patterns {
		groups = append(groups, func() []string {
			dirs, _ := filepath.Glob(pattern) // the only error is a malformed pattern
			return dirs
		})
	}
	groups = append(groups, pgConfigDir, func() []string { return []string{s.fetched} })
	for _, dirs := range groups {
		dir, skipped := newest(dirs())
		notes = append(notes, skipped...)
		if dir != "" {
			return dir, notes, nil
		}
	}
	if len(notes) > 0 {
		return "", notes, fmt.Errorf("%w; skipped: %s", ErrNoBinaries, strings.Join(notes, "; "))
	}
	return "", nil, ErrNoBinaries
}

// newest picks the directory with the highest usable version and says why it left out others.
func newest(dirs []string) (best string, skipped []string) {
	highest := 0
	for _, dir := range dirs {
		major, err := serverVersion(dir)
		switch {
		case errors.Is(err, os.ErrNotExist):
		case err != nil:
			skipped = append(skipped, err.Error())
		case major > highest:
			best, highest = dir, major
		}
	}
	return best, skipped
}

// dirsOnPath resolves links: initdb looks for its companions beside the real file, and a link to one of the programs
// says nothing about the others.
func dirsOnPath() []string {
	var dirs []string
	for _, program := range []string{"initdb", "postgres", "pg_ctl"} {
		path, err := exec.LookPath(program)
		if err != nil {
			continue
		}
		if real, err := filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(real))
		}
	}
	return dirs
}

func pgConfigDir() []string {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output()
	if err != nil {
		return nil
	}
	return []string{strings.TrimSpace(string(out))}
}

var versionNumber = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// serverVersion returns the major version of the server in dir. The error wraps os.ErrNotExist when there is none.
func serverVersion(dir string) (int, error) {
	for _, program := range []string{"postgres", "initdb", "pg_ctl"} {
		if _, err := os.Stat(filepath.Join(dir, program)); err != nil {
			return 0, fmt.Errorf("no PostgreSQL server in %s: %w", dir, err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return 0, fmt.Errorf("the PostgreSQL server in %s does not run: %w", dir, err)
	}
	m := versionNumber.FindSubmatch(out)
	if m == nil {
		return 0, fmt.Errorf("the PostgreSQL server in %s does not tell its version", dir)
	}
	major, err := strconv.Atoi(string(m[1]))
	if err != nil {
		return 0, fmt.Errorf("reading the version of the PostgreSQL server in %s: %w", dir, err)
	}
	if major < minMajor {
		return 0, fmt.Errorf("the PostgreSQL server in %s is version %d, needed is %d or newer", dir, major, minMajor)
	}
	return major, nil
}
