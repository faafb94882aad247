-- The lists return the same columns and differ in the index they walk: latest first, continued before a row's key.

-- name: DashboardConversations :many
SELECT v.id, v.started_at, v.status, coalesce(v.outcome, '')::text AS outcome, v.duration_seconds, v.lead_id, l.first_name, l.last_name, k.name AS campaign,
    coalesce(o.confidence, -1)::float8 AS confidence, coalesce(o.needs_review, false)::boolean AS needs_review, (o.corrected_outcome IS NOT NULL)::boolean AS corrected
FROM public.conversations v
JOIN public.campaigns k ON k.id = v.campaign_id
LEFT JOIN public.leads l ON l.id = v.lead_id
LEFT JOIN henk.conversation_outcomes o ON o.conversation_id = v.id
WHERE v.started_at >= sqlc.arg(since)::timestamptz AND (v.started_at, v.id) < (sqlc.arg(before)::timestamptz, sqlc.arg(id)::uuid)
ORDER BY v.started_at DESC, v.id DESC
LIMIT sqlc.arg(max_rows);

-- name: DashboardConversationsOfCampaign :many
SELECT v.id, v.started_at, v.status, coalesce(v.outcome, '')::text AS outcome, v.duration_seconds, v.lead_id, l.first_name, l.last_name, k.name AS campaign,
    coalesce(o.confidence, -1)::float8 AS confidence, coalesce(o.needs_review, false)::boolean AS needs_review, (o.corrected_outcome IS NOT NULL)::boolean AS corrected
FROM public.conversations v
JOIN public.campaigns k ON k.id = v.campaign_id
LEFT JOIN public.leads l ON l.id = v.lead_id
LEFT JOIN henk.conversation_outcomes o ON o.conversation_id = v.id
WHERE v.campaign_id = sqlc.arg(campaign_id) AND v.started_at >= sqlc.arg(since)::timestamptz
  AND (v.started_at, v.id) < (sqlc.arg(before)::timestamptz, sqlc.arg(id)::uuid)
ORDER BY v.started_at DESC, v.id DESC
LIMIT sqlc.arg(max_rows);

-- name: DashboardConversationsOfOutcome :many
SELECT v.id, v.started_at, v.status, coalesce(v.outcome, '')::text AS outcome, v.duration_seconds, v.lead_id, l.first_name, l.last_name, k.name AS campaign,
    coalesce(o.confidence, -1)::float8 AS confidence, coalesce(o.needs_review, false)::boolean AS needs_review, (o.corrected_outcome IS NOT NULL)::boolean AS corrected
FROM public.conversations v
JOIN public.campaigns k ON k.id = v.campaign_id
LEFT JOIN public.leads l ON l.id = v.lead_id
LEFT JOIN henk.conversation_outcomes o ON o.conversation_id = v.id
WHERE v.outcome = sqlc.arg(outcome)::text AND v.started_at >= sqlc.arg(since)::timestamptz
  AND (v.started_at, v.id) < (sqlc.arg(before)::timestamptz, sqlc.arg(id)::uuid)
ORDER BY v.started_at DESC, v.id DESC
LIMIT sqlc.arg(max_rows);

-- name: DashboardConversationsOfCampaignOutcome :many
SELECT v.id, v.started_at, v.status, coalesce(v.outcome, '')::text AS outcome, v.duration_seconds, v.lead_id, l.first_name, l.last_name, k.name AS campaign,
    coalesce(o.confidence, -1)::float8 AS confidence, coalesce(o.needs_review, false)::boolean AS needs_review, (o.corrected_outcome IS NOT NULL)::boolean AS corrected
FROM public.conversations v
JOIN public.campaigns k ON k.id = v.campaign_id
LEFT JOIN public.leads l ON l.id = v.lead_id
LEFT JOIN henk.conversation_outcomes o ON o.conversation_id = v.id
WHERE v.campaign_id = sqlc.arg(campaign_id) AND v.outcome = sqlc.arg(outcome)::text AND v.started_at >= sqlc.arg(since)::timestamptz
  AND (v.started_at, v.id) < (sqlc.arg(before)::timestamptz, sqlc.arg(id)::uuid)
ORDER BY v.started_at DESC, v.id DESC
LIMIT sqlc.arg(max_rows);

-- name: DashboardConversationsOfLead :many
SELECT v.id, v.started_at, v.status, coalesce(v.outcome, '')::text AS outcome, v.duration_seconds, v.lead_id, l.first_name, l.last_name, k.name AS campaign,
    coalesce(o.confidence, -1)::float8 AS confidence, coalesce(o.needs_review, false)::boolean AS needs_review, (o.corrected_outcome IS NOT NULL)::boolean AS corrected
