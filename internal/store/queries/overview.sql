-- name: OverviewAttemptCount :many
-- Calls that count against the daily cap, by state, for pairs of a campaign and its business's day.
SELECT a.campaign_id, coalesce(a.state, '')::text AS state, count(*) AS attempts
FROM (SELECT unnest(sqlc.arg(campaign_ids)::uuid[]) AS campaign_id, unnest(sqlc.arg(days)::date[]) AS day) d
JOIN public.call_attempts a ON a.campaign_id = d.campaign_id AND a.business_day = d.day
    AND a.counts
GROUP BY a.campaign_id, a.state;

-- name: OverviewCampaignList :many
-- Campaigns with what the planner last said of them, active ones first.
SELECT c.id, c.name, c.status, c.daily_call_cap, coalesce(b.name, '')::text AS business_name,
    coalesce(b.settings -> 'calling', '{}'::jsonb)::jsonb AS calling,
    coalesce(s.blocked_reason, '')::text AS blocked_reason, coalesce(s.blocked_by, '')::text AS blocked_by,
    -- as in CampaignGet: an agent's block ends when its time is over or when the agent was edited since
    coalesce(s.blocked_at IS NOT NULL AND s.blocked_until > clock_timestamp() AND (s.blocked_by = 'account'
        OR s.blocked_fingerprint IS NOT DISTINCT FROM md5(concat_ws('|', g.elevenlabs_agent_id, g.caller_id, g.updated_at))), false)::boolean AS blocked,
    coalesce(s.plan, '{}'::jsonb)::jsonb AS plan,
    coalesce(extract(epoch FROM clock_timestamp() - s.planned_at), -1)::float8 AS planned_seconds_ago
FROM public.campaigns c
LEFT JOIN public.businesses b ON b.id = c.business_id
LEFT JOIN public.agents g ON g.id = c.agent_id
LEFT JOIN henk.campaign_state s ON s.campaign_id = c.id
ORDER BY CASE c.status WHEN 'active' THEN 0 WHEN 'paused' THEN 1 WHEN 'draft' THEN 2 ELSE 3 END, c.updated_at DESC NULLS LAST, c.id
LIMIT sqlc.arg(max_rows);

-- name: OverviewWorkerList :many
SELECT client_id, queues, version, extract(epoch FROM clock_timestamp() - beat_at)::float8 AS beat_seconds_ago,
    extract(epoch FROM clock_timestamp() - started_at)::float8 AS started_seconds_ago
FROM henk.workers ORDER BY beat_at DESC LIMIT sqlc.arg(max_rows);
