package campaign

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// pickSQL reserves the first leads in order out of the open zone sets. The first %s is one ordered index scan for each
// open set: Postgres merges them and stops after the limit, so the cost is that of what is picked. It is not in
// queries/*.sql because the number of scans varies. The second %s says what to do with a conflict.
//
// Leads with an attempt in progress are skipped one by one, by a subquery that the planner cannot turn into a join:
// after a large tick it would join tables whose statistics are from before it.
//
// A suppressed number is looked up here, because suppressions do not mark leads; a lead that fails is returned without
// an attempt, to be judged anew.
const pickSQL = `
with picked as materialized (
    select ready.*, exists (select from henk.suppressions s where s.phone = ready.phone
        and (s.business_id is null or s.business_id = $3) and (s.expires_at is null or s.expires_at > $4)) as held
    from (%s) ready
    where (select a.id from public.call_attempts a where a.campaign_id = $1 and a.lead_id = ready.lead_id and a.in_progress limit 1) is null
    order by rank, last_at, added_at, campaign_lead_id
    limit $2
), reserved as (
    insert into public.call_attempts (id, campaign_id, lead_id, attempt_number, scheduled_at, phone_number, state, business_day,
        dial_after, dial_before, window_inputs, cap_at_reservation)
    select henk.ordered_uuid($9, row_number() over (order by p.rank, p.last_at, p.added_at, p.campaign_lead_id)), $1, p.lead_id, p.number, $4, p.phone, 'reserved', $5, w.opens, w.closes, k.inputs || p.inputs, k.daily_call_cap
    from picked p
    join (select unnest($6::integer[]) as zone_set, unnest($7::timestamptz[]) as opens, unnest($8::timestamptz[]) as closes) w using (zone_set)
    cross join (
        select henk.campaign_inputs(c.call_window_start, c.call_window_end, b.settings -> 'calling') as inputs, c.daily_call_cap
        from public.campaigns c join public.businesses b on b.id = c.business_id where c.id = $1
    ) k
    where not p.held
    order by p.rank, p.last_at, p.added_at, p.campaign_lead_id
    %s
    returning id, lead_id
)
select p.lead_id, r.id from picked p left join reserved r on r.lead_id = p.lead_id
order by p.rank, p.last_at, p.added_at, p.campaign_lead_id`

const readyScan = `(select lead_id, campaign_lead_id, zone_set, rank, last_at, added_at, phone, number, inputs from henk.candidates
    where campaign_id = $1 and state = 'ready' and due_at <= $4 and zone_set = %d order by rank, last_at, added_at, campaign_lead_id)`

// orderedScansSQL keeps the planner, for this transaction, from reading a whole zone set and sorting it where the index
// has it in order, and from compiling a query that is over in milliseconds.
const orderedScansSQL = `select set_config('enable_bitmapscan', 'off', true), set_config('enable_seqscan', 'off', true),
	set_config('jit', 'off', true)`

// pick reserves up to n leads and returns the attempts in calling order.
func (c *Campaign) pick(ctx context.Context, tx pgx.Tx, now, day time.Time, open []span, n int64) ([]uuid.UUID, error) {
	scans := make([]string, len(open))
	sets := make([]int32, len(open))
	opens, closes := make([]time.Time, len(open)), make([]time.Time, len(open))
	for i, s := range open {
		scans[i] = strings.Replace(readyScan, "%d", strconv.Itoa(int(s.set)), 1)
		sets[i], opens[i], closes[i] = s.set, s.opens, s.closes
	}
	if _, err := tx.Exec(ctx, orderedScansSQL); err != nil {
		return nil, fmt.Errorf("preparing to reserve: %w", err)
	}
	reserve := func(tx pgx.Tx, onConflict string) (reserved, rejected []uuid.UUID, err error) {
		sql := fmt.Sprintf(pickSQL, strings.Join(scans, " union all "), onConflict)
		return collectPicked(tx.Query(ctx, sql, c.ID, n, c.BusinessID, now, day, sets, opens, closes, time.Now().UnixMilli()))
	}
	var reserved, rejected []uuid.UUID
	err := pgx.BeginFunc(ctx, tx, func(savepoint pgx.Tx) (err error) {
		reserved, rejected, err = reserve(savepoint, "")
		return err
	})
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == pgerrcode.UniqueViolation {
		// Somebody reserved by hand what the candidates do not show. The cautious form costs twice as much.
		reserved, rejected, err = reserve(tx, "on conflict do nothing")
	}
	if err != nil {
		return nil, fmt.Errorf("reserving attempts: %w", err)
	}
	if len(rejected) > 0 {
		err := dbsqlc.New().CandidateMarkDirty(ctx, tx, dbsqlc.CandidateMarkDirtyParams{CampaignID: c.ID, LeadIds: rejected})
		if err != nil {
			return nil, fmt.Errorf("marking leads to be judged again: %w", err)
		}
	}
	return reserved, nil
}

func collectPicked(rows pgx.Rows, err error) (reserved, rejected []uuid.UUID, _ error) {
	if err != nil {
		return nil, nil, err
	}
	var leadID uuid.UUID
	var attemptID *uuid.UUID
	_, err = pgx.ForEachRow(rows, []any{&leadID, &attemptID}, func() error {
		if attemptID == nil {
			rejected = append(rejected, leadID)
		} else {
			reserved = append(reserved, *attemptID)
		}
		return nil
	})
	return reserved, rejected, err
}
