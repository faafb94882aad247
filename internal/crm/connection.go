package crm

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/salesforce"
	"github.com/callhenk/henk-worker/internal/secret"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// Config is what all integrations of this process share. The zero value is fit for production.
type Config struct {
	ClientID     string            // used when an integration's own credentials lack it
	ClientSecret salesforce.Secret // likewise
	LoginURL     string            // overrides every integration's login host
	APIVersion   string            // when the integration's config has none; "" = salesforce.DefaultAPIVersion
	Keys         *secret.Ring      // open and seal integrations.credentials; nil = they are kept plain
	Client       salesforce.Config // timeouts, retries, transport; its APIVersion is not used

	MaxRecords    int           // records of one object that one incremental run takes; 0 = 2,000
	BulkThreshold int           // a backfill of more records goes through the Bulk API; 0 = 50,000
	BulkPage      int           // records of one bulk page; 0 = what suits the database
	Lookback      time.Duration // how far below the watermark a scan begins; 0 = 10 min
	Lease         time.Duration // how long a run that has stopped breathing keeps others out; 0 = 90 s

	fault func(point string) error // for tests
}

// Connection is an integration that can be talked to.
type Connection struct {
	IntegrationID uuid.UUID
	BusinessID    uuid.UUID
	Settings      Settings
	Client        *salesforce.Client
}

// Close drops idle connections.
func (c *Connection) Close() { c.Client.Close() }

// Errors of Open.
var (
	// ErrNotFound: the integration was deleted, or it is no Salesforce.
	ErrNotFound = errors.New("there is no such Salesforce integration")
	// ErrInactive: it is switched off, or waits for a person.
	ErrInactive = errors.New("the integration is not active")
)

// SetupError says why an integration cannot be used as it is: a person must act.
type SetupError struct{ Reason string }

func (e *SetupError) Error() string { return e.Reason }

// Open reads an integration and makes a client on its token, which all workers share. Nothing is sent. Errors:
// ErrNotFound, ErrInactive (also when syncEnabled is false), *SetupError, or the database's. Close the connection.
func Open(ctx context.Context, db *store.DB, integrationID uuid.UUID, cfg Config) (*Connection, error) {
	row, err := dbsqlc.New().IntegrationGet(ctx, db, integrationID)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("reading the integration: %w", err)
	}
	if row.Status != "active" {
		return nil, ErrInactive
	}
	settings, err := readSettings(row.Config)
	if err != nil {
		return nil, &SetupError{err.Error()}
	}
	if settings.SyncEnabled != nil && !*settings.SyncEnabled {
		return nil, ErrInactive
	}
	if _, err := openCredentials(cfg.Keys, integrationID, row.Credentials); err != nil {
		return nil, &SetupError{err.Error()}
	}
	client := cfg.Client
	if client.APIVersion = settings.APIVersion; client.APIVersion == "" {
		client.APIVersion = cfg.APIVersion
	}
	c, err := salesforce.New(client, &tokenStore{db: db, id: integrationID, cfg: cfg})
	if err != nil {
		return nil, &SetupError{err.Error()}
	}
	return &Connection{IntegrationID: integrationID, BusinessID: row.BusinessID, Settings: settings, Client: c}, nil
}
