package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	requestTimeout = 30 * time.Second // until the answer to anything but an upload
	stallTimeout   = time.Minute      // without a byte going out, or an answer coming in
	maxAnswer      = 64 << 10
)

// SupabaseConfig says where objects go.
type SupabaseConfig struct {
	URL       string            // of the project, such as https://abc.supabase.co
	Key       string            // service role
	Bucket    string            // default "audio"
	Transport http.RoundTripper // nil: one of our own
}

// Supabase keeps objects in a bucket of Supabase Storage.
type Supabase struct {
	base, bucket string
	key          func() string // a closure, so that fmt does not print it
	transport    http.RoundTripper

	mu     sync.Mutex
	public *bool // whether the bucket is; nil until asked
}

// NewSupabase checks the config. It sends nothing.
func NewSupabase(cfg SupabaseConfig) (*Supabase, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return nil, errors.New("storage: SUPABASE_URL must be the project's address, such as https://abc.supabase.co")
	}
	key := strings.TrimSpace(cfg.Key)
	if key == "" || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return nil, errors.New("storage: SUPABASE_SERVICE_ROLE_KEY is missing or holds a space or a line break: copy it again")
	}
	s := &Supabase{base: strings.TrimRight(cfg.URL, "/") + "/storage/v1", bucket: cfg.Bucket, key: func() string { return key }, transport: cfg.Transport}
	if s.bucket == "" {
		s.bucket = "audio"
	}
	if s.transport == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.ResponseHeaderTimeout = stallTimeout
		s.transport = t
	}
	return s, nil
}

