package call

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

const (
	// grace is how long the provider may take to list a call; asked once more after the last look.
	grace    = 10 * time.Minute
	lastLook = 70 * time.Minute
	// maxCandidates bounds how many conversations are read to find one.
	maxCandidates = 50
	// sameCall is how far a conversation may have begun from the request to be the same call when it does not carry
	// the attempt's id.
	sameCall = 2 * time.Minute
)

// Reconcile settles an attempt whose call is unknown, by asking the provider. It never dials.
func (d *Dialer) Reconcile(ctx context.Context, attemptID uuid.UUID) (Outcome, error) {
	a, err := d.attempt(ctx, attemptID)
	if err != nil || a == nil {
		return Outcome{State: "gone"}, err
	}
	if *a.State == "dialing" {
		out, err := d.settled(ctx, attemptID)
		if err != nil || out.State != "unknown" {
			return out, err
		}
	} else if *a.State != "unknown" || a.EndedAt != nil {
		return Outcome{State: *a.State, Reason: text(a.Reason)}, nil
	}
	found, err := d.find(ctx, a)
	if err != nil {
		return Outcome{}, fmt.Errorf("asking the provider for the call: %w", err)
	}
	if found != nil {
		if err := d.record(ctx, *found); err != nil {
			return Outcome{}, fmt.Errorf("recording a call that was found: %w", err)
		}
		return d.foundEnds(ctx, attemptID)
	}
	return d.notListed(ctx, a)
}

// foundEnds: a call whose lead or agent was deleted meanwhile cannot become a conversation. Its attempt must end all
// the same, or it would be looked for, found and dropped for ever.
func (d *Dialer) foundEnds(ctx context.Context, id uuid.UUID) (Outcome, error) {
	a, err := d.attempt(ctx, id)
	if err != nil || a == nil {
		return Outcome{State: "gone"}, err
	}
	if *a.State != "unknown" || a.EndedAt != nil {
		return Outcome{State: *a.State, Reason: "found"}, nil
	}
	d.Log.WarnContext(ctx, "A call was found whose lead or agent is gone", "attempt_id", id, "campaign_id", a.CampaignID)
	now, err := d.Clock.Now(ctx, d.DB)
	if err != nil {
		return Outcome{}, err
	}
	return d.giveUp(ctx, a, now)
}

func (d *Dialer) attempt(ctx context.Context, id uuid.UUID) (*dbsqlc.AttemptGetRow, error) {
	a, err := dbsqlc.New().AttemptGet(ctx, d.DB, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the attempt: %w", err)
	}
	if a.State == nil {
		return nil, nil // from before adoption: not ours to settle
	}
	return &a, nil
}

// notListed waits for the provider's list to catch up, and in the end gives up: unknown for good, counted as an
// attempt. Better one call too few.
func (d *Dialer) notListed(ctx context.Context, a *dbsqlc.AttemptGetRow) (Outcome, error) {
	now, err := d.Clock.Now(ctx, d.DB)
	if err != nil {
		return Outcome{}, err
	}
	switch age := now.Sub(*a.DialingAt); {
	case age < grace:
		return Outcome{State: "unknown", Again: min(max(age/2, 3*time.Second), 2*time.Minute)}, nil
	case age < lastLook:
		return Outcome{State: "unknown", Again: lastLook - age}, nil
	}
	return d.giveUp(ctx, a, now)
}

// giveUp settles an attempt as unknown for good.
func (d *Dialer) giveUp(ctx context.Context, a *dbsqlc.AttemptGetRow, now time.Time) (Outcome, error) {
	err := store.InTx(ctx, d.DB, func(tx pgx.Tx) error {
		if err := d.DB.Brief(ctx, tx); err != nil {
			return err
		}
		campaignID, err := dbsqlc.New().AttemptSettleUnknown(ctx, tx, dbsqlc.AttemptSettleUnknownParams{ID: a.ID, Now: now})
		if errors.Is(err, pgx.ErrNoRows) {
			return nil // settled meanwhile
		}
		if err != nil {
			return fmt.Errorf("settling an unknown call: %w", err)
		}
		return d.followUp(ctx, tx, FollowUp{Plan: []uuid.UUID{campaignID}})
	})
	return Outcome{State: "unknown", Reason: "not_listed"}, err
}

