package call

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/calltime"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// fenced is the fence's answer for one attempt.
type fenced struct {
	verdict string // dial, wait, absent, or the state in which the attempt ended
	wait    time.Duration
	call    dbsqlc.AttemptFenceRow
}

const (
	verdictDial   = "dial"
	verdictWait   = "wait"
	verdictAbsent = "absent" // not reserved (any more), or gone
)

// pacingMargin keeps the provider from seeing one call too many in a second: a call takes some time from the fence to
// the wire, and not always the same.
const pacingMargin = 1.05

// burst lets calls that a fence could not take in time catch up, so that pacing holds the rate and not only the gaps.
const burst = 50 * time.Millisecond

// fenceGroup commits the fence for a group of attempts.
func (d *Dialer) fenceGroup(ctx context.Context, ids []uuid.UUID) ([]fenced, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	byID := map[uuid.UUID]fenced{}
	err := store.InTx(ctx, d.DB.Briefly(), func(tx pgx.Tx) error {
		clear(byID)
		gate, err := d.openGate(ctx, tx)
		if err != nil {
			return err
		}
		if gate.closedFor > 0 {
			for _, id := range ids {
				byID[id] = fenced{verdict: verdictWait, wait: gate.closedFor}
			}
			return nil
		}
		rows, err := dbsqlc.New().AttemptFence(ctx, tx, dbsqlc.AttemptFenceParams{
			Ids: ids, Now: gate.now, FreeSlots: min(gate.slots, gate.tokens), Final: d.FinalStatuses, WorkerID: d.WorkerID,
			RulePack: calltime.CurrentPack().Version,
		})
		if err != nil {
			return fmt.Errorf("committing the fence: %w", err)
		}
		var dialed int64
		var ended []uuid.UUID
		for _, row := range rows {
			f := fenced{verdict: row.Verdict, call: row}
			switch row.Verdict {
			case verdictDial:
				dialed++
			case verdictWait:
				f.wait = gate.waitAt(row.Place)
			default:
				ended = append(ended, row.CampaignID)
			}
			byID[row.ID] = f
		}
		if err := d.take(ctx, tx, gate, dialed); err != nil {
			return err
		}
		return d.followUp(ctx, tx, FollowUp{Plan: unique(ended)})
	})
	if err != nil {
		return nil, err
	}
	out := make([]fenced, len(ids))
	for i, id := range ids {
		f, ok := byID[id]
		if !ok {
			f.verdict = verdictAbsent
		}
		out[i] = f
	}
	return out, nil
}

// gate is how much may pass a fence now, over all workers.
type gate struct {
	now       time.Time // the rules' clock
	real      time.Time // the database's clock
	closedFor time.Duration
	slots     int64 // free by concurrency
	tokens    int64 // free by calls per second
	next      time.Time
	interval  time.Duration
}

// openGate reads the limits. While one is in force the provider's row is locked until the fence commits, so that a
// hundred workers racing for one slot take turns.
func (d *Dialer) openGate(ctx context.Context, tx pgx.Tx) (*gate, error) {
	q := dbsqlc.New()
	seen, err := q.ProviderStateGet(ctx, tx, provider)
	state := dbsqlc.ProviderStateLockRow{Breaker: seen.Breaker, PausedUntil: seen.PausedUntil, NextCallAt: seen.NextCallAt,
		ProbeAt: seen.ProbeAt, Now: seen.Now}
	if err == nil && (d.MaxConcurrent > 0 || d.CallsPerSecond > 0 || seen.Breaker != "closed" || seen.CampaignLimits) {
		state, err = q.ProviderStateLock(ctx, tx, provider)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the provider's state: %w", err)
	}
	g := &gate{real: state.Now, now: state.Now.Add(d.Clock.Shift), slots: math.MaxInt64, tokens: math.MaxInt64, next: state.NextCallAt}
	switch {
	case state.PausedUntil != nil && state.PausedUntil.After(g.real):
		g.closedFor = state.PausedUntil.Sub(g.real) + jitter(time.Second)
		return g, nil
	case state.Breaker == "open":
		g.closedFor = 5*time.Second + jitter(time.Second)
		return g, nil
	}
	if d.MaxConcurrent > 0 || state.Breaker == "half_open" {
		active, err := q.AttemptCountActive(ctx, tx, g.now)
		if err != nil {
			return nil, fmt.Errorf("counting active calls: %w", err)
		}
		if d.MaxConcurrent > 0 {
			g.slots = max(int64(d.MaxConcurrent)-active, 0)
		}
		if state.Breaker == "half_open" {
			dialing, err := q.AttemptCountDialing(ctx, tx, d.triesSince(state.ProbeAt, g))
			if err != nil {
				return nil, fmt.Errorf("counting dials under way: %w", err)
			}
			g.slots = min(g.slots, max(1-dialing, 0))
		}
	}
	if d.CallsPerSecond > 0 {
		g.pace(d.CallsPerSecond)
	}
	return g, nil
}

// requestMax is how long after its fence a request can still be under way: finding the caller's id, 30 s, and recording.
const requestMax = 45 * time.Second

// triesSince is from when on a dial under way is the one call that tries whether the account works again. Those from
// before the breaker was half open say nothing about it, and those whose worker died will not say anything: waiting for
// them would hold all calls for the minute until they count as lost.
func (d *Dialer) triesSince(halfOpenAt *time.Time, g *gate) time.Time {
	since := g.now.Add(-requestMax)
	if halfOpenAt != nil && halfOpenAt.Add(d.Clock.Shift).After(since) {
		since = halfOpenAt.Add(d.Clock.Shift)
	}
	return since
}

// pace gives out one token an interval; next is the instant of the first that is not given out. Only intervals shorter
// than the burst catch up on time in which nobody called.
func (g *gate) pace(perSecond float64) {
	g.interval = time.Duration(pacingMargin * float64(time.Second) / perSecond)
	earliest := g.real
	if g.interval < burst {
		earliest = g.real.Add(-burst)
	}
	if g.next.Before(earliest) {
		g.next = earliest
	}
	g.tokens = 0
	if !g.next.After(g.real) {
		g.tokens = int64(g.real.Sub(g.next)/g.interval) + 1
	}
}

// take books what the fence let through.
func (d *Dialer) take(ctx context.Context, tx pgx.Tx, g *gate, n int64) error {
	if d.CallsPerSecond <= 0 || n == 0 {
		return nil
	}
	next := g.next.Add(time.Duration(n) * g.interval)
	if err := dbsqlc.New().ProviderStateTake(ctx, tx, dbsqlc.ProviderStateTakeParams{Provider: provider, NextCallAt: next}); err != nil {
		return fmt.Errorf("booking calls per second: %w", err)
	}
	return nil
}

// waitAt says when the attempt at this place (1 = first) of those that may dial should try again: at its token where
// pacing holds it, in about a second where it needs a slot.
func (g *gate) waitAt(place int64) time.Duration {
	if place > g.tokens && place <= g.slots {
		return max(g.next.Add(time.Duration(place-1)*g.interval).Sub(g.real), time.Millisecond)
	}
	return time.Second + jitter(500*time.Millisecond)
}

func jitter(d time.Duration) time.Duration { return rand.N(d) }

func (d *Dialer) followUp(ctx context.Context, tx pgx.Tx, f FollowUp) error {
	if f.empty() {
		return nil
	}
	if d.FollowUp == nil {
		return errors.New("no way to insert follow-up jobs")
	}
	return d.FollowUp(ctx, tx, f)
}

func unique(ids []uuid.UUID) []uuid.UUID {
	seen := map[uuid.UUID]bool{}
	var out []uuid.UUID
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}
