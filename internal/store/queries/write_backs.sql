-- name: WriteBackAdd :many
-- What is to be written back of calls; nothing where the business has not enabled it. Of calls that were written before it becomes
-- due again. Whoever asked on one of them not to be called is due as well, whatever the flag in Salesforce says by now.
WITH due AS MATERIALIZED (
    SELECT v.id, v.lead_id, l.source_id, henk.write_back_integration(l.business_id, l.source, l.source_id, l.crm_integration_id) AS integration_id,
        coalesce(o.opt_out OR coalesce(o.corrected_outcome, v.outcome, o.outcome) = 'do_not_call', false) AS opt_out
    FROM public.conversations v
    JOIN public.leads l ON l.id = v.lead_id
    LEFT JOIN henk.conversation_outcomes o ON o.conversation_id = v.id
    WHERE v.id = ANY (sqlc.arg(ids)::uuid[]) AND l.source = 'salesforce'
), opt_outs AS (
    INSERT INTO henk.write_backs AS w (integration_id, lead_id, action)
    SELECT DISTINCT d.integration_id, d.lead_id, 'do_not_call' FROM due d WHERE d.integration_id IS NOT NULL AND d.opt_out
    ORDER BY d.lead_id
    ON CONFLICT (lead_id, action, conversation_id) DO UPDATE SET revision = w.revision + 1, attempts = 0, due_at = clock_timestamp(),
        state = CASE WHEN w.state = 'sending' THEN w.state ELSE 'pending' END
), calls AS (
    INSERT INTO henk.write_backs AS w (integration_id, lead_id, conversation_id, action)
    SELECT d.integration_id, d.lead_id, d.id, a.action
    FROM due d
    JOIN public.integrations i ON i.id = d.integration_id
    CROSS JOIN (VALUES ('task'), ('lead_status'), ('member_status')) a (action)
    WHERE a.action = 'task' OR a.action = 'lead_status' AND d.source_id LIKE '00Q%' AND i.config -> 'writeBack' ? 'leadStatus'
       OR a.action = 'member_status' AND i.config -> 'writeBack' ? 'memberStatus'
    ORDER BY d.lead_id, a.action, d.id
    ON CONFLICT (lead_id, action, conversation_id) DO UPDATE SET revision = w.revision + 1, attempts = 0, due_at = clock_timestamp(),
        state = CASE WHEN w.state = 'sending' THEN w.state ELSE 'pending' END
)
SELECT d.id, d.opt_out::boolean AS opt_out FROM due d WHERE d.integration_id IS NOT NULL ORDER BY d.id;

-- name: WriteBackEnabled :many
-- The integrations that have it enabled, and what they had set when their older calls were last looked through.
SELECT i.id, i.business_id, i.config, coalesce(s.settings, '')::text AS settings, s.walked_at, clock_timestamp()::timestamptz AS now
FROM public.integrations i
LEFT JOIN henk.write_back_state s ON s.integration_id = i.id
WHERE i.type = 'crm' AND i.name = 'Salesforce' AND i.status IN ('active', 'error') AND i.config #>> '{writeBack,enabled}' = 'true'
ORDER BY i.id;

