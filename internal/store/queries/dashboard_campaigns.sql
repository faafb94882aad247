-- name: DashboardCampaignList :many
-- Campaigns with what the planner last said of them: active ones first, then paused, drafts, and the rest; newest first.
SELECT c.id, c.name, c.status, c.daily_call_cap, c.created_at, coalesce(b.name, '')::text AS business_name,
    coalesce(b.settings -> 'calling', '{}'::jsonb)::jsonb AS calling,
    coalesce(s.blocked_reason, '')::text AS blocked_reason,
    -- as in CampaignGet: an agent's block ends when its time is over or when the agent was edited since
    coalesce(s.blocked_at IS NOT NULL AND s.blocked_until > clock_timestamp() AND (s.blocked_by = 'account'
        OR s.blocked_fingerprint IS NOT DISTINCT FROM md5(concat_ws('|', g.elevenlabs_agent_id, g.caller_id, g.updated_at))), false)::boolean AS blocked,
    coalesce(s.plan, '{}'::jsonb)::jsonb AS plan,
    coalesce(extract(epoch FROM clock_timestamp() - s.planned_at), -1)::float8 AS planned_seconds_ago,
    (CASE c.status WHEN 'active' THEN 0 WHEN 'paused' THEN 1 WHEN 'draft' THEN 2 ELSE 3 END)::int AS place
FROM public.campaigns c
LEFT JOIN public.businesses b ON b.id = c.business_id
LEFT JOIN public.agents g ON g.id = c.agent_id
LEFT JOIN henk.campaign_state s ON s.campaign_id = c.id
WHERE (CASE c.status WHEN 'active' THEN 0 WHEN 'paused' THEN 1 WHEN 'draft' THEN 2 ELSE 3 END,
        -extract(epoch FROM coalesce(c.created_at, 'epoch'))::float8, c.id)
    > (sqlc.arg(after_place)::int, sqlc.arg(after_created)::float8, sqlc.arg(after_id)::uuid)
ORDER BY CASE c.status WHEN 'active' THEN 0 WHEN 'paused' THEN 1 WHEN 'draft' THEN 2 ELSE 3 END,
    -extract(epoch FROM coalesce(c.created_at, 'epoch'))::float8, c.id
LIMIT sqlc.arg(max_rows);

-- name: DashboardCampaignNames :many
-- For the filters.
SELECT id, name FROM public.campaigns
ORDER BY CASE status WHEN 'active' THEN 0 WHEN 'paused' THEN 1 ELSE 2 END, lower(name), id LIMIT 200;

-- name: DashboardCampaign :one
-- One statement, because it runs each second while somebody watches. version digests what can be edited here: updated_at
-- will not do, every conversation touches it. The attempts are those that count today or counted yesterday.
SELECT c.id, c.business_id, c.name, c.status, coalesce(c.description, '')::text AS description, c.start_date, c.end_date, c.max_attempts, c.daily_call_cap,
    c.retry_logic, coalesce(c.budget::text, '')::text AS budget, coalesce(to_char(c.call_window_start::time, 'HH24:MI'), '')::text AS window_start,
    coalesce(to_char(c.call_window_end::time, 'HH24:MI'), '')::text AS window_end,
    coalesce(b.name, '')::text AS business_name, coalesce(b.settings -> 'calling', '{}'::jsonb)::jsonb AS calling,
    coalesce(g.name, '')::text AS agent_name, s.max_concurrent, coalesce(s.plan, '{}'::jsonb)::jsonb AS plan,
    coalesce(extract(epoch FROM clock_timestamp() - s.planned_at), -1)::float8 AS planned_seconds_ago,
    coalesce(s.blocked_reason, '')::text AS blocked_reason,
    coalesce(s.blocked_at IS NOT NULL AND s.blocked_until > clock_timestamp() AND (s.blocked_by = 'account'
        OR s.blocked_fingerprint IS NOT DISTINCT FROM md5(concat_ws('|', g.elevenlabs_agent_id, g.caller_id, g.updated_at))), false)::boolean AS blocked,
    md5(jsonb_build_array(c.daily_call_cap, c.call_window_start, c.call_window_end, s.max_concurrent)::text)::text AS version,
    coalesce(t.last_dial, 'epoch')::timestamptz AS last_dial, coalesce(t.reserved, 0)::bigint AS reserved, coalesce(t.dialing, 0)::bigint AS dialing,
    coalesce(t.unknown, 0)::bigint AS unknown,
    (coalesce(t.used, 0) + (SELECT count(*) FROM public.conversations v
        WHERE v.campaign_id = c.id AND v.attempt_id IS NULL AND v.started_at >= sqlc.arg(day_start)::timestamptz))::bigint AS used,
    (SELECT count(*) FROM public.conversations v WHERE v.campaign_id = c.id AND v.status IN ('initiated', 'in_progress')
        AND v.started_at > sqlc.arg(now)::timestamptz - interval '6 hours')::bigint AS live
