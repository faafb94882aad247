-- name: AttemptCancelReserved :many
-- Withdraws reservations of a business for a number, in the transaction that learned of the opt-out.
UPDATE public.call_attempts a SET state = 'skipped', reason = sqlc.arg(reason)::text, ended_at = sqlc.arg(now)::timestamptz
FROM public.campaigns k
WHERE a.state = 'reserved' AND a.in_progress AND k.id = a.campaign_id AND k.business_id = sqlc.arg(business_id)
  AND (a.lead_id = sqlc.arg(lead_id) OR a.phone_number = sqlc.arg(phone)::text)
RETURNING a.id, a.campaign_id;

-- name: AttemptCountActive :one
-- Calls that use a slot of the account: dialing, or a conversation that is not over, or a call that may be ringing
-- although the provider's answer was lost (for ten minutes). No phone call lasts six hours: what the old system left
-- open longer than that is not a call.
SELECT (
    (SELECT count(*) FROM public.call_attempts a
     WHERE a.in_progress AND (a.state = 'dialing' OR (a.state = 'unknown' AND a.dialing_at > sqlc.arg(now)::timestamptz - interval '10 minutes')))
    + (SELECT count(*) FROM public.conversations v
       WHERE v.status IN ('initiated', 'in_progress') AND v.started_at > sqlc.arg(now)::timestamptz - interval '6 hours')
)::bigint AS active;

-- name: AttemptCountActiveOfCampaign :one
SELECT (
    (SELECT count(*) FROM public.call_attempts a
     WHERE a.campaign_id = sqlc.arg(campaign_id) AND a.in_progress
       AND (a.state = 'dialing' OR (a.state = 'unknown' AND a.dialing_at > sqlc.arg(now)::timestamptz - interval '10 minutes')))
    + (SELECT count(*) FROM public.conversations v
       WHERE v.campaign_id = sqlc.arg(campaign_id) AND v.status IN ('initiated', 'in_progress') AND v.started_at > sqlc.arg(now)::timestamptz - interval '6 hours')
)::bigint AS active;

-- name: AttemptCountReserved :one
SELECT count(*) FROM public.call_attempts WHERE campaign_id = sqlc.arg(campaign_id) AND state = 'reserved' AND in_progress;

-- name: AttemptCountToday :one
-- Calls that count against the daily cap: attempts from the moment they are reserved (those that no plan reserved have no
-- day: their time decides), and conversations of the day that no attempt led to (the old system's, on the day of
-- adoption).
SELECT (
    (SELECT count(*) FROM public.call_attempts a
     WHERE a.campaign_id = sqlc.arg(campaign_id) AND a.business_day = sqlc.arg(day)::date AND a.counts)
    + (SELECT count(*) FROM public.call_attempts a
       WHERE a.campaign_id = sqlc.arg(campaign_id) AND a.business_day IS NULL AND a.counts
         AND coalesce(a.dialing_at, a.attempted_at, a.scheduled_at) >= sqlc.arg(day_start)::timestamptz
         AND coalesce(a.dialing_at, a.attempted_at, a.scheduled_at) < sqlc.arg(day_end)::timestamptz)
    + (SELECT count(*) FROM public.conversations v
       WHERE v.campaign_id = sqlc.arg(campaign_id) AND v.attempt_id IS NULL
         AND v.started_at >= sqlc.arg(day_start)::timestamptz AND v.started_at < sqlc.arg(day_end)::timestamptz)
)::bigint AS used;

