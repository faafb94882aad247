package call

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// recordFor is how long a result is kept in memory while the database is away. After it, or if the process dies
// first, the attempt stays "dialing" and is reconciled.
const recordFor = 10 * time.Minute

// record commits a result together with others that finish at the same moment.
func (d *Dialer) record(ctx context.Context, r result) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordFor)
	defer cancel()
	d.kill("before_record", r.id)
	return d.untilAvailable(ctx, func() error {
		_, err := d.records.Do(ctx, r)
		return err
	})
}

// recordGroup commits a group. If one result is to blame for a failure it must not take the others with it: they are
// then committed one by one, and the one that cannot be recorded becomes unknown, for reconcile to look at.
func (d *Dialer) recordGroup(ctx context.Context, results []result) ([]struct{}, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	out := make([]struct{}, len(results))
	err := d.commit(ctx, results)
	var pg *pgconn.PgError
	if err == nil || store.Unavailable(err) || !errors.As(err, &pg) {
		return out, err
	}
	for _, r := range results {
		err := d.commit(ctx, []result{r})
		if err == nil || store.Unavailable(err) {
			if err != nil {
				return nil, err
			}
			continue
		}
		d.Log.ErrorContext(ctx, "Could not record a call; it will be reconciled", "attempt_id", r.id, "campaign_id", r.campaignID, "err", err)
		lost := result{id: r.id, campaignID: r.campaignID, state: "unknown", code: "not_recorded", message: "the result could not be written"}
		if err := d.commit(ctx, []result{lost}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (d *Dialer) commit(ctx context.Context, results []result) error {
	return store.InTx(ctx, d.DB.Briefly(), func(tx pgx.Tx) error {
		now, err := d.Clock.Now(ctx, tx)
		if err != nil {
			return err
		}
		follow := FollowUp{}
		if err := d.recordPlaced(ctx, tx, results, now, &follow); err != nil {
			return err
		}
		if err := d.recordVoid(ctx, tx, results, now, &follow); err != nil {
			return err
		}
		if err := d.recordUnknown(ctx, tx, results, &follow); err != nil {
			return err
		}
		if err := d.recordProvider(ctx, tx, results, &follow); err != nil {
			return err
		}
		follow.Plan = unique(follow.Plan)
		return d.followUp(ctx, tx, follow)
	})
}

func (d *Dialer) recordPlaced(ctx context.Context, tx pgx.Tx, results []result, now time.Time, follow *FollowUp) error {
	p := dbsqlc.AttemptRecordPlacedParams{Now: now, Final: d.FinalStatuses}
	for _, r := range results {
		if r.state != "placed" {
			continue
		}
		p.Ids = append(p.Ids, r.id)
		p.ConversationIds = append(p.ConversationIds, uuid.Must(uuid.NewV7()))
		p.LogIds = append(p.LogIds, uuid.Must(uuid.NewV7()))
		p.ProviderIds = append(p.ProviderIds, r.placed.ConversationID)
		p.CallSids = append(p.CallSids, r.placed.CallSID)
		p.FromNumbers = append(p.FromNumbers, r.from)
	}
	if len(p.Ids) == 0 {
		return nil
	}
	rows, err := dbsqlc.New().AttemptRecordPlaced(ctx, tx, p)
	if err != nil {
		return fmt.Errorf("recording placed calls: %w", err)
	}
	for _, row := range rows {
		if row.HasConversation {
			follow.Known = append(follow.Known, row.ConversationID)
		} else {
			follow.Conversations = append(follow.Conversations, row.ConversationID)
		}
	}
	return nil
}

func (d *Dialer) recordVoid(ctx context.Context, tx pgx.Tx, results []result, now time.Time, follow *FollowUp) error {
	p := dbsqlc.AttemptRecordVoidParams{Now: now}
	for _, r := range results {
		if r.state != "refused" && r.state != "released" {
			continue
		}
		p.Ids = append(p.Ids, r.id)
		p.States = append(p.States, r.state)
		p.Reasons = append(p.Reasons, r.reason)
		p.Faults = append(p.Faults, r.fault)
		p.Results = append(p.Results, r.result)
		p.Codes = append(p.Codes, r.code)
		p.Messages = append(p.Messages, r.message)
	}
	if len(p.Ids) == 0 {
		return nil
	}
	rows, err := dbsqlc.New().AttemptRecordVoid(ctx, tx, p)
	if err != nil {
		return fmt.Errorf("recording refused and released attempts: %w", err)
	}
	for _, row := range rows {
		follow.Plan = append(follow.Plan, row.CampaignID)
	}
	return nil
}

func (d *Dialer) recordUnknown(ctx context.Context, tx pgx.Tx, results []result, follow *FollowUp) error {
	p := dbsqlc.AttemptMarkUnknownParams{}
	for _, r := range results {
		if r.state == "unknown" {
			p.Ids = append(p.Ids, r.id)
			p.Codes = append(p.Codes, r.code)
			p.Messages = append(p.Messages, r.message)
		}
	}
	if len(p.Ids) == 0 {
		return nil
	}
	ids, err := dbsqlc.New().AttemptMarkUnknown(ctx, tx, p)
	if err != nil {
		return fmt.Errorf("recording unknown calls: %w", err)
	}
	follow.Reconcile = append(follow.Reconcile, ids...)
	return nil
}

// recordProvider draws the conclusions about the account and the agents that all workers obey.
func (d *Dialer) recordProvider(ctx context.Context, tx pgx.Tx, results []result, follow *FollowUp) error {
	q := dbsqlc.New()
	var succeeded []uuid.UUID
	answered := false
	for _, r := range sorted(results) {
		var err error
		switch {
		case r.state == "placed":
			succeeded, answered = append(succeeded, r.campaignID), true
		case r.fault == "account":
			if err = q.ProviderStateOpen(ctx, tx, dbsqlc.ProviderStateOpenParams{Provider: provider, Reason: r.message}); err == nil {
				err = q.CampaignStateBlockAccount(ctx, tx, dbsqlc.CampaignStateBlockAccountParams{Reason: r.message, CampaignID: r.campaignID})
			}
		case r.fault == "agent":
			answered = true
			err = q.CampaignStateFaulted(ctx, tx, dbsqlc.CampaignStateFaultedParams{Reason: r.message, CampaignID: r.campaignID})
		case r.pause:
			var until *time.Time
			until, err = pause(ctx, tx, r)
			if err == nil && until != nil {
				follow.PlanAt = until.Add(rand.N(time.Second))
			}
		case r.state == "refused":
			answered = true
		}
		if err != nil {
			return fmt.Errorf("noting the provider's state: %w", err)
		}
	}
	if answered {
		if _, err := q.ProviderStateSucceeded(ctx, tx, provider); err != nil {
			return fmt.Errorf("noting the provider's state: %w", err)
		}
	}
	if len(succeeded) > 0 {
		if err := q.CampaignStateSucceeded(ctx, tx, unique(succeeded)); err != nil {
			return fmt.Errorf("noting the campaigns' state: %w", err)
		}
	}
	return nil
}

// pause holds all dialing back. The answers to requests that were under way when a pause began tell nothing new: if
// each of them doubled it, one moment of overload would stop the dialing for a minute.
func pause(ctx context.Context, tx pgx.Tx, r result) (*time.Time, error) {
	q := dbsqlc.New()
	state, err := q.ProviderStateLock(ctx, tx, provider)
	if err != nil {
		return nil, err
	}
	if r.retryAfter <= 0 && state.PausedUntil != nil && state.PausedUntil.After(state.Now) {
		return state.PausedUntil, nil
	}
	return q.ProviderStatePause(ctx, tx, dbsqlc.ProviderStatePauseParams{
		Provider: provider, Reason: r.message, RetryAfterMs: r.retryAfter.Milliseconds()})
}

// sorted gives rows of several campaigns one order of locking.
func sorted(results []result) []result {
	out := slices.Clone(results)
	slices.SortFunc(out, func(a, b result) int {
		return slices.Compare(a.campaignID[:], b.campaignID[:])
	})
	return out
}
