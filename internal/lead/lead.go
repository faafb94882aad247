// Package lead ends calls to a person or to a number: the flags, the suppression list and the reservations that an
// opt-out voids, in one transaction, so that no dial slips between them. It also keeps the suppression lists that come in
// files. Only a person lifts a suppression (Lift), and what was lifted stays on record.
//
// It may import store.
package lead

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// Sources of a suppression that a call gave rise to.
const (
	SourceCall        = "call"         // the person asked not to be called any more
	SourceWrongNumber = "wrong_number" // the person is not reachable at this number
)

// Stop is who or what is not to be called any more, and why.
type Stop struct {
	BusinessID uuid.UUID
	LeadID     uuid.UUID
	Phone      string          // E.164; anything else is not put on the suppression list
	Reason     string          // one sentence
	Evidence   json.RawMessage // a JSON object: the conversation and the words
	At         time.Time       // by the rules' clock
}

// OptOut ends all calls of the business to a person: both do-not-call flags, the number on the business's suppression
// list, and every reserved attempt for the lead or the number cancelled. It may be repeated. It returns the campaigns
// that lost a reservation.
func OptOut(ctx context.Context, tx pgx.Tx, s Stop) ([]uuid.UUID, error) {
	if err := dbsqlc.New().LeadOptOut(ctx, tx, s.LeadID); err != nil {
		return nil, fmt.Errorf("flagging the lead as do not call: %w", err)
	}
	if err := suppress(ctx, tx, s, SourceCall); err != nil {
		return nil, err
	}
	return cancel(ctx, tx, s, s.LeadID, "do_not_call")
}

// WrongNumber ends all calls of the business to a number. The person is left alone: another number may be theirs.
func WrongNumber(ctx context.Context, tx pgx.Tx, s Stop) ([]uuid.UUID, error) {
	if err := suppress(ctx, tx, s, SourceWrongNumber); err != nil {
		return nil, err
	}
	return cancel(ctx, tx, s, uuid.Nil, "suppressed")
}

func suppress(ctx context.Context, tx pgx.Tx, s Stop, source string) error {
	if !isE164(s.Phone) {
		return nil
	}
	evidence := s.Evidence
	if len(evidence) == 0 {
		evidence = json.RawMessage("{}")
	}
	err := dbsqlc.New().SuppressionAdd(ctx, tx, dbsqlc.SuppressionAddParams{
		BusinessID: s.BusinessID, Phone: s.Phone, Source: source, Reason: s.Reason, Evidence: evidence})
	if err != nil {
		return fmt.Errorf("suppressing the number: %w", err)
	}
	return nil
}

// cancel withdraws what is reserved for the lead (uuid.Nil: for nobody in particular) or the number. reason is the
// rule that holds the lead from now on.
func cancel(ctx context.Context, tx pgx.Tx, s Stop, leadID uuid.UUID, reason string) ([]uuid.UUID, error) {
	rows, err := dbsqlc.New().AttemptCancelReserved(ctx, tx, dbsqlc.AttemptCancelReservedParams{
		Reason: reason, Now: s.At, BusinessID: s.BusinessID, LeadID: leadID, Phone: s.Phone})
	if err != nil {
		return nil, fmt.Errorf("cancelling reserved attempts: %w", err)
	}
	var campaigns []uuid.UUID
	for _, row := range rows {
		if !slices.Contains(campaigns, row.CampaignID) {
			campaigns = append(campaigns, row.CampaignID)
		}
	}
	return campaigns, nil
}

// isE164 is the check of henk.suppressions.phone.
func isE164(s string) bool {
	if len(s) < 8 || len(s) > 16 || s[0] != '+' {
		return false
	}
	for _, c := range []byte(s[1:]) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
