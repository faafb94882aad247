package campaign

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/callhenk/henk-worker/internal/calltime"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// pickSQL reserves the first leads in order out of the open zone sets. The first %s is one ordered index scan for each
// open set: Postgres merges them and stops after the limit, so the cost is that of what is picked. It is not in
// queries/*.sql because the number of scans varies. The second %s says what to do with a conflict.
//
// Leads with an attempt in progress are skipped one by one, by a subquery that the planner cannot turn into a join:
// after a large tick it would join tables whose statistics are from before it.
//
// A suppressed number is looked up here, because suppressions do not mark leads, and so are the calls that the number has
// had: leads that fail are returned, to be judged anew, with their place in calling order; the others have the ids of
// their places. Most numbers of a tick have had fewer calls than any cap allows, which one look at the index of turns
// tells (last_turn, at least as many as there were); leads of one tick with the same number count in their order (ahead).
// in_progress and counts are what the guard of attempt states would fill in, row by row. The log has each call with the
// attempt, whose row holds what it was judged by.
const pickSQL = `
with picked as materialized (
    select ready.*, row_number() over (order by rank, last_at, added_at, campaign_lead_id)::integer as place,
        exists (select from henk.suppressions s where s.phone = ready.phone
            and (s.business_id is null or s.business_id = $3) and (s.expires_at is null or s.expires_at > $4)) as suppressed
    from (%s) ready
    where (select a.id from public.call_attempts a where a.campaign_id = $1 and a.lead_id = ready.lead_id and a.in_progress limit 1) is null
        and (not $10 or (select a.id from public.call_attempts a where a.business_id = $3 and a.number_tail = ready.tail
            and a.number_turn is not null and a.in_progress limit 1) is null)
    order by rank, last_at, added_at, campaign_lead_id
    limit $2
), turned as (
    select p.*, row_number() over (partition by p.tail order by p.place)::integer - 1 as ahead,
        (select a.number_turn from public.call_attempts a where a.business_id = $3 and a.number_tail = p.tail and a.number_turn is not null
            order by a.number_turn desc limit 1) as last_turn
    from picked p
), free as (
    select t.*, case when coalesce(t.last_turn, 0) + t.ahead >= $13 or t.caps is not null
        then henk.number_free_at($3, t.tail, coalesce(t.caps, $9::integer[]), $4, t.ahead) end as free_at
    from turned t
    offset 0
), reserved as (
    insert into public.call_attempts (id, campaign_id, lead_id, attempt_number, scheduled_at, phone_number, state, in_progress, counts, business_day,
        dial_after, dial_before, window_inputs, cap_at_reservation, business_id, number_tail, number_turn, number_free_at, number_caps,
        disclose, rule_pack)
    select ($8::uuid[])[p.place], $1, p.lead_id, p.number,
        $4, p.phone, 'reserved', true, true, $5, p.opens, p.closes, k.inputs || p.inputs, k.daily_call_cap, $3, p.tail,
        coalesce(p.last_turn, 0) + 1 + p.ahead, nullif(p.free_at, '-infinity'), coalesce(p.caps, $9::integer[]), p.disclose, $11
    from free p
    cross join (
        select henk.campaign_inputs(c.call_window_start, c.call_window_end, b.settings -> 'calling') as inputs, c.daily_call_cap
        from public.campaigns c join public.businesses b on b.id = c.business_id where c.id = $1
    ) k
    where not p.suppressed and (p.free_at is null or p.free_at <= $4)
    order by p.place -- so that rows that are dialed together lie together
    %s
    returning id, lead_id
), noted as (
    insert into henk.decisions (at, campaign_id, lead_id, attempt_id, verdict, settings, rule_pack)
    select $4, $1, r.lead_id, r.id, 'call', $12, $11 from reserved r
)
select n.picked, p.place, p.lead_id
from (select count(*)::integer as picked from picked) n
left join picked p on p.lead_id not in (select r.lead_id from reserved r)
order by p.place`