FROM public.campaigns c
LEFT JOIN public.businesses b ON b.id = c.business_id
LEFT JOIN public.agents g ON g.id = c.agent_id
LEFT JOIN henk.campaign_state s ON s.campaign_id = c.id
LEFT JOIN LATERAL (
    SELECT max(a.dialing_at) AS last_dial, count(*) FILTER (WHERE a.in_progress AND a.state = 'reserved') AS reserved,
        count(*) FILTER (WHERE a.in_progress AND a.state = 'dialing') AS dialing, count(*) FILTER (WHERE a.state = 'unknown') AS unknown,
        count(*) FILTER (WHERE a.business_day = sqlc.arg(day)::date) AS used
    FROM public.call_attempts a
    WHERE a.campaign_id = c.id AND a.counts AND a.business_day >= sqlc.arg(day)::date - 1
) t ON true
WHERE c.id = sqlc.arg(id);

-- name: DashboardCampaignDay :one
-- What says which day it is for the campaign.
SELECT coalesce(b.settings -> 'calling', '{}'::jsonb)::jsonb AS calling
FROM public.campaigns c LEFT JOIN public.businesses b ON b.id = c.business_id WHERE c.id = sqlc.arg(id);

-- name: DashboardCampaignLock :one
-- Of two operators who save at once the second waits here and then sees the first one's version. The planner's row is
-- locked too: it holds the limit of calls at once.
SELECT c.status, c.daily_call_cap, coalesce(to_char(c.call_window_start::time, 'HH24:MI'), '')::text AS window_start,
    coalesce(to_char(c.call_window_end::time, 'HH24:MI'), '')::text AS window_end,
    (SELECT s.max_concurrent FROM henk.campaign_state s WHERE s.campaign_id = c.id) AS max_concurrent,
    md5(jsonb_build_array(c.daily_call_cap, c.call_window_start, c.call_window_end,
        (SELECT s.max_concurrent FROM henk.campaign_state s WHERE s.campaign_id = c.id))::text)::text AS version
FROM public.campaigns c WHERE c.id = sqlc.arg(id) FOR NO KEY UPDATE;

-- name: DashboardCampaignSetStatus :exec
UPDATE public.campaigns SET status = sqlc.arg(status)::public.campaign_status, updated_at = now() WHERE id = sqlc.arg(id);

-- name: DashboardCampaignEdit :exec
-- A side of the window is written only when its wall clock changes: the offset beside it means nothing, and is kept.
UPDATE public.campaigns SET daily_call_cap = sqlc.arg(daily_call_cap),
    call_window_start = CASE WHEN coalesce(to_char(call_window_start::time, 'HH24:MI'), '') = sqlc.arg(window_start)::text THEN call_window_start
        ELSE nullif(sqlc.arg(window_start)::text, '')::time AT TIME ZONE 'UTC' END,
    call_window_end = CASE WHEN coalesce(to_char(call_window_end::time, 'HH24:MI'), '') = sqlc.arg(window_end)::text THEN call_window_end
        ELSE nullif(sqlc.arg(window_end)::text, '')::time AT TIME ZONE 'UTC' END,
    updated_at = now()
