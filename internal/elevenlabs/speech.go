package elevenlabs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// SpeechFormat is what speech is asked for in: MP3 at 44.1 kHz and a constant
// 128 kbit/s, hence SpeechBytesPerSecond.
const (
	SpeechFormat         = "mp3_44100_128"
	SpeechBytesPerSecond = 16_000

	speechTimeout = 60 * time.Second // of one whole request; synthesis takes tens of seconds
	maxSpeechText = 40_000           // characters; no model takes more
)

// Codes about the text or the voice, whatever status they come under.
var speechCodes = []string{"voice_not_found", "max_character_limit_exceeded", "unsupported_model", "model_not_found"}

// Speech is a text to be spoken.
type Speech struct {
	VoiceID  string
	Text     string
	ModelID  string        // "" = the provider's default
	Settings VoiceSettings // of the voice; the zero value leaves them to the provider
}

// String tells nothing of the text, which may name a donor.
func (s Speech) String() string { return "elevenlabs.Speech{VoiceID:" + s.VoiceID + "}" }

// GoString is String.
func (s Speech) GoString() string { return s.String() }

// LogValue keeps the text out of slog.
func (s Speech) LogValue() slog.Value { return slog.StringValue(s.String()) }

// VoiceSettings are those of a voice; nil leaves one to the provider.
type VoiceSettings struct {
	Stability       *float64 `json:"stability,omitempty"`
	SimilarityBoost *float64 `json:"similarity_boost,omitempty"`
	Style           *float64 `json:"style,omitempty"`
	Speed           *float64 `json:"speed,omitempty"`
	UseSpeakerBoost *bool    `json:"use_speaker_boost,omitempty"`
}

// ParseVoiceSettings reads settings from a JSON object; nothing and null are
// none. Fields that the API does not know are left out; one of the wrong type is
// an error that names it.
func ParseVoiceSettings(data []byte) (VoiceSettings, error) {
	var s VoiceSettings
	if data = bytes.TrimSpace(data); len(data) == 0 || string(data) == "null" {
		return s, nil
	}
	if err := json.Unmarshal(data, &s); err != nil {
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
			want := "a number"
			if wrong.Type.Kind() == reflect.Bool {
				want = "true or false"
			}
			return VoiceSettings{}, fmt.Errorf("voice setting %s is a %s; it must be %s", wrong.Field, wrong.Value, want)
		}
		return VoiceSettings{}, errors.New(`voice settings must be a JSON object such as {"stability": 0.5, "similarity_boost": 0.75}`)
	}
	return s, nil
}

type speechBody struct {
	Text     string         `json:"text"`
	ModelID  string         `json:"model_id,omitempty"`
	Settings *VoiceSettings `json:"voice_settings,omitempty"`
}

// Speak asks for speech (POST /v1/text-to-speech/{voice_id}) and streams it. The
// request is sent once: each synthesis is paid for. All of it, the stream
// included, takes at most 60 s. KindRefused: this text or voice will not do.
func (c *Client) Speak(ctx context.Context, s Speech) (*Audio, error) {
	const op = "text to speech"
	if err := checkID(op, "voice", s.VoiceID); err != nil {
		return nil, err
	}
	refuse := func(why string) error {
		return &Error{Op: op, Kind: KindRefused, Fault: FaultAgent, Message: "not sent: " + why}
	}
	switch {
	case strings.TrimSpace(s.Text) == "":
		return nil, refuse("the text is empty")
	case utf8.RuneCountInString(s.Text) > maxSpeechText:
		return nil, refuse(fmt.Sprintf("the text has more than %d characters, which no model takes: split it", maxSpeechText))
	}
	body := speechBody{Text: s.Text, ModelID: s.ModelID}
	if s.Settings != (VoiceSettings{}) {
		body.Settings = &s.Settings
	}
	data, err := json.Marshal(body)
	if err != nil {
		return nil, refuse("the voice settings cannot be written as JSON")
	}
	audio, failure := c.openAudio(ctx, audioRequest{
		op: op, method: http.MethodPost, path: "/v1/text-to-speech/" + url.PathEscape(s.VoiceID),
		query: url.Values{"output_format": {SpeechFormat}}, body: data, limit: limitSpeech, whole: speechTimeout,
	})
	if failure != nil {
		// Some of these come under 401 or 404, but it is this row that will not do.
		if failure.Kind == KindNotFound || slices.Contains(speechCodes, failure.Code) {
			failure.Kind, failure.Fault = KindRefused, FaultAgent
		}
		return nil, failure
	}
	return audio, nil
}
