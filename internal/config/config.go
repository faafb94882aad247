// Package config reads the environment into one struct, checks all of it, and shows it with secrets masked. It imports
// secret, to check keys, and nothing else of ours.
package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/callhenk/henk-worker/internal/secret"
)

// Config is every setting of the program.
type Config struct {
	DatabaseURL string

	ElevenLabsAPIKey         string
	ElevenLabsBaseURL        string
	ElevenLabsWebhookSecret  string
	WebhookMaxBody           int64
	ElevenLabsMaxConcurrent  int
	ElevenLabsCallsPerSecond float64

	SalesforceClientID     string
	SalesforceClientSecret string
	SalesforceLoginURL     string
	SalesforceAPIVersion   string
	MaxRecordsPerSync      int

	ConversationLookback    time.Duration
	ConversationBatchLimit  int
	ConversationEventsBatch int

	CampaignInterval     time.Duration
	ConversationInterval time.Duration
	SalesforceInterval   time.Duration

	SupabaseURL            string
	SupabaseServiceRoleKey string
	SupabaseJWTSecret      string

	APIToken    string
	WebUsername string
	WebPassword string
	Keys        *secret.Ring // HENK_ENCRYPTION_KEY and HENK_ENCRYPTION_KEY_PREVIOUS; nil = credentials are kept plain
	MediaDir    string
	BasePath    string // "" or "/henk"
	MetricsAddr string // host:port; "" = on the web side only
	LogFormat   string
	LogLevel    slog.Level
	Port        int

	key, previousKeys string
}

var basePath = regexp.MustCompile(`^(/[A-Za-z0-9_][A-Za-z0-9._-]*)+$`)

// variable is one environment variable: its name, its default, whether to mask it, and where it goes.
type variable struct {
	name, fallback string
	secret         bool
	set            func(c *Config, value string) error
}

func variables() []variable {
	str := func(to func(*Config) *string) func(*Config, string) error {
		return func(c *Config, v string) error { *to(c) = v; return nil }
	}
	num := func(low, high int, to func(*Config) *int) func(*Config, string) error {
		return func(c *Config, v string) error {
			n, err := strconv.Atoi(v)
			if err != nil || n < low || n > high {
				return fmt.Errorf("must be a whole number from %d to %d", low, high)
			}
			*to(c) = n
			return nil
		}
	}
	period := func(to func(*Config) *time.Duration) func(*Config, string) error {
		return func(c *Config, v string) error {
			d, err := time.ParseDuration(v)
			if err != nil || d < time.Second || d > 24*time.Hour {
				return errors.New("must be a duration from 1s to 24h, such as 5m")
			}
			*to(c) = d
			return nil
		}
	}
	address := func(to func(*Config) *string) func(*Config, string) error {
		return func(c *Config, v string) error {
			u, err := url.Parse(v)
			if v != "" && (err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http")) {
				return errors.New("must be an http or https URL")
			}
			*to(c) = strings.TrimRight(v, "/")
			return nil
		}
	}
	return []variable{
		{"DATABASE_URL", "", true, str(func(c *Config) *string { return &c.DatabaseURL })},
		{"ELEVENLABS_API_KEY", "", true, str(func(c *Config) *string { return &c.ElevenLabsAPIKey })},
		{"ELEVENLABS_BASE_URL", "https://api.elevenlabs.io", false, address(func(c *Config) *string { return &c.ElevenLabsBaseURL })},
		{"ELEVENLABS_WEBHOOK_SECRET", "", true, str(func(c *Config) *string { return &c.ElevenLabsWebhookSecret })},
		{"HENK_WEBHOOK_MAX_BYTES", "5242880", false, func(c *Config, v string) error {
			n, err := strconv.ParseInt(v, 10, 64)
			if err != nil || n < 1<<10 || n > 100<<20 {
				return errors.New("must be a whole number of bytes from 1024 to 104857600")
			}
			c.WebhookMaxBody = n
			return nil
		}},
		{"ELEVENLABS_MAX_CONCURRENT_CALLS", "30", false, num(0, 100_000, func(c *Config) *int { return &c.ElevenLabsMaxConcurrent })},
		{"ELEVENLABS_CALLS_PER_SECOND", "1", false, func(c *Config, v string) error {
			f, err := strconv.ParseFloat(v, 64)
			if err != nil || !(f >= 0 && f <= 10_000) || (f > 0 && f < 0.001) {
				return errors.New("must be a number from 0.001 to 10000, or 0 for no pacing")
			}
			c.ElevenLabsCallsPerSecond = f
			return nil
		}},
		{"SALESFORCE_CLIENT_ID", "", false, str(func(c *Config) *string { return &c.SalesforceClientID })},
		{"SALESFORCE_CLIENT_SECRET", "", true, str(func(c *Config) *string { return &c.SalesforceClientSecret })},
		{"SALESFORCE_LOGIN_URL", "", false, address(func(c *Config) *string { return &c.SalesforceLoginURL })},
		{"SALESFORCE_API_VERSION", "", false, str(func(c *Config) *string { return &c.SalesforceAPIVersion })},
		{"MAX_RECORDS_PER_SYNC", "2000", false, num(1, 50_000_000, func(c *Config) *int { return &c.MaxRecordsPerSync })},
		{"CONVERSATION_SYNC_LOOKBACK_HOURS", "48", false, func(c *Config, v string) error {
			n, err := strconv.Atoi(v)
			if err != nil || n < 1 || n > 8760 {
				return errors.New("must be a whole number of hours from 1 to 8760")
			}
			c.ConversationLookback = time.Duration(n) * time.Hour
			return nil
		}},
		{"CONVERSATION_SYNC_BATCH_LIMIT", "10", false, num(1, 10_000, func(c *Config) *int { return &c.ConversationBatchLimit })},
		{"CONVERSATION_SYNC_EVENTS_BATCH_SIZE", "50", false, num(1, 10_000, func(c *Config) *int { return &c.ConversationEventsBatch })},
		{"HENK_CAMPAIGN_INTERVAL", "5m", false, period(func(c *Config) *time.Duration { return &c.CampaignInterval })},
		{"HENK_CONVERSATION_INTERVAL", "10m", false, period(func(c *Config) *time.Duration { return &c.ConversationInterval })},
		{"HENK_SALESFORCE_INTERVAL", "15m", false, period(func(c *Config) *time.Duration { return &c.SalesforceInterval })},
		{"SUPABASE_URL", "", false, address(func(c *Config) *string { return &c.SupabaseURL })},
		{"SUPABASE_SERVICE_ROLE_KEY", "", true, str(func(c *Config) *string { return &c.SupabaseServiceRoleKey })},
		{"SUPABASE_JWT_SECRET", "", true, str(func(c *Config) *string { return &c.SupabaseJWTSecret })},
		{"HENK_API_TOKEN", "", true, str(func(c *Config) *string { return &c.APIToken })},
		{"HENK_WEB_USERNAME", "", false, str(func(c *Config) *string { return &c.WebUsername })},
		{"HENK_WEB_PASSWORD", "", true, str(func(c *Config) *string { return &c.WebPassword })},
		{secret.Variable, "", true, str(func(c *Config) *string { return &c.key })},
		{secret.PreviousVariable, "", true, str(func(c *Config) *string { return &c.previousKeys })},
		{"HENK_MEDIA_DIR", "", false, str(func(c *Config) *string { return &c.MediaDir })},
		{"HENK_BASE_PATH", "", false, func(c *Config, v string) error {
			v = strings.TrimRight(v, "/")
			if v != "" && !basePath.MatchString(v) {
				return errors.New("must be a path such as /henk, of letters, digits, dots, dashes and underscores")
			}
			c.BasePath = v
			return nil
		}},
		{"HENK_METRICS_ADDR", "", false, func(c *Config, v string) error {
			if _, port, err := net.SplitHostPort(v); v != "" && (err != nil || port == "") {
				return errors.New("must be an address to listen on, such as 127.0.0.1:9464 or :9464")
			}
			c.MetricsAddr = v
			return nil
		}},
		{"HENK_LOG_FORMAT", "text", false, func(c *Config, v string) error {
			if v != "text" && v != "json" {
				return errors.New("must be text or json")
			}
			c.LogFormat = v
			return nil
		}},
		{"HENK_LOG_LEVEL", "info", false, func(c *Config, v string) error {
			if err := c.LogLevel.UnmarshalText([]byte(v)); err != nil {
				return errors.New("must be debug, info, warn or error")
			}
			return nil
		}},
		{"PORT", "8080", false, num(0, 65535, func(c *Config) *int { return &c.Port })},
	}
}