WHERE id = sqlc.arg(id);

-- name: DashboardCampaignSetConcurrency :exec
INSERT INTO henk.campaign_state (campaign_id, max_concurrent) VALUES (sqlc.arg(campaign_id), sqlc.narg(max_concurrent))
ON CONFLICT (campaign_id) DO UPDATE SET max_concurrent = excluded.max_concurrent
WHERE campaign_state.max_concurrent IS DISTINCT FROM excluded.max_concurrent;

-- name: DashboardCampaignWithdraw :execrows
-- What is reserved and not fenced yet is taken back at once. A dial that is past its fence goes on.
UPDATE public.call_attempts SET state = 'skipped', reason = 'campaign_active', ended_at = sqlc.arg(now)::timestamptz
WHERE campaign_id = sqlc.arg(campaign_id) AND in_progress AND state = 'reserved';

-- name: DashboardFunnel :many
-- Reads a row for every lead of the campaign: asked in the background only.
SELECT coalesce(status, '')::text AS status, count(*) AS leads, count(contacted_at) AS called,
    coalesce(sum(pledged_amount), 0)::float8 AS pledged, coalesce(sum(donated_amount), 0)::float8 AS donated
FROM public.campaign_leads WHERE campaign_id = sqlc.arg(campaign_id) GROUP BY 1;

-- name: DashboardReached :one
-- People of the campaign who talked with us. Reads a row for every call that was answered: in the background only.
SELECT count(DISTINCT lead_id) FROM public.conversations WHERE campaign_id = sqlc.arg(campaign_id) AND status = 'completed';

-- name: DashboardFirstCall :one
SELECT started_at::timestamptz AS started_at FROM public.conversations
WHERE campaign_id = sqlc.arg(campaign_id) AND started_at IS NOT NULL ORDER BY started_at LIMIT 1;

-- name: DashboardSeries :many
-- Calls and what came of them, by minute, hour or day of the business.
SELECT date_trunc(sqlc.arg(unit)::text, v.started_at, sqlc.arg(zone)::text)::timestamptz AS bucket, count(*) AS calls,
    count(*) FILTER (WHERE v.status = 'completed') AS answered,
    count(*) FILTER (WHERE v.outcome IN ('pledged', 'donated')) AS committed,
    count(*) FILTER (WHERE v.outcome = 'do_not_call') AS opted_out
FROM public.conversations v
WHERE v.campaign_id = sqlc.arg(campaign_id) AND v.started_at >= sqlc.arg(since)::timestamptz
GROUP BY 1 ORDER BY 1;

-- name: DashboardOutcomes :many
SELECT v.outcome::text AS outcome, count(*) AS calls
FROM public.conversations v
WHERE v.campaign_id = sqlc.arg(campaign_id) AND v.outcome IS NOT NULL AND v.started_at >= sqlc.arg(since)::timestamptz
GROUP BY 1 ORDER BY 2 DESC, 1;

-- name: DashboardHeat :many
-- How often calls were answered by weekday (1 = Monday) and hour of the business.
SELECT extract(isodow FROM v.started_at AT TIME ZONE sqlc.arg(zone)::text)::int AS weekday,
    extract(hour FROM v.started_at AT TIME ZONE sqlc.arg(zone)::text)::int AS hour, count(*) AS calls,
    count(*) FILTER (WHERE v.status = 'completed') AS answered
FROM public.conversations v
WHERE v.campaign_id = sqlc.arg(campaign_id) AND v.started_at >= sqlc.arg(since)::timestamptz AND v.status NOT IN ('initiated', 'in_progress')
GROUP BY 1, 2;

