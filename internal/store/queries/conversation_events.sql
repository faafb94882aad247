-- name: EventDeleteSurplus :exec
-- Items that the provider took back: what it corrected became shorter.
DELETE FROM public.conversation_events e
USING (SELECT unnest(sqlc.arg(conversation_ids)::uuid[]) AS conversation_id, unnest(sqlc.arg(counts)::integer[]) AS n) i
WHERE e.conversation_id = i.conversation_id AND e.source = 'elevenlabs' AND e.sequence_number >= i.n;

-- name: EventListForeign :many
-- Sequence numbers that were taken before henk came; they are left alone.
SELECT DISTINCT conversation_id, sequence_number FROM public.conversation_events
WHERE conversation_id = ANY (sqlc.arg(conversation_ids)::uuid[]) AND source IS NULL;

-- name: EventListWords :many
-- What was said, as far as it was brought back before the provider forgot it.
SELECT conversation_id, coalesce(agent_text, '')::text AS agent_text, coalesce(user_response, '')::text AS user_response,
    coalesce(started_at, created_at, clock_timestamp())::timestamptz AS started_at
FROM public.conversation_events
WHERE conversation_id = ANY (sqlc.arg(conversation_ids)::uuid[]) AND source = 'elevenlabs'
  AND event_type IN ('response_processed', 'speech_detected')
ORDER BY conversation_id, sequence_number;

-- name: EventWrite :batchexec
-- New items, and corrections of items that are there. An item that stays as it is is not written.
INSERT INTO public.conversation_events AS e
    (conversation_id, call_log_id, event_type, sequence_number, agent_text, user_response, metadata, started_at, source)
SELECT i.conversation_id, nullif(i.call_log_id, '00000000-0000-0000-0000-000000000000'), i.event_type::public.conversation_event_type,
    i.sequence_number, nullif(i.agent_text, ''), nullif(i.user_response, ''), i.metadata::jsonb, i.started_at, 'elevenlabs'
FROM (SELECT unnest(sqlc.arg(conversation_ids)::uuid[]) AS conversation_id, unnest(sqlc.arg(call_log_ids)::uuid[]) AS call_log_id,
        unnest(sqlc.arg(event_types)::text[]) AS event_type, unnest(sqlc.arg(sequence_numbers)::integer[]) AS sequence_number,
        unnest(sqlc.arg(agent_texts)::text[]) AS agent_text, unnest(sqlc.arg(user_responses)::text[]) AS user_response,
        unnest(sqlc.arg(metadata)::text[]) AS metadata, unnest(sqlc.arg(started_at)::timestamptz[]) AS started_at) i
ON CONFLICT (conversation_id, sequence_number, source) DO UPDATE SET
    event_type = excluded.event_type, agent_text = excluded.agent_text, user_response = excluded.user_response,
    metadata = excluded.metadata, started_at = excluded.started_at
WHERE (e.event_type, e.agent_text, e.user_response, e.metadata, e.started_at)
    IS DISTINCT FROM (excluded.event_type, excluded.agent_text, excluded.user_response, excluded.metadata, excluded.started_at);

-- name: EventInsert :batchexec
-- The first items of conversations that have none of ours: half the cost of looking for conflicts. Whoever holds the
-- conversation's lock is alone with it, so a conflict means that somebody else wrote in our name.
INSERT INTO public.conversation_events
    (conversation_id, call_log_id, event_type, sequence_number, agent_text, user_response, metadata, started_at, source)
SELECT i.conversation_id, nullif(i.call_log_id, '00000000-0000-0000-0000-000000000000'), i.event_type::public.conversation_event_type,
    i.sequence_number, nullif(i.agent_text, ''), nullif(i.user_response, ''), i.metadata::jsonb, i.started_at, 'elevenlabs'
FROM (SELECT unnest(sqlc.arg(conversation_ids)::uuid[]) AS conversation_id, unnest(sqlc.arg(call_log_ids)::uuid[]) AS call_log_id,
        unnest(sqlc.arg(event_types)::text[]) AS event_type, unnest(sqlc.arg(sequence_numbers)::integer[]) AS sequence_number,
        unnest(sqlc.arg(agent_texts)::text[]) AS agent_text, unnest(sqlc.arg(user_responses)::text[]) AS user_response,
        unnest(sqlc.arg(metadata)::text[]) AS metadata, unnest(sqlc.arg(started_at)::timestamptz[]) AS started_at) i;
