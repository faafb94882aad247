-- name: DoctorCampaigns :many
-- What the provider has to know for the active campaigns, and what blocks them.
SELECT c.id, c.name, coalesce(a.elevenlabs_agent_id, '')::text AS agent, coalesce(a.caller_id, '')::text AS caller_id, coalesce(a.status::text, '')::text AS agent_status,
    coalesce(s.blocked_by, '')::text AS blocked_by, coalesce(s.blocked_reason, '')::text AS blocked_reason,
    coalesce(s.blocked_until > clock_timestamp(), false)::boolean AS blocked
FROM public.campaigns c
LEFT JOIN public.agents a ON a.id = c.agent_id
LEFT JOIN henk.campaign_state s ON s.campaign_id = c.id
WHERE c.status = 'active'
ORDER BY c.name, c.id LIMIT sqlc.arg(up_to)::int;

-- name: DoctorCredentials :one
-- How the credentials of Salesforce integrations are kept; empty ones are neither.
SELECT count(*) FILTER (WHERE i.credentials -> 'sealed' IS NOT NULL) AS sealed,
    count(*) FILTER (WHERE i.credentials -> 'sealed' IS NULL AND i.credentials <> '{}') AS plain
FROM public.integrations i WHERE i.type = 'crm' AND i.name = 'Salesforce';

-- name: DoctorIntegrations :many
-- What the last runs left on each integration that is in use. Their texts are ours, made to be shown.
SELECT i.id, i.status::text AS status, coalesce(i.config -> 'syncHealth' ->> 'error', '')::text AS error, coalesce(i.config -> 'syncHealth' ->> 'mend', '')::text AS mend,
    coalesce(i.config -> 'syncHealth' -> 'warnings' ->> 0, '')::text AS warning, i.last_sync_at, (coalesce(i.config ->> 'syncEnabled', 'true') = 'false')::boolean AS off,
    i.created_at, coalesce(l.sync_status, '')::text AS last_status, coalesce(l.error_message, '')::text AS last_error, clock_timestamp()::timestamptz AS now
FROM public.integrations i
LEFT JOIN LATERAL (SELECT x.sync_status, x.error_message FROM public.sync_logs x
    WHERE x.integration_id = i.id AND x.sync_status <> 'running' ORDER BY x.started_at DESC LIMIT 1) l ON true
WHERE i.type = 'crm' AND i.name = 'Salesforce' AND i.status <> 'inactive'
ORDER BY i.id LIMIT sqlc.arg(up_to)::int;

-- name: DoctorServer :one
SELECT current_setting('server_version_num')::int AS version, (pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on')::boolean AS read_only,
    clock_timestamp()::timestamptz AS now;

-- name: DoctorWebhooks :one
-- Whether the webhook is heard: calls that ended tell of it within seconds.
SELECT coalesce((SELECT extract(epoch FROM clock_timestamp() - max(e.received_at)) FROM henk.webhook_inbox e), -1)::float8 AS silent, -- -1: none has ever come
    (SELECT count(*) FROM (SELECT FROM henk.webhook_inbox e WHERE e.received_at > clock_timestamp() - interval '1 day' AND e.state = 'failed' LIMIT 1000) f) AS failed,
    (SELECT count(*) FROM henk.webhook_inbox e WHERE e.state = 'pending' AND e.received_at < clock_timestamp() - interval '5 minutes') AS stuck,
    (SELECT count(*) FROM (SELECT FROM public.conversations v
        WHERE v.started_at BETWEEN sqlc.arg(now)::timestamptz - interval '30 minutes' AND sqlc.arg(now)::timestamptz - interval '10 minutes'
            AND v.attempt_id IS NOT NULL AND v.status IN ('completed', 'voicemail') LIMIT 5) r) AS ended_lately;

-- name: DoctorWorkers :many
SELECT w.client_id, w.version, w.queues, (w.beat_at > clock_timestamp() - interval '30 seconds')::boolean AS alive
FROM henk.workers w ORDER BY w.beat_at DESC LIMIT 200;
