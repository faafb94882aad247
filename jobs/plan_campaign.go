package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/callhenk/henk-worker/internal/campaign"
	"github.com/callhenk/henk-worker/internal/store"
)

// PlanCampaignArgs asks for the leads of a campaign to call now.
type PlanCampaignArgs struct {
	CampaignID uuid.UUID `json:"campaign_id"`
	// Wake marks a plan for a moment when more becomes callable. It counts apart from the others, so that a plan
	// that waits for noon does not keep a slot that frees now from being filled.
	Wake bool `json:"wake,omitempty"`
}

// Kind is plan-campaign.
func (PlanCampaignArgs) Kind() string { return "plan-campaign" }

// InsertOpts: one pending plan for a campaign.
func (PlanCampaignArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueOrchestrate, UniqueOpts: onePending}
}

type planCampaign struct {
	river.WorkerDefaults[PlanCampaignArgs]
	*Runtime
}

// refreshFor is how long one job judges changed leads before it hands over to the next.
const refreshFor = 40 * time.Second

// Work judges the leads whose facts changed, reserves those to call now and inserts their dial jobs in the same
// transaction.
func (w *planCampaign) Work(ctx context.Context, job *river.Job[PlanCampaignArgs]) error {
	if err := w.stopBeingPending(ctx, job.ID); err != nil {
		return err
	}
	id := job.Args.CampaignID
	if w.ElevenLabs == nil {
		return river.RecordOutput(ctx, map[string]string{"held": "ELEVENLABS_API_KEY is not set"})
	}
	c, err := campaign.Load(ctx, w.DB, id)
	if errors.Is(err, campaign.ErrNotFound) {
		return river.RecordOutput(ctx, map[string]string{"held": "campaign deleted"})
	}
	if err != nil {
		return err
	}
	refreshCtx, cancel := context.WithTimeout(ctx, refreshFor)
	defer cancel()
	done, err := w.refresher.Refresh(refreshCtx, c)
	if err != nil && refreshCtx.Err() == nil {
		return fmt.Errorf("judging leads: %w", err)
	}
	if !done && ctx.Err() == nil {
		// Reserving now would call in the order in which leads were judged, not in that of their worth.
		return w.planAgain(ctx, id, 0)
	}
	plan, err := w.reserve(ctx, id)
	if err != nil {
		return err
	}
	if plan.Busy {
		return w.planAgain(ctx, id, time.Second)
	}
	if plan.Again {
		if err := w.planAgain(ctx, id, time.Second); err != nil {
			return err
		}
	}
	return river.RecordOutput(ctx, plan)
}

// stopBeingPending lets a refill that comes while this plan runs insert the next one: what changes after this plan has
// looked must not be lost. Plans of one campaign take turns by the campaign's lock.
func (w *planCampaign) stopBeingPending(ctx context.Context, jobID int64) error {
	_, err := w.DB.Exec(ctx, "update "+store.RiverSchema+".river_job set unique_key = null where id = $1 and unique_key is not null", jobID)
	if err != nil {
		return fmt.Errorf("letting the next plan in: %w", err)
	}
	return nil
}

func (w *planCampaign) reserve(ctx context.Context, id uuid.UUID) (*campaign.Plan, error) {
	var plan *campaign.Plan
	err := store.InTx(ctx, w.DB, func(tx pgx.Tx) error {
		err := w.DB.Brief(ctx, tx)
		if err != nil {
			return err
		}
		if plan, err = campaign.Reserve(ctx, tx, id, w.Clock, w.limits()); err != nil {
			return err
		}
		if err := InsertDialsTx(ctx, tx, w.Client, plan.Reserved); err != nil {
			return err
		}
		if plan.Wake.IsZero() {
			return nil
		}
		// The plan's times are the rules' clock; River's are the database's.
		_, err = insertTx(ctx, tx, w.Client, PlanCampaignArgs{CampaignID: id, Wake: true}, plan.Wake.Add(-w.Clock.Shift+time.Second))
		return err
	})
	if errors.Is(err, campaign.ErrNotFound) {
		return &campaign.Plan{Held: &campaign.Hold{Rule: campaign.RuleCampaignActive, Reason: "The campaign was deleted."}}, nil
	}
	return plan, err
}

// InsertDialsTx inserts a job for each reserved attempt, in the order in which to call, in the transaction that
// reserved them.
func InsertDialsTx(ctx context.Context, tx pgx.Tx, client *Client, attempts []uuid.UUID) error {
	if len(attempts) == 0 {
		return nil
	}
	params := make([]river.InsertManyParams, len(attempts))
	for i, id := range attempts {
		params[i] = river.InsertManyParams{Args: DialLeadArgs{AttemptID: id}}
	}
	if _, err := client.InsertManyFastTx(ctx, tx, params); err != nil {
		return fmt.Errorf("inserting dials: %w", err)
	}
	return nil
}

func (w *planCampaign) planAgain(ctx context.Context, id uuid.UUID, after time.Duration) error {
	return pgx.BeginFunc(ctx, w.DB, func(tx pgx.Tx) error {
		_, err := insertTx(ctx, tx, w.Client, PlanCampaignArgs{CampaignID: id}, time.Now().Add(after))
		return err
	})
}
