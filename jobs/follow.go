package jobs

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/callhenk/henk-worker/internal/store"
)

// Somebody who asks for a tick may want to know when it and all it led to is over. Then the tick's metadata hold a mark,
// and what a marked job inserts is marked likewise. Ticks of the schedule carry none, so that nothing is paid for it.

// fanOut is what is waited for: by the kind of a marked job, the kinds of those it hands its mark to.
var fanOut = map[string][]string{
	CampaignOrchestratorArgs{}.Kind():      {PlanCampaignArgs{}.Kind()},
	PlanCampaignArgs{}.Kind():              {PlanCampaignArgs{}.Kind(), DialLeadArgs{}.Kind()},
	ConversationOrchestratorArgs{}.Kind():  {SyncConversationArgs{}.Kind(), ApplyWebhookArgs{}.Kind()},
	SyncSalesforceLeadsArgs{}.Kind():       {SyncSalesforceIntegrationArgs{}.Kind()},
	SyncSalesforceIntegrationArgs{}.Kind(): {SyncSalesforceIntegrationArgs{}.Kind()},
}

// followWithin is how far ahead a job may be scheduled and still belong to the work at hand: a plan that wakes up when a
// window opens does not.
const followWithin = 10 * time.Second

// Tick is a job that was asked for, with its mark where it is followed.
type Tick struct {
	ID        int64
	Kind      string
	Duplicate bool // an equal job was pending already and serves
	mark      string
}

