package salesforce

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	refreshOp = "refresh token"

	// refreshLimit bounds waiting for the store's lock, the exchange and the commit; an exchange is not begun when
	// less than its own timeout and commitReserve is left.
	refreshLimit  = 2 * time.Minute
	commitReserve = 10 * time.Second
)

// exchange is the last use of a refresh token in this client: a spent one is never presented again.
type exchange struct {
	presented Secret // refresh token; none for grants that have none
	token     Token  // what came back
	err       *Error // or why nothing did
}

// token gives the token to use: the one in memory, else the stored one, else a new one.
func (c *Client) token(ctx context.Context) (Token, error) {
	if t := c.current.Load(); t != nil {
		return *t, nil
	}
	t, err := c.store.Load(ctx)
	if err != nil {
		return Token{}, fmt.Errorf("loading the salesforce token: %w", err)
	}
	if !t.usable() {
		return c.refresh(ctx, t.AccessToken)
	}
	if _, err := t.instance(); err != nil {
		return c.refresh(ctx, t.AccessToken)
	}
	c.remember(t)
	return t, nil
}

// refresh replaces the stale token, once for all callers that wait for it. It goes on when ctx ends: the answer to a
// refresh that was sent holds the only valid token.
func (c *Client) refresh(ctx context.Context, stale Secret) (Token, error) {
	if t := c.current.Load(); t != nil && !t.AccessToken.Equal(stale) {
		return *t, nil
	}
	done := c.refreshes.DoChan("token", func() (any, error) {
		if t := c.current.Load(); t != nil && !t.AccessToken.Equal(stale) {
			return *t, nil
		}
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), refreshLimit)
		defer cancel()
		t, err := c.refreshPatiently(bounded, stale)
		if err != nil {
			return Token{}, err
		}
		c.remember(t)
		return t, nil
	})
	select {
	case <-ctx.Done():
		return Token{}, &Error{Op: refreshOp, Kind: KindNotSent, Message: "given up while the token was being refreshed", cause: ctx.Err()}
	case result := <-done:
		if result.Err != nil {
			return Token{}, result.Err
		}
		return result.Val.(Token), nil
	}
}

// refreshPatiently goes through the store again after what may pass. Each round reads the store anew, under its lock,
// so a token that somebody else stored meanwhile is found.
func (c *Client) refreshPatiently(ctx context.Context, stale Secret) (Token, error) {
	lost := false   // the answer to an exchange was lost, so its refresh token may be spent
	reread := false // the store was read again after the token was found dead
	for try := 0; ; try++ {
		t, err := c.store.Refresh(ctx, stale, c.fetch)
		if err == nil {
			return t, nil
		}
		failure := AsError(err)
		again := failure == nil || failure.Kind == KindConcurrency || failure.Kind == KindNotSent // nil: the store's own
		switch {
		case failure != nil && (failure.Kind == KindNoAnswer || failure.Kind == KindUnavailable):
			// Once more and not oftener: it tells whether the lost answer had spent the token.
			again, lost = !lost, true
		case failure != nil && failure.Kind == KindReauthorize && !reread:
			// Somebody who does not take the lock, such as the web app, may be storing a new one right now: their
			// update waits for our transaction. fetch does not present the dead token again.
			again, reread = true, true
		case failure != nil && failure.Kind == KindReauthorize && lost:
			explained := *failure
			explained.Message += "; the answer to the refresh before was lost on the way, and the new token with it"
			return Token{}, &explained
		}
		if !again || try >= len(c.cfg.RetryDelays) {
			return Token{}, err
		}
		wait := c.cfg.RetryDelays[try]
		if failure != nil && failure.RetryAfter > 0 {
			wait = min(failure.RetryAfter, maxRetryWait)
		}
		if sleep(ctx, wait) != nil {
			return Token{}, err
		}
	}
}

// fetch is what the store calls under its lock.
func (c *Client) fetch(ctx context.Context, credentials Credentials) (Token, error) {
	credentials, err := credentials.normal()
	if err != nil {
		kind := KindCredentials
		if credentials.Grant == GrantRefreshToken && credentials.RefreshToken.IsZero() {
			kind = KindReauthorize
		}
		return Token{}, &Error{Op: refreshOp, Kind: kind, Message: clean(err.Error(), nil, maxMessageBytes)}
	}
	presented := Secret{}
	if credentials.Grant == GrantRefreshToken {
		presented = credentials.RefreshToken
	}
	if last := c.exchanged.Load(); last != nil && !presented.IsZero() && last.presented.Equal(presented) {
		switch {
		case last.err == nil && !last.token.RefreshToken.Equal(presented):
			return last.token, nil // exchanged already; only storing it failed
		case last.err != nil && last.err.Kind == KindReauthorize:
			return Token{}, last.err
		}
	}
	if end, ok := ctx.Deadline(); ok && time.Until(end) < min(c.cfg.TokenTimeout, defaultTokenTimeout)+commitReserve {
		return Token{}, &Error{Op: refreshOp, Kind: KindNotSent, Message: "waiting for another worker's refresh took too long"}
	}
	c.keepSecret(credentials.ClientSecret, credentials.RefreshToken)
	token, failure := c.requestToken(ctx, credentials)
	c.exchanged.Store(&exchange{presented: presented, token: token, err: failure})
	if failure != nil {
		return Token{}, failure
	}
	return token, nil
}

func (c *Client) remember(t Token) {
	c.keepSecret(t.AccessToken, t.RefreshToken)
	c.current.Store(&t)
}

// keepSecret notes what must not appear in any text. Old ones stay a while: answers about them may be under way.
func (c *Client) keepSecret(secrets ...Secret) {
	const kept = 16
	var list []string
	for _, s := range secrets {
		if text := s.Reveal(); len(text) >= 4 {
			list = append(list, text)
		}
	}
	for {
		old := c.secrets.Load()
		var merged []string
		merged = append(merged, list...)
		if old != nil {
			merged = append(merged, (*old)...)
		}
		if len(merged) > kept {
			merged = merged[:kept]
		}
		if c.secrets.CompareAndSwap(old, &merged) {
			return
		}
	}
}

func (c *Client) secretTexts() []string {
	if list := c.secrets.Load(); list != nil {
		return *list
	}
	return nil
}

// asFailure gives the *Error of any error; the store's own become KindNotSent.
func asFailure(op string, err error) *Error {
	if failure, ok := errors.AsType[*Error](err); ok {
		return failure
	}
	return &Error{Op: op, Kind: KindNotSent, Message: "the token could not be had", cause: err}
}