// find looks for the attempt's conversation: the one that carries its id, or, where the provider does not filter by it
// and the time for its list to catch up is over, the one to its number at its time.
func (d *Dialer) find(ctx context.Context, a *dbsqlc.AttemptGetRow) (*result, error) {
	if a.ProviderAgentID == nil {
		return nil, nil
	}
	list, err := d.Client.FindByAttempt(ctx, *a.ProviderAgentID, a.ID.String(), a.DialingAt.Add(-sameCall))
	if err != nil && !errors.Is(err, elevenlabs.ErrManyPages) {
		return nil, err
	}
	if found, err := d.firstOf(ctx, a, list); err != nil || found != nil {
		return found, err
	}
	now, err := d.Clock.Now(ctx, d.DB)
	if err != nil || now.Sub(*a.DialingAt) < grace {
		return nil, err
	}
	return d.findByTime(ctx, a)
}

// findByTime reads the conversations that began around the request and belong to no attempt.
func (d *Dialer) findByTime(ctx context.Context, a *dbsqlc.AttemptGetRow) (*result, error) {
	list, err := d.Client.FindStarted(ctx, *a.ProviderAgentID, *a.DialingAt, *a.DialingAt)
	if errors.Is(err, elevenlabs.ErrManyPages) {
		return nil, nil // nothing is found among so many
	}
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(list))
	for i, s := range list {
		ids[i] = s.ConversationID
	}
	taken, err := dbsqlc.New().ConversationListTaken(ctx, d.DB, ids)
	if err != nil {
		return nil, fmt.Errorf("reading which conversations have an attempt: %w", err)
	}
	list = slices.DeleteFunc(list, func(s elevenlabs.ConversationSummary) bool { return slices.Contains(taken, s.ConversationID) })
	away := func(s elevenlabs.ConversationSummary) time.Duration {
		return time.Unix(s.StartTimeUnixSecs, 0).Sub(*a.DialingAt).Abs()
	}
	slices.SortStableFunc(list, func(x, y elevenlabs.ConversationSummary) int { return cmp.Compare(away(x), away(y)) })
	return d.firstOf(ctx, a, list)
}

// firstOf reads conversations until one is the attempt's.
func (d *Dialer) firstOf(ctx context.Context, a *dbsqlc.AttemptGetRow, list []elevenlabs.ConversationSummary) (*result, error) {
	for i, summary := range list {
		if i == maxCandidates {
			break
		}
		conv, err := d.Client.Conversation(ctx, summary.ConversationID)
		if e := elevenlabs.AsError(err); e != nil && e.Kind == elevenlabs.KindNotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		if !sameAttempt(conv, a) {
			continue
		}
		r := &result{id: a.ID, campaignID: a.CampaignID, state: "placed", from: text(a.CallerID)}
		r.placed = elevenlabs.PlacedCall{ConversationID: conv.ConversationID, CallSID: callSID(conv)}
		return r, nil
	}
	return nil, nil
}

func sameAttempt(conv *elevenlabs.Conversation, a *dbsqlc.AttemptGetRow) bool {
	if id, ok := conv.ClientData.DynamicVariables["attempt_id"]; ok {
		return id == a.ID.String()
	}
	if conv.UserID != "" || conv.ClientData.UserID != "" {
		return conv.UserID == a.ID.String() || conv.ClientData.UserID == a.ID.String()
	}
	began, phone := time.Unix(conv.Metadata.StartTimeUnixSecs, 0), conv.Metadata.PhoneCall
	// Whom we tried to reach may have called us.
	return phone != nil && phone.Direction != "inbound" && phone.ExternalNumber == a.PhoneNumber && began.Sub(*a.DialingAt).Abs() <= sameCall
}

func callSID(conv *elevenlabs.Conversation) string {
	if conv.Metadata.PhoneCall == nil {
		return ""
	}
	return conv.Metadata.PhoneCall.CallSID
}
