package dashboard

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/lead"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
	"github.com/callhenk/henk-worker/jobs"
)

// leadDoNotCall sets or lifts do-not-call. Either needs a reason: it is what the next person reads.
func (d *Dashboard) leadDoNotCall(w http.ResponseWriter, r *http.Request) {
	id, err := pathID(r)
	if err == nil {
		err = parseForm(r)
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	reason, err := formText(r, "reason", maxText)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	action := r.PostFormValue("action")
	if action != "set" && action != "lift" {
		d.fail(w, r, badInput{"There is set and lift."})
		return
	}
	if len(reason) < 3 {
		d.showLead(w, r, http.StatusUnprocessableEntity, id, &notice{"bad", "Not done: say in a few words why. The next person needs to know."}, reason)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), pageWithin)
	defer cancel()
	err = store.InTx(ctx, d.DB, func(tx pgx.Tx) error {
		if action == "set" {
			return d.setDoNotCall(ctx, tx, w, r, id, reason)
		}
		return d.liftDoNotCall(ctx, tx, w, r, id, reason)
	})
	if err != nil {
		d.fail(w, r, err)
		return
	}
	back(w, r, "/leads/"+id.String(), map[string]string{"set": "flagged", "lift": "lifted"}[action])
}

func (d *Dashboard) setDoNotCall(ctx context.Context, tx pgx.Tx, w http.ResponseWriter, r *http.Request, id uuid.UUID, reason string) error {
	row, err := dbsqlc.New().DashboardLeadLock(ctx, tx, id)
	if err != nil {
		return fmt.Errorf("reading the lead: %w", err)
	}
	now, err := d.Clock.Now(ctx, tx)
	if err != nil {
		return err
	}
	// Without a number OptOut sets the flags and withdraws what is reserved for the person; the numbers follow, with the
	// operator as their source.
	campaigns, err := lead.OptOut(ctx, tx, lead.Stop{BusinessID: row.BusinessID, LeadID: id, Reason: reason, At: now})
	if err != nil {
		return err
	}
	for _, number := range numbersOf(row.Calling, row.Phone, row.MobilePhone) {
		more, err := lead.Suppress(ctx, tx, lead.Suppression{BusinessID: &row.BusinessID, Phone: number, Reason: reason, By: d.Actor(r), At: now})
		if err != nil {
			return err
		}
		campaigns = append(campaigns, more...)
	}
	slices.SortFunc(campaigns, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	for _, c := range slices.Compact(campaigns) { // others get the lines that were reserved
		if _, err := jobs.InsertPlanTx(ctx, tx, d.Client, c); err != nil {
			return err
		}
	}
	return d.record(ctx, tx, w, r, change{Action: "lead.do_not_call", Lead: &id, Detail: map[string]any{"reason": reason}})
}

// liftDoNotCall takes back both flags and the business's own suppressions of the lead's numbers. What everybody's list
// says stays, and so does a flag on another lead with the same number.
func (d *Dashboard) liftDoNotCall(ctx context.Context, tx pgx.Tx, w http.ResponseWriter, r *http.Request, id uuid.UUID, reason string) error {
	q := dbsqlc.New()
	row, err := q.DashboardLeadLock(ctx, tx, id)
	if err != nil {
		return fmt.Errorf("reading the lead: %w", err)
	}
	now, err := d.Clock.Now(ctx, tx)
	if err != nil {
		return err
	}
	if err := q.DashboardLeadUnflag(ctx, tx, id); err != nil {
		return fmt.Errorf("lifting the flags: %w", err)
	}
	lifted := int64(0)
	for _, number := range numbersOf(row.Calling, row.Phone, row.MobilePhone) {
		n, err := lead.Lift(ctx, tx, lead.Suppression{BusinessID: &row.BusinessID, Phone: number, Reason: reason, By: d.Actor(r), At: now})
		if err != nil {
			return err
		}
		lifted += n
	}
	detail := map[string]any{"reason": reason, "suppressions_lifted": lifted, "flags": []any{row.DoNotCall || row.Dnc, false}}
	return d.record(ctx, tx, w, r, change{Action: "lead.lifted", Lead: &id, Detail: detail})
}
