-- name: WebhookEventDeleteOld :execrows
-- A batch of what is settled, or was never matched, for long enough.
DELETE FROM henk.webhook_inbox WHERE id = ANY (ARRAY(
    SELECT e.id FROM henk.webhook_inbox e
    WHERE e.received_at < clock_timestamp() - make_interval(days => sqlc.arg(days)::int) AND e.state <> 'pending'
    ORDER BY e.received_at LIMIT sqlc.arg(batch)::int));

-- name: WebhookEventInsert :one
-- No row: it is a repeat.
INSERT INTO henk.webhook_inbox (provider, dedupe_key, type, provider_conversation_id, call_sid, attempt_id, event_at, body, state, reason, settled_at)
VALUES (sqlc.arg(provider), sqlc.arg(dedupe_key), sqlc.arg(type), sqlc.narg(provider_conversation_id), sqlc.narg(call_sid), sqlc.narg(attempt_id),
    sqlc.narg(event_at), sqlc.arg(body), sqlc.arg(state)::text, sqlc.narg(reason),
    CASE WHEN sqlc.arg(state)::text <> 'pending' THEN clock_timestamp() END)
ON CONFLICT (dedupe_key) DO NOTHING
RETURNING id;

-- name: WebhookEventListDue :many
-- Events whose job has got lost, and unmatched ones whose call is on the books by now.
SELECT e.id FROM henk.webhook_inbox e
WHERE e.received_at > sqlc.arg(since)::timestamptz
  AND (e.state = 'pending' AND e.received_at < clock_timestamp() - interval '5 minutes'
    OR e.state = 'unmatched' AND (
        EXISTS (SELECT FROM public.conversations v WHERE v.conversation_id = e.provider_conversation_id)
        OR EXISTS (SELECT FROM public.conversations v WHERE v.attempt_id = e.attempt_id)
        OR EXISTS (SELECT FROM public.call_logs g WHERE g.call_sid = e.call_sid AND g.conversation_id IS NOT NULL)))
ORDER BY e.received_at
LIMIT sqlc.arg(batch)::int;

-- name: WebhookEventLock :one
SELECT type, body, state, attempt_id, event_at, received_at, clock_timestamp()::timestamptz AS now
FROM henk.webhook_inbox WHERE id = sqlc.arg(id) FOR UPDATE;

-- name: WebhookEventSettle :exec
UPDATE henk.webhook_inbox SET state = sqlc.arg(state)::text, reason = sqlc.narg(reason), conversation_id = sqlc.narg(conversation_id),
    settled_at = CASE WHEN sqlc.arg(state)::text IN ('pending', 'unmatched') THEN NULL ELSE clock_timestamp() END
WHERE id = sqlc.arg(id);

-- name: WebhookEventSuperseded :one
-- Whether a later event of the same type was taken in for the conversation.
SELECT EXISTS (SELECT FROM henk.webhook_inbox
    WHERE conversation_id = sqlc.arg(conversation_id)::uuid AND type = sqlc.arg(type) AND state = 'applied'
      AND event_at > sqlc.arg(event_at)::timestamptz)::boolean;
