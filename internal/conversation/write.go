package conversation

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/lead"
	"github.com/callhenk/henk-worker/internal/outcome"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// write carries out changes, sorted by campaign and conversation. See apply for the order.
func (s *Syncer) write(ctx context.Context, tx pgx.Tx, changes []*change, now time.Time) error {
	if err := s.writeEvents(ctx, tx, changes); err != nil {
		return err
	}
	if err := writeDetails(ctx, tx, changes); err != nil {
		return err
	}
	var follow FollowUp
	for _, c := range changes {
		lost, err := stopCalls(ctx, tx, c, now)
		if err != nil {
			return err
		}
		follow.add(c, lost)
	}
	if s.FollowUp != nil && !follow.empty() {
		if err := s.FollowUp(ctx, tx, follow); err != nil {
			return fmt.Errorf("inserting follow-up jobs: %w", err)
		}
	}
	if err := writeCalls(ctx, tx, changes); err != nil {
		return err
	}
	return writeLeads(ctx, tx, changes)
}

func (f *FollowUp) add(c *change, lost []uuid.UUID) {
	if c.closed {
		lost = append(lost, c.row.CampaignID)
	}
	for _, id := range lost {
		if !slices.Contains(f.Plan, id) {
			f.Plan = append(f.Plan, id)
		}
	}
	if c.archive {
		f.Archive = append(f.Archive, c.row.ID)
	}
	if c.writeBack {
		f.WriteBack = append(f.WriteBack, c.row.ID)
	}
}

// stopCalls ends calls to a person who opted out, or to a number that is not theirs. It returns the campaigns that lost
// a reservation.
func stopCalls(ctx context.Context, tx pgx.Tx, c *change, now time.Time) ([]uuid.UUID, error) {
	r := &c.reading
	wrong := r.effective() == string(outcome.WrongNumber) || r.OptOut && r.WrongNumber
	if c.member == nil || !(r.OptOut || wrong) {
		return nil, nil
	}
	evidence, err := json.Marshal(stopEvidence{c.row.ID, r.effective(), r.Evidence})
	if err != nil {
		return nil, fmt.Errorf("encoding evidence: %w", err)
	}
	stop := lead.Stop{BusinessID: c.row.BusinessID, LeadID: c.row.LeadID, Evidence: evidence, At: now}
	var lost []uuid.UUID
	if r.OptOut {
		stop.Phone, stop.Reason = leadNumber(c.row), "Asked on a call not to be called any more."
		if lost, err = lead.OptOut(ctx, tx, stop); err != nil {
			return nil, err
		}
	}
	if wrong {
		stop.Phone, stop.Reason = number(c.row), "Heard on a call to be the wrong number."
		more, err := lead.WrongNumber(ctx, tx, stop)
		if err != nil {
			return nil, err
		}
		lost = append(lost, more...)
	}
	return lost, nil
}

func writeDetails(ctx context.Context, tx pgx.Tx, changes []*change) error {
	rows := make([]outcomeRow, 0, len(changes))
	for _, c := range changes {
		rows = append(rows, c.detail)
	}
	data, err := json.Marshal(rows)
	if err != nil {
		return fmt.Errorf("encoding outcomes: %w", err)
	}
	if err := dbsqlc.New().ConversationOutcomeWrite(ctx, tx, data); err != nil {
		return fmt.Errorf("writing outcomes: %w", err)
	}
	return nil
}

// writeCalls writes what is in the tables of calls: attempts, then the two whose triggers lock the campaign.
func writeCalls(ctx context.Context, tx pgx.Tx, changes []*change) error {
	q := dbsqlc.New()
	var attempts dbsqlc.ConversationWriteAttemptsParams
	var conversations, logs batch
	for _, c := range changes {
		if c.attempt != "" && c.row.AttemptID != nil && (c.row.AttemptOpen || c.row.AttemptResult != c.attempt) {
			attempts.Ids = append(attempts.Ids, *c.row.AttemptID)
			attempts.Results = append(attempts.Results, c.attempt)
		}
		conversations.add(c.conv)
		if c.row.CallLogID != nil && (c.log.Status != nil || c.log.CallSID != nil || c.log.Final) {
			c.log.ID = *c.row.CallLogID
			logs.add(c.log)
		}
	}
	if len(attempts.Ids) > 0 {
		if err := q.ConversationWriteAttempts(ctx, tx, attempts); err != nil {
			return fmt.Errorf("writing the results of attempts: %w", err)
		}
	}
	if err := conversations.write("conversations", func(rows [][]byte) error { return q.ConversationWrite(ctx, tx, rows) }); err != nil {
		return err
	}
	return logs.write("call logs", func(rows [][]byte) error { return q.CallLogWrite(ctx, tx, rows) })
}

// writeLeads writes what the calls mean for their leads. A lead with two calls in one batch is written twice: one
// statement would drop one of them.
func writeLeads(ctx context.Context, tx pgx.Tx, changes []*change) error {
	q := dbsqlc.New()
	for len(changes) > 0 {
		var members, leads batch
		var later []*change
		seen := map[uuid.UUID]bool{}
		for _, c := range changes {
			if seen[c.row.LeadID] {
				later = append(later, c)
				continue
			}
			seen[c.row.LeadID] = true
			if c.member != nil {
				members.add(c.member)
			}
			if c.lead != nil && (c.lead.Status != nil || c.lead.ActivityAt != nil) {
				leads.add(c.lead)
			}
		}
		err := members.write("the campaign's leads", func(rows [][]byte) error {
			return q.CampaignLeadWrite(ctx, tx, dbsqlc.CampaignLeadWriteParams{FinalStatuses: finalStatuses, Rows: rows})
		})
		if err != nil {
			return err
		}
		err = leads.write("leads", func(rows [][]byte) error {
			return q.LeadWrite(ctx, tx, dbsqlc.LeadWriteParams{FinalStatuses: finalStatuses, Rows: rows})
		})
		if err != nil {
			return err
		}
		changes = later
	}
	return nil
}

// batch collects the rows of one statement.
type batch struct {
	rows [][]byte
	err  error
}

func (b *batch) add(row any) {
	data, err := json.Marshal(row)
	if err != nil {
		b.err = err
		return
	}
	b.rows = append(b.rows, data)
}

func (b *batch) write(what string, write func(rows [][]byte) error) error {
	if b.err != nil {
		return fmt.Errorf("encoding %s: %w", what, b.err)
	}
	if len(b.rows) == 0 {
		return nil
	}
	if err := write(b.rows); err != nil {
		return fmt.Errorf("writing %s: %w", what, err)
	}
	return nil
}
