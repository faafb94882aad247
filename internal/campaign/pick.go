package campaign

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// pickSQL reserves the first leads in order out of the open zone sets. %s is one ordered index scan for each open set:
// Postgres merges them and stops after the limit, so the cost is that of what is picked. It is not in queries/*.sql
// because the number of scans varies.
//
// The rules that other rows can change without marking a lead (a shared number's flag, a suppression) are checked here
// again; a lead that fails is returned without an attempt, to be judged anew.
const pickSQL = `
with picked as materialized (
    select * from (%s) ready
    order by rank, last_at, added_at, campaign_lead_id
    limit $2
), facts as materialized (
    select p.*, l.phone as raw_phone, l.mobile_phone, l.timezone, l.postal_code, l.state as region, l.country, made.number,
        (coalesce(l.dnc, false) or (coalesce(l.do_not_call, false) and not $3)
            or exists (select from public.leads x where x.business_id = $4 and (x.do_not_call or x.dnc) and (x.dnc or not $3)
                and henk.phone_tail(x.phone) = p.tail)
            or exists (select from public.leads x where x.business_id = $4 and (x.do_not_call or x.dnc) and (x.dnc or not $3)
                and henk.phone_tail(x.mobile_phone) = p.tail)
            or exists (select from henk.suppressions s where s.phone = p.phone and (s.business_id is null or s.business_id = $4)
                and (s.expires_at is null or s.expires_at > $5))) as held
    from picked p
    join public.campaign_leads cl on cl.id = p.campaign_lead_id
    join public.leads l on l.id = p.lead_id
    cross join lateral (
        select 1 + greatest(coalesce(cl.attempts, 0), count(*), coalesce(max(a.attempt_number), 0)) as number
        from public.call_attempts a
        where a.campaign_id = $1 and a.lead_id = p.lead_id and a.counts and a.state in ('placed', 'unknown')
    ) made
), reserved as (
    insert into public.call_attempts (campaign_id, lead_id, attempt_number, scheduled_at, phone_number, state, business_day,
        dial_after, dial_before, window_inputs, cap_at_reservation)
    select $1, f.lead_id, f.number, $5, f.phone, 'reserved', $6, w.opens, w.closes,
        henk.window_inputs(k.call_window_start, k.call_window_end, b.settings -> 'calling',
            f.raw_phone, f.mobile_phone, f.timezone, f.postal_code, f.region, f.country),
        k.daily_call_cap
    from facts f
    join (select unnest($7::integer[]) as zone_set, unnest($8::timestamptz[]) as opens, unnest($9::timestamptz[]) as closes) w using (zone_set)
    join public.campaigns k on k.id = $1
    join public.businesses b on b.id = k.business_id
    where not coalesce(f.held, true)
    order by f.rank, f.last_at, f.added_at, f.campaign_lead_id
    on conflict do nothing
    returning id, lead_id
)
select p.lead_id, r.id from picked p left join reserved r on r.lead_id = p.lead_id
order by p.rank, p.last_at, p.added_at, p.campaign_lead_id`

const readyScan = `(select lead_id, campaign_lead_id, zone_set, rank, last_at, added_at, phone, tail from henk.candidates
    where campaign_id = $1 and state = 'ready' and due_at <= $5 and zone_set = %d order by rank, last_at, added_at, campaign_lead_id)`

// pick reserves up to n leads and returns the attempts in calling order.
func (c *Campaign) pick(ctx context.Context, tx pgx.Tx, now, day time.Time, open []span, n int64) ([]uuid.UUID, error) {
	scans := make([]string, len(open))
	sets := make([]int32, len(open))
	opens, closes := make([]time.Time, len(open)), make([]time.Time, len(open))
	for i, s := range open {
		scans[i] = strings.Replace(readyScan, "%d", strconv.Itoa(int(s.set)), 1)
		sets[i], opens[i], closes[i] = s.set, s.opens, s.closes
	}
	sql := fmt.Sprintf(pickSQL, strings.Join(scans, " union all "))
	rows, err := tx.Query(ctx, sql, c.ID, n, c.liftsImportedFlag(), c.BusinessID, now, day, sets, opens, closes)
	if err != nil {
		return nil, fmt.Errorf("reserving attempts: %w", err)
	}
	var reserved, rejected []uuid.UUID
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
