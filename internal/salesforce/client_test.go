package salesforce

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestNewExplainsBadConfig(t *testing.T) {
	t.Parallel()
	store := NewMemoryStore(Credentials{}, Token{})
	for want, cfg := range map[string]Config{
		"API version":     {APIVersion: "66"},
		`like "66.0"`:     {APIVersion: "v66.0/../../x"},
		"timeout":         {Timeout: -1},
		"a timeout":       {TokenTimeout: -1},
		"quota share":     {QuotaStop: -0.1},
		"200 to 2000":     {BatchSize: 100},
		"batch size is 5": {BatchSize: 5000},
	} {
		_, err := New(cfg, store)
		require.ErrorContains(t, err, want)
	}
	_, err := New(Config{}, nil)
	require.ErrorContains(t, err, "store")
	c, err := New(Config{APIVersion: " v61.0 "}, store)
	require.NoError(t, err)
	require.Equal(t, "v61.0", c.APIVersion())
	require.Equal(t, 60*time.Second, c.cfg.Timeout)
	require.Equal(t, 30*time.Second, c.cfg.TokenTimeout)
	require.Equal(t, []time.Duration{time.Second, 2 * time.Second, 4 * time.Second}, c.cfg.RetryDelays)
	require.InDelta(t, 0.8, c.cfg.QuotaStop, 0)
}

// printed shows a value in all the ways that end up in logs.
func printed(v any) string {
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "v", v)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "v", v)
	asJSON, _ := json.Marshal(v)
	return out.String() + string(asJSON) + fmt.Sprintf("%v %+v %#v %s", v, v, v, v)
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	t.Parallel()
	const secret = "hush-hush"
	cr := Credentials{ClientID: "c", ClientSecret: NewSecret(secret), RefreshToken: NewSecret(secret), PrivateKey: NewSecret(secret)}
	token := Token{AccessToken: NewSecret(secret), RefreshToken: NewSecret(secret)}
	store := NewMemoryStore(cr, token)
	c, err := New(Config{}, store)
	require.NoError(t, err)
	c.remember(token)
	inner := struct {
		cr    Credentials
		token Token
		c     *Client
	}{cr, token, c}
	for _, v := range []any{cr, &cr, token, &token, c, inner, NewSecret(secret), []Token{token}, map[string]Credentials{"x": cr}} {
		require.NotContains(t, printed(v), secret, "%T", v)
	}
	require.Equal(t, secret, NewSecret(secret).Reveal())
	require.True(t, NewSecret("").IsZero())
	require.True(t, NewSecret("a").Equal(NewSecret("a")))
}

func TestErrorsShowNoSecretAndNobody(t *testing.T) {
	t.Parallel()
	text := "token 00D000000000001!access-0 of 5Aep-refresh-0 and " + clientSecret + " for Ada +1 (415) 555-0123, 4155550123, ada@example.org, record 003RO0000035WQgYAM\u0000\u202e" + strings.Repeat(" and so on", 200)
	for _, status := range []int{200, 302, 400, 401, 403, 404, 500, 503} {
		o := newOrg(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
			if status == 200 {
				fmt.Fprint(w, text)
				return
			}
			fail(w, status, "BAD "+text, text)
		})
		c := o.client(nil, func(cfg *Config) { cfg.RetryDelays = []time.Duration{} })
		renewToken(t, c) // so that the client knows its secrets
		_, getErr := c.Limits(t.Context())
		_, writeErr := c.CreateRecords(t.Context(), []Record{{Type: "Task"}})
		for _, err := range []error{getErr, writeErr} {
			require.Error(t, err)
			shown := printed(err) + printed(AsError(err)) + fmt.Sprint(AsError(err).Unwrap())
			require.NotContains(t, shown, clientSecret)
			require.NotContains(t, shown, "access-0")
			require.NotContains(t, shown, "refresh-0")
			require.NotContains(t, shown, "example.org")
			require.NotRegexp(t, `\+?1?.?\(?415\)?.?555.?0123`, shown)
			require.LessOrEqual(t, len(AsError(err).Message), 500)
			require.LessOrEqual(t, len(AsError(err).Code), 80)
		}
		if status == 400 {
			require.Contains(t, getErr.Error(), "003RO0000035WQgYAM")
		}
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a\n\tb":                           "a b",
		"at 003RO0000035WQgYAM line 1:75":  "at 003RO0000035WQgYAM line 1:75",
		"1 415 555 0123":                   "[number]",
		"x\x00y":                           "x y",
		"Limit 10000 exceeded":             "Limit 10000 exceeded",
		"tel:+49-30-1234567.":              "tel:[number].",
		"123456789012345":                  "[number]",
		"eyJhbGciOiJSUzI1NiJ9.abc.def end": "[token] end",
	} {
		require.Equal(t, want, clean(text, nil, 500))
	}
	require.Equal(t, "[secret]!", clean("pssst!", []string{"pssst"}, 500))
	require.Equal(t, "äö...", clean("äöüäöü", nil, 8))
}

func TestParseBase(t *testing.T) {
	t.Parallel()
	for raw, ok := range map[string]bool{
		"https://login.salesforce.com":   true,
		"https://na1.salesforce.com/":    true,
		"http://127.0.0.1:8080":          true,
		"http://localhost:8080":          true,
		"http://simulator:8080":          true,
		"http://na1.salesforce.com":      false,
		"http://8.8.8.8":                 false,
		"https://":                       false,
		"https://u:p@na1.salesforce.com": false,
		"https://na1.salesforce.com/a":   false,
		"https://na1.salesforce.com?a":   false,
		"javascript:alert(1)":            false,
	} {
		_, err := parseBase("login URL", raw)
		require.Equal(t, ok, err == nil, raw)
	}
}