const readyScan = `(select lead_id, campaign_lead_id, rank, last_at, added_at, phone, tail, number, inputs, caps, disclose,
        ($6::timestamptz[])[%d] as opens, ($7::timestamptz[])[%d] as closes
    from henk.candidates
    where campaign_id = $1 and state = 'ready' and due_at <= $4 and zone_set = %d order by rank, last_at, added_at, campaign_lead_id)`

// orderedScansSQL keeps the planner, for this transaction, from reading a whole zone set and sorting it where the index
// has it in order, and from compiling a query that is over in milliseconds; and a large tick in memory.
const orderedScansSQL = `select set_config('enable_bitmapscan', 'off', true), set_config('enable_seqscan', 'off', true),
	set_config('jit', 'off', true), set_config('work_mem', '32MB', true)`

// pick reserves up to n leads and returns the attempts in calling order; again says that some of the first n leads were
// found to be held, and are to be judged anew.
func (c *Campaign) pick(ctx context.Context, tx pgx.Tx, now, day time.Time, open []span, n int64, settings string) (reserved []uuid.UUID, again bool, err error) {
	scans := make([]string, len(open))
	opens, closes := make([]time.Time, len(open)), make([]time.Time, len(open))
	for i, s := range open {
		scans[i] = fmt.Sprintf(readyScan, i+1, i+1, s.set)
		opens[i], closes[i] = s.opens, s.closes
	}
	// In the order of time, so that they go to the end of the index; made here because Postgres takes ten times as long.
	ids := make([]uuid.UUID, n)
	for i := range ids {
		if ids[i], err = uuid.NewV7(); err != nil {
			return nil, false, fmt.Errorf("making ids of attempts: %w", err)
		}
	}
	if _, err := tx.Exec(ctx, orderedScansSQL); err != nil {
		return nil, false, fmt.Errorf("preparing to reserve: %w", err)
	}
	limits := c.limits(nil, now)
	strictest := slices.MinFunc(limits, func(a, b limit) int { return a.Calls - b.Calls }).Calls
	reserve := func(tx pgx.Tx, onConflict string) (reserved, rejected []uuid.UUID, err error) {
		sql := fmt.Sprintf(pickSQL, strings.Join(scans, " union all "), onConflict)
		rows, err := tx.Query(ctx, sql, c.ID, n, c.BusinessID, now, day, opens, closes, ids,
			packed(limits), c.DedupeByPhone, calltime.CurrentPack().Version, settings, strictest)
		return collectPicked(ids, rows, err)
	}
	var rejected []uuid.UUID
	err = pgx.BeginFunc(ctx, tx, func(savepoint pgx.Tx) (err error) {
		reserved, rejected, err = reserve(savepoint, "")
		return err
	})
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == pgerrcode.UniqueViolation {
		// Somebody reserved by hand what the candidates do not show. The cautious form costs twice as much.
		reserved, rejected, err = reserve(tx, "on conflict do nothing")
	}
	if err != nil {
		return nil, false, fmt.Errorf("reserving attempts: %w", err)
	}
	if len(rejected) > 0 {
		err := dbsqlc.New().CandidateMarkDirty(ctx, tx, dbsqlc.CandidateMarkDirtyParams{CampaignID: c.ID, LeadIds: rejected})
		if err != nil {
			return nil, false, fmt.Errorf("marking leads to be judged again: %w", err)
		}
	}
	return reserved, len(rejected) > 0, nil
}

// collectPicked takes from ids, which are in calling order, those of the leads that did not fail.
func collectPicked(ids []uuid.UUID, rows pgx.Rows, err error) (reserved, rejected []uuid.UUID, _ error) {
	if err != nil {
		return nil, nil, err
	}
	var picked, from int
	var place *int
	var leadID *uuid.UUID
	_, err = pgx.ForEachRow(rows, []any{&picked, &place, &leadID}, func() error {
		if place != nil {
			rejected = append(rejected, *leadID)
			reserved = append(reserved, ids[from:*place-1]...)
			from = *place
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return append(reserved, ids[from:picked]...), rejected, nil
}
