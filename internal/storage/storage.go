// Package storage keeps recordings and speech: in Supabase Storage or in a directory. Objects are streamed, appear whole
// or not at all, and their size is verified after they were put.
//
// It imports the standard library only: no database, nothing else of this module.
package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
)

// Store keeps objects under keys such as "recordings/6a0f..mp3". Implementations: Supabase, Dir. Safe for concurrent use.
type Store interface {
	// Put stores what r yields, replacing an object of that key, and verifies its size. An error of r's is returned as it
	// is; all others are an *Error. While r has not ended in io.EOF the key holds what it held before. After an error r
	// may be read from for a moment yet: close it, do nothing else with it.
	Put(ctx context.Context, key, contentType string, r io.Reader) (Object, error)
	// Open returns an object and its size in bytes. ErrNotFound when there is none.
	Open(ctx context.Context, key string) (io.ReadCloser, int64, error)
	// Stat returns what Put returned. ErrNotFound when there is none.
	Stat(ctx context.Context, key string) (Object, error)
	// Key is the key of an object by its URL; false for what is not in this store.
	Key(url string) (string, bool)
}

// Object is something stored.
type Object struct {
	URL   string // for the database; it may need a login, or be a file's
	Bytes int64
}

// ErrNotFound means that there is no object under the key.
var ErrNotFound = errors.New("there is no such object")

// Kind says what a failure means for the next try.
type Kind int

const (
	Temporary Kind = iota // may pass by itself
	Setup                 // key, bucket, rights or disk: passes when somebody mends it
	Permanent             // this object is not accepted, ever
)

// String gives the kind in words.
func (k Kind) String() string {
	switch k {
	case Setup:
		return "wrong setup"
	case Permanent:
		return "not accepted"
	default:
		return "failed for now"
	}
}

// Error is a failure of the store. Its text holds no credentials.
type Error struct {
	Op      string // "put", "open", "stat"
	Kind    Kind
	Status  int    // HTTP status as the service means it; 0 = no answer, or not HTTP
	Message string // for people
	cause   error
}

// Error is one line.
func (e *Error) Error() string {
	status := ""
	if e.Status != 0 {
		status = fmt.Sprintf(" (http %d)", e.Status)
	}
	return fmt.Sprintf("storage: %s: %s%s: %s", e.Op, e.Kind, status, e.Message)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// AsError finds the *Error in err's chain; nil if there is none.
func AsError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return nil
}

// Keys are paths of harmless names: no empty one, none that begins with a dot, nothing that a URL or a file system
// would read otherwise.
var keyNames = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$`)

const maxKey = 200 // bytes, which every file system takes as one name

func validKey(key string) bool { return len(key) <= maxKey && keyNames.MatchString(key) }

func checkKey(op, key string) error {
	if !validKey(key) {
		return &Error{Op: op, Kind: Permanent, Message: "the key is too long, or not made of letters, digits, dots, dashes and single slashes"}
	}
	return nil
}

// source counts what is read and remembers how reading failed: which side broke decides what is tried again. An HTTP
// transport may still be reading when its answer is there, hence the lock.
type source struct {
	ctx context.Context
	r   io.Reader

	mu  sync.Mutex
	n   int64
	err error // other than io.EOF
}

func (s *source) Read(p []byte) (int, error) {
	n, err := 0, s.ctx.Err()
	if err == nil {
		n, err = s.r.Read(p)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// seen is how many bytes were read, and how reading failed if it did.
func (s *source) seen() (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.n, s.err
}

// verify compares what is stored with what was sent.
func verify(sent, stored int64) error {
	if sent != stored {
		return &Error{Op: "put", Kind: Temporary, Message: fmt.Sprintf("%d bytes were sent and %d are stored", sent, stored)}
	}
	return nil
}

// cut shortens foreign text for an error.
func cut(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "?")), " ")
	if len(text) > 300 {
		text = strings.ToValidUTF8(text[:300], "") + "..."
	}
	return text
}
