package dashboard

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/storetest"
)

func newTestHub(t *testing.T, load func(n int64) map[string][]byte) (*hub, *atomic.Int64, context.CancelFunc) {
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	var looks atomic.Int64
	return newHub(ctx, storetest.Log(t), 5*time.Millisecond, func(context.Context, topic) (map[string][]byte, error) {
		return load(looks.Add(1)), nil
	}), &looks, cancel
}

// A hundred viewers cost as many looks as one: each look reaches them all.
func TestViewersShareOneLook(t *testing.T) {
	t.Parallel()
	h, looks, _ := newTestHub(t, func(n int64) map[string][]byte { return map[string][]byte{"live": fmt.Append(nil, n)} })
	const viewers, events = 100, 5
	var readers []*reader
	for range viewers {
		r, leave := h.subscribe(topicNow)
		require.NotNil(t, r)
		defer leave()
		readers = append(readers, r)
	}
	seen := 0
	for range events {
		for _, r := range readers {
			<-r.events
			seen++
		}
	}
	require.Equal(t, viewers*events, seen)
	// Readers take events in turn, so that looks can be ahead by no more than a backlog.
	require.LessOrEqual(t, looks.Load(), int64(events+backlog+2))
}

func TestASlowReaderIsDroppedAndTheOthersGoOn(t *testing.T) {
	t.Parallel()
	h, _, _ := newTestHub(t, func(n int64) map[string][]byte { return map[string][]byte{"live": fmt.Append(nil, n)} })
	slow, leaveSlow := h.subscribe(topicNow)
	fast, leaveFast := h.subscribe(topicNow)
	defer leaveFast()
	for range 3 * backlog {
		_, ok := <-fast.events
		require.True(t, ok)
	}
	held := 0
	for range slow.events { // ends, because it was closed
		held++
	}
	require.LessOrEqual(t, held, backlog)
	leaveSlow() // a handler leaves whatever happened
	_, ok := <-fast.events
	require.True(t, ok)
}

func TestNobodyWatchesNothingRuns(t *testing.T) {
	t.Parallel()
	h, looks, cancel := newTestHub(t, func(int64) map[string][]byte { return map[string][]byte{"live": []byte("same")} })
	r, leave := h.subscribe(topicNow)
	require.Equal(t, "same", string((<-r.events).data))
	again, leaveAgain := h.subscribe(topicNow)
	require.Equal(t, "same", string((<-again.events).data), "who comes later gets the present state")
	select {
	case e := <-r.events:
		t.Fatalf("nothing has changed, and %q came", e.data)
	case <-time.After(50 * time.Millisecond):
	}
	leave()
	leaveAgain()
	require.Eventually(t, func() bool {
		before := looks.Load()
		time.Sleep(40 * time.Millisecond)
		return looks.Load() == before
	}, 5*time.Second, time.Millisecond)
	h.mu.Lock()
	require.Empty(t, h.topics)
	require.Zero(t, h.readers)
	h.mu.Unlock()

	r, leave = h.subscribe(topicNow)
	defer leave()
	<-r.events
	cancel()
	_, ok := <-r.events
	require.False(t, ok, "the program's stop ends the streams")
	r, _ = h.subscribe(topicNow)
	require.Nil(t, r)
}

func TestTooManyStreamsAreRefused(t *testing.T) {
	t.Parallel()
	h, _, _ := newTestHub(t, func(int64) map[string][]byte { return nil })
	for range maxReaders {
		r, _ := h.subscribe(topicNow)
		require.NotNil(t, r)
	}
	r, _ := h.subscribe(topicNow)
	require.Nil(t, r)
}

// The whole way: fragments arrive as events, bring what changes, and stop when the program does.
func TestEventsFollowTheDatabase(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w, lead, _ := b.world()
	server := httptest.NewServer(b.mux)
	defer server.Close()
	for _, c := range []struct {
		query string
		names []string
	}{{"", []string{"live", "today"}}, {"?campaign=" + w.Campaign.String(), []string{"status", "progress", "charts"}}} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", server.URL+"/events"+c.query, nil)
		require.NoError(t, err)
		res, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		defer res.Body.Close()
		require.Equal(t, "text/event-stream", res.Header.Get("Content-Type"))
		lines := bufio.NewScanner(res.Body)
		lines.Buffer(nil, 1<<20)
		seen := map[string]bool{}
		for len(seen) < len(c.names) && lines.Scan() {
			if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				seen[name] = true
			}
		}
		for _, name := range c.names {
			require.True(t, seen[name], name)
		}
		if c.query == "" {
			id := b.talk(w, lead, map[string]any{"status": "in_progress", "outcome": nil})
			for lines.Scan() && !strings.Contains(lines.Text(), id.String()) {
			}
			require.NoError(t, lines.Err())
			continue
		}
		b.Close()
		for lines.Scan() {
		}
		require.NoError(t, lines.Err(), "the stream ends cleanly")
	}
}

func TestFramesKeepLinesApart(t *testing.T) {
	t.Parallel()
	require.Equal(t, "event: x\ndata: a\ndata: b\n\n", string(frame(event{"x", []byte("a\r\nb")})))
	require.Equal(t, "event: x\ndata: \ndata: event: forged\n\n", string(frame(event{"x", []byte("\nevent: forged\n")})))
}
