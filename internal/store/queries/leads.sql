-- name: CampaignLeadWrite :exec
-- What a call means for its lead's place in the campaign. had_* is what the same call wrote before: that may be replaced, what
-- somebody else wrote is kept. A final status is never taken back by another call, and a call that is not the lead's
-- latest may end the lead but not reopen it. Talk time grows by talk, which is zero on a repeat.
WITH i AS MATERIALIZED (
    SELECT (r ->> 'campaign_id')::uuid AS campaign_id, (r ->> 'lead_id')::uuid AS lead_id, (r ->> 'dialed_at')::timestamptz AS dialed_at,
        (r ->> 'final')::boolean AS final, r ->> 'status' AS status, r ->> 'outcome' AS outcome, r ->> 'had_status' AS had_status,
        r ->> 'had_outcome' AS had_outcome, (r ->> 'pledged')::numeric AS pledged, (r ->> 'donated')::numeric AS donated,
        (r ->> 'had_pledged')::numeric AS had_pledged, (r ->> 'had_donated')::numeric AS had_donated, (r ->> 'talk')::integer AS talk,
        (r ->> 'duration')::integer AS duration, (r ->> 'ended_at')::timestamptz AS ended_at,
        (r ->> 'next_attempt_at')::timestamptz AS next_attempt_at, (r ->> 'had_next_attempt_at')::timestamptz AS had_next_attempt_at
    FROM (SELECT unnest(sqlc.arg(rows)::jsonb[]) AS r) u
), locked AS MATERIALIZED (
    SELECT cl.* FROM public.campaign_leads cl JOIN i ON i.campaign_id = cl.campaign_id AND i.lead_id = cl.lead_id
    ORDER BY cl.campaign_id, cl.lead_id FOR NO KEY UPDATE OF cl
)
UPDATE public.campaign_leads cl SET
    status = n.status, outcome = n.outcome, pledged_amount = n.pledged, donated_amount = n.donated,
    total_talk_time = n.talk, last_call_duration = n.duration, next_attempt_at = n.next_attempt_at, converted_at = n.converted_at
FROM (
    SELECT x.id, w.status, w.outcome,
        CASE WHEN i.final AND (x.pledged_amount IS NULL OR x.pledged_amount = i.had_pledged) THEN i.pledged ELSE x.pledged_amount END AS pledged,
        CASE WHEN i.final AND (x.donated_amount IS NULL OR x.donated_amount = i.had_donated) THEN i.donated ELSE x.donated_amount END AS donated,
        CASE WHEN i.talk = 0 THEN x.total_talk_time
            ELSE least(greatest(coalesce(x.total_talk_time, 0)::bigint + i.talk, 0), 2147483647)::integer END AS talk,
        CASE WHEN f.latest THEN coalesce(i.duration, x.last_call_duration) ELSE x.last_call_duration END AS duration,
        CASE
            WHEN NOT (f.latest AND i.final) OR (x.next_attempt_at IS NOT NULL AND x.next_attempt_at IS DISTINCT FROM i.had_next_attempt_at)
                THEN x.next_attempt_at
            WHEN w.status = ANY (sqlc.arg(final_statuses)::text[]) THEN NULL
            ELSE i.next_attempt_at
        END AS next_attempt_at,
        CASE
            WHEN i.status IN ('pledged', 'donated') AND w.status = i.status THEN coalesce(x.converted_at, i.ended_at)
            WHEN i.had_status IN ('pledged', 'donated') AND x.status = i.had_status AND w.status IS DISTINCT FROM i.had_status THEN NULL
            ELSE x.converted_at
        END AS converted_at
    FROM i
    JOIN locked x ON x.campaign_id = i.campaign_id AND x.lead_id = i.lead_id
    CROSS JOIN LATERAL (
        SELECT x.last_attempt_at IS NULL OR x.last_attempt_at <= i.dialed_at + interval '15 minutes' AS latest
    ) f
    CROSS JOIN LATERAL (
        SELECT
            CASE
                WHEN i.status IS NULL OR NOT (f.latest OR i.status = ANY (sqlc.arg(final_statuses)::text[])) THEN x.status
                WHEN x.status IS NULL OR x.status = i.had_status THEN i.status
                WHEN x.status = ANY (sqlc.arg(final_statuses)::text[]) THEN x.status
                WHEN i.had_status IS NULL OR x.status IN ('new', 'contacted') OR i.status = ANY (sqlc.arg(final_statuses)::text[]) THEN i.status
                ELSE x.status
            END AS status,
            CASE
                WHEN i.outcome IS NULL OR NOT (f.latest OR i.outcome = ANY (sqlc.arg(final_statuses)::text[])) THEN x.outcome
                WHEN x.outcome IS NULL OR x.outcome = i.had_outcome THEN i.outcome
                WHEN i.outcome = 'unknown' OR x.outcome = ANY (sqlc.arg(final_statuses)::text[]) THEN x.outcome
                WHEN i.had_outcome IS NULL OR i.outcome = ANY (sqlc.arg(final_statuses)::text[]) THEN i.outcome
                ELSE x.outcome
            END AS outcome
    ) w
) n
WHERE cl.id = n.id AND
    (cl.status, cl.outcome, cl.pledged_amount, cl.donated_amount, cl.total_talk_time, cl.last_call_duration, cl.next_attempt_at, cl.converted_at)
    IS DISTINCT FROM
    (n.status, n.outcome, n.pledged, n.donated, n.talk, n.duration, n.next_attempt_at, n.converted_at);

-- name: LeadOptOut :exec
-- Both flags: either one alone means do not call, but the app and the rules look at one each.
UPDATE public.leads SET do_not_call = true, dnc = true, updated_at = now()
WHERE id = sqlc.arg(id) AND (do_not_call IS DISTINCT FROM true OR dnc IS DISTINCT FROM true);

-- name: LeadWrite :exec
-- A final status is not overwritten, "contacted" only replaces "new".
WITH i AS MATERIALIZED (
    SELECT (r ->> 'lead_id')::uuid AS lead_id, r ->> 'status' AS status, r ->> 'had_status' AS had_status,
        (r ->> 'activity_at')::timestamptz AS activity_at
    FROM (SELECT unnest(sqlc.arg(rows)::jsonb[]) AS r) u
), locked AS MATERIALIZED (
    SELECT l.* FROM public.leads l JOIN i ON i.lead_id = l.id ORDER BY l.id FOR NO KEY UPDATE OF l
)
UPDATE public.leads l SET status = n.status, last_activity_at = n.last_activity_at, updated_at = now()
FROM (
    SELECT x.id, greatest(x.last_activity_at, i.activity_at) AS last_activity_at,
        CASE
            WHEN i.status IS NULL THEN x.status
            WHEN x.status IS NULL OR x.status = 'new' OR x.status = i.had_status THEN i.status
            WHEN x.status = ANY (sqlc.arg(final_statuses)::text[]) OR i.status = 'contacted' THEN x.status
            ELSE i.status
        END AS status
    FROM i
    JOIN locked x ON x.id = i.lead_id
) n
WHERE l.id = n.id AND (l.status, l.last_activity_at) IS DISTINCT FROM (n.status, n.last_activity_at);
