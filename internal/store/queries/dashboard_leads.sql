-- The lists below return the same columns and differ in the index they walk. Each continues after a row's key.

-- name: DashboardLeadsByLastName :many
SELECT l.id, l.first_name, l.last_name, l.phone, l.mobile_phone, l.email, coalesce(l.status, '')::text AS status,
    (coalesce(l.do_not_call, false) OR coalesce(l.dnc, false))::boolean AS flagged,
    lower(coalesce(l.last_name, ''))::text AS key1, lower(coalesce(l.first_name, ''))::text AS key2
FROM public.leads l
WHERE lower(coalesce(l.last_name, '')) COLLATE "C" >= sqlc.arg(low)::text AND lower(coalesce(l.last_name, '')) COLLATE "C" < sqlc.arg(high)::text
  AND (lower(coalesce(l.last_name, '')) COLLATE "C", lower(coalesce(l.first_name, '')) COLLATE "C", l.id) > (sqlc.arg(key1)::text, sqlc.arg(key2)::text, sqlc.arg(id)::uuid)
  AND starts_with(lower(coalesce(l.first_name, '')), sqlc.arg(other)::text)
ORDER BY lower(coalesce(l.last_name, '')) COLLATE "C", lower(coalesce(l.first_name, '')) COLLATE "C", l.id
LIMIT sqlc.arg(max_rows);

-- name: DashboardLeadsByFirstName :many
-- Without those that DashboardLeadsByLastName has found.
SELECT l.id, l.first_name, l.last_name, l.phone, l.mobile_phone, l.email, coalesce(l.status, '')::text AS status,
    (coalesce(l.do_not_call, false) OR coalesce(l.dnc, false))::boolean AS flagged,
    lower(coalesce(l.first_name, ''))::text AS key1, lower(coalesce(l.last_name, ''))::text AS key2
FROM public.leads l
WHERE lower(coalesce(l.first_name, '')) COLLATE "C" >= sqlc.arg(low)::text AND lower(coalesce(l.first_name, '')) COLLATE "C" < sqlc.arg(high)::text
  AND (lower(coalesce(l.first_name, '')) COLLATE "C", lower(coalesce(l.last_name, '')) COLLATE "C", l.id) > (sqlc.arg(key1)::text, sqlc.arg(key2)::text, sqlc.arg(id)::uuid)
  AND starts_with(lower(coalesce(l.last_name, '')), sqlc.arg(other)::text)
  AND NOT (starts_with(lower(coalesce(l.last_name, '')), sqlc.arg(shown_last)::text) AND starts_with(lower(coalesce(l.first_name, '')), sqlc.arg(shown_first)::text))
ORDER BY lower(coalesce(l.first_name, '')) COLLATE "C", lower(coalesce(l.last_name, '')) COLLATE "C", l.id
LIMIT sqlc.arg(max_rows);

-- name: DashboardLeadsFlagged :many
SELECT l.id, l.first_name, l.last_name, l.phone, l.mobile_phone, l.email, coalesce(l.status, '')::text AS status,
    (coalesce(l.do_not_call, false) OR coalesce(l.dnc, false))::boolean AS flagged,
    lower(coalesce(l.last_name, ''))::text AS key1, lower(coalesce(l.first_name, ''))::text AS key2
FROM public.leads l
WHERE (l.do_not_call OR l.dnc)
  AND (lower(coalesce(l.last_name, '')) COLLATE "C", lower(coalesce(l.first_name, '')) COLLATE "C", l.id) > (sqlc.arg(key1)::text, sqlc.arg(key2)::text, sqlc.arg(id)::uuid)
ORDER BY lower(coalesce(l.last_name, '')) COLLATE "C", lower(coalesce(l.first_name, '')) COLLATE "C", l.id
LIMIT sqlc.arg(max_rows);

-- name: DashboardLeadsByEmail :many
SELECT l.id, l.first_name, l.last_name, l.phone, l.mobile_phone, l.email, coalesce(l.status, '')::text AS status,
    (coalesce(l.do_not_call, false) OR coalesce(l.dnc, false))::boolean AS flagged,
    lower(coalesce(l.email, ''))::text AS key1, ''::text AS key2