// Put uploads in one request (POST with x-upsert) and asks for the stored size afterwards.
func (s *Supabase) Put(ctx context.Context, key, contentType string, r io.Reader) (Object, error) {
	if err := checkKey("put", key); err != nil {
		return Object{}, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stall := time.AfterFunc(stallTimeout, func() { cancel(fmt.Errorf("the upload stood still: %w", context.DeadlineExceeded)) })
	defer stall.Stop()
	src := &source{ctx: ctx, r: r}
	// An io.Reader of unknown length goes out in chunks; one that fails ends the request without its last chunk, and the
	// service then keeps nothing.
	req, err := s.request(ctx, http.MethodPost, "/object/"+s.bucket+"/"+key, &moving{src, stall})
	if err != nil {
		return Object{}, &Error{Op: "put", Kind: Setup, Message: "the request could not be made", cause: err}
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("x-upsert", "true")
	resp, err := s.transport.RoundTrip(req)
	if err != nil {
		if _, failed := src.seen(); failed != nil {
			return Object{}, failed
		}
		return Object{}, s.unanswered("put", ctx, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	sent, failed := src.seen()
	switch {
	case failed != nil:
		return Object{}, failed
	case resp.StatusCode/100 != 2:
		return Object{}, refused("put", resp.StatusCode, body)
	case err != nil:
		return Object{}, s.unanswered("put", ctx, err)
	}
	stored, err := s.Stat(ctx, key)
	if errors.Is(err, ErrNotFound) {
		return Object{}, &Error{Op: "put", Kind: Temporary, Message: "the upload was accepted and nothing is stored", cause: err}
	}
	if err != nil {
		return Object{}, err
	}
	return stored, verify(sent, stored.Bytes)
}

// moving puts off the end of an upload for as long as something goes out.
type moving struct {
	r     io.Reader
	stall *time.Timer
}

func (m *moving) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.stall.Reset(stallTimeout)
	return n, err
}

// Open downloads an object.
func (s *Supabase) Open(ctx context.Context, key string) (io.ReadCloser, int64, error) {
	if err := checkKey("open", key); err != nil {
		return nil, 0, err
	}
	resp, err := s.get(ctx, "open", "/object/authenticated/"+s.bucket+"/"+key, "")
	if err != nil {
		return nil, 0, err
	}
	if resp.ContentLength < 0 {
		_ = resp.Body.Close() // nothing was read
		return nil, 0, &Error{Op: "open", Kind: Temporary, Status: resp.StatusCode, Message: "the service does not tell the size"}
	}
	return resp.Body, resp.ContentLength, nil
}

// Stat asks for the first byte: unlike HEAD that brings the size and, where there is none, the reason.
func (s *Supabase) Stat(ctx context.Context, key string) (Object, error) {
	if err := checkKey("stat", key); err != nil {
		return Object{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	resp, err := s.get(ctx, "stat", "/object/authenticated/"+s.bucket+"/"+key, "bytes=0-0")
	if err != nil {
		return Object{}, err
	}
	defer resp.Body.Close()
	size := resp.ContentLength
	if resp.StatusCode == http.StatusPartialContent || resp.StatusCode == http.StatusRequestedRangeNotSatisfiable {
		_, total, _ := strings.Cut(resp.Header.Get("Content-Range"), "/")
		if size, err = strconv.ParseInt(total, 10, 64); err != nil {
			size = -1
		}
	}
	if size < 0 {
		return Object{}, &Error{Op: "stat", Kind: Temporary, Status: resp.StatusCode, Message: "the service does not tell the size"}
	}
	address, err := s.url(ctx, key)
	if err != nil {
		return Object{}, err
	}
	return Object{URL: address, Bytes: size}, nil
}

// Key takes an address apart, whether the bucket was public when it was made or not.
func (s *Supabase) Key(address string) (string, bool) {
	for _, way := range []string{"public", "authenticated"} {
		if key, ok := strings.CutPrefix(address, s.base+"/object/"+way+"/"+s.bucket+"/"); ok {
			return key, validKey(key)
		}
	}
	return "", false
}

// url is an object's address: one that browsers can play when the bucket is public, else one that needs a login.
func (s *Supabase) url(ctx context.Context, key string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.public == nil {
		resp, err := s.get(ctx, "stat", "/bucket/"+s.bucket, "")
		if err != nil {
			return "", err
		}
		defer resp.Body.Close()
		var bucket struct{ Public bool }
		if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(&bucket); err != nil {
			return "", &Error{Op: "stat", Kind: Temporary, Status: resp.StatusCode, Message: "the bucket's description is not what the API documents", cause: err}
		}
		s.public = &bucket.Public
	}
	way := "authenticated"
	if *s.public {
		way = "public"
	}
	return s.base + "/object/" + way + "/" + s.bucket + "/" + key, nil
}

// get returns an answer whose status is a success, or 416 to a range.
func (s *Supabase) get(ctx context.Context, op, path, byteRange string) (*http.Response, error) {
	req, err := s.request(ctx, http.MethodGet, path, nil)
	if err != nil {
		return nil, &Error{Op: op, Kind: Setup, Message: "the request could not be made", cause: err}
	}
	if byteRange != "" {
		req.Header.Set("Range", byteRange)
	}
	// Else the transport asks for gzip and hides the length.
	req.Header.Set("Accept-Encoding", "identity")
	resp, err := s.transport.RoundTrip(req)
	if err != nil {
		return nil, s.unanswered(op, ctx, err)
	}
	if resp.StatusCode/100 == 2 || resp.StatusCode == http.StatusRequestedRangeNotSatisfiable && byteRange != "" {
		return resp, nil
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxAnswer)) // the status says enough
	return nil, refused(op, resp.StatusCode, body)
}

func (s *Supabase) request(ctx context.Context, method, path string, body io.Reader) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.base+path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+s.key())
	req.Header.Set("apikey", s.key())
	req.Header.Set("User-Agent", "henk-worker")
	return req, nil
}

func (s *Supabase) unanswered(op string, ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	return &Error{Op: op, Kind: Temporary, Message: cut(strings.ReplaceAll(err.Error(), s.key(), "[key]")), cause: err}
}