-- name: WriteBackWalkCalls :one
-- Calls since a time that ended before write-back was enabled, or were lost; at most batch of them.
WITH missing AS MATERIALIZED (
    SELECT v.id, v.lead_id, l.source_id
    FROM public.campaigns c
    JOIN public.conversations v ON v.campaign_id = c.id
    JOIN public.leads l ON l.id = v.lead_id
    WHERE c.business_id = sqlc.arg(business_id) AND coalesce(v.ended_at, v.started_at) >= sqlc.arg(since)::timestamptz
      AND v.status NOT IN ('initiated', 'in_progress') AND v.outcome IS NOT NULL AND l.source = 'salesforce'
      AND NOT EXISTS (SELECT FROM henk.write_backs w WHERE w.conversation_id = v.id)
      AND henk.write_back_integration(l.business_id, l.source, l.source_id, l.crm_integration_id) = sqlc.arg(integration_id)::uuid
    LIMIT sqlc.arg(batch)::int
), added AS (
    INSERT INTO henk.write_backs (integration_id, lead_id, conversation_id, action)
    SELECT i.id, m.lead_id, m.id, a.action
    FROM missing m
    JOIN public.integrations i ON i.id = sqlc.arg(integration_id)::uuid
    CROSS JOIN (VALUES ('task'), ('lead_status'), ('member_status')) a (action)
    WHERE a.action = 'task' OR a.action = 'lead_status' AND m.source_id LIKE '00Q%' AND i.config -> 'writeBack' ? 'leadStatus'
       OR a.action = 'member_status' AND i.config -> 'writeBack' ? 'memberStatus'
    ORDER BY m.lead_id, a.action, m.id
    ON CONFLICT (lead_id, action, conversation_id) DO NOTHING
)
SELECT count(*) FROM missing;

-- name: WriteBackWalkOptOuts :one
-- People who are not to be called, whoever raised the flag, and of whom Salesforce has not been told.
WITH missing AS MATERIALIZED (
    SELECT l.id
    FROM public.leads l
    WHERE l.business_id = sqlc.arg(business_id) AND (l.do_not_call OR l.dnc) AND l.source = 'salesforce'
      AND NOT EXISTS (SELECT FROM henk.write_backs w WHERE w.lead_id = l.id AND w.action = 'do_not_call')
      AND coalesce(l.sync_status, '') NOT IN ('deleted', 'merged', 'converted', 'not_visible')
      AND henk.write_back_integration(l.business_id, l.source, l.source_id, l.crm_integration_id) = sqlc.arg(integration_id)::uuid
    LIMIT sqlc.arg(batch)::int
), added AS (
    INSERT INTO henk.write_backs (integration_id, lead_id, action)
    SELECT sqlc.arg(integration_id)::uuid, m.id, 'do_not_call' FROM missing m ORDER BY m.id
    ON CONFLICT (lead_id, action, conversation_id) DO NOTHING
)
SELECT count(*) FROM missing;

-- name: WriteBackWalked :exec
INSERT INTO henk.write_back_state (integration_id, settings, walked_at)
VALUES (sqlc.arg(integration_id), sqlc.arg(settings)::text, clock_timestamp())
ON CONFLICT (integration_id) DO UPDATE SET settings = excluded.settings, walked_at = excluded.walked_at;

-- name: WriteBackIntegrations :many
-- Where something is due, nobody is at it, and it can be written.
SELECT i.id FROM public.integrations i
WHERE i.type = 'crm' AND i.name = 'Salesforce' AND i.status = 'active' AND i.config #>> '{writeBack,enabled}' = 'true'
  AND coalesce(i.config ->> 'syncEnabled', 'true') <> 'false'
  AND EXISTS (SELECT FROM henk.write_backs w WHERE w.integration_id = i.id AND w.state IN ('pending', 'sending') AND w.due_at <= clock_timestamp() AND coalesce(w.lease_until, '-infinity') < clock_timestamp())
ORDER BY i.id;

-- name: WriteBackPostpone :exec
-- Nothing of an integration can be written before a person acts; it is looked at again after a while.
UPDATE henk.write_backs w SET due_at = clock_timestamp() + make_interval(secs => sqlc.arg(wait)::float8), error_code = sqlc.arg(code)::text,
    error = sqlc.arg(error)::text, mend = sqlc.narg(mend)::text
WHERE w.integration_id = sqlc.arg(integration_id) AND w.state = 'pending' AND w.due_at <= clock_timestamp();

-- name: WriteBackOf :one
-- The integration that a call is written back to; none when nothing of it is.
SELECT w.integration_id FROM henk.write_backs w WHERE w.conversation_id = sqlc.arg(conversation_id)::uuid LIMIT 1;

