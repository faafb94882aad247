-- name: ConversationFacts :many
-- All that deciding about conversations takes. To be read after ConversationLock, in a statement of its own: what is
-- joined here must not be older than the lock.
SELECT v.id, v.campaign_id, v.lead_id, v.attempt_id, coalesce(v.conversation_id, '')::text AS provider_id, v.status, v.call_sid, v.outcome,
    coalesce(v.started_at, v.created_at, clock_timestamp())::timestamptz AS started_at,
    v.ended_at, v.synced_at, v.settled_at, (v.recording_url IS NOT NULL)::boolean AS recorded,
    c.business_id, c.retry_logic,
    a.provider_agent_id, a.phone_number AS dialed_number, a.dialing_at, coalesce(a.result::text, '')::text AS attempt_result,
    coalesce(a.in_progress, false)::boolean AS attempt_open,
    g.elevenlabs_agent_id, l.phone, l.mobile_phone, l.timezone,
    q.id AS call_log_id, q.to_number, coalesce(q.outcome::text, '')::text AS log_outcome,
    o.provider_status, o.failure_reason, o.closed_because, coalesce(o.events, 0)::int AS events, o.events_digest,
    o.outcome AS read_outcome, coalesce(o.opt_out, false)::boolean AS opted_out, o.analysis, o.written_outcome, o.corrected_outcome,
    o.lead_status, o.next_attempt_at, coalesce(o.pledged::text, '')::text AS pledged, coalesce(o.donated::text, '')::text AS donated,
    coalesce(o.talk_seconds, 0)::int AS talk_seconds,
    (CASE WHEN o.conversation_id IS NOT NULL THEN o.foreign_events ELSE EXISTS (
        SELECT FROM public.conversation_events e WHERE e.conversation_id = v.id AND e.source IS NULL) END)::boolean AS foreign_events
FROM public.conversations v
JOIN public.campaigns c ON c.id = v.campaign_id
LEFT JOIN public.call_attempts a ON a.id = v.attempt_id
LEFT JOIN public.agents g ON g.id = v.agent_id
LEFT JOIN public.leads l ON l.id = v.lead_id
LEFT JOIN henk.conversation_outcomes o ON o.conversation_id = v.id
LEFT JOIN public.call_logs q ON q.id = (
    SELECT x.id FROM public.call_logs x WHERE x.conversation_id = v.id ORDER BY x.queued_at, x.id LIMIT 1)
WHERE v.id = ANY (sqlc.arg(ids)::uuid[]);

-- name: ConversationFind :one
-- The row of a call that a webhook names, by the provider's id or by the call's.
SELECT v.id FROM public.conversations v
WHERE v.conversation_id = sqlc.arg(provider_id)::text
   OR v.id = (SELECT g.conversation_id FROM public.call_logs g WHERE g.call_sid = sqlc.arg(call_sid)::text AND sqlc.arg(call_sid)::text <> '')
ORDER BY (v.conversation_id = sqlc.arg(provider_id)::text) DESC NULLS LAST
LIMIT 1;

-- name: ConversationFindAttempt :one
-- The row of a call that a webhook names by the attempt which placed it.
SELECT id FROM public.conversations WHERE attempt_id = sqlc.arg(attempt_id)::uuid ORDER BY created_at, id LIMIT 1;

-- name: ConversationListTaken :many
-- Which of the provider's ids belong to an attempt already.
SELECT coalesce(conversation_id, '')::text AS provider_id FROM public.conversations
WHERE conversation_id = ANY (sqlc.arg(provider_ids)::text[]) AND attempt_id IS NOT NULL;

-- name: ConversationListStale :many
-- Calls that are still open long after any call ends.
SELECT id FROM public.conversations
WHERE status IN ('initiated', 'in_progress') AND settled_at IS NULL AND conversation_id IS NOT NULL
  AND started_at < sqlc.arg(before)::timestamptz
ORDER BY coalesce(synced_at, timestamptz 'epoch'), id
LIMIT sqlc.arg(batch)::int;

-- name: ConversationListUnsettled :many
-- A stretch of the backlog, least recently asked first, after the row named. What was asked since the walk began is at
-- its end and not walked twice.
SELECT id, coalesce(synced_at, timestamptz 'epoch')::timestamptz AS synced
FROM public.conversations
WHERE settled_at IS NULL AND conversation_id IS NOT NULL
  AND (status IN ('initiated', 'in_progress') OR attempt_id IS NOT NULL OR (status = 'completed' AND transcript IS NULL))
  AND (coalesce(synced_at, timestamptz 'epoch'), id) > (sqlc.arg(after_synced)::timestamptz, sqlc.arg(after_id)::uuid)
  AND coalesce(synced_at, timestamptz 'epoch') < sqlc.arg(began)::timestamptz
  AND coalesce(started_at, created_at) > sqlc.arg(since)::timestamptz