FROM public.leads l
WHERE l.email IS NOT NULL AND lower(l.email) COLLATE "C" >= sqlc.arg(low)::text AND lower(l.email) COLLATE "C" < sqlc.arg(high)::text
  AND (lower(l.email) COLLATE "C", l.id) > (sqlc.arg(key1)::text, sqlc.arg(id)::uuid)
ORDER BY lower(l.email) COLLATE "C", l.id
LIMIT sqlc.arg(max_rows);

-- name: DashboardLeadsByDigits :many
-- Leads on a campaign by the last ten digits of the number that is dialed. Digits sort alike in every collation.
SELECT l.id, l.first_name, l.last_name, l.phone, l.mobile_phone, l.email, coalesce(l.status, '')::text AS status,
    (coalesce(l.do_not_call, false) OR coalesce(l.dnc, false))::boolean AS flagged, d.tail::text AS key1, ''::text AS key2
FROM (
    SELECT DISTINCT ON (c.tail, c.lead_id) c.tail, c.lead_id FROM henk.candidates c
    WHERE c.tail >= greatest(sqlc.arg(low)::text, sqlc.arg(key1)::text) AND c.tail < sqlc.arg(high)::text
      AND (c.tail, c.lead_id) > (sqlc.arg(key1)::text, sqlc.arg(id)::uuid)
    ORDER BY c.tail, c.lead_id
    LIMIT sqlc.arg(max_rows)
) d
JOIN public.leads l ON l.id = d.lead_id
ORDER BY d.tail, d.lead_id;

-- name: DashboardLeadsByPhone :many
-- Leads by the number as it is stored. Without those that DashboardLeadsByDigits has found.
SELECT l.id, l.first_name, l.last_name, l.phone, l.mobile_phone, l.email, coalesce(l.status, '')::text AS status,
    (coalesce(l.do_not_call, false) OR coalesce(l.dnc, false))::boolean AS flagged,
    coalesce(l.phone, '')::text AS key1, ''::text AS key2
FROM public.leads l
WHERE l.phone IS NOT NULL AND l.phone COLLATE "C" >= sqlc.arg(low)::text AND l.phone COLLATE "C" < sqlc.arg(high)::text
  AND (l.phone COLLATE "C", l.id) > (sqlc.arg(key1)::text, sqlc.arg(id)::uuid)
  AND NOT EXISTS (SELECT FROM henk.candidates c WHERE c.lead_id = l.id AND starts_with(c.tail, sqlc.arg(digits)::text))
ORDER BY l.phone COLLATE "C", l.id
LIMIT sqlc.arg(max_rows);

-- name: DashboardLeadsOfCampaign :many
SELECT l.id, l.first_name, l.last_name, l.phone, l.mobile_phone, l.email, coalesce(cl.status, '')::text AS status,
    (coalesce(l.do_not_call, false) OR coalesce(l.dnc, false))::boolean AS flagged, ''::text AS key1, ''::text AS key2
FROM public.campaign_leads cl
JOIN public.leads l ON l.id = cl.lead_id
WHERE cl.campaign_id = sqlc.arg(campaign_id) AND cl.lead_id > sqlc.arg(id)::uuid
ORDER BY cl.lead_id
LIMIT sqlc.arg(max_rows);

-- name: DashboardLeadsHeld :many
SELECT l.id, l.first_name, l.last_name, l.phone, l.mobile_phone, l.email, coalesce(l.status, '')::text AS status,
    (coalesce(l.do_not_call, false) OR coalesce(l.dnc, false))::boolean AS flagged, ''::text AS key1, ''::text AS key2
FROM henk.candidates c
JOIN public.leads l ON l.id = c.lead_id
WHERE c.campaign_id = sqlc.arg(campaign_id) AND c.state = 'held' AND c.hold = sqlc.arg(hold)::text AND c.lead_id > sqlc.arg(id)::uuid
ORDER BY c.lead_id
LIMIT sqlc.arg(max_rows);

-- name: DashboardLeadsInProgress :many
-- Leads with an attempt under way that DashboardLeadsHeld does not list: bounded by what is reserved and on the line.
SELECT l.id, l.first_name, l.last_name, l.phone, l.mobile_phone, l.email, coalesce(l.status, '')::text AS status,
    (coalesce(l.do_not_call, false) OR coalesce(l.dnc, false))::boolean AS flagged, ''::text AS key1, ''::text AS key2
