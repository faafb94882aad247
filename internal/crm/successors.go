package crm

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// linkSQL keeps who goes on for whom, as the page tells it. An undeleted record has no successor any more.
const linkSQL = `
WITH links AS (
    INSERT INTO henk.crm_successors AS x (integration_id, source_id, successor_id, do_not_call)
    SELECT $1::uuid, s.source_id, s.successor, coalesce(s.do_not_call, false) FROM crm_stage s WHERE s.successor IS NOT NULL
    ON CONFLICT (source_id, integration_id) DO UPDATE SET successor_id = excluded.successor_id, do_not_call = x.do_not_call OR excluded.do_not_call,
        handed_over = x.handed_over AND x.successor_id = excluded.successor_id
    WHERE x.successor_id <> excluded.successor_id OR (excluded.do_not_call AND NOT x.do_not_call)
    RETURNING 1
), cut AS (
    DELETE FROM henk.crm_successors
    WHERE integration_id = $1::uuid AND source_id = ANY (ARRAY(SELECT s.source_id FROM crm_stage s WHERE s.successor IS NULL))
    RETURNING 1
)
SELECT (SELECT count(*) FROM links) + (SELECT count(*) FROM cut)`

// touchedSQL lists the survivors whom the page concerns: of those that are gone in it, and those that it brings for the first
// time. Others have inherited already.
const touchedSQL = `
SELECT s.successor FROM crm_stage s WHERE s.successor IS NOT NULL
UNION
SELECT x.successor_id FROM henk.crm_successors x
WHERE x.integration_id = $1::uuid AND NOT x.handed_over AND x.successor_id = ANY (ARRAY(SELECT s.source_id FROM crm_stage s))`

// inheritSQL raises on the survivors, and on those who go on for them, what is flagged on whom they go on for, along the
// whole chain. $1 business, $2 integration, $3 survivors.
const inheritSQL = `
WITH RECURSIVE touched (id) AS (
    SELECT unnest($3::text[])
    UNION
    SELECT x.successor_id FROM touched t
    CROSS JOIN LATERAL (SELECT y.* FROM henk.crm_successors y WHERE y.integration_id = $2 AND y.source_id = t.id OFFSET 0) x
), above (id, source_id, flagged) AS (
    SELECT t.id, x.source_id, x.do_not_call FROM touched t
    CROSS JOIN LATERAL (SELECT y.* FROM henk.crm_successors y WHERE y.integration_id = $2 AND y.successor_id = t.id OFFSET 0) x
    UNION
    SELECT a.id, x.source_id, x.do_not_call FROM above a
    CROSS JOIN LATERAL (SELECT y.* FROM henk.crm_successors y WHERE y.integration_id = $2 AND y.successor_id = a.source_id OFFSET 0) x
), flags AS MATERIALIZED (
    SELECT (SELECT y.id FROM public.leads y WHERE y.business_id = $1 AND y.source = 'salesforce' AND y.source_id = a.id) AS lead_id,
        bool_or(a.flagged OR coalesce(l.do_not_call, false)) AS do_not_call, bool_or(coalesce(l.dnc, false)) AS dnc,
        bool_or(coalesce(l.email_opt_out, false)) AS email_opt_out
    FROM above a
    LEFT JOIN LATERAL (SELECT y.* FROM public.leads y
        WHERE y.business_id = $1 AND y.source = 'salesforce' AND y.source_id = a.source_id OFFSET 0) l ON true
    GROUP BY a.id
)
UPDATE public.leads w SET do_not_call = w.do_not_call IS TRUE OR f.do_not_call, dnc = w.dnc IS TRUE OR f.dnc,
    email_opt_out = w.email_opt_out IS TRUE OR f.email_opt_out, updated_at = now()
FROM flags f
WHERE w.id = f.lead_id AND (f.do_not_call OR f.dnc OR f.email_opt_out)
  AND ((f.do_not_call AND w.do_not_call IS NOT TRUE) OR (f.dnc AND w.dnc IS NOT TRUE) OR (f.email_opt_out AND w.email_opt_out IS NOT TRUE))
RETURNING w.id`

