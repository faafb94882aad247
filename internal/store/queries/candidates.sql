-- name: CandidateClaimDirty :many
-- The facts the lead-level rules need for a batch of leads to be judged (again). Rows that another transaction is
-- changing right now are left for the next batch.
WITH d AS MATERIALIZED (
    SELECT c.campaign_id, c.lead_id, c.campaign_lead_id, c.logged FROM henk.candidates c
    WHERE c.campaign_id = sqlc.arg(campaign_id) AND c.state = 'dirty'
    LIMIT sqlc.arg(batch)::int
    FOR UPDATE SKIP LOCKED
)
SELECT
    d.lead_id, d.campaign_lead_id,
    (cl.id IS NOT NULL)::boolean AS present,
    cl.status, cl.outcome, cl.attempts, cl.last_attempt_at, cl.next_attempt_at, cl.lead_list_id, cl.added_at,
    l.business_id AS lead_business_id, l.status AS lead_status, l.phone, l.mobile_phone, l.timezone, l.postal_code, l.state, l.country,
    l.do_not_call, l.dnc, l.lead_score, l.quality_rating,
    coalesce(a.in_progress, 0)::int AS in_progress, coalesce(a.rang, 0)::int AS rang, coalesce(a.last_number, 0)::int AS last_number,
    henk.lead_inputs(l.phone, l.mobile_phone, l.timezone, l.postal_code, l.state, l.country) AS inputs,
    coalesce(x.voided, 0)::int AS voided, coalesce(x.last_voided_at, 'epoch')::timestamptz AS last_voided_at,
    coalesce(v.status::text, '')::text AS last_call, coalesce(d.logged, '')::text AS logged
FROM d
LEFT JOIN public.campaign_leads cl ON cl.id = d.campaign_lead_id
LEFT JOIN public.leads l ON l.id = d.lead_id
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE y.in_progress) AS in_progress,
        count(*) FILTER (WHERE y.state IN ('placed', 'unknown')) AS rang, max(y.attempt_number) AS last_number,
        (array_agg(y.conversation_id ORDER BY y.attempt_number DESC))[1] AS conversation_id
    FROM public.call_attempts y
    WHERE y.campaign_id = d.campaign_id AND y.lead_id = d.lead_id AND y.counts
) a ON true
LEFT JOIN public.conversations v ON sqlc.arg(by_outcome)::boolean AND v.id = a.conversation_id
LEFT JOIN LATERAL (
    SELECT count(*) AS voided, max(z.ended_at) AS last_voided_at
    FROM public.call_attempts z
    WHERE z.campaign_id = d.campaign_id AND z.lead_id = d.lead_id AND z.voided
        AND z.ended_at > sqlc.arg(now)::timestamptz - interval '1 hour'
) x ON true;

-- name: CandidateFacts :many
-- The same facts of leads as they are, whether judged or not: for the plan on paper, a batch at a time by lead_id, which
-- the key of campaign_leads has in order.
WITH d AS MATERIALIZED (
    SELECT c.campaign_id, c.lead_id, c.id AS campaign_lead_id FROM public.campaign_leads c
    WHERE c.campaign_id = sqlc.arg(campaign_id) AND c.lead_id > sqlc.arg(after)::uuid
    ORDER BY c.lead_id LIMIT sqlc.arg(batch)::int
)
SELECT
    d.lead_id, d.campaign_lead_id,
    (cl.id IS NOT NULL)::boolean AS present,
    cl.status, cl.outcome, cl.attempts, cl.last_attempt_at, cl.next_attempt_at, cl.lead_list_id, cl.added_at,
    l.business_id AS lead_business_id, l.status AS lead_status, l.phone, l.mobile_phone, l.timezone, l.postal_code, l.state, l.country,
    l.do_not_call, l.dnc, l.lead_score, l.quality_rating,
    coalesce(a.in_progress, 0)::int AS in_progress, coalesce(a.rang, 0)::int AS rang, coalesce(a.last_number, 0)::int AS last_number,
    henk.lead_inputs(l.phone, l.mobile_phone, l.timezone, l.postal_code, l.state, l.country) AS inputs,
    coalesce(x.voided, 0)::int AS voided, coalesce(x.last_voided_at, 'epoch')::timestamptz AS last_voided_at,
    coalesce(v.status::text, '')::text AS last_call, ''::text AS logged
