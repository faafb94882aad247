package storage

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const serviceKey = "eyJ-service-role-key"

// fakeSupabase is Supabase Storage as its source has it: most errors are a 400 whose body names the status that is meant;
// an upload that breaks off leaves nothing; an object that is there is only replaced with x-upsert.
type fakeSupabase struct {
	t      *testing.T
	bucket string
	public bool
	limit  int

	mu       sync.Mutex
	objects  map[string][]byte
	types    map[string]string
	requests int
	meddle   func(w http.ResponseWriter, r *http.Request) bool // true: the request was answered
	lose     int                                               // bytes that vanish from the end of an upload
}

func newFake(t *testing.T) (*fakeSupabase, *Supabase) {
	f := &fakeSupabase{t: t, bucket: "audio", limit: 50 << 20, objects: map[string][]byte{}, types: map[string]string{}}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	s, err := NewSupabase(SupabaseConfig{URL: server.URL + "/", Key: serviceKey})
	require.NoError(t, err)
	t.Cleanup(s.transport.(*http.Transport).CloseIdleConnections)
	return f, s
}

func (f *fakeSupabase) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.requests++
	meddle := f.meddle
	f.mu.Unlock()
	if meddle != nil && meddle(w, r) {
		return
	}
	if r.Header.Get("Authorization") != "Bearer "+serviceKey {
		refuse(w, 400, "403", "Unauthorized", "InvalidJWT", "jws signature is invalid")
		return
	}
	path, ok := strings.CutPrefix(r.URL.Path, "/storage/v1/")
	kind, rest, _ := strings.Cut(path, "/")
	switch {
	case !ok:
		http.NotFound(w, r)
	case kind == "bucket" && r.Method == http.MethodGet && rest == f.bucket:
		_, _ = fmt.Fprintf(w, `{"id":%q,"name":%q,"public":%v,"file_size_limit":null}`, f.bucket, f.bucket, f.public)
	case kind == "bucket":
		refuse(w, 400, "404", "Bucket not found", "NoSuchBucket", "Bucket not found")
	case kind == "object" && r.Method == http.MethodPost:
		f.upload(w, r, rest)
	case kind == "object" && r.Method == http.MethodGet:
		f.download(w, r, strings.TrimPrefix(rest, "authenticated/"))
	default:
		refuse(w, 404, "404", "Not Found", "", "Route not found")
	}
}

func refuse(w http.ResponseWriter, status int, meant, name, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"statusCode": meant, "error": name, "code": code, "message": message})
}

