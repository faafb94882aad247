-- name: CampaignStateBlockAccount :exec
-- Shows on the campaign that the account's breaker stopped it.
INSERT INTO henk.campaign_state (campaign_id, blocked_at, blocked_until, blocked_reason, blocked_by)
SELECT c.id, clock_timestamp(), 'infinity', left(sqlc.arg(reason)::text, 500), 'account' FROM public.campaigns c WHERE c.id = sqlc.arg(campaign_id)
ON CONFLICT (campaign_id) DO UPDATE SET blocked_at = excluded.blocked_at, blocked_until = excluded.blocked_until,
    blocked_reason = excluded.blocked_reason, blocked_by = excluded.blocked_by;

-- name: CampaignStateEnsure :exec
INSERT INTO henk.campaign_state (campaign_id) VALUES (sqlc.arg(campaign_id)) ON CONFLICT DO NOTHING;

-- name: CampaignStateFaulted :exec
-- A refusal that is the agent's or its number's fault, not the lead's. Three in a row block the campaign, for a minute
-- at first and up to a quarter of an hour, or until the agent is edited; then one call tries.
INSERT INTO henk.campaign_state (campaign_id, agent_faults, blocked_reason)
SELECT c.id, 1, left(sqlc.arg(reason)::text, 500) FROM public.campaigns c WHERE c.id = sqlc.arg(campaign_id)
ON CONFLICT (campaign_id) DO UPDATE SET
    agent_faults = campaign_state.agent_faults + 1,
    blocked_reason = excluded.blocked_reason,
    blocked_by = CASE WHEN campaign_state.agent_faults >= 2 THEN 'agent' ELSE campaign_state.blocked_by END,
    blocked_at = CASE WHEN campaign_state.agent_faults >= 2 THEN clock_timestamp() ELSE campaign_state.blocked_at END,
    blocked_until = CASE WHEN campaign_state.agent_faults >= 2
        THEN clock_timestamp() + least(interval '1 minute' * power(2, least(campaign_state.agent_faults - 2, 4)), interval '15 minutes')
        ELSE campaign_state.blocked_until END,
    blocked_fingerprint = (
        SELECT md5(concat_ws('|', g.elevenlabs_agent_id, g.caller_id, g.updated_at))
        FROM public.campaigns c JOIN public.agents g ON g.id = c.agent_id WHERE c.id = excluded.campaign_id);

-- name: CampaignStateSetFingerprint :one
-- Says whether it changed; the row lock lets one of several planners see the change.
WITH old AS (SELECT campaign_id, rules_fingerprint FROM henk.campaign_state WHERE campaign_state.campaign_id = sqlc.arg(campaign_id) FOR UPDATE)
UPDATE henk.campaign_state s SET rules_fingerprint = sqlc.arg(fingerprint)
FROM old WHERE s.campaign_id = old.campaign_id
RETURNING (old.rules_fingerprint IS DISTINCT FROM sqlc.arg(fingerprint))::boolean AS changed;

-- name: CampaignStateSetPlanned :exec
UPDATE henk.campaign_state SET planned_at = clock_timestamp(), plan = sqlc.arg(plan) WHERE campaign_id = sqlc.arg(campaign_id);

-- name: CampaignStateSetSeeded :exec
UPDATE henk.campaign_state SET seeded_at = clock_timestamp() WHERE campaign_id = sqlc.arg(campaign_id);

-- name: CampaignStateSucceeded :exec
-- A call went through: whatever was wrong with the agent is not any more.
UPDATE henk.campaign_state SET agent_faults = 0, blocked_at = NULL, blocked_until = NULL, blocked_reason = NULL,
    blocked_by = NULL, blocked_fingerprint = NULL
WHERE campaign_id = ANY (sqlc.arg(campaign_ids)::uuid[]) AND (agent_faults > 0 OR blocked_at IS NOT NULL);

-- name: CampaignStateUnblockAccount :many
-- Lifts the blocks that the account's breaker caused, once the account works again.
UPDATE henk.campaign_state SET blocked_at = NULL, blocked_until = NULL, blocked_reason = NULL, blocked_by = NULL
WHERE blocked_by = 'account'
RETURNING campaign_id;