FROM d
LEFT JOIN public.campaign_leads cl ON cl.id = d.campaign_lead_id
LEFT JOIN public.leads l ON l.id = d.lead_id
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE y.in_progress) AS in_progress,
        count(*) FILTER (WHERE y.state IN ('placed', 'unknown')) AS rang, max(y.attempt_number) AS last_number,
        (array_agg(y.conversation_id ORDER BY y.attempt_number DESC))[1] AS conversation_id
    FROM public.call_attempts y
    WHERE y.campaign_id = d.campaign_id AND y.lead_id = d.lead_id AND y.counts
) a ON true
LEFT JOIN public.conversations v ON sqlc.arg(by_outcome)::boolean AND v.id = a.conversation_id
LEFT JOIN LATERAL (
    SELECT count(*) AS voided, max(z.ended_at) AS last_voided_at
    FROM public.call_attempts z
    WHERE z.campaign_id = d.campaign_id AND z.lead_id = d.lead_id AND z.voided
        AND z.ended_at > sqlc.arg(now)::timestamptz - interval '1 hour'
) x ON true
ORDER BY d.lead_id;

-- name: CandidateFactsOf :many
WITH d AS MATERIALIZED (
    SELECT c.campaign_id, c.lead_id, c.id AS campaign_lead_id FROM public.campaign_leads c
    WHERE c.campaign_id = sqlc.arg(campaign_id) AND c.lead_id = ANY (sqlc.arg(lead_ids)::uuid[])
)
SELECT
    d.lead_id, d.campaign_lead_id,
    (cl.id IS NOT NULL)::boolean AS present,
    cl.status, cl.outcome, cl.attempts, cl.last_attempt_at, cl.next_attempt_at, cl.lead_list_id, cl.added_at,
    l.business_id AS lead_business_id, l.status AS lead_status, l.phone, l.mobile_phone, l.timezone, l.postal_code, l.state, l.country,
    l.do_not_call, l.dnc, l.lead_score, l.quality_rating,
    coalesce(a.in_progress, 0)::int AS in_progress, coalesce(a.rang, 0)::int AS rang, coalesce(a.last_number, 0)::int AS last_number,
    henk.lead_inputs(l.phone, l.mobile_phone, l.timezone, l.postal_code, l.state, l.country) AS inputs,
    coalesce(x.voided, 0)::int AS voided, coalesce(x.last_voided_at, 'epoch')::timestamptz AS last_voided_at,
    coalesce(v.status::text, '')::text AS last_call, ''::text AS logged
FROM d
LEFT JOIN public.campaign_leads cl ON cl.id = d.campaign_lead_id
LEFT JOIN public.leads l ON l.id = d.lead_id
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE y.in_progress) AS in_progress,
        count(*) FILTER (WHERE y.state IN ('placed', 'unknown')) AS rang, max(y.attempt_number) AS last_number,
        (array_agg(y.conversation_id ORDER BY y.attempt_number DESC))[1] AS conversation_id
    FROM public.call_attempts y
    WHERE y.campaign_id = d.campaign_id AND y.lead_id = d.lead_id AND y.counts
) a ON true
LEFT JOIN public.conversations v ON sqlc.arg(by_outcome)::boolean AND v.id = a.conversation_id
LEFT JOIN LATERAL (
    SELECT count(*) AS voided, max(z.ended_at) AS last_voided_at
    FROM public.call_attempts z
    WHERE z.campaign_id = d.campaign_id AND z.lead_id = d.lead_id AND z.voided
        AND z.ended_at > sqlc.arg(now)::timestamptz - interval '1 hour'
) x ON true
ORDER BY d.campaign_lead_id;

