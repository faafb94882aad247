package call

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/calltime"
	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

const (
	// maxWait is how long a job waits for its turn in memory, in all: longer waits go back to the queue, so that a worker
	// that is told to stop need not wait for a line to become free.
	maxWait = 3 * time.Second
	// maxStale: a process that was stopped between fence and request for longer than this does not call any more.
	maxStale = 20 * time.Second
	// handOver: a dial under way is left to its worker for this long before it counts as lost. Above the provider's
	// time-out of 30 s and the time to record.
	handOver = 60 * time.Second
)

// Dial works one attempt: fence, request, record. It may be called any number of times, by any worker, at any moment;
// at most one call of it sends the request.
func (d *Dialer) Dial(ctx context.Context, attemptID uuid.UUID) (Outcome, error) {
	// Two jobs of one attempt in one process: the second must not take what the first has fenced for its own, which
	// releaseUnsent would do if its fence failed.
	if _, busy := d.underWay.LoadOrStore(attemptID, nil); busy {
		return Outcome{State: "dialing", Again: 5*time.Second + jitter(time.Second)}, nil
	}
	defer d.underWay.Delete(attemptID)
	waitUntil := time.Now().Add(maxWait)
	for {
		began := time.Now()
		d.kill("before_fence", attemptID)
		f, err := d.fences.Do(ctx, attemptID)
		if err != nil {
			d.releaseUnsent(ctx, attemptID, "fence_lost")
			return Outcome{}, fmt.Errorf("passing the fence: %w", err)
		}
		d.kill("after_fence", attemptID)
		switch f.verdict {
		case verdictDial:
			return d.place(ctx, f.call, began)
		case verdictAbsent:
			return d.settled(ctx, attemptID)
		case verdictWait:
			if began.Add(f.wait).After(waitUntil) {
				return Outcome{State: "reserved", Again: f.wait}, nil
			}
			select {
			case <-ctx.Done():
				return Outcome{State: "reserved", Again: time.Second}, nil
			case <-time.After(f.wait):
			}
		default:
			return Outcome{State: f.verdict, Reason: f.call.Failing}, nil
		}
	}
}

// place sends the request and records what came of it. From here on the job's context counts for nothing: a request
// that may be under way is waited for, and its result written down.
func (d *Dialer) place(ctx context.Context, c dbsqlc.AttemptFenceRow, began time.Time) (Outcome, error) {
	ctx = context.WithoutCancel(ctx)
	r := result{id: c.ID, campaignID: c.CampaignID}
	phoneNumberID, err := d.resolveCaller(ctx, c)
	switch {
	case err != nil:
		r.setUnsent(err)
	case time.Since(began) > maxStale:
		r.state, r.reason = "released", "held_up"
	default:
		d.kill("before_request", c.ID)
		r.from = *c.CallerID
		placed, err := d.Client.PlaceCall(ctx, outboundCall(c, phoneNumberID))
		d.kill("after_request", c.ID)
		r.set(placed, err)
	}
	if err := d.record(ctx, r); err != nil {
		return Outcome{}, fmt.Errorf("recording the call: %w", err)
	}
	d.kill("after_record", c.ID)
	return Outcome{State: r.state, Reason: r.reason}, nil
}

// resolveCaller turns an E.164 caller id into the provider's id of that number (cached by the client).
func (d *Dialer) resolveCaller(ctx context.Context, c dbsqlc.AttemptFenceRow) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 12*time.Second)
	defer cancel()
	return d.Client.ResolveCallerID(ctx, *c.CallerID)
}

