package storage

import (
	"context"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// stores are the implementations, each fresh.
func stores(t *testing.T) map[string]Store {
	t.Helper()
	_, supabase := newFake(t)
	return map[string]Store{"supabase": supabase, "dir": newDir(t)}
}

func newDir(t *testing.T) *Dir {
	t.Helper()
	d, err := NewDir(filepath.Join(t.TempDir(), "media"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.Close()) })
	return d
}

func read(t *testing.T, s Store, key string) string {
	t.Helper()
	r, size, err := s.Open(t.Context(), key)
	require.NoError(t, err)
	data, err := io.ReadAll(r)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	require.EqualValues(t, len(data), size)
	return string(data)
}

func TestWhatIsPutIsThere(t *testing.T) {
	t.Parallel()
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const key = "recordings/6a0f7b0e.mp3"
			_, err := s.Stat(t.Context(), key)
			require.ErrorIs(t, err, ErrNotFound)
			_, _, err = s.Open(t.Context(), key)
			require.ErrorIs(t, err, ErrNotFound)

			put, err := s.Put(t.Context(), key, "audio/mpeg", strings.NewReader("first"))
			require.NoError(t, err)
			require.EqualValues(t, 5, put.Bytes)
			require.Equal(t, "first", read(t, s, key))

			put, err = s.Put(t.Context(), key, "audio/mpeg", strings.NewReader("the second"))
			require.NoError(t, err, "an object that is there is replaced")
			stat, err := s.Stat(t.Context(), key)
			require.NoError(t, err)
			require.Equal(t, put, stat)
			require.Equal(t, "the second", read(t, s, key))

			back, ok := s.Key(put.URL)
			require.True(t, ok)
			require.Equal(t, key, back)
		})
	}
}

// A source that breaks off leaves what was there, and its own error tells who broke.
func TestASourceThatBreaksOff(t *testing.T) {
	t.Parallel()
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := s.Put(t.Context(), "a.mp3", "audio/mpeg", &random{left: 3 << 20, err: errSource})
			require.ErrorIs(t, err, errSource)
			require.Nil(t, AsError(err), "not the store's fault")
			_, err = s.Stat(t.Context(), "a.mp3")
			require.ErrorIs(t, err, ErrNotFound)

			_, err = s.Put(t.Context(), "a.mp3", "audio/mpeg", strings.NewReader("whole"))
			require.NoError(t, err)
			_, err = s.Put(t.Context(), "a.mp3", "audio/mpeg", &random{left: 100, err: errSource})
			require.ErrorIs(t, err, errSource)
			require.Equal(t, "whole", read(t, s, "a.mp3"))
		})
	}
}

func TestPutEndsWithItsContext(t *testing.T) {
	t.Parallel()
	for name, s := range stores(t) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := s.Put(ctx, "a.mp3", "audio/mpeg", &random{left: 1 << 20})
		require.ErrorIs(t, err, context.Canceled, name)
	}
}

func TestKeysThatAreNone(t *testing.T) {
	t.Parallel()
	for name, s := range stores(t) {
		for _, key := range []string{"", "/", "/etc/passwd", "../a", "a/../b", "a//b", "a/", ".tmp/x", "a/.hidden", "a\\b", "a b", "a%2fb", "a?b", "a\x00b",
			strings.Repeat("a", 500), "é"} {
			_, err := s.Put(t.Context(), key, "audio/mpeg", strings.NewReader("x"))
			require.Equal(t, Permanent, AsError(err).Kind, "%s %q", name, key)
			_, err = s.Stat(t.Context(), key)
			require.NotNil(t, AsError(err), "%s %q", name, key)
			_, _, err = s.Open(t.Context(), key)
			require.NotNil(t, AsError(err), "%s %q", name, key)
		}
	}
}

// Two processes that put the same object at once leave one of both, whole.
func TestPutsAtOnce(t *testing.T) {
	t.Parallel()
	for name, s := range stores(t) {
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				_, err := s.Put(t.Context(), "a.mp3", "audio/mpeg", strings.NewReader(strings.Repeat(string(rune('a'+i)), 100_000)))
				require.NoError(t, err, name)
			})
		}
		wg.Wait()
		got := read(t, s, "a.mp3")
		require.Len(t, got, 100_000)
		require.Equal(t, strings.Repeat(got[:1], 100_000), got, name)
	}
}

