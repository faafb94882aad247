package call

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// Probe asks the provider with a cheap read whether the account works again, if the breaker is open and it is time
// (or force is set). If so one call may try, and every campaign that was stopped is planned again.
func (d *Dialer) Probe(ctx context.Context, force bool) error {
	if d.Client == nil {
		return nil
	}
	_, err := dbsqlc.New().ProviderStateClaimProbe(ctx, d.DB, dbsqlc.ProviderStateClaimProbeParams{Provider: provider, Force: force})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil // closed, or somebody else probes
	}
	if err != nil {
		return fmt.Errorf("claiming the probe: %w", err)
	}
	if err := d.Client.Ping(ctx); err != nil {
		if e := elevenlabs.AsError(err); e != nil {
			return nil // still out of order; the next probe is booked
		}
		return fmt.Errorf("probing the provider: %w", err)
	}
	return store.InTx(ctx, d.DB, func(tx pgx.Tx) error {
		if err := d.DB.Brief(ctx, tx); err != nil {
			return err
		}
		q := dbsqlc.New()
		if _, err := q.ProviderStateHalfOpen(ctx, tx, provider); err != nil {
			return fmt.Errorf("half-opening the breaker: %w", err)
		}
		if _, err := q.CampaignStateUnblockAccount(ctx, tx); err != nil {
			return fmt.Errorf("lifting the account's blocks: %w", err)
		}
		active, err := q.CampaignListActive(ctx, tx)
		if err != nil {
			return fmt.Errorf("listing active campaigns: %w", err)
		}
		return d.followUp(ctx, tx, FollowUp{Plan: active})
	})
}
