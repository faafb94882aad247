package salesforce

import (
	"context"
	"errors"
	"fmt"
	"net/http"
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
	renewToken(t, o.client(store)) // a sibling
	_, err = c.Limits(t.Context()) // has the old access token in memory
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
