package lead

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// SourceManual is a suppression that a person wrote.
const SourceManual = "manual"

// Suppression is one number that a person keeps from being called.
type Suppression struct {
	BusinessID *uuid.UUID // nil: for all businesses
	Phone      string     // E.164
	Reason     string     // one sentence, required
	By         string     // who says so, required
	Evidence   json.RawMessage
	ExpiresAt  *time.Time // nil: for good
	At         time.Time  // by the rules' clock; reservations are withdrawn as of then
}

// ErrNotANumber is returned for a phone that is not E.164.
var ErrNotANumber = errors.New("the number is not in international form: write + and country code, digits only")

// Suppress puts a number on the list and withdraws what is reserved for it in the business. It returns the campaigns
// that lost a reservation. A number that is there already gets the new reason and expiry; henk.suppression_history
// keeps the old ones. A suppression for all businesses withdraws nothing: the fence refuses what is reserved.
func Suppress(ctx context.Context, tx pgx.Tx, s Suppression) ([]uuid.UUID, error) {
	if !isE164(s.Phone) {
		return nil, ErrNotANumber
	}
	if strings.TrimSpace(s.Reason) == "" || strings.TrimSpace(s.By) == "" {
		return nil, errors.New("a suppression needs a reason and somebody who gives it")
	}
	if len(s.Evidence) == 0 {
		s.Evidence = json.RawMessage("{}")
	}
	_, err := dbsqlc.New().SuppressionSet(ctx, tx, dbsqlc.SuppressionSetParams{BusinessID: s.BusinessID, Phone: s.Phone, Source: SourceManual,
		Reason: s.Reason, Evidence: s.Evidence, ExpiresAt: s.ExpiresAt, CreatedBy: s.By})
	if err != nil {
		return nil, fmt.Errorf("suppressing the number: %w", err)
	}
	if s.BusinessID == nil {
		return nil, nil
	}
	return cancel(ctx, tx, Stop{BusinessID: *s.BusinessID, Phone: s.Phone, At: s.At}, uuid.Nil, "suppressed")
}

// Lift ends every suppression of a number that is the business's own (nil: of those for all businesses), an opt-out on
// a call among them, and returns how many it ended. What was lifted, by whom and why stays in the table. An entry of an
// imported list is lifted until the list is imported again. do-not-call flags of leads are not touched.
func Lift(ctx context.Context, tx pgx.Tx, s Suppression) (int64, error) {
	if !isE164(s.Phone) {
		return 0, ErrNotANumber
	}
	if strings.TrimSpace(s.Reason) == "" || strings.TrimSpace(s.By) == "" {
		return 0, errors.New("lifting a suppression needs a reason and somebody who gives it")
	}
	q := dbsqlc.New()
	single, err := q.SuppressionLift(ctx, tx, dbsqlc.SuppressionLiftParams{Now: s.At, LiftedBy: s.By, Reason: s.Reason, BusinessID: s.BusinessID, Phone: s.Phone})
	if err != nil {
		return 0, fmt.Errorf("lifting the suppression: %w", err)
	}
	listed, err := q.SuppressionEntryLift(ctx, tx, dbsqlc.SuppressionEntryLiftParams{Now: s.At, Phone: s.Phone, BusinessID: s.BusinessID, LiftedBy: s.By, LiftReason: s.Reason})
	if err != nil {
		return 0, fmt.Errorf("lifting the number from imported lists: %w", err)
	}
	return single + int64(len(listed)), nil
}

// Suppressions returns up to n single suppressions of the business and of all businesses, lifted ones among them, the
// newest first. phone narrows to one number where it is not empty; before is the id of the last row of the page before,
// 0 for the first page.
func Suppressions(ctx context.Context, db dbsqlc.DBTX, businessID uuid.UUID, phone string, before int64, n int32) ([]dbsqlc.HenkSuppressedNumbers, error) {
	p := dbsqlc.SuppressionListParams{BusinessID: businessID, Before: before, Count: n}
	if phone != "" {
		p.Phone = &phone
	}
	if before <= 0 {
		p.Before = 1<<63 - 1
	}
	rows, err := dbsqlc.New().SuppressionList(ctx, db, p)
	if err != nil {
		return nil, fmt.Errorf("reading suppressions: %w", err)
	}
	return rows, nil
}