func (f *fakeSupabase) upload(w http.ResponseWriter, r *http.Request, path string) {
	bucket, key, _ := strings.Cut(path, "/")
	if bucket != f.bucket {
		refuse(w, 400, "404", "Bucket not found", "NoSuchBucket", "Bucket not found")
		return
	}
	data, err := io.ReadAll(io.LimitReader(r.Body, int64(f.limit)+1))
	if err != nil {
		return // the uploader has gone
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	_, exists := f.objects[key]
	switch {
	case len(data) > f.limit:
		refuse(w, 400, "413", "Payload too large", "EntityTooLarge", "The object exceeded the maximum allowed size")
	case exists && r.Header.Get("x-upsert") != "true":
		refuse(w, 400, "409", "Duplicate", "KeyAlreadyExists", "The resource already exists")
	default:
		f.objects[key], f.types[key] = data[:len(data)-f.lose], r.Header.Get("Content-Type")
		_, _ = fmt.Fprintf(w, `{"Key":%q,"Id":"1"}`, path)
	}
}

func (f *fakeSupabase) download(w http.ResponseWriter, r *http.Request, path string) {
	f.mu.Lock()
	data, ok := f.objects[strings.TrimPrefix(path, f.bucket+"/")]
	f.mu.Unlock()
	if !ok {
		refuse(w, 400, "404", "not_found", "NoSuchKey", "Object not found")
		return
	}
	w.Header().Set("Content-Type", "audio/mpeg")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

func (f *fakeSupabase) answer(meddle func(w http.ResponseWriter, r *http.Request) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.meddle = meddle
}

func TestSupabaseRefusals(t *testing.T) {
	t.Parallel()
	uploads := func(status int, meant, name, code, message string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodPost {
				return false
			}
			refuse(w, status, meant, name, code, message)
			return true
		}
	}
	for name, c := range map[string]struct {
		answer func(http.ResponseWriter, *http.Request) bool
		kind   Kind
		status int
		says   string
	}{
		"key, meant 403":   {uploads(400, "403", "Unauthorized", "", "jws signature is invalid"), Setup, 403, "check SUPABASE_SERVICE_ROLE_KEY"},
		"key, plain 401":   {uploads(401, "", "", "", "Invalid API key"), Setup, 401, "check SUPABASE_SERVICE_ROLE_KEY"},
		"no bucket":        {uploads(400, "404", "Bucket not found", "", "Bucket not found"), Setup, 404, "create the bucket"},
		"no such route":    {uploads(404, "404", "Not Found", "", "Route not found"), Setup, 404, "check SUPABASE_URL"},
		"too large":        {uploads(400, "413", "Payload too large", "", "The object exceeded the maximum allowed size"), Permanent, 413, "raise"},
		"too large, plain": {uploads(413, "413", "Payload too large", "", "The object exceeded"), Permanent, 413, "raise"},
		"kind of file":     {uploads(400, "415", "invalid_mime_type", "InvalidMimeType", "mime type audio/mpeg is not supported"), Permanent, 415, "mime type"},
		"duplicate":        {uploads(400, "409", "Duplicate", "KeyAlreadyExists", "The resource already exists"), Temporary, 409, "already exists"},
		"too many":         {uploads(429, "429", "too_many_connections", "SlowDown", "Too many connections"), Temporary, 429, "Too many"},
		"database":         {uploads(500, "500", "Internal", "DatabaseError", "Internal Server Error"), Temporary, 500, "Internal"},
		"gateway": {func(w http.ResponseWriter, _ *http.Request) bool {
			http.Error(w, "<html>", http.StatusBadGateway)
			return true
		}, Temporary, 502, "Bad Gateway"},
		"redirect": {func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, "/login", http.StatusFound)
			return true
		}, Setup, 302, "check SUPABASE_URL"},
		"cut before reading": {func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) }, Temporary, 0, ""},
		"cut while reading": {func(_ http.ResponseWriter, r *http.Request) bool {
			_, _ = io.CopyN(io.Discard, r.Body, 100_000)
			panic(http.ErrAbortHandler)
		}, Temporary, 0, ""},
		"refused while reading": {func(w http.ResponseWriter, r *http.Request) bool {
			refuse(w, 400, "413", "Payload too large", "", "too big")
			return true
		}, Permanent, 413, "too big"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, s := newFake(t)
			f.answer(c.answer)
			_, err := s.Put(t.Context(), "recordings/1.mp3", "audio/mpeg", &random{left: 2 << 20})
			e := AsError(err)
			require.NotNil(t, e, "%v", err)
			require.Equal(t, c.kind, e.Kind, err)
			require.Equal(t, c.status, e.Status, err)
			require.Contains(t, err.Error(), c.says)
			require.NotContains(t, err.Error(), serviceKey)
			f.answer(nil)
			_, err = s.Stat(t.Context(), "recordings/1.mp3")
			require.ErrorIs(t, err, ErrNotFound)
		})
	}
}

func TestSupabaseVerifiesTheSize(t *testing.T) {
	t.Parallel()
	f, s := newFake(t)
	f.lose = 3
	_, err := s.Put(t.Context(), "a.mp3", "audio/mpeg", strings.NewReader("0123456789"))
	require.ErrorContains(t, err, "10 bytes were sent and 7 are stored")
	require.Equal(t, Temporary, AsError(err).Kind)

	f.lose = 0
	f.answer(func(w http.ResponseWriter, r *http.Request) bool { // accepted, and forgotten
		if r.Method != http.MethodPost {
			return false
		}
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = w.Write([]byte(`{"Key":"audio/b.mp3"}`))
		return true
	})
	_, err = s.Put(t.Context(), "b.mp3", "audio/mpeg", strings.NewReader("0123456789"))
	require.ErrorContains(t, err, "nothing is stored")
}

