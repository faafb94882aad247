package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/config"
	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/elevenlabssim"
	"github.com/callhenk/henk-worker/internal/storage"
)

func TestVoices(t *testing.T) {
	t.Parallel()
	sim := elevenlabssim.New(elevenlabssim.Options{APIKey: "key"})
	server := httptest.NewServer(sim)
	t.Cleanup(func() { _ = sim.Close(); server.Close() })
	env := []string{"ELEVENLABS_API_KEY=key", "ELEVENLABS_BASE_URL=" + server.URL}

	table := henk(t, env, "voices")
	require.Zero(t, table.code, table.stderr)
	require.Empty(t, table.stderr)
	require.Contains(t, table.stdout, "VOICE ID")
	require.Contains(t, table.stdout, "voice_sim_henk")
	require.Contains(t, table.stdout, "accent=american, use_case=conversational")

	doc := henk(t, env, "voices", "--json")
	require.Zero(t, doc.code, doc.stderr)
	var said struct {
		Voices []struct {
			ID   string `json:"voice_id"`
			Name string
		}
	}
	require.NoError(t, json.Unmarshal([]byte(doc.stdout), &said))
	require.Len(t, said.Voices, 3)
	require.Equal(t, "Henk", said.Voices[0].Name)

	none := henk(t, nil, "voices")
	require.Equal(t, 1, none.code)
	require.Contains(t, none.stderr, "ELEVENLABS_API_KEY is not set")
	wrong := henk(t, []string{"ELEVENLABS_API_KEY=other", "ELEVENLABS_BASE_URL=" + server.URL}, "voices")
	require.Equal(t, 1, wrong.code)
	require.Contains(t, wrong.stderr, "invalid_api_key")
	require.Equal(t, 2, henk(t, nil, "voices", "all").code)
	require.Contains(t, henk(t, nil, "voices", "-h").stdout, "Example: henk voices")
}

func TestNamesOfVoicesDoNotBreakTheTable(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, printVoices(&out, []elevenlabs.Voice{{VoiceID: "v1", Name: "a\tb\n\x1b[2J"}}))
	require.Equal(t, "VOICE ID  NAME      CATEGORY  LABELS\nv1        a b  [2J  -         -\n", out.String())
}

func TestOpenStorage(t *testing.T) {
	t.Parallel()
	log, dir := slog.New(slog.NewTextHandler(io.Discard, nil)), filepath.Join(t.TempDir(), "media")
	both := &config.Config{SupabaseURL: "https://abc.supabase.co", SupabaseServiceRoleKey: "key", MediaDir: dir}
	s, err := openStorage(both, log)
	require.NoError(t, err)
	require.IsType(t, &storage.Supabase{}, s)
	require.NoDirExists(t, dir)

	s, err = openStorage(&config.Config{SupabaseServiceRoleKey: "key", MediaDir: dir}, log)
	require.NoError(t, err)
	require.IsType(t, &storage.Dir{}, s, "the key alone lets callers in, it is no storage")
	require.DirExists(t, dir)
	require.NoError(t, s.(*storage.Dir).Close())

	s, err = openStorage(&config.Config{SupabaseURL: "https://abc.supabase.co"}, log)
	require.NoError(t, err)
	require.True(t, s == nil, "nil itself, not a nil of some type")
}
