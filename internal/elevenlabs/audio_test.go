package elevenlabs

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// mp3 answers with audio in pieces; announced tells its length beforehand, cut ends it halfway.
func mp3(size int, announced, cut bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "audio/mpeg")
		w.Header().Set("request-id", "req_1")
		if announced {
			w.Header().Set("Content-Length", strconv.Itoa(size))
		}
		sent, piece := 0, bytes.Repeat([]byte("mp3."), 1000)
		for sent < size {
			if cut && sent >= size/2 {
				panic(http.ErrAbortHandler)
			}
			n := min(len(piece), size-sent)
			_, _ = w.Write(piece[:n])
			_ = http.NewResponseController(w).Flush()
			sent += n
		}
	}
}

func TestConversationAudioStreams(t *testing.T) {
	t.Parallel()
	for name, announced := range map[string]bool{"length announced": true, "in chunks": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var path atomic.Value
			base, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
				path.Store(r.URL.EscapedPath())
				mp3(300_000, announced, false)(w, r)
			})
			audio, err := newClient(t, base).ConversationAudio(t.Context(), "conv/1")
			require.NoError(t, err)
			defer audio.Close()
			require.Equal(t, "audio/mpeg", audio.ContentType)
			require.Equal(t, "req_1", audio.RequestID)
			if announced {
				require.EqualValues(t, 300_000, audio.Length)
			} else {
				require.EqualValues(t, -1, audio.Length)
			}
			n, err := io.Copy(io.Discard, audio)
			require.NoError(t, err)
			require.EqualValues(t, 300_000, n)
			require.Equal(t, "/v1/convai/conversations/conv%2F1/audio", path.Load())
		})
	}
}

// Half a recording must never pass for a whole one.
func TestAudioThatBreaksOff(t *testing.T) {
	t.Parallel()
	for name, announced := range map[string]bool{"length announced": true, "in chunks": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base, requests := serve(t, mp3(300_000, announced, true))
			audio, err := newClient(t, base, retrying).ConversationAudio(t.Context(), "conv_1")
			require.NoError(t, err)
			defer audio.Close()
			_, err = io.Copy(io.Discard, audio)
			e := AsError(err)
			require.NotNil(t, e, "%v", err)
			require.Equal(t, KindUnknown, e.Kind)
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			_, again := audio.Read(make([]byte, 1))
			require.Equal(t, err, again, "the error sticks")
			require.EqualValues(t, 1, requests.Load(), "half a stream was handed out: nobody may start it anew behind the reader's back")
		})
	}
}

func retrying(c *Config) { c.RetryDelays = []time.Duration{time.Millisecond, time.Millisecond} }

func TestConversationAudioErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		kind    Kind
		tries   int64
	}{
		"none":         {respond(404, `{"detail":{"status":"audio_not_found","message":"No audio"}}`), KindNotFound, 1},
		"key":          {respond(401, `{"detail":{"status":"invalid_api_key","message":"no"}}`), KindAccount, 1},
		"busy":         {respond(429, `{"detail":{"status":"system_busy","message":"wait"}}`), KindRateLimited, 3},
		"server error": {respond(503, "Service Unavailable"), KindUnknown, 3},
		"redirect":     {respond(302, "", "Location: http://elsewhere/"), KindRefused, 1},
		"no audio":     {respond(200, `{"ok":true}`, "Content-Type: application/json"), KindUnknown, 1},
		"reset":        {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, KindUnknown, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base, requests := serve(t, c.handler)
			audio, err := newClient(t, base, retrying).ConversationAudio(t.Context(), "conv_1")
			require.Nil(t, audio)
			require.NotNil(t, AsError(err), "%v", err)
			require.Equal(t, c.kind, AsError(err).Kind, err)
			require.Equal(t, c.tries, requests.Load())
		})
	}
}

func TestConversationAudioAfterAFault(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	base, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) == 1 {
			respond(503, "")(w, r)
			return
		}
		mp3(10, true, false)(w, r)
	})
	audio, err := newClient(t, base, retrying).ConversationAudio(t.Context(), "conv_1")
	require.NoError(t, err)
	data, err := io.ReadAll(audio)
	require.NoError(t, err)
	require.Len(t, data, 10)
	require.NoError(t, audio.Close())
	require.NoError(t, audio.Close(), "twice is fine")
}

// hanging sends the beginning and then nothing, until the client is gone.
func hanging(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "audio/mpeg")
	_, _ = w.Write([]byte("mp3."))
	_ = http.NewResponseController(w).Flush()
	<-r.Context().Done()
}

func TestAudioThatStandsStill(t *testing.T) {
	t.Parallel()
	for name, bounds := range map[string]audioRequest{
		"idle":  {idle: 50 * time.Millisecond},
		"whole": {whole: 50 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base, _ := serve(t, hanging)
			bounds.op, bounds.method, bounds.path, bounds.limit = "get recording", http.MethodGet, "/audio", limitRecording
			audio, failure := newClient(t, base).openAudio(t.Context(), bounds)
			require.Nil(t, failure)
			defer audio.Close()
			_, err := io.ReadAll(audio)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.NotNil(t, AsError(err))
		})
	}
}

// A reader that takes its time (a slow upload) is not a stream that stands still.
func TestAudioWaitsForASlowReader(t *testing.T) {
	t.Parallel()
	base, _ := serve(t, mp3(2_000_000, false, false))
	audio, failure := newClient(t, base).openAudio(t.Context(), audioRequest{op: "get recording", method: http.MethodGet, path: "/audio",
		limit: limitRecording, idle: time.Second})
	require.Nil(t, failure)
	defer audio.Close()
	first := make([]byte, 10)
	_, err := io.ReadFull(audio, first)
	require.NoError(t, err)
	time.Sleep(1200 * time.Millisecond)
	n, err := io.Copy(io.Discard, audio)
	require.NoError(t, err)
	require.EqualValues(t, 2_000_000-10, n)
}

func TestAudioIsBounded(t *testing.T) {
	t.Parallel()
	base, _ := serve(t, mp3(100_000, false, false))
	audio, failure := newClient(t, base).openAudio(t.Context(), audioRequest{op: "get recording", method: http.MethodGet, path: "/audio",
		limit: 50_000, idle: time.Minute})
	require.Nil(t, failure)
	defer audio.Close()
	_, err := io.Copy(io.Discard, audio)
	require.NotNil(t, AsError(err), "%v", err)
	require.Equal(t, KindRefused, AsError(err).Kind, "larger the next time too")
}

func TestAudioEndsWithItsContext(t *testing.T) {
	t.Parallel()
	base, _ := serve(t, hanging)
	ctx, cancel := context.WithCancel(t.Context())
	audio, err := newClient(t, base).ConversationAudio(ctx, "conv_1")
	require.NoError(t, err)
	defer audio.Close()
	cancel()
	_, err = io.ReadAll(audio)
	require.True(t, errors.Is(err, context.Canceled), "%v", err)
	_, err = newClient(t, base).ConversationAudio(ctx, "conv_1")
	require.Equal(t, KindNotSent, AsError(err).Kind)
}
