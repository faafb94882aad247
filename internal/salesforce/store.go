package salesforce

import (
	"context"
	"sync"
)

// Store keeps the credentials and the token of one connection, for all workers that use it.
//
// Salesforce rotates refresh tokens: each refresh returns a new one, and presenting an old one revokes the connection.
// Hence a token may be exchanged by one worker at a time only, and the new one must be stored before it is used.
type Store interface {
	// Load gives the token as stored. The zero Token means that there is none yet.
	Load(ctx context.Context) (Token, error)

	// Refresh replaces the token whose access token is stale. An implementation
	//
	//  1. locks the connection (SELECT .. FOR UPDATE on its row),
	//  2. reads its credentials and token anew,
	//  3. returns the stored token without calling fetch, when it has an access token other than stale: another worker
	//     refreshed meanwhile,
	//  4. calls fetch with the credentials just read; it takes up to Config.TokenTimeout; on an error it stores nothing
	//     and returns that error wrapped or as it is,
	//  5. stores access token, refresh token and instance URL, and COMMITS,
	//  6. returns the token as stored.
	//
	// Its ctx is detached from the caller's, with a deadline: a refresh that has begun must end. Refresh may be called
	// again after an error; fetch then never presents a spent token a second time: if the exchange was made and only
	// step 5 failed, fetch returns the same token at once.
	Refresh(ctx context.Context, stale Secret, fetch func(context.Context, Credentials) (Token, error)) (Token, error)
}

// MemoryStore is a Store for one process: tests, tools, demos. What it was given is lost with it.
type MemoryStore struct {
	mu          sync.Mutex
	credentials Credentials
	token       Token
}

// NewMemoryStore starts with these credentials and perhaps a token.
func NewMemoryStore(credentials Credentials, token Token) *MemoryStore {
	return &MemoryStore{credentials: credentials, token: token}
}

// Load gives the token.
func (m *MemoryStore) Load(context.Context) (Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.token, nil
}

// Refresh exchanges the token under the lock, unless it is newer than stale.
func (m *MemoryStore) Refresh(ctx context.Context, stale Secret, fetch func(context.Context, Credentials) (Token, error)) (Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.token.usable() && !m.token.AccessToken.Equal(stale) {
		return m.token, nil
	}
	token, err := fetch(ctx, m.credentials)
	if err != nil {
		return Token{}, err
	}
	m.token = token
	if !token.RefreshToken.IsZero() {
		m.credentials.RefreshToken = token.RefreshToken
	}
	return token, nil
}
