package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/callhenk/henk-worker/internal/clock"
	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/jobs"
)

const (
	conversations = 10_000
	syncWorkers   = 200 // asking in parallel
	sampled       = 200 // conversations from which the reference takes its rows
)

// Conversations brings back finished calls of twenty messages: poll, parse, events, outcome, consequences and the end
// of the job, and counts the events that are on the books a second. The reference copies rows of the same content into
// the same table.
func Conversations(ctx context.Context, o Options) (*Result, error) {
	n := conversations
	if o.N > 0 {
		n = o.N
	}
	db, remove, err := database(ctx, o)
	if err != nil {
		return nil, err
	}
	defer remove()
	ck := clock.At(noon())
	o.step("placing %d calls", n)
	campaign, err := newCampaign(ctx, db, sampled+n, false)
	if err != nil {
		return nil, err
	}
	client, asked, stop, err := talkative()
	if err != nil {
		return nil, err
	}
	defer stop()
	warm := &Result{}
	if err := syncAll(ctx, db, o, ck, client, asked, campaign, sampled, warm); err != nil {
		return nil, err
	}
	sample, err := sampleEvents(ctx, db)
	if err != nil {
		return nil, err
	}
	o.step("reference: copying events")
	before, err := copyRate(ctx, db, campaign, n, sample)
	if err != nil {
		return nil, err
	}
	r := &Result{Name: "conversations", N: n, Unit: "events/s", Extra: map[string]any{}}
	o.step("bringing back %d conversations", n)
	if err := syncAll(ctx, db, o, ck, client, asked, campaign, n, r); err != nil {
		return nil, err
	}
	o.step("reference again")
	after, err := copyRate(ctx, db, campaign, n, sample)
	if err != nil {
		return nil, err
	}
	r.Reference = Reference{"copy_events", max(before, after), "events/s"}
	r.Ratio = r.Rate / r.Reference.Rate
	r.Extra["conversations_per_second"] = float64(n) / r.Seconds
	r.Extra["rss_ratio_to_warm_up"] = float64(r.PeakRSSBytes) / float64(max(warm.PeakRSSBytes, 1))
	return r, nil
}

// placeSQL puts n calls on the books as the dialer records them, for leads that have none yet, and returns their ids.
const placeSQL = `
with l as (
    select l.id, l.phone, gen_random_uuid() as attempt, gen_random_uuid() as conversation, c.agent_id
    from leads l join campaigns c on c.id = $1
    where l.business_id = c.business_id and not exists (select from conversations v where v.lead_id = l.id)
    order by l.id limit $2
), a as (
    insert into call_attempts (id, campaign_id, lead_id, attempt_number, scheduled_at, phone_number, state, result, dialing_at, ended_at,
        business_day, provider_agent_id, provider_conversation_id, conversation_id)
    select attempt, $1, id, 1, $3::timestamptz, phone, 'placed', 'success', $3::timestamptz, $3::timestamptz, $3::timestamptz::date, 'agent_1', 'conv_' || attempt, conversation from l
), v as (
    insert into conversations (id, campaign_id, agent_id, lead_id, conversation_id, attempt_id, started_at)
    select conversation, $1, agent_id, id, 'conv_' || attempt, attempt, $3::timestamptz from l
), g as (
    insert into call_logs (campaign_id, agent_id, lead_id, conversation_id, from_number, to_number, status, queued_at)
    select $1, agent_id, id, conversation, '+15005550006', phone, 'initiated', $3::timestamptz from l
), m as (
    update campaign_leads m set status = 'contacted', attempts = 1, last_attempt_at = $3::timestamptz from l where m.campaign_id = $1 and m.lead_id = l.id
)
select conversation from l`

func place(ctx context.Context, db *store.DB, campaign uuid.UUID, n int, at time.Time) ([]uuid.UUID, error) {
	rows, err := db.Query(ctx, placeSQL, campaign, n, at)
	if err != nil {
		return nil, fmt.Errorf("placing the benchmark's calls: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err == nil && len(ids) < n {
		err = fmt.Errorf("only %d of %d leads are left", len(ids), n)
	}
	if err != nil {
		return nil, fmt.Errorf("placing the benchmark's calls: %w", err)
	}
	for _, table := range []string{"public.conversations", "public.call_logs"} {
		if _, err := db.Exec(ctx, "vacuum analyze "+table); err != nil {
			return nil, fmt.Errorf("vacuuming %s: %w", table, err)
		}
	}
	return ids, settle(ctx, db)
}

// syncAll places n calls, which are over at once, and measures how they are brought back.
func syncAll(ctx context.Context, db *store.DB, o Options, ck clock.Clock, client *elevenlabs.Client, asked func() int64, campaign uuid.UUID, n int, r *Result) error {
	ids, err := place(ctx, db, campaign, n, ck.Local().Add(-10*time.Minute))
	if err != nil {
		return err
	}
	rt, err := jobs.New(jobs.Config{DB: db, ElevenLabs: client, Clock: ck, Log: o.Log, Queues: []string{jobs.QueueSync}, SyncWorkers: syncWorkers, NoTicks: true})
	if err != nil {
		return err
	}
	params := make([]river.InsertManyParams, len(ids))
	for i, id := range ids {
		params[i] = river.InsertManyParams{Args: jobs.SyncConversationArgs{ConversationID: id}}
	}
	if _, err := rt.Client.InsertManyFast(ctx, params); err != nil {
		return fmt.Errorf("inserting conversation syncs: %w", err)
	}
	var events int
	if err := db.QueryRow(ctx, "select count(*) from conversation_events").Scan(&events); err != nil {
		return fmt.Errorf("counting events: %w", err)
	}
	u, err := startUsage(ctx, db)
	if err != nil {
		return err
	}
	already := asked()
	if err := rt.Start(ctx); err != nil {
		return err
	}
	for open := n; open > 0; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
		if asked()-already < int64(n) {
			continue // counting rows all the time would be part of what is measured
		}
		if err := db.QueryRow(ctx, "select count(*) from conversations where settled_at is null").Scan(&open); err != nil {
			return fmt.Errorf("counting open conversations: %w", err)
		}
	}
	if err := u.stop(ctx, db, r); err != nil {
		return err
	}
	if err := rt.Stop(ctx); err != nil {
		return err
	}
	var now int
	if err := db.QueryRow(ctx, "select count(*) from conversation_events").Scan(&now); err != nil {
		return fmt.Errorf("counting events: %w", err)
	}
	if now-events < n*turns {
		return fmt.Errorf("%d conversations of %d messages left only %d events", n, turns, now-events)
	}
	r.Rate = float64(now-events) / r.Seconds
	return nil
}
