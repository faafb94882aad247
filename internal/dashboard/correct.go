package dashboard

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/campaign"
	"github.com/callhenk/henk-worker/internal/lead"
	"github.com/callhenk/henk-worker/internal/outcome"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
	"github.com/callhenk/henk-worker/jobs"
)

// verdict is a person's reading of a call.
type verdict struct {
	outcome outcome.Outcome
	cents   *int64
	note    string
}

// correct takes in a person's verdict. The machine's stays as it is; what followed from it is put right.
func (d *Dashboard) correct(w http.ResponseWriter, r *http.Request) {
	id, err := pathID(r)
	if err == nil {
		err = parseForm(r)
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	v, problem, err := verdictOf(r)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	if problem != "" {
		form := correctForm{Outcomes: outcomeChoices(r.PostFormValue("outcome")), Amount: r.PostFormValue("amount"), Note: v.note}
		d.showConversation(w, r, http.StatusUnprocessableEntity, id, &notice{"bad", "Not saved: " + problem}, &form)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), pageWithin)
	defer cancel()
	var campaignID uuid.UUID
	err = store.InTx(ctx, d.DB, func(tx pgx.Tx) error {
		campaignID, err = d.saveVerdict(ctx, tx, w, r, id, v)
		return err
	})
	if err != nil {
		d.fail(w, r, err)
		return
	}
	d.campaigns.stale(campaignID)
	d.today.stale(uuid.Nil)
	back(w, r, "/conversations/"+id.String(), "corrected")
}

// maxDollars is what numeric(10,2) holds.
const maxDollars = 99_999_999

func verdictOf(r *http.Request) (v verdict, problem string, err error) {
	v.outcome = outcome.Outcome(r.PostFormValue("outcome"))
	if !slices.Contains(outcome.All, v.outcome) {
		return v, "", badInput{"There is no outcome of that name."}
	}
	if v.note, err = formText(r, "note", maxText); err != nil {
		return v, "", err
	}
	text := strings.TrimSpace(strings.ReplaceAll(strings.TrimPrefix(strings.TrimSpace(r.PostFormValue("amount")), "$"), ",", ""))
	if text == "" || !v.outcome.Commitment() {
		return v, "", nil // an amount means nothing with another outcome
	}
	amount, parseErr := strconv.ParseFloat(text, 64)
	if parseErr != nil || !(amount > 0 && amount <= maxDollars) {
		return v, "the amount must be dollars above 0, such as 50 or 12.50.", nil
	}
	cents := int64(math.Round(amount * 100))
	v.cents = &cents
	return v, "", nil
}

func (d *Dashboard) saveVerdict(ctx context.Context, tx pgx.Tx, w http.ResponseWriter, r *http.Request, id uuid.UUID, v verdict) (uuid.UUID, error) {
	q := dbsqlc.New()
	row, err := q.DashboardCorrectLock(ctx, tx, id)
	if err != nil {
		return uuid.Nil, fmt.Errorf("reading the conversation: %w", err)
	}
	p := dbsqlc.DashboardCorrectParams{ID: id, Outcome: string(v.outcome), HadOutcome: row.Outcome, Actor: d.Actor(r), AmountCents: v.cents,
		LeadStatus: leadStatusOf(v.outcome), FinalStatuses: campaign.FinalStatuses}
	if v.cents != nil {
		amount := float64(*v.cents) / 100
		if v.outcome == outcome.Donated {
			p.Donated = &amount
		} else {
			p.Pledged = &amount
		}
	}
	if err := q.DashboardCorrect(ctx, tx, p); err != nil {
		return uuid.Nil, fmt.Errorf("saving the correction: %w", err)
	}
	if err := d.stopCalls(ctx, tx, id, &row, v); err != nil {
		return uuid.Nil, err
	}
	detail := map[string]any{"outcome": []any{row.Outcome, string(v.outcome)}}
	if v.note != "" {
		detail["note"] = v.note
	}
	if v.cents != nil {
		detail["amount"] = dollars(v.cents)
	}
	if _, err := jobs.InsertPlanTx(ctx, tx, d.Client, row.CampaignID); err != nil {
		return uuid.Nil, err
	}
	return row.CampaignID, d.record(ctx, tx, w, r, change{Action: "conversation.corrected", Campaign: &row.CampaignID, Convers: &id, Lead: &row.LeadID, Detail: detail})
}

// leadStatusOf is the campaign_leads.status that goes with an outcome, as package conversation has it.
func leadStatusOf(o outcome.Outcome) string {
	switch o {
	case outcome.Pledged, outcome.Donated, outcome.Interested, outcome.NotInterested, outcome.DoNotCall, outcome.WrongNumber:
		return string(o)
	}
	return "contacted"
}

// stopCalls: a person who heard an opt-out or a wrong number ends the calls in the same transaction. The other way
// round nothing is lifted; that is done on the lead's page, with a reason.
func (d *Dashboard) stopCalls(ctx context.Context, tx pgx.Tx, id uuid.UUID, row *dbsqlc.DashboardCorrectLockRow, v verdict) error {
	if v.outcome != outcome.DoNotCall && v.outcome != outcome.WrongNumber {
		return nil
	}
	now, err := d.Clock.Now(ctx, tx)
	if err != nil {
		return err
	}
	evidence, err := json.Marshal(map[string]string{"conversation_id": id.String(), "by": "correction"})
	if err != nil {
		return fmt.Errorf("encoding the evidence: %w", err)
	}
	number := ""
	for _, n := range append(numbersOf(row.Calling, &row.Dialed), numbersOf(row.Calling, row.Phone, row.MobilePhone)...) {
		number = n
		break
	}
	stop := lead.Stop{BusinessID: row.BusinessID, LeadID: row.LeadID, Phone: number, Reason: "An operator corrected the call's outcome.", Evidence: evidence, At: now}
	if v.outcome == outcome.WrongNumber {
		_, err = lead.WrongNumber(ctx, tx, stop)
	} else {
		_, err = lead.OptOut(ctx, tx, stop)
	}
	return err
}