-- name: AttemptFence :many
-- The fence. One statement judges every rule again and moves the attempts that pass from reserved to dialing; what
-- does not pass ends here, with the rule and the reason. Nothing that is not returned with verdict 'dial' may be dialed.
--
-- Two workers with the same attempt: the second waits at the row and then finds it no longer reserved. A row whose verdict is 'wait' stays reserved. Order within a group: by id.
WITH reserved AS MATERIALIZED (
    SELECT a.* FROM public.call_attempts a
    WHERE a.id = ANY (sqlc.arg(ids)::uuid[]) AND a.state = 'reserved'
), camp AS MATERIALIZED (
    -- what is the same for all attempts of a campaign, judged once
    SELECT c.id, c.business_id, c.agent_id, c.name AS campaign_name, c.disclosure_line, c.goal_metric, c.max_attempts, c.daily_call_cap, c.dedupe_by_phone,
        g.elevenlabs_agent_id, g.caller_id, st.max_concurrent, st.blocked_reason,
        henk.campaign_inputs(c.call_window_start, c.call_window_end, b.settings -> 'calling') AS inputs,
        NOT c.exclude_dnc AND coalesce(b.settings -> 'calling' ->> 'exclude_dnc_may_be_off', 'false') = 'true' AS lift_imported,
        CASE
            WHEN c.status <> 'active' OR b.status IS DISTINCT FROM 'active' THEN 'campaign_active'
            WHEN sqlc.arg(now)::timestamptz < c.start_date OR sqlc.arg(now)::timestamptz > c.end_date THEN 'campaign_dates'
            WHEN g.id IS NULL OR g.status <> 'active' OR coalesce(btrim(g.elevenlabs_agent_id), '') = ''
                OR coalesce(btrim(g.caller_id), '') = '' THEN 'agent_ready'
        END AS failing,
        CASE
            WHEN c.budget IS NOT NULL AND c.budget <= (
                SELECT coalesce(sum(q.call_cost), 0) FROM public.call_logs q WHERE q.campaign_id = c.id) THEN 'budget'
            WHEN st.blocked_by = 'agent' AND st.blocked_until > clock_timestamp() AND st.blocked_fingerprint
                IS NOT DISTINCT FROM md5(concat_ws('|', g.elevenlabs_agent_id, g.caller_id, g.updated_at)) THEN 'agent_blocked'
        END AS failing_last
    FROM (SELECT DISTINCT campaign_id FROM reserved) d
    JOIN public.campaigns c ON c.id = d.campaign_id
    LEFT JOIN public.businesses b ON b.id = c.business_id
    LEFT JOIN public.agents g ON g.id = c.agent_id
    LEFT JOIN henk.campaign_state st ON st.campaign_id = c.id
), facts AS MATERIALIZED (
    SELECT a.id, a.campaign_id, a.lead_id, a.attempt_number, a.phone_number,
        k.agent_id, k.campaign_name, k.disclosure_line, k.goal_metric, k.business_id,
        k.elevenlabs_agent_id, k.caller_id, l.first_name, l.last_name, l.company, k.max_concurrent, k.blocked_reason, a.disclose,
        coalesce(k.failing, CASE
            WHEN a.disclose IS NOT NULL AND coalesce(btrim(k.disclosure_line), '') = '' THEN 'agent_ready'
            WHEN cl.id IS NULL OR l.id IS NULL OR l.business_id <> k.business_id THEN 'lead_status'
            WHEN cl.status = ANY (sqlc.arg(final)::text[]) OR cl.outcome = ANY (sqlc.arg(final)::text[]) OR l.status = ANY (sqlc.arg(final)::text[]) THEN 'lead_status'
            WHEN l.dnc OR (l.do_not_call AND NOT k.lift_imported) THEN 'do_not_call'
            WHEN EXISTS (
                SELECT FROM public.leads x WHERE x.business_id = k.business_id AND (x.do_not_call OR x.dnc)
                    AND (x.dnc OR NOT k.lift_imported OR henk.heard_do_not_call(x.business_id, x.id)) AND henk.phone_tail(x.phone) = tail.digits
            ) OR EXISTS (
                SELECT FROM public.leads x WHERE x.business_id = k.business_id AND (x.do_not_call OR x.dnc)
                    AND (x.dnc OR NOT k.lift_imported OR henk.heard_do_not_call(x.business_id, x.id)) AND henk.phone_tail(x.mobile_phone) = tail.digits
            ) THEN 'do_not_call'
            WHEN EXISTS (
                SELECT FROM henk.suppressions s WHERE s.phone = a.phone_number
                    AND (s.business_id IS NULL OR s.business_id = k.business_id)
                    AND (s.expires_at IS NULL OR s.expires_at > sqlc.arg(now)::timestamptz)
            ) THEN 'suppressed'
            WHEN k.dedupe_by_phone AND EXISTS (
                SELECT FROM henk.candidates d
                JOIN public.campaign_leads dl ON dl.id = d.campaign_lead_id JOIN public.leads dd ON dd.id = d.lead_id
                WHERE d.tail = a.number_tail AND d.campaign_id = a.campaign_id AND d.lead_id <> a.lead_id
                    AND (dl.status = ANY (sqlc.arg(final)::text[]) OR dl.outcome = ANY (sqlc.arg(final)::text[])
                        OR dd.status = ANY (sqlc.arg(final)::text[]) OR (dl.attempts > 0 AND made.attempts = 0))
            ) THEN 'duplicate_phone'
            WHEN made.attempts >= coalesce(o.max_attempts_override, k.max_attempts) THEN 'max_attempts'
            WHEN made.attempts >= a.attempt_number OR cl.next_attempt_at > sqlc.arg(now)::timestamptz THEN 'retry_interval'
            WHEN a.dial_after IS NULL OR a.dial_before IS NULL OR sqlc.arg(now)::timestamptz < a.dial_after
                OR sqlc.arg(now)::timestamptz >= a.dial_before THEN 'call_window'
            WHEN a.window_inputs IS DISTINCT FROM k.inputs
                || henk.lead_inputs(l.phone, l.mobile_phone, l.timezone, l.postal_code, l.state, l.country) THEN 'inputs_changed'
            WHEN a.rule_pack <> sqlc.arg(rule_pack)::text THEN 'inputs_changed' -- the program was updated meanwhile
            -- The first call to a number needs no look at others: those that came after it have counted it.
            WHEN sqlc.arg(now)::timestamptz < a.number_free_at THEN 'rolling_cap'
            WHEN a.number_turn > 1 AND henk.number_free_at(a.business_id, a.number_tail, a.number_caps, sqlc.arg(now)::timestamptz, -1)
                > sqlc.arg(now)::timestamptz THEN 'rolling_cap'
            WHEN k.daily_call_cap < coalesce(a.cap_at_reservation, 2147483647) AND k.daily_call_cap < (
                SELECT count(*) FROM public.call_attempts y WHERE y.campaign_id = k.id AND y.business_day = a.business_day
                    AND y.counts) THEN 'daily_cap'
        END, k.failing_last) AS failing
    FROM reserved a
    JOIN camp k ON k.id = a.campaign_id
    CROSS JOIN LATERAL (SELECT right(replace(a.phone_number, '+', ''), 10) AS digits) tail -- phone_tail of an E.164 number
    LEFT JOIN public.leads l ON l.id = a.lead_id
    LEFT JOIN public.campaign_leads cl ON cl.campaign_id = a.campaign_id AND cl.lead_id = a.lead_id
    LEFT JOIN public.campaign_lead_lists o ON o.campaign_id = a.campaign_id AND o.lead_list_id = cl.lead_list_id
    CROSS JOIN LATERAL (
        SELECT greatest(coalesce(cl.attempts, 0), (
            SELECT count(*) FROM public.call_attempts x
            WHERE x.campaign_id = a.campaign_id AND x.lead_id = a.lead_id AND x.counts AND x.state IN ('placed', 'unknown')))::int AS attempts
    ) made
), ranked AS MATERIALIZED (
    SELECT f.*,
        CASE WHEN f.failing IS NULL THEN row_number() OVER (PARTITION BY f.failing IS NULL ORDER BY f.id) END AS place,
        CASE WHEN f.failing IS NULL AND f.max_concurrent IS NOT NULL THEN
            row_number() OVER (PARTITION BY f.failing IS NULL, f.campaign_id ORDER BY f.id) + (
                SELECT count(*) FROM public.call_attempts x WHERE x.campaign_id = f.campaign_id AND x.in_progress
                    AND (x.state = 'dialing' OR (x.state = 'unknown' AND x.dialing_at > sqlc.arg(now)::timestamptz - interval '10 minutes'))
            ) + (
                SELECT count(*) FROM public.conversations v WHERE v.campaign_id = f.campaign_id
                    AND v.status IN ('initiated', 'in_progress') AND v.started_at > sqlc.arg(now)::timestamptz - interval '6 hours'
            )
        END AS campaign_place
    FROM facts f
), judged AS MATERIALIZED (
    SELECT r.*, (CASE
            WHEN r.failing IN ('inputs_changed', 'agent_blocked') THEN 'released'
            WHEN r.failing = 'call_window' THEN 'expired'
            WHEN r.failing IS NOT NULL THEN 'skipped'
            WHEN r.place > sqlc.arg(free_slots)::bigint OR r.campaign_place > r.max_concurrent THEN 'wait'
            ELSE 'dial'
        END)::text AS verdict
    FROM ranked r
), moved AS (
    UPDATE public.call_attempts a SET
        state = CASE j.verdict WHEN 'dial' THEN 'dialing' ELSE j.verdict END,
        reason = CASE j.verdict WHEN 'dial' THEN NULL ELSE j.failing END,
        error_message = CASE WHEN j.failing = 'agent_blocked' THEN j.blocked_reason END,
        dialing_at = CASE j.verdict WHEN 'dial' THEN sqlc.arg(now)::timestamptz END,
        attempted_at = CASE j.verdict WHEN 'dial' THEN sqlc.arg(now)::timestamptz END,
        ended_at = CASE j.verdict WHEN 'dial' THEN NULL ELSE sqlc.arg(now)::timestamptz END,
        provider_agent_id = j.elevenlabs_agent_id,
        worker_id = sqlc.arg(worker_id)::text
    FROM judged j
    WHERE a.id = j.id AND a.state = 'reserved' AND j.verdict <> 'wait'
    RETURNING a.id
)
SELECT j.id, j.campaign_id, j.lead_id, j.agent_id, j.attempt_number, j.phone_number, j.campaign_name, j.disclosure_line,
    j.goal_metric, j.elevenlabs_agent_id, j.caller_id, j.first_name, j.last_name, j.company, coalesce(j.disclose, '')::text AS disclose,
    j.verdict, coalesce(j.failing, '')::text AS failing, coalesce(j.place, 0)::bigint AS place