// handOverSQL gives the survivors that are here the places in campaigns that they have not got, with what was tried already.
const handOverSQL = `
WITH due AS MATERIALIZED (
    SELECT x.source_id, w.id AS new_lead,
        (SELECT f.id FROM public.leads f WHERE f.business_id = $1 AND f.source = 'salesforce' AND f.source_id = x.source_id) AS old_lead
    FROM henk.crm_successors x
    CROSS JOIN LATERAL (SELECT y.id FROM public.leads y
        WHERE y.business_id = $1 AND y.source = 'salesforce' AND y.source_id = x.successor_id OFFSET 0) w
    WHERE x.integration_id = $2 AND x.successor_id = ANY ($3::text[]) AND NOT x.handed_over
), places AS (
    INSERT INTO public.campaign_leads (campaign_id, lead_id, lead_list_id, status, attempts, last_attempt_at, next_attempt_at, outcome)
    SELECT DISTINCT ON (cl.campaign_id, d.new_lead) cl.campaign_id, d.new_lead, cl.lead_list_id, cl.status, cl.attempts, cl.last_attempt_at, cl.next_attempt_at, cl.outcome
    FROM due d
    JOIN public.campaigns c ON c.business_id = $1 AND c.status IN ('draft', 'active', 'paused')
    CROSS JOIN LATERAL (SELECT y.* FROM public.campaign_leads y WHERE y.campaign_id = c.id AND y.lead_id = d.old_lead OFFSET 0) cl
    ORDER BY cl.campaign_id, d.new_lead, cl.attempts DESC NULLS LAST
    ON CONFLICT (campaign_id, lead_id) DO NOTHING
)
UPDATE henk.crm_successors x SET handed_over = true WHERE x.integration_id = $2 AND x.source_id = ANY (ARRAY(SELECT d.source_id FROM due d))`

// succeed applies what merges and conversions of this and earlier pages mean for the leads of this page. It returns
// the leads that are not to be called any more.
func (t *target) succeed(ctx context.Context, tx pgx.Tx) ([]uuid.UUID, error) {
	var changed int
	if err := tx.QueryRow(ctx, linkSQL, pgx.QueryExecModeExec, t.integration.String()).Scan(&changed); err != nil {
		return nil, fmt.Errorf("keeping merges and conversions: %w", err)
	}
	rows, err := tx.Query(ctx, touchedSQL, pgx.QueryExecModeExec, t.integration.String())
	if err != nil {
		return nil, fmt.Errorf("looking for merges and conversions: %w", err)
	}
	survivors, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(survivors) == 0 {
		return nil, err
	}
	if rows, err = tx.Query(ctx, inheritSQL, t.business, t.integration, survivors); err != nil {
		return nil, fmt.Errorf("handing on opt-outs: %w", err)
	}
	stopped, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("handing on opt-outs: %w", err)
	}
	if _, err := tx.Exec(ctx, handOverSQL, t.business, t.integration, survivors); err != nil {
		return nil, fmt.Errorf("handing on places in campaigns: %w", err)
	}
	return stopped, nil
}

// cancelSQL withdraws what is reserved for these leads. The reason is the rule that holds them from now on.
const cancelSQL = `
UPDATE public.call_attempts a SET state = 'skipped', ended_at = clock_timestamp(),
    reason = CASE WHEN l.do_not_call OR l.dnc THEN 'do_not_call' ELSE 'lead_status' END
FROM public.leads l JOIN henk.candidates c ON c.lead_id = l.id
WHERE l.id = ANY ($1::uuid[]) AND a.campaign_id = c.campaign_id AND a.lead_id = c.lead_id AND a.state = 'reserved' AND a.in_progress
RETURNING a.campaign_id`

// cancel returns the campaigns that lost a reservation.
func cancel(ctx context.Context, tx pgx.Tx, leads []uuid.UUID) ([]uuid.UUID, error) {
	if len(leads) == 0 {
		return nil, nil
	}
	rows, err := tx.Query(ctx, cancelSQL, leads)
	if err != nil {
		return nil, fmt.Errorf("cancelling reserved attempts: %w", err)
	}
	campaigns, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("cancelling reserved attempts: %w", err)
	}
	return campaigns, nil
}
