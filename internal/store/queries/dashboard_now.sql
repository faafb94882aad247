-- name: DashboardLive :one
-- Everything on the live page that changes by the second, in one statement: it runs once a second however many watch.
-- Bounded by the calls under way, by a minute of calls, and by the number of workers and blocked campaigns.
SELECT jsonb_build_object(
    'calls', coalesce((
        SELECT jsonb_agg(x) FROM (
            SELECT v.id, v.status, v.started_at, v.campaign_id, c.name AS campaign, v.lead_id,
                left(concat_ws(' ', l.first_name, l.last_name), 80) AS lead
            FROM public.conversations v
            JOIN public.campaigns c ON c.id = v.campaign_id
            LEFT JOIN public.leads l ON l.id = v.lead_id
            WHERE v.status IN ('initiated', 'in_progress') AND v.started_at > sqlc.arg(now)::timestamptz - interval '6 hours'
            ORDER BY v.started_at, v.id LIMIT 12) x), '[]'),
    'live', (SELECT count(*) FROM public.conversations v
        WHERE v.status IN ('initiated', 'in_progress') AND v.started_at > sqlc.arg(now)::timestamptz - interval '6 hours'),
    'last_minute', (SELECT count(*) FROM public.conversations v WHERE v.started_at > sqlc.arg(now)::timestamptz - interval '1 minute'),
    'attempts', coalesce((SELECT jsonb_object_agg(s.state, s.n) FROM (
        SELECT a.state, count(*) AS n FROM public.call_attempts a WHERE a.in_progress AND a.state IS NOT NULL GROUP BY a.state) s), '{}'),
    'overdue_unknown', (SELECT count(*) FROM public.call_attempts a
        WHERE a.in_progress AND a.state = 'unknown' AND a.dialing_at < sqlc.arg(now)::timestamptz - interval '2 minutes'),
    'provider', (SELECT to_jsonb(p) || jsonb_build_object('pause_seconds', extract(epoch FROM p.paused_until - clock_timestamp()))
        FROM henk.provider_state p WHERE p.provider = sqlc.arg(provider)),
    'workers', coalesce((SELECT jsonb_agg(w) FROM (
        SELECT client_id, queues, version, extract(epoch FROM clock_timestamp() - beat_at) AS beat_seconds_ago
        FROM henk.workers ORDER BY beat_at DESC LIMIT 25) w), '[]'),
    'blocked', coalesce((SELECT jsonb_agg(b) FROM (
        SELECT c.id, c.name, s.blocked_by, s.blocked_reason
        FROM henk.campaign_state s
        JOIN public.campaigns c ON c.id = s.campaign_id
        LEFT JOIN public.agents g ON g.id = c.agent_id
        WHERE c.status = 'active' AND s.blocked_at IS NOT NULL AND s.blocked_until > clock_timestamp() AND (s.blocked_by = 'account'
            OR s.blocked_fingerprint IS NOT DISTINCT FROM md5(concat_ws('|', g.elevenlabs_agent_id, g.caller_id, g.updated_at)))
        ORDER BY c.name, c.id LIMIT 20) b), '[]'),
    'integrations', coalesce((SELECT jsonb_agg(n) FROM (
        SELECT i.id, b.name AS business, CASE WHEN jsonb_typeof(i.config) = 'object' THEN left(i.config #>> '{syncHealth,error}', 300) END AS error
        FROM public.integrations i LEFT JOIN public.businesses b ON b.id = i.business_id
        WHERE i.type = 'crm' AND i.name = 'Salesforce' AND i.status = 'error' ORDER BY b.name, i.id LIMIT 10) n), '[]'),
    'webhook_seconds_ago', (SELECT extract(epoch FROM clock_timestamp() - max(e.received_at)) FROM henk.webhook_inbox e),
    'ended_lately', (SELECT count(*) FROM (
        SELECT FROM public.conversations v
        WHERE v.started_at BETWEEN sqlc.arg(now)::timestamptz - interval '30 minutes' AND sqlc.arg(now)::timestamptz - interval '10 minutes'
            AND v.attempt_id IS NOT NULL AND v.status IN ('completed', 'voicemail') LIMIT 5) r)
)::jsonb AS live;

-- name: DashboardToday :many
-- The day's calls of campaigns, each from the start of its business's day.
SELECT v.campaign_id, v.status, coalesce(v.outcome, '')::text AS outcome, count(*) AS calls,
    coalesce(sum(o.pledged), 0)::float8 AS pledged, coalesce(sum(o.donated), 0)::float8 AS donated
FROM (SELECT unnest(sqlc.arg(campaign_ids)::uuid[]) AS campaign_id, unnest(sqlc.arg(since)::timestamptz[]) AS since) d
JOIN public.conversations v ON v.campaign_id = d.campaign_id AND v.started_at >= d.since
LEFT JOIN henk.conversation_outcomes o ON o.conversation_id = v.id AND v.outcome IN ('pledged', 'donated')
GROUP BY v.campaign_id, v.status, v.outcome;

-- name: DashboardQuota :many
-- Calls that count against the daily cap, for pairs of a campaign and its business's day.
SELECT d.campaign_id::uuid AS campaign_id, (
    (SELECT count(*) FROM public.call_attempts a WHERE a.campaign_id = d.campaign_id AND a.business_day = d.day AND a.counts)
    + (SELECT count(*) FROM public.conversations v WHERE v.campaign_id = d.campaign_id AND v.attempt_id IS NULL AND v.started_at >= d.since)
)::bigint AS used
FROM (SELECT unnest(sqlc.arg(campaign_ids)::uuid[]) AS campaign_id, unnest(sqlc.arg(days)::date[]) AS day,
    unnest(sqlc.arg(since)::timestamptz[]) AS since) d;