FROM judged j
WHERE j.verdict = 'wait' OR j.id IN (SELECT id FROM moved);

-- name: AttemptGet :one
SELECT a.id, a.campaign_id, a.lead_id, a.state, a.reason, a.phone_number, a.attempt_number, a.dialing_at, a.ended_at, a.worker_id,
    a.reconcile_count, a.provider_conversation_id, c.agent_id, c.business_id, a.provider_agent_id, g.caller_id
FROM public.call_attempts a
JOIN public.campaigns c ON c.id = a.campaign_id
LEFT JOIN public.agents g ON g.id = c.agent_id
WHERE a.id = sqlc.arg(id);

-- name: AttemptMarkUnknown :many
-- The request went out, or may have, and no answer is known. Only reconcile-attempt may settle it.
UPDATE public.call_attempts a SET state = 'unknown', reason = 'no_answer_from_provider',
    error_code = left(nullif(i.code, ''), 50), error_message = left(nullif(i.message, ''), 500)
FROM (SELECT unnest(sqlc.arg(ids)::uuid[]) AS id, unnest(sqlc.arg(codes)::text[]) AS code, unnest(sqlc.arg(messages)::text[]) AS message) i
WHERE a.id = i.id AND a.state = 'dialing'
RETURNING a.id;

-- name: AttemptRecordPlaced :many
-- Everything that follows from calls the provider accepted, many at once. Rows whose attempt is settled already (or
-- whose campaign was deleted meanwhile) fall out. attempts counts up in place: whoever else changed it, the ring counts.
--
-- The ids of new rows come from the caller, so that every step joins the attempts to an index and never two steps to
-- each other: those would be planned for one row and cost the square of the group. A conversation or log that is there
-- already (a webhook was faster) is taken over. Of two that record the same attempt at once, one fails on the
-- conversation's key and finds the attempt placed when it tries again.
WITH input AS MATERIALIZED (
    SELECT unnest(sqlc.arg(ids)::uuid[]) AS id, unnest(sqlc.arg(conversation_ids)::uuid[]) AS conversation_id,
        unnest(sqlc.arg(log_ids)::uuid[]) AS log_id, unnest(sqlc.arg(provider_ids)::text[]) AS provider_id,
        unnest(sqlc.arg(call_sids)::text[]) AS call_sid, unnest(sqlc.arg(from_numbers)::text[]) AS from_number
), att AS MATERIALIZED (
    SELECT a.id, a.campaign_id, a.lead_id, a.attempt_number, a.phone_number, coalesce(a.dialing_at, sqlc.arg(now)::timestamptz) AS dialed_at,
        a.ended_at IS NOT NULL AS counted, c.agent_id, i.provider_id, nullif(i.call_sid, '') AS call_sid, i.from_number,
        coalesce(v.id, i.conversation_id) AS conversation_id, v.id IS NOT NULL AS has_conversation,
        coalesce(v.status NOT IN ('initiated', 'in_progress'), false) AS over,
        coalesce(g.id, i.log_id) AS log_id, g.id IS NOT NULL AS has_log
    FROM input i
    JOIN public.call_attempts a ON a.id = i.id AND a.state IN ('dialing', 'unknown')
    JOIN public.campaigns c ON c.id = a.campaign_id
    LEFT JOIN public.conversations v ON v.conversation_id = i.provider_id
    LEFT JOIN public.call_logs g ON g.call_sid = nullif(i.call_sid, '')
    WHERE c.agent_id IS NOT NULL AND EXISTS (SELECT FROM public.leads l WHERE l.id = a.lead_id)
        AND (v.attempt_id IS NULL OR v.attempt_id = a.id)
    ORDER BY a.campaign_id, a.id
    FOR KEY SHARE OF c -- before any attempt, as a deletion of the campaign locks them
), conv AS (
    INSERT INTO public.conversations (id, campaign_id, agent_id, lead_id, status, call_sid, conversation_id, started_at, attempt_id)
    SELECT conversation_id, campaign_id, agent_id, lead_id, 'initiated', call_sid, provider_id, dialed_at, id
    FROM att WHERE NOT has_conversation
), conv_taken AS (
    UPDATE public.conversations v SET attempt_id = t.id, call_sid = coalesce(v.call_sid, t.call_sid)
    FROM att t WHERE t.has_conversation AND v.id = t.conversation_id
), logs AS (
    INSERT INTO public.call_logs (id, campaign_id, agent_id, lead_id, conversation_id, call_sid, from_number, to_number, status,
        direction, queued_at, initiated_at, metadata)
    SELECT log_id, campaign_id, agent_id, lead_id, conversation_id, call_sid, left(from_number, 20), phone_number, 'initiated',
        'outbound', dialed_at, sqlc.arg(now)::timestamptz, jsonb_build_object('attempt_id', id)
    FROM att WHERE NOT has_log
), placed AS (
    UPDATE public.call_attempts a SET state = 'placed', in_progress = CASE WHEN t.over THEN NULL ELSE a.in_progress END, result = 'success', reason = NULL, ended_at = sqlc.arg(now)::timestamptz,
        provider_conversation_id = t.provider_id, conversation_id = t.conversation_id, call_log_id = t.log_id
    FROM att t WHERE a.id = t.id
), lead_rows AS (
    UPDATE public.campaign_leads cl SET
        attempts = CASE WHEN t.counted THEN cl.attempts ELSE greatest(coalesce(cl.attempts, 0) + 1, t.attempt_number) END,
        last_attempt_at = greatest(cl.last_attempt_at, t.dialed_at),
        next_attempt_at = NULL,
        contacted_at = coalesce(cl.contacted_at, sqlc.arg(now)::timestamptz),
        status = CASE WHEN cl.status = ANY (sqlc.arg(final)::text[]) THEN cl.status ELSE 'contacted' END
    FROM att t
    WHERE cl.campaign_id = t.campaign_id AND cl.lead_id = t.lead_id
), touched AS (
    UPDATE public.leads l SET last_activity_at = sqlc.arg(now)::timestamptz
    FROM (SELECT DISTINCT lead_id FROM att ORDER BY lead_id) t
    WHERE l.id = t.lead_id
)
SELECT conversation_id::uuid AS conversation_id, has_conversation::boolean AS has_conversation FROM att;

