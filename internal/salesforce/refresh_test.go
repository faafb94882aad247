package salesforce

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func answerLimits(_ int, w http.ResponseWriter, _ *http.Request) {
	fmt.Fprint(w, `{"DailyApiRequests":{"Max":5000,"Remaining":4982}}`)
}

func TestRefreshOnceFor401AndReplay(t *testing.T) {
	t.Parallel()
	o := newOrg(t, answerLimits)
	o.expire()
	store := o.store()
	c := o.client(store)
	_, err := c.Limits(t.Context())
	require.NoError(t, err)
	tokens, requests := o.counts()
	require.Equal(t, 1, tokens)
	require.Equal(t, 2, requests)
	// In the body, in no header, and once.
	form := o.tokens[0]
	require.Equal(t, "refresh_token", form.Get("grant_type"))
	require.Equal(t, "5Aep-refresh-0", form.Get("refresh_token"))
	require.Equal(t, clientSecret, form.Get("client_secret"))
	require.Equal(t, "3MVG9.client", form.Get("client_id"))
	kept, err := store.Load(t.Context())
	require.NoError(t, err)
	require.Equal(t, "5Aep-refresh-1", kept.RefreshToken.Reveal())
	require.Equal(t, "00D000000000001AAA", kept.OrgID)
	require.Equal(t, "005000000000001AAA", kept.UserID)
	require.Equal(t, int64(1790000000), kept.IssuedAt.Unix())
	// The rotated one serves next time.
	o.expire()
	_, err = c.Limits(t.Context())
	require.NoError(t, err)
	require.Equal(t, "5Aep-refresh-1", o.tokens[1].Get("refresh_token"))
}

func TestSecond401IsTheEnd(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		fail(w, 401, "INVALID_SESSION_ID", "Session expired or invalid")
	})
	_, err := o.client(nil).Limits(t.Context())
	require.Equal(t, KindSession, KindOf(err))
	tokens, requests := o.counts()
	require.Equal(t, 1, tokens)
	require.Equal(t, 2, requests)
}

func TestWrongSortOfSessionIsNotRefreshed(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		fail(w, 401, "INVALID_SESSION_ID", "This session is not valid for use with the REST API")
	})
	_, err := o.client(nil).Limits(t.Context())
	require.Equal(t, KindSession, KindOf(err))
	tokens, _ := o.counts()
	require.Zero(t, tokens)
}

func TestWritesAreReplayedOnlyAfterSalesforces401(t *testing.T) {
	t.Parallel()
	records := []Record{{Type: "Task", Fields: map[string]any{"Subject": "Call"}}}
	o := newOrg(t, func(n int, w http.ResponseWriter, _ *http.Request) {
		if n == 1 {
			fail(w, 401, "INVALID_SESSION_ID", "Session expired or invalid")
			return
		}
		fmt.Fprint(w, `[{"id":"00T000000000001AAA","success":true,"errors":[]}]`)
	})
	results, err := o.client(nil).CreateRecords(t.Context(), records)
	require.NoError(t, err)
	require.Equal(t, "00T000000000001AAA", results[0].ID)

	proxied := newOrg(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(401)
		fmt.Fprint(w, "<html>proxy says no</html>")
	})
	_, err = proxied.client(nil).CreateRecords(t.Context(), records)
	require.Equal(t, KindSession, KindOf(err))
	tokens, requests := proxied.counts()
	require.Zero(t, tokens)
	require.Equal(t, 1, requests)
}

// Twenty callers, two clients on one store: one exchange, or the family would be revoked.
func TestConcurrentCallersRefreshOnce(t *testing.T) {
	t.Parallel()
	o := newOrg(t, answerLimits)
	o.expire()
	store := o.store()
	clients := []*Client{o.client(store), o.client(store)}
	var wg sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		wg.Go(func() { _, errs[i] = clients[i%2].Limits(context.Background()) })
	}
	wg.Wait()
	require.NoError(t, errors.Join(errs...))
	tokens, _ := o.counts()
	require.Equal(t, 1, tokens)
}

func TestSiblingRotatedMeanwhile(t *testing.T) {
	t.Parallel()
	o := newOrg(t, answerLimits)
	store := o.store()
	c := o.client(store)
	_, err := c.Limits(t.Context())
	require.NoError(t, err)
	require.NoError(t, o.client(store).RefreshToken(t.Context())) // a sibling
	_, err = c.Limits(t.Context())                                // has the old access token in memory
	require.NoError(t, err)
	tokens, _ := o.counts()
	require.Equal(t, 1, tokens)
}

func TestAlreadyBeingProcessedPasses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"token request is already being processed", "expired authorization code"} {
		o := newOrg(t, answerLimits)
		o.expire()
		o.token = func(n int, w http.ResponseWriter, _ *http.Request) bool {
			if n > 2 {
				return false
			}
			w.WriteHeader(400)
			fmt.Fprintf(w, `{"error":"invalid_grant","error_description":%q}`, text)
			return true
		}
		_, err := o.client(nil).Limits(t.Context())
		require.NoError(t, err)
		tokens, _ := o.counts()
		require.Equal(t, 3, tokens)
	}
}

