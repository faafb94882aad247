package crm

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

func (r *run) lease() time.Duration { return orDefault(r.cfg.Lease, 90*time.Second) }

// takeLease keeps other runs of the integration out, wherever they are.
func (r *run) takeLease(ctx context.Context) error {
	n, err := dbsqlc.New().CrmLeaseTake(ctx, r.db, dbsqlc.CrmLeaseTakeParams{IntegrationID: r.conn.IntegrationID, RunID: r.id, Seconds: r.lease().Seconds()})
	if err != nil {
		return fmt.Errorf("taking the integration's lease: %w", err)
	}
	if n == 0 {
		return ErrBusy
	}
	return nil
}

// keepLease renews the lease until stop is called. The context ends when it is lost.
func (r *run) keepLease(ctx context.Context) (working context.Context, stop func()) {
	working, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(r.lease() / 4)
		defer tick.Stop()
		for {
			select {
			case <-working.Done():
				return
			case <-tick.C:
			}
			n, err := dbsqlc.New().CrmLeaseRenew(working, r.db, dbsqlc.CrmLeaseRenewParams{IntegrationID: r.conn.IntegrationID, RunID: &r.id, Seconds: r.lease().Seconds()})
			if err == nil && n == 0 {
				cancel(errLeaseLost)
			} // an error of the database passes, or the page that cannot be stored ends the run
		}
	}()
	return working, func() {
		cancel(nil)
		<-done
	}
}

// holdLease makes whoever would take over wait for this transaction.
func (r *run) holdLease(ctx context.Context, tx pgx.Tx) error {
	n, err := dbsqlc.New().CrmLeaseHeld(ctx, tx, dbsqlc.CrmLeaseHeldParams{IntegrationID: r.conn.IntegrationID, RunID: &r.id})
	if err != nil {
		return fmt.Errorf("holding the integration's lease: %w", err)
	}
	if n == 0 {
		return errLeaseLost
	}
	return nil
}

// IsTakenOver is true for the error of a run whose work another one does now.
func IsTakenOver(err error) bool { return errors.Is(err, errLeaseLost) }
