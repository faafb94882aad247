package elevenlabs

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSpeak(t *testing.T) {
	t.Parallel()
	base, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var body map[string]any
		if r.URL.Path != "/v1/text-to-speech/voice_1" || r.URL.Query().Get("output_format") != SpeechFormat ||
			r.Method != http.MethodPost || r.Header.Get("xi-api-key") != testKey || json.NewDecoder(r.Body).Decode(&body) != nil {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		w.Header().Set("Content-Type", "audio/mpeg")
		w.Header().Set("request-id", "req_7")
		_ = json.NewEncoder(w).Encode(body)
	})
	half, boost := 0.5, true
	audio, err := newClient(t, base).Speak(t.Context(), Speech{VoiceID: "voice_1", Text: "Thank you, Ada.", ModelID: "eleven_multilingual_v2",
		Settings: VoiceSettings{Stability: &half, UseSpeakerBoost: &boost}})
	require.NoError(t, err)
	defer audio.Close()
	data, err := io.ReadAll(audio)
	require.NoError(t, err)
	require.Equal(t, "req_7", audio.RequestID)
	require.JSONEq(t, `{"text":"Thank you, Ada.","model_id":"eleven_multilingual_v2","voice_settings":{"stability":0.5,"use_speaker_boost":true}}`, string(data))
}

func TestSpeakLeavesOutWhatIsNotSet(t *testing.T) {
	t.Parallel()
	base, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "audio/mpeg")
		_, _ = io.Copy(w, r.Body)
	})
	audio, err := newClient(t, base).Speak(t.Context(), Speech{VoiceID: "voice_1", Text: "Hello"})
	require.NoError(t, err)
	defer audio.Close()
	data, err := io.ReadAll(audio)
	require.NoError(t, err)
	require.JSONEq(t, `{"text":"Hello"}`, string(data))
}

// Each synthesis is paid for: whatever happens, one request.
func TestSpeakErrorsWithoutASecondRequest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		kind    Kind
	}{
		"voice":            {respond(400, `{"detail":{"status":"voice_not_found","message":"no such voice"}}`), KindRefused},
		"voice, by 404":    {respond(404, `{"detail":{"status":"voice_not_found","message":"no such voice"}}`), KindRefused},
		"text, by 401":     {respond(401, `{"detail":{"status":"max_character_limit_exceeded","message":"too long"}}`), KindRefused},
		"model":            {respond(400, `{"detail":{"type":"validation_error","code":"unsupported_model","message":"m","status":"unsupported_model"}}`), KindRefused},
		"validation":       {respond(422, `{"detail":[{"type":"missing","loc":["body","text"],"msg":"Field required"}]}`), KindRefused},
		"key":              {respond(401, `{"detail":{"status":"invalid_api_key","message":"no"}}`), KindAccount},
		"quota, by 400":    {respond(400, `{"detail":{"status":"quota_exceeded","message":"no"}}`), KindAccount},
		"too many at once": {respond(429, `{"detail":{"status":"too_many_concurrent_requests","message":"no"}}`), KindRateLimited},
		"server error":     {respond(500, "oops"), KindUnknown},
		"reset":            {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, KindUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base, requests := serve(t, c.handler)
			_, err := newClient(t, base, retrying).Speak(t.Context(), Speech{VoiceID: "voice_1", Text: "Hello, Ada Lovelace"})
			require.NotNil(t, AsError(err), "%v", err)
			require.Equal(t, c.kind, AsError(err).Kind, err)
			require.EqualValues(t, 1, requests.Load())
			require.NotContains(t, err.Error(), "Lovelace")
		})
	}
}

func TestSpeakRefusesWithoutSending(t *testing.T) {
	t.Parallel()
	base, requests := serve(t, respond(200, ""))
	for name, s := range map[string]Speech{
		"no voice": {Text: "Hello"},
		"no text":  {VoiceID: "voice_1", Text: " \n"},
		"too long": {VoiceID: "voice_1", Text: strings.Repeat("é", maxSpeechText+1)},
	} {
		_, err := newClient(t, base).Speak(t.Context(), s)
		require.Equal(t, KindRefused, AsError(err).Kind, name)
		require.Contains(t, err.Error(), "not sent", name)
	}
	require.Zero(t, requests.Load())
}

func TestParseVoiceSettings(t *testing.T) {
	t.Parallel()
	for _, none := range []string{"", " ", "null", "{}"} {
		s, err := ParseVoiceSettings([]byte(none))
		require.NoError(t, err)
		require.Equal(t, VoiceSettings{}, s)
	}
	s, err := ParseVoiceSettings([]byte(`{"stability":0,"speed":1.1,"style":null,"use_speaker_boost":false,"name":"Warm"}`))
	require.NoError(t, err)
	require.Equal(t, 0.0, *s.Stability, "zero is a setting")
	require.Equal(t, 1.1, *s.Speed)
	require.False(t, *s.UseSpeakerBoost)
	require.Nil(t, s.Style)
	_, err = ParseVoiceSettings([]byte(`{"stability":"high"}`))
	require.ErrorContains(t, err, "voice setting stability is a string; it must be a number")
	_, err = ParseVoiceSettings([]byte(`{"use_speaker_boost":1}`))
	require.ErrorContains(t, err, "use_speaker_boost is a number; it must be true or false")
	for _, bad := range []string{`[]`, `"warm"`, `{`, `5`} {
		_, err = ParseVoiceSettings([]byte(bad))
		require.ErrorContains(t, err, "must be a JSON object", bad)
	}
}

func TestSpeechDoesNotShowItsText(t *testing.T) {
	t.Parallel()
	s := Speech{VoiceID: "voice_1", Text: "Dear Ada"}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "speech", s)
	require.NotContains(t, log.String()+fmt.Sprintf("%v %+v %#v %s", s, s, s, s), "Ada")
}

func TestVoices(t *testing.T) {
	t.Parallel()
	base, requests := serve(t, func(w http.ResponseWriter, r *http.Request) {
		page := `{"voices":[{"voice_id":"v1","name":"Henk","category":"premade","labels":{"accent":"dutch"},"description":"Warm","preview_url":"https://x/1.mp3"}],"has_more":true,"next_page_token":"2"}`
		if r.URL.Query().Get("next_page_token") == "2" {
			page = `{"voices":[{"voice_id":"v2","name":null,"labels":[],"surprise":{}}],"has_more":false,"next_page_token":"3"}`
		}
		respond(200, page)(w, r)
	})
	voices, err := newClient(t, base).Voices(t.Context())
	require.NoError(t, err)
	require.Equal(t, []Voice{
		{VoiceID: "v1", Name: "Henk", Category: "premade", Labels: map[string]string{"accent": "dutch"}, Description: "Warm", PreviewURL: "https://x/1.mp3"},
		{VoiceID: "v2"},
	}, voices)
	require.EqualValues(t, 2, requests.Load())
}

func TestVoicesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"no list": `{"has_more":false}`, "no id": `{"voices":[{"name":"x"}]}`, "no JSON": `<html>`,
		"a token that comes again": `{"voices":[],"has_more":true,"next_page_token":"1"}`,
	} {
		base, _ := serve(t, respond(200, body))
		voices, err := newClient(t, base).Voices(t.Context())
		require.NotNil(t, AsError(err), name)
		require.Nil(t, voices, name)
	}
}