-- name: WriteBackRetry :exec
-- A person says that what failed is mended.
UPDATE henk.write_backs w SET state = 'pending', attempts = 0, due_at = clock_timestamp()
WHERE w.state IN ('failed', 'skipped') AND (w.conversation_id = sqlc.narg(conversation_id)::uuid OR w.integration_id = sqlc.narg(integration_id)::uuid
    OR w.action = 'do_not_call' AND w.lead_id = (SELECT v.lead_id FROM public.conversations v WHERE v.id = sqlc.narg(conversation_id)::uuid));

-- name: WriteBackClaim :many
-- Takes what is due of one action, the named call's own first, and commits before anything is sent. A row whose lease ran
-- out was interrupted: whether it was written is not known.
UPDATE henk.write_backs w SET state = 'sending', attempts = w.attempts + 1, sent_revision = w.revision, unsure = w.unsure OR w.state = 'sending',
    lease_until = clock_timestamp() + make_interval(secs => sqlc.arg(lease_seconds)::float8)
FROM (
    SELECT x.id FROM henk.write_backs x
    WHERE x.id IN (
        (SELECT o.id FROM henk.write_backs o WHERE o.conversation_id = sqlc.narg(conversation_id)::uuid)
        UNION ALL
        (SELECT d.id FROM henk.write_backs d
         WHERE d.integration_id = sqlc.arg(integration_id) AND d.action = sqlc.arg(action)::text AND d.state IN ('pending', 'sending')
           AND d.due_at <= clock_timestamp() AND coalesce(d.lease_until, '-infinity') < clock_timestamp()
         ORDER BY d.due_at, d.id LIMIT sqlc.arg(batch)::int - 1)
      )
      AND x.integration_id = sqlc.arg(integration_id) AND x.action = sqlc.arg(action)::text AND x.state IN ('pending', 'sending')
      AND x.due_at <= clock_timestamp() AND coalesce(x.lease_until, '-infinity') < clock_timestamp()
    ORDER BY x.id FOR UPDATE SKIP LOCKED
) p
WHERE w.id = p.id
RETURNING w.id;

-- name: WriteBackRead :many
-- What is to be written, as it is after the claim. later: a call of the same lead that came after says what the status is.
SELECT w.id, w.action, w.attempts, w.unsure, w.sent_revision, coalesce(w.target_id, '')::text AS target_id, coalesce(w.salesforce_id, '')::text AS salesforce_id,
    w.created_at, w.conversation_id, v.campaign_id, c.name AS campaign_name, coalesce(v.status::text, '')::text AS status,
    coalesce(v.started_at, v.created_at) AS started_at, v.ended_at, v.duration_seconds, v.key_points,
    coalesce(o.corrected_outcome, nullif(v.outcome, ''), o.outcome, '')::text AS outcome,
    coalesce(q.pledged_amount, o.pledged, 0)::text AS pledged, coalesce(q.donated_amount, o.donated, 0)::text AS donated,
    coalesce(s.successor_id, l.source_id, '')::text AS source_id, l.timezone,
    (CASE WHEN s.successor_id IS NULL AND l.source_metadata ->> 'person_account' = 'true' THEN coalesce(l.source_metadata ->> 'account_id', '') ELSE '' END)::text AS person_account,
    (w.action = ANY ('{lead_status,member_status}') AND EXISTS (
        SELECT FROM henk.write_backs y
        JOIN public.conversations z ON z.id = y.conversation_id
        LEFT JOIN henk.conversation_outcomes p ON p.conversation_id = z.id
        WHERE y.lead_id = w.lead_id AND y.action = w.action AND y.id <> w.id AND (w.action = 'lead_status' OR z.campaign_id = v.campaign_id)
          AND (coalesce(z.started_at, z.created_at), z.id) > (coalesce(v.started_at, v.created_at), v.id)
          AND coalesce(p.corrected_outcome, nullif(z.outcome, ''), p.outcome)
            = ANY (CASE WHEN w.action = 'lead_status' THEN sqlc.arg(lead_outcomes)::text[] ELSE sqlc.arg(member_outcomes)::text[] END)))::boolean AS later