func TestPutDoesNotHoldTheObject(t *testing.T) {
	const size = 64 << 20
	d := newDir(t)
	s := map[string]Store{"dir": d}
	f, supabase := newFake(t)
	f.answer(func(w http.ResponseWriter, r *http.Request) bool { // keeps nothing either
		if r.Method != http.MethodPost {
			w.Header().Set("Content-Range", "bytes 0-0/67108864")
			w.WriteHeader(http.StatusPartialContent)
			_, _ = w.Write([]byte(`{"public":true}`))
			return true
		}
		_, _ = io.Copy(io.Discard, r.Body)
		return true
	})
	s["supabase"] = supabase
	for name, s := range s {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := s.Put(t.Context(), "a.mp3", "audio/mpeg", &random{left: size})
		runtime.ReadMemStats(&after)
		require.NoError(t, err, name)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(size/4), name)
	}
}

func TestDirIsPrivateAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	d := newDir(t)
	_, err := d.Put(t.Context(), "recordings/2026/a.mp3", "audio/mpeg", strings.NewReader("x"))
	require.NoError(t, err)
	_, err = d.Put(t.Context(), "recordings/2026/b.mp3", "audio/mpeg", &random{left: 10, err: errSource})
	require.Error(t, err)
	var files []string
	require.NoError(t, filepath.WalkDir(d.path, func(path string, e fs.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := e.Info()
		require.NoError(t, err)
		want := os.FileMode(0o600)
		if e.IsDir() {
			want = 0o700
		} else {
			files = append(files, path)
		}
		require.Equal(t, want, info.Mode().Perm(), path)
		return nil
	}))
	require.Equal(t, []string{filepath.Join(d.path, "recordings/2026/a.mp3")}, files)
}

// A link inside the directory does not lead out of it.
func TestDirDoesNotFollowLinksOutside(t *testing.T) {
	t.Parallel()
	d, outside := newDir(t), t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(outside, "secret.mp3"), []byte("secret"), 0o600))
	require.NoError(t, os.Symlink(outside, filepath.Join(d.path, "link")))
	_, _, err := d.Open(t.Context(), "link/secret.mp3")
	require.Error(t, err)
	_, err = d.Put(t.Context(), "link/new.mp3", "audio/mpeg", strings.NewReader("x"))
	require.Error(t, err)
	require.NoFileExists(t, filepath.Join(outside, "new.mp3"))
}

func TestDirRemovesWhatTheDeadLeftBehind(t *testing.T) {
	t.Parallel()
	d := newDir(t)
	old, young := filepath.Join(d.path, tempDir, "old"), filepath.Join(d.path, tempDir, "young")
	for _, name := range []string{old, young} {
		require.NoError(t, os.WriteFile(name, []byte("x"), 0o600))
	}
	require.NoError(t, os.Chtimes(old, time.Now(), time.Now().Add(-2*tempAge)))
	again, err := NewDir(d.path)
	require.NoError(t, err)
	require.NoError(t, again.Close())
	require.NoFileExists(t, old)
	require.FileExists(t, young, "another process may be writing it")
}

func TestDirThatIsNone(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := NewDir(file)
	require.ErrorContains(t, err, "HENK_MEDIA_DIR")
	d := newDir(t)
	require.NoError(t, os.MkdirAll(filepath.Join(d.path, "a.mp3"), 0o700))
	_, _, err = d.Open(t.Context(), "a.mp3")
	require.ErrorIs(t, err, ErrNotFound, "a directory is no object")
	_, err = d.Put(t.Context(), "a.mp3", "audio/mpeg", strings.NewReader("x"))
	require.Equal(t, Temporary, AsError(err).Kind)
	for _, foreign := range []string{"", "https://x/a.mp3", "file:///etc/passwd", "file://host" + d.path + "/a.mp3", "file://" + d.path + "/../a.mp3"} {
		_, ok := d.Key(foreign)
		require.False(t, ok, foreign)
	}
}

func FuzzDirKey(f *testing.F) {
	for _, seed := range []string{"recordings/a.mp3", "../x", "a/../../x", "/etc/passwd", "a\x00", ".tmp/a", "a/./b"} {
		f.Add(seed)
	}
	parent := f.TempDir()
	d, err := NewDir(filepath.Join(parent, "media"))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = d.Close() })
	f.Fuzz(func(t *testing.T, key string) {
		if object, err := d.Put(t.Context(), key, "", strings.NewReader("x")); err == nil {
			back, ok := d.Key(object.URL)
			require.True(t, ok)
			require.Equal(t, key, back)
		}
		entries, err := os.ReadDir(parent)
		require.NoError(t, err)
		require.Len(t, entries, 1, "something was written outside")
	})
}