ORDER BY coalesce(synced_at, timestamptz 'epoch'), id
LIMIT sqlc.arg(batch)::int;

-- name: ConversationLock :many
-- In one order for everybody. Not FOR UPDATE: rows that refer to a conversation may be written meanwhile.
SELECT id FROM public.conversations WHERE id = ANY (sqlc.arg(ids)::uuid[]) ORDER BY campaign_id, id FOR NO KEY UPDATE;

-- name: ConversationProvider :one
-- heard: the provider's last word was taken in, and nothing is to come.
SELECT coalesce(v.conversation_id, '')::text AS provider_id, coalesce(v.started_at, v.created_at, clock_timestamp())::timestamptz AS started_at,
    (v.settled_at IS NOT NULL AND coalesce(o.provider_status IN ('done', 'failed'), false))::boolean AS heard,
    (v.recording_url IS NOT NULL)::boolean AS recorded, clock_timestamp()::timestamptz AS now
FROM public.conversations v
LEFT JOIN henk.conversation_outcomes o ON o.conversation_id = v.id
WHERE v.id = sqlc.arg(id);

-- name: ConversationWrite :exec
-- Null leaves a column as it is. A row whose values stay as they are is not written, but for synced_at, and that only
-- every few minutes: each write costs an adopted database an update of the campaign's row.
WITH i AS MATERIALIZED (
    SELECT (r ->> 'id')::uuid AS id, r ->> 'status' AS status, (r ->> 'started_at')::timestamptz AS started_at,
        (r ->> 'ended_at')::timestamptz AS ended_at, (r ->> 'duration')::integer AS duration, r ->> 'call_sid' AS call_sid,
        r ->> 'transcript' AS transcript, (r ->> 'sentiment')::numeric AS sentiment, r -> 'key_points' AS key_points,
        r ->> 'outcome' AS outcome, (r ->> 'settled')::boolean AS settled
    FROM (SELECT unnest(sqlc.arg(rows)::jsonb[]) AS r) u
)
UPDATE public.conversations v SET
    status = coalesce(i.status::public.conversation_status, v.status),
    started_at = coalesce(i.started_at, v.started_at),
    ended_at = coalesce(i.ended_at, v.ended_at),
    duration_seconds = coalesce(i.duration, v.duration_seconds),
    call_sid = coalesce(v.call_sid, i.call_sid),
    transcript = coalesce(i.transcript, v.transcript),
    sentiment_score = coalesce(i.sentiment, v.sentiment_score),
    key_points = coalesce(i.key_points, v.key_points),
    outcome = coalesce(i.outcome, v.outcome),
    settled_at = CASE WHEN i.settled THEN coalesce(v.settled_at, clock_timestamp()) ELSE v.settled_at END,
    synced_at = clock_timestamp(), updated_at = now()
FROM i
WHERE v.id = i.id AND (
    (v.settled_at IS NULL AND (i.settled OR v.synced_at IS NULL OR v.synced_at < clock_timestamp() - interval '5 minutes'))
    OR (v.status, v.started_at, v.ended_at, v.duration_seconds, v.call_sid, v.transcript, v.sentiment_score, v.key_points, v.outcome)
        IS DISTINCT FROM
       (coalesce(i.status::public.conversation_status, v.status), coalesce(i.started_at, v.started_at), coalesce(i.ended_at, v.ended_at),
        coalesce(i.duration, v.duration_seconds), coalesce(v.call_sid, i.call_sid), coalesce(i.transcript, v.transcript),
        coalesce(i.sentiment, v.sentiment_score), coalesce(i.key_points, v.key_points), coalesce(i.outcome, v.outcome)));

-- name: ConversationOutcomeWrite :exec
-- A row without an outcome only notes how far the provider's record was taken in; a reading stays as it was.
INSERT INTO henk.conversation_outcomes AS o (conversation_id, provider_status, failure_reason, closed_because, events, events_digest, foreign_events,
    version, outcome, confidence, source, amount_cents, amount_range, monthly, callback_at, opt_out, needs_review, evidence, analysis, read_at,
    written_outcome, lead_status, next_attempt_at, pledged, donated, talk_seconds)
SELECT i.conversation_id, i.provider_status, i.failure_reason, i.closed_because, i.events, decode(i.events_digest, 'hex'), i.foreign_events,
    i.version, i.outcome, i.confidence, i.source, i.amount_cents, i.amount_range, i.monthly, i.callback_at, i.opt_out, i.needs_review,
    coalesce(i.evidence, '[]'), i.analysis, CASE WHEN i.outcome IS NOT NULL THEN clock_timestamp() END,
    i.written_outcome, i.lead_status, i.next_attempt_at, i.pledged, i.donated, i.talk_seconds
