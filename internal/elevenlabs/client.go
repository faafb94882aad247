// Package elevenlabs is a typed, thin HTTP client for the ElevenLabs Agents API
// (/v1/convai): placing a call, reading conversations, recordings, agents, phone
// numbers and the subscription, speech and voices, and checking webhook signatures.
//
// Its one hard duty is to say truthfully what became of a call that was asked
// for: every failure is an *Error whose Kind tells whether the phone may ring.
// Nothing here retries a call or a synthesis. Reads are retried.
//
// It imports the standard library and golang.org/x/sync only: no database, no
// queue, nothing else of this module.
package elevenlabs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	defaultBaseURL = "https://api.elevenlabs.io"
	defaultTimeout = 30 * time.Second

	// maxKeyBytes keeps all request headers well inside net/http's 4 KiB write
	// buffer; sendTrace relies on that (see transport.go).
	maxKeyBytes = 512

	limitControl  = 1 << 20  // bytes of an answer to a control request, or of an error
	limitDocument = 32 << 20 // bytes of a conversation or of a page of a list
)

// Config says how to reach the API. Only APIKey has no default.
type Config struct {
	APIKey      string
	BaseURL     string            // default https://api.elevenlabs.io; without /v1
	Timeout     time.Duration     // of one whole request, body included; default 30 s
	Transport   http.RoundTripper // nil: a pooled HTTP/1.1 transport of our own
	RetryDelays []time.Duration   // waits between tries of a GET; nil: 1 s, 2 s, 4 s; empty: one try
	// Observe is told of every request that was sent or tried: which operation, the status (0 without an answer) and when
	// it began. It is not a transport around ours, because with a foreign one nothing could be known to have never left.
	Observe func(ctx context.Context, op string, status int, start time.Time, err error)
}

// String describes the config with the key masked.
func (c Config) String() string {
	return fmt.Sprintf("elevenlabs.Config{BaseURL:%q APIKey:%s Timeout:%s}", c.BaseURL, maskKey(c.APIKey), c.Timeout)
}

// GoString masks the key for %#v too.
func (c Config) GoString() string { return c.String() }

// LogValue masks the key for slog.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText masks the key where a JSON handler walks into a struct.
func (c Config) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// Client talks to one ElevenLabs workspace. It is safe for concurrent use.
type Client struct {
	// key is a closure because fmt prints unexported string fields of a struct
	// without asking their methods, and a func it prints as an address.
	key         func() string
	base        *url.URL
	timeout     time.Duration
	transport   http.RoundTripper
	retryDelays []time.Duration
	now         func() time.Time
	callerIDs   *callerIDCache
	observe     func(ctx context.Context, op string, status int, start time.Time, err error)
}

// New checks the config and makes a client. It sends nothing.
func New(cfg Config) (*Client, error) {
	key := strings.TrimSpace(cfg.APIKey)
	if err := checkKey(key); err != nil {
		return nil, err
	}
	base, err := parseBaseURL(cfg.BaseURL)
	if err != nil {
		return nil, err
	}
	if cfg.Timeout < 0 {
		return nil, fmt.Errorf("elevenlabs: the timeout is negative (%s): use a positive duration such as 30s", cfg.Timeout)
	}
	c := &Client{
		key:         func() string { return key },
		base:        base,
		timeout:     cfg.Timeout,
		transport:   cfg.Transport,
		retryDelays: cfg.RetryDelays,
		now:         time.Now,
		callerIDs:   &callerIDCache{},
		observe:     cfg.Observe,
	}
	if c.timeout == 0 {
		c.timeout = defaultTimeout
	}
	if c.transport == nil {
		c.transport = newTransport()
	}
	if c.retryDelays == nil {
		c.retryDelays = []time.Duration{time.Second, 2 * time.Second, 4 * time.Second}
	}
	return c, nil
}

// String names the endpoint; the key is masked.
func (c *Client) String() string {
	return fmt.Sprintf("elevenlabs.Client{BaseURL:%q APIKey:%s}", c.base.String(), maskKey(c.key()))
}

// GoString masks the key for %#v too.
func (c *Client) GoString() string { return c.String() }

// LogValue masks the key for slog.
func (c *Client) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Close drops idle connections. Requests under way go on.
func (c *Client) Close() {
	if t, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

func checkKey(key string) error {
	switch {
	case key == "":
		return errors.New("elevenlabs: no API key: set ELEVENLABS_API_KEY to a key from the ElevenLabs workspace")
	case len(key) > maxKeyBytes:
		return fmt.Errorf("elevenlabs: the API key is %d bytes long, more than any real key: check ELEVENLABS_API_KEY", len(key))
	}
	for _, b := range []byte(key) {
		if b <= ' ' || b >= 0x7f {
			return errors.New("elevenlabs: the API key holds a space, a line break or a non-ASCII character: copy it again into ELEVENLABS_API_KEY")
		}
	}
	return nil
}

func parseBaseURL(raw string) (*url.URL, error) {
	if raw = strings.TrimSpace(raw); raw == "" {
		raw = defaultBaseURL
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, errors.New("elevenlabs: the base URL cannot be parsed: use one like " + defaultBaseURL)
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("elevenlabs: the base URL must begin with https:// (or http://): use one like %s", defaultBaseURL)
	case u.Hostname() == "":
		return nil, fmt.Errorf("elevenlabs: the base URL has no host: use one like %s", defaultBaseURL)
	case u.User != nil:
		return nil, errors.New("elevenlabs: the base URL must not hold a user name or password: the key goes into ELEVENLABS_API_KEY")
	case u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("elevenlabs: the base URL must not have a query or a fragment: use one like %s", defaultBaseURL)
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = ""
	if u.Path == "/v1" || strings.HasSuffix(u.Path, "/v1") || strings.Contains(u.Path, "/v1/") {
		return nil, fmt.Errorf("elevenlabs: the base URL must not include /v1, which is added: use one like %s", defaultBaseURL)
	}
	return u, nil
}

// maskKey shows that a key is there and nothing of it.
func maskKey(key string) string {
	if key == "" {
		return "(none)"
	}
	return "(set)"
}
