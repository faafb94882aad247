package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStrangeSettings(t *testing.T) {
	t.Parallel()
	for pair, said := range map[string]string{
		"HENK_ENCRYPTON_KEY=s3cret":    "HENK_ENCRYPTON_KEY is no setting of henk; did you mean HENK_ENCRYPTION_KEY?",
		"henk_log_level=debug":         "henk_log_level is no setting of henk; did you mean HENK_LOG_LEVEL?",
		"ELEVENLABS_APIKEY=s3cret":     "ELEVENLABS_APIKEY is no setting of henk; did you mean ELEVENLABS_API_KEY?",
		"DATABASE_URI=postgres://x":    "DATABASE_URI is no setting of henk; did you mean DATABASE_URL?",
		"HENK_COLOUR=blue":             "HENK_COLOUR is no setting of henk; `henk config` lists them all",
		"HENK_ENCRYPTION_KEY=s3cret":   "",
		"HENK_PG_BIN=/usr/bin":         "",
		"HOST=x":                       "",
		"SUPABASE_ANON_KEY=s3cret":     "",
		"ELEVENLABS_VOICE=x":           "",
		"OTEL_EXPORTER_OTLP_ENDPOINT=": "",
	} {
		got := strangeSettings([]string{"PATH=/bin", pair})
		if said == "" {
			require.Empty(t, got, pair)
			continue
		}
		require.Equal(t, []string{said}, got)
	}
	env := []string{"HENK_ENCRYPTON_KEY=s3cret"}
	r := henk(t, env, "config")
	require.Zero(t, r.code)
	require.Equal(t, "warning: HENK_ENCRYPTON_KEY is no setting of henk; did you mean HENK_ENCRYPTION_KEY?\n", r.stderr)
	var doc struct{ Unknown []string }
	require.NoError(t, json.Unmarshal([]byte(henk(t, env, "config", "--json").stdout), &doc))
	require.Len(t, doc.Unknown, 1)
	require.Contains(t, henk(t, env, "doctor").stdout, "did you mean HENK_ENCRYPTION_KEY?")
}
