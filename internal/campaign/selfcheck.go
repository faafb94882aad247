package campaign

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// SelfCheck is what a look at the log found.
type SelfCheck struct {
	Checked       int            `json:"checked"`
	PassedOver    int            `json:"passed_over"` // cannot be judged again: written by the fence, by another pack, or changed since
	Disagreements []Disagreement `json:"disagreements"`
}

const (
	// checkEvery is a night, less the hour by which housekeeping may be late.
	checkEvery = 23 * time.Hour
	// checkSample decisions are judged again in a night.
	checkSample = 2000
	// disagreementsKept of one check are written down; the number of all is.
	disagreementsKept = 100
)

// CheckLogNightly samples the decisions since the last check, at most three days back, judges them again at their
// instants with their inputs, and writes what it found to henk.self_checks. It returns nil when it is not yet time.
func CheckLogNightly(ctx context.Context, db *store.DB) (*SelfCheck, error) {
	q := dbsqlc.New()
	last, err := q.SelfCheckLast(ctx, db)
	if err != nil {
		return nil, fmt.Errorf("asking when the log was checked last: %w", err)
	}
	if last.Now.Sub(last.At) < checkEvery {
		return nil, nil
	}
	found, err := CheckLog(ctx, db, later(last.At, last.Now.AddDate(0, 0, -3)), checkSample)
	if err != nil {
		return nil, err
	}
	detail, err := json.Marshal(found.Disagreements[:min(len(found.Disagreements), disagreementsKept)])
	if err != nil {
		return nil, fmt.Errorf("encoding what the check of the log found: %w", err)
	}
	err = q.SelfCheckAdd(ctx, db, dbsqlc.SelfCheckAddParams{Checked: int32(found.Checked), PassedOver: int32(found.PassedOver),
		Disagreements: int32(len(found.Disagreements)), Detail: detail})
	if err != nil {
		return nil, fmt.Errorf("writing down what the check of the log found: %w", err)
	}
	return found, nil
}

// CheckLog judges up to n decisions about leads again, taken at random from those logged since an instant. It reads only,
// in one snapshot.
func CheckLog(ctx context.Context, db *store.DB, since time.Time, n int) (*SelfCheck, error) {
	out := &SelfCheck{Disagreements: []Disagreement{}}
	err := snapshot(ctx, db, func(tx pgx.Tx) error {
		sample, err := sampleLog(ctx, tx, since, n)
		if err != nil {
			return err
		}
		leads, attempts, err := today(ctx, tx, sample)
		if err != nil {
			return err
		}
		r := newReplayer(tx)
		for _, d := range sample {
			var failing []string
			if d.Verdict == verdictCall {
				failing, err = r.judgeCall(ctx, d, attempts[*orNil(d.AttemptID)])
			} else {
				failing, err = r.judge(ctx, d, leads[d.LeadID])
			}
			if errors.Is(err, errNoReplay) {
				out.PassedOver++
				continue
			}
			if err != nil {
				return err
			}
			out.Checked++
			if !agrees(d, failing) {
				out.Disagreements = append(out.Disagreements, Disagreement{DecisionID: d.ID, CampaignID: d.CampaignID, LeadID: d.LeadID, At: d.At,
					Logged: inWords(d.Verdict, d.FirstFailing, d.Failing), Judged: strings.Join(failing, ", ")})
			}
		}
		return nil
	})
	return out, err
}

// agrees: the same rules hold, and the first of them is the one that the log gives as the reason.
func agrees(d dbsqlc.DecisionSampleRow, failing []string) bool {
	if len(failing) == 0 {
		return d.FirstFailing == "" && len(d.Failing) == 0 && d.Verdict != verdictHold
	}
	return d.Verdict == verdictHold && d.FirstFailing == failing[0] && slices.Equal(d.Failing, failing)
}

func inWords(verdict, first string, failing []string) string {
	if verdict != verdictHold {
		return verdict
	}
	return first + " of " + strings.Join(failing, ", ")
}

func orNil(id *uuid.UUID) *uuid.UUID {
	if id == nil {
		return &uuid.Nil
	}
	return id
}

// sampleLog reads random blocks, as many as hold some times n rows by the planner's account, and takes n of their rows.
func sampleLog(ctx context.Context, tx pgx.Tx, since time.Time, n int) ([]dbsqlc.DecisionSampleRow, error) {
	var rows float64
	err := tx.QueryRow(ctx, `select coalesce(sum(greatest(c.reltuples, 0)), 0)::float8 from pg_inherits i join pg_class c on c.oid = i.inhrelid
		where i.inhparent = 'henk.decisions'::regclass`).Scan(&rows)
	if err != nil {
		return nil, fmt.Errorf("asking for the size of the log: %w", err)
	}
	percent := 100.0
	if enough := float64(50 * n); rows > enough {
		percent = 100 * enough / rows
	}
	sample, err := dbsqlc.New().DecisionSample(ctx, tx, dbsqlc.DecisionSampleParams{Percent: percent, Since: since, Count: int32(n)})
	if err != nil {
		return nil, fmt.Errorf("sampling the log: %w", err)
	}
	return sample, nil
}

// today are the leads and attempts of decisions as they are now.
func today(ctx context.Context, tx pgx.Tx, sample []dbsqlc.DecisionSampleRow) (map[uuid.UUID]*whereabouts, map[uuid.UUID]*dbsqlc.DecisionAttemptsRow, error) {
	var leadIDs, attemptIDs []uuid.UUID
	for _, d := range sample {
		leadIDs = append(leadIDs, d.LeadID)
		if d.AttemptID != nil {
			attemptIDs = append(attemptIDs, *d.AttemptID)
		}
	}
	q := dbsqlc.New()
	leads, err := q.DecisionLeads(ctx, tx, leadIDs)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the leads of decisions: %w", err)
	}
	attempts, err := q.DecisionAttempts(ctx, tx, attemptIDs)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the attempts of decisions: %w", err)
	}
	byLead, byID := map[uuid.UUID]*whereabouts{}, map[uuid.UUID]*dbsqlc.DecisionAttemptsRow{}
	for _, l := range leads {
		byLead[l.ID] = &whereabouts{l.Phone, l.MobilePhone, l.Timezone, l.PostalCode, l.State, l.Country, l.Inputs}
	}
	for i := range attempts {
		byID[attempts[i].ID] = &attempts[i]
	}
	return byLead, byID, nil
}