FROM public.conversations v
JOIN public.campaigns k ON k.id = v.campaign_id
LEFT JOIN public.leads l ON l.id = v.lead_id
LEFT JOIN henk.conversation_outcomes o ON o.conversation_id = v.id
WHERE v.lead_id = sqlc.arg(lead_id)
ORDER BY v.started_at DESC, v.id DESC
LIMIT 50;

-- name: DashboardConversationsToReview :many
-- By the time of reading; started_at is that time here, so that the key continues the list.
SELECT v.id, o.read_at AS started_at, v.status, coalesce(v.outcome, '')::text AS outcome, v.duration_seconds, v.lead_id, l.first_name, l.last_name, k.name AS campaign,
    coalesce(o.confidence, -1)::float8 AS confidence, o.needs_review, (o.corrected_outcome IS NOT NULL)::boolean AS corrected
FROM henk.conversation_outcomes o
JOIN public.conversations v ON v.id = o.conversation_id
JOIN public.campaigns k ON k.id = v.campaign_id
LEFT JOIN public.leads l ON l.id = v.lead_id
WHERE o.needs_review AND o.corrected_outcome IS NULL AND o.read_at >= sqlc.arg(since)::timestamptz
  AND (o.read_at, o.conversation_id) < (sqlc.arg(before)::timestamptz, sqlc.arg(id)::uuid)
ORDER BY o.read_at DESC, o.conversation_id DESC
LIMIT sqlc.arg(max_rows);

-- name: DashboardConversation :one
SELECT v.id, v.campaign_id, v.lead_id, v.status, coalesce(v.outcome, '')::text AS outcome, v.duration_seconds, v.started_at, v.ended_at,
    coalesce(v.recording_url, '')::text AS recording_url, coalesce(v.transcript, '')::text AS transcript, coalesce(v.sentiment_score, 9)::float8 AS sentiment,
    coalesce(v.key_points, '[]')::jsonb AS key_points, coalesce(v.notes, '')::text AS notes, v.attempt_id, coalesce(v.conversation_id, '')::text AS provider_id,
    k.name AS campaign, l.first_name, l.last_name, coalesce(g.name, '')::text AS agent,
    o.outcome AS read_outcome, coalesce(o.confidence, 0)::float8 AS confidence, coalesce(o.source, '')::text AS source, coalesce(o.version, '')::text AS version,
    o.amount_cents, coalesce(o.monthly, false)::boolean AS monthly, coalesce(o.amount_range, false)::boolean AS amount_range, o.callback_at,
    coalesce(o.opt_out, false)::boolean AS opt_out, coalesce(o.needs_review, false)::boolean AS needs_review, coalesce(o.evidence, '[]')::jsonb AS evidence,
    o.corrected_outcome, o.corrected_by, o.corrected_at, o.corrected_amount_cents, o.closed_because, coalesce(o.recording, '')::text AS recording
FROM public.conversations v
JOIN public.campaigns k ON k.id = v.campaign_id
LEFT JOIN public.leads l ON l.id = v.lead_id
LEFT JOIN public.agents g ON g.id = v.agent_id
LEFT JOIN henk.conversation_outcomes o ON o.conversation_id = v.id
WHERE v.id = sqlc.arg(id);

-- name: DashboardTranscript :many
SELECT e.sequence_number, e.event_type, coalesce(e.agent_text, '')::text AS agent_text, coalesce(e.user_response, '')::text AS user_response,
    coalesce(e.source, '')::text AS source, coalesce(e.metadata, '{}')::jsonb AS metadata
FROM public.conversation_events e
WHERE e.conversation_id = sqlc.arg(conversation_id)
ORDER BY e.sequence_number, e.source NULLS LAST
LIMIT 2000;

-- name: DashboardCorrectLock :one
SELECT v.campaign_id, v.lead_id, coalesce(v.outcome, '')::text AS outcome, k.business_id, coalesce(a.phone_number, g.to_number, '')::text AS dialed,
    l.phone, l.mobile_phone, coalesce(b.settings -> 'calling', '{}'::jsonb)::jsonb AS calling, o.corrected_outcome, o.outcome AS read_outcome
FROM public.conversations v
JOIN public.campaigns k ON k.id = v.campaign_id
LEFT JOIN public.businesses b ON b.id = k.business_id
LEFT JOIN public.leads l ON l.id = v.lead_id
LEFT JOIN public.call_attempts a ON a.id = v.attempt_id
LEFT JOIN LATERAL (SELECT x.to_number FROM public.call_logs x WHERE x.conversation_id = v.id LIMIT 1) g ON true
LEFT JOIN henk.conversation_outcomes o ON o.conversation_id = v.id
WHERE v.id = sqlc.arg(id) FOR NO KEY UPDATE OF v;

