package storage

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

const (
	tempDir = ".tmp"
	tempAge = 24 * time.Hour // what a process that died left behind is removed after this
)

// Dir keeps objects as files below a directory, readable by this user only. Nothing outside of it is touched, whatever
// keys or symbolic links say.
type Dir struct {
	root *os.Root
	path string // absolute
}

// NewDir makes the directory if need be. Close it.
func NewDir(dir string) (*Dir, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("storage: finding the directory %q: %w", dir, err)
	}
	if err := os.MkdirAll(abs, 0o700); err != nil {
		return nil, fmt.Errorf("storage: making the directory: %w; set HENK_MEDIA_DIR to one that this user may write", err)
	}
	root, err := os.OpenRoot(abs)
	if err != nil {
		return nil, fmt.Errorf("storage: opening the directory: %w", err)
	}
	d := &Dir{root: root, path: abs}
	if err := d.prepare(); err != nil {
		_ = root.Close() // the error that matters is known
		return nil, err
	}
	return d, nil
}

// prepare makes the directory of unfinished files, which proves that it may be written, and empties it of old ones.
func (d *Dir) prepare() error {
	if err := d.root.MkdirAll(tempDir, 0o700); err != nil {
		return fmt.Errorf("storage: writing to the directory: %w; set HENK_MEDIA_DIR to one that this user may write", err)
	}
	entries, err := fs.ReadDir(d.root.FS(), tempDir)
	if err != nil {
		return fmt.Errorf("storage: looking for unfinished files: %w", err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > tempAge {
			_ = d.root.Remove(path.Join(tempDir, e.Name())) // another process may have been first
		}
	}
	return nil
}

// Close lets go of the directory.
func (d *Dir) Close() error { return d.root.Close() }

// Put writes a file aside, brings it to the disk and gives it its name.
func (d *Dir) Put(ctx context.Context, key, _ string, r io.Reader) (_ Object, err error) {
	if err := checkKey("put", key); err != nil {
		return Object{}, err
	}
	temp := path.Join(tempDir, rand.Text())
	f, err := d.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return Object{}, d.failed("put", err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()           // closed already, or of no use any more
			_ = d.root.Remove(temp) // left behind it is removed after a day
		}
	}()
	src := &source{ctx: ctx, r: r}
	if _, err := io.Copy(f, src); err != nil {
		if _, failed := src.seen(); failed != nil {
			return Object{}, failed
		}
		return Object{}, d.failed("put", err)
	}
	if err := f.Sync(); err != nil {
		return Object{}, d.failed("put", err)
	}
	info, err := f.Stat()
	if err != nil {
		return Object{}, d.failed("put", err)
	}
	sent, _ := src.seen()
	if err := verify(sent, info.Size()); err != nil {
		return Object{}, err
	}
	if err := f.Close(); err != nil {
		return Object{}, d.failed("put", err)
	}
	if err := d.name(temp, key); err != nil {
		return Object{}, d.failed("put", err)
	}
	return Object{URL: d.url(key), Bytes: sent}, nil
}

// name moves a finished file to its place and brings that to the disk too.
func (d *Dir) name(temp, key string) error {
	parent := path.Dir(key)
	if err := d.root.MkdirAll(parent, 0o700); err != nil {
		return err
	}
	if err := d.root.Rename(temp, key); err != nil {
		return err
	}
	dir, err := d.root.Open(parent)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// Open opens the file.
func (d *Dir) Open(_ context.Context, key string) (io.ReadCloser, int64, error) {
	if err := checkKey("open", key); err != nil {
		return nil, 0, err
	}
	f, err := d.root.Open(key)
	if err != nil {
		return nil, 0, d.failed("open", err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		_ = f.Close() // the error that matters is known
		return nil, 0, d.failed("open", err)
	}
	return f, info.Size(), nil
}

// Stat looks at the file.
func (d *Dir) Stat(_ context.Context, key string) (Object, error) {
	if err := checkKey("stat", key); err != nil {
		return Object{}, err
	}
	info, err := d.root.Stat(key)
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		return Object{}, d.failed("stat", err)
	}
	return Object{URL: d.url(key), Bytes: info.Size()}, nil
}

// Key takes a file: URL apart.
func (d *Dir) Key(address string) (string, bool) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "file" || u.Host != "" {
		return "", false
	}
	key, ok := strings.CutPrefix(u.Path, filepath.ToSlash(d.path)+"/")
	return key, ok && validKey(key)
}

func (d *Dir) url(key string) string {
	return (&url.URL{Scheme: "file", Path: path.Join(filepath.ToSlash(d.path), key)}).String()
}

func (d *Dir) failed(op string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("storage: %s: %w", op, ErrNotFound)
	case errors.Is(err, fs.ErrPermission):
		return &Error{Op: op, Kind: Setup, Message: cut(err.Error()) + "; let this user write to HENK_MEDIA_DIR", cause: err}
	default:
		return &Error{Op: op, Kind: Temporary, Message: cut(err.Error()), cause: err}
	}
}
