package dashboard

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

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
	evidence, err := json.Marshal(map[string]string{"by": d.Actor(r)})
	if err != nil {
		return fmt.Errorf("encoding the evidence: %w", err)
	}
	numbers := numbersOf(row.Calling, row.Phone, row.MobilePhone)
	if len(numbers) == 0 {
		numbers = []string{""} // the flags alone
	}
	for _, number := range numbers {
		campaigns, err := lead.OptOut(ctx, tx, lead.Stop{BusinessID: row.BusinessID, LeadID: id, Phone: number, Reason: reason, Evidence: evidence, At: now})
		if err != nil {
			return err
		}
		for _, c := range campaigns { // others get the lines that were reserved
			if _, err := jobs.InsertPlanTx(ctx, tx, d.Client, c); err != nil {
				return err
			}
		}
	}
	return d.record(ctx, tx, w, r, change{Action: "lead.do_not_call", Lead: &id, Detail: map[string]any{"reason": reason}})
}

// liftDoNotCall takes back both flags and the business's own suppressions of the lead's numbers. What an imported list
// or everybody's list says stays, and so does a flag on another lead with the same number.
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
	sources, err := q.DashboardSuppressionLift(ctx, tx, dbsqlc.DashboardSuppressionLiftParams{BusinessID: row.BusinessID,
		Phones: numbersOf(row.Calling, row.Phone, row.MobilePhone), Now: now, Actor: d.Actor(r), Reason: reason})
	if err != nil {
		return fmt.Errorf("lifting suppressions: %w", err)
	}
	detail := map[string]any{"reason": reason, "suppressions_lifted": len(sources), "flags": []any{row.DoNotCall || row.Dnc, false}}
	return d.record(ctx, tx, w, r, change{Action: "lead.lifted", Lead: &id, Detail: detail})
}