FROM public.call_attempts a
JOIN public.leads l ON l.id = a.lead_id
WHERE a.campaign_id = sqlc.arg(campaign_id) AND a.in_progress AND a.lead_id > sqlc.arg(id)::uuid
  AND NOT EXISTS (SELECT FROM henk.candidates c WHERE c.lead_id = a.lead_id AND c.campaign_id = a.campaign_id AND c.state = 'held')
ORDER BY a.lead_id
LIMIT sqlc.arg(max_rows);

-- name: DashboardLeadsWaiting :many
-- In the order in which they become due: those that wait themselves (retry), or those whose number has had its calls.
-- key1 is the instant in microseconds.
SELECT l.id, l.first_name, l.last_name, l.phone, l.mobile_phone, l.email, coalesce(l.status, '')::text AS status,
    (coalesce(l.do_not_call, false) OR coalesce(l.dnc, false))::boolean AS flagged,
    ((extract(epoch FROM c.due_at) * 1000000)::bigint)::text AS key1, ''::text AS key2
FROM henk.candidates c
JOIN public.leads l ON l.id = c.lead_id
WHERE c.campaign_id = sqlc.arg(campaign_id) AND c.state = 'waiting' AND c.due_at >= sqlc.arg(due_at)::timestamptz
  AND (c.due_at, c.lead_id) > (sqlc.arg(due_at)::timestamptz, sqlc.arg(id)::uuid)
  AND coalesce(c.retry_at > sqlc.arg(now)::timestamptz, false) = sqlc.arg(retry)::boolean
ORDER BY c.due_at, c.lead_id
LIMIT sqlc.arg(max_rows);

-- name: DashboardLeadsReady :many
-- Leads that no rule of their own holds, of one set of zones, in the order in which they would be called. key1 is the
-- rank and the microseconds of the two times, key2 the campaign_leads.id.
SELECT l.id, l.first_name, l.last_name, l.phone, l.mobile_phone, l.email, coalesce(l.status, '')::text AS status,
    (coalesce(l.do_not_call, false) OR coalesce(l.dnc, false))::boolean AS flagged,
    concat_ws('|', c.rank, CASE WHEN isfinite(c.last_at) THEN ((extract(epoch FROM c.last_at) * 1000000)::bigint)::text ELSE '-infinity' END,
        CASE WHEN isfinite(c.added_at) THEN ((extract(epoch FROM c.added_at) * 1000000)::bigint)::text ELSE '-infinity' END)::text AS key1,
    c.campaign_lead_id::text AS key2
FROM henk.candidates c
JOIN public.leads l ON l.id = c.lead_id
WHERE c.campaign_id = sqlc.arg(campaign_id) AND c.state = 'ready' AND c.zone_set = sqlc.arg(zone_set)::int
  AND (c.rank, c.last_at, c.added_at, c.campaign_lead_id) > (sqlc.arg(rank)::bigint,
    CASE sqlc.arg(last_at)::text WHEN '-infinity' THEN '-infinity'::timestamptz ELSE timestamptz 'epoch' + sqlc.arg(last_at)::text::bigint * interval '1 microsecond' END,
    CASE sqlc.arg(added_at)::text WHEN '-infinity' THEN '-infinity'::timestamptz ELSE timestamptz 'epoch' + sqlc.arg(added_at)::text::bigint * interval '1 microsecond' END,
    sqlc.arg(campaign_lead_id)::uuid)
ORDER BY c.rank, c.last_at, c.added_at, c.campaign_lead_id
LIMIT sqlc.arg(max_rows);

-- name: DashboardLead :one
SELECT l.id, l.business_id, coalesce(b.name, '')::text AS business_name, l.first_name, l.last_name, l.phone, l.mobile_phone, l.email, l.city, l.state,
    l.postal_code, l.country, l.timezone, l.company, coalesce(l.status, '')::text AS status, coalesce(l.do_not_call, false)::boolean AS do_not_call,
    coalesce(l.dnc, false)::boolean AS dnc, l.source, l.source_id, l.quality_rating, l.lead_score, l.last_activity_at, l.created_at,
    coalesce(b.settings -> 'calling', '{}'::jsonb)::jsonb AS calling
FROM public.leads l
LEFT JOIN public.businesses b ON b.id = l.business_id
WHERE l.id = sqlc.arg(id);

