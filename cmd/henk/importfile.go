package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// steadyFile is a file to import that may not change while it is read: half of a list would be taken for all of it.
type steadyFile struct {
	f    *os.File
	in   io.Reader
	path string
	info os.FileInfo
}

// openSteady opens a file, or standard input where path is "-". When ctx ends, waiting for a pipe ends too.
func openSteady(ctx context.Context, path string) (*steadyFile, error) {
	s := &steadyFile{f: os.Stdin, path: path}
	var err error
	if path != "-" {
		if s.f, err = os.Open(path); err != nil {
			return nil, fmt.Errorf("opening the file: %w", err)
		}
	}
	if s.info, err = s.f.Stat(); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the file: %w", err), s.f.Close())
	}
	if s.info.IsDir() {
		return nil, errors.Join(fmt.Errorf("%s is a directory; name a file", path), s.f.Close())
	}
	s.in = s.f
	if !s.info.Mode().IsRegular() {
		s.in = waitingFor(ctx, s.f)
	}
	return s, nil
}

// waitingFor reads a pipe or a terminal in the background: there a read can wait for ever, and cannot be broken off.
func waitingFor(ctx context.Context, f io.Reader) io.Reader {
	r, w := io.Pipe()
	go func() {
		_, err := io.Copy(w, f)
		_ = w.CloseWithError(err) // always nil
	}()
	context.AfterFunc(ctx, func() { _ = w.CloseWithError(ctx.Err()) }) // always nil
	return r
}

func (s *steadyFile) Read(p []byte) (int, error) {
	n, err := s.in.Read(p)
	if !errors.Is(err, io.EOF) || !s.info.Mode().IsRegular() {
		return n, err
	}
	now, statErr := s.f.Stat()
	if statErr != nil {
		return n, fmt.Errorf("looking at the file again: %w", statErr)
	}
	if now.Size() != s.info.Size() || !now.ModTime().Equal(s.info.ModTime()) {
		return n, errors.New("the file was written to while it was read; import it again when it is complete")
	}
	return n, err
}

func (s *steadyFile) Close() error { return s.f.Close() }

// size is in bytes; 0 = not known, as of a pipe.
func (s *steadyFile) size() int64 { return s.info.Size() }

// sourceName is what the records say that a list came from.
func sourceName(path string) string {
	if path == "-" {
		return "standard input"
	}
	return filepath.Base(path)
}

// rejectsPath is where rejected lines go: chosen, else beside the file, else (a pipe, a directory that only reads) in the
// current directory. It is tried out first: to fail after the list is in force would be too late.
func rejectsPath(chosen string, in *steadyFile) (string, error) {
	if chosen != "" {
		return chosen, tryToWrite(chosen)
	}
	const suffix = ".rejects.csv"
	if in.info.Mode().IsRegular() && in.path != "-" {
		if tryToWrite(in.path+suffix) == nil {
			return in.path + suffix, nil
		}
	}
	name := filepath.Base(in.path)
	if name == "-" {
		name = "stdin"
	}
	return name + suffix, tryToWrite(name + suffix)
}

// tryToWrite leaves things as they were.
func tryToWrite(path string) error {
	_, err := os.Lstat(path)
	fresh := errors.Is(err, os.ErrNotExist)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("lines that cannot be taken could not be kept: %w; name a file that can be written with --rejects", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("trying out the file of rejects: %w", err)
	}
	if fresh {
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("trying out the file of rejects: %w", err)
		}
	}
	return nil
}

// lateFile is made with the first write: most imports reject nothing. Only its owner may read it, for it holds numbers.
// What an earlier import rejected is replaced.
type lateFile struct {
	path string
	f    *os.File
}

func (l *lateFile) Write(p []byte) (int, error) {
	if l.f == nil {
		f, err := os.OpenFile(l.path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
		if err != nil {
			return 0, err
		}
		l.f = f
	}
	return l.f.Write(p)
}

func (l *lateFile) close() error {
	if l.f == nil {
		return nil
	}
	return l.f.Close()
}