// outboundCall carries the original's dynamic variables, what the callee's states want to be said, and the attempt's id by
// which a lost call is found again.
func outboundCall(c dbsqlc.AttemptFenceRow, phoneNumberID string) elevenlabs.OutboundCall {
	name := text(c.FirstName)
	if last := text(c.LastName); last != "" {
		if name != "" {
			name += " "
		}
		name += last
	}
	return elevenlabs.OutboundCall{
		AgentID:            *c.ElevenlabsAgentID,
		AgentPhoneNumberID: phoneNumberID,
		ToNumber:           c.PhoneNumber,
		UserID:             c.ID.String(),
		DynamicVariables: map[string]any{
			"attempt_id":      c.ID.String(),
			"donor_name":      name,
			"name":            name,
			"company":         text(c.Company),
			"campaign_id":     c.CampaignID.String(),
			"campaign_name":   c.CampaignName,
			"disclosure_line": text(c.DisclosureLine),
			"goal_metric":     text(c.GoalMetric),
			"agent_id":        c.AgentID.String(),
			"lead_id":         c.LeadID.String(),
			"attempt_no":      c.AttemptNumber,
			"caller_id":       *c.CallerID,

			"state_requirements": requirements(c.Disclose),
		},
	}
}

// requirements words the rows of the rule pack that ask for a disclosure: "WA: name yourself ...". "" for none.
func requirements(ids string) string {
	if ids == "" {
		return ""
	}
	var words []string
	for id := range strings.SplitSeq(ids, ",") {
		if r := calltime.CurrentPack().Row(id); r != nil {
			words = append(words, r.State+": "+r.Note)
		}
	}
	return strings.Join(words, "; ")
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// settled explains an attempt that could not be fenced because it is not reserved. One that another worker is dialing
// is left to that worker for a minute; then its call is unknown and the provider is asked.
func (d *Dialer) settled(ctx context.Context, id uuid.UUID) (Outcome, error) {
	a, err := d.attempt(ctx, id)
	if err != nil || a == nil {
		return Outcome{State: "gone", Reason: "attempt_deleted"}, err
	}
	if *a.State == "dialing" {
		now, err := d.Clock.Now(ctx, d.DB)
		if err != nil {
			return Outcome{}, err
		}
		if left := handOver - now.Sub(*a.DialingAt); left > 0 && left <= handOver {
			return Outcome{State: "dialing", Again: left + jitter(time.Second)}, nil
		}
		if err := d.record(ctx, result{id: id, campaignID: a.CampaignID, state: "unknown", code: "lost", message: "the worker that dialed did not record a result"}); err != nil {
			return Outcome{}, err
		}
		return Outcome{State: "unknown", Reason: "lost"}, nil
	}
	return Outcome{State: *a.State, Reason: text(a.Reason)}, nil
}

// releaseUnsent undoes a fence whose commit may or may not have been lost. Nobody else can have dialed: the fence
// names this process. It tries for a while, because the usual cause is a database that restarts.
func (d *Dialer) releaseUnsent(ctx context.Context, id uuid.UUID, reason string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Minute)
	defer cancel()
	err := d.untilAvailable(ctx, func() error {
		return store.InTx(ctx, d.DB, func(tx pgx.Tx) error {
			if err := d.DB.Brief(ctx, tx); err != nil {
				return err
			}
			now, err := d.Clock.Now(ctx, tx)
			if err != nil {
				return err
			}
			campaigns, err := dbsqlc.New().AttemptReleaseUnsent(ctx, tx, dbsqlc.AttemptReleaseUnsentParams{
				ID: id, Reason: reason, WorkerID: d.WorkerID, Now: now})
			if err != nil {
				return fmt.Errorf("releasing an attempt that was not sent: %w", err)
			}
			return d.followUp(ctx, tx, FollowUp{Plan: campaigns})
		})
	})
	if err != nil {
		d.Log.WarnContext(ctx, "Could not release an attempt; it will be reconciled", "attempt_id", id, "err", err)
	}
}

// untilAvailable repeats fn while the database cannot be reached.
func (d *Dialer) untilAvailable(ctx context.Context, fn func() error) error {
	for delay := 50 * time.Millisecond; ; delay = min(2*delay, 2*time.Second) {
		err := fn()
		if err == nil || !store.Unavailable(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(delay + jitter(delay)):
		}
	}
}