-- name: DashboardLeadLock :one
SELECT l.business_id, l.phone, l.mobile_phone, coalesce(l.do_not_call, false)::boolean AS do_not_call, coalesce(l.dnc, false)::boolean AS dnc,
    coalesce(b.settings -> 'calling', '{}'::jsonb)::jsonb AS calling
FROM public.leads l LEFT JOIN public.businesses b ON b.id = l.business_id
WHERE l.id = sqlc.arg(id) FOR NO KEY UPDATE OF l;

-- name: DashboardLeadCampaigns :many
-- By the candidates' key, which begins with the lead.
SELECT k.id AS campaign_id, k.name, k.status AS campaign_status, coalesce(cl.status, '')::text AS status, coalesce(cl.outcome, '')::text AS outcome,
    coalesce(cl.attempts, 0)::int AS attempts, cl.next_attempt_at, coalesce(c.hold, '')::text AS hold, c.state, c.due_at
FROM henk.candidates c
JOIN public.campaigns k ON k.id = c.campaign_id
JOIN public.campaign_leads cl ON cl.id = c.campaign_lead_id
WHERE c.lead_id = sqlc.arg(lead_id)
ORDER BY CASE k.status WHEN 'active' THEN 0 WHEN 'paused' THEN 1 ELSE 2 END, k.created_at DESC, k.id
LIMIT 20;

-- name: DashboardLeadAttempts :many
-- Attempts of ours in the lead's campaigns, by the keys of those that count and of those that did not ring.
SELECT a.id, a.campaign_id, a.attempt_number, a.state::text AS state, coalesce(a.reason, '')::text AS reason, a.scheduled_at, a.dialing_at, a.ended_at,
    a.phone_number, coalesce(a.error_message, '')::text AS error_message, a.conversation_id
FROM unnest(sqlc.arg(campaign_ids)::uuid[]) AS k (campaign_id)
CROSS JOIN LATERAL (
    (SELECT x.* FROM public.call_attempts x WHERE x.campaign_id = k.campaign_id AND x.lead_id = sqlc.arg(lead_id)::uuid AND x.counts)
    UNION ALL
    (SELECT y.* FROM public.call_attempts y WHERE y.campaign_id = k.campaign_id AND y.lead_id = sqlc.arg(lead_id)::uuid AND y.voided)
) a
WHERE a.state IS NOT NULL
ORDER BY a.scheduled_at DESC, a.id
LIMIT 100;

-- name: DashboardSuppressions :many
SELECT coalesce(s.id, 0)::bigint AS id, s.business_id, s.phone, s.source, coalesce(s.reason, '')::text AS reason, coalesce(s.created_at, 'epoch')::timestamptz AS created_at, coalesce(s.expires_at, 'infinity')::timestamptz > sqlc.arg(now)::timestamptz AS binding,
    coalesce(s.evidence ->> 'conversation_id', '')::text AS conversation_id
FROM henk.suppressions s
WHERE s.phone = ANY (sqlc.arg(phones)::text[]) AND (s.business_id IS NULL OR s.business_id = sqlc.arg(business_id)::uuid)
ORDER BY s.created_at DESC, s.id LIMIT 50;

-- name: DashboardLeadUnflag :exec
UPDATE public.leads SET do_not_call = false, dnc = false, updated_at = now() WHERE id = sqlc.arg(id) AND (do_not_call OR dnc);

-- name: DashboardZoneSets :many
-- The zone sets among a campaign's ready leads, by skipping from one to the next in the index.
WITH RECURSIVE walk AS (
    (SELECT f.zone_set FROM henk.candidates f
     WHERE f.campaign_id = sqlc.arg(campaign_id) AND f.state = 'ready' ORDER BY f.zone_set LIMIT 1)
    UNION ALL
    SELECT (SELECT c.zone_set FROM henk.candidates c
            WHERE c.campaign_id = sqlc.arg(campaign_id) AND c.state = 'ready' AND c.zone_set > w.zone_set ORDER BY c.zone_set LIMIT 1)
    FROM walk w WHERE w.zone_set IS NOT NULL
)
SELECT w.zone_set::int AS id, z.zones, z.states FROM walk w JOIN henk.zone_sets z ON z.id = w.zone_set WHERE w.zone_set IS NOT NULL;