FROM jsonb_to_recordset(sqlc.arg(rows)::jsonb) AS i (
    conversation_id uuid, provider_status text, failure_reason text, closed_because text, events integer, events_digest text, foreign_events boolean,
    version text, outcome text, confidence real, source text, amount_cents bigint, amount_range boolean, monthly boolean, callback_at timestamptz,
    opt_out boolean, needs_review boolean, evidence jsonb, analysis jsonb,
    written_outcome text, lead_status text, next_attempt_at timestamptz, pledged numeric, donated numeric, talk_seconds integer)
ON CONFLICT (conversation_id) DO UPDATE SET
    provider_status = coalesce(excluded.provider_status, o.provider_status), failure_reason = coalesce(excluded.failure_reason, o.failure_reason),
    closed_because = excluded.closed_because, events = excluded.events, events_digest = excluded.events_digest,
    version = coalesce(excluded.version, o.version), outcome = coalesce(excluded.outcome, o.outcome),
    confidence = coalesce(excluded.confidence, o.confidence), source = coalesce(excluded.source, o.source),
    amount_cents = CASE WHEN excluded.outcome IS NULL THEN o.amount_cents ELSE excluded.amount_cents END,
    amount_range = CASE WHEN excluded.outcome IS NULL THEN o.amount_range ELSE excluded.amount_range END,
    monthly = CASE WHEN excluded.outcome IS NULL THEN o.monthly ELSE excluded.monthly END,
    callback_at = CASE WHEN excluded.outcome IS NULL THEN o.callback_at ELSE excluded.callback_at END,
    opt_out = o.opt_out OR excluded.opt_out,
    needs_review = CASE WHEN excluded.outcome IS NULL THEN o.needs_review ELSE excluded.needs_review END,
    evidence = CASE WHEN excluded.outcome IS NULL THEN o.evidence ELSE excluded.evidence END,
    analysis = coalesce(excluded.analysis, o.analysis), read_at = coalesce(excluded.read_at, o.read_at),
    written_outcome = excluded.written_outcome, lead_status = excluded.lead_status, next_attempt_at = excluded.next_attempt_at,
    pledged = excluded.pledged, donated = excluded.donated, talk_seconds = excluded.talk_seconds
WHERE (o.provider_status, o.failure_reason, o.closed_because, o.events, o.events_digest, o.version, o.outcome, o.confidence, o.amount_cents,
       o.callback_at, o.opt_out, o.needs_review, o.evidence, o.analysis, o.written_outcome, o.lead_status, o.next_attempt_at, o.pledged, o.donated, o.talk_seconds)
    IS DISTINCT FROM
      (excluded.provider_status, excluded.failure_reason, excluded.closed_because, excluded.events, excluded.events_digest, excluded.version, excluded.outcome,
       excluded.confidence, excluded.amount_cents, excluded.callback_at, excluded.opt_out, excluded.needs_review, excluded.evidence, excluded.analysis,
       excluded.written_outcome, excluded.lead_status, excluded.next_attempt_at, excluded.pledged, excluded.donated, excluded.talk_seconds);

-- name: ConversationWriteAttempts :exec
-- How placed calls went, which are over now. Their state is the dialer's and not touched.
UPDATE public.call_attempts a SET result = i.result::public.call_attempt_result, updated_at = now(),
    in_progress = CASE WHEN a.state = 'placed' THEN NULL ELSE a.in_progress END
FROM (SELECT unnest(sqlc.arg(ids)::uuid[]) AS id, unnest(sqlc.arg(results)::text[]) AS result) i
WHERE a.id = i.id AND (a.in_progress OR a.result IS DISTINCT FROM i.result::public.call_attempt_result);

-- name: ConversationEndAttempts :execrows
-- Attempts whose call is over, or whose conversation was deleted, without anybody having said so to them: the app or a
-- person may have ended it.
UPDATE public.call_attempts a SET in_progress = NULL
WHERE a.in_progress AND a.state = 'placed' AND NOT EXISTS (
    SELECT FROM public.conversations v WHERE v.attempt_id = a.id AND v.status IN ('initiated', 'in_progress'));

-- name: RecordingFacts :one
SELECT coalesce(conversation_id, '')::text AS provider_id, coalesce(recording_url, '')::text AS recording_url,
    coalesce(ended_at, started_at, created_at, clock_timestamp())::timestamptz AS ended_at, clock_timestamp()::timestamptz AS now
FROM public.conversations WHERE id = sqlc.arg(id);

-- name: RecordingNote :exec
-- What became of the recording. Not every adopted conversation has a row here, and one must not be made for this: it
-- would say that the conversation was read.
UPDATE henk.conversation_outcomes SET recording = sqlc.arg(recording)::text, recording_bytes = sqlc.narg(bytes)::bigint, recording_at = clock_timestamp()
WHERE conversation_id = sqlc.arg(id) AND recording IS DISTINCT FROM 'archived';

-- name: RecordingWrite :execrows
-- A recording_url that is there stays, whoever wrote it.
UPDATE public.conversations SET recording_url = sqlc.arg(url)::text, updated_at = now()
WHERE id = sqlc.arg(id) AND recording_url IS NULL;
