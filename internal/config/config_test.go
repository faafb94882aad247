package config

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func environment(pairs ...string) func(string) string {
	values := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		values[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return values[name] }
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	c, err := load(environment())
	require.NoError(t, err)
	require.Equal(t, &Config{ElevenLabsBaseURL: "https://api.elevenlabs.io", WebhookMaxBody: 5 << 20, ElevenLabsMaxConcurrent: 30, ElevenLabsCallsPerSecond: 1,
		MaxRecordsPerSync: 2000, ConversationLookback: 48 * time.Hour, ConversationBatchLimit: 10, ConversationEventsBatch: 50,
		CampaignInterval: 5 * time.Minute, ConversationInterval: 10 * time.Minute, SalesforceInterval: 15 * time.Minute, LogFormat: "text", Port: 8080}, c)
}

func TestValuesAreJudged(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ good, bad []string }{
		"PORT":                            {[]string{"0", "80", "65535", " 8080 "}, []string{"-1", "65536", "http", "8080.0", "0x50"}},
		"ELEVENLABS_CALLS_PER_SECOND":     {[]string{"0", "0.001", "2.5", "10000"}, []string{"-1", "0.0001", "NaN", "Inf", "fast", "10001"}},
		"ELEVENLABS_MAX_CONCURRENT_CALLS": {[]string{"0", "100000"}, []string{"-1", "100001", "ten"}},
		"HENK_CAMPAIGN_INTERVAL":          {[]string{"1s", "5m", "24h"}, []string{"5", "0s", "999ms", "25h", "-5m", "soon"}},
		"ELEVENLABS_BASE_URL":             {[]string{"http://127.0.0.1:1/", "https://api.eu.elevenlabs.io"}, []string{"api.elevenlabs.io", "ftp://x", "https://", "::"}},
		"HENK_BASE_PATH":                  {[]string{"/henk", "/tools/henk/", "/a.b-c_d"}, []string{"henk", "//x", "/a//b", "/a b", "/..", "/a/../b", `/"x`, "/a?b", "/%2e"}},
		"HENK_METRICS_ADDR":               {[]string{":9464", "127.0.0.1:9464", "[::1]:0"}, []string{"9464", "127.0.0.1", "127.0.0.1:", "a:b:c"}},
		"HENK_WEBHOOK_MAX_BYTES":          {[]string{"1024", "104857600"}, []string{"1023", "104857601", "5M"}},
		"HENK_LOG_FORMAT":                 {[]string{"text", "json"}, []string{"JSON", "xml"}},
		"HENK_LOG_LEVEL":                  {[]string{"debug", "WARN", "error"}, []string{"all", "3"}},
		"HENK_ENCRYPTION_KEY":             {[]string{"8n0wyDVGD3aPwPkXk0Ih2s7XgJ5eQXJb1tq8ZfM4u6A="}, []string{"passphrase", strings.Repeat("00", 32)}},
	} {
		for _, value := range c.good {
			_, err := load(environment(name, value))
			require.NoError(t, err, "%s=%q", name, value)
		}
		for _, value := range c.bad {
			_, err := load(environment(name, value))
			require.ErrorContains(t, err, name+" ", "%s=%q", name, value)
		}
	}
	c, err := load(environment("HENK_BASE_PATH", "/tools/henk/", "SUPABASE_URL", "https://abc.supabase.co/"))
	require.NoError(t, err)
	require.Equal(t, []string{"/tools/henk", "https://abc.supabase.co"}, []string{c.BasePath, c.SupabaseURL})
	_, err = load(environment("PORT", "x", "HENK_LOG_LEVEL", "x", "HENK_ENCRYPTION_KEY", "x"))
	require.Equal(t, 3, strings.Count(err.Error(), "\n")+1, "all that is wrong at once: %v", err)
}

// Whatever is a secret, or holds one, is masked, also where it is wrong.
func TestNothingSecretIsShown(t *testing.T) {
	t.Parallel()
	var pairs []string
	for _, v := range variables() {
		if v.secret {
			pairs = append(pairs, v.name, "hidden-"+strings.ToLower(v.name))
		}
	}
	pairs = append(pairs, "SUPABASE_URL", "https://user:hidden@x.supabase.co", "ELEVENLABS_BASE_URL", "https://hidden@proxy.example", "DATABASE_URL", "postgres://henk:hidden@db:5432/henk?sslpassword=hidden")
	for _, s := range show(environment(pairs...)) {
		require.NotContains(t, s.Value, "hidden", s.Name)
	}
	_, err := load(environment(pairs...))
	require.Error(t, err)
	require.NotContains(t, err.Error(), "hidden")
	require.GreaterOrEqual(t, len(pairs), 20)
}
