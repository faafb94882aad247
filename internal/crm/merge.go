package crm

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// merged is what a page did to the leads.
type merged struct {
	created, updated, joined, left, missing int
	stopped                                 []uuid.UUID // leads that are not to be called any more
}

// mergeSQL merges the staged page into leads, the list, the holds and the rejects: one statement, so that each lead is
// looked up once, by its key. $1 business, $2 integration, $3 list, $4 object.
//
// Rows whose values do not change are not touched, not even locked. do_not_call and email_opt_out are only ever raised,
// and what is null in the page is not known and changes nothing. A lead that is held has its status replaced, because
// that is what the rules of dialing read; henk.crm_holds keeps the one it had.
func mergeSQL(p *plan) string {
	var names, differs, sets, takes []string
	add := func(column, value string) {
		names, takes = append(names, column), append(takes, value)
	}
	for _, c := range p.columns {
		add(c.name, "k."+c.name)
		differs = append(differs, fmt.Sprintf("l.%[1]s IS DISTINCT FROM s.%[1]s", c.name))
		sets = append(sets, fmt.Sprintf("%[1]s = CASE WHEN k.live THEN k.%[1]s ELSE l.%[1]s END", c.name))
	}
	add("lead_score", "k.lead_score")
	add("quality_rating", "k.quality_rating")
	if len(p.rating) > 0 {
		differs = append(differs, "l.lead_score IS DISTINCT FROM s.lead_score", "l.quality_rating IS DISTINCT FROM s.quality_rating")
		sets = append(sets, "lead_score = CASE WHEN k.live THEN k.lead_score ELSE l.lead_score END",
			"quality_rating = CASE WHEN k.live THEN k.quality_rating ELSE l.quality_rating END")
	}
	differs = append(differs, "NOT coalesce(l.source_metadata, '{}') @> s.meta")
	return strings.NewReplacer("{names}", strings.Join(names, ", "), "{takes}", strings.Join(takes, ", "),
		"{differs}", strings.Join(differs, " OR "), "{sets}", strings.Join(sets, ", ")).Replace(mergeTemplate)
}