// Load reads the environment; the error lists everything that is wrong with it.
func Load() (*Config, error) { return load(os.Getenv) }

func load(getenv func(string) string) (*Config, error) {
	c := &Config{}
	var problems []error
	for _, v := range variables() {
		value := strings.TrimSpace(getenv(v.name))
		if value == "" {
			value = v.fallback
		}
		if err := v.set(c, value); err != nil {
			problems = append(problems, fmt.Errorf("%s %w", v.name, err))
		}
	}
	var err error
	if c.Keys, err = secret.NewRing(c.key, c.previousKeys); err != nil {
		problems = append(problems, err)
	}
	c.key, c.previousKeys = "", ""
	return c, errors.Join(problems...)
}

// Setting is one effective value, fit to be shown.
type Setting struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Source string `json:"source"` // environment or default
}

// Show lists the effective settings. Secrets appear as *** only; a database URL keeps its host and name.
func Show() []Setting { return show(os.Getenv) }

func show(getenv func(string) string) []Setting {
	var out []Setting
	for _, v := range variables() {
		s := Setting{Name: v.name, Value: strings.TrimSpace(getenv(v.name)), Source: "environment"}
		if s.Value == "" {
			s.Value, s.Source = v.fallback, "default"
		}
		if v.secret && s.Value != "" {
			s.Value = mask(s.Value)
		} else if u, err := url.Parse(s.Value); err == nil && u.User != nil {
			s.Value = mask(s.Value)
		}
		out = append(out, s)
	}
	return out
}

func mask(value string) string {
	u, err := url.Parse(value)
	if err != nil || u.Host == "" {
		return "***"
	}
	return u.Scheme + "://***@" + u.Host + u.Path
}

// Logger returns the logger that the settings ask for, on stderr: stdout belongs to results.
func (c *Config) Logger() *slog.Logger {
	opts := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, opts))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, opts))
}
