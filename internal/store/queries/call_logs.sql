-- name: CallLogWrite :exec
-- Null leaves a column as it is, but for the amounts: those follow the outcome, unless somebody else entered them.
WITH i AS MATERIALIZED (
    SELECT (r ->> 'id')::uuid AS id, r ->> 'status' AS status, r ->> 'outcome' AS outcome,
        (r ->> 'answered_at')::timestamptz AS answered_at, (r ->> 'ended_at')::timestamptz AS ended_at,
        (r ->> 'duration')::integer AS duration, (r ->> 'ring')::integer AS ring, r ->> 'machine' AS machine,
        (r ->> 'sentiment')::numeric AS sentiment, (r ->> 'cost')::numeric AS cost, (r ->> 'pledged')::numeric AS pledged,
        (r ->> 'donated')::numeric AS donated, (r ->> 'had_pledged')::numeric AS had_pledged, (r ->> 'had_donated')::numeric AS had_donated,
        (r ->> 'final')::boolean AS final, r ->> 'error_code' AS error_code, r ->> 'error_message' AS error_message,
        r -> 'metadata' AS metadata, r ->> 'call_sid' AS call_sid
    FROM (SELECT unnest(sqlc.arg(rows)::jsonb[]) AS r) u
), locked AS MATERIALIZED (
    SELECT q.* FROM public.call_logs q JOIN i ON i.id = q.id ORDER BY q.campaign_id, q.id FOR NO KEY UPDATE OF q
)
UPDATE public.call_logs q SET
    status = n.status, outcome = n.outcome, answered_at = n.answered_at, ended_at = n.ended_at, duration_seconds = n.duration,
    ring_duration_seconds = n.ring, machine_detection_result = n.machine, sentiment_score = n.sentiment, call_cost = n.cost,
    pledged_amount = n.pledged, donated_amount = n.donated, error_code = n.error_code, error_message = n.error_message,
    metadata = n.metadata, call_sid = n.call_sid, updated_at = now()
FROM (
    SELECT x.id,
        coalesce(i.status::public.call_status, x.status) AS status,
        coalesce(i.outcome::public.call_outcome, x.outcome) AS outcome,
        coalesce(i.answered_at, x.answered_at) AS answered_at, coalesce(i.ended_at, x.ended_at) AS ended_at,
        coalesce(i.duration, x.duration_seconds) AS duration, coalesce(i.ring, x.ring_duration_seconds) AS ring,
        coalesce(i.machine, x.machine_detection_result) AS machine, coalesce(i.sentiment, x.sentiment_score) AS sentiment,
        coalesce(i.cost, x.call_cost) AS cost,
        CASE WHEN i.final AND (x.pledged_amount IS NULL OR x.pledged_amount = i.had_pledged) THEN i.pledged ELSE x.pledged_amount END AS pledged,
        CASE WHEN i.final AND (x.donated_amount IS NULL OR x.donated_amount = i.had_donated) THEN i.donated ELSE x.donated_amount END AS donated,
        coalesce(i.error_code, x.error_code) AS error_code, coalesce(i.error_message, x.error_message) AS error_message,
        CASE WHEN i.metadata IS NULL THEN x.metadata ELSE coalesce(x.metadata, '{}') || i.metadata END AS metadata,
        coalesce(x.call_sid, CASE WHEN NOT EXISTS (SELECT FROM public.call_logs z WHERE z.call_sid = i.call_sid) THEN i.call_sid END) AS call_sid
    FROM i
    JOIN locked x ON x.id = i.id
) n
WHERE q.id = n.id AND
    (q.status, q.outcome, q.answered_at, q.ended_at, q.duration_seconds, q.ring_duration_seconds, q.machine_detection_result, q.sentiment_score,
     q.call_cost, q.pledged_amount, q.donated_amount, q.error_code, q.error_message, q.metadata, q.call_sid)
    IS DISTINCT FROM
    (n.status, n.outcome, n.answered_at, n.ended_at, n.duration, n.ring, n.machine, n.sentiment,
     n.cost, n.pledged, n.donated, n.error_code, n.error_message, n.metadata, n.call_sid);
