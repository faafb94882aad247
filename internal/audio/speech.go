package audio

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/storage"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

const (
	maxCode    = 50  // audio_generations.error_code
	maxMessage = 800 // of what we write to error_message
)

// speechOf reads what a row asks for, and its cache key.
func speechOf(row dbsqlc.AudioClaimRow) (elevenlabs.Speech, string, error) {
	settings, err := elevenlabs.ParseVoiceSettings([]byte(row.VoiceSettings))
	if err != nil {
		return elevenlabs.Speech{}, "", fmt.Errorf("%w: %w", ErrRefused, err)
	}
	s := elevenlabs.Speech{VoiceID: row.VoiceID, Text: row.TextContent, ModelID: row.ModelID, Settings: settings}
	key, err := cacheKey(s)
	return s, key, err
}

// cacheKey is the same for the same speech: text, voice, settings (as the API reads them, in whatever order and however
// spelled), model and format. The version changes when that list does.
func cacheKey(s elevenlabs.Speech) (string, error) {
	data, err := json.Marshal(struct {
		Text, Voice, Model, Format string
		Settings                   elevenlabs.VoiceSettings
	}{s.Text, s.VoiceID, s.ModelID, elevenlabs.SpeechFormat, s.Settings})
	if err != nil {
		return "", fmt.Errorf("%w: the cache key cannot be made: %w", ErrRefused, err)
	}
	sum := sha256.Sum256(data)
	return "henk1:" + hex.EncodeToString(sum[:]), nil
}

// noteFailure writes to the row what went wrong, for people. An error of the database's is not written: it is on the
// job, and the row is as it was.
func (m *Maker) noteFailure(ctx context.Context, id uuid.UUID, failure error, last bool) error {
	code, message := "", ""
	if e := elevenlabs.AsError(failure); e != nil {
		code, message = e.Code, e.Error()
		if code == "" {
			code = e.Kind.String()
		}
	} else if e := storage.AsError(failure); e != nil {
		code, message = "storage", e.Error()
	} else if errors.Is(failure, ErrRefused) {
		code, message = "invalid_row", failure.Error()
	} else if !last {
		return nil
	} else {
		code, message = "internal", "henk could not finish; the job generate-audio has the details"
	}
	status := dbsqlc.AudioGenerationStatusPending
	if last {
		status = dbsqlc.AudioGenerationStatusFailed
	}
	err := dbsqlc.New().AudioFailed(ctx, m.DB, dbsqlc.AudioFailedParams{
		ID: id, Status: status, Code: cut(code, maxCode), Message: cut(message, maxMessage),
	})
	if err != nil {
		return fmt.Errorf("noting the failure: %w", err)
	}
	return nil
}

func cut(text string, max int) string {
	runes := []rune(text)
	if len(runes) > max {
		runes = append(runes[:max-1], '…')
	}
	return string(runes)
}