-- name: AttemptRecordVoid :many
-- Attempts that did not ring, with why: refused or released. A lead whose own number is at fault has spent the attempt.
WITH input AS MATERIALIZED (
    SELECT unnest(sqlc.arg(ids)::uuid[]) AS id, unnest(sqlc.arg(states)::text[]) AS state, unnest(sqlc.arg(reasons)::text[]) AS reason,
        unnest(sqlc.arg(faults)::text[]) AS fault, unnest(sqlc.arg(results)::text[]) AS result,
        unnest(sqlc.arg(codes)::text[]) AS code, unnest(sqlc.arg(messages)::text[]) AS message
), ended AS (
    UPDATE public.call_attempts a SET state = i.state, reason = i.reason, fault = nullif(i.fault, ''),
        result = nullif(i.result, '')::public.call_attempt_result,
        error_code = left(nullif(i.code, ''), 50), error_message = left(nullif(i.message, ''), 500), ended_at = sqlc.arg(now)::timestamptz
    FROM input i
    WHERE a.id = i.id AND a.state = 'dialing'
    RETURNING a.id, a.campaign_id, a.lead_id, a.attempt_number, a.fault
), spent AS (
    UPDATE public.campaign_leads cl SET
        attempts = greatest(coalesce(cl.attempts, 0) + 1, e.attempt_number), last_attempt_at = sqlc.arg(now)::timestamptz, next_attempt_at = NULL
    FROM ended e
    WHERE e.fault = 'lead' AND cl.campaign_id = e.campaign_id AND cl.lead_id = e.lead_id
)
SELECT id, campaign_id, lead_id FROM ended;

