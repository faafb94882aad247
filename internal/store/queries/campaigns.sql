-- name: CampaignGet :one
-- Everything campaign-level rules need, in one row. Agent and business are left joined: what is missing is a reason.
SELECT
    c.id, c.business_id, c.name, c.status, c.agent_id, c.start_date, c.end_date, c.max_attempts, c.daily_call_cap,
    c.retry_logic, coalesce(c.budget::text, '')::text AS budget, c.disclosure_line, c.exclude_dnc, c.dedupe_by_phone,
    coalesce(c.call_window_start::text, '')::text AS call_window_start, coalesce(c.call_window_end::text, '')::text AS call_window_end,
    coalesce(b.status::text, '')::text AS business_status,
    coalesce(b.settings -> 'calling', '{}'::jsonb)::jsonb AS calling,
    coalesce(g.status::text, '')::text AS agent_status, g.elevenlabs_agent_id, g.caller_id,
    s.seeded_at, s.rules_fingerprint, s.max_concurrent, s.blocked_reason, s.blocked_by,
    -- an agent's block ends when its time is over or when the agent was edited since
    coalesce(s.blocked_at IS NOT NULL AND s.blocked_until > clock_timestamp() AND (s.blocked_by = 'account'
        OR s.blocked_fingerprint IS NOT DISTINCT FROM md5(concat_ws('|', g.elevenlabs_agent_id, g.caller_id, g.updated_at))), false)::boolean AS blocked,
    coalesce(s.agent_faults, 0)::int AS agent_faults,
    coalesce((
        SELECT jsonb_object_agg(o.lead_list_id, o.max_attempts_override)
        FROM public.campaign_lead_lists o
        WHERE o.campaign_id = c.id AND o.max_attempts_override IS NOT NULL
    ), '{}'::jsonb)::jsonb AS max_attempts_overrides
FROM public.campaigns c
LEFT JOIN public.businesses b ON b.id = c.business_id
LEFT JOIN public.agents g ON g.id = c.agent_id
LEFT JOIN henk.campaign_state s ON s.campaign_id = c.id
WHERE c.id = sqlc.arg(id);

-- name: CampaignListActive :many
-- All of them: what dates say is judged by the plan, so that it can be explained.
SELECT id FROM public.campaigns WHERE status = 'active' ORDER BY id;

-- name: CampaignSpent :one
-- Recorded cost of the campaign's calls so far, in the account's currency.
SELECT coalesce(sum(call_cost), 0)::text AS spent FROM public.call_logs WHERE campaign_id = sqlc.arg(campaign_id);

-- name: CampaignTryLock :one
-- One plan at a time for a campaign; held until the transaction ends.
SELECT pg_try_advisory_xact_lock(hashtextextended('henk campaign ' || sqlc.arg(campaign_id)::uuid::text, 0));

-- name: CampaignCallsSoFar :one
-- What a call of the campaign takes on average, by its latest thousand: what a plan on paper expects of the next ones.
SELECT count(*)::bigint AS calls, coalesce(avg(x.duration_seconds), 0)::float8 AS seconds, coalesce(avg(x.call_cost), 0)::float8 AS cost
FROM (
    SELECT g.duration_seconds, g.call_cost FROM public.call_logs g
    WHERE g.campaign_id = sqlc.arg(campaign_id) AND g.ended_at IS NOT NULL ORDER BY g.ended_at DESC LIMIT 1000
) x;

-- name: CampaignLockBusiness :exec
-- Plans of one business reserve one after the other, so that they see each other's calls to the same numbers; held
-- until the transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended('henk business ' || sqlc.arg(business_id)::uuid::text, 0));