-- name: CandidateSameNumber :many
-- Leads of the campaign that may have one of these numbers, by what is written: judged or not. The numbers are looked up
-- first, in the indexes over them (hence the collation, and the comparison that no other index serves), whatever the
-- planner knows of the tables.
WITH same AS MATERIALIZED (
    SELECT x.id FROM unnest(sqlc.arg(tails)::text[]) AS t (tail)
    CROSS JOIN LATERAL (
        SELECT l.id FROM public.leads l
        WHERE henk.phone_tail(l.phone) COLLATE "C" = t.tail AND l.phone IS NOT NULL AND (l.business_id = sqlc.arg(business_id)) IS TRUE
        UNION ALL
        SELECT l.id FROM public.leads l
        WHERE henk.phone_tail(l.mobile_phone) COLLATE "C" = t.tail AND l.mobile_phone IS NOT NULL AND (l.business_id = sqlc.arg(business_id)) IS TRUE
    ) x
)
SELECT DISTINCT cl.lead_id FROM same
JOIN public.campaign_leads cl ON cl.lead_id = same.id AND cl.campaign_id = sqlc.arg(campaign_id);

-- name: CandidateGroup :many
-- What is known of the judged leads of the campaign that have these numbers.
SELECT c.lead_id, c.campaign_lead_id, coalesce(c.tail, '')::text AS tail, c.rank,
    greatest(c.last_at, timestamptz '0001-01-01 00:00:00+00')::timestamptz AS last_at,
    greatest(c.added_at, timestamptz '0001-01-01 00:00:00+00')::timestamptz AS added_at, c.attempted, c.final,
    (c.state IN ('ready', 'waiting') OR c.hold IN ('max_attempts', 'zone_known'))::boolean AS rivals,
    (c.state = 'held' AND c.hold = 'duplicate_phone')::boolean AS yields
FROM henk.candidates c
WHERE c.campaign_id = sqlc.arg(campaign_id) AND c.state <> 'dirty' AND c.tail = ANY (sqlc.arg(tails)::text[]);

-- name: CandidateOldTails :many
-- The numbers that leads had when they were judged last.
SELECT DISTINCT c.tail::text AS tail FROM henk.candidates c
WHERE c.campaign_id = sqlc.arg(campaign_id) AND c.lead_id = ANY (sqlc.arg(lead_ids)::uuid[]) AND c.tail IS NOT NULL;

-- name: CandidateYield :exec
UPDATE henk.candidates SET state = 'held', hold = 'duplicate_phone', logged = 'duplicate_phone'
WHERE campaign_id = sqlc.arg(campaign_id) AND lead_id = ANY (sqlc.arg(lead_ids)::uuid[]) AND state <> 'dirty';

-- name: CandidateRings :many
-- The calls of a month to numbers, by all campaigns of the business, latest first. Only what has a turn is in the index.
SELECT a.number_tail::text AS tail, a.lead_id, coalesce(a.in_progress, false)::boolean AS busy,
    coalesce(a.in_progress AND a.state <> 'placed', false)::boolean AS pending,
    coalesce(a.dialing_at, a.attempted_at, a.scheduled_at)::timestamptz AS rang_at
FROM public.call_attempts a
WHERE a.business_id = sqlc.arg(business_id) AND a.number_tail = ANY (sqlc.arg(tails)::text[]) AND a.number_turn IS NOT NULL AND a.counts
  AND (a.in_progress OR coalesce(a.dialing_at, a.attempted_at, a.scheduled_at) > sqlc.arg(now)::timestamptz - interval '31 days')
ORDER BY rang_at DESC;