-- name: DashboardCorrect :exec
-- A person's verdict, beside the machine's: what the machine had written elsewhere on the call's account is replaced,
-- what somebody else wrote stays. lead_status and the amounts are noted, so that a later reading of the same call knows
-- them for ours. The planner looks at campaign_leads; a final status there is only replaced where this call had set it.
WITH old AS MATERIALIZED (
    SELECT v.id, v.campaign_id, v.lead_id, o.lead_status, o.written_outcome, o.pledged, o.donated
    FROM public.conversations v LEFT JOIN henk.conversation_outcomes o ON o.conversation_id = v.id
    WHERE v.id = sqlc.arg(id)::uuid
), verdict AS (
    INSERT INTO henk.conversation_outcomes AS o (conversation_id, corrected_outcome, corrected_by, corrected_at, corrected_amount_cents, lead_status, pledged, donated)
    SELECT old.id, sqlc.arg(outcome)::text, sqlc.arg(actor)::text, clock_timestamp(), sqlc.narg(amount_cents)::bigint, sqlc.arg(lead_status)::text,
        sqlc.narg(pledged)::float8::numeric(10, 2), sqlc.narg(donated)::float8::numeric(10, 2)
    FROM old
    ON CONFLICT (conversation_id) DO UPDATE SET corrected_outcome = excluded.corrected_outcome, corrected_by = excluded.corrected_by,
        corrected_at = excluded.corrected_at, corrected_amount_cents = excluded.corrected_amount_cents, lead_status = excluded.lead_status,
        pledged = excluded.pledged, donated = excluded.donated
), conv AS (
    UPDATE public.conversations v SET outcome = sqlc.arg(outcome)::text, updated_at = now() FROM old WHERE v.id = old.id
), logs AS (
    UPDATE public.call_logs g SET outcome = sqlc.arg(outcome)::text::public.call_outcome,
        pledged_amount = CASE WHEN g.pledged_amount IS NULL OR g.pledged_amount = old.pledged THEN sqlc.narg(pledged)::float8::numeric(10, 2) ELSE g.pledged_amount END,
        donated_amount = CASE WHEN g.donated_amount IS NULL OR g.donated_amount = old.donated THEN sqlc.narg(donated)::float8::numeric(10, 2) ELSE g.donated_amount END,
        updated_at = now()
    FROM old WHERE g.conversation_id = old.id
)
UPDATE public.campaign_leads cl SET
    status = CASE WHEN cl.status IS NULL OR cl.status IN ('new', 'contacted') OR cl.status = old.lead_status
        OR (sqlc.arg(lead_status)::text = ANY (sqlc.arg(final_statuses)::text[]) AND NOT cl.status = ANY (sqlc.arg(final_statuses)::text[]))
        THEN sqlc.arg(lead_status)::text ELSE cl.status END,
    outcome = CASE WHEN cl.outcome IS NULL OR cl.outcome = old.written_outcome OR cl.outcome = sqlc.arg(had_outcome)::text
        OR NOT cl.outcome = ANY (sqlc.arg(final_statuses)::text[]) THEN sqlc.arg(outcome)::text ELSE cl.outcome END,
    pledged_amount = CASE WHEN cl.pledged_amount IS NULL OR cl.pledged_amount = old.pledged THEN sqlc.narg(pledged)::float8::numeric(10, 2) ELSE cl.pledged_amount END,
    donated_amount = CASE WHEN cl.donated_amount IS NULL OR cl.donated_amount = old.donated THEN sqlc.narg(donated)::float8::numeric(10, 2) ELSE cl.donated_amount END
FROM old WHERE cl.campaign_id = old.campaign_id AND cl.lead_id = old.lead_id;

-- name: DashboardCorrections :many
-- Labelled cases for the classifier's evaluation, oldest first.
SELECT o.conversation_id, o.corrected_at::timestamptz AS corrected_at, o.corrected_outcome::text AS label, o.corrected_amount_cents, coalesce(v.transcript, '')::text AS transcript
FROM henk.conversation_outcomes o
JOIN public.conversations v ON v.id = o.conversation_id
WHERE o.corrected_outcome IS NOT NULL AND (o.corrected_at, o.conversation_id) > (sqlc.arg(after)::timestamptz, sqlc.arg(id)::uuid)
ORDER BY o.corrected_at, o.conversation_id
LIMIT sqlc.arg(max_rows);