FROM henk.write_backs w
JOIN public.leads l ON l.id = w.lead_id
LEFT JOIN henk.crm_successors s ON s.integration_id = w.integration_id AND s.source_id = l.source_id
LEFT JOIN public.conversations v ON v.id = w.conversation_id
LEFT JOIN public.campaigns c ON c.id = v.campaign_id
LEFT JOIN henk.conversation_outcomes o ON o.conversation_id = v.id
LEFT JOIN public.call_logs q ON q.id = (SELECT x.id FROM public.call_logs x WHERE x.conversation_id = v.id ORDER BY x.queued_at, x.id LIMIT 1)
WHERE w.id = ANY (sqlc.arg(ids)::bigint[])
ORDER BY w.id;

-- name: WriteBackSettle :exec
-- What became of claimed rows. One that changed meanwhile is due again, unless it goes on waiting anyway.
WITH i AS MATERIALIZED (
    SELECT (r ->> 'id')::bigint AS id, r ->> 'state' AS state, (r ->> 'wait')::float8 AS wait, (r ->> 'unsure')::boolean AS unsure,
        (r ->> 'untried')::boolean AS untried, r ->> 'target_id' AS target_id, r ->> 'salesforce_id' AS salesforce_id, r -> 'written' AS written,
        r ->> 'code' AS code, r ->> 'error' AS error, r ->> 'mend' AS mend
    FROM (SELECT unnest(sqlc.arg(rows)::jsonb[]) AS r) u
)
UPDATE henk.write_backs w SET
    state = CASE WHEN i.state <> 'pending' AND w.revision <> w.sent_revision THEN 'pending' ELSE i.state END,
    due_at = clock_timestamp() + make_interval(secs => coalesce(i.wait, 0)),
    lease_until = NULL, unsure = i.unsure,
    attempts = CASE WHEN i.untried THEN greatest(w.attempts - 1, 0) ELSE w.attempts END,
    target_id = coalesce(i.target_id, w.target_id), salesforce_id = coalesce(i.salesforce_id, w.salesforce_id),
    written = coalesce(i.written, w.written), error_code = i.code, error = i.error, mend = i.mend,
    done_at = CASE WHEN i.state = 'done' THEN clock_timestamp() ELSE w.done_at END
FROM i
WHERE w.id = i.id AND w.state = 'sending';

-- name: WriteBackNext :one
-- When something of a call is due; null when nothing is.
SELECT min(greatest(w.due_at, coalesce(w.lease_until, w.due_at)))::timestamptz AS due_at, clock_timestamp()::timestamptz AS now
FROM henk.write_backs w
WHERE w.state IN ('pending', 'sending')
  AND (w.conversation_id = sqlc.arg(conversation_id)::uuid
    OR w.action = 'do_not_call' AND w.lead_id = (SELECT v.lead_id FROM public.conversations v WHERE v.id = sqlc.arg(conversation_id)::uuid))
HAVING count(*) > 0;

-- name: WriteBackNoteStatus :exec
-- The status that was just written stands in Salesforce: the next sync finds it here already.
WITH i AS MATERIALIZED (
    SELECT unnest(sqlc.arg(ids)::bigint[]) AS id, unnest(sqlc.arg(statuses)::text[]) AS status
)
UPDATE public.leads l SET source_metadata = jsonb_set(l.source_metadata, '{status}', to_jsonb(i.status))
FROM i JOIN henk.write_backs w ON w.id = i.id
WHERE l.id = w.lead_id AND jsonb_typeof(l.source_metadata) = 'object' AND l.source_metadata ? 'status' AND l.source_metadata ->> 'status' <> i.status;