const mergeTemplate = `
WITH k AS MATERIALIZED (
    SELECT s.*, l.id AS lead_id, l.status AS lead_status, h.lead_id IS NOT NULL AS held, h.status AS held_status, x.*,
        l.id IS NOT NULL AND (
            l.sync_status IS DISTINCT FROM s.sync_state OR l.sync_error IS DISTINCT FROM s.note OR l.crm_modstamp IS DISTINCT FROM s.modstamp
            OR l.crm_integration_id IS DISTINCT FROM $2::uuid
            OR (s.do_not_call AND l.do_not_call IS NOT TRUE) OR (s.email_opt_out AND l.email_opt_out IS NOT TRUE)
            OR (x.live AND ({differs}))
            OR x.hold <> (h.lead_id IS NOT NULL) OR (x.hold AND l.status IS DISTINCT FROM x.hold_status)
        ) AS changed,
        (s.do_not_call AND l.do_not_call IS NOT TRUE) OR (x.hold AND h.lead_id IS NULL) AS stops
    FROM crm_stage s
    CROSS JOIN LATERAL (SELECT s.sync_state IN ('active', 'consent_unknown') AS listed, s.sync_state IN ('active', 'consent_unknown', 'converted') AS live,
        s.sync_state <> 'active' AS hold, CASE s.sync_state WHEN 'converted' THEN 'converted' ELSE 'unreachable' END AS hold_status) x
    LEFT JOIN LATERAL (SELECT y.* FROM public.leads y
        WHERE y.business_id = $1::uuid AND y.source = 'salesforce' AND y.source_id = s.source_id OFFSET 0) l ON true
    LEFT JOIN LATERAL (SELECT y.* FROM henk.crm_holds y WHERE y.lead_id = l.id OFFSET 0) h ON true
), ins AS (
    INSERT INTO public.leads (id, business_id, source, source_id, {names}, source_metadata, do_not_call, email_opt_out, status,
        sync_status, sync_error, crm_integration_id, crm_modstamp, last_synced_at)
    SELECT k.new_id, $1::uuid, 'salesforce', k.source_id, {takes}, k.meta, coalesce(k.do_not_call, false), coalesce(k.email_opt_out, false),
        CASE WHEN k.hold THEN k.hold_status ELSE 'new' END, k.sync_state, k.note, $2::uuid, k.modstamp, now()
    FROM k WHERE k.lead_id IS NULL AND k.live
    RETURNING 1
), upd AS (
    UPDATE public.leads l SET {sets},
        source_metadata = CASE WHEN k.live THEN coalesce(l.source_metadata, '{}') || k.meta ELSE l.source_metadata END,
        do_not_call = CASE WHEN k.do_not_call THEN true ELSE l.do_not_call END,
        email_opt_out = CASE WHEN k.email_opt_out THEN true ELSE l.email_opt_out END,
        status = CASE WHEN k.hold THEN k.hold_status WHEN k.held AND l.status IN ('converted', 'unreachable') THEN k.held_status ELSE l.status END,
        sync_status = k.sync_state, sync_error = k.note, crm_integration_id = $2::uuid, crm_modstamp = k.modstamp, last_synced_at = now(), updated_at = now()
    FROM k WHERE l.id = k.lead_id AND k.changed
    RETURNING l.id, k.stops
), held AS (
    INSERT INTO henk.crm_holds (lead_id, status)
    SELECT coalesce(k.lead_id, k.new_id), CASE WHEN k.lead_id IS NULL THEN 'new' ELSE k.lead_status END
    FROM k WHERE k.hold AND NOT k.held AND (k.lead_id IS NOT NULL OR k.live)
), released AS (
    DELETE FROM henk.crm_holds WHERE lead_id = ANY (ARRAY(SELECT k.lead_id FROM k WHERE k.held AND NOT k.hold))
), rejected AS (
    INSERT INTO henk.crm_rejects AS r (integration_id, source_id, object, modstamp, reason)
    SELECT $2::uuid, k.source_id, $4, k.modstamp, k.note FROM k WHERE k.sync_state = 'rejected'
    ON CONFLICT (source_id, integration_id) DO UPDATE SET modstamp = excluded.modstamp, reason = excluded.reason
    WHERE (r.modstamp, r.reason) IS DISTINCT FROM (excluded.modstamp, excluded.reason)
), accepted AS (
    DELETE FROM henk.crm_rejects WHERE integration_id = $2::uuid AND source_id = ANY (ARRAY(SELECT k.source_id FROM k WHERE k.sync_state <> 'rejected'))
), joined AS (
    INSERT INTO public.lead_list_members (lead_list_id, lead_id)
    SELECT $3::uuid, coalesce(k.lead_id, k.new_id) FROM k
    WHERE k.listed AND (k.lead_id IS NULL
        OR (SELECT true FROM public.lead_list_members m WHERE m.lead_list_id = $3::uuid AND m.lead_id = k.lead_id) IS NULL)
    RETURNING 1
), gone AS (
    DELETE FROM public.lead_list_members
    WHERE lead_list_id = $3::uuid AND lead_id = ANY (ARRAY(SELECT k.lead_id FROM k WHERE NOT k.listed AND k.lead_id IS NOT NULL))
    RETURNING 1
)
SELECT (SELECT count(*) FROM ins), (SELECT count(*) FROM upd), (SELECT count(*) FROM joined), (SELECT count(*) FROM gone),
    ARRAY(SELECT u.id FROM upd u WHERE u.stops)`

// byKey makes it cheap to look a page up in a large table by its key. The staging table and a table that fills have no
// statistics, and where the planner is free it reads the whole of one for each row of the other. So what is looked up here is
// looked up through LATERAL with OFFSET 0, a scalar subquery or = ANY (ARRAY(..)): these go through the key whatever is known.
const byKey = `set local random_page_cost = 0.1; set local enable_mergejoin = off; set local jit = off; set local work_mem = '64MB';`

func (t *target) merge(ctx context.Context, tx pgx.Tx, p *plan) (merged, error) {
	var m merged
	row := tx.QueryRow(ctx, mergeSQL(p), pgx.QueryExecModeExec, t.business.String(), t.integration.String(), t.list.String(), p.object.name)
	if err := row.Scan(&m.created, &m.updated, &m.joined, &m.left, &m.stopped); err != nil {
		return m, fmt.Errorf("merging a page of %s: %w", p.object.name, err)
	}
	return m, nil
}