func TestRevokedNeedsAuthorisation(t *testing.T) {
	t.Parallel()
	o := newOrg(t, answerLimits)
	o.expire()
	o.revoked = true
	_, err := o.client(nil).Limits(t.Context())
	e := AsError(err)
	require.Equal(t, KindReauthorize, e.Kind)
	require.True(t, e.Kind.NeedsPerson())
	require.Equal(t, "authorise the Salesforce connection again", e.Mend)
	tokens, _ := o.counts()
	require.Equal(t, 1, tokens, "a dead token is presented once")
}

// The web app writes a new connection without taking our lock, while ours is found dead.
func TestDeadTokenReplacedMeanwhile(t *testing.T) {
	t.Parallel()
	o := newOrg(t, answerLimits)
	o.expire()
	store := o.store()
	o.token = func(n int, w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(400)
		fmt.Fprint(w, `{"error":"invalid_grant","error_description":"expired access/refresh token"}`)
		go func() { // waits for the lock, which is held now
			store.mu.Lock()
			defer store.mu.Unlock()
			o.mu.Lock()
			defer o.mu.Unlock()
			o.access = "00D000000000001!reconnected"
			store.token = Token{AccessToken: NewSecret(o.access), InstanceURL: o.server.URL}
			store.credentials.RefreshToken = NewSecret("5Aep-reconnected")
		}()
		return true
	}
	c := o.client(store, func(cfg *Config) { cfg.RetryDelays = []time.Duration{200 * time.Millisecond} })
	_, err := c.Limits(t.Context())
	require.NoError(t, err)
	tokens, _ := o.counts()
	require.Equal(t, 1, tokens)
}

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

func TestInstanceMoves(t *testing.T) {
	t.Parallel()
	moved := newOrg(t, answerLimits)
	o := newOrg(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, moved.server.URL+r.URL.Path, http.StatusMovedPermanently)
	})
	o.instance = moved.server.URL
	moved.access = "00D000000000001!access-1"
	store := o.store()
	_, err := o.client(store).Limits(t.Context())
	require.NoError(t, err)
	kept, _ := store.Load(t.Context())
	require.Equal(t, moved.server.URL, kept.InstanceURL)
	_, requests := moved.counts()
	require.Equal(t, 1, requests, "the redirect itself is not followed with the token")
}

func TestNoTokenYetAndBadInstanceURL(t *testing.T) {
	t.Parallel()
	for name, token := range map[string]Token{
		"none":         {},
		"no instance":  {AccessToken: NewSecret("00D000000000001!access-0")},
		"bad instance": {AccessToken: NewSecret("00D000000000001!access-0"), InstanceURL: "ftp://x"},
	} {
		o := newOrg(t, answerLimits)
		store := NewMemoryStore(o.credentials(), token)
		if name == "bad instance" { // the store holds it for usable
			o.expire()
			_, err := o.client(store).Limits(t.Context())
			require.NoError(t, err, name)
			continue
		}
		_, err := o.client(store).Limits(t.Context())
		require.NoError(t, err, name)
		tokens, _ := o.counts()
		require.Equal(t, 1, tokens, name)
	}
}

// A write that never left is tried again: the first connection finds nobody listening.
func TestWriteThatNeverLeft(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `[{"id":"00T000000000001AAA","success":true,"errors":[]}]`)
	})
	dials := 0
	c := o.client(nil, func(cfg *Config) {
		transport := cfg.Transport.(*http.Transport)
		dial := transport.DialContext
		transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			if dials++; dials == 1 {
				return nil, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
			}
			return dial(ctx, network, address)
		}
	})
	_, err := c.CreateRecords(t.Context(), []Record{{Type: "Task"}})
	require.NoError(t, err)
	_, requests := o.counts()
	require.Equal(t, 1, requests)

	dials = -1 << 30
	c = o.client(nil, func(cfg *Config) {
		cfg.Transport.(*http.Transport).DialContext = func(context.Context, string, string) (net.Conn, error) {
			dials++
			return nil, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
		}
	})
	_, err = c.CreateRecords(t.Context(), []Record{{Type: "Task"}})
	require.Equal(t, KindNotSent, KindOf(err))
	require.False(t, AsError(err).Unsure)
	require.Equal(t, 4, dials+1<<30)
}

// The old instance's name is gone from the DNS: the refresh tells the new one.
func TestInstanceNameIsGone(t *testing.T) {
	t.Parallel()
	o := newOrg(t, answerLimits)
	store := NewMemoryStore(o.credentials(), Token{AccessToken: NewSecret("00D000000000001!access-0"), InstanceURL: "https://old.my.salesforce.com"})
	c := o.client(store, func(cfg *Config) {
		transport := cfg.Transport.(*http.Transport)
		dial := transport.DialContext
		transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			if strings.HasPrefix(address, "old.") {
				return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}
			}
			return dial(ctx, network, address)
		}
	})
	_, err := c.Limits(t.Context())
	require.NoError(t, err)
	kept, _ := store.Load(t.Context())
	require.Equal(t, o.server.URL, kept.InstanceURL)
}
