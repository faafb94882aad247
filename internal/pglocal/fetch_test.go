//go:build linux || darwin

package pglocal

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// repository serves, in the form of the real one, an archive of testdata/server.txz: three shell scripts in the
// place of a server's programs.
type repository struct {
	*httptest.Server
	jar       []byte
	sum       string
	downloads atomic.Int32
	hang      chan struct{}
}

func newRepository(t *testing.T, txz []byte) *repository {
	t.Helper()
	var jar bytes.Buffer
	w := zip.NewWriter(&jar)
	entry, err := w.Create("postgres-test-x86_64.txz")
	require.NoError(t, err)
	_, err = entry.Write(txz)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	sum := sha256.Sum256(jar.Bytes())
	r := &repository{jar: jar.Bytes(), sum: hex.EncodeToString(sum[:])}
	r.Server = httptest.NewServer(http.HandlerFunc(r.serve))
	t.Cleanup(r.Close)
	return r
}

func (r *repository) serve(w http.ResponseWriter, req *http.Request) {
	if r.hang != nil {
		<-r.hang
	}
	switch {
	case strings.HasSuffix(req.URL.Path, "-"+string(fetchVersion)+".jar"):
		r.downloads.Add(1)
		_, _ = w.Write(r.jar)
	case strings.HasSuffix(req.URL.Path, ".jar.sha256"):
		_, _ = w.Write([]byte(r.sum))
	default:
		http.NotFound(w, req)
	}
}

func archive(t *testing.T) []byte {
	t.Helper()
	txz, err := os.ReadFile("testdata/server.txz")
	require.NoError(t, err)
	return txz
}

func TestFetchOnceForAll(t *testing.T) {
	t.Parallel()
	r := newRepository(t, archive(t))
	cache := filepath.Join(t.TempDir(), "not", "there", "yet")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			bindir, err := fetch(t.Context(), cache, r.URL)
			if err != nil || bindir != filepath.Join(cache, "postgres-"+string(fetchVersion), "bin") {
				t.Errorf("fetch: %q, %v", bindir, err)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 1, r.downloads.Load())
	r.Close()
	_, err := fetch(t.Context(), cache, r.URL)
	require.NoError(t, err, "what is there is not downloaded again")

	entries, err := os.ReadDir(cache)
	require.NoError(t, err)
	require.Len(t, entries, 2, "the server and the lock: %v", entries)
	for file, mode := range map[string]os.FileMode{"bin/postgres": 0o755, "share/postgres.bki": 0o644} {
		info, err := os.Stat(filepath.Join(cache, "postgres-"+string(fetchVersion), file))
		require.NoError(t, err)
		require.Equal(t, mode, info.Mode().Perm(), "another user cannot run %s", file)
	}
}

func TestFetchFailures(t *testing.T) {
	t.Parallel()
	closed := newRepository(t, nil)
	closed.Close()
	tampered := newRepository(t, archive(t))
	tampered.sum = strings.Repeat("0", 64)
	truncated := newRepository(t, archive(t)[:150])
	empty := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(empty.Close)
	for name, mirror := range map[string]string{
		"no network": closed.URL, "wrong checksum": tampered.URL, "broken archive": truncated.URL, "no such version": empty.URL,
	} {
		cache := t.TempDir()
		_, err := fetch(t.Context(), cache, mirror)
		require.ErrorContains(t, err, "fetching PostgreSQL", name)
		require.NoDirExists(t, filepath.Join(cache, "postgres-"+string(fetchVersion)), name)
	}
	good := newRepository(t, archive(t))
	cache := t.TempDir()
	half := filepath.Join(cache, "postgres-"+string(fetchVersion), "bin")
	require.NoError(t, os.MkdirAll(half, 0o755))
	_, err := fetch(t.Context(), cache, good.URL)
	require.NoError(t, err, "an incomplete server is replaced")
}

func TestFetchCanBeCancelled(t *testing.T) {
	t.Parallel()
	r := newRepository(t, archive(t))
	r.hang = make(chan struct{})
	cache := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := fetch(ctx, cache, r.URL)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	close(r.hang)
	require.Eventually(t, func() bool {
		left, err := filepath.Glob(filepath.Join(cache, "unpack-*"))
		return err == nil && len(left) == 0
	}, 10*time.Second, 10*time.Millisecond)
}

func TestDownloadWhereNoServerIsInstalled(t *testing.T) {
	root := t.TempDir()
	t.Setenv("PATH", root)
	r := newRepository(t, archive(t))
	s := search{patterns: []string{fakeServer(t, filepath.Join(root, "old"), "12.4")}}
	bindir, err := s.orFetch(t.Context(), filepath.Join(root, "cache"), r.URL, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	require.Equal(t, filepath.Join(root, "cache", "postgres-"+string(fetchVersion), "bin"), bindir)

	r.Close()
	require.NoError(t, os.RemoveAll(filepath.Join(root, "cache")))
	_, err = s.orFetch(t.Context(), filepath.Join(root, "cache"), r.URL, slog.New(slog.DiscardHandler))
	require.ErrorIs(t, err, ErrNoBinaries)
	for _, hint := range []string{"version 12", "downloading one failed", "apt-get install postgresql", "brew install postgresql@16", "DATABASE_URL"} {
		require.ErrorContains(t, err, hint)
	}
}
