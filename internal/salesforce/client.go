// Package salesforce is a typed, thin HTTP client for the Salesforce REST API and Bulk API 2.0: tokens, SOQL queries,
// describe, limits, bulk query jobs, sObject collections and the replication calls.
//
// Its hard duties: a rotated refresh token is stored before it is used (see Store), every failure is an *Error that
// says what it means and how to mend it, a write is never sent twice unless the first was provably not processed, and
// records stream through in constant memory. What a record means is not known here.
//
// It imports the standard library, golang.org/x/oauth2 and golang.org/x/sync only: no database, no queue, nothing else
// of this module.
package salesforce

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	// DefaultAPIVersion is Spring '26. Salesforce retires versions after years, and answers 410 then.
	DefaultAPIVersion = "66.0"

	defaultTimeout      = 60 * time.Second
	defaultTokenTimeout = 30 * time.Second
	defaultQuotaStop    = 0.8
	defaultQuotaRecheck = 10 * time.Minute

	limitControl  = 1 << 20  // bytes of an answer to a control request, or of an error
	limitDocument = 64 << 20 // bytes of a describe, of limits or of a list of ids
	limitStream   = 4 << 30  // bytes of a page of records, unpacked; they are not held
)

// Config says how to talk. The zero value is fit for production.
type Config struct {
	APIVersion   string            // such as "66.0" or "v66.0"; default DefaultAPIVersion
	BatchSize    int               // records a query page should have, 200..2000, a hint only; 0: Salesforce's own 2000
	Timeout      time.Duration     // of a request with its body; of a stream: until the headers, then between two reads; default 60 s
	TokenTimeout time.Duration     // of one request to the token endpoint; default 30 s
	QuotaStop    float64           // share of the org's daily API requests at which reads stop; default 0.8; 1 or more: never
	QuotaRecheck time.Duration     // how long after the last known figure one read is let through to see it anew; default 10 min
	Transport    http.RoundTripper // nil: a pooled HTTP/1.1 transport of our own
	RetryDelays  []time.Duration   // waits between tries of a GET; nil: 1 s, 2 s, 4 s; empty: one try
	// Observe is told of every request that was sent or tried, as in elevenlabs.Config.
	Observe func(ctx context.Context, op string, status int, start time.Time, err error)
}

// Client talks to one Salesforce org as one user. It is safe for concurrent use.
type Client struct {
	cfg       Config
	version   string // "v66.0"
	transport http.RoundTripper
	store     Store
	now       func() time.Time

	refreshes singleflight.Group
	current   atomic.Pointer[Token]     // last token known; nil before the first load
	exchanged atomic.Pointer[exchange]  // last token exchange, see refresh
	secrets   atomic.Pointer[[]string]  // to be kept out of texts
	usage     atomic.Pointer[Usage]     // of the latest answer that told
	date      atomic.Pointer[time.Time] // Date of the latest answer
}

var versionForm = regexp.MustCompile(`^v?([1-9][0-9]{1,2}\.0)$`)

// New checks the config and makes a client on the store's token. It sends nothing. Close it when done: without a
// Transport in the config each client has connections of its own.
func New(cfg Config, store Store) (*Client, error) {
	if store == nil {
		return nil, errors.New("salesforce: no token store given")
	}
	version := cfg.APIVersion
	if strings.TrimSpace(version) == "" {
		version = DefaultAPIVersion
	}
	found := versionForm.FindStringSubmatch(strings.TrimSpace(version))
	if found == nil {
		return nil, fmt.Errorf("salesforce: the API version is not one: use one like %q", DefaultAPIVersion)
	}
	switch {
	case cfg.Timeout < 0 || cfg.TokenTimeout < 0 || cfg.QuotaRecheck < 0:
		return nil, errors.New("salesforce: a timeout is negative: use a positive duration such as 60s")
	case cfg.QuotaStop < 0:
		return nil, errors.New("salesforce: the quota share is negative: use one like 0.8")
	case cfg.BatchSize != 0 && (cfg.BatchSize < 200 || cfg.BatchSize > 2000):
		return nil, fmt.Errorf("salesforce: the batch size is %d: Salesforce takes 200 to 2000", cfg.BatchSize)
	}
	setDefault(&cfg.Timeout, defaultTimeout)
	setDefault(&cfg.TokenTimeout, defaultTokenTimeout)
	setDefault(&cfg.QuotaRecheck, defaultQuotaRecheck)
	setDefault(&cfg.QuotaStop, defaultQuotaStop)
	if cfg.RetryDelays == nil {
		cfg.RetryDelays = []time.Duration{time.Second, 2 * time.Second, 4 * time.Second}
	}
	c := &Client{cfg: cfg, version: "v" + found[1], transport: cfg.Transport, store: store, now: time.Now}
	if c.transport == nil {
		c.transport = newTransport()
	}
	return c, nil
}

func setDefault[T comparable](value *T, standard T) {
	var zero T
	if *value == zero {
		*value = standard
	}
}

// APIVersion is the version in use, such as "v66.0".
func (c *Client) APIVersion() string { return c.version }

// String names the client without its tokens.
func (c *Client) String() string { return "salesforce.Client{" + c.version + "}" }

// GoString keeps %#v from walking into the client.
func (c *Client) GoString() string { return c.String() }

// LogValue gives slog the same line.
func (c *Client) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Close drops idle connections. Requests under way go on.
func (c *Client) Close() {
	if t, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// ServerTime is the Date of Salesforce's latest answer (whole seconds, UTC); false before the first.
// Watermarks are made from it and never from the local clock.
func (c *Client) ServerTime() (time.Time, bool) {
	if at := c.date.Load(); at != nil {
		return *at, true
	}
	return time.Time{}, false
}

// parseBase checks the address of a login host or of an instance; what names it in the error text.
func parseBase(what, raw string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	switch {
	case err != nil:
		return nil, fmt.Errorf("the %s cannot be parsed: use one like %s", what, LoginProduction)
	case u.Scheme != "https" && (u.Scheme != "http" || !isLocal(u.Hostname())):
		return nil, fmt.Errorf("the %s must begin with https:// (http:// is taken for this machine only): use one like %s", what, LoginProduction)
	case u.Hostname() == "":
		return nil, fmt.Errorf("the %s has no host: use one like %s", what, LoginProduction)
	case u.User != nil:
		return nil, fmt.Errorf("the %s must not hold a user name or password", what)
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("the %s must be a host without a path: use one like %s", what, LoginProduction)
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}