// InsertTick asks for a job now. With follow, Progress can tell what becomes of it: an equal job that is running has
// decided already, so the next one is waited for, as long as ctx lasts.
func InsertTick(ctx context.Context, db *store.DB, client *Client, args river.JobArgs, follow bool) (*Tick, error) {
	t := &Tick{Kind: args.Kind()}
	opts := &river.InsertOpts{}
	if follow {
		t.mark = rand.Text()
		opts.Metadata = metadataOf(t.mark)
	}
	for {
		res, err := client.Insert(ctx, args, opts)
		if err != nil {
			return nil, fmt.Errorf("inserting %s: %w", t.Kind, err)
		}
		t.ID, t.Duplicate = res.Job.ID, res.UniqueSkippedAsDuplicate
		if !follow || !t.Duplicate {
			return t, nil
		}
		mark, err := markPending(ctx, db, t.ID, t.mark)
		if err == nil {
			t.mark = mark
			return t, nil
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return nil, fmt.Errorf("marking %s: %w", t.Kind, err)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func metadataOf(mark string) []byte { return []byte(`{"follow": "` + mark + `"}`) }

// markPending marks a job that has not begun; one that is marked keeps its mark. A conversation that would be asked for
// again in a while is asked for now, and how often it was before is noted.
func markPending(ctx context.Context, db *store.DB, id int64, mark string) (string, error) {
	err := db.QueryRow(ctx, `update `+store.RiverSchema+`.river_job
		set metadata = metadata || jsonb_build_object('follow', coalesce(metadata ->> 'follow', $2), 'follow_from', coalesce((metadata ->> 'snoozes')::int, 0)),
			state = case when kind = $3 and state = 'scheduled' then 'available' else state end,
			scheduled_at = case when kind = $3 then least(scheduled_at, now()) else scheduled_at end
		where id = $1 and state in ('available', 'pending', 'retryable', 'scheduled') returning metadata ->> 'follow'`,
		id, mark, SyncConversationArgs{}.Kind()).Scan(&mark)
	return mark, err
}

// Progress is what has become of a followed tick.
type Progress struct {
	Done   bool                        `json:"done"`
	Jobs   map[string]map[string]int64 `json:"jobs"`   // by kind and River's state
	Counts map[string]int64            `json:"counts"` // what the jobs said of themselves, added up
}

// Progress reads it. A conversation whose call goes on counts as done: it is asked for again by itself.
func (t *Tick) Progress(ctx context.Context, db *store.DB) (*Progress, error) {
	rows, err := db.Query(ctx, `select kind, state::text, coalesce((metadata ->> 'snoozes')::int, 0) > coalesce((metadata ->> 'follow_from')::int, 0) as snoozed, metadata #>> '{output,state}' as verdict,
			sum((metadata #>> '{output,reserved}')::bigint) as reserved, count(*),
			jsonb_agg(metadata -> 'output') filter (where kind = $2 or kind = 'sync-salesforce-integration') as outputs
		from `+store.RiverSchema+`.river_job where metadata @> $1::jsonb group by 1, 2, 3, 4`, string(metadataOf(t.mark)), t.Kind)
	if err != nil {
		return nil, fmt.Errorf("reading what became of %s: %w", t.Kind, err)
	}
	type group struct {
		Kind, State string
		Snoozed     bool
		Verdict     *string
		Reserved    *int64
		Count       int64
		Outputs     []byte
	}
	groups, err := pgx.CollectRows(rows, pgx.RowToStructByPos[group])
	if err != nil {
		return nil, fmt.Errorf("reading what became of %s: %w", t.Kind, err)
	}
	p := &Progress{Done: len(groups) > 0, Jobs: map[string]map[string]int64{}, Counts: map[string]int64{}}
	for _, g := range groups {
		if p.Jobs[g.Kind] == nil {
			p.Jobs[g.Kind] = map[string]int64{}
		}
		p.Jobs[g.Kind][g.State] += g.Count
		ended := slices.Contains([]string{"completed", "cancelled", "discarded"}, g.State)
		switch talking := g.Kind == (SyncConversationArgs{}).Kind() && g.Snoozed; {
		case talking && !ended:
			p.Counts["in_progress"] += g.Count
		case !ended:
			p.Done = false
		case g.Kind == (DialLeadArgs{}).Kind() && g.State == "completed":
			p.Counts[orDefault(deref(g.Verdict), "placed")] += g.Count
		}
		if g.Reserved != nil && g.Kind == (PlanCampaignArgs{}).Kind() {
			p.Counts["reserved"] += *g.Reserved
		}
		maps.Copy(p.Counts, addNumbers(p.Counts, g.Outputs))
	}
	return p, nil
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// addNumbers adds the whole numbers of a list of outputs to those of the same name.
func addNumbers(to map[string]int64, outputs []byte) map[string]int64 {
	var list []map[string]any
	if json.Unmarshal(outputs, &list) != nil {
		return nil
	}
	sum := map[string]int64{}
	for _, output := range list {
		for name, v := range output {
			if n, ok := v.(float64); ok && n == float64(int64(n)) {
				if _, begun := sum[name]; !begun {
					sum[name] = to[name]
				}
				sum[name] += int64(n)
			}
		}
	}
	return sum
}

// trail is what a marked job leaves to those it inserts.
type trail struct {
	kind, mark string
	mu         sync.Mutex
	pending    []int64 // equal jobs that were there already
}

type trailKey struct{}

// follower hands marks on: as River's middleware around work and inserts of one process.
type follower struct {
	river.MiddlewareDefaults
	db *store.DB
}

// Work notes the job's mark for what it inserts, and marks afterwards what it found pending: in its own transaction those
// rows are locked.
func (f *follower) Work(ctx context.Context, job *rivertype.JobRow, work func(context.Context) error) error {
	var meta struct {
		Follow string `json:"follow"`
	}
	if len(fanOut[job.Kind]) == 0 || json.Unmarshal(job.Metadata, &meta) != nil || meta.Follow == "" {
		return work(ctx)
	}
	t := &trail{kind: job.Kind, mark: meta.Follow}
	err := work(context.WithValue(ctx, trailKey{}, t))
	for _, id := range t.pending {
		if _, markErr := markPending(ctx, f.db, id, t.mark); markErr != nil && !errors.Is(markErr, pgx.ErrNoRows) {
			return errors.Join(err, fmt.Errorf("marking a pending job: %w", markErr))
		}
	}
	return err
}

// InsertMany marks what a marked job inserts.
func (f *follower) InsertMany(ctx context.Context, params []*rivertype.JobInsertParams, insert func(context.Context) ([]*rivertype.JobInsertResult, error)) ([]*rivertype.JobInsertResult, error) {
	t, _ := ctx.Value(trailKey{}).(*trail)
	if t == nil {
		return insert(ctx)
	}
	for _, p := range params {
		soon := p.ScheduledAt == nil || time.Until(*p.ScheduledAt) < followWithin
		if soon && slices.Contains(fanOut[t.kind], p.Kind) && (len(p.Metadata) == 0 || string(p.Metadata) == "{}") {
			p.Metadata = metadataOf(t.mark)
		}
	}
	results, err := insert(ctx)
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, res := range results {
		if res != nil && res.UniqueSkippedAsDuplicate && res.Job != nil && slices.Contains(fanOut[t.kind], res.Job.Kind) {
			t.pending = append(t.pending, res.Job.ID)
		}
	}
	return results, err
}
