package campaign

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// window is what a tick judged of a place.
type window struct {
	Set    int32     `json:"-"`
	Open   bool      `json:"-"`
	Zones  []string  `json:"zones"`
	States []string  `json:"states,omitempty"`
	Opens  time.Time `json:"opens,omitzero"`
	Closes time.Time `json:"closes,omitzero"`
}

// decided is what the log says last of a campaign and of its places.
type decided struct {
	Rule   string  `json:"rule"` // that holds all of it, "" = none
	Open   []int32 `json:"open,omitempty"`
	Closed []int32 `json:"closed,omitempty"`
}

// noteTick logs what has changed for the campaign as a whole, and for the leads of one place, since the last tick: one row
// for each, however many leads it is about.
func (c *Campaign) noteTick(ctx context.Context, tx pgx.Tx, p *Plan) error {
	q := dbsqlc.New()
	data, err := q.DecisionState(ctx, tx, c.ID)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil // nothing was judged yet
	}
	if err != nil {
		return fmt.Errorf("reading what the log says of the campaign: %w", err)
	}
	var was decided
	if data != nil {
		if err := json.Unmarshal(data, &was); err != nil {
			return fmt.Errorf("reading what the log says of the campaign: %w", err)
		}
	}
	is := decided{Rule: p.limit, Open: slices.Clone(was.Open), Closed: slices.Clone(was.Closed)}
	inputs := map[string]any{"cap": p.Cap, "used": p.Used, "reserved": len(p.Reserved), "active": p.Active}
	if p.Held != nil {
		is.Rule, inputs = p.Held.Rule, map[string]any{"reason": p.Held.Reason}
	}
	var rows []decision
	if is.Rule != was.Rule {
		rows = append(rows, decision{at: p.Now, first: is.Rule, failing: one(is.Rule), inputs: inputs})
	}
	for i := range p.windows {
		w := &p.windows[i]
		known, other, rule := &is.Open, &is.Closed, ""
		if !w.Open {
			known, other, rule = &is.Closed, &is.Open, RuleCallWindow
		}
		if slices.Contains(*known, w.Set) {
			continue
		}
		*known = append(*known, w.Set)
		*other = slices.DeleteFunc(*other, func(set int32) bool { return set == w.Set })
		rows = append(rows, decision{at: p.Now, zoneSet: &w.Set, first: rule, failing: one(rule), inputs: w})
	}
	if len(rows) == 0 {
		return nil
	}
	if data, err = json.Marshal(is); err != nil {
		return fmt.Errorf("encoding what the log says of the campaign: %w", err)
	}
	if err := q.DecisionStateSet(ctx, tx, dbsqlc.DecisionStateSetParams{CampaignID: c.ID, Decided: data}); err != nil {
		return fmt.Errorf("noting what the log says of the campaign: %w", err)
	}
	return c.log(ctx, tx, rows)
}

// one is a rule as a list, none for "".
func one(rule string) []string {
	if rule == "" {
		return nil
	}
	return []string{rule}
}
