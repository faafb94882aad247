package crm

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/salesforce"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// tokenStore is salesforce.Store on the integration's row: one worker of all exchanges a token at a time, and the new
// one is committed before anybody uses it.
type tokenStore struct {
	db  *store.DB
	id  uuid.UUID
	cfg Config
}

// Load gives the token as stored.
func (s *tokenStore) Load(ctx context.Context) (salesforce.Token, error) {
	row, err := dbsqlc.New().IntegrationGet(ctx, s.db, s.id)
	if err != nil {
		return salesforce.Token{}, fmt.Errorf("reading the integration's token: %w", err)
	}
	token, _, _, err := s.read(row.Config, row.Credentials)
	return token, err
}

// read takes the token and the credentials out of the row's columns.
func (s *tokenStore) read(config, raw []byte) (salesforce.Token, salesforce.Credentials, credentials, error) {
	settings, err := readSettings(config)
	if err != nil {
		return salesforce.Token{}, salesforce.Credentials{}, credentials{}, &SetupError{err.Error()}
	}
	kept, err := openCredentials(s.cfg.Keys, s.id, raw)
	if err != nil {
		return salesforce.Token{}, salesforce.Credentials{}, credentials{}, &SetupError{err.Error()}
	}
	cr := salesforce.Credentials{Grant: kept.Grant, LoginURL: settings.loginURL(s.cfg.LoginURL), ClientID: kept.ClientID, ClientSecret: kept.ClientSecret,
		RefreshToken: kept.RefreshToken, Username: kept.Username, PrivateKey: kept.PrivateKey}
	if cr.ClientID == "" {
		cr.ClientID = s.cfg.ClientID
	}
	if cr.ClientSecret.IsZero() {
		cr.ClientSecret = s.cfg.ClientSecret
	}
	return salesforce.Token{AccessToken: kept.AccessToken, RefreshToken: kept.RefreshToken, InstanceURL: settings.InstanceURL}, cr, kept, nil
}

// Refresh exchanges the token under the lock on the integration's row, unless somebody else did meanwhile. The
// transaction is not run twice by itself: the client calls again, and knows what became of the exchange.
func (s *tokenStore) Refresh(ctx context.Context, stale salesforce.Secret, fetch func(context.Context, salesforce.Credentials) (salesforce.Token, error)) (salesforce.Token, error) {
	var token salesforce.Token
	err := pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		q := dbsqlc.New()
		row, err := q.IntegrationLock(ctx, tx, s.id)
		if errors.Is(err, pgx.ErrNoRows) {
			return ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("locking the integration: %w", err)
		}
		stored, cr, kept, err := s.read(row.Config, row.Credentials)
		if err != nil {
			return err
		}
		if !stored.AccessToken.IsZero() && stored.InstanceURL != "" && !stored.AccessToken.Equal(stale) {
			token = stored
			return nil
		}
		if token, err = fetch(ctx, cr); err != nil {
			return err
		}
		kept.AccessToken = token.AccessToken
		if !token.RefreshToken.IsZero() {
			kept.RefreshToken = token.RefreshToken
		}
		raw, err := sealCredentials(s.cfg.Keys, s.id, kept)
		if err != nil {
			return err
		}
		if err := q.IntegrationSetToken(ctx, tx, dbsqlc.IntegrationSetTokenParams{ID: s.id, Credentials: raw, InstanceUrl: token.InstanceURL}); err != nil {
			return fmt.Errorf("storing the salesforce token: %w", err)
		}
		return nil
	})
	if err != nil {
		return salesforce.Token{}, err
	}
	return token, nil
}
