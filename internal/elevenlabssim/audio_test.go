package elevenlabssim

import (
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const speechPath = "/v1/text-to-speech/voice_sim_henk?output_format=mp3_44100_128"

// recorded is a simulator with one call that is over, and the path of its recording.
func recorded(t *testing.T, opt Options) (*bench, string) {
	t.Helper()
	opt.Script = always("refuse_soft")
	b := setup(t, opt)
	id := b.dial(number(1), attemptID(1))
	b.clock.Add(10 * time.Minute)
	return b, "/v1/convai/conversations/" + id + "/audio"
}

func TestRecordingsAsLongAsAsked(t *testing.T) {
	t.Parallel()
	b, path := recorded(t, Options{RecordingSecs: 60})
	require.InDelta(t, 60*16_000, len(b.get(path).body), 12_000, "a minute at 128 kbit/s")
}

func TestFaultsOfAudio(t *testing.T) {
	t.Parallel()
	b, path := recorded(t, Options{RecordingSecs: 20})
	whole := len(b.get(path).body)
	speak := func() (answer, error) { return b.try(http.MethodPost, speechPath, `{"text":"Thank you."}`) }

	b.sim.SetFaults(parse(t, "audio_404=first:2,audio_503=first:3,audio_429=first:4,audio_cut=first:5"))
	require.Equal(t, http.StatusNotFound, b.get(path).status, "not ready")
	a, err := speak()
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, a.status, "speech does not wait for a recording")
	require.NotEmpty(t, a.header.Get("request-id"))
	require.Equal(t, http.StatusServiceUnavailable, b.get(path).status)
	a, err = speak()
	require.NoError(t, err)
	require.Equal(t, http.StatusTooManyRequests, a.status)
	a, err = b.try(http.MethodGet, path, "")
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Less(t, len(a.body), whole)
	require.Len(t, b.get(path).body, whole, "the faults are over")
	require.Equal(t, map[string]int64{"audio_404": 1, "audio_503": 1, "audio_429": 1, "audio_cut": 1}, b.sim.Stats().Faults)

	b.sim.SetFaults(parse(t, "audio_hang=100%,hang_for=100ms"))
	_, err = speak()
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	_, err = ParseFaults("audio_cut=60%,audio_hang=50%")
	require.ErrorContains(t, err, "more than 100%")
}

// Other reads and calls are not touched by the faults of audio, nor audio by theirs.
func TestFaultsOfAudioAreTheirOwn(t *testing.T) {
	t.Parallel()
	b, _ := recorded(t, Options{})
	b.sim.SetFaults(parse(t, "audio_503=100%"))
	require.Equal(t, http.StatusOK, b.get("/v1/voices").status)
	b.dial(number(2), attemptID(2))
	b.sim.SetFaults(parse(t, "get_503=100%,503=100%"))
	a, err := b.try(http.MethodPost, speechPath, `{"text":"Thank you."}`)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, a.status)
}