-- name: CandidateCountHeld :many
-- How many leads each rule holds: a held lead under its hold (or retry_interval, which is judged before zone_known), one
-- that is not due under retry_interval, one with an attempt in progress under lead_status, the others by zone set and
-- by whether their number has had its calls (capped), which is judged after the window.
SELECT (CASE
        WHEN c.state = 'dirty' THEN 'unjudged'
        WHEN a.lead_id IS NOT NULL AND c.hold IS DISTINCT FROM 'agent_ready' THEN 'lead_status'
        WHEN c.retry_at > sqlc.arg(now)::timestamptz AND (c.state IN ('waiting', 'ready') OR c.hold = 'zone_known') THEN 'retry_interval'
        WHEN c.state IN ('waiting', 'ready') THEN ''
        ELSE c.hold
    END)::text AS hold,
    coalesce(CASE WHEN c.state IN ('waiting', 'ready') AND a.lead_id IS NULL THEN c.zone_set END, 0)::int AS zone_set,
    (c.state IN ('waiting', 'ready') AND c.due_at > sqlc.arg(now)::timestamptz)::boolean AS capped,
    count(*)::bigint AS leads
FROM henk.candidates c
LEFT JOIN public.call_attempts a ON a.campaign_id = c.campaign_id AND a.lead_id = c.lead_id AND a.in_progress
WHERE c.campaign_id = sqlc.arg(campaign_id)
GROUP BY 1, 2, 3;

-- name: CandidateDelete :exec
DELETE FROM henk.candidates WHERE campaign_id = sqlc.arg(campaign_id) AND lead_id = ANY (sqlc.arg(lead_ids)::uuid[]);

-- name: CandidateFlaggedNumbers :many
-- Of these number tails, those that some lead of the business carries with a do-not-call flag.
-- lift_imported leaves out flags that were only imported (do_not_call), never those heard on a call (dnc, or an outcome).
SELECT t.tail::text AS tail FROM unnest(sqlc.arg(tails)::text[]) AS t (tail)
WHERE EXISTS (
    SELECT FROM public.leads x
    WHERE x.business_id = sqlc.arg(business_id) AND (x.do_not_call OR x.dnc)
      AND (x.dnc OR NOT sqlc.arg(lift_imported)::boolean OR henk.heard_do_not_call(x.business_id, x.id))
      AND henk.phone_tail(x.phone) = t.tail
) OR EXISTS (
    SELECT FROM public.leads x
    WHERE x.business_id = sqlc.arg(business_id) AND (x.do_not_call OR x.dnc)
      AND (x.dnc OR NOT sqlc.arg(lift_imported)::boolean OR henk.heard_do_not_call(x.business_id, x.id))
      AND henk.phone_tail(x.mobile_phone) = t.tail
);

-- name: CandidateHasDirty :one
SELECT EXISTS (SELECT FROM henk.candidates WHERE campaign_id = sqlc.arg(campaign_id) AND state = 'dirty');

-- name: CandidateMarkAllDirty :exec
UPDATE henk.candidates SET state = 'dirty' WHERE campaign_id = sqlc.arg(campaign_id) AND state <> 'dirty';

-- name: CandidateMarkDirty :exec
UPDATE henk.candidates SET state = 'dirty'
WHERE campaign_id = sqlc.arg(campaign_id) AND lead_id = ANY (sqlc.arg(lead_ids)::uuid[]) AND state <> 'dirty';

-- name: CandidateMarkUnsuppressed :exec
-- Leads held by a suppression that has expired or been lifted are judged again. Each is looked up by itself: an anti-join
-- may read the lists from end to end.
UPDATE henk.candidates c SET state = 'dirty'
WHERE c.campaign_id = sqlc.arg(campaign_id) AND c.state = 'held' AND c.hold = 'suppressed'
  AND (
    SELECT true FROM henk.suppressions s
    WHERE s.phone = c.phone AND (s.business_id IS NULL OR s.business_id = sqlc.arg(business_id)::uuid)
      AND (s.expires_at IS NULL OR s.expires_at > sqlc.arg(now)::timestamptz)
    LIMIT 1
  ) IS NULL;

