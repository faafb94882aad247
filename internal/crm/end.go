package crm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/salesforce"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// endWithin bounds the last words of a run that was cancelled.
const endWithin = 10 * time.Second

// end writes the run's log, gives the lease back, tells on the integration what a person should know, and asks for the
// next run, in one transaction. It does so for a run that was cancelled as well.
func (r *run) end(ctx context.Context, failure error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endWithin)
	defer cancel()
	return store.InTx(ctx, r.db, func(tx pgx.Tx) error {
		q := dbsqlc.New()
		n, err := q.CrmLeaseFinish(ctx, tx, dbsqlc.CrmLeaseFinishParams{IntegrationID: r.conn.IntegrationID, RunID: &r.id})
		if err != nil {
			return fmt.Errorf("giving the lease back: %w", err)
		}
		if err := r.finishLog(ctx, tx, failure); err != nil {
			return err
		}
		if n == 0 {
			return nil // what follows is the other run's to say
		}
		if failure == nil {
			if err := q.IntegrationSetSynced(ctx, tx, r.conn.IntegrationID); err != nil {
				return fmt.Errorf("setting the integration's last sync: %w", err)
			}
		}
		if err := setHealth(ctx, tx, r.conn.IntegrationID, failure, r.Warnings); err != nil {
			return err
		}
		r.More = r.more && failure == nil
		if r.More {
			return r.follow(ctx, tx, FollowUp{More: true})
		}
		return nil
	})
}

func (r *run) finishLog(ctx context.Context, tx pgx.Tx, failure error) error {
	if r.log == uuid.Nil {
		return nil
	}
	p := dbsqlc.SyncLogFinishParams{ID: r.log, SyncStatus: "success", SyncType: r.syncType(), Processed: int32(r.Processed), Created: int32(r.Created),
		Updated: int32(r.Updated), Failed: int32(r.Failed)}
	switch {
	case failure != nil && r.stored == 0:
		p.SyncStatus = "failed"
	case failure != nil || r.Failed > 0:
		p.SyncStatus = "partial"
	}
	if failure != nil {
		text := inWords(failure)
		p.ErrorMessage = &text
	} else if r.Failed > 0 {
		text := fmt.Sprintf("%d records cannot be leads.", r.Failed)
		p.ErrorMessage = &text
	}
	var err error
	if len(r.rejects) > 0 {
		if p.ErrorDetails, err = json.Marshal(map[string]any{"records": r.rejects, "more": r.Failed > len(r.rejects)}); err != nil {
			return fmt.Errorf("writing the rejected records: %w", err)
		}
	}
	if p.Metadata, err = r.metadata(); err != nil {
		return err
	}
	if err := dbsqlc.New().SyncLogFinish(ctx, tx, p); err != nil {
		return fmt.Errorf("finishing the sync's log: %w", err)
	}
	return nil
}

// inWords is an error as a person reads it.
func inWords(err error) string {
	if f := salesforce.AsError(err); f != nil && f.Kind != salesforce.KindCallback {
		return f.Error()
	}
	if errors.Is(err, context.Canceled) {
		return "The worker was stopped. What was stored is kept, and the next run goes on from there."
	}
	return err.Error()
}

// NeedsPerson is true where a sync will fail until somebody acts.
func NeedsPerson(err error) bool {
	if _, ok := errors.AsType[*SetupError](err); ok {
		return true
	}
	return salesforce.AsError(err) != nil && salesforce.KindOf(err).NeedsPerson()
}

// setHealth shows on the integration what is wrong with it (config.syncHealth), and stops syncing it when only a person can
// help. Without anything to say it takes back what was said before.
func setHealth(ctx context.Context, tx pgx.Tx, id uuid.UUID, failure error, warnings []string) error {
	health := map[string]any{}
	failed := NeedsPerson(failure)
	if failed {
		health["error"] = inWords(failure)
		if f := salesforce.AsError(failure); f != nil {
			health["error"], health["mend"] = f.Message, f.Mend
		}
	}
	if len(warnings) > 0 {
		health["warnings"] = slices.Sorted(slices.Values(warnings))
	}
	if failure != nil && !failed && len(warnings) == 0 {
		return nil // it passes by itself; the log has it
	}
	data, err := json.Marshal(health)
	if err != nil {
		return fmt.Errorf("writing the integration's health: %w", err)
	}
	if err := dbsqlc.New().IntegrationSetHealth(ctx, tx, dbsqlc.IntegrationSetHealthParams{ID: id, Failed: failed, Health: data}); err != nil {
		return fmt.Errorf("setting the integration's health: %w", err)
	}
	return nil
}

// refuse says on an integration that cannot even be opened why, and leaves a failed run in its log.
func (r *run) refuse(ctx context.Context, id uuid.UUID, setup *SetupError) error {
	return store.InTx(ctx, r.db, func(tx pgx.Tx) error {
		q := dbsqlc.New()
		row, err := q.IntegrationGet(ctx, tx, id)
		if err != nil {
			return fmt.Errorf("reading the integration: %w", err)
		}
		metadata, err := r.metadata()
		if err != nil {
			return err
		}
		r.log, err = q.SyncLogBegin(ctx, tx, dbsqlc.SyncLogBeginParams{IntegrationID: id, BusinessID: row.BusinessID, SyncType: r.syncType(), Metadata: metadata})
		if err != nil {
			return fmt.Errorf("beginning the sync's log: %w", err)
		}
		if err := r.finishLog(ctx, tx, setup); err != nil {
			return err
		}
		return setHealth(ctx, tx, id, setup, nil)
	})
}
