package main

import (
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/storetest"
)

// A file that is cut off, filled up or rewritten while it is read is not taken for the whole of it.
func TestAFileMayNotChangeWhileItIsRead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "list.txt")
	for name, change := range map[string]func() error{
		"cut off":   func() error { return os.Truncate(path, 12) },
		"filled up": func() error { return os.WriteFile(path, []byte("3125550100\n3125550101\n3125550102\n"), 0o600) },
		"rewritten": func() error { return os.Chtimes(path, time.Time{}, time.Now().Add(time.Hour)) },
		"untouched": func() error { return nil },
		"replaced":  func() error { return os.Rename(path, path+".old") }, // what was opened is whole
	} {
		require.NoError(t, os.WriteFile(path, []byte("3125550100\n3125550101\n"), 0o600))
		f, err := openSteady(t.Context(), path)
		require.NoError(t, err)
		_, err = f.Read(make([]byte, 5))
		require.NoError(t, err)
		require.NoError(t, change())
		_, err = io.ReadAll(f)
		if name == "untouched" || name == "replaced" {
			require.NoError(t, err, name)
		} else {
			require.ErrorContains(t, err, "while it was read", name)
		}
		require.NoError(t, f.Close())
	}
	_, err := openSteady(t.Context(), t.TempDir())
	require.ErrorContains(t, err, "is a directory; name a file")
}

// Where rejected lines go is found before anything is imported.
func TestWhereRejectsGo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "list.txt")
	require.NoError(t, os.WriteFile(path, []byte("1\n"), 0o600))
	f, err := openSteady(t.Context(), path)
	require.NoError(t, err)
	defer f.Close()
	got, err := rejectsPath("", f)
	require.NoError(t, err)
	require.Equal(t, path+".rejects.csv", got)
	require.NoFileExists(t, got, "made with the first rejected line")
	require.NoError(t, os.WriteFile(got, []byte("earlier"), 0o600))
	_, err = rejectsPath("", f)
	require.NoError(t, err)
	earlier, err := os.ReadFile(got)
	require.NoError(t, err)
	require.Equal(t, "earlier", string(earlier))
	_, err = rejectsPath(filepath.Join(dir, "no", "such", "folder.csv"), f)
	require.ErrorContains(t, err, "with --rejects")
	pipe, w, err := os.Pipe()
	require.NoError(t, err)
	defer w.Close()
	info, err := pipe.Stat()
	require.NoError(t, err)
	got, err = rejectsPath("", &steadyFile{f: pipe, path: "-", info: info})
	require.NoError(t, err)
	require.Equal(t, "stdin.rejects.csv", got)
	require.NoFileExists(t, got)
	require.NoError(t, pipe.Close())
}

// What would leave the list in force weaker than it says is refused before anything is written.
func TestImportRefusesBeforeItWrites(t *testing.T) {
	t.Parallel()
	databaseURL := storetest.NewURL(t)
	env := database(databaseURL)
	path := filepath.Join(t.TempDir(), "list.txt")
	require.NoError(t, os.WriteFile(path, []byte("3125550100\nrubbish\n"), 0o600))
	r := henk(t, env, "import", "dnc", path, "--expires", "2020-01-01")
	require.Equal(t, 2, r.code)
	require.Contains(t, r.stderr, "--expires 2020-01-01 is over already")
	r = henk(t, env, "import", "dnc", path, "--rejects", path+"/x")
	require.Equal(t, 1, r.code)
	require.Contains(t, r.stderr, "--rejects")
	var versions int
	require.NoError(t, storetest.Open(t, databaseURL).QueryRow(t.Context(), "select count(*) from henk.suppression_versions").Scan(&versions))
	require.Zero(t, versions)
}
