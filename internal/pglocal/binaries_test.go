//go:build linux || darwin

package pglocal

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// fakeServer puts programs that tell the version into dir.
func fakeServer(t *testing.T, dir, version string) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(dir, 0o755))
	for _, program := range []string{"initdb", "pg_ctl", "postgres"} {
		script := fmt.Sprintf("#!/bin/sh\necho '%s (PostgreSQL) %s'\n", program, version)
		require.NoError(t, os.WriteFile(filepath.Join(dir, program), []byte(script), 0o755))
	}
	return dir
}

func TestFindBinariesHere(t *testing.T) {
	bindir, err := FindBinaries()
	require.NoError(t, err)
	require.True(t, filepath.IsAbs(bindir))
	t.Setenv("HENK_PG_BIN", bindir)
	again, err := FindBinaries()
	require.NoError(t, err)
	require.Equal(t, bindir, again)
}

func TestChosenServerIsNeverReplaced(t *testing.T) {
	root := t.TempDir()
	t.Setenv("PATH", fakeServer(t, filepath.Join(root, "path"), "16.1")+":/bin:/usr/bin")
	for name, chosen := range map[string]string{
		"missing": filepath.Join(root, "missing"),
		"too old": fakeServer(t, filepath.Join(root, "old"), "14.9"),
	} {
		_, _, err := search{chosen: chosen}.run()
		require.ErrorContains(t, err, "HENK_PG_BIN", name)
		require.NotErrorIs(t, err, ErrNoBinaries, name)
	}
	chosen := fakeServer(t, filepath.Join(root, "chosen"), "15.0")
	bindir, _, err := search{chosen: chosen}.run()
	require.NoError(t, err)
	require.Equal(t, chosen, bindir)
}

func TestSearchOrder(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	onPath := filepath.Join(root, "path")
	require.NoError(t, os.Mkdir(onPath, 0o755))
	t.Setenv("PATH", onPath)
	s := search{patterns: []string{filepath.Join(root, "postgresql", "*", "bin")}, fetched: filepath.Join(root, "fetched")}

	_, notes, err := s.run()
	require.ErrorIs(t, err, ErrNoBinaries)
	require.Empty(t, notes)

	fakeServer(t, s.fetched, "17.5")
	bindir, _, err := s.run()
	require.NoError(t, err)
	require.Equal(t, s.fetched, bindir)

	fakeServer(t, filepath.Join(root, "postgresql", "9.6", "bin"), "9.6.24")
	fakeServer(t, filepath.Join(root, "postgresql", "15", "bin"), "15.2")
	newest := fakeServer(t, filepath.Join(root, "postgresql", "16", "bin"), "16beta1 (Debian 16~beta1)")
	require.NoError(t, os.MkdirAll(filepath.Join(root, "postgresql", "18", "bin"), 0o755)) // removed, its directory left
	bindir, notes, err = s.run()
	require.NoError(t, err)
	require.Equal(t, newest, bindir)
	require.Len(t, notes, 1)
	require.Contains(t, notes[0], "version 9")

	// A link on the PATH leads to the directory of the real program; older than others, but the user's choice.
	linked := fakeServer(t, filepath.Join(root, "linked"), "15.1")
	require.NoError(t, os.Symlink(filepath.Join(linked, "initdb"), filepath.Join(onPath, "initdb")))
	bindir, _, err = s.run()
	require.NoError(t, err)
	require.Equal(t, linked, bindir)

	// A client-only installation is none.
	require.NoError(t, os.Remove(filepath.Join(linked, "postgres")))
	bindir, _, err = s.run()
	require.NoError(t, err)
	require.Equal(t, newest, bindir)
}

func TestPgConfigIsAsked(t *testing.T) {
	root := t.TempDir()
	bindir := fakeServer(t, filepath.Join(root, "odd", "place"), "16.3")
	onPath := filepath.Join(root, "path")
	require.NoError(t, os.Mkdir(onPath, 0o755))
	script := fmt.Sprintf("#!/bin/sh\n[ \"$1\" = --bindir ] && echo '%s'\n", bindir)
	require.NoError(t, os.WriteFile(filepath.Join(onPath, "pg_config"), []byte(script), 0o755))
	t.Setenv("PATH", onPath)
	got, _, err := search{}.run()
	require.NoError(t, err)
	require.Equal(t, bindir, got)
}

func TestOldServersAreNamedInTheError(t *testing.T) {
	root := t.TempDir()
	t.Setenv("PATH", root)
	old := fakeServer(t, filepath.Join(root, "old"), "12.4")
	_, _, err := search{patterns: []string{old}}.run()
	require.ErrorIs(t, err, ErrNoBinaries)
	require.ErrorContains(t, err, old+" is version 12, needed is 15")
}
