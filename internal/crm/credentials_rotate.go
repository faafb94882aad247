package crm

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/secret"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// States of one integration's credentials after a rotation.
const (
	SecretSealed   = "sealed"   // they were plain, wholly or in part
	SecretResealed = "resealed" // they were sealed with a previous key
	SecretCurrent  = "current"  // they are sealed with the current key, and were left as they are
	SecretEmpty    = "empty"    // there are none
	SecretFailed   = "failed"   // see SecretResult.Problem
)

// SecretResult is what became, or in a dry run would become, of one integration's credentials.
type SecretResult struct {
	IntegrationID uuid.UUID `json:"integration_id"`
	State         string    `json:"state"`
	From          string    `json:"from,omitempty"`    // id of the key that had sealed them
	Problem       string    `json:"problem,omitempty"` // what is wrong and how to mend it
}

// RotateCredentials seals the credentials of all Salesforce integrations with the current key: plain ones and those of
// previous keys. Each is done under its row's lock, so a token that a worker refreshes meanwhile is not lost, and the
// whole may be repeated. With dryRun nothing is written. What cannot be opened is left as it is and reported; the error
// is the database's.
func RotateCredentials(ctx context.Context, db *store.DB, keys *secret.Ring, dryRun bool) ([]SecretResult, error) {
	if keys == nil {
		return nil, fmt.Errorf("%s is not set; make a key with: %s", secret.Variable, secret.Generate)
	}
	ids, err := dbsqlc.New().SecretIntegrations(ctx, db)
	if err != nil {
		return nil, fmt.Errorf("listing the integrations: %w", err)
	}
	results := make([]SecretResult, 0, len(ids))
	for _, id := range ids {
		res, err := rotateOne(ctx, db, keys, id, dryRun)
		if errors.Is(err, pgx.ErrNoRows) {
			continue // deleted meanwhile
		}
		if err != nil {
			return results, err
		}
		results = append(results, res)
	}
	return results, nil
}

func rotateOne(ctx context.Context, db *store.DB, keys *secret.Ring, id uuid.UUID, dryRun bool) (res SecretResult, err error) {
	err = store.InTx(ctx, db, func(tx pgx.Tx) error {
		raw, err := dbsqlc.New().SecretLock(ctx, tx, id)
		if err != nil {
			return fmt.Errorf("locking the credentials: %w", err)
		}
		var sealed []byte
		if res, sealed = reseal(keys, id, raw); sealed == nil || dryRun {
			return nil
		}
		if err := dbsqlc.New().SecretSet(ctx, tx, dbsqlc.SecretSetParams{ID: id, Credentials: sealed}); err != nil {
			return fmt.Errorf("storing the sealed credentials: %w", err)
		}
		return nil
	})
	return res, err
}

// reseal gives the text to store; nil where it stays as it is.
func reseal(keys *secret.Ring, id uuid.UUID, raw []byte) (SecretResult, []byte) {
	res := SecretResult{IntegrationID: id}
	fail := func(err error) (SecretResult, []byte) {
		res.State, res.Problem = SecretFailed, err.Error()
		return res, nil
	}
	if text := string(bytes.TrimSpace(raw)); text == "" || text == "null" || text == "{}" {
		res.State = SecretEmpty
		return res, nil
	}
	plain, from, err := keys.Open(raw, sealedFor(id))
	if res.From = from; err != nil {
		return fail(err)
	}
	if _, err := readCredentials(plain); err != nil {
		return fail(err)
	}
	_, whole := secret.Sealed(raw)
	switch {
	case from == "" || !whole:
		res.State = SecretSealed
	case from == keys.Current():
		res.State = SecretCurrent
		return res, nil
	default:
		res.State = SecretResealed
	}
	sealed, err := keys.Seal(plain, sealedFor(id))
	if err != nil {
		return fail(err)
	}
	return res, sealed
}