func TestSupabaseStat(t *testing.T) {
	t.Parallel()
	f, s := newFake(t)
	_, err := s.Put(t.Context(), "a/b.mp3", "audio/mpeg", strings.NewReader("0123456789"))
	require.NoError(t, err)
	require.Equal(t, "audio/mpeg", f.types["a/b.mp3"])
	for name, answer := range map[string]http.HandlerFunc{
		"without ranges": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "10")
			_, _ = w.Write([]byte("0123456789"))
		},
		"an empty object": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", "bytes */10")
			w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
		},
	} {
		f.answer(func(w http.ResponseWriter, r *http.Request) bool { answer(w, r); return true })
		o, err := s.Stat(t.Context(), "a/b.mp3")
		require.NoError(t, err, name)
		require.EqualValues(t, 10, o.Bytes, name)
	}
	f.answer(func(w http.ResponseWriter, _ *http.Request) bool { // in chunks: no size
		_, _ = w.Write([]byte("01234"))
		_ = http.NewResponseController(w).Flush()
		return true
	})
	_, err = s.Stat(t.Context(), "a/b.mp3")
	require.ErrorContains(t, err, "does not tell the size")
	_, _, err = s.Open(t.Context(), "a/b.mp3")
	require.ErrorContains(t, err, "does not tell the size")
}

// A public bucket gives addresses that browsers can play.
func TestSupabaseAddresses(t *testing.T) {
	t.Parallel()
	for public, way := range map[bool]string{true: "public", false: "authenticated"} {
		f, s := newFake(t)
		f.public = public
		o, err := s.Put(t.Context(), "recordings/1.mp3", "audio/mpeg", strings.NewReader("x"))
		require.NoError(t, err)
		require.Equal(t, s.base+"/object/"+way+"/audio/recordings/1.mp3", o.URL)
		before := f.requests
		_, err = s.Stat(t.Context(), "recordings/1.mp3")
		require.NoError(t, err)
		require.Equal(t, 1, f.requests-before, "the bucket is asked about once")
	}
	_, s := newFake(t)
	for _, way := range []string{"public", "authenticated"} {
		key, ok := s.Key(s.base + "/object/" + way + "/audio/recordings/1.mp3")
		require.True(t, ok)
		require.Equal(t, "recordings/1.mp3", key)
	}
	for _, foreign := range []string{"", "https://api.twilio.com/1.mp3", s.base + "/object/public/other/1.mp3", s.base + "/object/public/audio/../x", "file:///1.mp3"} {
		_, ok := s.Key(foreign)
		require.False(t, ok, foreign)
	}
}

func TestSupabaseConfig(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cfg  SupabaseConfig
		says string
	}{
		"no URL":       {SupabaseConfig{Key: "k"}, "SUPABASE_URL"},
		"no scheme":    {SupabaseConfig{URL: "abc.supabase.co", Key: "k"}, "SUPABASE_URL"},
		"no key":       {SupabaseConfig{URL: "https://abc.supabase.co"}, "SUPABASE_SERVICE_ROLE_KEY"},
		"key of lines": {SupabaseConfig{URL: "https://abc.supabase.co", Key: "a\nsecret"}, "SUPABASE_SERVICE_ROLE_KEY"},
	} {
		_, err := NewSupabase(c.cfg)
		require.ErrorContains(t, err, c.says, name)
		require.NotContains(t, err.Error(), "secret", name)
	}
	_, s := newFake(t)
	require.NotContains(t, fmt.Sprintf("%v %+v %#v", s, s, s), serviceKey)
}

// The upload ends with its context, and says so rather than blame the network.
func TestSupabaseHangs(t *testing.T) {
	t.Parallel()
	f, s := newFake(t)
	f.answer(func(_ http.ResponseWriter, r *http.Request) bool {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
		return true
	})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := s.Put(ctx, "a.mp3", "audio/mpeg", strings.NewReader("x"))
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

// random yields so many bytes, without holding them, and then err.
type random struct {
	left int
	err  error
}

func (r *random) Read(p []byte) (int, error) {
	if r.left == 0 {
		if r.err != nil {
			return 0, r.err
		}
		return 0, io.EOF
	}
	n := min(len(p), r.left)
	for i := range p[:n] {
		p[i] = byte(i)
	}
	r.left -= n
	return n, nil
}

var errSource = errors.New("the provider hung up")