-- name: CandidateNextDue :one
SELECT due_at FROM henk.candidates WHERE campaign_id = sqlc.arg(campaign_id) AND state = 'waiting' ORDER BY due_at LIMIT 1;

-- name: CandidatePromote :execrows
-- What has become due joins the ready ones, and the log says so; each lead passes here once an attempt.
WITH due AS (
    UPDATE henk.candidates c SET state = 'ready', logged = 'free'
    WHERE c.campaign_id = sqlc.arg(campaign_id) AND c.state = 'waiting' AND c.due_at <= sqlc.arg(now)::timestamptz
    RETURNING c.campaign_id, c.lead_id, c.zone_set, c.due_at
)
INSERT INTO henk.decisions (at, campaign_id, lead_id, zone_set, verdict, inputs, settings, rule_pack)
SELECT sqlc.arg(now)::timestamptz, d.campaign_id, d.lead_id, d.zone_set, 'free',
    jsonb_build_object('by', 'due', 'due_at', d.due_at), sqlc.arg(settings)::text, sqlc.arg(rule_pack)::text
FROM due d;

-- name: CandidateReadyZoneSets :many
-- The zone sets among the ready leads, by skipping from one to the next in the index.
WITH RECURSIVE walk AS (
    (SELECT f.zone_set FROM henk.candidates f
     WHERE f.campaign_id = sqlc.arg(campaign_id) AND f.state = 'ready' ORDER BY f.zone_set LIMIT 1)
    UNION ALL
    SELECT (SELECT c.zone_set FROM henk.candidates c
            WHERE c.campaign_id = sqlc.arg(campaign_id) AND c.state = 'ready' AND c.zone_set > w.zone_set ORDER BY c.zone_set LIMIT 1)
    FROM walk w WHERE w.zone_set IS NOT NULL
)
SELECT w.zone_set::int AS id, z.zones, z.states FROM walk w JOIN henk.zone_sets z ON z.id = w.zone_set WHERE w.zone_set IS NOT NULL;

-- name: CandidateSeed :execrows
-- Rows of campaign_leads from before the triggers were there.
INSERT INTO henk.candidates (campaign_id, lead_id, campaign_lead_id)
SELECT cl.campaign_id, cl.lead_id, cl.id FROM public.campaign_leads cl WHERE cl.campaign_id = sqlc.arg(campaign_id)
ON CONFLICT (lead_id, campaign_id) DO NOTHING;

-- name: CandidateSuppressedNumbers :many
SELECT DISTINCT s.phone FROM henk.suppressions s
WHERE s.phone = ANY (sqlc.arg(phones)::text[]) AND (s.business_id IS NULL OR s.business_id = sqlc.arg(business_id))
  AND (s.expires_at IS NULL OR s.expires_at > sqlc.arg(now)::timestamptz);

-- name: CandidateUpdate :exec
-- Writes the verdicts of a batch. NULLs travel as NULL elements.
UPDATE henk.candidates c SET
    state = v.state, hold = v.hold, zone_set = v.zone_set, due_at = v.due_at, retry_at = v.retry_at, rank = coalesce(v.rank, 0),
    last_at = coalesce(v.last_at, '-infinity'), added_at = coalesce(v.added_at, '-infinity'), phone = v.phone, tail = v.tail,
    number = v.number, inputs = v.inputs, caps = v.caps, disclose = v.disclose, attempted = coalesce(v.attempted, false),
    final = coalesce(v.final, false), logged = v.logged
FROM jsonb_to_recordset(sqlc.arg(verdicts)::jsonb) AS v (
    lead_id uuid, state text, hold text, zone_set integer, due_at timestamptz, retry_at timestamptz, rank bigint,
    last_at timestamptz, added_at timestamptz, phone text, tail text, number integer, inputs text, caps integer[], disclose text,
    attempted boolean, final boolean, logged text)
WHERE c.campaign_id = sqlc.arg(campaign_id) AND c.lead_id = v.lead_id;
