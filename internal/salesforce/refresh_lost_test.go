package salesforce

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestLostReplyOfARefresh(t *testing.T) {
	t.Parallel()
	hangUp := func(w http.ResponseWriter) { panic(http.ErrAbortHandler) }
	t.Run("before it was processed", func(t *testing.T) {
		t.Parallel()
		o := newOrg(t, answerLimits)
		o.expire()
		o.token = func(n int, w http.ResponseWriter, _ *http.Request) bool {
			if n == 1 {
				hangUp(w)
			}
			return false
		}
		_, err := o.client(nil).Limits(t.Context())
		require.NoError(t, err)
		tokens, _ := o.counts()
		require.Equal(t, 2, tokens)
	})
	t.Run("after it was processed", func(t *testing.T) {
		t.Parallel()
		o := newOrg(t, answerLimits)
		o.expire()
		o.token = func(n int, w http.ResponseWriter, _ *http.Request) bool {
			if n == 1 {
				o.mu.Lock()
				o.rotate()
				o.mu.Unlock()
				hangUp(w)
			}
			return false
		}
		_, err := o.client(nil).Limits(t.Context())
		require.Equal(t, KindReauthorize, KindOf(err))
		require.ErrorContains(t, err, "was lost on the way")
		tokens, _ := o.counts()
		require.Equal(t, 2, tokens)
	})
	t.Run("503 is tried once more, in the same style", func(t *testing.T) {
		t.Parallel()
		o := newOrg(t, answerLimits)
		o.expire()
		o.token = func(_ int, w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(503)
			fmt.Fprint(w, "<html>We are down for maintenance.</html>")
			return true
		}
		_, err := o.client(nil).Limits(t.Context())
		require.Equal(t, KindUnavailable, KindOf(err))
		tokens, _ := o.counts()
		require.Equal(t, 2, tokens)
	})
	t.Run("half a body", func(t *testing.T) {
		t.Parallel()
		o := newOrg(t, answerLimits)
		o.expire()
		o.token = func(n int, w http.ResponseWriter, _ *http.Request) bool {
			if n == 1 {
				w.Header().Set("Content-Length", "900")
				fmt.Fprint(w, `{"access_token":"00D000000000001!half","refresh_token":"5Aep-half`)
			}
			return n == 1
		}
		_, err := o.client(nil).Limits(t.Context())
		require.NoError(t, err)
	})
}

// failingStore loses its first commit.
type failingStore struct {
	*MemoryStore
	failures int
}

func (s *failingStore) Refresh(ctx context.Context, stale Secret, fetch func(context.Context, Credentials) (Token, error)) (Token, error) {
	if s.failures == 0 {
		return s.MemoryStore.Refresh(ctx, stale, fetch)
	}
	s.failures--
	if _, err := fetch(ctx, s.credentials); err != nil {
		return Token{}, err
	}
	return Token{}, errors.New("commit: connection reset")
}

func TestCommitFailsAfterTheExchange(t *testing.T) {
	t.Parallel()
	o := newOrg(t, answerLimits)
	o.expire()
	store := &failingStore{MemoryStore: o.store(), failures: 2}
	_, err := o.client(store).Limits(t.Context())
	require.NoError(t, err)
	tokens, _ := o.counts()
	require.Equal(t, 1, tokens, "the spent token is not presented again")
	kept, _ := store.Load(t.Context())
	require.Equal(t, "5Aep-refresh-1", kept.RefreshToken.Reveal())
}

func TestCallerGivesUpDuringARefresh(t *testing.T) {
	t.Parallel()
	o := newOrg(t, answerLimits)
	o.expire()
	ctx, cancel := context.WithCancel(context.Background())
	release := make(chan struct{})
	o.token = func(int, http.ResponseWriter, *http.Request) bool {
		cancel()
		<-release
		return false
	}
	store := o.store()
	_, err := o.client(store).Limits(ctx)
	require.ErrorIs(t, err, context.Canceled)
	close(release)
	require.Eventually(t, func() bool {
		kept, _ := store.Load(context.Background())
		return kept.RefreshToken.Reveal() == "5Aep-refresh-1"
	}, 5*time.Second, time.Millisecond, "the refresh that was sent is brought to its end")
}

func TestTokenTimeout(t *testing.T) {
	t.Parallel()
	o := newOrg(t, answerLimits)
	o.expire()
	o.token = func(_ int, _ http.ResponseWriter, r *http.Request) bool {
		<-r.Context().Done()
		return true
	}
	_, err := o.client(nil, func(cfg *Config) { cfg.TokenTimeout = 50 * time.Millisecond }).Limits(t.Context())
	require.Equal(t, KindNoAnswer, KindOf(err))
	require.ErrorIs(t, err, context.DeadlineExceeded)
}