-- name: AttemptSettleUnknown :one
-- The provider does not list the call after its grace time: unknown for good, and counted as an attempt.
WITH settled AS (
    UPDATE public.call_attempts a SET ended_at = sqlc.arg(now)::timestamptz, reason = 'not_listed', result = 'error'
    WHERE a.id = sqlc.arg(id) AND a.state = 'unknown' AND a.ended_at IS NULL
    RETURNING a.id, a.campaign_id, a.lead_id, a.attempt_number, a.dialing_at
), spent AS (
    UPDATE public.campaign_leads cl SET
        attempts = greatest(coalesce(cl.attempts, 0) + 1, s.attempt_number),
        last_attempt_at = greatest(cl.last_attempt_at, s.dialing_at), next_attempt_at = NULL
    FROM settled s WHERE cl.campaign_id = s.campaign_id AND cl.lead_id = s.lead_id
)
SELECT campaign_id FROM settled;

-- name: AttemptBumpReconcile :one
UPDATE public.call_attempts SET reconcile_count = reconcile_count + 1 WHERE id = sqlc.arg(id) RETURNING reconcile_count;

-- name: AttemptCountDialing :one
-- Requests that may be under way and left after an instant.
SELECT count(*) FROM public.call_attempts WHERE state = 'dialing' AND in_progress AND dialing_at >= sqlc.arg(since)::timestamptz;

-- name: AttemptReleaseUnsent :many
-- This process knows that it never sent the request: the fence's commit was lost, or it was held up for too long.
UPDATE public.call_attempts SET state = 'released', reason = sqlc.arg(reason)::text, ended_at = sqlc.arg(now)::timestamptz
WHERE id = sqlc.arg(id) AND state = 'dialing' AND worker_id = sqlc.arg(worker_id)::text
RETURNING campaign_id;
